//! State transitions of an event, made by organizers and staff.
//!
//! A transition that breaks rules reports all of them at once and leaves the event unchanged.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Event, EventActor, EventDraft, EventPolicy, EventState, RejectionScope, SessionNumbers};
use crate::{
    EventId, text,
    violation::{ViolationKind, Violations},
};

/// Who takes a step, when, and what they had read before.
#[derive(Clone, Copy, Debug)]
pub struct EventTransition<'a> {
    /// The campaign, and who it is.
    pub terms: EventPolicy<'a>,
    /// The revision that was read.
    pub expected_revision: u32,
    /// When.
    pub now: Timestamp,
}

impl Event {
    /// A new event, as a draft.
    ///
    /// # Errors
    /// The rules that the draft breaks, [`ViolationKind::EditionArchived`], or, for all but staff,
    /// [`ViolationKind::RegistrationClosed`].
    pub fn registered(
        id: EventId,
        draft: &EventDraft,
        terms: &EventPolicy<'_>,
        now: Timestamp,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        violations.check("campaign", terms.check_registration(now));
        let content = draft.complete(None, terms).map_err(|broken| violations.extend_at(&[], broken)).ok();
        violations.into_result()?;
        let Some(content) = content else {
            unreachable!("content is missing only beside a violation");
        };
        let campaign = terms.intake.campaign;
        Ok(Self {
            id,
            campaign_id: campaign.id,
            edition_id: campaign.edition_id,
            section_id: campaign.section_id,
            content: Arc::new(content),
            proposed: None,
            words_approved: false,
            reason_approved: false,
            state: EventState::Draft,
            review_pending: false,
            review_requested_at: None,
            going: 0,
            waiting: 0,
            tally: None,
            host_report: None,
            copied_from: None,
            registered_at: now,
            updated_at: now,
            revision: 1,
        })
    }

    /// Changes the content of the event. If it is approved and reviewed, new texts wait beside the approved
    /// ones, and facts take effect at once: see [`EFFECTS`](super::EFFECTS). Fields that staff change take
    /// effect at once; fields that staff leave out keep waiting. Once the event was cancelled or took place, staff
    /// may replace its words and narrow its visibility, and no other change is possible.
    ///
    /// # Errors
    /// The rules that the draft breaks, [`ViolationKind::CapacityBelowGoing`],
    /// [`ViolationKind::EventStateInvalid`], and those of every step.
    pub fn change(&self, draft: &EventDraft, step: &EventTransition<'_>) -> Result<Self, Violations> {
        let (mut violations, mut event) = self.begin_transition(step);
        let content = draft
            .complete(Some(self.latest()), &step.terms)
            .map_err(|broken| violations.extend_at(&[], broken))
            .ok();
        let changes_facts = || content.as_ref().is_some_and(|content| !content.rewords(self.latest()));
        if !self.state.takes_changes() && (step.terms.actor == EventActor::Organizer || changes_facts()) {
            violations.add("id", self.state.forbids());
        }
        if let Some(mut content) = content {
            if !self.state.was_approved() {
                // It is in no calendar yet.
                content.session_numbers = SessionNumbers::default();
            }
            let is_new = content.capacity != self.content.capacity;
            if is_new && content.capacity.is_some_and(|capacity| capacity < self.going) {
                violations.add("capacity", ViolationKind::CapacityBelowGoing { going: self.going });
            }
            event.say(draft, content, &step.terms);
        }
        violations.into_result().map(|()| event.noting_request(self, step.now))
    }

    /// Submits it for review. A submission by staff, or to a campaign without review, is approved at
    /// once. What staff have rejected is reviewed in every campaign: otherwise its organizer could undo that.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it is a draft or was rejected, and those of every step.
    pub fn submit(&self, step: &EventTransition<'_>) -> Result<Self, Violations> {
        self.step(step, |event| {
            let was_rejected = matches!(event.state, EventState::Rejected(_));
            event.state = event.state.submitted()?;
            event.review_pending = true;
            let is_by_staff = step.terms.actor == EventActor::Staff;
            if is_by_staff || !(was_rejected || step.terms.needs_review()) {
                event.state = event.state.approved()?;
                event.accept();
            }
            Ok(())
        })
    }

    /// Approves it, or, if it was approved before, the changes that wait since.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] where there is nothing to review, and those of every step.
    pub fn approve(&self, step: &EventTransition<'_>) -> Result<Self, Violations> {
        self.step(step, |event| {
            if !(event.state.was_approved() && event.review_pending) {
                event.state = event.state.approved()?;
            }
            event.accept();
            Ok(())
        })
    }

