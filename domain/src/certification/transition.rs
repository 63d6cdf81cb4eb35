//! Certifying a total, and the corrections of what was certified.

use super::{Certification, Correction};
use crate::{
    Catalogue, EditionId, SectionId, Totals,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{check_open, not_found},
    },
    open_data::OpenData,
    total::{Counts, TotalScope, TotalStatus},
    violation::{EntityKind, ViolationKind, Violations},
};

/// The count that is to be certified.
#[derive(Clone, Copy, Debug)]
pub struct CertifiedCount<'a> {
    /// The version of the edition.
    pub version: u64,
    /// Its totals.
    pub totals: &'a Totals,
    /// Whether a recount of the ledger equals the counters.
    pub is_recounted: bool,
}

/// Certifies the present total of an edition, or of the campaign of one section in it. Returns the certification and the
/// canonical rows.
///
/// # Errors
/// [`ViolationKind::NotFound`], [`ViolationKind::EditionArchived`]; [`ViolationKind::AlreadyCertified`];
/// [`ViolationKind::TotalNotComplete`] before every window in the scope is over;
/// [`ViolationKind::RecountDiffers`]; [`ViolationKind::StaleRevision`] where the count is of another version than
/// `expected_version`.
pub fn certify(
    edit: &mut CatalogueEdit,
    id: EditionId,
    section: Option<SectionId>,
    expected_version: u64,
    count: CertifiedCount<'_>,
) -> Result<(Certification, String), Violations> {
    let catalogue = &edit.catalogue;
    let edition = catalogue.edition(id).ok_or_else(|| not_found("id", EntityKind::Edition))?;
    if section.is_some_and(|section| catalogue.campaign_of(id, section).is_none()) {
        return Err(not_found("id", EntityKind::Campaign));
    }
    let scope = section.map_or(TotalScope::Edition, TotalScope::Section);
    let mut violations = Violations::default();
    check_open(&mut violations, "id", catalogue, id);
    if catalogue.certification(id, section).is_some() {
        violations.add("id", ViolationKind::AlreadyCertified);
    } else if TotalStatus::at(
        catalogue.campaigns_of_total(id, scope).map(|campaign| &campaign.window),
        edit.now,
    ) != TotalStatus::Complete
    {
        violations.add("id", ViolationKind::TotalNotComplete);
    }
    if !count.is_recounted {
        violations.add("id", ViolationKind::RecountDiffers);
    }
    if expected_version != count.version {
        let current = u32::try_from(count.version).unwrap_or(u32::MAX);
        violations.add("expected_version", ViolationKind::StaleRevision { current });
    }
    violations.into_result()?;
    let rows = OpenData::new(catalogue, edition, section, count.version, count.totals);
    let (snapshot, hash) = (rows.to_ndjson(), rows.hash());
    let certification = Certification {
        edition_id: id,
        section_id: section,
        version: count.version,
        hash,
        certified_at: edit.now,
    };
    let campaign =
        section.and_then(|section| edit.catalogue.campaign_of(id, section)).map(|campaign| campaign.id);
    let (action, subject) = match campaign {
        Some(campaign) => ("campaignCertify", campaign.uuid()),
        None => ("editionCertify", id.uuid()),
    };
    edit.upsert(CatalogueChange::Certification(certification.clone(), snapshot.clone().into()));
    edit.record(action, subject, None);
    Ok((certification, snapshot))
}

/// The corrections that a change of an edition makes: one for each section that is certified, by itself or with the
/// edition, and whose counts change.
#[must_use]
pub fn corrections(
    catalogue: &Catalogue,
    edition: EditionId,
    change: &Counts,
    (before, after): (&Totals, &Totals),
    correction: &Correction,
) -> Vec<Correction> {
    let lines = change
        .lines
        .iter()
        .filter(|(_, by)| by.quantity != 0 || by.late != 0)
        .map(|(key, _)| key.place.section);
    let heads = change
        .heads
        .iter()
        .filter(|(_, by)| by.people != 0 || by.reports != 0)
        .map(|(key, _)| key.place.section);
    let sections: std::collections::BTreeSet<_> = lines.chain(heads).collect();
    let of = |totals: &Totals, section| totals.sums(TotalScope::Section(section)).all;
    sections
        .into_iter()
        .filter(|section| catalogue.is_certified(edition, *section))
        .map(|section_id| Correction {
            section_id,
            before: of(before, section_id),
            after: of(after, section_id),
            ..correction.clone()
        })
        .collect()
}

impl Catalogue {
    /// The certification of an edition, or of the campaign of one section in it by itself.
    #[must_use]
    pub fn certification(&self, edition: EditionId, section: Option<SectionId>) -> Option<&Certification> {
        self.certifications.get(&(edition, section))
    }

    /// Whether the total of a section is certified, by itself or with the whole edition.
    #[must_use]
    pub fn is_certified(&self, edition: EditionId, section: SectionId) -> bool {
        [Some(section), None].iter().any(|section| self.certification(edition, *section).is_some())
    }

    /// The certification that holds for a total: that of the section, else that of the edition.
    #[must_use]
    pub fn certification_of_total(&self, edition: EditionId, scope: TotalScope) -> Option<&Certification> {
        let of_section = match scope {
            TotalScope::Section(section) | TotalScope::SectionCase(section, _) => {
                self.certification(edition, Some(section))
            }
            TotalScope::Edition | TotalScope::Case(_) => None,
        };
        of_section.or_else(|| self.certification(edition, None))
    }
}
