//! Mutations of editions: created, changed, archived; and their published figures.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{
    CaseId, EditionId, SectionId,
    edition::{self, EditionDraft},
    published::{self, FigureDraft},
};
use uuid::Uuid;

use super::change::{Changed, change};
use crate::api::payload::payloads;
use crate::api::{
    edition::{Edition, FigureQualifier, FigureStatus},
    error::ApiError,
    id,
    scalar::{Count, Url, patch},
};

/// Input for a new edition.
#[derive(Debug, InputObject)]
struct EditionCreateInput {
    /// The year that names the edition, 1961–2100.
    year: i32,
    /// The worldwide goal in letters, 1–1,000,000,000.
    letter_goal: Option<Count>,
}

/// Input for changing an edition. Omitted fields keep their values.
#[derive(Debug, InputObject)]
struct EditionUpdateInput {
    /// The global id of the edition.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The year that names the edition, 1961–2100.
    year: Option<i32>,
    /// The worldwide goal in letters, 1–1,000,000,000; null removes the goal.
    letter_goal: MaybeUndefined<Count>,
}

/// Input for archiving an edition.
#[derive(Debug, InputObject)]
struct EditionArchiveInput {
    /// The global id of the edition.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The reason, at most 20,000 characters.
    reason: String,
}

/// Input for replacing the published figures of an edition.
#[derive(Debug, InputObject)]
struct EditionPublishFiguresInput {
    /// The global id of the edition.
    id: ID,
    /// The figures, at most 200. They replace all figures published before: one that is not the same as before is a new
    /// revision of the only other figure of its section, case and unit, or else another figure.
    figures: Vec<PublishedFigureInput>,
    /// The reason, at most 20,000 characters; shown with the revisions that replace others.
    reason: Option<String>,
}

/// Input for a figure that was announced for an edition.
#[derive(Debug, InputObject)]
struct PublishedFigureInput {
    /// The global id of the section that it was announced for; omit for the world.
    section: Option<ID>,
    /// The global id of the case that it was announced for; omit for all cases together.
    case: Option<ID>,
    /// The figure.
    figure: Count,
    /// The unit that was counted, in the words of the source, at most 200 characters.
    unit: String,
    /// The precision of the figure.
    qualifier: FigureQualifier,
    /// The finality of the figure, according to its source.
    status: FigureStatus,
    /// The date of the figure: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    as_of: Option<String>,
    /// The number of countries and territories it covers.
    countries: Option<i32>,
    /// The source of the figure.
    source: Option<Url>,
}

impl From<PublishedFigureInput> for FigureDraft {
    fn from(input: PublishedFigureInput) -> Self {
        Self {
            section: input.section.map(|id| id::or_nil(id::section(&id), SectionId::new)),
            case: input.case.map(|id| id::or_nil(id::case(&id), CaseId::new)),
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
    Changed<domain::Edition>, [outcome], {
        /// The object after the change; null if there are `userErrors`.
        async fn edition(&self) -> Option<Edition<'_>> {
            self.0.outcome.as_ref().ok().map(|thing| Edition::new(&self.0.request, thing))
        }
    }

    /// The result of creating an edition.
    EditionCreatePayload;

    /// The result of changing an edition.
    EditionUpdatePayload;

    /// The result of archiving an edition.
    EditionArchivePayload;

    /// The result of publishing figures.
    EditionPublishFiguresPayload;
}

/// The mutations of editions.
#[derive(Default)]
pub(crate) struct EditionMutation;

#[Object(serial)]
impl EditionMutation {
    /// Creates an edition. Requires an administrator key.
    async fn edition_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edition.")] input: EditionCreateInput,
    ) -> Result<Option<EditionCreatePayload>, ApiError> {
        let draft = EditionDraft {
            year: Some(input.year.into()),
            letter_goal: input.letter_goal.map(|goal| goal.0).into(),
        };
        let id = EditionId::new(Uuid::now_v7());
        let changed = change(ctx, move |revising| edition::create(revising, id, &draft)).await?;
        Ok(Some(EditionCreatePayload(changed)))
    }

    /// Changes the year or the goal of an edition. Requires an administrator key.
    async fn edition_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: EditionUpdateInput,
    ) -> Result<Option<EditionUpdatePayload>, ApiError> {
        let draft = EditionDraft {
            year: input.year.map(i64::from),
            letter_goal: patch(input.letter_goal.map_value(|goal| goal.0)),
        };
        let (id, revision) = expected(&input.id, input.expected_revision);
        let changed = change(ctx, move |revising| edition::change(revising, id, revision, &draft)).await?;
        Ok(Some(EditionUpdatePayload(changed)))
    }

    /// Archives an edition: it, its campaigns and its cases stay readable and can no longer be changed.
    /// Requires an administrator key.
    async fn edition_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edition and the reason.")] input: EditionArchiveInput,
    ) -> Result<Option<EditionArchivePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| edition::archive(revising, id, revision, &input.reason);
        change(ctx, work).await.map(EditionArchivePayload).map(Some)
    }

    /// Replaces the figures that were announced for an edition. They are shown beside the count and never
    /// change it. Requires an administrator key.
    async fn edition_publish_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edition and all its figures.")] input: EditionPublishFiguresInput,
    ) -> Result<Option<EditionPublishFiguresPayload>, ApiError> {
        let (id, _) = expected(&input.id, 0);
        let drafts: Vec<_> = input.figures.into_iter().map(FigureDraft::from).collect();
        let work = move |revising: &mut _| {
            published::publish_figures(revising, id, &drafts, input.reason.as_deref())
        };
        change(ctx, work).await.map(EditionPublishFiguresPayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (EditionId, u32) {
    (id::or_nil(id::edition(id), EditionId::new), id::revision(revision))
}
