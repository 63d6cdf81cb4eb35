//! Registering, changing and leading events through their states, through the one door of the ledger.

use async_graphql::{Context, ID, Object};
use domain::{CampaignId, EventId, event::SessionDraft, report};
use uuid::Uuid;

use super::{
    events,
    input::{
        EventApproveInput, EventCancelInput, EventChangeInput, EventConfirmInput, EventCopyInput,
        EventHoldInput, EventRegisterInput, EventRejectInput, EventSubmitInput,
    },
    manages,
    payload::{
        EventApprovePayload, EventCancelPayload, EventChangePayload, EventConfirmPayload, EventCopyPayload,
        EventHoldPayload, EventRegisterPayload, EventRejectPayload, EventSubmitPayload, Made, Stepped,
    },
};
use crate::{
    api::{CostBudget, RequestContext, cost, error::ApiError, id, request_context::Viewer},
    credentials::{self, SecretHash},
    operations::{
        UnitOfWork,
        confirmation::{self, ConfirmationCode},
        event::{self, ChangeEvent, EventVerb, InitialState, RegisterEvent},
    },
};

/// Events, as a part of what can be changed.
///
/// A payload may be null, so that one mutation that fails does not take the answers of its neighbours
/// in the same document with it.
#[derive(Default)]
pub(crate) struct EventMutation;

#[Object(serial)]
impl EventMutation {
    /// Registers an event, as a draft or handed in for review. Anyone may, until registration closes;
    /// staff of its section may afterwards, may let its sessions lie outside of the campaign, and what
    /// they hand in is approved at once. The answer brings a secret that manages the event.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventRegisterInput,
    ) -> Result<Option<EventRegisterPayload>, ApiError> {
        let (campaign, key) = (input.campaign.clone(), input.idempotency_key.clone());
        let is_submitted = input.submit.unwrap_or(false);
        let draft = Box::new(input.draft());
        let wish = if is_submitted { InitialState::Submit(draft) } else { InitialState::Draft(draft) };
        register(ctx, &campaign, &key, wish).await.map(EventRegisterPayload).map(Some)
    }

    /// Confirms that the address of an event's organizer is somebody's own. The code of the mail is all it takes.
    /// From then on the event is its owner's alone: the secret that was given at its registration, its
    /// invitation, the secret of its host's report and the idempotency key open nothing any more, and the
    /// answer brings a fresh secret. The same code brings the same secret again; by itself it reads the event
    /// and changes nothing.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: EventConfirmInput,
    ) -> Result<Option<EventConfirmPayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let code = ConfirmationCode { typed: input.code.trim().to_owned(), now: asking.now };
        let work = async move |gathering: &mut UnitOfWork<'_>| confirmation::event(gathering, &code).await;
        let outcome = context.ledger.run(work).await?;
        Ok(Some(EventConfirmPayload { asking: asking.after_change(context), outcome }))
    }

    /// Registers a draft like an event that there was, last year's for example, at other times. The
    /// cases of another edition stay behind. The answer brings a secret of its own. Needs the secret
    /// of the event that there was, a key of its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and when.")] input: EventCopyInput,
    ) -> Result<Option<EventCopyPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        let of = id::or_nil(id::event(&input.id), EventId::new);
        let sessions = input.sessions.into_iter().map(SessionDraft::from).collect();
        let wish = InitialState::Copy { of, sessions };
        let made = register(ctx, &input.campaign, &input.idempotency_key, wish).await?;
        Ok(Some(EventCopyPayload(made)))
    }

    /// Changes what is said of an event, until it is held, reported or cancelled. Where its section
    /// reviews events, new words of an approved one wait beside the approved ones, which everyone else goes
    /// on reading (`pendingChanges`), and so does a wider visibility; days, times, coordinates, numbers and
    /// a narrower visibility take effect at once. Words that say where to go are for those who go at once.
    /// Whoever goes or waits hears of a new day or place by mail. What staff say takes effect at once.
    /// Needs the secret of the event, a key of its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: EventChangeInput,
    ) -> Result<Option<EventChangePayload>, ApiError> {
        let (id, revision) = (input.id.clone(), input.expected_revision);
        let verb = EventVerb::Change(Box::new(input.draft()));
        step(ctx, &id, revision, verb).await.map(EventChangePayload).map(Some)
    }

    /// Hands an event in for review: a draft, or one that was rejected. What staff hand in, and
    /// what its campaign does not review, is approved at once. Needs the secret of the event, a key of
    /// its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event.")] input: EventSubmitInput,
    ) -> Result<Option<EventSubmitPayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Submit).await?;
        Ok(Some(EventSubmitPayload(stepped)))
    }

    /// Finds an event good that was handed in, or what waits of one that was approved before
    /// (`pendingChanges`); the revision says what was read. Needs a key of its section, or an
    /// administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event.")] input: EventApproveInput,
    ) -> Result<Option<EventApprovePayload>, ApiError> {
        RequestContext::of(ctx).staff()?;
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Approve).await?;
        Ok(Some(EventApprovePayload(stepped)))
    }

    /// Refuses an event that was handed in: its organizer may change it and hand it in again. Of one that
    /// was approved before, refuses what waits (`pendingChanges`): that is dropped, and what was approved
    /// stays. The organizer is told why. Needs a key of its section, or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and why.")] input: EventRejectInput,
    ) -> Result<Option<EventRejectPayload>, ApiError> {
        RequestContext::of(ctx).staff()?;
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Reject(input.reason)).await?;
        Ok(Some(EventRejectPayload(stepped)))
    }

    /// Calls an approved event off. Needs the secret of the event, a key of its section or an
    /// administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and why.")] input: EventCancelInput,
    ) -> Result<Option<EventCancelPayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Cancel(input.reason)).await?;
        Ok(Some(EventCancelPayload(stepped)))
    }

    /// Says that an approved event took place, once it has begun. Needs the secret of the event,
    /// a key of its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event.")] input: EventHoldInput,
    ) -> Result<Option<EventHoldPayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Hold).await?;
        Ok(Some(EventHoldPayload(stepped)))
    }
}

