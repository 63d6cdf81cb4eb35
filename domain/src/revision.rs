//! Numbers that commits raise, and which commit it was.
//!
//! A number alone does not tell two histories of a database apart: after a restore, or after a failover to a standby
//! that lagged, the same number can be reached again by another commit. Each commit therefore stores a random name
//! of its own beside the number that it raises.

use uuid::Uuid;

/// A number that commits raise, and the commit that raised it last.
///
/// Two states with the same number and the same commit are the same state of the same history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// Grows by one with each commit.
    pub number: i64,
    /// The name of the commit; none before the first one, and where a version of the service wrote that named none.
    pub commit: Option<Uuid>,
}

impl Revision {
    /// The next number, reached by a commit of this name.
    #[must_use]
    pub const fn next(self, commit: Uuid) -> Self {
        Self { number: self.number + 1, commit: Some(commit) }
    }

    /// Whether this takes the place of what is in memory at present. It was read or committed when memory had `known`; a
    /// state that came into memory since then is replaced by a higher number only.
    #[must_use]
    pub fn replaces(self, present: Self, known: Self) -> bool {
        self.number > present.number || (present == known && self.is_of_another_history_than(known))
    }

    /// Whether a process that knows `known` can only know it from another history, now that this is what the
    /// database has: in one history no number goes back, and none is reached by two commits.
    #[must_use]
    pub fn is_of_another_history_than(self, known: Self) -> bool {
        self.number < known.number || (self.number == known.number && self.commit != known.commit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_into_memory_meanwhile_is_replaced_by_a_higher_number_only() {
        let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let at = |number, commit| Revision { number, commit: Some(commit) };
        let (read, known) = (at(4, one), at(5, one));
        assert!(read.replaces(known, known), "the database went back");
        assert!(!read.replaces(at(6, one), known), "a commit was faster than the reading");
        assert!(at(7, one).replaces(at(6, one), known));
        assert!(!at(6, two).replaces(at(6, one), known));
        assert!(!known.replaces(known, known), "it is what is there");
    }

    #[test]
    fn a_number_that_goes_back_or_was_reached_by_another_commit_is_of_another_history() {
        let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let at = |number, commit| Revision { number, commit };
        let known = at(5, Some(one));
        for (present, is_another) in [
            (at(4, Some(one)), true),
            (at(4, None), true),
            (at(5, Some(two)), true),
            (at(5, None), true),
            (known, false),
            (known.next(two), false),
            (at(9, None), false),
        ] {
            assert_eq!(present.is_of_another_history_than(known), is_another, "{present:?}");
        }
    }
}
