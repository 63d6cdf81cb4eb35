//! A report: a statement by one person or one event of how many were written.
//!
//! A report keeps all its revisions. At most one of them counts: the accepted one. Correcting makes
//! a new revision and supersedes the old one. While a correction awaits review, the accepted
//! revision before it still counts.
//!
//! ```
//! use domain::{ActionKind, CaseId, report::{ReportDraft, LineDraft, NumberDraft}};
//! let case = CaseId::new(uuid::Uuid::from_u128(1));
//! // A school wrote 120 letters, 30 of them for one case; the rest stays unallocated.
//! let draft = ReportDraft {
//!     numbers: vec![NumberDraft { kind: ActionKind::AppealLetter, quantity: 120.into() }],
//!     lines: vec![LineDraft { case: Some(case), kind: ActionKind::AppealLetter, quantity: 30.into() }],
//!     ..ReportDraft::default()
//! };
//! let content = draft.parse().unwrap();
//! assert_eq!(content.lines[&(Some(case), ActionKind::AppealLetter)], 30);
//! assert_eq!(content.lines[&(None, ActionKind::AppealLetter)], 90);
//! ```

use jiff::Timestamp;

use crate::{
    AttendanceId, CampaignId, GroupId, ParticipantId, ReportId,
    total::{Contribution, Location},
    violation::ViolationKind,
};

mod budget;
mod draft;
mod event_reference;
mod figure;
mod intake;
mod kinds;
mod review;
mod selection;
mod similarity;

pub use budget::{BudgetAccount, BudgetExcess, BudgetSource, BudgetUse, ReportBudget, ReportBudgets};
pub use draft::{
    LineDraft, MAX_BATCH, MAX_KEY, MAX_LINES, MIN_KEY, NumberDraft, ReportContent, ReportDraft,
    ReportSubmission, key,
};
pub use event_reference::EventReference;
pub use figure::{FigureBasis, FigureWarning, FigureWarningKind};
pub use intake::{CampaignContext, CaseStatus, IntakeDecision, MAX_PEOPLE_PER_ACTION, ReportedEvent};
pub use kinds::{ActionKind, Origin, ReportSource, ReportState, ReporterRole, ReviewReason, Way};
pub use selection::{ReportSelection, SelectedReports};
pub use similarity::{CUMULATIVE_WITHIN, DUPLICATE_WITHIN, MIN_COMPARED, Similarity};

/// A revision of a report: its content from one moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRevision {
    /// 1 for the first one.
    pub number: u32,
    /// Its state.
    pub state: ReportState,
    /// Why it is held, or was.
    pub review_reason: Option<ReviewReason>,
    /// From where it came in, for as long as that is kept.
    pub source: Option<BudgetSource>,
    /// The content.
    pub content: ReportContent,
    /// Whether it came in after the collection deadline.
    pub late: bool,
    /// Where its letters are counted.
    pub place: Location,
    /// The source of the submission.
    pub author: ReportSource,
    /// When it came in.
    pub received_at: Timestamp,
    /// How its figure relates to the one before, if it is a later figure and no correction.
    pub basis: Option<FigureBasis>,
    /// Why it corrects the one before; of a first one, why it was entered after the total was certified.
    pub reason: Option<String>,
    /// When it was reviewed or withdrawn.
    pub decided_at: Option<Timestamp>,
    /// Why it was reviewed so or withdrawn.
    pub decision_reason: Option<String>,
}

/// A report with all its revisions, oldest first.
///
/// ```
/// use domain::report::Report;
/// fn letters(report: &Report) -> u64 {
///     report.counted_revision().map_or(0, |revision| revision.content.quantity())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its identity.
    pub id: ReportId,
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// The event that it is about, if it is about one.
    pub at: Option<EventReference>,
    /// The group whose report it is, if it is that of one. It is about no event by itself, even if its group writes
    /// at one.
    pub group: Option<GroupId>,
    /// The participant whose report it is, if it is known to be one's.
    pub participant: Option<ParticipantId>,
    /// The attendance whose report it is, if it was made as an attendee of the event.
    pub attendance: Option<AttendanceId>,
    revisions: Vec<ReportRevision>,
}

