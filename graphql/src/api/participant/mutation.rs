//! Registering, confirming, changing, leaving and being erased, through the one door of the ledger.

use async_graphql::{Context, ID, Object};
use domain::{CampaignId, ParticipantId, report};
use uuid::Uuid;

use super::{
    input::{
        GoalReleaseInput, ParticipantChangeInput, ParticipantConfirmInput, ParticipantEraseInput,
        ParticipantLeaveInput, ParticipantRegisterInput,
    },
    payload::{
        GoalReleasePayload, ParticipantChangePayload, ParticipantConfirmPayload, ParticipantErasePayload,
        ParticipantLeavePayload, ParticipantRegisterPayload, Stepped,
    },
};
use crate::{
    api::{CostBudget, RequestContext, cost, error::ApiError, id, request_context::Viewer},
    credentials::{self, SecretHash},
    operations::{
        UnitOfWork,
        confirmation::{self, ConfirmationCode, Details},
        participant::{self, ChangeParticipant, ParticipantVerb, RegisterParticipant},
    },
};

/// Participants, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct ParticipantMutation;

#[Object(serial)]
impl ParticipantMutation {
    /// Registers somebody to write letters. Anyone may, until registration closes; staff of its
    /// section may afterwards. The answer brings a secret that manages the record; a mail brings another one that
    /// confirms the address.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who it is.")] input: ParticipantRegisterInput,
    ) -> Result<Option<ParticipantRegisterPayload>, ApiError> {
        register(ctx, input).await.map(Some)
    }

    /// Confirms that an address is somebody's own. The code of the mail is all it takes; opening the
    /// link of the mail does nothing by itself. From then on the record is its owner's alone: the secret that
    /// was given at the registration, those of reports and places, the addresses of their calendars
    /// and their idempotency keys open nothing any more, and the answer brings a fresh secret. The same code
    /// brings the same secret again.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: ParticipantConfirmInput,
    ) -> Result<Option<ParticipantConfirmPayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let code = ConfirmationCode { typed: input.code.trim().to_owned(), now: asking.now };
        let details = if input.drops_details == Some(true) { Details::Dropped } else { Details::Kept };
        let work = async move |gathering: &mut UnitOfWork<'_>| {
            confirmation::participant(gathering, &code, details).await
        };
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        context.post.wake();
        Ok(Some(ParticipantConfirmPayload { asking: asking.after_change(context), outcome }))
    }

    /// Changes what somebody says of themselves. Needs the secret of the participant, a key of their
    /// section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: ParticipantChangeInput,
    ) -> Result<Option<ParticipantChangePayload>, ApiError> {
        let (id, revision) = (input.id.clone(), input.expected_revision);
        let draft = Box::new(input.draft());
        CostBudget::store_draft(ctx, &draft)?;
        let verb = ParticipantVerb::Change(draft);
        step(ctx, &id, revision, verb).await.map(ParticipantChangePayload).map(Some)
    }

    /// Gives a part of a goal back that cannot be finished, so that others know what is left to do.
    /// Needs the secret of the participant, a key of their section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn goal_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much of it.")] input: GoalReleaseInput,
    ) -> Result<Option<GoalReleasePayload>, ApiError> {
        let verb = ParticipantVerb::Release(input.letters.0);
        step(ctx, &input.id, input.expected_revision, verb).await.map(GoalReleasePayload).map(Some)
    }

    /// Takes no further part: places at events are given back, nobody writes to them any more, and
    /// what they wrote stays. Needs the secret of the participant, a key of their section or an
    /// administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_leave(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: ParticipantLeaveInput,
    ) -> Result<Option<ParticipantLeavePayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, ParticipantVerb::Leave).await?;
        Ok(Some(ParticipantLeavePayload(stepped)))
    }

    /// Erases somebody for good, and once their address is confirmed all that was registered under the same
    /// name and address. What they wrote stays and counts, without them. Needs the secret of the participant, a key of
    /// their section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn participant_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: ParticipantEraseInput,
    ) -> Result<Option<ParticipantErasePayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        somebody(asking)?;
        let id = id::or_nil(id::participant(&input.id), ParticipantId::new);
        let (credential, now) = (asking.credential(), asking.now);
        let work = async move |gathering: &mut UnitOfWork<'_>| {
            participant::erase(gathering, id, credential, now).await
        };
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        context.post.wake();
        Ok(Some(ParticipantErasePayload(outcome.map(|()| id))))
    }
}

async fn register(
    ctx: &Context<'_>,
    input: ParticipantRegisterInput,
) -> Result<ParticipantRegisterPayload, ApiError> {
    let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    let typed_key = input.idempotency_key.clone();
    let id = ParticipantId::new(Uuid::now_v7());
    let campaign = id::or_nil(id::campaign(&input.campaign), CampaignId::new);
    let draft = input.draft();
    CostBudget::store_draft(ctx, &draft)?;
    let registration = RegisterParticipant {
        id,
        secret: SecretHash::of(&credentials::derive_participant_secret(id, &typed_key)),
        key: report::key(&typed_key).map(SecretHash::of),
        campaign,
        draft,
        credential: asking.credential(),
        now: asking.now,
    };
    let work =
        async move |gathering: &mut UnitOfWork<'_>| participant::register(gathering, &registration).await;
    let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
    context.post.wake();
    // On a replay the secret is that of the record which the key first led to.
    let registered = outcome.as_ref().ok();
    let secret =
        registered.map(|done| credentials::derive_participant_secret(done.participant.id, &typed_key));
    Ok(ParticipantRegisterPayload { asking: asking.after_change(context), outcome, secret })
}

async fn step(
    ctx: &Context<'_>,
    id: &ID,
    expected_revision: i32,
    verb: ParticipantVerb,
) -> Result<Stepped, ApiError> {
    let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    somebody(asking)?;
    let stepping = ChangeParticipant {
        id: id::or_nil(id::participant(id), ParticipantId::new),
        expected_revision: id::revision(expected_revision),
        verb,
        credential: asking.credential(),
        now: asking.now,
    };
    let work = async move |gathering: &mut UnitOfWork<'_>| participant::step(gathering, &stepping).await;
    let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
    context.post.wake();
    Ok(Stepped { asking: asking.after_change(context), outcome })
}

/// Somebody has to say who they are, whomever they mean: the answer gives nothing away.
fn somebody(asking: &RequestContext) -> Result<(), ApiError> {
    if asking.asker == Viewer::Anonymous { Err(ApiError::unauthenticated()) } else { Ok(()) }
}
