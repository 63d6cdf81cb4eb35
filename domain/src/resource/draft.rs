//! Input of a resource, as typed. A resource that may contain an address names its case.

use super::{Resource, ResourceAudience, ResourceContents, ResourceKind, ResourceState, url};
use crate::{
    CaseId, EditionId, Language,
    catalogue::{Catalogue, checks::check_open},
    draft::Patch,
    text,
    violation::{EntityKind, ViolationKind, Violations},
};

/// A resource as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceDraft {
    /// What it is; needed for a new one.
    pub kind: Option<ResourceKind>,
    /// Its title; needed for a new one.
    pub title: Option<String>,
    /// The edition it belongs to; [`Patch::Clear`] for every year. That of its case, if it has one.
    pub edition: Patch<EditionId>,
    /// The case it is about; [`Patch::Clear`] for none.
    pub case: Patch<CaseId>,
    /// The language it is in; needed for a new one.
    pub language: Option<String>,
    /// The audience it is for; needed for a new one.
    pub audience: Option<ResourceAudience>,
    /// Where it is; needed for a new one.
    pub url: Option<String>,
    /// Which version of it is there; [`Patch::Clear`] for none.
    pub version: Patch<String>,
}

impl ResourceDraft {
    /// Whether this would change the resource. An invalid draft counts as a change, which then reports the violations.
    pub fn changes(&self, catalogue: &Catalogue, before: &Resource) -> bool {
        let (mut violations, mut after) = (Violations::default(), before.clone());
        self.apply(&mut violations, catalogue, &mut after);
        !violations.is_empty() || after != *before
    }

    pub(super) fn apply(&self, violations: &mut Violations, catalogue: &Catalogue, resource: &mut Resource) {
        if let Some(kind) = self.kind {
            resource.kind = kind;
        }
        if let Some(title) = violations.check_optional("title", self.title.as_deref().map(text::line)) {
            resource.title = title;
        }
        self.apply_scope(violations, catalogue, resource);
        let language = self.language.as_deref().map(Language::parse);
        if let Some(language) = violations.check_optional("language", language) {
            resource.language = language;
        }
        if let Some(audience) = self.audience {
            resource.audience = audience;
        }
        if let Some(url) = violations.check_optional("url", self.url.as_deref().map(url)) {
            resource.url = url;
        }
        let version =
            self.version.complete(violations, "version", |typed| text::line(typed), resource.version.take());
        resource.version = version;
        let is_same = |other: &Resource| {
            let belongs = (other.edition_id, other.case_id) == (resource.edition_id, resource.case_id);
            other.state == ResourceState::Offered
                && other.id != resource.id
                && belongs
                && other.url == resource.url
        };
        if catalogue.resources().any(is_same) {
            violations.add("url", ViolationKind::AlreadyExists { noun: EntityKind::Resource });
        }
    }

    /// What it belongs to. The edition follows from the case.
    fn apply_scope(&self, violations: &mut Violations, catalogue: &Catalogue, resource: &mut Resource) {
        resource.case_id = self.case.apply_to(resource.case_id);
        resource.edition_id = self.edition.apply_to(resource.edition_id);
        if self.edition.set().is_some_and(|edition| catalogue.edition(edition).is_none()) {
            violations.add("edition", ViolationKind::NotFound { noun: EntityKind::Edition });
        }
        match resource.case_id.map(|id| catalogue.case(id)) {
            Some(None) => violations.add("case", ViolationKind::NotFound { noun: EntityKind::Case }),
            Some(Some(case)) => {
                if self.edition.set().is_some_and(|edition| edition != case.edition_id) {
                    violations.add("case", ViolationKind::CaseNotInCampaign);
                }
                resource.edition_id = Some(case.edition_id);
            }
            None if resource.kind.carries() == ResourceContents::Address => {
                violations.add("case", ViolationKind::CaseMissing);
            }
            None => {}
        }
        if let Some(edition) = resource.edition_id {
            let field = match (self.case.set(), self.edition.set()) {
                (Some(_), _) => "case",
                (None, Some(_)) => "edition",
                (None, None) => "id",
            };
            check_open(violations, field, catalogue, edition);
        }
    }
}
