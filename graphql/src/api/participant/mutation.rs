//! Mutations of participants, each executed by the ledger.

use async_graphql::{Context, ID, Object};
use domain::{CampaignId, ParticipantId, report};
use uuid::Uuid;

use super::{
    input::{
        ParticipantConfirmInput, ParticipantEraseInput, ParticipantLeaveInput, ParticipantRegisterInput,
        ParticipantUpdateInput, PledgeReleaseInput,
    },
    payload::{
        ParticipantConfirmPayload, ParticipantErasePayload, ParticipantLeavePayload,
        ParticipantRegisterPayload, ParticipantUpdatePayload, PledgeReleasePayload, Stepped,
    },
};
use crate::{
    api::{RequestContext, cost, error::ApiError, id, stored_text},
    credentials::{self, SecretHash},
    operations::{
        confirmation::{ConfirmParticipant, ConfirmationCode, Details},
        participant::{ChangeParticipant, EraseParticipant, ParticipantVerb, RegisterParticipant},
    },
};

/// The mutations of participants.
#[derive(Default)]
pub(crate) struct ParticipantMutation;

#[Object(serial)]
impl ParticipantMutation {
    /// Registers a participant. Open to everyone until registration closes; afterwards to staff of its
    /// section. The result has a secret that manages the participant; a mail with another one confirms the
    /// address.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The participant.")] input: ParticipantRegisterInput,
    ) -> Result<Option<ParticipantRegisterPayload>, ApiError> {
        register(ctx, input).await.map(Some)
    }

    /// Confirms the e-mail address of a participant. The code of the mail suffices as credential; opening the
    /// link in the mail changes nothing by itself. From then on the owner of the address has sole access: the
    /// secrets that were returned on registration, reporting and joining, the calendar URLs and the
    /// idempotency keys stop working, and the result has a new secret. The same code returns the same secret
    /// again.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: ParticipantConfirmInput,
    ) -> Result<Option<ParticipantConfirmPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let code = ConfirmationCode { typed: input.code.trim().to_owned(), now: request.now };
        let details = if input.drops_details == Some(true) { Details::Dropped } else { Details::Kept };
        let outcome = request.ledger(context).run(ConfirmParticipant { code, details }).await?;
        context.mail_queue.wake();
        Ok(Some(ParticipantConfirmPayload { request: request.after_change(context), outcome }))
    }

    /// Changes a participant. Requires the participant's secret, a key of their section or an administrator
    /// key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: ParticipantUpdateInput,
    ) -> Result<Option<ParticipantUpdatePayload>, ApiError> {
        let (id, revision) = (input.id.clone(), input.expected_revision);
        let draft = Box::new(input.draft());
        stored_text::charge_draft(ctx, &draft)?;
        let verb = ParticipantVerb::Change(draft);
        step(ctx, &id, revision, verb).await.map(ParticipantUpdatePayload).map(Some)
    }

    /// Releases a part of a goal that will not be reached, so that others know what is left to do. Requires
    /// the participant's secret, a key of their section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn pledge_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The participant and the number of letters.")] input: PledgeReleaseInput,
    ) -> Result<Option<PledgeReleasePayload>, ApiError> {
        let verb = ParticipantVerb::Release(input.letters.0);
        step(ctx, &input.id, input.expected_revision, verb).await.map(PledgeReleasePayload).map(Some)
    }

    /// Ends the participation: attendances are cancelled, no more mail is sent, and reported letters stay.
    /// Requires the participant's secret, a key of their section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_leave(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The participant.")] input: ParticipantLeaveInput,
    ) -> Result<Option<ParticipantLeavePayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, ParticipantVerb::Leave).await?;
        Ok(Some(ParticipantLeavePayload(stepped)))
    }

    /// Erases a participant permanently; if their address is confirmed, also everything registered under the
    /// same name and address. Reported letters stay and count anonymously. Requires the participant's secret,
    /// a key of their section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The participant.")] input: ParticipantEraseInput,
    ) -> Result<Option<ParticipantErasePayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        request.require_token()?;
        let id = id::or_nil(id::participant(&input.id), ParticipantId::new);
        let erasing = EraseParticipant { id, viewer: request.viewer, now: request.now };
        let outcome = request.ledger(context).run(erasing).await?;
        context.mail_queue.wake();
        Ok(Some(ParticipantErasePayload(outcome.map(|()| id))))
    }
}

async fn register(
    ctx: &Context<'_>,
    input: ParticipantRegisterInput,
) -> Result<ParticipantRegisterPayload, ApiError> {
    let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    let typed_key = input.idempotency_key.clone();
    let id = ParticipantId::new(Uuid::now_v7());
    let campaign = id::or_nil(id::campaign(&input.campaign), CampaignId::new);
    let draft = input.draft();
    stored_text::charge_draft(ctx, &draft)?;
    let registration = RegisterParticipant {
        id,
        secret: SecretHash::of(&credentials::derive_participant_secret(id, &typed_key)),
        key: report::key(&typed_key).map(SecretHash::of),
        campaign,
        draft,
        viewer: request.viewer,
        now: request.now,
    };
    let outcome = request.ledger(context).run(registration).await?;
    context.mail_queue.wake();
    // On a replay the secret is that of the participant who was first registered with the key.
    let registered = outcome.as_ref().ok();
    let secret =
        registered.map(|done| credentials::derive_participant_secret(done.participant.id, &typed_key));
    Ok(ParticipantRegisterPayload { request: request.after_change(context), outcome, secret })
}

async fn step(
    ctx: &Context<'_>,
    id: &ID,
    expected_revision: i32,
    verb: ParticipantVerb,
) -> Result<Stepped, ApiError> {
    let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    request.require_token()?;
    let stepping = ChangeParticipant {
        id: id::or_nil(id::participant(id), ParticipantId::new),
        expected_revision: id::revision(expected_revision),
        verb,
        viewer: request.viewer,
        now: request.now,
    };
    let outcome = request.ledger(context).run(stepping).await?;
    context.mail_queue.wake();
    Ok(Stepped { request: request.after_change(context), outcome })
}
