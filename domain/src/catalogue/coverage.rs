//! Coverage of an edition: which of its sections were heard from.

use std::collections::BTreeSet;

use super::Catalogue;
use crate::{
    EditionId, SectionId,
    total::{TotalScope, Totals},
};

/// The sections of an edition, by whether they were heard from.
///
/// ```
/// use domain::{Catalogue, EditionId, Totals};
/// let edition = EditionId::new(uuid::Uuid::nil());
/// assert!(Catalogue::default().section_coverage(edition, &Totals::default()).awaited.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SectionCoverage {
    /// Those with a report that counts, or with a statement that was not withdrawn.
    pub heard_from: BTreeSet<SectionId>,
    /// Those that run a campaign of the edition and have neither.
    pub awaited: BTreeSet<SectionId>,
}

impl Catalogue {
    /// Which sections of an edition were heard from, by these totals of it.
    #[must_use]
    pub fn section_coverage(&self, edition: EditionId, totals: &Totals) -> SectionCoverage {
        let campaigns: BTreeSet<_> = self.campaigns_in(edition).map(|campaign| campaign.section_id).collect();
        let stated = self.statements(edition).filter(|statement| statement.withdrawn_at.is_none());
        let mut heard_from: BTreeSet<_> = stated.map(|statement| statement.section_id).collect();
        let has_report = |section: SectionId| totals.sums(TotalScope::Section(section)).reports > 0;
        heard_from.extend(campaigns.iter().copied().filter(|&section| has_report(section)));
        let awaited = campaigns.difference(&heard_from).copied().collect();
        SectionCoverage { heard_from, awaited }
    }
}
