//! Validation errors: what is invalid, where, and a full sentence about it.
//!
//! Input is validated completely, so that all errors are reported at once:
//!
//! ```
//! use domain::{ViolationKind, Violations, text};
//!
//! let mut violations = Violations::default();
//! let name = violations.check("name", text::line("Zhang Zhan"));
//! let email = violations.check("email", text::email("not an address"));
//! assert_eq!(name.as_deref(), Some("Zhang Zhan"));
//! assert_eq!(email, None);
//! let broken = violations.into_result().unwrap_err();
//! assert_eq!(broken[0].path, ["email"]);
//! assert_eq!(broken[0].rule, ViolationKind::EmailInvalid);
//! ```

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};

use crate::{
    attendance::AttendanceState, case::CaseState, participant::ParticipantState, report::ActionKind,
    report::ReportState, window::Phase,
};

/// A violated rule, with the path of the invalid value in the input.
///
/// ```
/// use domain::{ViolationKind, Violation};
/// let violation = Violation::at(["lines", "2", "quantity"], ViolationKind::QuantityNotWhole);
/// assert_eq!(violation.rule.code(), "QUANTITY_NOT_WHOLE");
/// assert_eq!(violation.to_string(), "A quantity must be a whole number.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Field names and list indexes from the root of the input to the invalid value.
    pub path: Vec<String>,
    /// The violated rule.
    pub rule: ViolationKind,
}

impl Violation {
    /// Creates a violation of `rule` at `path`.
    pub fn at<S: Into<String>>(path: impl IntoIterator<Item = S>, rule: ViolationKind) -> Self {
        Self { path: path.into_iter().map(Into::into).collect(), rule }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rule.fmt(f)
    }
}

/// All violations of an input, collected field by field.
///
/// ```
/// use domain::{ViolationKind, Violations};
/// let mut violations = Violations::default();
/// violations.add("reason", ViolationKind::ReasonMissing);
/// assert!(!violations.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Adds a violation at a field.
    pub fn add(&mut self, field: &str, rule: ViolationKind) {
        self.0.push(Violation::at([field], rule));
    }

    /// Returns the value of a valid field, or adds the violation.
    pub fn check<T>(&mut self, field: &str, value: Result<T, ViolationKind>) -> Option<T> {
        value.map_err(|rule| self.add(field, rule)).ok()
    }

    /// The same for an optional field.
    pub fn check_optional<T>(&mut self, field: &str, value: Option<Result<T, ViolationKind>>) -> Option<T> {
        value.and_then(|value| self.check(field, value))
    }

    /// The same for a list: each violation is added with the index of its entry.
    pub fn check_each<T>(
        &mut self,
        field: &str,
        values: impl IntoIterator<Item = Result<T, ViolationKind>>,
    ) -> Vec<T> {
        let mut kept = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            match value {
                Ok(value) => kept.push(value),
                Err(rule) => self.0.push(Violation::at([field, &index.to_string()], rule)),
            }
        }
        kept
    }

    /// Adds the violations of a part of the input, below the path of that part.
    pub fn extend_at(&mut self, path: &[&str], violations: impl IntoIterator<Item = Violation>) {
        self.0.extend(violations.into_iter().map(|inner| Violation {
            path: path.iter().map(ToString::to_string).chain(inner.path).collect(),
            rule: inner.rule,
        }));
    }

    /// Returns whether there are no violations.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the collected violations as a result.
    ///
    /// # Errors
    /// All violations, if there are any.
    pub fn into_result(self) -> Result<(), Vec<Violation>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// The kind of an object that was not found or exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityKind {
    /// An edition.
    Edition,
    /// A section.
    Section,
    /// A campaign.
    Campaign,
    /// A case.
    Case,
    /// A report.
    Report,
    /// An event.
    Event,
    /// A resource.
    Resource,
    /// An urgent action.
    UrgentAction,
    /// A participant.
    Participant,
    /// An attendance.
    Attendance,
    /// A subscription to urgent actions.
    Subscription,
    /// A code from a mail.
    Code,
    /// A moderation of many reports.
    Moderation,
    /// A mail notice.
    Notice,
}

