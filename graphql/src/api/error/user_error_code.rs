//! The closed list of validation errors in the API.

use async_graphql::{Enum, resolver_utils::EnumType};
use domain::ViolationKind;

/// The kind of a validation error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum UserErrorCode {
    /// A required text is missing or has only white space.
    Required,
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
    PlausibilityLimitOutOfRange,
    /// The number of grace days is above the maximum.
    GraceDaysOutOfRange,
    /// The published figure is too large to be represented exactly.
    FigureOutOfRange,
    /// The idempotency key is not 16 to 128 printable ASCII characters without spaces.
    IdempotencyKeyInvalid,
    /// The list has more entries than allowed.
    TooManyItems,
    /// Too many reports from this address await review within the hour. Send it again in the next
    /// hour.
    TooManyReports,
    /// The list requires at least one entry.
    TooFewItems,
    /// The list has a duplicate entry.
    Duplicate,
    /// The object does not exist, or the viewer has no access to it.
    NotFound,
    /// An object with this identifier already exists.
    AlreadyExists,
    /// The case belongs to another edition, or is not included in this campaign.
    CaseNotInCampaign,
    /// The days of the campaign are not in order.
    WindowOutOfOrder,
    /// The campaign has not opened yet. Try again on its opening day.
    CampaignNotOpen,
    /// The collection deadline and any grace days are over. Staff can still submit a report.
    DeadlinePassed,
    /// The date of writing is before the opening day or after the collection deadline.
    WrittenOutsideWindow,
    /// The instant has not come yet.
    InTheFuture,
    /// The change would reopen what is over. Use `campaignExtend` instead.
    UseExtension,
    /// The new day of an extension is not later than the present one.
    NotAnExtension,
    /// The case is suspended for safety, and nothing says that the letters were written before: do not write at the
    /// moment.
    CaseSuspended,
    /// The case is closed, and nothing says that the letters were written before.
    CaseClosed,
    /// The state of the case does not allow this operation.
    CaseStateInvalid,
    /// Publishing requires the recorded consent of the person or their representatives.
    ConsentMissing,
    /// A reason is required.
    ReasonMissing,
    /// A resource that may contain an address must name its case.
    CaseMissing,
    /// The resource is retired and can no longer be changed.
    ResourceRetired,
    /// Not the number of an urgent action, such as `15/22`.
    UrgentActionNumberInvalid,
    /// The last day of the urgent action is before its first day.
    ExpiresBeforeIssue,
    /// The urgent action would be open longer than allowed. Extend it later instead.
    ExpiryTooFar,
    /// The urgent action is withdrawn and can no longer be changed.
    UrgentActionWithdrawn,
    /// The edition is archived and can no longer be changed.
    EditionArchived,
    /// The lines of a kind add up to more than the total given for that kind.
    LinesExceedTotal,
    /// The kind of action says only that no kind is known. Only statements use it.
    KindUnspecified,
    /// The viewer may not give this origin.
    OriginNotAllowed,
    /// The total has reached the threshold of the new milestone already.
    MilestoneReached,
    /// A milestone of the same number holds already.
    MilestoneExists,
    /// The total is certified already. A change of it now is a correction.
    AlreadyCertified,
    /// Reports are still accepted: a total is certified when the deadline and the grace days are over.
    TotalNotComplete,
    /// The counters differ from a recount of the reports. They have to be repaired before.
    RecountDiffers,
    /// The total is certified, so that only staff correct it.
    TotalCertified,
    /// A statement of the same scope holds already. Revise it, or withdraw it first.
    StatementExists,
    /// The statement is withdrawn.
    StatementWithdrawn,
    /// A statement would contain itself, directly or through others.
    StatementRing,
    /// The statement lies in another one already.
    StatementContained,
    /// The scope of the contained statement is not inside the scope of the one that is to contain it.
    StatementTooWide,
    /// Reports made here are not told apart by part or way, so a statement of a part or of one way cannot contain them.
    ReportsNotTold,
    /// The idempotency key was used before with other content. Use a new key for a new request.
    IdempotencyKeyConflict,
    /// The object was changed in the meantime. Read it again before changing it.
    StaleRevision,
    /// A figure so far is lower than the one before. Send it with `IN_ADDITION`, or send `reportCorrect` with a
    /// reason.
    FigureBelowPrevious,
    /// The state of the report does not allow this operation.
    ReportStateInvalid,
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
    HomeLocationPublic,
    /// An online event requires the venue kind `ONLINE`, and no other event may have it.
    VenueContradictsFormat,
    /// The number of people is below 1 or above 100,000.
    HeadcountOutOfRange,
    /// The goals of the cases add up to more than the overall goal.
    CaseGoalsExceedGoal,
    /// Registration for the campaign has closed.
    RegistrationClosed,
    /// The event has not begun yet.
    EventNotBegun,
    /// The event belongs to another campaign than the report.
    EventNotInCampaign,
    /// The event already has an active report by its host, its `hostReport`. Send a later figure with `reportUpdate`,
    /// or replace it with `reportCorrect`.
    EventReported,
    /// The group belongs to another campaign.
    GroupNotInCampaign,
    /// The group already has an active report. Send a later figure with `reportUpdate`, or replace it with
    /// `reportCorrect`.
    GroupReported,
    /// More groups would lie above each other than allowed.
    GroupTooDeep,
    /// The group does not wish to be listed: `isPublic` is false.
    GroupNotPublic,
    /// The group has reports or groups of its own, so it cannot be removed.
    GroupInUse,
    /// The capacity is lower than the number of attendees.
    CapacityBelowGoing,
    /// The state of the event does not allow this operation.
    EventStateInvalid,
    /// The last session of the event is over.
    EventOver,
    /// Consent to be contacted requires an age of 18 or older.
    ConsentNeedsAdult,
    /// The code has expired. Register again to get a new one by mail.
    CodeExpired,
    /// The number of letters to release exceeds the pledged letters that are not reported.
    ReleaseExceedsGoal,
    /// The state of the participant does not allow this operation.
    ParticipantStateInvalid,
    /// The state of the attendance does not allow this operation.
    AttendanceStateInvalid,
}

impl From<&ViolationKind> for UserErrorCode {
    /// The code with the same spelling. A test compares both lists, so that none is missing.
    fn from(rule: &ViolationKind) -> Self {
        let same = Self::items().iter().find(|item| item.name == rule.code());
        same.expect("every rule of the domain has its code in the schema").value
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_of_the_domain_has_a_code_of_the_same_spelling_and_no_code_is_left_over() {
        let rules: BTreeSet<_> = ViolationKind::CODES.iter().copied().collect();
        let codes: BTreeSet<_> = UserErrorCode::items().iter().map(|item| item.name).collect();
        assert_eq!(rules, codes);
        assert_eq!(rules.len(), ViolationKind::CODES.len(), "two rules have the same code");
    }

    #[test]
    fn a_rule_with_values_has_the_code_of_the_rule() {
        let stale = UserErrorCode::from(&ViolationKind::StaleRevision { current: 2 });
        assert_eq!(stale, UserErrorCode::StaleRevision);
    }
}
