//! Mutations of resources.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{
    CaseId, EditionId, ResourceId,
    resource::{self, ResourceDraft},
};
use uuid::Uuid;

use super::change::{Changed, change};
use crate::api::payload::payloads;
use crate::api::{
    error::ApiError,
    id,
    resource::{Resource, ResourceAudience, ResourceKind},
    scalar::{Language, Url, patch},
};

/// Input for a new resource.
#[derive(Debug, InputObject)]
struct ResourceAddInput {
    /// The kind of resource. A case sheet, a sample letter, a petition sheet and address labels require a
    /// case.
    kind: ResourceKind,
    /// The title, at most 200 characters.
    title: String,
    /// The global id of its edition. If omitted: the edition of its case, or none (valid in every year).
    edition: Option<ID>,
    /// The global id of its case; none if omitted.
    case: Option<ID>,
    /// The language of the resource; `zxx` (no linguistic content) if it has no words.
    language: Language,
    /// The target audience.
    audience: ResourceAudience,
    /// The URL, `https` only.
    url: Url,
    /// The version label of its publisher, at most 200 characters.
    version: Option<String>,
}

/// Input for changing a resource. Omitted fields keep their values.
#[derive(Debug, InputObject)]
struct ResourceUpdateInput {
    /// The global id of the resource.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The kind of resource. A case sheet, a sample letter, a petition sheet and address labels require a
    /// case.
    kind: Option<ResourceKind>,
    /// The title, at most 200 characters.
    title: Option<String>,
    /// The global id of its edition; null for every year.
    edition: MaybeUndefined<ID>,
    /// The global id of its case; null for none.
    case: MaybeUndefined<ID>,
    /// The language of the resource; `zxx` (no linguistic content) if it has no words.
    language: Option<Language>,
    /// The target audience.
    audience: Option<ResourceAudience>,
    /// The URL, `https` only.
    url: Option<Url>,
    /// The version label of its publisher, at most 200 characters; null for none.
    version: MaybeUndefined<String>,
}

/// Input for retiring a resource.
#[derive(Debug, InputObject)]
struct ResourceRetireInput {
    /// The global id of the resource.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The reason, at most 20,000 characters. It is recorded in the audit log and not public.
    reason: String,
}

impl ResourceAddInput {
    fn draft(self) -> ResourceDraft {
        ResourceDraft {
            kind: Some(self.kind.into()),
            title: Some(self.title),
            edition: self.edition.map(|id| edition(&id)).into(),
            case: self.case.map(|id| case(&id)).into(),
            language: Some(self.language.0),
            audience: Some(self.audience.into()),
            url: Some(self.url.0),
            version: self.version.into(),
        }
    }
}

impl ResourceUpdateInput {
    fn draft(self) -> ResourceDraft {
        ResourceDraft {
            kind: self.kind.map(Into::into),
            title: self.title,
            edition: patch(self.edition.map_value(|id| edition(&id))),
            case: patch(self.case.map_value(|id| case(&id))),
            language: self.language.map(|tag| tag.0),
            audience: self.audience.map(Into::into),
            url: self.url.map(|url| url.0),
            version: patch(self.version),
        }
    }
}

fn edition(id: &ID) -> EditionId {
    id::or_nil(id::edition(id), EditionId::new)
}

fn case(id: &ID) -> CaseId {
    id::or_nil(id::case(id), CaseId::new)
}

payloads! {
    Changed<domain::Resource>, [outcome], {
        /// The object after the change; null if there are `userErrors`.
        async fn resource(&self) -> Option<Resource<'_>> {
            self.0.outcome.as_ref().ok().map(|thing| Resource::new(&self.0.request, thing))
        }
    }

    /// The result of adding a resource.
    ResourceAddPayload;

    /// The result of changing a resource.
    ResourceUpdatePayload;

    /// The result of retiring a resource.
    ResourceRetirePayload;
}

/// The mutations of resources.
#[derive(Default)]
pub(crate) struct ResourceMutation;

#[Object(serial)]
impl ResourceMutation {
    /// Adds a resource to download or order. Requires an administrator key.
    async fn resource_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resource.")] input: ResourceAddInput,
    ) -> Result<Option<ResourceAddPayload>, ApiError> {
        let (id, draft) = (ResourceId::new(Uuid::now_v7()), input.draft());
        let changed = change(ctx, move |revising| resource::add(revising, id, &draft)).await?;
        Ok(Some(ResourceAddPayload(changed)))
    }

    /// Changes a resource. Requires an administrator key.
    async fn resource_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: ResourceUpdateInput,
    ) -> Result<Option<ResourceUpdatePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let draft = input.draft();
        let changed = change(ctx, move |revising| resource::change(revising, id, revision, &draft)).await?;
        Ok(Some(ResourceUpdatePayload(changed)))
    }

    /// Retires a resource, at once and permanently: only administrators see it afterwards. Requires an
    /// administrator key.
    async fn resource_retire(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resource and the reason.")] input: ResourceRetireInput,
    ) -> Result<Option<ResourceRetirePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| resource::retire(revising, id, revision, &input.reason);
        change(ctx, work).await.map(ResourceRetirePayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (ResourceId, u32) {
    (id::or_nil(id::resource(id), ResourceId::new), id::revision(revision))
}
