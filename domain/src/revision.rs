//! Revision numbers, each with the id of the commit that raised it.
//!
//! A number alone does not distinguish two histories of a database: after a restore, or after a
//! failover to a standby that lagged, another commit can reach the same number. Each commit therefore
//! stores a random id of its own beside the number that it raises.

use uuid::Uuid;

/// A revision number, and the commit that raised it last.
///
/// Two states with the same number and the same commit are the same state of the same history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// Grows by one with each commit.
    pub number: i64,
    /// The id of the commit. `None` before the first commit, and after a commit of an older version of
    /// the service, which stored no id.
    pub commit: Option<Uuid>,
}

impl Revision {
    /// The next revision, raised by the commit with this id.
    #[must_use]
    pub const fn next(self, commit: Uuid) -> Self {
        Self { number: self.number + 1, commit: Some(commit) }
    }

    /// Whether this revision replaces the one in memory (`present`). `known` was in memory when this
    /// one was read or committed; a state that was put into memory since then is replaced by a higher
    /// number only.
    #[must_use]
    pub fn replaces(self, present: Self, known: Self) -> bool {
        self.number > present.number || (present == known && self.is_of_another_history_than(known))
    }

    /// Whether `known` belongs to another history than this revision, which the database has now. In
    /// one history no number decreases, and no two commits reach the same number.
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