/// What staff decide about a pending revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It is plausible after all and counts.
    Accept,
    /// It does not count.
    Reject,
}

impl Report {
    /// A new report.
    #[must_use]
    pub fn submitted(
        id: ReportId,
        campaign_id: CampaignId,
        content: ReportContent,
        verdict: IntakeDecision,
        author: ReportSource,
        now: Timestamp,
    ) -> Self {
        let first = ReportRevision {
            number: 1,
            state: verdict.state,
            review_reason: verdict.review_reason,
            source: None,
            content: ReportContent { origin: verdict.origin, ..content },
            late: verdict.late,
            place: verdict.place,
            author,
            received_at: now,
            basis: None,
            reason: None,
            decided_at: None,
            decision_reason: None,
        };
        let revisions = vec![first];
        Self { id, campaign_id, at: None, group: None, participant: None, attendance: None, revisions }
    }

    /// Says from where the latest revision came in.
    pub fn came_from(&mut self, source: Option<BudgetSource>) {
        if let Some(latest) = self.revisions.last_mut() {
            latest.source = source;
        }
    }

    /// The same with a reason of its first revision: why staff enter it after the total was certified.
    #[must_use]
    pub fn with_reason(mut self, reason: Option<String>) -> Self {
        if let Some(first) = self.revisions.first_mut() {
            first.reason = reason;
        }
        self
    }

    /// The same as a report of an event.
    #[must_use]
    pub fn for_event(self, at: EventReference) -> Self {
        let without_place = |revision: ReportRevision| ReportRevision {
            content: revision.content.without_place(),
            ..revision
        };
        let revisions = self.revisions.into_iter().map(without_place).collect();
        Self { at: Some(at), revisions, ..self }
    }

    /// The same as the report of a group, which is counted where the group is.
    #[must_use]
    pub fn for_group(self, group: GroupId) -> Self {
        let without_place = |revision: ReportRevision| ReportRevision {
            content: revision.content.without_place(),
            ..revision
        };
        let revisions = self.revisions.into_iter().map(without_place).collect();
        Self { group: Some(group), revisions, ..self }
    }

    /// A report as it was kept; `None` without a revision.
    #[must_use]
    pub fn from_revisions(
        id: ReportId,
        campaign_id: CampaignId,
        mut revisions: Vec<ReportRevision>,
    ) -> Option<Self> {
        revisions.sort_by_key(|revision| revision.number);
        let report =
            Self { id, campaign_id, at: None, group: None, participant: None, attendance: None, revisions };
        if report.revisions.is_empty() { None } else { Some(report) }
    }

    /// Every revision, oldest first.
    #[must_use]
    pub fn revisions(&self) -> &[ReportRevision] {
        &self.revisions
    }

    /// What was handed in last, in whatever state it is.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a report is never without a revision")]
    pub fn latest(&self) -> &ReportRevision {
        self.revisions.last().expect("a report has a revision from its first moment")
    }

    /// The revision that counts, if any does. A test never counts.
    #[must_use]
    pub fn counted_revision(&self) -> Option<&ReportRevision> {
        self.revisions
            .iter()
            .find(|revision| revision.state == ReportState::Accepted && !revision.content.test)
    }

    /// The revision that is pending review, if one is. A test is nothing to review.
    #[must_use]
    pub fn pending_revision(&self) -> Option<&ReportRevision> {
        self.revisions
            .iter()
            .find(|revision| revision.state == ReportState::PendingReview && !revision.content.test)
    }

    /// The revision that a later figure refers to: the one that awaits review, or else the one that counts. What staff
    /// have rejected is no figure to go on from.
    #[must_use]
    pub fn standing_revision(&self) -> Option<&ReportRevision> {
        let stands = |state| matches!(state, ReportState::Accepted | ReportState::PendingReview);
        self.revisions.iter().rev().find(|revision| stands(revision.state))
    }

