//! The numbers of an event's sessions: what a calendar knows a session by.
//!
//! A number stays with its session while the session moves and while others come and go, and is not used again.
//! Sessions that were removed are kept, so that calendars can show them as cancelled.

use jiff::civil::DateTime;

use super::Session;

/// As many as there are sessions. Of more than this, those that were removed first are forgotten.
pub const MAX_REMOVED_SESSIONS: usize = super::MAX_SESSIONS;

/// The numbers of an event's sessions.
///
/// An event that was stored before there were numbers has none here: its sessions have those of their positions.
///
/// ```
/// assert!(domain::event::SessionNumbers::default().removed().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SessionNumbers {
    /// In the order of the sessions.
    numbers: Vec<u32>,
    /// The one that was removed last is the last.
    removed: Vec<RemovedSession>,
    /// The highest number that was ever used.
    highest: u32,
}

/// A session that does not take place, because it was removed after its event was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct RemovedSession {
    pub number: u32,
    pub session: Session,
}

impl SessionNumbers {
    /// The sessions that were removed.
    #[must_use]
    pub fn removed(&self) -> &[RemovedSession] {
        &self.removed
    }

    /// The numbers of so many sessions.
    pub(super) fn of(&self, sessions: usize) -> Vec<u32> {
        if self.numbers.len() == sessions { self.numbers.clone() } else { (1..).take(sessions).collect() }
    }

    /// The numbers after the sessions `before` were replaced by these.
    ///
    /// A session at the same time is the same session. Of the others, those that lie closest to each other are the
    /// same session, moved. What is left over of the former ones was removed; what is left over of the new ones is
    /// new.
    pub(super) fn after(&self, before: &[Session], sessions: &[Session]) -> Self {
        let pairs = self.of(before.len()).into_iter().zip(before);
        let mut former: Vec<RemovedSession> =
            pairs.map(|(number, session)| RemovedSession { number, session: *session }).collect();
        let mut removed = self.removed.clone();
        let mut highest = former.iter().chain(&removed).map(|one| one.number).fold(self.highest, u32::max);
        let mut numbers: Vec<Option<u32>> = sessions.iter().map(|new| take(&mut former, new)).collect();
        let mut moved: Vec<(i64, usize, u32)> = Vec::new();
        for (index, new) in sessions.iter().enumerate().filter(|(index, _)| numbers[*index].is_none()) {
            moved.extend(former.iter().map(|old| (distance(&old.session, new), index, old.number)));
        }
        moved.sort_unstable();
        for (_, index, number) in moved {
            if numbers[index].is_none() && former.iter().any(|old| old.number == number) {
                former.retain(|old| old.number != number);
                numbers[index] = Some(number);
            }
        }
        let numbers = numbers.into_iter().zip(sessions).map(|(number, new)| {
            number.or_else(|| take(&mut removed, new)).unwrap_or_else(|| {
                highest += 1;
                highest
            })
        });
        let numbers: Vec<u32> = numbers.collect();
        removed.extend(former);
        let forgotten = removed.len().saturating_sub(MAX_REMOVED_SESSIONS);
        removed.drain(..forgotten);
        let are_positions = numbers.iter().copied().eq(1..=highest);
        if are_positions && removed.is_empty() {
            return Self::default();
        }
        Self { numbers, removed, highest }
    }
}

/// Takes the session out that is at the same time by the clock on the wall.
fn take(from: &mut Vec<RemovedSession>, new: &Session) -> Option<u32> {
    let walls = |session: &Session| (session.local_start(), session.local_end());
    let same = |old: &RemovedSession| old.session == *new;
    let found = from.iter().position(same);
    let found = found.or_else(|| from.iter().position(|old| walls(&old.session) == walls(new)))?;
    Some(from.remove(found).number)
}

/// The seconds between the starts of two sessions.
fn distance(one: &Session, other: &Session) -> i64 {
    let between = |one: DateTime, other: DateTime| one.duration_since(other).as_secs().abs();
    between(one.local_start(), other.local_start())
}

#[cfg(test)]
mod tests;
