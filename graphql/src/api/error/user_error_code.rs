//! The closed list of validation errors in the API.

use async_graphql::Enum;
use domain::ViolationKind;

/// The kind of a validation error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum UserErrorCode {
    /// A required text is missing or has only white space.
    TextEmpty,
    /// The text is longer than allowed.
    TextTooLong,
    /// The text contains a control character that is not allowed.
    ControlCharacter,
    /// The text contains a bidirectional override, which can disguise a name.
    BidirectionalOverride,
    /// Not a language of the BCP 47 registry.
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
    /// Not a valid e-mail address.
    EmailInvalid,
    /// Not a slug: lower-case letters a–z, digits, and single hyphens between them.
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
    GoalOutOfRange,
    /// The plausibility limit is below 1 or above the maximum of one line.
    LimitOutOfRange,
    /// The number of grace days is above the maximum.
    GraceTooLong,
    /// The published figure is too large to be represented exactly.
    FigureOutOfRange,
    /// The idempotency key is not 16 to 128 printable ASCII characters without spaces.
    KeyInvalid,
    /// The list has more entries than allowed.
    TooMany,
    /// Too many reports from this address are held for review within the hour. Send it again in the next
    /// hour.
    TooManyReports,
    /// The list requires at least one entry.
    TooFew,
    /// The list has a duplicate entry.
    Repeated,
    /// The object does not exist, or the viewer has no access to it.
    NotFound,
    /// An object with this identifier already exists.
    AlreadyExists,
    /// The case belongs to another edition, or is not included in this campaign.
    CaseForeign,
    /// The days of the campaign are not in order.
    WindowOutOfOrder,
    /// The campaign has not opened yet. Try again on its opening day.
    NotOpenYet,
    /// The collection deadline and any grace days are over. Staff can still submit a report.
    DeadlinePassed,
    /// The date of writing is before the opening day or after the collection deadline.
    WrittenOutsideWindow,
    /// The change would reopen what is over. Use `campaignExtend` instead.
    NeedsExtension,
    /// The new day of an extension is not later than the present one.
    NotAnExtension,
    /// The case is suspended for safety: do not write at the moment.
    CaseSuspended,
    /// The case is closed: letters are no longer accepted.
    CaseClosed,
    /// The state of the case does not allow this operation.
    CaseStateForbids,
    /// Publishing requires the recorded consent of the person or their representatives.
    ConsentMissing,
    /// A reason is required.
    ReasonMissing,
    /// A resource that may contain an address must name its case.
    CaseMissing,
    /// The resource is retired and can no longer be changed.
    ResourceRetired,
    /// Not the number of an urgent action, such as `15/22`.
    NumberInvalid,
    /// The last day of the urgent action is before its first day.
    ExpiresBeforeIssue,
    /// The urgent action would be open longer than allowed. Extend it later instead.
    ExpiryTooFar,
    /// The urgent action is withdrawn and can no longer be changed.
    UrgentActionWithdrawn,
    /// The edition is archived and can no longer be changed.
    EditionArchived,
    /// The lines of a kind add up to more than the total given for that kind.
    LinesBeyondNumber,
    /// The idempotency key was used before with other content. Use a new key for a new request.
    KeyReusedWithOtherContent,
    /// The object was changed in the meantime. Read it again before changing it.
    StaleRevision,
    /// The state of the report does not allow this operation.
    ReportStateForbids,
    /// Not a local time (`YYYY-MM-DDTHH:MM`).
    LocalTimeInvalid,
    /// The local time does not exist: clocks are put forward over it.
    LocalTimeSkipped,
    /// The local time occurs twice, because clocks are put back. State which of the two is meant.
    LocalTimeRepeated,
    /// The session does not end after it begins.
    SessionOutOfOrder,
    /// The session is longer than 14 days.
    SessionTooLong,
    /// The session overlaps another session.
    SessionsOverlap,
    /// The session is outside the campaign's days. Staff are exempt.
    SessionOutsideCampaign,
    /// An event that is not online requires a place with a country.
    PlaceMissing,
    /// The coordinates are out of range.
    CoordinatesOutOfRange,
    /// The exact place of a home cannot be visible to everyone.
    HomeForEveryone,
    /// An online event requires the venue kind `ONLINE`, and no other event may have it.
    VenueContradictsFormat,
    /// The number of people is below 1 or above 100,000.
    HeadcountOutOfRange,
    /// The goals of the cases add up to more than the overall goal.
    GoalsBeyondWhole,
    /// Registration for the campaign has closed.
    RegistrationClosed,
    /// The event has not begun yet.
    EventNotBegun,
    /// The event belongs to another campaign than the report.
    EventForeign,
    /// The event already has a report by its host. Correct that one instead: it is the event's `hostReport`.
    EventReported,
    /// The capacity is lower than the number of attendees.
    CapacityBelowGoing,
    /// The state of the event does not allow this operation.
    EventStateForbids,
    /// The last session of the event is over.
    EventOver,
    /// Consent to be contacted requires an age of 18 or older.
    ConsentNeedsAdult,
    /// The code has expired. Register again to get a new one by mail.
    CodeExpired,
    /// The number of letters to release exceeds the pledged letters that are not reported.
    ReleaseBeyondGoal,
    /// The state of the participant does not allow this operation.
    ParticipantStateForbids,
    /// The state of the attendance does not allow this operation.
    AttendanceStateForbids,
}

impl From<&ViolationKind> for UserErrorCode {
    fn from(rule: &ViolationKind) -> Self {
        // Without a wildcard, so that a rule without a code does not compile.
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
            ViolationKind::YearOutOfRange { .. } => Self::YearOutOfRange,
            ViolationKind::DateInvalid => Self::DateInvalid,
            ViolationKind::PartialDateInvalid => Self::PartialDateInvalid,
            ViolationKind::QuantityOutOfRange { .. } => Self::QuantityOutOfRange,
            ViolationKind::QuantityNotWhole => Self::QuantityNotWhole,
            ViolationKind::GoalOutOfRange { .. } => Self::GoalOutOfRange,
            ViolationKind::LimitOutOfRange { .. } => Self::LimitOutOfRange,
            ViolationKind::GraceTooLong { .. } => Self::GraceTooLong,
            ViolationKind::FigureOutOfRange { .. } => Self::FigureOutOfRange,
            ViolationKind::KeyInvalid { .. } => Self::KeyInvalid,
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
            ViolationKind::ExpiryTooFar { .. } => Self::ExpiryTooFar,
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
            ViolationKind::SessionTooLong { .. } => Self::SessionTooLong,
            ViolationKind::SessionsOverlap => Self::SessionsOverlap,
            ViolationKind::SessionOutsideCampaign { .. } => Self::SessionOutsideCampaign,
            ViolationKind::PlaceMissing => Self::PlaceMissing,
            ViolationKind::CoordinatesOutOfRange => Self::CoordinatesOutOfRange,
            ViolationKind::HomeForEveryone => Self::HomeForEveryone,
            ViolationKind::VenueContradictsFormat => Self::VenueContradictsFormat,
            ViolationKind::HeadcountOutOfRange { .. } => Self::HeadcountOutOfRange,
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
