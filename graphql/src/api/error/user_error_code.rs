//! The closed list of rules that can say no, as clients know them.

use async_graphql::Enum;
use domain::ViolationKind;

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

impl From<&ViolationKind> for UserErrorCode {
    fn from(rule: &ViolationKind) -> Self {
        // No wildcard: a rule that nobody has given a code does not compile.
        match rule {
            ViolationKind::TextEmpty => Self::TextEmpty,
            ViolationKind::TextTooLong { .. } => Self::TextTooLong,
            ViolationKind::ControlCharacter { .. } => Self::ControlCharacter,
            ViolationKind::BidirectionalOverride { .. } => Self::BidirectionalOverride,
            ViolationKind::LanguageUnknown => Self::LanguageUnknown,
            ViolationKind::TimeZoneUnknown => Self::TimeZoneUnknown,
            ViolationKind::CountryUnknown => Self::CountryUnknown,
            ViolationKind::RegionUnknown => Self::RegionUnknown,
            ViolationKind::RegionOutsideCountry => Self::RegionOutsideCountry,
            ViolationKind::UrlInvalid => Self::UrlInvalid,
            ViolationKind::UrlNotSecure => Self::UrlNotSecure,
            ViolationKind::EmailInvalid => Self::EmailInvalid,
            ViolationKind::SlugInvalid => Self::SlugInvalid,
            ViolationKind::YearOutOfRange => Self::YearOutOfRange,
            ViolationKind::DateInvalid => Self::DateInvalid,
            ViolationKind::PartialDateInvalid => Self::PartialDateInvalid,
            ViolationKind::QuantityOutOfRange => Self::QuantityOutOfRange,
            ViolationKind::QuantityNotWhole => Self::QuantityNotWhole,
            ViolationKind::GoalOutOfRange { .. } => Self::GoalOutOfRange,
            ViolationKind::LimitOutOfRange => Self::LimitOutOfRange,
            ViolationKind::GraceTooLong => Self::GraceTooLong,
            ViolationKind::FigureOutOfRange => Self::FigureOutOfRange,
            ViolationKind::KeyInvalid => Self::KeyInvalid,
            ViolationKind::TooMany { .. } => Self::TooMany,
            ViolationKind::TooManyReports => Self::TooManyReports,
            ViolationKind::TooFew => Self::TooFew,
            ViolationKind::Repeated => Self::Repeated,
            ViolationKind::NotFound { .. } => Self::NotFound,
            ViolationKind::AlreadyExists { .. } => Self::AlreadyExists,
            ViolationKind::CaseForeign => Self::CaseForeign,
            ViolationKind::WindowOutOfOrder => Self::WindowOutOfOrder,
            ViolationKind::NotOpenYet { .. } => Self::NotOpenYet,
            ViolationKind::DeadlinePassed { .. } => Self::DeadlinePassed,
            ViolationKind::WrittenOutsideWindow { .. } => Self::WrittenOutsideWindow,
            ViolationKind::NeedsExtension => Self::NeedsExtension,
            ViolationKind::NotAnExtension => Self::NotAnExtension,
            ViolationKind::CaseSuspended => Self::CaseSuspended,
            ViolationKind::CaseClosed => Self::CaseClosed,
            ViolationKind::CaseStateForbids { .. } => Self::CaseStateForbids,
            ViolationKind::ConsentMissing => Self::ConsentMissing,
            ViolationKind::ReasonMissing => Self::ReasonMissing,
            ViolationKind::CaseMissing => Self::CaseMissing,
            ViolationKind::ResourceRetired => Self::ResourceRetired,
            ViolationKind::NumberInvalid => Self::NumberInvalid,
            ViolationKind::ExpiresBeforeIssue => Self::ExpiresBeforeIssue,
            ViolationKind::ExpiryTooFar => Self::ExpiryTooFar,
            ViolationKind::UrgentActionWithdrawn => Self::UrgentActionWithdrawn,
            ViolationKind::EditionArchived => Self::EditionArchived,
            ViolationKind::LinesBeyondNumber { .. } => Self::LinesBeyondNumber,
            ViolationKind::KeyReusedWithOtherContent => Self::KeyReusedWithOtherContent,
            ViolationKind::StaleRevision { .. } => Self::StaleRevision,
            ViolationKind::ReportStateForbids { .. } => Self::ReportStateForbids,
            ViolationKind::LocalTimeInvalid => Self::LocalTimeInvalid,
            ViolationKind::LocalTimeSkipped { .. } => Self::LocalTimeSkipped,
            ViolationKind::LocalTimeRepeated { .. } => Self::LocalTimeRepeated,
            ViolationKind::SessionOutOfOrder => Self::SessionOutOfOrder,
            ViolationKind::SessionTooLong => Self::SessionTooLong,
            ViolationKind::SessionsOverlap => Self::SessionsOverlap,
            ViolationKind::SessionOutsideCampaign { .. } => Self::SessionOutsideCampaign,
            ViolationKind::PlaceMissing => Self::PlaceMissing,
            ViolationKind::CoordinatesOutOfRange => Self::CoordinatesOutOfRange,
            ViolationKind::HomeForEveryone => Self::HomeForEveryone,
            ViolationKind::VenueContradictsFormat => Self::VenueContradictsFormat,
            ViolationKind::HeadcountOutOfRange => Self::HeadcountOutOfRange,
            ViolationKind::GoalsBeyondWhole { .. } => Self::GoalsBeyondWhole,
            ViolationKind::RegistrationClosed { .. } => Self::RegistrationClosed,
            ViolationKind::EventNotBegun { .. } => Self::EventNotBegun,
            ViolationKind::EventForeign => Self::EventForeign,
            ViolationKind::EventReported => Self::EventReported,
            ViolationKind::CapacityBelowGoing { .. } => Self::CapacityBelowGoing,
            ViolationKind::EventStateForbids { .. } => Self::EventStateForbids,
            ViolationKind::EventOver { .. } => Self::EventOver,
            ViolationKind::ConsentNeedsAdult => Self::ConsentNeedsAdult,
            ViolationKind::CodeExpired { .. } => Self::CodeExpired,
            ViolationKind::ReleaseBeyondGoal { .. } => Self::ReleaseBeyondGoal,
            ViolationKind::ParticipantStateForbids { .. } => Self::ParticipantStateForbids,
            ViolationKind::AttendanceStateForbids { .. } => Self::AttendanceStateForbids,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::enum_value;

    use super::*;

    #[test]
    fn a_code_is_spelled_alike_in_every_layer() {
        let spelled = |rule: &ViolationKind| enum_value(UserErrorCode::from(rule)).to_string();
        for rule in [
            ViolationKind::TimeZoneUnknown,
            ViolationKind::UrlInvalid,
            ViolationKind::TooFew,
            ViolationKind::KeyReusedWithOtherContent,
            ViolationKind::StaleRevision { current: 2 },
        ] {
            assert_eq!(spelled(&rule), rule.code());
        }
    }
}
