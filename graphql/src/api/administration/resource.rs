//! Resources: added, changed and retired.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{CaseId, EditionId, ResourceId};
use uuid::Uuid;

use super::{change, payloads};
use crate::{
    administration::resource::{self, ResourceDraft},
    api::{
        error::ApiError,
        id,
        resource::{Audience, Resource, ResourceKind},
        scalar::{Language, Url},
    },
};

/// Something new to download or order.
#[derive(Debug, InputObject)]
struct ResourceAddInput {
    /// What it is. A case sheet, a sample letter, a petition sheet and address labels name their case.
    kind: ResourceKind,
    /// Its title, at most 200 characters.
    title: String,
    /// The global id of the edition it belongs to; left out, that of its case, or every year.
    edition: Option<ID>,
    /// The global id of the case it is about; left out, none.
    case: Option<ID>,
    /// The language it is in; `zxx` where there are no words.
    language: Language,
    /// Whom it is for.
    audience: Audience,
    /// Where it is, over `https`.
    url: Url,
    /// Which version of it is there, as its makers call it, at most 200 characters.
    version: Option<String>,
}

/// A change of a resource. What is left out stays as it is.
#[derive(Debug, InputObject)]
struct ResourceChangeInput {
    /// The global id of the resource.
    id: ID,
    /// The revision that you read and now change.
    expected_revision: i32,
    /// What it is. A case sheet, a sample letter, a petition sheet and address labels name their case.
    kind: Option<ResourceKind>,
    /// Its title, at most 200 characters.
    title: Option<String>,
    /// The global id of the edition it belongs to; null for every year.
    edition: MaybeUndefined<ID>,
    /// The global id of the case it is about; null for none.
    case: MaybeUndefined<ID>,
    /// The language it is in; `zxx` where there are no words.
    language: Option<Language>,
    /// Whom it is for.
    audience: Option<Audience>,
    /// Where it is, over `https`.
    url: Option<Url>,
    /// Which version of it is there, as its makers call it, at most 200 characters; null for none.
    version: MaybeUndefined<String>,
}

/// A resource that is taken back.
#[derive(Debug, InputObject)]
struct ResourceRetireInput {
    /// The global id of the resource.
    id: ID,
    /// The revision that you read and now retire.
    expected_revision: i32,
    /// Why. It is kept in the log and not shown.
    reason: String,
}

impl ResourceAddInput {
    fn draft(self) -> ResourceDraft {
        ResourceDraft {
            kind: Some(self.kind.into()),
            title: Some(self.title),
            edition: self.edition.map(|id| Some(edition(&id))),
            case: self.case.map(|id| Some(case(&id))),
            language: Some(self.language.0),
            audience: Some(self.audience.into()),
            url: Some(self.url.0),
            version: self.version.map(Some),
        }
    }
}

impl ResourceChangeInput {
    fn draft(self) -> ResourceDraft {
        ResourceDraft {
            kind: self.kind.map(Into::into),
            title: self.title,
            edition: self.edition.map_value(|id| edition(&id)).into(),
            case: self.case.map_value(|id| case(&id)).into(),
            language: self.language.map(|tag| tag.0),
            audience: self.audience.map(Into::into),
            url: self.url.map(|url| url.0),
            version: self.version.into(),
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
    /// What came of adding a resource.
    ResourceAddPayload { resource: Resource }

    /// What came of changing a resource.
    ResourceChangePayload { resource: Resource }

    /// What came of retiring a resource.
    ResourceRetirePayload { resource: Resource }
}

/// Resources, as a part of what administrators change.
#[derive(Default)]
pub(crate) struct ResourceMutation;

#[Object(serial)]
impl ResourceMutation {
    /// Offers something to download or order. Needs an administrator's key.
    async fn resource_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resource.")] input: ResourceAddInput,
    ) -> Result<Option<ResourceAddPayload>, ApiError> {
        let (id, draft) = (ResourceId::new(Uuid::now_v7()), input.draft());
        let changed = change(ctx, move |revising| resource::add(revising, id, &draft)).await?;
        Ok(Some(ResourceAddPayload(changed)))
    }

    /// Changes a resource. Needs an administrator's key.
    async fn resource_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: ResourceChangeInput,
    ) -> Result<Option<ResourceChangePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let draft = input.draft();
        let changed = change(ctx, move |revising| resource::change(revising, id, revision, &draft)).await?;
        Ok(Some(ResourceChangePayload(changed)))
    }

    /// Takes a resource back, at once and for good: it is given to nobody any more. Needs an
    /// administrator's key.
    async fn resource_retire(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which resource, and why.")] input: ResourceRetireInput,
    ) -> Result<Option<ResourceRetirePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| resource::retire(revising, id, revision, &input.reason);
        change(ctx, work).await.map(ResourceRetirePayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (ResourceId, u32) {
    (id::or_nil(id::resource(id), ResourceId::new), id::revision(revision))
}
