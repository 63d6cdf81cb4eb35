//! Changes of resources: added, changed and retired. A resource that may contain an address names its case.

use super::{Resource, ResourceAudience, ResourceDraft, ResourceKind, ResourceState};
use crate::{
    ResourceId,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{check_revision, not_found, reason},
    },
    text::Language,
    violation::{EntityKind, ViolationKind, Violations},
};

/// The most resources of a catalogue. A longer list is too long to read, and every list scans all of them.
pub const MAX_RESOURCES: usize = 5_000;

/// Offers a resource.
///
/// # Errors
/// The rules that the draft breaks, [`ViolationKind::AlreadyExists`] for an address that is offered for the same
/// already, [`ViolationKind::CaseMissing`], [`ViolationKind::CaseNotInCampaign`], [`ViolationKind::EditionArchived`].
pub fn add(edit: &mut CatalogueEdit, id: ResourceId, draft: &ResourceDraft) -> Result<Resource, Violations> {
    let mut violations = Violations::default();
    // A missing required field is set to an empty text, so that its violation is reported.
    let draft = ResourceDraft {
        title: Some(draft.title.clone().unwrap_or_default()),
        language: Some(draft.language.clone().unwrap_or_default()),
        url: Some(draft.url.clone().unwrap_or_default()),
        ..draft.clone()
    };
    let kind = violations.check("kind", draft.kind.ok_or(ViolationKind::Required));
    let audience = violations.check("audience", draft.audience.ok_or(ViolationKind::Required));
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
        updated_at: edit.now,
        revision: 1,
    };
    draft.apply(&mut violations, &edit.catalogue, &mut resource);
    if edit.catalogue.resources().count() >= MAX_RESOURCES {
        violations.add("title", ViolationKind::TooManyItems { most: MAX_RESOURCES });
    }
    violations.into_result()?;
    store(edit, "resourceAdd", &resource, None);
    Ok(resource)
}

/// Changes a resource.
///
/// # Errors
/// The rules that the draft breaks, as for a new one, [`ViolationKind::ResourceRetired`], [`ViolationKind::NotFound`] or
/// [`ViolationKind::StaleRevision`].
pub fn change(
    edit: &mut CatalogueEdit,
    id: ResourceId,
    expected_revision: u32,
    draft: &ResourceDraft,
) -> Result<Resource, Violations> {
    let (mut violations, mut resource) = changing(edit, id, expected_revision)?;
    draft.apply(&mut violations, &edit.catalogue, &mut resource);
    violations.into_result()?;
    store(edit, "resourceUpdate", &resource, None);
    Ok(resource)
}

/// Retires a resource, at once and permanently. It works in an archived edition too, since a resource may do harm
/// there as well.
///
/// # Errors
/// [`ViolationKind::ResourceRetired`] if it is retired already, [`ViolationKind::ReasonMissing`], [`ViolationKind::NotFound`] or
/// [`ViolationKind::StaleRevision`].
pub fn retire(
    edit: &mut CatalogueEdit,
    id: ResourceId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<Resource, Violations> {
    let (mut violations, mut resource) = changing(edit, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    resource.state = ResourceState::Retired;
    store(edit, "resourceRetire", &resource, Some(&reason));
    Ok(resource)
}

/// The resource, changed now, and the violations that forbid the change.
fn changing(
    edit: &CatalogueEdit,
    id: ResourceId,
    expected_revision: u32,
) -> Result<(Violations, Resource), Violations> {
    let found = edit.catalogue.resource(id);
    let mut resource = found.ok_or_else(|| not_found("id", EntityKind::Resource))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, resource.revision);
    if resource.state == ResourceState::Retired {
        violations.add("id", ViolationKind::ResourceRetired);
    }
    resource.updated_at = edit.now;
    resource.revision += 1;
    Ok((violations, resource))
}

fn store(edit: &mut CatalogueEdit, action: &'static str, resource: &Resource, reason: Option<&str>) {
    edit.upsert(CatalogueChange::Resource(resource.clone()));
    edit.record(action, resource.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
