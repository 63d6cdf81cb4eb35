//! The difference of two scopes: a whole without one of its parts.

use std::collections::BTreeMap;

use super::{LetterCounts, ScopeTotals, TotalScope, Totals};
use crate::SectionId;

impl Totals {
    /// The sums of the edition without those of one section: what all others have. Both together are the sums of the
    /// edition, in every number and in every entry of each breakdown.
    ///
    /// ```
    /// use domain::{SectionId, Totals, total::ScopeTotals};
    /// let section = SectionId::new(uuid::Uuid::nil());
    /// assert_eq!(Totals::default().without(section), ScopeTotals::default());
    /// ```
    #[must_use]
    pub fn without(&self, section: SectionId) -> ScopeTotals {
        let (all, part) = (self.sums(TotalScope::Edition), self.sums(TotalScope::Section(section)));
        ScopeTotals {
            all: all.all.without(part.all),
            late: all.late.without(part.late),
            people: all.people.saturating_sub(part.people),
            reports: all.reports.saturating_sub(part.reports),
            pending_review: all.pending_review.without(part.pending_review),
            reports_pending_review: all.reports_pending_review.saturating_sub(part.reports_pending_review),
            by_kind: without(&all.by_kind, &part.by_kind),
            by_case: without(&all.by_case, &part.by_case),
            by_section: without(&all.by_section, &part.by_section),
            by_country: without(&all.by_country, &part.by_country),
            by_region: without(&all.by_region, &part.by_region),
            by_origin: without(&all.by_origin, &part.by_origin),
            by_way: without(&all.by_way, &part.by_way),
            stated: all.stated.without(part.stated),
            // It is of a section alone.
            reported: BTreeMap::new(),
        }
    }
}

impl LetterCounts {
    fn without(self, part: Self) -> Self {
        Self {
            letters: self.letters.saturating_sub(part.letters),
            actions: self.actions.saturating_sub(part.actions),
        }
    }
}

/// A breakdown without that of a part; entries without actions are left out.
fn without<K: Ord + Clone>(
    all: &BTreeMap<K, LetterCounts>,
    part: &BTreeMap<K, LetterCounts>,
) -> BTreeMap<K, LetterCounts> {
    let of_part = |key| part.get(key).copied().unwrap_or_default();
    let rest = all.iter().map(|(key, counts)| (key.clone(), counts.without(of_part(key))));
    rest.filter(|(_, counts)| !counts.is_nothing()).collect()
}
