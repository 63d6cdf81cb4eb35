//! What administrators decide: editions, sections, campaigns, cases and published figures.
//!
//! One function for each mutation, over a working copy of the catalogue. Each checks its input whole
//! and says all broken rules at once, with the paths of the input; whoever gets an error throws the
//! working copy away. Nothing here reads a clock, draws an identity or touches a database.
//!
//! In a draft, what is absent stays as it is; where a thing may be without a value, `Some(None)`
//! takes the value away.
//!
//! ```
//! use domain::EditionId;
//! use graphql::{administration::edition::{self, EditionDraft}, catalogue::{Catalogue, Revising}};
//!
//! let mut revising = Revising::new(Catalogue::default(), jiff::Timestamp::UNIX_EPOCH);
//! let id = EditionId::new(uuid::Uuid::from_u128(1));
//! let draft = EditionDraft { year: Some(2026), letter_goal: Some(Some(5_000_000.0)) };
//! let edition = edition::create(&mut revising, id, &draft).expect("a new year");
//! assert_eq!((edition.year, edition.revision), (2026, 1));
//! assert_eq!(revising.actions()[0].action, "editionCreate");
//! ```

use domain::{
    Edition, EditionId, Violation, ViolationKind, Violations,
    text::{self, Language},
    violation::EntityKind,
};

use crate::catalogue::Catalogue;

pub mod campaign;
pub mod case;
pub mod edition;
pub mod figure;
pub mod resource;
pub mod section;
pub mod urgent_action;

/// The answer about a thing that is not there; nothing more can be said about the input.
fn not_found(field: &str, noun: EntityKind) -> Vec<Violation> {
    vec![Violation::at([field], ViolationKind::NotFound { noun })]
}

fn check_revision(violations: &mut Violations, expected: u32, current: u32) {
    if expected != current {
        violations.add("expectedRevision", ViolationKind::StaleRevision { current });
    }
}

/// Whether the edition still changes; `field` is the part of the input that leads to it.
fn check_open(violations: &mut Violations, field: &str, catalogue: &Catalogue, edition: EditionId) {
    if let Err(rule) = catalogue.edition(edition).map_or(Ok(()), Edition::check_open) {
        violations.add(field, rule);
    }
}

/// A reason that has to be given.
fn reason(violations: &mut Violations, typed: &str) -> String {
    violations.check("reason", text::reason(typed)).unwrap_or_default()
}

/// Languages of which at least one is needed, each once.
fn languages(violations: &mut Violations, typed: &[String]) -> Vec<Language> {
    if typed.is_empty() {
        violations.add("languages", ViolationKind::TooFew);
    } else if typed.len() > domain::case::ENTRIES_MOST {
        violations.add("languages", ViolationKind::TooMany { most: domain::case::ENTRIES_MOST });
    }
    let mut seen = std::collections::BTreeSet::new();
    let parsed = typed.iter().map(|tag| match Language::parse(tag) {
        Ok(language) if !seen.insert(language.clone()) => Err(ViolationKind::Repeated),
        parsed => parsed,
    });
    violations.check_each("languages", parsed)
}

#[cfg(test)]
mod tests {
    //! What the tests of every noun start from.

    use domain::{
        Campaign, CampaignId, Case, CaseId, SectionId,
        case::{CaseDraft, CaseKind},
    };
    use uuid::Uuid;

    use super::{campaign::CampaignDraft, edition::EditionDraft, section::SectionDraft, *};
    use crate::catalogue::CatalogueEdit;

    pub(super) const EDITION: EditionId = EditionId::new(Uuid::from_u128(1));
    pub(super) const SECTION: SectionId = SectionId::new(Uuid::from_u128(2));
    pub(super) const CAMPAIGN: CampaignId = CampaignId::new(Uuid::from_u128(3));
    pub(super) const CASE: CaseId = CaseId::new(Uuid::from_u128(4));
    /// An identity that nothing has.
    pub(super) const NOBODY: Uuid = Uuid::from_u128(99);

    /// In the middle of the campaign of 2021.
    pub(super) fn empty() -> CatalogueEdit {
        CatalogueEdit::new(Catalogue::default(), "2021-12-10T12:00:00Z".parse().expect("an instant"))
    }

    /// The edition of 2021 with Canada's campaign, and a case that is still a draft.
    pub(super) fn stocked() -> CatalogueEdit {
        let mut revising = empty();
        edition::create(
            &mut revising,
            EDITION,
            &EditionDraft { year: Some(2021), ..EditionDraft::default() },
        )
        .expect("an edition");
        section::create(&mut revising, SECTION, "ca", &canada()).expect("a section");
        campaign::create(&mut revising, CAMPAIGN, EDITION, SECTION, &winter()).expect("a campaign");
        case::create(&mut revising, CASE, EDITION, "rung", &rung()).expect("a case");
        revising
    }

    pub(super) fn canada() -> SectionDraft {
        SectionDraft {
            name: Some("Canada".into()),
            country: Some(Some("CA".into())),
            languages: Some(vec!["en".into()]),
            time_zone: Some("America/Toronto".into()),
        }
    }

    pub(super) fn winter() -> CampaignDraft {
        CampaignDraft {
            opens_on: Some("2021-11-01".into()),
            deadline_on: Some("2022-01-31".into()),
            ..CampaignDraft::default()
        }
    }

    pub(super) fn rung() -> CaseDraft {
        CaseDraft {
            name: Some("Rung".into()),
            kind: Some(CaseKind::Person),
            country: Some("TH".into()),
            ..CaseDraft::default()
        }
    }

    pub(super) fn the_case(revising: &CatalogueEdit) -> Case {
        revising.catalogue.case(CASE).expect("the case").clone()
    }

    pub(super) fn the_campaign(revising: &CatalogueEdit) -> Campaign {
        revising.catalogue.campaign(CAMPAIGN).expect("the campaign").clone()
    }

    /// Everything that was refused, as `path CODE`.
    pub(super) fn refused<T: std::fmt::Debug>(result: Result<T, Vec<Violation>>) -> Vec<String> {
        let broken = result.expect_err("it is against the rules");
        broken
            .iter()
            .map(|violation| format!("{} {}", violation.path.join("."), violation.rule.code()))
            .collect()
    }

    /// What was noted last: action, subject and reason.
    pub(super) fn noted(revising: &CatalogueEdit) -> (&'static str, Uuid, Option<&str>) {
        let action = revising.actions().last().expect("something was noted");
        (action.action, action.subject, action.reason.as_deref())
    }

    /// Ends the edition.
    pub(super) fn archive(revising: &mut CatalogueEdit) {
        let revision = revising.catalogue.edition(EDITION).expect("the edition").revision;
        edition::archive(revising, EDITION, revision, "It is over.").expect("an open edition");
    }
}
