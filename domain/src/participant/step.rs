//! What people do with their registration, one step after another.
//!
//! Each step says all rules that it breaks at once and leaves the registration as it was then.

use jiff::Timestamp;

use super::{CODE_LASTS, Participant, ParticipantDraft, ParticipantState};
use crate::{
    event::Terms,
    report::whole,
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

impl Participant {
    /// Changes what they say of themselves. Another address is not confirmed yet.
    ///
    /// # Errors
    /// The rules that the draft breaks, and those of every step.
    pub fn change(&self, draft: &ParticipantDraft, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        let (mut violations, mut after) = self.stepping(step);
        let content = draft.complete(Some(&self.content), &step.terms, step.now);
        if let Ok(content) = content.map_err(|broken| violations.extend_below(&[], broken)) {
            if content.email.folded() != self.content.email.folded() {
                after.state = ParticipantState::Registered;
                after.confirmed_at = None;
            }
            after.content = content;
        }
        violations.into_result().map(|()| after)
    }

    /// Gives a part of the goal back, so that somebody else may write those letters. What they have
    /// `reported`, as far as it counts, is written and cannot be given back.
    ///
    /// # Errors
    /// [`Rule::QuantityNotWhole`] or [`Rule::QuantityOutOfRange`] for what is no number of letters,
    /// [`Rule::ReleaseBeyondGoal`], and those of every step.
    pub fn release(&self, letters: f64, reported: u64, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        let (mut violations, mut after) = self.stepping(step);
        let (goal, remaining) = (self.content.letter_goal.unwrap_or(0), self.remaining(reported));
        let letters = match whole(letters) {
            None => Err(Rule::QuantityNotWhole),
            Some(0) => Err(Rule::QuantityOutOfRange),
            Some(letters) if letters > remaining => Err(Rule::ReleaseBeyondGoal { remaining }),
            Some(letters) => Ok(letters),
        };
        if let Some(letters) = violations.keep("letters", letters) {
            after.content.letter_goal = Some(goal - letters).filter(|goal| *goal > 0);
            after.released += letters;
        }
        violations.into_result().map(|()| after)
    }

    /// Takes no further part. What they wrote stays; nobody writes to them any more.
    ///
    /// # Errors
    /// Those of every step.
    pub fn leave(&self, step: &Step<'_>) -> Result<Self, Vec<Violation>> {
        let (violations, mut after) = self.stepping(step);
        after.state = ParticipantState::Left;
        after.content.consent = None;
        violations.into_result().map(|()| after)
    }

    /// Shows at `now` that the address is theirs, by a code that was mailed to it at `mailed_at`. A
    /// second time changes nothing.
    ///
    /// # Errors
    /// [`Rule::CodeExpired`] or [`Rule::ParticipantStateForbids`].
    pub fn confirm(&self, mailed_at: Timestamp, now: Timestamp) -> Result<Self, Vec<Violation>> {
        let mut violations = Violations::default();
        violations.keep("code", self.state.check_here());
        let ended_at = mailed_at.saturating_add(CODE_LASTS).unwrap_or(Timestamp::MAX);
        let is_new = self.state == ParticipantState::Registered;
        if is_new && now >= ended_at {
            violations.add("code", Rule::CodeExpired { ended_at });
        }
        violations.into_result()?;
        if !is_new {
            return Ok(self.clone());
        }
        Ok(Self {
            state: ParticipantState::Confirmed,
            confirmed_at: Some(now),
            changed_at: now,
            revision: self.revision + 1,
            ..self.clone()
        })
    }

    /// The registration with its next revision, and what speaks against changing it.
    fn stepping(&self, step: &Step<'_>) -> (Violations, Self) {
        let mut violations = Violations::default();
        violations.keep("id", step.terms.intake.edition.check_open().and_then(|()| self.state.check_here()));
        if step.expected_revision != self.revision {
            violations.add("expectedRevision", Rule::StaleRevision { current: self.revision });
        }
        let after = Self { changed_at: step.now, revision: self.revision + 1, ..self.clone() };
        (violations, after)
    }
}
