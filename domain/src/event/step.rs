//! What organizers and staff do with an event, one step after another.
//!
//! Each step says all rules that it breaks at once and leaves the event as it was then.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Actor, Event, EventDraft, EventState, Terms};
use crate::{
    EventId, text,
    violation::{Rule, Violation, Violations},
};

/// Who takes a step, when, and what they had read before.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The campaign, and who it is.
    pub terms: Terms<'a>,
    /// The revision that was read.
    pub expected_revision: u32,
    /// When.
    pub now: Timestamp,
}

impl Event {
    /// A new event, as a draft.
    ///
    /// # Errors
    /// The rules that the draft breaks, [`Rule::EditionArchived`], or, for all but staff,
    /// [`Rule::RegistrationClosed`].
    pub fn registered(
        id: EventId,
        draft: &EventDraft,
        terms: &Terms<'_>,
        now: Timestamp,
    ) -> Result<Self, Vec<Violation>> {
        let mut violations = Violations::default();
        violations.keep("campaign", terms.check_registration(now));
        let content = draft.complete(None, terms).map_err(|broken| violations.extend_below(&[], broken)).ok();
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
            state: EventState::Draft,
            review_pending: false,
            going: 0,
            waiting: 0,
            evening: None,
            copied_from: None,
            registered_at: now,
            changed_at: now,
            revision: 1,
        })
    }

    /// Changes what is said of the event. What staff had approved waits for another look at it, and
    /// takes place meanwhile.
    ///
    /// # Errors
    /// The rules that the draft breaks, [`Rule::CapacityBelowGoing`], and those of every step.
    pub fn change(&self, draft: &EventDraft, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        let (mut violations, mut event) = self.stepping(step);
        if !self.state.takes_changes() {
            violations.add("id", self.state.forbids());
        }
        let content = draft
            .complete(Some(&self.content), &step.terms)
            .map_err(|broken| violations.extend_below(&[], broken))
            .ok();
        if let Some(content) = content {
            let is_new = content.capacity != self.content.capacity;
            if is_new && content.capacity.is_some_and(|capacity| capacity < self.going) {
                violations.add("capacity", Rule::CapacityBelowGoing { going: self.going });
            }
            let is_reviewed_again = step.terms.needs_review() && content != *self.content;
            event.review_pending |= self.state == EventState::Approved && is_reviewed_again;
            event.content = Arc::new(content);
        }
        violations.into_result().map(|()| event)
    }

    /// Hands it in for review. What staff say, and what a campaign does not review, is approved at
    /// once.
    ///
    /// # Errors
    /// [`Rule::EventStateForbids`] unless it is a draft or was rejected, and those of every step.
    pub fn submit(&self, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        self.step(step, |event| {
            event.state = event.state.submitted()?;
            event.review_pending = true;
            if !step.terms.needs_review() {
                event.state = event.state.approved()?;
                event.review_pending = false;
            }
            Ok(())
        })
    }

    /// Finds it good. Of an approved one that was changed since, the change.
    ///
    /// # Errors
    /// [`Rule::EventStateForbids`] where there is nothing to review, and those of every step.
    pub fn approve(&self, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        self.step(step, |event| {
            if !(event.state == EventState::Approved && event.review_pending) {
                event.state = event.state.approved()?;
            }
            event.review_pending = false;
            Ok(())
        })
    }

    /// Refuses it. It may be changed and submitted again.
    ///
    /// # Errors
    /// [`Rule::EventStateForbids`] unless it was submitted, [`Rule::ReasonMissing`], and those of
    /// every step.
    pub fn reject(&self, typed_reason: &str, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        self.step_for(typed_reason, step, EventState::rejected)
    }

    /// Calls it off.
    ///
    /// # Errors
    /// [`Rule::EventStateForbids`] unless it is approved and was not held, [`Rule::ReasonMissing`],
    /// and those of every step.
    pub fn cancel(&self, typed_reason: &str, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        self.step_for(typed_reason, step, EventState::cancelled)
    }

    /// Says that it took place.
    ///
    /// # Errors
    /// [`Rule::EventNotBegun`] before its first session, [`Rule::EventStateForbids`] unless it is
    /// approved, and those of every step.
    pub fn hold(&self, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        self.step(step, |event| {
            event.state = event.state.held()?;
            event.review_pending = false;
            event.check_begun(step.now)
        })
    }

    /// # Errors
    /// [`Rule::EventNotBegun`] before its first session.
    pub fn check_begun(&self, now: Timestamp) -> Result<(), Rule> {
        let starts_at = self.content.first_session().starts_at();
        if now < starts_at { Err(Rule::EventNotBegun { starts_at }) } else { Ok(()) }
    }

    fn step(
        &self,
        step: &Step<'_>,
        take: impl FnOnce(&mut Self) -> Result<(), Rule>,
    ) -> Result<Self, Vec<Violation>> {
        let (mut violations, mut event) = self.stepping(step);
        violations.keep("id", take(&mut event));
        violations.into_result().map(|()| event)
    }

    /// A step that needs a reason and leads to a state that keeps it.
    fn step_for(
        &self,
        typed_reason: &str,
        step: &Step<'_>,
        next: impl FnOnce(&EventState, String) -> Result<EventState, Rule>,
    ) -> Result<Self, Vec<Violation>> {
        let (mut violations, mut event) = self.stepping(step);
        let reason = violations.keep("reason", text::reason(typed_reason)).unwrap_or_default();
        event.review_pending = false;
        if let Some(state) = violations.keep("id", next(&self.state, reason)) {
            event.state = state;
        }
        violations.into_result().map(|()| event)
    }

    /// The event with its next revision, and what speaks against changing it.
    fn stepping(&self, step: &Step<'_>) -> (Violations, Self) {
        let mut violations = Violations::default();
        violations.keep("id", step.terms.intake.edition.check_open());
        if step.expected_revision != self.revision {
            violations.add("expectedRevision", Rule::StaleRevision { current: self.revision });
        }
        let event = Self { changed_at: step.now, revision: self.revision + 1, ..self.clone() };
        (violations, event)
    }
}

impl Terms<'_> {
    /// Whether staff look at what is said before everyone sees it. Staff are taken at their word.
    fn needs_review(&self) -> bool {
        self.actor == Actor::Organizer && self.intake.campaign.reviews_events
    }
}