async fn register(
    ctx: &Context<'_>,
    campaign: &ID,
    typed_key: &str,
    wish: InitialState,
) -> Result<Made, ApiError> {
    let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    match &wish {
        InitialState::Draft(draft) | InitialState::Submit(draft) => CostBudget::store_draft(ctx, draft)?,
        InitialState::Copy { of, .. } => pay_for_copy(ctx, *of).await?,
    }
    // Drawn at random and not by the time: the id of an unlisted event is its link.
    let id = EventId::new(Uuid::new_v4());
    let registration = RegisterEvent {
        id,
        secret: SecretHash::of(&credentials::derive_event_secret(id, typed_key)),
        key: report::key(typed_key).map(SecretHash::of),
        campaign: id::or_nil(id::campaign(campaign), CampaignId::new),
        wish,
        credential: asking.credential(),
        now: asking.now,
    };
    let work = async move |gathering: &mut UnitOfWork<'_>| event::register(gathering, &registration).await;
    let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
    context.post.wake();
    // On a replay the secret is that of the event which the key first led to.
    let registered = outcome.as_ref().ok();
    let secret =
        registered.map(|registered| credentials::derive_event_secret(registered.kept.event.id, typed_key));
    Ok(Made { asking: asking.after_change(context), outcome, secret })
}

/// Pays for all that a copy of an event stores, which whoever asks does not have to send.
async fn pay_for_copy(ctx: &Context<'_>, of: EventId) -> Result<(), ApiError> {
    let mut connection = RequestContext::of(ctx).connect(crate::api::AppState::of(ctx)).await?;
    match events::find(&mut connection, of).await? {
        Some(kept) if manages(RequestContext::of(ctx), &kept) => {
            CostBudget::store_draft(ctx, kept.event.latest())
        }
        _ => Ok(()),
    }
}

/// Somebody has to say who they are, whatever event they mean: the answer gives nothing away.
fn check_known(asking: &RequestContext) -> Result<(), ApiError> {
    match asking.asker {
        Viewer::Anonymous => Err(ApiError::unauthenticated()),
        Viewer::SecretHolder(_) | Viewer::Staff(_) => Ok(()),
    }
}

async fn step(
    ctx: &Context<'_>,
    id: &ID,
    expected_revision: i32,
    verb: EventVerb,
) -> Result<Stepped, ApiError> {
    let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    check_known(asking)?;
    match &verb {
        EventVerb::Change(draft) => CostBudget::store_draft(ctx, draft)?,
        EventVerb::Reject(reason) | EventVerb::Cancel(reason) => CostBudget::store(ctx, reason.len())?,
        EventVerb::Submit | EventVerb::Approve | EventVerb::Hold => {}
    }
    let stepping = ChangeEvent {
        id: id::or_nil(id::event(id), EventId::new),
        expected_revision: id::revision(expected_revision),
        verb,
        credential: asking.credential(),
        now: asking.now,
    };
    let counts = stepping.counts();
    let work = async move |gathering: &mut UnitOfWork<'_>| event::step(gathering, &stepping).await;
    let outcome = RequestContext::of(ctx).ledger(context).run_counting(counts, work).await?;
    context.post.wake();
    Ok(Stepped { asking: asking.after_change(context), outcome })
}
