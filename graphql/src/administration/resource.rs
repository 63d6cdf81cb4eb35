//! Resources: added, changed and retired. What may carry an address names its case.

use domain::{
    CaseId, EditionId, Language, Resource, ResourceId, Violation, ViolationKind, Violations,
    resource::{self, ResourceAudience, ResourceContents, ResourceKind, ResourceState},
    text,
    violation::EntityKind,
};

use super::{check_open, check_revision, not_found, reason};
use crate::catalogue::{Catalogue, CatalogueChange, CatalogueEdit};

/// More nobody looks through, and each is looked at for every list.
pub const MAX_RESOURCES: usize = 5_000;

/// A resource as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceDraft {
    /// What it is; needed for a new one.
    pub kind: Option<ResourceKind>,
    /// Its title; needed for a new one.
    pub title: Option<String>,
    /// The edition it belongs to; `Some(None)` for every year. That of its case, if it has one.
    pub edition: Option<Option<EditionId>>,
    /// The case it is about; `Some(None)` for none.
    pub case: Option<Option<CaseId>>,
    /// The language it is in; needed for a new one.
    pub language: Option<String>,
    /// Whom it is for; needed for a new one.
    pub audience: Option<ResourceAudience>,
    /// Where it is; needed for a new one.
    pub url: Option<String>,
    /// Which version of it is there; `Some(None)` for none.
    pub version: Option<Option<String>>,
}

impl ResourceDraft {
    /// Whether this would change the resource. What is against the rules would, too: its change says so.
    pub(crate) fn changes(&self, catalogue: &Catalogue, before: &Resource) -> bool {
        let (mut violations, mut after) = (Violations::default(), before.clone());
        self.apply(&mut violations, catalogue, &mut after);
        !violations.is_empty() || after != *before
    }

    fn apply(&self, violations: &mut Violations, catalogue: &Catalogue, resource: &mut Resource) {
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
        if let Some(url) = violations.check_optional("url", self.url.as_deref().map(resource::url)) {
            resource.url = url;
        }
        if let Some(typed) = &self.version {
            resource.version = violations.check_optional("version", typed.as_deref().map(text::line));
        }
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
        if let Some(case) = self.case {
            resource.case_id = case;
        }
        if let Some(edition) = self.edition {
            resource.edition_id = edition;
        }
        if self.edition.flatten().is_some_and(|edition| catalogue.edition(edition).is_none()) {
            violations.add("edition", ViolationKind::NotFound { noun: EntityKind::Edition });
        }
        match resource.case_id.map(|id| catalogue.case(id)) {
            Some(None) => violations.add("case", ViolationKind::NotFound { noun: EntityKind::Case }),
            Some(Some(case)) => {
                if self.edition.flatten().is_some_and(|edition| edition != case.edition_id) {
                    violations.add("case", ViolationKind::CaseForeign);
                }
                resource.edition_id = Some(case.edition_id);
            }
            None if resource.kind.carries() == ResourceContents::Address => {
                violations.add("case", ViolationKind::CaseMissing);
            }
            None => {}
        }
        if let Some(edition) = resource.edition_id {
            let field = match (self.case.flatten(), self.edition.flatten()) {
                (Some(_), _) => "case",
                (None, Some(_)) => "edition",
                (None, None) => "id",
            };
            check_open(violations, field, catalogue, edition);
        }
    }
}

/// Offers a resource.
///
/// # Errors
/// The rules that the draft breaks, [`Rule::AlreadyExists`] for an address that is offered for the same
/// already, [`Rule::CaseMissing`], [`Rule::CaseForeign`], [`Rule::EditionArchived`].
pub fn add(
    revising: &mut CatalogueEdit,
    id: ResourceId,
    draft: &ResourceDraft,
) -> Result<Resource, Vec<Violation>> {
    let mut violations = Violations::default();
    // What is needed is typed, if only to be told what is wrong with it.
    let draft = ResourceDraft {
        title: Some(draft.title.clone().unwrap_or_default()),
        language: Some(draft.language.clone().unwrap_or_default()),
        url: Some(draft.url.clone().unwrap_or_default()),
        ..draft.clone()
    };
    let kind = violations.check("kind", draft.kind.ok_or(ViolationKind::TextEmpty));
    let audience = violations.check("audience", draft.audience.ok_or(ViolationKind::TextEmpty));
    let mut resource = Resource {
        id,
        kind: kind.unwrap_or(ResourceKind::Other),
        title: String::new(),
        edition_id: None,
        case_id: None,
        language: Language::parse("und").expect("the tag of the registry for what is undetermined"),
        audience: audience.unwrap_or(ResourceAudience::Everyone),
        url: String::new(),
        version: None,
        state: ResourceState::Offered,
        changed_at: revising.now,
        revision: 1,
    };
    draft.apply(&mut violations, &revising.catalogue, &mut resource);
    if revising.catalogue.resources().count() >= MAX_RESOURCES {
        violations.add("title", ViolationKind::TooMany { most: MAX_RESOURCES });
    }
    violations.into_result()?;
    store(revising, "resourceAdd", &resource, None);
    Ok(resource)
}

/// Changes a resource.
///
/// # Errors
/// The rules that the draft breaks, as for a new one, [`Rule::ResourceRetired`], [`Rule::NotFound`] or
/// [`Rule::StaleRevision`].
pub fn change(
    revising: &mut CatalogueEdit,
    id: ResourceId,
    expected_revision: u32,
    draft: &ResourceDraft,
) -> Result<Resource, Vec<Violation>> {
    let (mut violations, mut resource) = changing(revising, id, expected_revision)?;
    draft.apply(&mut violations, &revising.catalogue, &mut resource);
    violations.into_result()?;
    store(revising, "resourceChange", &resource, None);
    Ok(resource)
}

/// Takes a resource back, at once and for good; in an archived edition too, since it may do harm there
/// as well.
///
/// # Errors
/// [`Rule::ResourceRetired`] if it is retired already, [`Rule::ReasonMissing`], [`Rule::NotFound`] or
/// [`Rule::StaleRevision`].
pub fn retire(
    revising: &mut CatalogueEdit,
    id: ResourceId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<Resource, Vec<Violation>> {
    let (mut violations, mut resource) = changing(revising, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    resource.state = ResourceState::Retired;
    store(revising, "resourceRetire", &resource, Some(&reason));
    Ok(resource)
}

/// The resource, changed now, and what speaks against changing it.
fn changing(
    revising: &CatalogueEdit,
    id: ResourceId,
    expected_revision: u32,
) -> Result<(Violations, Resource), Vec<Violation>> {
    let found = revising.catalogue.resource(id);
    let mut resource = found.ok_or_else(|| not_found("id", EntityKind::Resource))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, resource.revision);
    if resource.state == ResourceState::Retired {
        violations.add("id", ViolationKind::ResourceRetired);
    }
    resource.changed_at = revising.now;
    resource.revision += 1;
    Ok((violations, resource))
}

fn store(revising: &mut CatalogueEdit, action: &'static str, resource: &Resource, reason: Option<&str>) {
    revising.upsert(CatalogueChange::Resource(resource.clone()));
    revising.record(action, resource.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
