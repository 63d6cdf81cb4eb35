//! State transitions of a registration, made by the participant.
//!
//! A transition that breaks rules reports all of them at once and leaves the registration unchanged.

use jiff::Timestamp;

use super::{CONFIRMATION_CODE_TTL, Participant, ParticipantDraft, ParticipantState};
use crate::{
    event::EventPolicy,
    number::{CountDraft, MAX_QUANTITY},
    violation::{ViolationKind, Violations},
};

/// Who takes a step, when, and what they had read before.
#[derive(Clone, Copy, Debug)]
pub struct ParticipantTransition<'a> {
    /// The campaign, and who it is.
    pub terms: EventPolicy<'a>,
    /// The revision that was read.
    pub expected_revision: u32,
    /// When.
    pub now: Timestamp,
}

impl Participant {
    /// Changes the content of the registration. A new address is not confirmed yet.
    ///
    /// # Errors
    /// The rules that the draft breaks, and those of every step.
    pub fn change(
        &self,
        draft: &ParticipantDraft,
        step: &ParticipantTransition<'_>,
    ) -> Result<Self, Violations> {
        let (mut violations, mut after) = self.begin_transition(step);
        let content = draft.complete(Some(&self.content), &step.terms, step.now);
        if let Ok(content) = content.map_err(|broken| violations.extend_at(&[], broken)) {
            if content.email.folded() != self.content.email.folded() {
                after.state = ParticipantState::Registered;
                after.confirmed_at = None;
            }
            after.content = content;
        }
        violations.into_result().map(|()| after)
    }

    /// Gives a part of the goal back, so that other participants may write those letters. What they have
    /// `reported`, as far as it counts, is written and cannot be given back.
    ///
    /// # Errors
    /// [`ViolationKind::QuantityNotWhole`] or [`ViolationKind::QuantityOutOfRange`] for what is no number of letters,
    /// [`ViolationKind::ReleaseExceedsGoal`], and those of every step.
    pub fn release(
        &self,
        letters: impl Into<CountDraft>,
        reported: u64,
        step: &ParticipantTransition<'_>,
    ) -> Result<Self, Violations> {
        let (mut violations, mut after) = self.begin_transition(step);
        let (goal, remaining) = (self.content.letter_goal.unwrap_or(0), self.remaining(reported));
        let letters = match letters.into().whole() {
            None => Err(ViolationKind::QuantityNotWhole),
            Some(0) => Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY }),
            Some(letters) if letters > remaining => Err(ViolationKind::ReleaseExceedsGoal { remaining }),
            Some(letters) => Ok(letters),
        };
        if let Some(letters) = violations.check("letters", letters) {
            after.content.letter_goal = Some(goal - letters).filter(|goal| *goal > 0);
            after.released += letters;
        }
        violations.into_result().map(|()| after)
    }

    /// Leaves the campaign. What they wrote stays; no more mail is sent to them.
    ///
    /// # Errors
    /// Those of every step.
    pub fn leave(&self, step: &ParticipantTransition<'_>) -> Result<Self, Violations> {
        let (violations, mut after) = self.begin_transition(step);
        after.state = ParticipantState::Left;
        after.content.consent = None;
        violations.into_result().map(|()| after)
    }

    /// Shows at `now` that the address is theirs, by a code that was mailed to it at `mailed_at`. A
    /// second time changes nothing.
    ///
    /// # Errors
    /// [`ViolationKind::CodeExpired`] or [`ViolationKind::ParticipantStateInvalid`].
    pub fn confirm(&self, mailed_at: Timestamp, now: Timestamp) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        violations.check("code", self.state.check_here());
        let ended_at = mailed_at.saturating_add(CONFIRMATION_CODE_TTL).unwrap_or(Timestamp::MAX);
        let is_new = self.state == ParticipantState::Registered;
        if is_new && now >= ended_at {
            violations.add("code", ViolationKind::CodeExpired { ended_at });
        }
        violations.into_result()?;
        if !is_new {
            return Ok(self.clone());
        }
        Ok(Self {
            state: ParticipantState::Confirmed,
            confirmed_at: Some(now),
            updated_at: now,
            revision: self.revision + 1,
            ..self.clone()
        })
    }

    /// The registration with its next revision, and the violations that forbid the change.
    fn begin_transition(&self, step: &ParticipantTransition<'_>) -> (Violations, Self) {
        let mut violations = Violations::default();
        violations.check("id", step.terms.intake.edition.check_open().and_then(|()| self.state.check_here()));
        if step.expected_revision != self.revision {
            violations.add("expected_revision", ViolationKind::StaleRevision { current: self.revision });
        }
        let after = Self { updated_at: step.now, revision: self.revision + 1, ..self.clone() };
        (violations, after)
    }
}
