//! The write status: whether this process can write, by its heartbeats and its last changes.

use std::time::Duration;

use graphql_engine::telemetry::Counter;
use tokio::time::Instant;

use super::{failure::Failure, sync::Loss};

/// How long a write may be unfinished while people are still sent here. The longest queue of a busy evening takes two
/// seconds; a load balancer should not wait for the ten seconds after which a lock is given up.
const MAX_UNFINISHED: Duration = Duration::from_secs(5);

/// For how long a change that found no room keeps people away if no other one comes: they may be needed to find out that
/// there is room again. A heartbeat is so small that it can be written to a disk that is full for everything else.
const REFUSAL_TTL: Duration = Duration::from_secs(10);

/// Whether this process can write.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteStatus {
    /// Since when a heartbeat is unanswered, if one is.
    unfinished_since: Option<Instant>,
    /// Why the last one that was answered could not be committed.
    refused: Option<Loss>,
    /// When a change last found no room on the disk, if none was committed since.
    no_room_at: Option<Instant>,
}

/// Why nothing should be sent here to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// A write was refused.
    Refused(Loss),
    /// A write has not ended for five seconds.
    Unfinished,
}

impl WriteStatus {
    /// How long the oldest write has been unfinished; zero if none is.
    #[must_use]
    pub fn unfinished_for(&self) -> Duration {
        self.unfinished_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Why nothing can be written, as far as it is known.
    #[must_use]
    pub fn stuck(&self) -> Option<Stuck> {
        let is_late = self.unfinished_for() >= MAX_UNFINISHED;
        let has_no_room = self.no_room_at.is_some_and(|at| at.elapsed() < REFUSAL_TTL);
        let refused = self.refused.or_else(|| has_no_room.then_some(Loss::OutOfReach));
        refused.map(Stuck::Refused).or_else(|| is_late.then_some(Stuck::Unfinished))
    }

    /// A change was committed.
    pub(super) const fn committed(&mut self) -> bool {
        self.no_room_at.take().is_some()
    }

    /// A change found no room on the disk.
    pub(super) fn found_no_room(&mut self) {
        self.no_room_at = Some(Instant::now());
    }

    /// A heartbeat is on its way.
    pub(super) fn begun(&mut self) {
        self.unfinished_since = Some(Instant::now());
    }

    /// A heartbeat was answered.
    pub(super) fn answered(&mut self, answer: Result<(), Failure>) {
        self.unfinished_since = None;
        self.refused = match answer {
            Ok(()) => None,
            Err(Failure::Busy | Failure::ShareUsedUp) => Some(Loss::OutOfReach),
            Err(Failure::Database(error)) => Some(error.refusal().map_or(Loss::OutOfReach, Loss::Refused)),
        };
    }
}

/// How heartbeats of one process have ended since it started.
#[derive(Debug, Default)]
pub struct Heartbeats {
    /// Those that were committed.
    pub committed: Counter,
    /// Those that were not.
    pub refused: Counter,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{self, Refusal};

    #[test]
    fn a_write_that_is_unfinished_for_five_seconds_is_stuck_and_one_that_is_refused_at_once() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_millis(seconds));
        let since = |since| WriteStatus { unfinished_since: since, ..WriteStatus::default() }.stuck();
        assert_eq!(since(None), None);
        assert_eq!(since(ago(4_000)), None);
        assert_eq!(since(ago(5_000)), Some(Stuck::Unfinished));
        let mut writes = WriteStatus { unfinished_since: ago(4_000), ..WriteStatus::default() };
        writes.answered(Err(Failure::Database(database::Error::from(Refusal::FileReplaced))));
        let refused = Some(Stuck::Refused(Loss::Refused(Refusal::FileReplaced)));
        assert_eq!((writes.stuck(), writes.unfinished_for()), (refused, Duration::ZERO));
        writes.answered(Ok(()));
        assert_eq!(writes.stuck(), None);
    }

    #[test]
    fn a_change_without_room_counts_until_one_is_committed_or_ten_seconds_have_passed() {
        let mut writes = WriteStatus::default();
        writes.found_no_room();
        writes.answered(Ok(()));
        assert_eq!(writes.stuck(), Some(Stuck::Refused(Loss::OutOfReach)), "a heartbeat is smaller");
        assert!(writes.committed() && !writes.committed());
        assert_eq!(writes.stuck(), None);
        let ago =
            |seconds| Instant::now().checked_sub(Duration::from_secs(seconds)).expect("a machine that is up");
        for (seconds, is_stuck) in [(9, true), (10, false)] {
            writes.no_room_at = Some(ago(seconds));
            assert_eq!(writes.stuck().is_some(), is_stuck, "{seconds}");
        }
    }
}
