//! The orders of the lists. A cursor names the order that it is a position of.

use super::ApiError;

/// What a list contains and how it is ordered. A cursor is valid in each list of its order and in no other: the
/// cases of an edition by name, but not its campaigns, and not its cases by country. The numbers are part of
/// cursors, which clients may keep: a number is not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ListOrder {
    /// Editions, newest first.
    EditionsByYear = 1,
    /// Sections by code.
    SectionsByCode = 2,
    /// Campaigns by the code of their section.
    CampaignsBySection = 3,
    /// Campaigns by the year of their edition, newest first.
    CampaignsByYear = 4,
    /// Cases by name.
    CasesByName = 5,
    /// Cases by country and name.
    CasesByCountry = 6,
    /// Cases by their last change, newest first.
    CasesByNewestUpdate = 7,
    /// Cases by their last change, oldest first.
    CasesByOldestUpdate = 8,
    /// Reports that are held, by arrival.
    HeldReports = 9,
    /// Events by start.
    EventsByStart = 10,
    /// Events by distance.
    EventsByDistance = 11,
    /// Events that await review, by their last change.
    EventsToReview = 12,
    /// Attendances of an event by number.
    AttendancesByNumber = 14,
    /// Events with a report due, by end.
    EventsAwaitingReport = 16,
    /// Reports of one person, by arrival.
    ReportsOfOwner = 17,
    /// Reports of the guests of an event, by arrival.
    ReportsOfGuests = 18,
    /// Groups by letters, the most first.
    GroupsByLetters = 19,
    /// Groups by letters for each thousand people, the most first.
    GroupsByLettersPerThousand = 20,
    /// Resources by kind and title.
    ResourcesByKind = 31,
    /// Urgent actions by issue, newest first.
    UrgentActionsByIssue = 32,
    /// Notices whose delivery is uncertain, by creation.
    UncertainNotices = 33,
}

impl ListOrder {
    /// The first byte of the sort keys of the list.
    pub(super) const fn number(self) -> u8 {
        self as u8
    }
}

/// The error for a cursor of another list, or of the same list in another order.
pub(crate) fn foreign_cursor(argument: &str) -> ApiError {
    ApiError::bad_input(format!(
        "`{argument}` is a cursor of another list, or of this list in another order."
    ))
}