    /// What this report adds to the totals.
    #[must_use]
    pub fn contribution(&self) -> Option<Contribution<'_>> {
        self.counted_revision().map(|revision| Contribution {
            place: &revision.place,
            origin: revision.content.origin,
            way: revision.content.way,
            lines: &revision.content.lines,
            people: revision.content.people,
            late: revision.late,
        })
    }

    /// Whether it is active: it counts, or may count later. Withdrawn reports and test reports are not
    /// active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        use ReportState::{Accepted, PendingReview, Rejected};
        let can_count = |revision: &ReportRevision| {
            !revision.content.test && matches!(revision.state, Accepted | PendingReview | Rejected)
        };
        self.latest().state != ReportState::Withdrawn && self.revisions.iter().any(can_count)
    }

    /// # Errors
    /// [`ViolationKind::StaleRevision`] where another change came first, [`ViolationKind::ReportStateInvalid`] once
    /// the report is withdrawn.
    pub fn check_change(&self, expected_revision: u32) -> Result<(), ViolationKind> {
        let latest = self.latest();
        if latest.state == ReportState::Withdrawn {
            Err(ViolationKind::ReportStateInvalid { state: latest.state.as_str() })
        } else if latest.number != expected_revision {
            Err(ViolationKind::StaleRevision { current: latest.number })
        } else {
            Ok(())
        }
    }

    /// Adds a correction. An accepted one supersedes all before it; a held one leaves the accepted
    /// revision counting and supersedes only an earlier held one.
    pub fn correct(
        &mut self,
        content: ReportContent,
        verdict: IntakeDecision,
        author: ReportSource,
        reason: String,
        now: Timestamp,
    ) {
        self.replace(content, verdict, author, (None, Some(reason)), now);
    }

    /// Adds a later figure: the content is that of the whole report with it. It supersedes like a correction.
    pub fn update(
        &mut self,
        content: ReportContent,
        verdict: IntakeDecision,
        author: ReportSource,
        basis: FigureBasis,
        now: Timestamp,
    ) {
        self.replace(content, verdict, author, (Some(basis), None), now);
    }

    /// Whether its event or its group says where it is counted.
    const fn is_placed(&self) -> bool {
        self.at.is_some() || self.group.is_some()
    }

    fn replace(
        &mut self,
        content: ReportContent,
        verdict: IntakeDecision,
        author: ReportSource,
        (basis, reason): (Option<FigureBasis>, Option<String>),
        now: Timestamp,
    ) {
        let content = ReportContent { origin: verdict.origin, ..content };
        let number = self.latest().number + 1;
        for revision in &mut self.revisions {
            let replaced = match revision.state {
                ReportState::Accepted => verdict.state == ReportState::Accepted,
                ReportState::PendingReview => true,
                ReportState::Rejected | ReportState::Withdrawn | ReportState::Superseded => false,
            };
            if replaced {
                revision.state = ReportState::Superseded;
            }
        }
        self.revisions.push(ReportRevision {
            number,
            state: verdict.state,
            review_reason: verdict.review_reason,
            source: None,
            content: if self.is_placed() { content.without_place() } else { content },
            late: verdict.late,
            place: verdict.place,
            author,
            received_at: now,
            basis,
            reason,
            decided_at: None,
            decision_reason: None,
        });
    }

    /// Takes the report back: whatever counts or waits does so no more.
    pub fn withdraw(&mut self, reason: &str, now: Timestamp) {
        for revision in &mut self.revisions {
            if matches!(revision.state, ReportState::Accepted | ReportState::PendingReview) {
                revision.decide(ReportState::Withdrawn, reason, now);
            }
        }
        // A refused correction may stand last; the report as a whole is withdrawn all the same.
        if let Some(latest) = self.revisions.last_mut()
            && latest.state != ReportState::Withdrawn
        {
            latest.decide(ReportState::Withdrawn, reason, now);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
