//! Mutations of sections.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{
    SectionId,
    section::{self, SectionDraft},
};
use uuid::Uuid;

use super::change::{Changed, change};
use crate::api::payload::payloads;
use crate::api::{
    error::ApiError,
    id,
    scalar::{CountryCode, Language, TimeZone, patch},
    section::Section,
};

/// Input for a new section.
#[derive(Debug, InputObject)]
struct SectionCreateInput {
    /// The identifier used in URLs and files: lower-case letters a–z, digits and single hyphens between them.
    /// It cannot be changed.
    code: String,
    /// The name, at most 200 characters.
    name: String,
    /// The country it works in; omit for a section without a country.
    country: Option<CountryCode>,
    /// The languages it writes in, main language first; at least one.
    languages: Vec<Language>,
    /// The time zone, the default for its campaigns.
    time_zone: TimeZone,
}

/// Input for changing a section. Omitted fields keep their values.
#[derive(Debug, InputObject)]
struct SectionUpdateInput {
    /// The global id of the section.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The name, at most 200 characters.
    name: Option<String>,
    /// The country it works in; null for a section without a country.
    country: MaybeUndefined<CountryCode>,
    /// The languages it writes in, main language first; at least one.
    languages: Option<Vec<Language>>,
    /// The time zone. Existing campaigns keep theirs.
    time_zone: Option<TimeZone>,
}

payloads! {
    Changed<domain::Section>, [outcome], {
        /// The object after the change; null if there are `userErrors`.
        async fn section(&self) -> Option<Section<'_>> {
            self.0.outcome.as_ref().ok().map(|thing| Section::new(&self.0.request, thing))
        }
    }

    /// The result of creating a section.
    SectionCreatePayload;

    /// The result of changing a section.
    SectionUpdatePayload;
}

/// The mutations of sections.
#[derive(Default)]
pub(crate) struct SectionMutation;

#[Object(serial)]
impl SectionMutation {
    /// Creates a section. Requires an administrator key.
    async fn section_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The section.")] input: SectionCreateInput,
    ) -> Result<Option<SectionCreatePayload>, ApiError> {
        let draft = SectionDraft {
            name: Some(input.name),
            country: input.country.map(|country| country.0).into(),
            languages: Some(texts(input.languages)),
            time_zone: Some(input.time_zone.0),
        };
        let id = SectionId::new(Uuid::now_v7());
        let work = move |revising: &mut _| section::create(revising, id, &input.code, &draft);
        change(ctx, work).await.map(SectionCreatePayload).map(Some)
    }

    /// Changes a section. Requires an administrator key.
    async fn section_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: SectionUpdateInput,
    ) -> Result<Option<SectionUpdatePayload>, ApiError> {
        let draft = SectionDraft {
            name: input.name,
            country: patch(input.country.map_value(|country| country.0)),
            languages: input.languages.map(texts),
            time_zone: input.time_zone.map(|zone| zone.0),
        };
        let id = id::or_nil(id::section(&input.id), SectionId::new);
        let revision = id::revision(input.expected_revision);
        let changed = change(ctx, move |revising| section::change(revising, id, revision, &draft)).await?;
        Ok(Some(SectionUpdatePayload(changed)))
    }
}

fn texts(languages: Vec<Language>) -> Vec<String> {
    languages.into_iter().map(|language| language.0).collect()
}
