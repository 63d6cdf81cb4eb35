//! Coverage of an edition: which of its sections were heard from.

use std::collections::BTreeSet;

use async_graphql::SimpleObject;
use domain::{EditionId, SectionId, Totals};

use crate::api::{RequestContext, scalar::Count, section::Section};

/// The sections of an edition, by whether they were heard from: whether at least one report to them counts, or they
/// have a statement that was not withdrawn. They are of the version of the total.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct SectionCoverage<'a> {
    /// The number of sections that were heard from.
    heard_from: Count,
    /// The number of sections with a campaign that were not heard from yet.
    awaited: Count,
    /// The sections that were heard from, by code.
    #[graphql(complexity = "crate::api::cost::list(crate::api::cost::BREAKDOWN, child_complexity)")]
    heard_from_sections: Vec<Section<'a>>,
    /// The sections that were not heard from yet, by code.
    #[graphql(complexity = "crate::api::cost::list(crate::api::cost::BREAKDOWN, child_complexity)")]
    awaited_sections: Vec<Section<'a>>,
}

impl<'a> SectionCoverage<'a> {
    /// The coverage of an edition by these totals.
    pub(super) fn of(request: &'a RequestContext, edition: EditionId, totals: &Totals) -> Self {
        let coverage = request.catalogue.section_coverage(edition, totals);
        let count = |sections: &BTreeSet<SectionId>| (sections.len() as u64).into();
        let listed = |sections: BTreeSet<SectionId>| {
            let mut found: Vec<_> =
                sections.into_iter().filter_map(|id| request.catalogue.section(id)).collect();
            found.sort_by(|one, other| one.code.cmp(&other.code));
            found.into_iter().map(|section| Section::new(request, section)).collect()
        };
        Self {
            heard_from: count(&coverage.heard_from),
            awaited: count(&coverage.awaited),
            heard_from_sections: listed(coverage.heard_from),
            awaited_sections: listed(coverage.awaited),
        }
    }
}
