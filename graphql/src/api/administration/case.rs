//! Mutations of cases: created, published with consent, suspended and closed for safety, updated with
//! outcomes.

use async_graphql::{Context, ID, Object};
use domain::{CaseId, EditionId, case};
use uuid::Uuid;

use super::change::{Changed, change};
use crate::api::payload::payloads;
use crate::api::{case::Case, error::ApiError, id};

pub(super) mod content;
mod input;

use input::{
    CaseAddOutcomeInput, CaseCloseInput, CaseCreateInput, CasePublishInput, CaseRecordConsentInput,
    CaseResumeInput, CaseSuspendInput, CaseUpdateInput,
};

payloads! {
    Changed<domain::Case>, [outcome], {
        /// The object after the change; null if there are `userErrors`.
        async fn case(&self) -> Option<Case<'_>> {
            self.0.outcome.as_ref().ok().map(|thing| Case::new(&self.0.request, thing))
        }
    }

    /// The result of creating a case.
    CaseCreatePayload;

    /// The result of changing a case.
    CaseUpdatePayload;

    /// The result of recording a consent.
    CaseRecordConsentPayload;

    /// The result of publishing a case.
    CasePublishPayload;

    /// The result of suspending a case.
    CaseSuspendPayload;

    /// The result of resuming a case.
    CaseResumePayload;

    /// The result of closing a case.
    CaseClosePayload;

    /// The result of adding an outcome.
    CaseAddOutcomePayload;
}

/// The mutations of cases.
#[derive(Default)]
pub(crate) struct CaseMutation;

#[Object(serial)]
impl CaseMutation {
    /// Creates a case as a draft, which only administrators see. Requires an administrator key.
    async fn case_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case.")] input: CaseCreateInput,
    ) -> Result<Option<CaseCreatePayload>, ApiError> {
        let edition = id::or_nil(id::edition(&input.edition), EditionId::new);
        let (slug, id) = (input.slug.clone(), CaseId::new(Uuid::now_v7()));
        let draft = input.draft();
        let work = move |revising: &mut _| case::create(revising, id, edition, &slug, &draft);
        change(ctx, work).await.map(CaseCreatePayload).map(Some)
    }

    /// Changes the content of a case, in any state. Requires an administrator key.
    async fn case_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: CaseUpdateInput,
    ) -> Result<Option<CaseUpdatePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let draft = input.draft();
        let changed = change(ctx, move |revising| case::change(revising, id, revision, &draft)).await?;
        Ok(Some(CaseUpdatePayload(changed)))
    }

    /// Records the consent of the person, or of their representatives, to the campaign for them. Requires an
    /// administrator key.
    async fn case_record_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The consent.")] input: CaseRecordConsentInput,
    ) -> Result<Option<CaseRecordConsentPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work =
            move |revising: &mut _| case::record_consent(revising, id, revision, &input.on.0, &input.by);
        change(ctx, work).await.map(CaseRecordConsentPayload).map(Some)
    }

    /// Publishes a draft: the case becomes public and open for writing. Requires a recorded consent and an
    /// administrator key.
    async fn case_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case to publish.")] input: CasePublishInput,
    ) -> Result<Option<CasePublishPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let changed = change(ctx, move |revising| case::publish(revising, id, revision)).await?;
        Ok(Some(CasePublishPayload(changed)))
    }

    /// Suspends a case with immediate effect: its addresses are no longer returned, subscribers of
    /// `caseChanged` are notified, and no new letters are accepted. Letters reported before still count.
    /// Requires an administrator key.
    async fn case_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case and the reason.")] input: CaseSuspendInput,
    ) -> Result<Option<CaseSuspendPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| case::suspend(revising, id, revision, &input.reason);
        change(ctx, work).await.map(CaseSuspendPayload).map(Some)
    }

    /// Resumes a suspended case, which opens it for writing again. Requires an administrator key.
    async fn case_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case and the reason.")] input: CaseResumeInput,
    ) -> Result<Option<CaseResumePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| case::resume(revising, id, revision, input.reason.as_deref());
        change(ctx, work).await.map(CaseResumePayload).map(Some)
    }

    /// Closes a case permanently. Letters reported before still count. Requires an administrator key.
    async fn case_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case and the reason.")] input: CaseCloseInput,
    ) -> Result<Option<CaseClosePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let CaseCloseInput { reason, explanation, .. } = input;
        let work = move |revising: &mut _| {
            case::close(revising, id, revision, reason.into(), explanation.as_deref())
        };
        change(ctx, work).await.map(CaseClosePayload).map(Some)
    }

    /// Adds an outcome to a case, possibly years later. Requires an administrator key.
    async fn case_add_outcome(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The case and the outcome.")] input: CaseAddOutcomeInput,
    ) -> Result<Option<CaseAddOutcomePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| {
            let source = input.source.as_ref().map(|url| url.0.as_str());
            case::add_outcome(revising, id, revision, &input.on.0, input.kind.into(), &input.text, source)
        };
        change(ctx, work).await.map(CaseAddOutcomePayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (CaseId, u32) {
    (id::or_nil(id::case(id), CaseId::new), id::revision(revision))
}
