//! Events that took place, as totals count them.
//!
//! An event that not everyone may find counts, and is not to be told from the number: of such events as
//! many are shown as make whole groups. Whoever watches the number learns at most that a group of them has
//! taken place; of all but the last of them not when, and of none which.
//!
//! ```
//! use domain::event::{HIDDEN_TOGETHER, Held};
//! assert_eq!(Held { listed: 3, hidden: HIDDEN_TOGETHER - 1 }.shown(), 3);
//! assert_eq!(Held { listed: 3, hidden: HIDDEN_TOGETHER }.shown(), 3 + HIDDEN_TOGETHER);
//! ```

/// How many events that not everyone may find are shown together. Statistical offices withhold what
/// fewer than three to five stand behind; five is the careful end of that.
pub const HIDDEN_TOGETHER: u64 = 5;

/// Events of one scope that took place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Those that everyone may find.
    pub listed: u64,
    /// Those that are private or unlisted.
    pub hidden: u64,
}

impl Held {
    /// How many of them everyone may know of.
    #[must_use]
    pub const fn shown(self) -> u64 {
        self.listed + self.hidden - self.hidden % HIDDEN_TOGETHER
    }
}

impl std::ops::Add for Held {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { listed: self.listed + other.listed, hidden: self.hidden + other.hidden }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some_held() -> impl Strategy<Value = Held> {
        (0..1_000_u64, 0..1_000_u64).prop_map(|(listed, hidden)| Held { listed, hidden })
    }

    #[test]
    fn hidden_events_are_shown_by_whole_groups() {
        for (hidden, shown) in [(0, 0), (1, 0), (4, 0), (5, 5), (6, 5), (9, 5), (10, 10)] {
            assert_eq!(Held { listed: 0, hidden }.shown(), shown, "{hidden}");
            assert_eq!(Held { listed: 7, hidden }.shown(), shown + 7, "{hidden}");
        }
    }

    proptest! {
        #[test]
        fn no_more_are_shown_than_took_place_and_less_than_a_group_is_missing(held in some_held()) {
            let all = held.listed + held.hidden;
            prop_assert!(held.shown() <= all && held.shown() >= held.listed);
            prop_assert!(all - held.shown() < HIDDEN_TOGETHER);
        }

        #[test]
        fn one_more_is_seen_if_it_is_listed_and_otherwise_only_with_its_group(held in some_held()) {
            let listed = held + Held { listed: 1, hidden: 0 };
            prop_assert_eq!(listed.shown(), held.shown() + 1);
            let grown = (held + Held { listed: 0, hidden: 1 }).shown() - held.shown();
            prop_assert!(grown == 0 || grown == HIDDEN_TOGETHER);
            let group = held + Held { listed: 0, hidden: HIDDEN_TOGETHER };
            prop_assert_eq!(group.shown(), held.shown() + HIDDEN_TOGETHER);
        }

        #[test]
        fn sections_show_no_more_than_their_edition(one in some_held(), two in some_held()) {
            prop_assert!(one.shown() + two.shown() <= (one + two).shown());
        }
    }
}
