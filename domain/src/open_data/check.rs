//! The recomputation of open data: every breakdown adds up.

use std::collections::BTreeMap;

use super::{Dimension, Measure, OpenData, OpenDataError, OpenDataProblem};

/// What open data adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenDataTotals {
    /// Letters.
    pub letters: u64,
    /// All actions.
    pub actions: u64,
    /// People who wrote.
    pub people: u64,
    /// Reports that count.
    pub reports: u64,
}

impl OpenData {
    /// Adds up the rows, and checks that each breakdown of each case in each section adds up to all of it.
    ///
    /// # Errors
    /// [`OpenDataProblem::Sum`] for the first breakdown that does not.
    pub fn check(&self) -> Result<OpenDataTotals, OpenDataError> {
        let mut totals = OpenDataTotals::default();
        // By section, case and measure: the sum of each dimension.
        let mut sums: BTreeMap<(&str, Option<&str>, Measure), BTreeMap<Dimension, u64>> = BTreeMap::new();
        for row in &self.rows {
            match (row.dimension, row.measure) {
                (Dimension::All, Measure::Letters) => totals.letters += row.value,
                (Dimension::All, Measure::Actions) => totals.actions += row.value,
                (Dimension::All, Measure::People) => totals.people += row.value,
                (Dimension::All, Measure::Reports) => totals.reports += row.value,
                _ => {}
            }
            if matches!(row.measure, Measure::Letters | Measure::Actions) {
                let sums = sums.entry((&row.section, row.case.as_deref(), row.measure)).or_default();
                *sums.entry(row.dimension).or_default() += row.value;
            }
        }
        for ((section, case, measure), sums) in sums {
            let all = sums.get(&Dimension::All).copied().unwrap_or_default();
            for dimension in Dimension::ALL {
                let parts = sums.get(dimension).copied().unwrap_or_default();
                if parts != all {
                    let place =
                        format!("{section} {} {dimension} {measure}", case.unwrap_or("without a case"));
                    return Err(OpenDataProblem::Sum { place, parts, all }.into());
                }
            }
        }
        Ok(totals)
    }
}
