//! What a report said from one moment on.

use async_graphql::{Object, SimpleObject};

use super::{HeldFor, ReportAuthor, ReportState};
use crate::api::{
    RequestContext,
    case::Case,
    scalar::{Count, CountryCode, Date, DateTime, RegionCode},
    total::ActionKind,
};

/// A revision of a report and what it is seen by.
pub(crate) struct Revision<'a> {
    asking: &'a RequestContext,
    revision: &'a domain::report::ReportRevision,
}

/// What a report said from one moment on.
#[Object(name = "ReportRevision", serial)]
impl<'a> Revision<'a> {
    /// 1 for what was handed in first; it grows by one with each correction. A change names the
    /// revision that it changes.
    async fn revision(&self) -> u32 {
        self.revision.number
    }

    /// Where it stands.
    async fn state(&self) -> ReportState {
        self.revision.state.into()
    }

    /// Why it is held, or was; null if it never was.
    async fn held_for(&self) -> Option<HeldFor> {
        self.revision.held_for.map(HeldFor::from)
    }

    /// Whether it came in after the collection deadline.
    async fn late(&self) -> bool {
        self.revision.late
    }

    /// Whether it only tries out the service. A test is kept and never counts.
    async fn test(&self) -> bool {
        self.revision.content.test
    }

    /// How many were written, by case and kind.
    async fn lines(&self) -> Vec<ReportLine<'a>> {
        lines(self.asking, &self.revision.content)
    }

    /// How many people wrote, where that was said.
    async fn people(&self) -> Option<Count> {
        self.revision.content.people.map(|people| u64::from(people).into())
    }

    /// The day they wrote, where that was said.
    async fn written_on(&self) -> Option<Date> {
        self.revision.content.written_on.map(Date::from)
    }

    /// The country they wrote in, where that was said.
    async fn country(&self) -> Option<CountryCode> {
        self.revision.content.country.as_ref().map(CountryCode::from)
    }

    /// The region they wrote in, where that was said.
    async fn region(&self) -> Option<RegionCode> {
        self.revision.content.region.as_ref().map(RegionCode::from)
    }

    /// A remark for staff.
    async fn note(&self) -> Option<&'a str> {
        self.revision.content.note.as_deref()
    }

    /// Whose word it is.
    async fn author(&self) -> ReportAuthor {
        self.revision.author.into()
    }

    /// When it came in.
    async fn received_at(&self) -> DateTime {
        self.revision.received_at.into()
    }

    /// Why it corrects the revision before; null for the first one.
    async fn reason(&self) -> Option<&'a str> {
        self.revision.reason.as_deref()
    }

    /// When it was reviewed or withdrawn; null if it was not.
    async fn decided_at(&self) -> Option<DateTime> {
        self.revision.decided_at.map(DateTime::from)
    }

    /// Why it was reviewed so or withdrawn.
    async fn decision_reason(&self) -> Option<&'a str> {
        self.revision.decision_reason.as_deref()
    }
}

impl<'a> Revision<'a> {
    pub(super) const fn new(
        asking: &'a RequestContext,
        revision: &'a domain::report::ReportRevision,
    ) -> Self {
        Self { asking, revision }
    }
}

/// The lines of a report, as whoever asks may know of their cases.
pub(super) fn lines<'a>(
    asking: &'a RequestContext,
    content: &domain::report::ReportContent,
) -> Vec<ReportLine<'a>> {
    let line =
        |(&(case, kind), &quantity): (&(Option<domain::CaseId>, domain::ActionKind), &u64)| ReportLine {
            case: case.and_then(|id| asking.case(id)).map(|case| Case::new(asking, case)),
            kind: kind.into(),
            quantity: quantity.into(),
        };
    content.lines.iter().map(line).collect()
}

/// How many of one kind were written for one case.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ReportLine<'a> {
    /// The case; null for what was reported without one.
    case: Option<Case<'a>>,
    /// What was written or done.
    kind: ActionKind,
    /// How many.
    quantity: Count,
}
