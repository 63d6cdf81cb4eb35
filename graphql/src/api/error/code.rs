//! The closed list of rules that can say no, as clients know them.

use async_graphql::Enum;
use domain::Rule;

/// The rules that can say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum UserErrorCode {
    /// Nothing but white space where a text is needed.
    TextEmpty,
    /// More characters than fit.
    TextTooLong,
    /// A control character that has no place here.
    ControlCharacter,
    /// A bidirectional override, which can make a name read as another one.
    BidirectionalOverride,
    /// Not a language of the BCP 47 registry.
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
    /// Not an e-mail address.
    EmailInvalid,
    /// Not a slug: lower-case letters a–z, digits, and single hyphens between them.
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
    GoalOutOfRange,
    /// A plausible limit below 1 or above the most that one line may say.
    LimitOutOfRange,
    /// More grace days than a campaign may give.
    GraceTooLong,
    /// A published figure beyond what can be counted exactly.
    FigureOutOfRange,
    /// An idempotency key that is not 16 to 128 printable ASCII characters without spaces.
    KeyInvalid,
    /// More entries in a list than are taken at once.
    TooMany,
    /// So many reports of one address are held within an hour that staff could not look at more. Send it again in the
    /// next hour.
    TooManyReports,
    /// A list that needs at least one entry.
    TooFew,
    /// The same entry twice in a list where each may stand once.
    Repeated,
    /// There is no such thing, or it is not for you to know of.
    NotFound,
    /// There is one already.
    AlreadyExists,
    /// The case belongs to another edition, or this campaign did not pick it.
    CaseForeign,
    /// The days of a campaign are not in their order.
    WindowOutOfOrder,
    /// The campaign has not opened. Try again on its opening day.
    NotOpenYet,
    /// The collection deadline and any grace days are over. Staff may still enter a report.
    DeadlinePassed,
    /// Written before the opening day or after the collection deadline.
    WrittenOutsideWindow,
    /// A change of days that would open again what is over: extend the deadline instead.
    NeedsExtension,
    /// An extension that does not move the deadline to a later day.
    NotAnExtension,
    /// The case is suspended for safety: nobody should write at the moment.
    CaseSuspended,
    /// The case is closed: letters are no longer collected.
    CaseClosed,
    /// The state of the case does not allow this.
    CaseStateForbids,
    /// Publishing needs the recorded consent of the person or those who speak for them.
    ConsentMissing,
    /// A step that needs a stated reason.
    ReasonMissing,
    /// What may carry an address has to name the case whose address that is.
    CaseMissing,
    /// The resource is retired: nothing about it changes any more.
    ResourceRetired,
    /// Not the number of an urgent action, such as `15/22`.
    NumberInvalid,
    /// The last day of an urgent action lies before its first.
    ExpiresBeforeIssue,
    /// More days than an urgent action may be open. Extend it when the time comes.
    ExpiryTooFar,
    /// The urgent action is withdrawn: nothing about it changes any more.
    UrgentActionWithdrawn,
    /// The edition is archived: nothing in it changes any more.
    EditionArchived,
    /// The lines of a kind say more than the number given for that kind.
    LinesBeyondNumber,
    /// The idempotency key was used before with other content. Use a new key for a new report.
    KeyReusedWithOtherContent,
    /// Somebody changed it in the meantime. Read it again and decide anew.
    StaleRevision,
    /// The state of the report does not allow this.
    ReportStateForbids,
    /// Not a local time (`YYYY-MM-DDTHH:MM`).
    LocalTimeInvalid,
    /// Clocks are put forward over this time: it never comes.
    LocalTimeSkipped,
    /// Clocks are put back over this time: say which of the two is meant.
    LocalTimeRepeated,
    /// A session ends after it begins.
    SessionOutOfOrder,
    /// A session of more than a fortnight.
    SessionTooLong,
    /// The session begins before another one ends.
    SessionsOverlap,
    /// A day of the session does not belong to the campaign. Staff may let it lie outside.
    SessionOutsideCampaign,
    /// No place, or none with a country, where people meet somewhere.
    PlaceMissing,
    /// Coordinates beyond the poles or the date line.
    CoordinatesOutOfRange,
    /// The exact place of a home is never for everyone.
    HomeForEveryone,
    /// An online event has the venue kind `ONLINE`, and no other event has.
    VenueContradictsFormat,
    /// A number of people below 1 or above 100,000.
    HeadcountOutOfRange,
    /// The goals of the cases add up to more than the goal of the whole.
    GoalsBeyondWhole,
    /// Registration for the campaign has closed.
    RegistrationClosed,
    /// The event has not begun.
    EventNotBegun,
    /// The event belongs to another campaign than the report.
    EventForeign,
    /// The host has reported the event before. Correct that report instead: it is the event's
    /// `hostReport`.
    EventReported,
    /// There would be room for fewer people than are going.
    CapacityBelowGoing,
    /// The state of the event does not allow this.
    EventStateForbids,
    /// The last session of the event is over.
    EventOver,
    /// Only who says to be 18 or older can agree to be contacted.
    ConsentNeedsAdult,
    /// The code of a mail is too old. Register again, and another one is sent.
    CodeExpired,
    /// More letters are released than were pledged and not reported.
    ReleaseBeyondGoal,
    /// The state of the participant does not allow this.
    ParticipantStateForbids,
    /// The state of the attendance does not allow this.
    AttendanceStateForbids,
}

