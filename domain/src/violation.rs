//! A rule says no: what was broken, where, and in a full sentence.
//!
//! Input is checked whole, so that a person hears of all mistakes at once:
//!
//! ```
//! use domain::{Rule, Violations, text};
//!
//! let mut violations = Violations::default();
//! let name = violations.keep("name", text::line("Zhang Zhan"));
//! let email = violations.keep("email", text::email("not an address"));
//! assert_eq!(name.as_deref(), Some("Zhang Zhan"));
//! assert_eq!(email, None);
//! let broken = violations.into_result().unwrap_err();
//! assert_eq!(broken[0].path, ["email"]);
//! assert_eq!(broken[0].rule, Rule::EmailInvalid);
//! ```

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};

use crate::{
    attendance::AttendanceState, case::CaseState, participant::ParticipantState, report::ActionKind,
    report::ReportState, window::Phase,
};

/// A broken rule with the place in the input where it was broken.
///
/// ```
/// use domain::{Rule, Violation};
/// let violation = Violation::at(["lines", "2", "quantity"], Rule::QuantityNotWhole);
/// assert_eq!(violation.rule.code(), "QUANTITY_NOT_WHOLE");
/// assert_eq!(violation.to_string(), "A quantity is a whole number of things written.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Field names and list positions from the input's root to the value at fault.
    pub path: Vec<String>,
    /// The rule that says no.
    pub rule: ViolationKind,
}

impl Violation {
    /// A violation of `rule` at `path`.
    pub fn at<S: Into<String>>(path: impl IntoIterator<Item = S>, rule: ViolationKind) -> Self {
        Self { path: path.into_iter().map(Into::into).collect(), rule }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rule.fmt(f)
    }
}

/// All rules an input breaks, gathered field by field.
///
/// ```
/// use domain::{Rule, Violations};
/// let mut violations = Violations::default();
/// violations.add("reason", Rule::ReasonMissing);
/// assert!(!violations.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Records a broken rule at a field.
    pub fn add(&mut self, field: &str, rule: ViolationKind) {
        self.0.push(Violation::at([field], rule));
    }

    /// Keeps the value of a field that is well formed and records the rule of one that is not.
    pub fn check<T>(&mut self, field: &str, value: Result<T, ViolationKind>) -> Option<T> {
        value.map_err(|rule| self.add(field, rule)).ok()
    }

    /// The same for a field that may be left out.
    pub fn check_optional<T>(&mut self, field: &str, value: Option<Result<T, ViolationKind>>) -> Option<T> {
        value.and_then(|value| self.check(field, value))
    }

    /// The same for a list: each rule is recorded with the position of the entry at fault.
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

    /// Takes over what a part of the input broke, below the path of that part.
    pub fn extend_at(&mut self, path: &[&str], violations: impl IntoIterator<Item = Violation>) {
        self.0.extend(violations.into_iter().map(|inner| Violation {
            path: path.iter().map(ToString::to_string).chain(inner.path).collect(),
            rule: inner.rule,
        }));
    }

    /// Whether nothing was broken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Errors
    /// All violations, if there are any.
    pub fn into_result(self) -> Result<(), Vec<Violation>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// What a thing that was not found should have been.
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
    /// An act of moderation.
    Moderation,
    /// A notice that was to be sent by mail.
    Notice,
}

impl EntityKind {
    const fn with_article(self) -> &'static str {
        match self {
            Self::Edition => "an edition",
            Self::Section => "a section",
            Self::Campaign => "a campaign",
            Self::Case => "a case",
            Self::Report => "a report",
            Self::Event => "an event",
            Self::Resource => "a resource",
            Self::UrgentAction => "an urgent action",
            Self::Participant => "a participant",
            Self::Attendance => "an attendance",
            Self::Subscription => "a subscription",
            Self::Code => "a code",
            Self::Moderation => "an act of moderation",
            Self::Notice => "a notice",
        }
    }
}

