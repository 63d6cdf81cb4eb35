//! Cases: prepared, published with consent, suspended and closed for safety, and followed for years.

use async_graphql::{Context, ID, Object};
use domain::{CaseId, EditionId};
use uuid::Uuid;

use super::{change, payloads};
use crate::{
    administration::case,
    api::{case::Case, error::ApiError, id},
};

pub(super) mod content;
mod input;

use input::{
    CaseAddOutcomeInput, CaseChangeInput, CaseCloseInput, CaseCreateInput, CasePublishInput,
    CaseRecordConsentInput, CaseResumeInput, CaseSuspendInput,
};

payloads! {
    /// What came of registering a case.
    CaseCreatePayload { case: Case }

    /// What came of changing a case.
    CaseChangePayload { case: Case }

    /// What came of recording a consent.
    CaseRecordConsentPayload { case: Case }

    /// What came of publishing a case.
    CasePublishPayload { case: Case }

    /// What came of suspending a case.
    CaseSuspendPayload { case: Case }

    /// What came of resuming a case.
    CaseResumePayload { case: Case }

    /// What came of closing a case.
    CaseClosePayload { case: Case }

    /// What came of adding an outcome.
    CaseAddOutcomePayload { case: Case }
}

/// Cases, as a part of what administrators change.
#[derive(Default)]
pub(crate) struct CaseMutation;

#[Object(serial)]
impl CaseMutation {
    /// Registers a case, as a draft that only administrators know of. Needs an administrator's key.
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

    /// Changes what is written about a case, in whatever state it is. Needs an administrator's key.
    async fn case_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: CaseChangeInput,
    ) -> Result<Option<CaseChangePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let draft = input.draft();
        let changed = change(ctx, move |revising| case::change(revising, id, revision, &draft)).await?;
        Ok(Some(CaseChangePayload(changed)))
    }

    /// Records that the person, or those who speak for them, agreed to be written for. Needs an
    /// administrator's key.
    async fn case_record_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who agreed, and when.")] input: CaseRecordConsentInput,
    ) -> Result<Option<CaseRecordConsentPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work =
            move |revising: &mut _| case::record_consent(revising, id, revision, &input.on.0, &input.by);
        change(ctx, work).await.map(CaseRecordConsentPayload).map(Some)
    }

    /// Publishes a draft; from now on anyone knows of the case and may write. Needs a recorded consent
    /// and an administrator's key.
    async fn case_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] input: CasePublishInput,
    ) -> Result<Option<CasePublishPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let changed = change(ctx, move |revising| case::publish(revising, id, revision)).await?;
        Ok(Some(CasePublishPayload(changed)))
    }

    /// Suspends a case, at once: no address is given any more, whoever watches hears of it, and no new
    /// letters are taken. Letters already reported still count. Needs an administrator's key.
    async fn case_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and why.")] input: CaseSuspendInput,
    ) -> Result<Option<CaseSuspendPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| case::suspend(revising, id, revision, &input.reason);
        change(ctx, work).await.map(CaseSuspendPayload).map(Some)
    }

    /// Lets people write again for a suspended case. Needs an administrator's key.
    async fn case_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and why.")] input: CaseResumeInput,
    ) -> Result<Option<CaseResumePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| case::resume(revising, id, revision, input.reason.as_deref());
        change(ctx, work).await.map(CaseResumePayload).map(Some)
    }

    /// Closes a case for good. Letters already reported still count. Needs an administrator's key.
    async fn case_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and why.")] input: CaseCloseInput,
    ) -> Result<Option<CaseClosePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let CaseCloseInput { reason, explanation, .. } = input;
        let work = move |revising: &mut _| {
            case::close(revising, id, revision, reason.into(), explanation.as_deref())
        };
        change(ctx, work).await.map(CaseClosePayload).map(Some)
    }

    /// Adds what became of a case, perhaps years later. Needs an administrator's key.
    async fn case_add_outcome(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case, and the news.")] input: CaseAddOutcomeInput,
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
