//! Decisions about a report: by staff, by the host of its event, and of many reports at once.

use jiff::Timestamp;

use super::{Report, ReportRevision, ReportState, Review, ReviewReason};
use crate::violation::ViolationKind;

impl Report {
    /// Holds what counts until staff have looked at it. Where a correction of it is held already, that is what
    /// staff decide about. Returns whether anything counted.
    pub fn hold_back(&mut self, reason: ReviewReason, now: Timestamp) -> bool {
        let is_held = self.pending_revision().is_some();
        let Some(counting) = self.revisions.iter_mut().find(|one| one.state == ReportState::Accepted) else {
            return false;
        };
        if is_held {
            counting.state = ReportState::Superseded;
        } else {
            counting.state = ReportState::PendingReview;
            counting.review_reason = Some(reason);
        }
        counting.decided_at = Some(now);
        true
    }

    /// Holds what a guest reports because the host of the event objects to it. What staff have accepted after an
    /// objection stays.
    ///
    /// # Errors
    /// [`ViolationKind::ReportStateInvalid`] if nothing counts to which the host may still object.
    pub fn object(&mut self, reason: &str, now: Timestamp) -> Result<(), ViolationKind> {
        let state = self.latest().state;
        match self.revisions.iter_mut().find(|one| one.state == ReportState::Accepted) {
            Some(counting)
                if state == ReportState::Accepted
                    && counting.review_reason != Some(ReviewReason::Objection) =>
            {
                counting.review_reason = Some(ReviewReason::Objection);
                counting.decide(ReportState::PendingReview, reason, now);
                Ok(())
            }
            Some(_) | None => Err(ViolationKind::ReportStateInvalid { state: state.as_str() }),
        }
    }

    /// Decides about all of it together with others: accepts what is held, or rejects what is held or counts.
    /// Returns the changed revisions with their states before.
    pub fn decide_all(&mut self, review: Review, reason: &str, now: Timestamp) -> Vec<(u32, ReportState)> {
        use ReportState::{Accepted, PendingReview, Rejected, Superseded};
        let has_held = self.pending_revision().is_some();
        let mut before = Vec::new();
        for revision in &mut self.revisions {
            let after = match (revision.state, review) {
                (PendingReview, Review::Accept) => Accepted,
                (Accepted, Review::Accept) if has_held => Superseded,
                (PendingReview | Accepted, Review::Reject) => Rejected,
                _ => continue,
            };
            before.push((revision.number, revision.state));
            revision.decide(after, reason, now);
        }
        before
    }

    /// Takes back what [`Self::decide_all`] decided at `decided_at`, unless the report was changed since. Says
    /// whether it did.
    pub fn restore(
        &mut self,
        before: &[(u32, ReportState)],
        decided_at: Timestamp,
        reason: &str,
        now: Timestamp,
    ) -> bool {
        let changed = |number| before.iter().find(|(changed, _)| *changed == number);
        // A withdrawal changes a latest revision that counts nothing, too.
        let is_withdrawn = self.latest().state == ReportState::Withdrawn;
        let is_as_decided = self.latest().received_at <= decided_at
            && !is_withdrawn
            && self.revisions.iter().all(|one| match changed(one.number) {
                Some(_) => one.decided_at == Some(decided_at),
                None => !matches!(one.state, ReportState::Accepted | ReportState::PendingReview),
            });
        if !is_as_decided {
            return false;
        }
        for revision in &mut self.revisions {
            if let Some(&(_, state)) = changed(revision.number) {
                revision.decide(state, reason, now);
            }
        }
        true
    }

    /// Decides about the revision that is held.
    ///
    /// # Errors
    /// [`ViolationKind::ReportStateInvalid`] if none is.
    pub fn review(&mut self, review: Review, reason: &str, now: Timestamp) -> Result<(), ViolationKind> {
        let latest = self.latest();
        if latest.state != ReportState::PendingReview {
            return Err(ViolationKind::ReportStateInvalid { state: latest.state.as_str() });
        }
        for revision in &mut self.revisions {
            match (revision.state, review) {
                (ReportState::PendingReview, Review::Accept) => {
                    revision.decide(ReportState::Accepted, reason, now)
                }
                (ReportState::PendingReview, Review::Reject) => {
                    revision.decide(ReportState::Rejected, reason, now)
                }
                (ReportState::Accepted, Review::Accept) => revision.state = ReportState::Superseded,
                _ => {}
            }
        }
        Ok(())
    }
}

impl ReportRevision {
    /// Sets the state, with the reason and the instant of the decision.
    pub(super) fn decide(&mut self, state: ReportState, reason: &str, now: Timestamp) {
        self.state = state;
        self.decided_at = Some(now);
        self.decision_reason = Some(reason.to_owned());
    }
}