/// Every rule that can say no, with what its sentence needs.
///
/// ```
/// use domain::Rule;
/// let rule = Rule::TextTooLong { most: 200, length: 10_000 };
/// assert_eq!(rule.code(), "TEXT_TOO_LONG");
/// assert_eq!(rule.to_string(), "At most 200 characters fit here; these are 10000.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViolationKind {
    // What a text, a code or a number must look like.
    /// Nothing but white space where a text is needed.
    TextEmpty,
    /// So many reports of one address are held within an hour that staff could not look at more.
    TooManyReports,
    /// More characters than fit.
    TextTooLong {
        /// How many fit.
        most: usize,
        /// How many there were.
        length: usize,
    },
    /// A control character that has no place here.
    ControlCharacter {
        /// The character.
        character: char,
    },
    /// A bidirectional override, which can make a name read as another one.
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
    /// The region lies in another country.
    RegionOutsideCountry,
    /// Not an absolute `http` or `https` address.
    UrlInvalid,
    /// An `http` address where only `https` will do.
    UrlNotSecure,
    /// Not an e-mail address by the rule of HTML.
    EmailInvalid,
    /// Not a slug.
    SlugInvalid,
    /// Not a year of the campaign.
    YearOutOfRange,
    /// Not a day of the calendar.
    DateInvalid,
    /// Not a day, month or year of the calendar.
    PartialDateInvalid,
    /// A quantity below 1 or above the most that one line may say.
    QuantityOutOfRange,
    /// A fraction of a letter.
    QuantityNotWhole,
    /// A goal below 1 or above the most that makes sense.
    GoalOutOfRange {
        /// The largest goal.
        most: u64,
    },
    /// A plausible limit below 1 or above the most that one line may say.
    LimitOutOfRange,
    /// More grace days than a campaign may give.
    GraceTooLong,
    /// A published figure beyond what can be counted exactly.
    FigureOutOfRange,
    /// An idempotency key that is too short, too long or not printable.
    KeyInvalid,
    /// More entries in a list than are taken at once.
    TooMany {
        /// How many are taken.
        most: usize,
    },
    /// A list that needs at least one entry.
    TooFew,
    /// The same entry twice in a list where each may stand once.
    Repeated,

    // Things that are not there, or are there already.
    /// There is no such thing, or it is not for the asker to know of.
    NotFound {
        /// What was looked for.
        noun: EntityKind,
    },
    /// There is one already.
    AlreadyExists {
        /// What there is one of.
        noun: EntityKind,
    },
    /// The case belongs to another edition, or this campaign did not pick it.
    CaseForeign,

    // Time.
    /// The days of a window are not in their order.
    WindowOutOfOrder,
    /// The campaign has not opened.
    NotOpenYet {
        /// When it opens.
        opens_at: Timestamp,
    },
    /// The collection deadline and any grace days are over.
    DeadlinePassed {
        /// The first instant at which reports are refused.
        ended_at: Timestamp,
    },
    /// Written before the opening day or after the collection deadline.
    WrittenOutsideWindow {
        /// The first day of writing.
        opens_on: Date,
        /// The last day of writing.
        deadline_on: Date,
    },
    /// A change that would open what is over; only an extension does that.
    NeedsExtension,
    /// An extension that does not move the deadline to a later day.
    NotAnExtension,

    // Cases.
    /// The case is suspended: nobody should write at the moment.
    CaseSuspended,
    /// The case is closed.
    CaseClosed,
    /// The state of the case does not allow this.
    CaseStateForbids {
        /// The present state.
        state: CaseState,
    },
    /// Publishing needs the recorded consent of the person or those who speak for them.
    ConsentMissing,
    /// A step that needs a stated reason.
    ReasonMissing,

    // Resources.
    /// What may carry an address has to name the case whose address that is.
    CaseMissing,
    /// The resource is retired: nothing about it changes any more.
    ResourceRetired,

    // Urgent actions.
    /// Not the number of an urgent action.
    NumberInvalid,
    /// The last day lies before the first.
    ExpiresBeforeIssue,
    /// More days than an urgent action may be open.
    ExpiryTooFar,
    /// The urgent action is withdrawn: nothing about it changes any more.
    UrgentActionWithdrawn,

    // Editions.
    /// The edition is archived: nothing in it changes any more.
    EditionArchived,

    // Reports.
    /// The lines of a kind say more than the number given for that kind.
    LinesBeyondNumber {
        /// The kind of action.
        kind: ActionKind,
        /// The number given for the kind.
        number: u64,
        /// What its lines add up to.
        lines: u64,
    },
    /// The key was used before with other content.
    KeyReusedWithOtherContent,
    /// Somebody changed it in the meantime.
    StaleRevision {
        /// The revision that stands now.
        current: u32,
    },
    /// The state of the report does not allow this.
    ReportStateForbids {
        /// The present state.
        state: ReportState,
    },

    // Events.
    /// Not a local time.
    LocalTimeInvalid,
    /// Clocks are put forward over this time: it never comes.
    LocalTimeSkipped {
        /// The local time.
        time: DateTime,
    },
    /// Clocks are put back over this time: it comes twice, and nobody said which one is meant.
    LocalTimeRepeated {
        /// The local time.
        time: DateTime,
    },
    /// A session that ends before it begins, or as it begins.
    SessionOutOfOrder,
    /// A session of more than a fortnight.
    SessionTooLong,
    /// A session that begins before another one ends.
    SessionsOverlap,
    /// A day of the session does not belong to the campaign.
    SessionOutsideCampaign {
        /// The first day of the campaign.
        opens_on: Date,
        /// The last day of the campaign.
        deadline_on: Date,
    },
    /// No place, or none with a country, where people meet somewhere.
    PlaceMissing,
    /// Coordinates beyond the poles or the date line.
    CoordinatesOutOfRange,
    /// A home whose exact place would be shown to everyone.
    HomeForEveryone,
    /// A venue on the internet for people who meet, or the other way round.
    VenueContradictsFormat,
    /// A number of people below 1 or above the most that makes sense.
    HeadcountOutOfRange,
    /// The goals of the cases add up to more than the goal of the whole.
    GoalsBeyondWhole {
        /// The goal of the whole.
        whole: u64,
        /// What the goals of the cases add up to.
        parts: u64,
    },
    /// Registration for the campaign has closed.
    RegistrationClosed {
        /// The first instant at which nobody may register any more.
        ended_at: Timestamp,
    },
    /// The event has not begun.
    EventNotBegun {
        /// When its first session begins.
        starts_at: Timestamp,
    },
    /// A report for an event of another campaign.
    EventForeign,
    /// The host has reported the event before.
    EventReported,
    /// There would be room for fewer people than are going.
    CapacityBelowGoing {
        /// How many are going.
        going: u32,
    },
    /// The state of the event does not allow this.
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
    /// Consent to be contacted by somebody who has not said to be of age.
    ConsentNeedsAdult,
    /// The code of a mail is too old.
    CodeExpired {
        /// The first instant at which it was.
        ended_at: Timestamp,
    },
    /// More letters are released than were pledged and not reported.
    ReleaseBeyondGoal {
        /// How many are pledged and not reported.
        remaining: u64,
    },
    /// The state of the participant does not allow this.
    ParticipantStateForbids {
        /// The present state.
        state: ParticipantState,
    },
    /// The state of the attendance does not allow this.
    AttendanceStateForbids {
        /// The present state.
        state: AttendanceState,
    },
}

