//! Sections: registered and changed.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::SectionId;
use uuid::Uuid;

use super::{change, payloads};
use crate::{
    administration::section::{self, SectionDraft},
    api::{
        error::ApiError,
        id,
        scalar::{CountryCode, Language, TimeZone},
        section::Section,
    },
};

/// A new section.
#[derive(Debug, InputObject)]
struct SectionCreateInput {
    /// The short name that stands in addresses and files: lower-case letters a–z, digits and single
    /// hyphens between them. It never changes.
    code: String,
    /// Its name, at most 200 characters.
    name: String,
    /// Where it works; left out, everywhere.
    country: Option<CountryCode>,
    /// The languages it writes in, the first one first; at least one.
    languages: Vec<Language>,
    /// Its time zone, proposed for its campaigns.
    time_zone: TimeZone,
}

/// A change of a section. What is left out stays as it is.
#[derive(Debug, InputObject)]
struct SectionChangeInput {
    /// The global id of the section.
    id: ID,
    /// The revision that you read and now change.
    expected_revision: i32,
    /// Its name, at most 200 characters.
    name: Option<String>,
    /// Where it works; null for everywhere.
    country: MaybeUndefined<CountryCode>,
    /// The languages it writes in, the first one first; at least one.
    languages: Option<Vec<Language>>,
    /// Its time zone. Campaigns that exist keep the zone they have.
    time_zone: Option<TimeZone>,
}

payloads! {
    /// What came of registering a section.
    SectionCreatePayload { section: Section }

    /// What came of changing a section.
    SectionChangePayload { section: Section }
}

/// Sections, as a part of what administrators change.
#[derive(Default)]
pub(crate) struct SectionMutation;

#[Object(serial)]
impl SectionMutation {
    /// Registers a section. Needs an administrator's key.
    async fn section_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The section.")] input: SectionCreateInput,
    ) -> Result<Option<SectionCreatePayload>, ApiError> {
        let draft = SectionDraft {
            name: Some(input.name),
            country: Some(input.country.map(|country| country.0)),
            languages: Some(texts(input.languages)),
            time_zone: Some(input.time_zone.0),
        };
        let id = SectionId::new(Uuid::now_v7());
        let work = move |revising: &mut _| section::create(revising, id, &input.code, &draft);
        change(ctx, work).await.map(SectionCreatePayload).map(Some)
    }

    /// Changes a section. Needs an administrator's key.
    async fn section_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: SectionChangeInput,
    ) -> Result<Option<SectionChangePayload>, ApiError> {
        let draft = SectionDraft {
            name: input.name,
            country: input.country.map_value(|country| country.0).into(),
            languages: input.languages.map(texts),
            time_zone: input.time_zone.map(|zone| zone.0),
        };
        let id = id::or_nil(id::section(&input.id), SectionId::new);
        let revision = id::revision(input.expected_revision);
        let changed = change(ctx, move |revising| section::change(revising, id, revision, &draft)).await?;
        Ok(Some(SectionChangePayload(changed)))
    }
}

fn texts(languages: Vec<Language>) -> Vec<String> {
    languages.into_iter().map(|language| language.0).collect()
}
