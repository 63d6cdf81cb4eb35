//! The statement rule: how a total stated by a section is combined with the reports made here.
//!
//! ```
//! use domain::{event::deduplication::ByCase, statement::{self, Relation}};
//! let reports = ByCase::from([(None, 1_147)]);
//! let paper = ByCase::from([(None, 80)]);
//! let together = statement::count(&paper, &reports, Relation::BesideReports);
//! assert_eq!((together.here, together.beside, together.total()), (1_147, 80, 1_227));
//! ```

use crate::{
    event::deduplication::{self, ByCase},
    string_enum::string_enum,
};

string_enum! {
    /// How a statement relates to the reports made here.
    ///
    /// ```
    /// use domain::statement::Relation;
    /// assert_eq!(Relation::ContainsReports.as_str(), "CONTAINS_REPORTS");
    /// ```
    pub enum Relation {
        /// It already contains them: the larger number of the two holds.
        ContainsReports = "CONTAINS_REPORTS",
        /// It counts other letters, on paper for example: it is added.
        BesideReports = "BESIDE_REPORTS",
    }
}

/// A total of two visible parts.
///
/// ```
/// use domain::statement::{count, Relation};
/// let none = count(&Default::default(), &Default::default(), Relation::ContainsReports);
/// assert_eq!(none.total(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementCount {
    /// What counts for each case and, under `None`, unallocated; its sum is the total.
    pub by_case: ByCase,
    /// What was reported here.
    pub here: u64,
    /// What the statement adds to it.
    pub beside: u64,
}

impl StatementCount {
    /// Both parts together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.here + self.beside
    }
}

/// Counts a statement of one scope and kind beside the reports of the same scope and kind.
#[must_use]
pub fn count(stated: &ByCase, reported: &ByCase, relation: Relation) -> StatementCount {
    let here = reported.values().sum();
    let (by_case, total) = match relation {
        Relation::ContainsReports => {
            let counted = deduplication::count(stated, reported);
            (counted.by_case, counted.total)
        }
        Relation::BesideReports => {
            let mut sum = reported.clone();
            for (&case, &quantity) in stated {
                *sum.entry(case).or_default() += quantity;
            }
            let total = sum.values().sum();
            (sum, total)
        }
    };
    StatementCount { by_case, here, beside: total - here }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::deduplication::tests::some_by_case;
    use proptest::prelude::*;

    #[test]
    fn a_statement_that_contains_the_reports_counts_as_the_larger_of_both() {
        let here = ByCase::from([(None, 1_147)]);
        let larger = count(&ByCase::from([(None, 1_300)]), &here, Relation::ContainsReports);
        assert_eq!((larger.here, larger.beside), (1_147, 153));
        let smaller = count(&ByCase::from([(None, 900)]), &here, Relation::ContainsReports);
        assert_eq!((smaller.here, smaller.beside), (1_147, 0));
    }

    proptest! {
        #[test]
        fn a_statement_never_takes_away_what_was_reported(
            stated in some_by_case(), reported in some_by_case(),
            relation in proptest::sample::select(Relation::ALL)
        ) {
            let counted = count(&stated, &reported, relation);
            let (stated_total, here): (u64, u64) = (stated.values().sum(), reported.values().sum());
            prop_assert_eq!(counted.here, here);
            prop_assert!(counted.total() >= here.max(stated_total));
            prop_assert!(counted.total() <= here + stated_total);
            prop_assert_eq!(counted.by_case.values().sum::<u64>(), counted.total());
        }

        #[test]
        fn a_statement_beside_the_reports_is_added_in_full(
            stated in some_by_case(), reported in some_by_case()
        ) {
            let counted = count(&stated, &reported, Relation::BesideReports);
            prop_assert_eq!(counted.beside, stated.values().sum::<u64>());
        }
    }
}
