//! The published number of events that took place.
//!
//! Private and unlisted events count too, but the number must not reveal any of them. So one such event is
//! counted for each organizer, and these are shown in whole groups only. An observer of the number learns at
//! most that the events of a group of organizers have taken place; of all but the last of them not when, and
//! of none which. An organizer of any number of events under one address is one member of the group: their
//! own events tell them nothing about when the others take place.
//!
//! ```
//! use domain::event::{DISCLOSURE_GROUP, CompletedEvents};
//! assert_eq!(CompletedEvents { listed: 3, hidden_organizers: DISCLOSURE_GROUP - 1 }.published(), 3);
//! assert_eq!(CompletedEvents { listed: 3, hidden_organizers: DISCLOSURE_GROUP }.published(), 3 + DISCLOSURE_GROUP);
//! ```

/// The group size in which organizers of hidden events are shown. Statistical offices withhold values that fewer
/// than three to five respondents contribute to; five is the careful end of that range.
pub const DISCLOSURE_GROUP: u64 = 5;

/// Events of one scope that took place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompletedEvents {
    /// Those that are public.
    pub listed: u64,
    /// How many people organized those that are private or unlisted.
    pub hidden_organizers: u64,
}

impl CompletedEvents {
    /// The published number of them.
    #[must_use]
    pub const fn published(self) -> u64 {
        self.listed + self.hidden_organizers - self.hidden_organizers % DISCLOSURE_GROUP
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    /// Hidden events, each by one of a few organizers.
    fn some_events() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(0..30_u8, 0..60)
    }

    fn held(listed: u64, organizers: &[u8]) -> CompletedEvents {
        let organizers: BTreeSet<_> = organizers.iter().collect();
        CompletedEvents { listed, hidden_organizers: organizers.len() as u64 }
    }

    #[test]
    fn hidden_events_are_shown_by_whole_groups_of_organizers() {
        for (organizers, shown) in [(0, 0), (1, 0), (4, 0), (5, 5), (6, 5), (9, 5), (10, 10)] {
            assert_eq!(
                CompletedEvents { listed: 0, hidden_organizers: organizers }.published(),
                shown,
                "{organizers}"
            );
            assert_eq!(
                CompletedEvents { listed: 7, hidden_organizers: organizers }.published(),
                shown + 7,
                "{organizers}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_more_are_shown_than_took_place(listed in 0..1_000_u64, events in some_events()) {
            let shown = held(listed, &events).published();
            prop_assert!((listed..=listed + events.len() as u64).contains(&shown));
        }

        #[test]
        fn one_more_is_seen_if_it_is_listed_and_otherwise_only_with_its_group(
            listed in 0..1_000_u64,
            events in some_events(),
            organizer in 0..30_u8,
        ) {
            let before = held(listed, &events).published();
            prop_assert_eq!(held(listed + 1, &events).published(), before + 1);
            let with_one = [&events[..], &[organizer]].concat();
            let grown = held(listed, &with_one).published() - before;
            prop_assert!(grown == 0 || grown == DISCLOSURE_GROUP);
        }

        /// An observer with any number of own events, held at any moment, watches the number for those of others.
        #[test]
        fn whoever_has_events_of_their_own_sees_no_more_than_each_fourth_organizer(
            before in some_events(),
            own in proptest::collection::vec(any::<bool>(), 60),
        ) {
            const WATCHER: u8 = 200;
            let mut events = before;
            let mut others_since = None;
            for (stranger, holds_one) in (100..160_u8).zip(own) {
                if holds_one {
                    events.push(WATCHER);
                }
                let shown = held(0, &events).published();
                events.push(stranger);
                others_since = others_since.map(|others: u64| others + 1);
                if held(0, &events).published() > shown {
                    prop_assert!(others_since.is_none_or(|others| others >= DISCLOSURE_GROUP - 1));
                    others_since = Some(0);
                }
            }
        }
    }
}
