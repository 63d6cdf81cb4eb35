//! A revision of a report.

use async_graphql::{Object, SimpleObject};

use super::{FigureBasis, ReportAuthor, ReportState, ReviewReason};
use crate::api::{
    RequestContext,
    case::Case,
    scalar::{Count, CountryCode, Date, DateTime, RegionCode},
    total::{ActionKind, Origin, Way},
};

/// A revision of a report and the context it is read in.
pub(crate) struct Revision<'a> {
    request: &'a RequestContext,
    revision: &'a domain::report::ReportRevision,
}

/// A revision of a report.
#[Object(name = "ReportRevision", serial)]
impl<'a> Revision<'a> {
    /// The revision: 1 for the first submission, increased by one with each update and correction. Pass the report's as
    /// `expectedRevision` to change it.
    async fn revision(&self) -> u32 {
        self.revision.number
    }

    /// The state of the report.
    async fn state(&self) -> ReportState {
        self.revision.state.into()
    }

    /// Why it is or was pending review; null if it never was.
    async fn review_reason(&self) -> Option<ReviewReason> {
        self.revision.review_reason.map(ReviewReason::from)
    }

    /// Whether it was received after the collection deadline.
    async fn late(&self) -> bool {
        self.revision.late
    }

    /// Whether it is a test. A test is stored and never counts.
    async fn test(&self) -> bool {
        self.revision.content.test
    }

    /// Quantities by case and kind.
    async fn lines(&self) -> Vec<ReportLine<'a>> {
        lines(self.request, &self.revision.content)
    }

    /// The number of people who wrote, if stated.
    async fn people(&self) -> Option<Count> {
        self.revision.content.people.map(|people| u64::from(people).into())
    }

    /// The day of writing, if stated.
    async fn written_on(&self) -> Option<Date> {
        self.revision.content.written_on.map(Date::from)
    }

    /// The country of writing, if stated.
    async fn country(&self) -> Option<CountryCode> {
        self.revision.content.country.as_ref().map(CountryCode::from)
    }

    /// The region of writing, if stated.
    async fn region(&self) -> Option<RegionCode> {
        self.revision.content.region.as_ref().map(RegionCode::from)
    }

    /// Who handed it in; null if unknown. A report of an event that is not public counts as `PERSON`, so that no
    /// part of a total discloses that event.
    async fn origin(&self) -> Option<Origin> {
        self.revision.content.origin.map(Origin::from)
    }

    /// How it was collected; null if unknown.
    async fn way(&self) -> Option<Way> {
        self.revision.content.way.map(Way::from)
    }

    /// A remark for staff.
    async fn staff_note(&self) -> Option<&'a str> {
        self.revision.content.staff_note.as_deref()
    }

    /// The author.
    async fn author(&self) -> ReportAuthor {
        self.revision.author.into()
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        self.revision.received_at.into()
    }

    /// How its figure relates to the one before, if it is an update; null for the first revision and for corrections.
    async fn basis(&self) -> Option<FigureBasis> {
        self.revision.basis.map(FigureBasis::from)
    }

    /// The reason for the correction; null for the first revision and for updates.
    async fn reason(&self) -> Option<&'a str> {
        self.revision.reason.as_deref()
    }

    /// When it was reviewed or withdrawn; null otherwise.
    async fn decided_at(&self) -> Option<DateTime> {
        self.revision.decided_at.map(DateTime::from)
    }

    /// The reason of the review or withdrawal.
    async fn decision_reason(&self) -> Option<&'a str> {
        self.revision.decision_reason.as_deref()
    }
}

impl<'a> Revision<'a> {
    pub(super) const fn new(
        request: &'a RequestContext,
        revision: &'a domain::report::ReportRevision,
    ) -> Self {
        Self { request, revision }
    }
}

/// Returns the lines of a report, with the cases that the viewer may see.
pub(super) fn lines<'a>(
    request: &'a RequestContext,
    content: &domain::report::ReportContent,
) -> Vec<ReportLine<'a>> {
    let line =
        |(&(case, kind), &quantity): (&(Option<domain::CaseId>, domain::ActionKind), &u64)| ReportLine {
            case: case.and_then(|id| request.case(id)).map(|case| Case::new(request, case)),
            kind: kind.into(),
            quantity: quantity.into(),
        };
    content.lines.iter().map(line).collect()
}

/// The quantity of one kind for one case.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ReportLine<'a> {
    /// The case; null for no particular case.
    case: Option<Case<'a>>,
    /// The kind of action.
    kind: ActionKind,
    /// The quantity.
    quantity: Count,
}