impl From<&Rule> for UserErrorCode {
    fn from(rule: &Rule) -> Self {
        // No wildcard: a rule that nobody has given a code does not compile.
        match rule {
            Rule::TextEmpty => Self::TextEmpty,
            Rule::TextTooLong { .. } => Self::TextTooLong,
            Rule::ControlCharacter { .. } => Self::ControlCharacter,
            Rule::BidirectionalOverride { .. } => Self::BidirectionalOverride,
            Rule::LanguageUnknown => Self::LanguageUnknown,
            Rule::TimeZoneUnknown => Self::TimeZoneUnknown,
            Rule::CountryUnknown => Self::CountryUnknown,
            Rule::RegionUnknown => Self::RegionUnknown,
            Rule::RegionOutsideCountry => Self::RegionOutsideCountry,
            Rule::UrlInvalid => Self::UrlInvalid,
            Rule::UrlNotSecure => Self::UrlNotSecure,
            Rule::EmailInvalid => Self::EmailInvalid,
            Rule::SlugInvalid => Self::SlugInvalid,
            Rule::YearOutOfRange => Self::YearOutOfRange,
            Rule::DateInvalid => Self::DateInvalid,
            Rule::PartialDateInvalid => Self::PartialDateInvalid,
            Rule::QuantityOutOfRange => Self::QuantityOutOfRange,
            Rule::QuantityNotWhole => Self::QuantityNotWhole,
            Rule::GoalOutOfRange { .. } => Self::GoalOutOfRange,
            Rule::LimitOutOfRange => Self::LimitOutOfRange,
            Rule::GraceTooLong => Self::GraceTooLong,
            Rule::FigureOutOfRange => Self::FigureOutOfRange,
            Rule::KeyInvalid => Self::KeyInvalid,
            Rule::TooMany { .. } => Self::TooMany,
            Rule::TooManyReports => Self::TooManyReports,
            Rule::TooFew => Self::TooFew,
            Rule::Repeated => Self::Repeated,
            Rule::NotFound { .. } => Self::NotFound,
            Rule::AlreadyExists { .. } => Self::AlreadyExists,
            Rule::CaseForeign => Self::CaseForeign,
            Rule::WindowOutOfOrder => Self::WindowOutOfOrder,
            Rule::NotOpenYet { .. } => Self::NotOpenYet,
            Rule::DeadlinePassed { .. } => Self::DeadlinePassed,
            Rule::WrittenOutsideWindow { .. } => Self::WrittenOutsideWindow,
            Rule::NeedsExtension => Self::NeedsExtension,
            Rule::NotAnExtension => Self::NotAnExtension,
            Rule::CaseSuspended => Self::CaseSuspended,
            Rule::CaseClosed => Self::CaseClosed,
            Rule::CaseStateForbids { .. } => Self::CaseStateForbids,
            Rule::ConsentMissing => Self::ConsentMissing,
            Rule::ReasonMissing => Self::ReasonMissing,
            Rule::CaseMissing => Self::CaseMissing,
            Rule::ResourceRetired => Self::ResourceRetired,
            Rule::NumberInvalid => Self::NumberInvalid,
            Rule::ExpiresBeforeIssue => Self::ExpiresBeforeIssue,
            Rule::ExpiryTooFar => Self::ExpiryTooFar,
            Rule::UrgentActionWithdrawn => Self::UrgentActionWithdrawn,
            Rule::EditionArchived => Self::EditionArchived,
            Rule::LinesBeyondNumber { .. } => Self::LinesBeyondNumber,
            Rule::KeyReusedWithOtherContent => Self::KeyReusedWithOtherContent,
            Rule::StaleRevision { .. } => Self::StaleRevision,
            Rule::ReportStateForbids { .. } => Self::ReportStateForbids,
            Rule::LocalTimeInvalid => Self::LocalTimeInvalid,
            Rule::LocalTimeSkipped { .. } => Self::LocalTimeSkipped,
            Rule::LocalTimeRepeated { .. } => Self::LocalTimeRepeated,
            Rule::SessionOutOfOrder => Self::SessionOutOfOrder,
            Rule::SessionTooLong => Self::SessionTooLong,
            Rule::SessionsOverlap => Self::SessionsOverlap,
            Rule::SessionOutsideCampaign { .. } => Self::SessionOutsideCampaign,
            Rule::PlaceMissing => Self::PlaceMissing,
            Rule::CoordinatesOutOfRange => Self::CoordinatesOutOfRange,
            Rule::HomeForEveryone => Self::HomeForEveryone,
            Rule::VenueContradictsFormat => Self::VenueContradictsFormat,
            Rule::HeadcountOutOfRange => Self::HeadcountOutOfRange,
            Rule::GoalsBeyondWhole { .. } => Self::GoalsBeyondWhole,
            Rule::RegistrationClosed { .. } => Self::RegistrationClosed,
            Rule::EventNotBegun { .. } => Self::EventNotBegun,
            Rule::EventForeign => Self::EventForeign,
            Rule::EventReported => Self::EventReported,
            Rule::CapacityBelowGoing { .. } => Self::CapacityBelowGoing,
            Rule::EventStateForbids { .. } => Self::EventStateForbids,
            Rule::EventOver { .. } => Self::EventOver,
            Rule::ConsentNeedsAdult => Self::ConsentNeedsAdult,
            Rule::CodeExpired { .. } => Self::CodeExpired,
            Rule::ReleaseBeyondGoal { .. } => Self::ReleaseBeyondGoal,
            Rule::ParticipantStateForbids { .. } => Self::ParticipantStateForbids,
            Rule::AttendanceStateForbids { .. } => Self::AttendanceStateForbids,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::enum_value;

    use super::*;

    #[test]
    fn a_code_is_spelled_alike_in_every_layer() {
        let spelled = |rule: &Rule| enum_value(UserErrorCode::from(rule)).to_string();
        for rule in [
            Rule::TimeZoneUnknown,
            Rule::UrlInvalid,
            Rule::TooFew,
            Rule::KeyReusedWithOtherContent,
            Rule::StaleRevision { current: 2 },
        ] {
            assert_eq!(spelled(&rule), rule.code());
        }
    }
}
