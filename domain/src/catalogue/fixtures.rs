//! Test fixture: a small catalogue that the tests of every noun start from.

use uuid::Uuid;

use super::{Catalogue, CatalogueEdit};
use crate::{
    Campaign, CampaignId, Case, CaseId, EditionId, Patch, SectionId, Violations,
    campaign::{self, CampaignDraft},
    case::{self, CaseDraft, CaseKind},
    edition::{self, EditionDraft},
    section::{self, SectionDraft},
};

pub(crate) const EDITION: EditionId = EditionId::new(Uuid::from_u128(1));
pub(crate) const SECTION: SectionId = SectionId::new(Uuid::from_u128(2));
pub(crate) const CAMPAIGN: CampaignId = CampaignId::new(Uuid::from_u128(3));
pub(crate) const CASE: CaseId = CaseId::new(Uuid::from_u128(4));
/// An identity that nothing has.
pub(crate) const UNKNOWN_ID: Uuid = Uuid::from_u128(99);

/// In the middle of the campaign of 2021.
pub(crate) fn empty() -> CatalogueEdit {
    CatalogueEdit::new(Catalogue::default(), "2021-12-10T12:00:00Z".parse().expect("an instant"))
}

/// The edition of 2021 with Canada's campaign, and a case that is still a draft.
pub(crate) fn stocked() -> CatalogueEdit {
    let mut edit = empty();
    edition::create(&mut edit, EDITION, &EditionDraft { year: Some(2021), ..EditionDraft::default() })
        .expect("an edition");
    section::create(&mut edit, SECTION, "ca", &canada()).expect("a section");
    campaign::create(&mut edit, CAMPAIGN, EDITION, SECTION, &winter()).expect("a campaign");
    case::create(&mut edit, CASE, EDITION, "rung", &rung()).expect("a case");
    edit
}

pub(crate) fn canada() -> SectionDraft {
    SectionDraft {
        name: Some("Canada".into()),
        country: Patch::Set("CA".into()),
        languages: Some(vec!["en".into()]),
        time_zone: Some("America/Toronto".into()),
    }
}

pub(crate) fn winter() -> CampaignDraft {
    CampaignDraft {
        opens_on: Some("2021-11-01".into()),
        deadline_on: Some("2022-01-31".into()),
        ..CampaignDraft::default()
    }
}

pub(crate) fn rung() -> CaseDraft {
    CaseDraft {
        name: Some("Rung".into()),
        kind: Some(CaseKind::Person),
        country: Some("TH".into()),
        ..CaseDraft::default()
    }
}

pub(crate) fn the_case(edit: &CatalogueEdit) -> Case {
    edit.catalogue.case(CASE).expect("the case").clone()
}

pub(crate) fn the_campaign(edit: &CatalogueEdit) -> Campaign {
    edit.catalogue.campaign(CAMPAIGN).expect("the campaign").clone()
}

/// Everything that was refused, as `path CODE`.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Violations>) -> Vec<String> {
    let broken = result.expect_err("it is against the rules");
    broken.iter().map(|violation| format!("{} {}", violation.path.join("."), violation.rule.code())).collect()
}

/// What was noted last: action, subject and reason.
pub(crate) fn noted(edit: &CatalogueEdit) -> (&'static str, Uuid, Option<&str>) {
    let action = edit.actions().last().expect("something was noted");
    (action.action, action.subject, action.reason.as_deref())
}

/// Ends the edition.
pub(crate) fn archive(edit: &mut CatalogueEdit) {
    let revision = edit.catalogue.edition(EDITION).expect("the edition").revision;
    edition::archive(edit, EDITION, revision, "It is over.").expect("an open edition");
}