impl EntityKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Edition => "edition",
            Self::Section => "section",
            Self::Campaign => "campaign",
            Self::Case => "case",
            Self::Report => "report",
            Self::Event => "event",
            Self::Resource => "resource",
            Self::UrgentAction => "urgent action",
            Self::Participant => "participant",
            Self::Attendance => "attendance",
            Self::Subscription => "subscription",
            Self::Code => "code",
            Self::Moderation => "moderation",
            Self::Notice => "notice",
        }
    }
}

/// Every validation rule, with the values that its message needs.
///
/// ```
/// use domain::ViolationKind;
/// let rule = ViolationKind::TextTooLong { most: 200, length: 10_000 };
/// assert_eq!(rule.code(), "TEXT_TOO_LONG");
/// assert_eq!(rule.to_string(), "At most 200 characters are allowed; this text has 10000.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    // Texts, codes and numbers.
    /// A required text is missing or has only white space.
    TextEmpty,
    /// Too many reports from this address are held for review within the hour.
    TooManyReports,
    /// The text is longer than allowed.
    TextTooLong {
        /// The maximum length.
        most: usize,
        /// The actual length.
        length: usize,
    },
    /// The text contains a control character that is not allowed.
    ControlCharacter {
        /// The character.
        character: char,
    },
    /// The text contains a bidirectional override, which can disguise a name.
    BidirectionalOverride {
        /// The character.
        character: char,
    },
    /// Not a language of the IANA registry.
    LanguageUnknown,
    /// Not a zone of the IANA time zone database.
    TimeZoneUnknown,
    /// Not a country of ISO 3166-1.
    CountryUnknown,
    /// Not a region of ISO 3166-2.
    RegionUnknown,
    /// The region belongs to another country.
    RegionOutsideCountry,
    /// Not an absolute `http` or `https` URL.
    UrlInvalid,
    /// An `http` URL where `https` is required.
    UrlNotSecure,
    /// Not an e-mail address as defined by the HTML standard.
    EmailInvalid,
    /// Not a slug.
    SlugInvalid,
    /// The year is outside the range of editions.
    YearOutOfRange,
    /// Not a valid calendar date.
    DateInvalid,
    /// Not a valid date, month or year.
    PartialDateInvalid,
    /// The quantity is below 1 or above the maximum of one line.
    QuantityOutOfRange,
    /// The quantity is not a whole number.
    QuantityNotWhole,
    /// The goal is below 1 or above the maximum.
    GoalOutOfRange {
        /// The largest goal.
        most: u64,
    },
    /// The plausibility limit is below 1 or above the maximum of one line.
    LimitOutOfRange,
    /// The number of grace days is above the maximum.
    GraceTooLong,
    /// The published figure is too large to be represented exactly.
    FigureOutOfRange,
    /// The idempotency key is too short, too long or not printable.
    KeyInvalid,
    /// The list has more entries than allowed.
    TooMany {
        /// The maximum number of entries.
        most: usize,
    },
    /// The list requires at least one entry.
    TooFew,
    /// The list has a duplicate entry.
    Repeated,

    // Objects that do not exist, or exist already.
    /// The object does not exist, or the viewer has no access to it.
    NotFound {
        /// The kind of object.
        noun: EntityKind,
    },
    /// An object with this identifier already exists.
    AlreadyExists {
        /// The kind of object.
        noun: EntityKind,
    },
    /// The case belongs to another edition, or is not included in this campaign.
    CaseForeign,

    // Time.
    /// The days of the window are not in order.
    WindowOutOfOrder,
    /// The campaign has not opened yet.
    NotOpenYet {
        /// When it opens.
        opens_at: Timestamp,
    },
    /// The collection deadline and any grace days are over.
    DeadlinePassed {
        /// The first instant at which reports are rejected.
        ended_at: Timestamp,
    },
    /// The date of writing is before the opening day or after the collection deadline.
    WrittenOutsideWindow {
        /// The first day of writing.
        opens_on: Date,
        /// The last day of writing.
        deadline_on: Date,
    },
    /// The change would reopen what is over; only an extension may do that.
    NeedsExtension,
    /// The new day of an extension is not later than the present one.
    NotAnExtension,

    // Cases.
    /// The case is suspended for safety.
    CaseSuspended,
    /// The case is closed.
    CaseClosed,
    /// The state of the case does not allow this operation.
    CaseStateForbids {
        /// The present state.
        state: CaseState,
    },
    /// Publishing requires the recorded consent of the person or their representatives.
    ConsentMissing,
    /// A reason is required.
    ReasonMissing,

    // Resources.
    /// A resource that may contain an address must name its case.
    CaseMissing,
    /// The resource is retired and can no longer be changed.
    ResourceRetired,

    // Urgent actions.
    /// Not the number of an urgent action.
    NumberInvalid,
    /// The last day is before the first.
    ExpiresBeforeIssue,
    /// The urgent action would be open longer than allowed.
    ExpiryTooFar,
    /// The urgent action is withdrawn and can no longer be changed.
    UrgentActionWithdrawn,

    // Editions.
    /// The edition is archived and can no longer be changed.
    EditionArchived,

    // Reports.
    /// The lines of a kind add up to more than the total given for that kind.
    LinesBeyondNumber {
        /// The kind of action.
        kind: ActionKind,
        /// The total given for the kind.
        number: u64,
        /// The sum of its lines.
        lines: u64,
    },
    /// The idempotency key was used before with other content.
    KeyReusedWithOtherContent,
    /// The object was changed in the meantime.
    StaleRevision {
        /// The current revision.
        current: u32,
    },
    /// The state of the report does not allow this operation.
    ReportStateForbids {
        /// The present state.
        state: ReportState,
    },

    // Events.
    /// Not a local time.
    LocalTimeInvalid,
    /// The local time does not exist: clocks are put forward over it.
    LocalTimeSkipped {
        /// The local time.
        time: DateTime,
    },
    /// The local time occurs twice, because clocks are put back, and the input does not say which is meant.
    LocalTimeRepeated {
        /// The local time.
        time: DateTime,
    },
    /// The session does not end after it begins.
    SessionOutOfOrder,
    /// The session is longer than 14 days.
    SessionTooLong,
    /// The session overlaps another session.
    SessionsOverlap,
    /// The session is outside the campaign's days.
    SessionOutsideCampaign {
        /// The first day of the campaign.
        opens_on: Date,
        /// The last day of the campaign.
        deadline_on: Date,
    },
    /// An event that is not online requires a place with a country.
    PlaceMissing,
    /// The coordinates are out of range.
    CoordinatesOutOfRange,
    /// The exact place of a home cannot be visible to everyone.
    HomeForEveryone,
    /// The venue kind and the format contradict each other.
    VenueContradictsFormat,
    /// The number of people is below 1 or above the maximum.
    HeadcountOutOfRange,
    /// The goals of the cases add up to more than the overall goal.
    GoalsBeyondWhole {
        /// The overall goal.
        whole: u64,
        /// The sum of the goals of the cases.
        parts: u64,
    },
    /// Registration for the campaign has closed.
    RegistrationClosed {
        /// The first instant at which registration is closed.
        ended_at: Timestamp,
    },
    /// The event has not begun yet.
    EventNotBegun {
        /// When its first session begins.
        starts_at: Timestamp,
    },
    /// The event belongs to another campaign than the report.
    EventForeign,
    /// The event already has a report by its host.
    EventReported,
    /// The capacity is lower than the number of attendees.
    CapacityBelowGoing {
        /// The number of attendees with a place.
        going: u32,
    },
    /// The state of the event does not allow this operation.
    EventStateForbids {
        /// The present state.
        state: &'static str,
    },
    /// The last session of the event is over.
    EventOver {
        /// When it ended.
        ended_at: Timestamp,
    },

    // People.
    /// Consent to be contacted requires an age of 18 or older.
    ConsentNeedsAdult,
    /// The code of a mail has expired.
    CodeExpired {
        /// The first instant at which it was expired.
        ended_at: Timestamp,
    },
    /// The number of letters to release exceeds the pledged letters that are not reported.
    ReleaseBeyondGoal {
        /// The pledged letters that are not reported.
        remaining: u64,
    },
    /// The state of the participant does not allow this operation.
    ParticipantStateForbids {
        /// The present state.
        state: ParticipantState,
    },
    /// The state of the attendance does not allow this operation.
    AttendanceStateForbids {
        /// The present state.
        state: AttendanceState,
    },
}