impl ViolationKind {
    /// The stable code that clients act on.
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

    /// What to say about a window that takes nothing at this phase; `None` while it is open.
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
                write!(f, "At most {most} characters fit here; these are {length}.")
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
            Self::UrlNotSecure => f.write_str("This has to be an https address."),
            Self::EmailInvalid => f.write_str("This is not an e-mail address."),
            Self::SlugInvalid => f.write_str(
                "A slug is 1 to 80 lower-case letters a-z, digits and single hyphens between them.",
            ),
            Self::YearOutOfRange => {
                write!(
                    f,
                    "An edition's year lies between {} and {}.",
                    crate::edition::FIRST_YEAR,
                    crate::edition::LAST_YEAR
                )
            }
            Self::DateInvalid => f.write_str("This is not a day of the calendar (YYYY-MM-DD)."),
            Self::PartialDateInvalid => {
                f.write_str("This is not a day, month or year (YYYY-MM-DD, YYYY-MM or YYYY).")
            }
            Self::QuantityOutOfRange => {
                write!(f, "A quantity lies between 1 and {}.", crate::report::QUANTITY_MOST)
            }
            Self::QuantityNotWhole => f.write_str("A quantity is a whole number of things written."),
            Self::GoalOutOfRange { most } => write!(f, "A goal lies between 1 and {most}."),
            Self::LimitOutOfRange => {
                write!(f, "A plausible limit lies between 1 and {}.", crate::report::QUANTITY_MOST)
            }
            Self::GraceTooLong => {
                write!(f, "A campaign gives at most {} grace days.", crate::window::GRACE_DAYS_MOST)
            }
            Self::FigureOutOfRange => {
                write!(f, "A figure lies between 0 and {}.", crate::total::COUNT_MOST)
            }
            Self::KeyInvalid => write!(
                f,
                "An idempotency key is {} to {} printable ASCII characters; a random UUID serves well.",
                crate::report::KEY_LEAST,
                crate::report::KEY_MOST
            ),
            Self::TooManyReports => f.write_str(
                "More reports came from this address within this hour than can be looked at; please send it again \
                 in the next hour.",
            ),
            Self::TooMany { most } => write!(f, "At most {most} entries are taken at once."),
            Self::TooFew => f.write_str("At least one entry is needed."),
            Self::Repeated => f.write_str("The same entry stands here twice."),
            Self::NotFound { noun } => write!(f, "There is no such thing as {} here.", noun.with_article()),
            Self::AlreadyExists { noun } => write!(f, "There is {} like this already.", noun.with_article()),
            Self::CaseForeign => f.write_str("The campaign does not write for this case."),
            Self::WindowOutOfOrder => {
                f.write_str("A campaign opens first; registration and collection close on that day or later.")
            }
            Self::NotOpenYet { opens_at } => write!(f, "The campaign opens at {opens_at}."),
            Self::DeadlinePassed { ended_at } => {
                write!(f, "The collection deadline has passed: reports were taken until {ended_at}.")
            }
            Self::WrittenOutsideWindow { opens_on, deadline_on } => {
                write!(f, "Letters of this campaign are written from {opens_on} to {deadline_on}.")
            }
            Self::NeedsExtension => f.write_str(
                "What is over does not open again by a change of days; extend the deadline instead.",
            ),
            Self::NotAnExtension => f.write_str("An extension moves the deadline to a later day."),
            Self::CaseSuspended => {
                f.write_str("The case is suspended for safety: please do not write at the moment.")
            }
            Self::CaseClosed => f.write_str("The case is closed: letters are no longer collected."),
            Self::CaseStateForbids { state } => {
                write!(f, "This is not possible while the case is {state}.")
            }
            Self::ConsentMissing => f.write_str(
                "Publishing needs the recorded consent of the person or those who speak for them.",
            ),
            Self::ReasonMissing => f.write_str("Please say why."),
            Self::CaseMissing => f.write_str(
                "What may carry an address names its case, so that it is no longer given when the case is closed.",
            ),
            Self::ResourceRetired => f.write_str("The resource is retired: it no longer changes."),
            Self::NumberInvalid => f.write_str(
                "An urgent action has a number and the last two digits of its year, such as 15/22.",
            ),
            Self::ExpiresBeforeIssue => f.write_str("An urgent action expires on its first day or later."),
            Self::ExpiryTooFar => write!(
                f,
                "An urgent action expires {} days after its first day at the latest.",
                crate::urgent_action::DAYS_MOST
            ),
            Self::UrgentActionWithdrawn => {
                f.write_str("The urgent action is withdrawn: it no longer changes.")
            }
            Self::EditionArchived => f.write_str("The edition is archived: it no longer changes."),
            Self::LinesBeyondNumber { kind, number, lines } => {
                write!(f, "The lines of {kind} add up to {lines}, more than the {number} given for the kind.")
            }
            Self::KeyReusedWithOtherContent => {
                f.write_str("This idempotency key was used before with other content.")
            }
            Self::StaleRevision { current } => {
                write!(f, "It was changed in the meantime: the present revision is {current}.")
            }
            Self::ReportStateForbids { state } => {
                write!(f, "This is not possible while the report is {state}.")
            }
            Self::LocalTimeInvalid => f.write_str("This is not a local time (YYYY-MM-DDTHH:MM)."),
            Self::LocalTimeSkipped { time } => {
                write!(f, "Clocks are put forward over {time} in this zone: it never comes.")
            }
            Self::LocalTimeRepeated { time } => {
                write!(
                    f,
                    "Clocks are put back over {time} in this zone: please say which of the two is meant."
                )
            }
            Self::SessionOutOfOrder => f.write_str("A session ends after it begins."),
            Self::SessionTooLong => {
                write!(f, "A session takes at most {} days.", crate::event::SESSION_DAYS_MOST)
            }
            Self::SessionsOverlap => f.write_str("This session begins before another one ends."),
            Self::SessionOutsideCampaign { opens_on, deadline_on } => {
                write!(f, "Events of this campaign take place from {opens_on} to {deadline_on}.")
            }
            Self::PlaceMissing => {
                f.write_str("An event needs a place, at least its country, unless it is online.")
            }
            Self::CoordinatesOutOfRange => {
                f.write_str("Latitudes lie between -90 and 90 degrees, longitudes between -180 and 180.")
            }
            Self::HomeForEveryone => f.write_str("A home is never shown beyond its locality to everyone."),
            Self::VenueContradictsFormat => {
                f.write_str("An online event has the venue kind ONLINE, and no other event has.")
            }
            Self::HeadcountOutOfRange => {
                write!(f, "A number of people lies between 1 and {}.", crate::event::HEADCOUNT_MOST)
            }
            Self::GoalsBeyondWhole { whole, parts } => {
                write!(f, "The goals of the cases add up to {parts}, more than the {whole} of the whole.")
            }
            Self::RegistrationClosed { ended_at } => {
                write!(f, "Registration has closed: it was open until {ended_at}.")
            }
            Self::EventNotBegun { starts_at } => write!(f, "The event begins at {starts_at}."),
            Self::EventForeign => f.write_str("The event belongs to another campaign."),
            Self::EventReported => {
                f.write_str("The host has reported this event before: correct that report instead.")
            }
            Self::CapacityBelowGoing { going } => {
                write!(f, "{going} people are going: there has to be room for them.")
            }
            Self::EventStateForbids { state } => {
                write!(f, "This is not possible while the event is {state}.")
            }
            Self::EventOver { ended_at } => write!(f, "The event was over at {ended_at}."),
            Self::ConsentNeedsAdult => f.write_str(
                "Only who says to be 18 or older can agree to be contacted: children are on no mailing list.",
            ),
            Self::CodeExpired { ended_at } => {
                write!(f, "This code was good until {ended_at}: please ask for a new one.")
            }
            Self::ReleaseBeyondGoal { remaining } => {
                write!(f, "{remaining} letters of the goal are not reported: no more than that can be released.")
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
