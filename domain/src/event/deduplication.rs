//! Deduplication of the reports of one event: host and attendees report the same letters, and each counts once.
//!
//! ```
//! use domain::{CaseId, event::deduplication};
//! use std::collections::BTreeMap;
//! let case_a = CaseId::new(uuid::Uuid::from_u128(1));
//! // The host counted 120 without telling cases; attendees reported 30 for one case.
//! let counts = deduplication::count(&BTreeMap::from([(None, 120)]), &BTreeMap::from([(Some(case_a), 30)]));
//! assert_eq!(counts.by_case[&Some(case_a)], 30);
//! assert_eq!(counts.by_case[&None], 90);
//! assert_eq!((counts.total, counts.deduplicated), (120, 30));
//! ```

use std::collections::BTreeMap;

use crate::CaseId;

/// Quantities of one action kind by case; `None` is the unallocated part.
pub type ByCase = BTreeMap<Option<CaseId>, u64>;

/// What counts of one kind after two sources spoke of the same letters.
///
/// ```
/// let nothing = domain::event::deduplication::count(&Default::default(), &Default::default());
/// assert_eq!(nothing.total, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeduplicatedCounts {
    /// What counts for each case and, under `None`, unallocated; its sum is `total`.
    pub by_case: ByCase,
    /// What counts in all.
    pub total: u64,
    /// What both sources reported and so counts once: the sum of the sources less `total`.
    pub deduplicated: u64,
}

/// Counts one kind of an event from the host's and the attendees' quantities.
///
/// For each case the larger number holds; in all, the largest of the host's total, the attendees'
/// total and the sum over the cases. What that leaves over is unallocated.
#[must_use]
pub fn count(host: &ByCase, attendees: &ByCase) -> DeduplicatedCounts {
    let mut by_case = ByCase::new();
    for (&case, &quantity) in host.iter().chain(attendees).filter(|(case, _)| case.is_some()) {
        let counted = by_case.entry(case).or_default();
        *counted = quantity.max(*counted);
    }
    by_case.retain(|_, quantity| *quantity > 0);
    let allocated: u64 = by_case.values().sum();
    let (host_total, attendees_total) = (host.values().sum::<u64>(), attendees.values().sum::<u64>());
    let total = host_total.max(attendees_total).max(allocated);
    if total > allocated {
        by_case.insert(None, total - allocated);
    }
    DeduplicatedCounts { by_case, total, deduplicated: host_total + attendees_total - total }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    pub(crate) fn case(number: u128) -> Option<CaseId> {
        Some(CaseId::new(Uuid::from_u128(number)))
    }

    pub(crate) fn some_by_case() -> impl Strategy<Value = ByCase> {
        let cases = prop_oneof![Just(None), (1..5_u128).prop_map(case)];
        proptest::collection::btree_map(cases, 0..200_u64, 0..6)
    }

    #[test]
    fn attendees_fill_in_what_the_host_did_not_see() {
        let host = ByCase::from([(case(1), 50)]);
        let attendees = ByCase::from([(case(1), 20), (case(2), 10)]);
        let counts = count(&host, &attendees);
        assert_eq!(counts.by_case, ByCase::from([(case(1), 50), (case(2), 10)]));
        assert_eq!((counts.total, counts.deduplicated), (60, 20));
    }

    #[test]
    fn an_unallocated_number_of_the_host_is_never_spread_over_cases() {
        let counts = count(&ByCase::from([(None, 120)]), &ByCase::from([(case(1), 30)]));
        assert_eq!(counts.by_case, ByCase::from([(case(1), 30), (None, 90)]));
        assert_eq!(counts.total, 120);
    }

    proptest! {
        #[test]
        fn the_total_lies_between_the_larger_source_and_their_sum(
            host in some_by_case(), attendees in some_by_case()
        ) {
            let (host_total, attendees_total): (u64, u64) =
                (host.values().sum(), attendees.values().sum());
            let counts = count(&host, &attendees);
            prop_assert!(counts.total >= host_total.max(attendees_total));
            prop_assert!(counts.total <= host_total + attendees_total);
            prop_assert_eq!(counts.total + counts.deduplicated, host_total + attendees_total);
        }

        #[test]
        fn each_case_lies_between_its_larger_source_and_their_sum(
            host in some_by_case(), attendees in some_by_case()
        ) {
            let counts = count(&host, &attendees);
            for number in 1..5 {
                let of = |source: &ByCase| source.get(&case(number)).copied().unwrap_or(0);
                prop_assert_eq!(of(&counts.by_case), of(&host).max(of(&attendees)));
            }
        }

        #[test]
        fn the_parts_add_up(host in some_by_case(), attendees in some_by_case()) {
            let counts = count(&host, &attendees);
            prop_assert_eq!(counts.by_case.values().sum::<u64>(), counts.total);
        }

        #[test]
        fn it_does_not_matter_who_is_asked_first(host in some_by_case(), attendees in some_by_case()) {
            prop_assert_eq!(count(&host, &attendees), count(&attendees, &host));
        }

        #[test]
        fn one_source_alone_counts_as_it_stands(host in some_by_case()) {
            let counts = count(&host, &ByCase::new());
            prop_assert_eq!(counts.total, host.values().sum::<u64>());
            prop_assert_eq!(counts.deduplicated, 0);
        }
    }
}
