//! The table of validation rules: for each rule its values, its code and its sentence.
//!
//! Limits are values of a rule instead of constants that a sentence quotes, so that this file depends on no
//! other module and every module can depend on it.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};

use super::{EntityKind, declaration::violation_kinds};
use crate::report::{ActionKind, Origin};

violation_kinds! {
    // Texts, codes and numbers.
    /// A required text is missing or has only white space.
    Required => "REQUIRED", "This must not be empty.";
    /// Too many reports from this address await review within the hour.
    TooManyReports => "TOO_MANY_REPORTS",
        "More reports came from this address than can be reviewed; please send it again in the next hour.";
    /// The text is longer than allowed.
    TextTooLong {
        /// The maximum length.
        most: usize,
        /// The actual length.
        length: usize,
    } => "TEXT_TOO_LONG", "At most {most} characters are allowed; this text has {length}.";
    /// The text contains a control character that is not allowed.
    ControlCharacter {
        /// The character.
        character: char,
    } => "CONTROL_CHARACTER",
        "The control character U+{code:04X} is not allowed here.", code = u32::from(*character);
    /// The text contains a bidirectional override, which can disguise a name.
    BidirectionalOverride {
        /// The character.
        character: char,
    } => "BIDIRECTIONAL_OVERRIDE",
        "The bidirectional override U+{code:04X} is not allowed here.", code = u32::from(*character);
    /// Not a language of the IANA registry.
    LanguageUnknown => "LANGUAGE_UNKNOWN", "No such language in the BCP 47 registry.";
    /// Not a zone of the IANA time zone database.
    TimeZoneUnknown => "TIME_ZONE_UNKNOWN", "No such zone in the IANA time zone database.";
    /// Not a country of ISO 3166-1.
    CountryUnknown => "COUNTRY_UNKNOWN", "No such country in ISO 3166-1.";
    /// Not a region of ISO 3166-2.
    RegionUnknown => "REGION_UNKNOWN", "No such region in ISO 3166-2.";
    /// The region belongs to another country.
    RegionOutsideCountry => "REGION_OUTSIDE_COUNTRY", "The region lies in another country.";
    /// Not an absolute `http` or `https` URL.
    UrlInvalid => "URL_INVALID", "This is not an absolute http or https address.";
    /// An `http` URL where `https` is required.
    UrlNotSecure => "URL_NOT_SECURE", "This must be an https address.";
    /// Not an e-mail address as defined by the HTML standard.
    EmailInvalid => "EMAIL_INVALID", "This is not an e-mail address.";
    /// Not a slug.
    SlugInvalid => "SLUG_INVALID",
        "A slug is 1 to 80 lower-case letters a-z, digits and single hyphens between them.";
    /// The year is outside the range of editions.
    YearOutOfRange {
        /// The first year of editions.
        first: i16,
        /// The last one.
        last: i16,
    } => "YEAR_OUT_OF_RANGE", "The year of an edition must be {first} to {last}.";
    /// Not a valid calendar date.
    DateInvalid => "DATE_INVALID", "This is not a calendar date (YYYY-MM-DD).";
    /// Not a valid date, month or year.
    PartialDateInvalid => "PARTIAL_DATE_INVALID",
        "This is not a date, month or year (YYYY-MM-DD, YYYY-MM or YYYY).";
    /// The quantity is below 1 or above the maximum of one line.
    QuantityOutOfRange {
        /// The largest quantity.
        most: u32,
    } => "QUANTITY_OUT_OF_RANGE", "A quantity must be 1 to {most}.";
    /// The quantity is not a whole number.
    QuantityNotWhole => "QUANTITY_NOT_WHOLE", "A quantity must be a whole number.";
    /// The goal is below 1 or above the maximum.
    GoalOutOfRange {
        /// The largest goal.
        most: u64,
    } => "GOAL_OUT_OF_RANGE", "A goal must be 1 to {most}.";
    /// The total has reached the threshold of a new milestone already.
    MilestoneReached {
        /// The present number.
        quantity: u64,
    } => "MILESTONE_REACHED", "The total is at {quantity} already: a milestone must be more than that.";
    /// A milestone of the same number holds already.
    MilestoneExists => "MILESTONE_EXISTS", "There is a milestone of this number already.";
    /// The plausibility limit is below 1 or above the maximum of one line.
    PlausibilityLimitOutOfRange {
        /// The largest limit.
        most: u32,
    } => "PLAUSIBILITY_LIMIT_OUT_OF_RANGE", "A plausibility limit must be 1 to {most}.";
    /// The number of grace days is above the maximum.
    GraceDaysOutOfRange {
        /// The largest number of grace days.
        most: u16,
    } => "GRACE_DAYS_OUT_OF_RANGE", "A campaign has at most {most} grace days.";
    /// The published figure is too large to be represented exactly.
    FigureOutOfRange {
        /// The largest figure.
        most: u64,
    } => "FIGURE_OUT_OF_RANGE", "A figure must be 0 to {most}.";
    /// The idempotency key is too short, too long or not printable.
    IdempotencyKeyInvalid {
        /// The shortest length.
        least: usize,
        /// The greatest length.
        most: usize,
    } => "IDEMPOTENCY_KEY_INVALID",
        "An idempotency key has {least} to {most} printable ASCII characters; a random UUID is suitable.";
    /// The list has more entries than allowed.
    TooManyItems {
        /// The maximum number of entries.
        most: usize,
    } => "TOO_MANY_ITEMS", "At most {most} entries are allowed.";
    /// The list requires at least one entry.
    TooFewItems => "TOO_FEW_ITEMS", "At least one entry is required.";
    /// The list has a duplicate entry.
    Duplicate => "DUPLICATE", "This entry is a duplicate.";

    // Objects that do not exist, or exist already.
    /// The object does not exist, or the viewer has no access to it.
    NotFound {
        /// The kind of object.
        noun: EntityKind,
    } => "NOT_FOUND", "No such {noun}.";
    /// An object with this identifier already exists.
    AlreadyExists {
        /// The kind of object.
        noun: EntityKind,
    } => "ALREADY_EXISTS", "This {noun} already exists.";
    /// The case belongs to another edition, or is not included in this campaign.
    CaseNotInCampaign => "CASE_NOT_IN_CAMPAIGN", "The campaign does not include this case.";

    // Time.
    /// The days of the window are not in order.
    WindowOutOfOrder => "WINDOW_OUT_OF_ORDER", "Registration and collection must not close before the opening day.";
    /// The campaign has not opened yet.
    CampaignNotOpen {
        /// When it opens.
        opens_at: Timestamp,
    } => "CAMPAIGN_NOT_OPEN", "The campaign opens at {opens_at}.";
    /// The collection deadline and any grace days are over.
    DeadlinePassed {
        /// The first instant at which reports are rejected.
        ended_at: Timestamp,
    } => "DEADLINE_PASSED", "The collection deadline has passed: reports were accepted until {ended_at}.";
    /// The date of writing is before the opening day or after the collection deadline.
    WrittenOutsideWindow {
        /// The first day of writing.
        opens_on: Date,
        /// The last day of writing.
        deadline_on: Date,
    } => "WRITTEN_OUTSIDE_WINDOW", "Letters of this campaign are written from {opens_on} to {deadline_on}.";
    /// The instant has not come yet.
    InTheFuture {
        /// The present instant.
        now: Timestamp,
    } => "IN_THE_FUTURE", "This must not be later than now, {now}.";
    /// The change would reopen what is over; only an extension may do that.
    UseExtension => "USE_EXTENSION",
        "A change of days cannot reopen what is over; extend the deadline instead.";
    /// The new day of an extension is not later than the present one.
    NotAnExtension => "NOT_AN_EXTENSION", "An extension must move the deadline to a later day.";

    // Cases.
    /// The case is suspended for safety.
    CaseSuspended => "CASE_SUSPENDED",
        "The case is suspended for safety: please do not write at the moment. Letters written before count with \
         the day on which they were written.";
    /// The case is closed.
    CaseClosed => "CASE_CLOSED",
        "The case is closed. Letters written before count with the day on which they were written.";
    /// The state of the case does not allow this operation.
    CaseStateInvalid {
        /// The present state.
        state: &'static str,
    } => "CASE_STATE_INVALID", "This is not possible while the case is {state}.";
    /// Publishing requires the recorded consent of the person or their representatives.
    ConsentMissing => "CONSENT_MISSING",
        "Publishing requires the recorded consent of the person or their representatives.";
    /// A reason is required.
    ReasonMissing => "REASON_MISSING", "Please give a reason.";

    // Resources.
    /// A resource that may contain an address must name its case.
    CaseMissing => "CASE_MISSING",
        "A resource that may contain an address must name its case, since it ends with that case.";
    /// The resource is retired and can no longer be changed.
    ResourceRetired => "RESOURCE_RETIRED", "The resource is retired: it can no longer be changed.";

    // Urgent actions.
    /// Not the number of an urgent action.
    UrgentActionNumberInvalid => "URGENT_ACTION_NUMBER_INVALID",
        "The number of an urgent action ends with the last two digits of its year, such as 15/22.";
    /// The last day is before the first.
    ExpiresBeforeIssue => "EXPIRES_BEFORE_ISSUE", "An urgent action must not expire before its first day.";
    /// The urgent action would be open longer than allowed.
    ExpiryTooFar {
        /// The greatest number of days.
        days: i32,
    } => "EXPIRY_TOO_FAR", "An urgent action expires at most {days} days after its first day.";
    /// The urgent action is withdrawn and can no longer be changed.
    UrgentActionWithdrawn => "URGENT_ACTION_WITHDRAWN",
        "The urgent action is withdrawn: it can no longer be changed.";

    // Editions.
    /// The edition is archived and can no longer be changed.
    EditionArchived => "EDITION_ARCHIVED", "The edition is archived: it can no longer be changed.";

    // Reports.
    /// The lines of a kind add up to more than the total given for that kind.
    LinesExceedTotal {
        /// The kind of action.
        kind: ActionKind,
        /// The total given for the kind.
        number: u64,
        /// The sum of its lines.
        lines: u64,
    } => "LINES_EXCEED_TOTAL", "The lines of {kind} add up to {lines}, more than its given total of {number}.";
    /// The kind of action says only that no kind is known.
    KindUnspecified {
        /// The kind of action.
        kind: ActionKind,
    } => "KIND_UNSPECIFIED", "Only a statement may count {kind}; a report names the kind of each action.";
    /// The reporter may not say that this body hands the report in.
    OriginNotAllowed {
        /// The origin.
        origin: Origin,
    } => "ORIGIN_NOT_ALLOWED", "{origin} cannot be given as the origin here.";
    /// The total is certified already.
    AlreadyCertified => "ALREADY_CERTIFIED", "This total is certified: what changes now is a correction.";
    /// Reports are still accepted.
    TotalNotComplete => "TOTAL_NOT_COMPLETE",
        "Reports are still accepted: a total is certified when the deadline and the grace days are over.";
    /// The counters differ from a recount of the ledger.
    RecountDiffers => "RECOUNT_DIFFERS",
        "The counters differ from a recount of the reports: they have to be repaired before.";
    /// The total is certified, so that only staff change it.
    TotalCertified => "TOTAL_CERTIFIED", "The total is certified: only staff can correct it now.";
    /// A statement of the same scope holds already.
    StatementExists {
        /// Its present revision.
        revision: u32,
    } => "STATEMENT_EXISTS",
        "A statement of this scope exists (revision {revision}): please revise it, or withdraw it first.";
    /// The statement is withdrawn.
    StatementWithdrawn => "STATEMENT_WITHDRAWN", "The statement is withdrawn: please make a new one.";
    /// A statement would contain itself, directly or through others.
    StatementRing => "STATEMENT_RING", "A statement cannot contain itself, directly or through others.";
    /// The statement lies in another one already.
    StatementContained => "STATEMENT_CONTAINED",
        "This statement is contained in another one already: it would be taken off twice.";
    /// The scope of a contained statement is not inside the scope of the one that contains it.
    StatementTooWide => "STATEMENT_TOO_WIDE",
        "The scope of this statement is not inside the scope of the one that is to contain it.";
    /// The reports in the scope of a statement cannot be told apart from others.
    ReportsNotTold => "REPORTS_NOT_TOLD",
        "Reports made here are not told apart by part or way: a statement of a part or of one way cannot contain them.";
    /// The idempotency key was used before with other content.
    IdempotencyKeyConflict => "IDEMPOTENCY_KEY_CONFLICT",
        "This idempotency key was used before with other content.";
    /// The object was changed in the meantime.
    StaleRevision {
        /// The current revision.
        current: u32,
    } => "STALE_REVISION", "It was changed in the meantime: the current revision is {current}.";
    /// A figure so far is lower than the one before.
    FigureBelowPrevious {
        /// The figure so far.
        figure: u64,
        /// The one before.
        previous: u64,
    } => "FIGURE_BELOW_PREVIOUS",
        "{figure} so far is less than the {previous} before: say that it is in addition, or correct the report.";
    /// The state of the report does not allow this operation.
    ReportStateInvalid {
        /// The present state.
        state: &'static str,
    } => "REPORT_STATE_INVALID", "This is not possible while the report is {state}.";

    // Events.
    /// Not a local time.
    LocalTimeInvalid => "LOCAL_TIME_INVALID", "This is not a local time (YYYY-MM-DDTHH:MM).";
    /// The local time does not exist: clocks are put forward over it.
    LocalTimeSkipped {
        /// The local time.
        time: DateTime,
    } => "LOCAL_TIME_SKIPPED", "{time} does not exist in this zone: clocks are put forward over it.";
    /// The local time occurs twice, because clocks are put back, and the input does not say which is meant.
    LocalTimeRepeated {
        /// The local time.
        time: DateTime,
    } => "LOCAL_TIME_REPEATED",
        "{time} comes twice in this zone, as clocks are put back: please say which one is meant.";
    /// The session does not end after it begins.
    SessionOutOfOrder => "SESSION_OUT_OF_ORDER", "A session must end after it begins.";
    /// The session is longer than 14 days.
    SessionTooLong {
        /// The greatest number of days.
        days: i64,
    } => "SESSION_TOO_LONG", "A session takes at most {days} days.";
    /// The session overlaps another session.
    SessionsOverlap => "SESSIONS_OVERLAP", "This session overlaps another one.";
    /// The session is outside the campaign's days.
    SessionOutsideCampaign {
        /// The first day of the campaign.
        opens_on: Date,
        /// The last day of the campaign.
        deadline_on: Date,
    } => "SESSION_OUTSIDE_CAMPAIGN", "Events of this campaign take place from {opens_on} to {deadline_on}.";
    /// An event that is not online requires a place with a country.
    PlaceMissing => "PLACE_MISSING", "An event needs a place with at least its country, unless it is online.";
    /// The coordinates are out of range.
    CoordinatesOutOfRange => "COORDINATES_OUT_OF_RANGE",
        "Latitudes are from -90 to 90 degrees, longitudes from -180 to 180.";
    /// The exact place of a home cannot be visible to everyone.
    HomeLocationPublic => "HOME_LOCATION_PUBLIC", "The exact place of a home cannot be shown to everyone.";
    /// The venue kind and the format contradict each other.
    VenueContradictsFormat => "VENUE_CONTRADICTS_FORMAT",
        "An online event needs the venue kind ONLINE; no other event can have it.";
    /// The number of people is below 1 or above the maximum.
    HeadcountOutOfRange {
        /// The largest number of people.
        most: u32,
    } => "HEADCOUNT_OUT_OF_RANGE", "A number of people must be 1 to {most}.";
    /// The goals of the cases add up to more than the overall goal.
    CaseGoalsExceedGoal {
        /// The overall goal.
        whole: u64,
        /// The sum of the goals of the cases.
        parts: u64,
    } => "CASE_GOALS_EXCEED_GOAL", "The goals of the cases add up to {parts}, more than the overall goal of {whole}.";
    /// Registration for the campaign has closed.
    RegistrationClosed {
        /// The first instant at which registration is closed.
        ended_at: Timestamp,
    } => "REGISTRATION_CLOSED", "Registration has closed: it was open until {ended_at}.";
    /// The event has not begun yet.
    EventNotBegun {
        /// When its first session begins.
        starts_at: Timestamp,
    } => "EVENT_NOT_BEGUN", "The event begins at {starts_at}.";
    /// The event belongs to another campaign than the report.
    EventNotInCampaign => "EVENT_NOT_IN_CAMPAIGN", "The event belongs to another campaign.";
    /// The event already has an active report by its host.
    EventReported => "EVENT_REPORTED", "The host has already reported this event: please update that report.";
    /// The group belongs to another campaign.
    GroupNotInCampaign => "GROUP_NOT_IN_CAMPAIGN", "The group belongs to another campaign.";
    /// The group already has an active report.
    GroupReported => "GROUP_REPORTED", "The group has reported already: please update that report.";
    /// More groups would lie above each other than allowed.
    GroupTooDeep => "GROUP_TOO_DEEP", "At most three groups may lie above each other.";
    /// The group does not wish to be listed.
    GroupNotPublic => "GROUP_NOT_PUBLIC", "This group does not wish to be listed.";
    /// The group has reports or groups.
    GroupInUse => "GROUP_IN_USE", "The group has reports or groups of its own: it cannot be removed.";
    /// The capacity is lower than the number of attendees.
    CapacityBelowGoing {
        /// The number of attendees with a place.
        going: u32,
    } => "CAPACITY_BELOW_GOING", "{going} people already have a place: the capacity cannot be lower.";
    /// The state of the event does not allow this operation.
    EventStateInvalid {
        /// The present state.
        state: &'static str,
    } => "EVENT_STATE_INVALID", "This is not possible while the event is {state}.";
    /// The last session of the event is over.
    EventOver {
        /// When it ended.
        ended_at: Timestamp,
    } => "EVENT_OVER", "The event ended at {ended_at}.";

    // People.
    /// Consent to be contacted requires an age of 18 or older.
    ConsentNeedsAdult => "CONSENT_NEEDS_ADULT",
        "Consent requires confirming an age of 18 or older: children are on no mailing list.";
    /// The code of a mail has expired.
    CodeExpired {
        /// The first instant at which it was expired.
        ended_at: Timestamp,
    } => "CODE_EXPIRED", "This code was valid until {ended_at}: please ask for a new one.";
    /// The number of letters to release exceeds the pledged letters that are not reported.
    ReleaseExceedsGoal {
        /// The pledged letters that are not reported.
        remaining: u64,
    } => "RELEASE_EXCEEDS_GOAL", "{remaining} letters of the goal are not reported: at most these can be released.";
    /// The state of the participant does not allow this operation.
    ParticipantStateInvalid {
        /// The present state.
        state: &'static str,
    } => "PARTICIPANT_STATE_INVALID", "This is not possible while the participation is {state}.";
    /// The state of the attendance does not allow this operation.
    AttendanceStateInvalid {
        /// The present state.
        state: &'static str,
    } => "ATTENDANCE_STATE_INVALID", "This is not possible while the attendance is {state}.";
}