impl ViolationKind {
    /// Returns the stable code that clients act on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TextEmpty => "TEXT_EMPTY",
            Self::TextTooLong { .. } => "TEXT_TOO_LONG",
            Self::ControlCharacter { .. } => "CONTROL_CHARACTER",
            Self::BidirectionalOverride { .. } => "BIDIRECTIONAL_OVERRIDE",
            Self::LanguageUnknown => "LANGUAGE_UNKNOWN",
            Self::TimeZoneUnknown => "TIME_ZONE_UNKNOWN",
            Self::CountryUnknown => "COUNTRY_UNKNOWN",
            Self::RegionUnknown => "REGION_UNKNOWN",
            Self::RegionOutsideCountry => "REGION_OUTSIDE_COUNTRY",
            Self::UrlInvalid => "URL_INVALID",
            Self::UrlNotSecure => "URL_NOT_SECURE",
            Self::EmailInvalid => "EMAIL_INVALID",
            Self::SlugInvalid => "SLUG_INVALID",
            Self::YearOutOfRange => "YEAR_OUT_OF_RANGE",
            Self::DateInvalid => "DATE_INVALID",
            Self::PartialDateInvalid => "PARTIAL_DATE_INVALID",
            Self::QuantityOutOfRange => "QUANTITY_OUT_OF_RANGE",
            Self::QuantityNotWhole => "QUANTITY_NOT_WHOLE",
            Self::GoalOutOfRange { .. } => "GOAL_OUT_OF_RANGE",
            Self::LimitOutOfRange => "LIMIT_OUT_OF_RANGE",
            Self::GraceTooLong => "GRACE_TOO_LONG",
            Self::FigureOutOfRange => "FIGURE_OUT_OF_RANGE",
            Self::KeyInvalid => "KEY_INVALID",
            Self::TooMany { .. } => "TOO_MANY",
            Self::TooManyReports => "TOO_MANY_REPORTS",
            Self::TooFew => "TOO_FEW",
            Self::Repeated => "REPEATED",
            Self::NotFound { .. } => "NOT_FOUND",
            Self::AlreadyExists { .. } => "ALREADY_EXISTS",
            Self::CaseForeign => "CASE_FOREIGN",
            Self::WindowOutOfOrder => "WINDOW_OUT_OF_ORDER",
            Self::NotOpenYet { .. } => "NOT_OPEN_YET",
            Self::DeadlinePassed { .. } => "DEADLINE_PASSED",
            Self::WrittenOutsideWindow { .. } => "WRITTEN_OUTSIDE_WINDOW",
            Self::NeedsExtension => "NEEDS_EXTENSION",
            Self::NotAnExtension => "NOT_AN_EXTENSION",
            Self::CaseSuspended => "CASE_SUSPENDED",
            Self::CaseClosed => "CASE_CLOSED",
            Self::CaseStateForbids { .. } => "CASE_STATE_FORBIDS",
            Self::ConsentMissing => "CONSENT_MISSING",
            Self::ReasonMissing => "REASON_MISSING",
            Self::CaseMissing => "CASE_MISSING",
            Self::ResourceRetired => "RESOURCE_RETIRED",
            Self::NumberInvalid => "NUMBER_INVALID",
            Self::ExpiresBeforeIssue => "EXPIRES_BEFORE_ISSUE",
            Self::ExpiryTooFar => "EXPIRY_TOO_FAR",
            Self::UrgentActionWithdrawn => "URGENT_ACTION_WITHDRAWN",
            Self::EditionArchived => "EDITION_ARCHIVED",
            Self::LinesBeyondNumber { .. } => "LINES_BEYOND_NUMBER",
            Self::KeyReusedWithOtherContent => "KEY_REUSED_WITH_OTHER_CONTENT",
            Self::StaleRevision { .. } => "STALE_REVISION",
            Self::ReportStateForbids { .. } => "REPORT_STATE_FORBIDS",
            Self::LocalTimeInvalid => "LOCAL_TIME_INVALID",
            Self::LocalTimeSkipped { .. } => "LOCAL_TIME_SKIPPED",
            Self::LocalTimeRepeated { .. } => "LOCAL_TIME_REPEATED",
            Self::SessionOutOfOrder => "SESSION_OUT_OF_ORDER",
            Self::SessionTooLong => "SESSION_TOO_LONG",
            Self::SessionsOverlap => "SESSIONS_OVERLAP",
            Self::SessionOutsideCampaign { .. } => "SESSION_OUTSIDE_CAMPAIGN",
            Self::PlaceMissing => "PLACE_MISSING",
            Self::CoordinatesOutOfRange => "COORDINATES_OUT_OF_RANGE",
            Self::HomeForEveryone => "HOME_FOR_EVERYONE",
            Self::VenueContradictsFormat => "VENUE_CONTRADICTS_FORMAT",
            Self::HeadcountOutOfRange => "HEADCOUNT_OUT_OF_RANGE",
            Self::GoalsBeyondWhole { .. } => "GOALS_BEYOND_WHOLE",
            Self::RegistrationClosed { .. } => "REGISTRATION_CLOSED",
            Self::EventNotBegun { .. } => "EVENT_NOT_BEGUN",
            Self::EventForeign => "EVENT_FOREIGN",
            Self::EventReported => "EVENT_REPORTED",
            Self::CapacityBelowGoing { .. } => "CAPACITY_BELOW_GOING",
            Self::EventStateForbids { .. } => "EVENT_STATE_FORBIDS",
            Self::EventOver { .. } => "EVENT_OVER",
            Self::ConsentNeedsAdult => "CONSENT_NEEDS_ADULT",
            Self::CodeExpired { .. } => "CODE_EXPIRED",
            Self::ReleaseBeyondGoal { .. } => "RELEASE_BEYOND_GOAL",
            Self::ParticipantStateForbids { .. } => "PARTICIPANT_STATE_FORBIDS",
            Self::AttendanceStateForbids { .. } => "ATTENDANCE_STATE_FORBIDS",
        }
    }

    /// Returns the violation for a window that accepts nothing in this phase; `None` while it is open.
    #[must_use]
    pub(crate) fn closed_by(window: &crate::Window, phase: Phase) -> Option<Self> {
        match phase {
            Phase::Upcoming => Some(Self::NotOpenYet { opens_at: window.opens_at() }),
            Phase::Open | Phase::Grace => None,
            Phase::Closed => Some(Self::DeadlinePassed { ended_at: window.closes_at() }),
        }
    }
}