    /// Rejects what waits for review, or the whole event. A rejected event may be changed and submitted again.
    ///
    /// With [`RejectionScope::Pending`] the changes of an approved event are dropped, and what was approved stays;
    /// where that is not known they cannot be rejected. With [`RejectionScope::Event`] the approval of an approved
    /// event is revoked: nothing of it is public any more.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] where there is nothing to reject, [`ViolationKind::ReasonMissing`], and those
    /// of every step.
    pub fn reject(
        &self,
        typed_reason: &str,
        scope: RejectionScope,
        step: &EventTransition<'_>,
    ) -> Result<Self, Violations> {
        let is_change = self.words_approved && self.review_pending;
        self.step_for(typed_reason, step, |event, reason| {
            match scope {
                RejectionScope::Pending if is_change => event.drop_proposed(),
                RejectionScope::Pending => {
                    event.state = event.state.rejected(reason)?;
                    event.drop_proposed();
                }
                RejectionScope::Event => {
                    event.state = event.state.revoked(reason)?;
                    event.revoke_words();
                }
            }
            Ok(())
        })
    }

    /// Cancels it. What was proposed is dropped. The reason of an organizer waits for review like their other
    /// texts. Staff may replace the reason of an event that was cancelled.
    ///
    /// # Errors
    /// [`ViolationKind::EventStateInvalid`] unless it is approved and was not held, [`ViolationKind::ReasonMissing`],
    /// and those of every step.
    pub fn cancel(&self, typed_reason: &str, step: &EventTransition<'_>) -> Result<Self, Violations> {
        self.step_for(typed_reason, step, |event, reason| {
            event.state = match (&event.state, step.terms.actor) {
                (EventState::Cancelled(_), EventActor::Staff) => EventState::Cancelled(reason),
                (state, _) => state.cancelled(reason)?,
            };
            event.drop_proposed();
            event.reason_approved = !step.terms.needs_review();
            event.review_pending = !event.reason_approved;
            Ok(())
        })
    }

    /// Completes it: it took place, and takes no more joins or changes. It is reported if its host has reported, and
    /// owes a report otherwise.
    ///
    /// # Errors
    /// [`ViolationKind::EventNotBegun`] before its first session, [`ViolationKind::EventStateInvalid`] unless it is
    /// approved, and those of every step.
    pub fn complete(&self, step: &EventTransition<'_>) -> Result<Self, Violations> {
        self.step(step, |event| {
            let completed = event.state.completed()?;
            event.state = if event.host_report.is_some() { completed.reported()? } else { completed };
            event.review_pending = event.has_unread_words();
            event.check_begun(step.now)
        })
    }

    /// # Errors
    /// [`ViolationKind::EventNotBegun`] before its first session.
    pub fn check_begun(&self, now: Timestamp) -> Result<(), ViolationKind> {
        let starts_at = self.content.first_session().starts_at();
        if now < starts_at { Err(ViolationKind::EventNotBegun { starts_at }) } else { Ok(()) }
    }

    fn step(
        &self,
        step: &EventTransition<'_>,
        take: impl FnOnce(&mut Self) -> Result<(), ViolationKind>,
    ) -> Result<Self, Violations> {
        let (mut violations, mut event) = self.begin_transition(step);
        violations.check("id", take(&mut event));
        violations.into_result().map(|()| event.noting_request(self, step.now))
    }

    /// A step that needs a reason.
    fn step_for(
        &self,
        typed_reason: &str,
        step: &EventTransition<'_>,
        take: impl FnOnce(&mut Self, String) -> Result<(), ViolationKind>,
    ) -> Result<Self, Violations> {
        let (mut violations, mut event) = self.begin_transition(step);
        let reason = violations.check("reason", text::reason(typed_reason)).unwrap_or_default();
        violations.check("id", take(&mut event, reason));
        violations.into_result().map(|()| event.noting_request(self, step.now))
    }

    /// The event with its next revision, and the violations that forbid the change.
    fn begin_transition(&self, step: &EventTransition<'_>) -> (Violations, Self) {
        let mut violations = Violations::default();
        violations.check("id", step.terms.intake.edition.check_open());
        if step.expected_revision != self.revision {
            violations.add("expected_revision", ViolationKind::StaleRevision { current: self.revision });
        }
        let event = Self { updated_at: step.now, revision: self.revision + 1, ..self.clone() };
        (violations, event)
    }
}

impl EventPolicy<'_> {
    /// Whether staff review the change before it is published. Changes by staff need no review.
    pub(super) fn needs_review(&self) -> bool {
        self.actor == EventActor::Organizer && self.intake.campaign.reviews_events
    }
}
