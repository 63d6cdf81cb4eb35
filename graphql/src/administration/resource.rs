//! Resources: added, changed and retired. What may carry an address names its case.

use domain::{
    CaseId, EditionId, Language, Resource, ResourceId, Rule, Violation, Violations,
    resource::{self, Audience, Carries, ResourceKind, ResourceState},
    text,
    violation::Noun,
};

use super::{check_open, check_revision, not_found, reason};
use crate::catalogue::{Catalogue, Entry, Revising};

/// More nobody looks through, and each is looked at for every list.
pub const RESOURCES_MOST: usize = 5_000;

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
    pub audience: Option<Audience>,
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
        if let Some(title) = violations.keep_optional("title", self.title.as_deref().map(text::line)) {
            resource.title = title;
        }
        self.apply_belonging(violations, catalogue, resource);
        let language = self.language.as_deref().map(Language::parse);
        if let Some(language) = violations.keep_optional("language", language) {
            resource.language = language;
        }
        if let Some(audience) = self.audience {
            resource.audience = audience;
        }
        if let Some(url) = violations.keep_optional("url", self.url.as_deref().map(resource::url)) {
            resource.url = url;
        }
        if let Some(typed) = &self.version {
            resource.version = violations.keep_optional("version", typed.as_deref().map(text::line));
        }
        let is_same = |other: &Resource| {
            let belongs = (other.edition_id, other.case_id) == (resource.edition_id, resource.case_id);
            other.state == ResourceState::Offered
                && other.id != resource.id
                && belongs
                && other.url == resource.url
        };
        if catalogue.resources().any(is_same) {
            violations.add("url", Rule::AlreadyExists { noun: Noun::Resource });
        }
    }

    /// What it belongs to. The edition follows from the case.
    fn apply_belonging(&self, violations: &mut Violations, catalogue: &Catalogue, resource: &mut Resource) {
        if let Some(case) = self.case {
            resource.case_id = case;
        }
        if let Some(edition) = self.edition {
            resource.edition_id = edition;
        }
        if self.edition.flatten().is_some_and(|edition| catalogue.edition(edition).is_none()) {
            violations.add("edition", Rule::NotFound { noun: Noun::Edition });
        }
        match resource.case_id.map(|id| catalogue.case(id)) {
            Some(None) => violations.add("case", Rule::NotFound { noun: Noun::Case }),
            Some(Some(case)) => {
                if self.edition.flatten().is_some_and(|edition| edition != case.edition_id) {
                    violations.add("case", Rule::CaseForeign);
                }
                resource.edition_id = Some(case.edition_id);
            }
            None if resource.kind.carries() == Carries::Address => {
                violations.add("case", Rule::CaseMissing);
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
    revising: &mut Revising,
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
    let kind = violations.keep("kind", draft.kind.ok_or(Rule::TextEmpty));
    let audience = violations.keep("audience", draft.audience.ok_or(Rule::TextEmpty));
    let mut resource = Resource {
        id,
        kind: kind.unwrap_or(ResourceKind::Other),
        title: String::new(),
        edition_id: None,
        case_id: None,
        language: Language::parse("und").expect("the tag of the registry for what is undetermined"),
        audience: audience.unwrap_or(Audience::Everyone),
        url: String::new(),
        version: None,
        state: ResourceState::Offered,
        changed_at: revising.now,
        revision: 1,
    };
    draft.apply(&mut violations, &revising.catalogue, &mut resource);
    if revising.catalogue.resources().count() >= RESOURCES_MOST {
        violations.add("title", Rule::TooMany { most: RESOURCES_MOST });
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
    revising: &mut Revising,
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
    revising: &mut Revising,
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
    revising: &Revising,
    id: ResourceId,
    expected_revision: u32,
) -> Result<(Violations, Resource), Vec<Violation>> {
    let found = revising.catalogue.resource(id);
    let mut resource = found.ok_or_else(|| not_found("id", Noun::Resource))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, resource.revision);
    if resource.state == ResourceState::Retired {
        violations.add("id", Rule::ResourceRetired);
    }
    resource.changed_at = revising.now;
    resource.revision += 1;
    Ok((violations, resource))
}

fn store(revising: &mut Revising, action: &'static str, resource: &Resource, reason: Option<&str>) {
    revising.put(Entry::Resource(resource.clone()));
    revising.record(action, resource.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