impl std::fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TextEmpty => f.write_str("This must not be empty."),
            Self::TextTooLong { most, length } => {
                write!(f, "At most {most} characters are allowed; this text has {length}.")
            }
            Self::ControlCharacter { character } => {
                write!(f, "The control character U+{:04X} is not allowed here.", u32::from(*character))
            }
            Self::BidirectionalOverride { character } => {
                write!(f, "The bidirectional override U+{:04X} is not allowed here.", u32::from(*character))
            }
            Self::LanguageUnknown => f.write_str("No such language in the BCP 47 registry."),
            Self::TimeZoneUnknown => f.write_str("No such zone in the IANA time zone database."),
            Self::CountryUnknown => f.write_str("No such country in ISO 3166-1."),
            Self::RegionUnknown => f.write_str("No such region in ISO 3166-2."),
            Self::RegionOutsideCountry => f.write_str("The region lies in another country."),
            Self::UrlInvalid => f.write_str("This is not an absolute http or https address."),
            Self::UrlNotSecure => f.write_str("This must be an https address."),
            Self::EmailInvalid => f.write_str("This is not an e-mail address."),
            Self::SlugInvalid => f.write_str(
                "A slug is 1 to 80 lower-case letters a-z, digits and single hyphens between them.",
            ),
            Self::YearOutOfRange => {
                write!(
                    f,
                    "The year of an edition must be {} to {}.",
                    crate::edition::FIRST_YEAR,
                    crate::edition::LAST_YEAR
                )
            }
            Self::DateInvalid => f.write_str("This is not a calendar date (YYYY-MM-DD)."),
            Self::PartialDateInvalid => {
                f.write_str("This is not a date, month or year (YYYY-MM-DD, YYYY-MM or YYYY).")
            }
            Self::QuantityOutOfRange => {
                write!(f, "A quantity must be 1 to {}.", crate::report::QUANTITY_MOST)
            }
            Self::QuantityNotWhole => f.write_str("A quantity must be a whole number."),
            Self::GoalOutOfRange { most } => write!(f, "A goal must be 1 to {most}."),
            Self::LimitOutOfRange => {
                write!(f, "A plausibility limit must be 1 to {}.", crate::report::QUANTITY_MOST)
            }
            Self::GraceTooLong => {
                write!(f, "A campaign has at most {} grace days.", crate::window::GRACE_DAYS_MOST)
            }
            Self::FigureOutOfRange => {
                write!(f, "A figure must be 0 to {}.", crate::total::COUNT_MOST)
            }
            Self::KeyInvalid => write!(
                f,
                "An idempotency key has {} to {} printable ASCII characters; a random UUID is suitable.",
                crate::report::KEY_LEAST,
                crate::report::KEY_MOST
            ),
            Self::TooManyReports => f.write_str(
                "More reports came from this address within this hour than can be reviewed; please send it again \
                 in the next hour.",
            ),
            Self::TooMany { most } => write!(f, "At most {most} entries are allowed."),
            Self::TooFew => f.write_str("At least one entry is required."),
            Self::Repeated => f.write_str("This entry is a duplicate."),
            Self::NotFound { noun } => write!(f, "No such {}.", noun.name()),
            Self::AlreadyExists { noun } => write!(f, "This {} already exists.", noun.name()),
            Self::CaseForeign => f.write_str("The campaign does not include this case."),
            Self::WindowOutOfOrder => {
                f.write_str("Registration and collection must not close before the opening day.")
            }
            Self::NotOpenYet { opens_at } => write!(f, "The campaign opens at {opens_at}."),
            Self::DeadlinePassed { ended_at } => {
                write!(f, "The collection deadline has passed: reports were accepted until {ended_at}.")
            }
            Self::WrittenOutsideWindow { opens_on, deadline_on } => {
                write!(f, "Letters of this campaign are written from {opens_on} to {deadline_on}.")
            }
            Self::NeedsExtension => f.write_str(
                "A change of days cannot reopen what is over; extend the deadline instead.",
            ),
            Self::NotAnExtension => f.write_str("An extension must move the deadline to a later day."),
            Self::CaseSuspended => {
                f.write_str("The case is suspended for safety: please do not write at the moment.")
            }
            Self::CaseClosed => f.write_str("The case is closed: letters are no longer accepted."),
            Self::CaseStateForbids { state } => {
                write!(f, "This is not possible while the case is {state}.")
            }
            Self::ConsentMissing => f.write_str(
                "Publishing requires the recorded consent of the person or their representatives.",
            ),
            Self::ReasonMissing => f.write_str("Please give a reason."),
            Self::CaseMissing => f.write_str(
                "A resource that may contain an address must name its case, since it ends with that case.",
            ),
            Self::ResourceRetired => f.write_str("The resource is retired: it can no longer be changed."),
            Self::NumberInvalid => f.write_str(
                "The number of an urgent action ends with the last two digits of its year, such as 15/22.",
            ),
            Self::ExpiresBeforeIssue => f.write_str("An urgent action must not expire before its first day."),
            Self::ExpiryTooFar => write!(
                f,
                "An urgent action expires at most {} days after its first day.",
                crate::urgent_action::DAYS_MOST
            ),
            Self::UrgentActionWithdrawn => {
                f.write_str("The urgent action is withdrawn: it can no longer be changed.")
            }
            Self::EditionArchived => f.write_str("The edition is archived: it can no longer be changed."),
            Self::LinesBeyondNumber { kind, number, lines } => {
                write!(f, "The lines of {kind} add up to {lines}, more than its given total of {number}.")
            }
            Self::KeyReusedWithOtherContent => {
                f.write_str("This idempotency key was used before with other content.")
            }
            Self::StaleRevision { current } => {
                write!(f, "It was changed in the meantime: the current revision is {current}.")
            }
            Self::ReportStateForbids { state } => {
                write!(f, "This is not possible while the report is {state}.")
            }
            Self::LocalTimeInvalid => f.write_str("This is not a local time (YYYY-MM-DDTHH:MM)."),
            Self::LocalTimeSkipped { time } => {
                write!(f, "{time} does not exist in this zone: clocks are put forward over it.")
            }
            Self::LocalTimeRepeated { time } => {
                write!(
                    f,
                    "{time} comes twice in this zone, as clocks are put back: please say which one is meant."
                )
            }
            Self::SessionOutOfOrder => f.write_str("A session must end after it begins."),
            Self::SessionTooLong => {
                write!(f, "A session takes at most {} days.", crate::event::SESSION_DAYS_MOST)
            }
            Self::SessionsOverlap => f.write_str("This session overlaps another one."),
            Self::SessionOutsideCampaign { opens_on, deadline_on } => {
                write!(f, "Events of this campaign take place from {opens_on} to {deadline_on}.")
            }
            Self::PlaceMissing => {
                f.write_str("An event needs a place with at least its country, unless it is online.")
            }
            Self::CoordinatesOutOfRange => {
                f.write_str("Latitudes are from -90 to 90 degrees, longitudes from -180 to 180.")
            }
            Self::HomeForEveryone => f.write_str("The exact place of a home cannot be shown to everyone."),
            Self::VenueContradictsFormat => {
                f.write_str("An online event needs the venue kind ONLINE; no other event can have it.")
            }
            Self::HeadcountOutOfRange => {
                write!(f, "A number of people must be 1 to {}.", crate::event::HEADCOUNT_MOST)
            }
            Self::GoalsBeyondWhole { whole, parts } => {
                write!(f, "The goals of the cases add up to {parts}, more than the overall goal of {whole}.")
            }
            Self::RegistrationClosed { ended_at } => {
                write!(f, "Registration has closed: it was open until {ended_at}.")
            }
            Self::EventNotBegun { starts_at } => write!(f, "The event begins at {starts_at}."),
            Self::EventForeign => f.write_str("The event belongs to another campaign."),
            Self::EventReported => {
                f.write_str("The host has already reported this event: please correct that report.")
            }
            Self::CapacityBelowGoing { going } => {
                write!(f, "{going} people already have a place: the capacity cannot be lower.")
            }
            Self::EventStateForbids { state } => {
                write!(f, "This is not possible while the event is {state}.")
            }
            Self::EventOver { ended_at } => write!(f, "The event ended at {ended_at}."),
            Self::ConsentNeedsAdult => f.write_str(
                "Consent requires confirming an age of 18 or older: children are on no mailing list.",
            ),
            Self::CodeExpired { ended_at } => {
                write!(f, "This code was valid until {ended_at}: please ask for a new one.")
            }
            Self::ReleaseBeyondGoal { remaining } => {
                write!(f, "{remaining} letters of the goal are not reported: at most these can be released.")
            }
            Self::ParticipantStateForbids { state } => {
                write!(f, "This is not possible while the participation is {state}.")
            }
            Self::AttendanceStateForbids { state } => {
                write!(f, "This is not possible while the attendance is {state}.")
            }
        }
    }
}
