//! Editions: opened, changed, archived, and told of by published figures.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::EditionId;
use uuid::Uuid;

use super::{change, payloads};
use crate::{
    administration::{
        edition::{self, EditionDraft},
        figure::{self, FigureDraft},
    },
    api::{
        edition::{Edition, FigureStatus, Qualifier},
        error::ApiError,
        id,
        scalar::{Count, Url},
    },
};

/// A new edition.
#[derive(Debug, InputObject)]
struct EditionCreateInput {
    /// The year that names it, 1961–2100.
    year: i32,
    /// How many letters the world sets out to write, 1–1,000,000,000.
    letter_goal: Option<Count>,
}

/// A change of an edition. What is left out stays as it is.
#[derive(Debug, InputObject)]
struct EditionChangeInput {
    /// The global id of the edition.
    id: ID,
    /// The revision that you read and now change.
    expected_revision: i32,
    /// The year that names it, 1961–2100.
    year: Option<i32>,
    /// How many letters the world sets out to write, 1–1,000,000,000; null takes the goal away.
    letter_goal: MaybeUndefined<Count>,
}

/// The end of an edition.
#[derive(Debug, InputObject)]
struct EditionArchiveInput {
    /// The global id of the edition.
    id: ID,
    /// The revision that you read and now archive.
    expected_revision: i32,
    /// Why.
    reason: String,
}

/// All published figures of an edition.
#[derive(Debug, InputObject)]
struct EditionPublishFiguresInput {
    /// The global id of the edition.
    id: ID,
    /// The figures, at most 200. They take the place of all that were published before.
    figures: Vec<PublishedFigureInput>,
}

/// A number that somebody announced.
#[derive(Debug, InputObject)]
struct PublishedFigureInput {
    /// The number.
    figure: Count,
    /// What was counted, in the words of the source, at most 200 characters.
    unit: String,
    /// How exactly it is meant.
    qualifier: Qualifier,
    /// How final its source calls it.
    status: FigureStatus,
    /// When it held: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    as_of: Option<String>,
    /// From how many countries and territories.
    countries: Option<i32>,
    /// Where it was announced.
    source: Option<Url>,
}

impl From<PublishedFigureInput> for FigureDraft {
    fn from(input: PublishedFigureInput) -> Self {
        Self {
            figure: input.figure.0,
            unit: input.unit,
            qualifier: input.qualifier.into(),
            status: input.status.into(),
            as_of: input.as_of,
            countries: input.countries.map(i64::from),
            source: input.source.map(|url| url.0),
        }
    }
}

payloads! {
    /// What came of opening an edition.
    EditionCreatePayload { edition: Edition }

    /// What came of changing an edition.
    EditionChangePayload { edition: Edition }

    /// What came of archiving an edition.
    EditionArchivePayload { edition: Edition }

    /// What came of publishing figures.
    EditionPublishFiguresPayload { edition: Edition }
}

/// Editions, as a part of what administrators change.
#[derive(Default)]
pub(crate) struct EditionMutation;

#[Object(serial)]
impl EditionMutation {
    /// Opens an edition. Needs an administrator's key.
    async fn edition_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edition.")] input: EditionCreateInput,
    ) -> Result<Option<EditionCreatePayload>, ApiError> {
        let draft = EditionDraft {
            year: Some(input.year.into()),
            letter_goal: input.letter_goal.map(|goal| Some(goal.0)),
        };
        let id = EditionId::new(Uuid::now_v7());
        let changed = change(ctx, move |revising| edition::create(revising, id, &draft)).await?;
        Ok(Some(EditionCreatePayload(changed)))
    }

    /// Changes the year or the goal of an edition. Needs an administrator's key.
    async fn edition_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: EditionChangeInput,
    ) -> Result<Option<EditionChangePayload>, ApiError> {
        let draft = EditionDraft {
            year: input.year.map(i64::from),
            letter_goal: input.letter_goal.map_value(|goal| goal.0).into(),
        };
        let (id, revision) = expected(&input.id, input.expected_revision);
        let changed = change(ctx, move |revising| edition::change(revising, id, revision, &draft)).await?;
        Ok(Some(EditionChangePayload(changed)))
    }

    /// Ends an edition: it, its campaigns and its cases are kept to be read and change no more. Needs
    /// an administrator's key.
    async fn edition_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which edition, and why.")] input: EditionArchiveInput,
    ) -> Result<Option<EditionArchivePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| edition::archive(revising, id, revision, &input.reason);
        change(ctx, work).await.map(EditionArchivePayload).map(Some)
    }

    /// Replaces the numbers that were announced for an edition. They stand beside the count and never
    /// change it. Needs an administrator's key.
    async fn edition_publish_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which edition, and all its figures.")] input: EditionPublishFiguresInput,
    ) -> Result<Option<EditionPublishFiguresPayload>, ApiError> {
        let (id, _) = expected(&input.id, 0);
        let drafts: Vec<_> = input.figures.into_iter().map(FigureDraft::from).collect();
        let work = move |revising: &mut _| figure::publish_figures(revising, id, &drafts);
        change(ctx, work).await.map(EditionPublishFiguresPayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (EditionId, u32) {
    (id::or_nil(id::edition(id), EditionId::new), id::revision(revision))
}
