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
    api::{Allowance, Asking, asking::Asker, error::Fault, id, limit},
    gathering::{
        Gathering,
        event::{self, Registration, Stepping, Verb, Wish},
        proving::{self, Code},
    },
    secret::{self, Hash},
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
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventRegisterInput,
    ) -> Result<Option<EventRegisterPayload>, Fault> {
        let (campaign, key) = (input.campaign.clone(), input.idempotency_key.clone());
        let is_submitted = input.submit.unwrap_or(false);
        let draft = Box::new(input.draft());
        let wish = if is_submitted { Wish::Submit(draft) } else { Wish::Draft(draft) };
        register(ctx, &campaign, &key, wish).await.map(EventRegisterPayload).map(Some)
    }

    /// Confirms that the address of an event's organizer is somebody's own. The code of the mail is all it takes.
    /// From then on the event is its owner's alone: the secret that was given at its registration, its
    /// invitation, the secret of its host's report and the idempotency key open nothing any more, and the
    /// answer brings a fresh secret. The same code brings the same secret again; by itself it reads the event
    /// and changes nothing.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: EventConfirmInput,
    ) -> Result<Option<EventConfirmPayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let code = Code { typed: input.code.trim().to_owned(), now: asking.now };
        let work = async move |gathering: &mut Gathering<'_>| proving::event(gathering, &code).await;
        let outcome = context.ledger.gather(work).await?;
        Ok(Some(EventConfirmPayload { asking: asking.after_change(context), outcome }))
    }

    /// Registers a draft like an event that there was, last year's for example, at other times. The
    /// cases of another edition stay behind. The answer brings a secret of its own. Needs the secret
    /// of the event that there was, a key of its section or an administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and when.")] input: EventCopyInput,
    ) -> Result<Option<EventCopyPayload>, Fault> {
        check_known(Asking::of(ctx))?;
        let of = id::or_nil(id::event(&input.id), EventId::new);
        let sessions = input.sessions.into_iter().map(SessionDraft::from).collect();
        let wish = Wish::Copy { of, sessions };
        let made = register(ctx, &input.campaign, &input.idempotency_key, wish).await?;
        Ok(Some(EventCopyPayload(made)))
    }

    /// Changes what is said of an event, until it is held, reported or cancelled. Where its section
    /// reviews events, new words of an approved one wait beside the approved ones, which everyone else goes
    /// on reading (`pendingChanges`), and so does a wider visibility; days, times, coordinates, numbers and
    /// a narrower visibility take effect at once. Words that say where to go are for those who go at once.
    /// Whoever goes or waits hears of a new day or place by mail. What staff say takes effect at once.
    /// Needs the secret of the event, a key of its section or an administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: EventChangeInput,
    ) -> Result<Option<EventChangePayload>, Fault> {
        let (id, revision) = (input.id.clone(), input.expected_revision);
        let verb = Verb::Change(Box::new(input.draft()));
        step(ctx, &id, revision, verb).await.map(EventChangePayload).map(Some)
    }

    /// Hands an event in for review: a draft, or one that was rejected. What staff hand in, and
    /// what its campaign does not review, is approved at once. Needs the secret of the event, a key of
    /// its section or an administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event.")] input: EventSubmitInput,
    ) -> Result<Option<EventSubmitPayload>, Fault> {
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Submit).await?;
        Ok(Some(EventSubmitPayload(stepped)))
    }

    /// Finds an event good that was handed in, or what waits of one that was approved before
    /// (`pendingChanges`); the revision says what was read. Needs a key of its section, or an
    /// administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event.")] input: EventApproveInput,
    ) -> Result<Option<EventApprovePayload>, Fault> {
        Asking::of(ctx).staff()?;
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Approve).await?;
        Ok(Some(EventApprovePayload(stepped)))
    }

    /// Refuses an event that was handed in: its organizer may change it and hand it in again. Of one that
    /// was approved before, refuses what waits (`pendingChanges`): that is dropped, and what was approved
    /// stays. The organizer is told why. Needs a key of its section, or an administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and why.")] input: EventRejectInput,
    ) -> Result<Option<EventRejectPayload>, Fault> {
        Asking::of(ctx).staff()?;
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Reject(input.reason)).await?;
        Ok(Some(EventRejectPayload(stepped)))
    }

    /// Calls an approved event off. Needs the secret of the event, a key of its section or an
    /// administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and why.")] input: EventCancelInput,
    ) -> Result<Option<EventCancelPayload>, Fault> {
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Cancel(input.reason)).await?;
        Ok(Some(EventCancelPayload(stepped)))
    }

    /// Says that an approved event took place, once it has begun. Needs the secret of the event,
    /// a key of its section or an administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event.")] input: EventHoldInput,
    ) -> Result<Option<EventHoldPayload>, Fault> {
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Hold).await?;
        Ok(Some(EventHoldPayload(stepped)))
    }
}

async fn register(ctx: &Context<'_>, campaign: &ID, typed_key: &str, wish: Wish) -> Result<Made, Fault> {
    let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
    match &wish {
        Wish::Draft(draft) | Wish::Submit(draft) => Allowance::store_draft(ctx, draft)?,
        Wish::Copy { of, .. } => pay_for_copy(ctx, *of).await?,
    }
    // Drawn at random and not by the time: the id of an unlisted event is its link.
    let id = EventId::new(Uuid::new_v4());
    let registration = Registration {
        id,
        secret: Hash::of(&secret::of_event(id, typed_key)),
        key: report::key(typed_key).map(Hash::of),
        campaign: id::or_nil(id::campaign(campaign), CampaignId::new),
        wish,
        credential: asking.credential(),
        now: asking.now,
    };
    let work = async move |gathering: &mut Gathering<'_>| event::register(gathering, &registration).await;
    let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
    context.post.ring();
    // On a replay the secret is that of the event which the key first led to.
    let registered = outcome.as_ref().ok();
    let secret = registered.map(|registered| secret::of_event(registered.kept.event.id, typed_key));
    Ok(Made { asking: asking.after_change(context), outcome, secret })
}

/// Pays for all that a copy of an event stores, which whoever asks does not have to send.
async fn pay_for_copy(ctx: &Context<'_>, of: EventId) -> Result<(), Fault> {
    let mut connection = Asking::of(ctx).connect(crate::api::Context::of(ctx)).await?;
    match events::find(&mut connection, of).await? {
        Some(kept) if manages(Asking::of(ctx), &kept) => Allowance::store_draft(ctx, kept.event.latest()),
        _ => Ok(()),
    }
}

/// Somebody has to say who they are, whatever event they mean: the answer gives nothing away.
fn check_known(asking: &Asking) -> Result<(), Fault> {
    match asking.asker {
        Asker::Anyone => Err(Fault::unauthenticated()),
        Asker::Bearer(_) | Asker::Staff(_) => Ok(()),
    }
}

async fn step(ctx: &Context<'_>, id: &ID, expected_revision: i32, verb: Verb) -> Result<Stepped, Fault> {
    let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
    check_known(asking)?;
    match &verb {
        Verb::Change(draft) => Allowance::store_draft(ctx, draft)?,
        Verb::Reject(reason) | Verb::Cancel(reason) => Allowance::store(ctx, reason.len())?,
        Verb::Submit | Verb::Approve | Verb::Hold => {}
    }
    let stepping = Stepping {
        id: id::or_nil(id::event(id), EventId::new),
        expected_revision: id::revision(expected_revision),
        verb,
        credential: asking.credential(),
        now: asking.now,
    };
    let counts = stepping.counts();
    let work = async move |gathering: &mut Gathering<'_>| event::step(gathering, &stepping).await;
    let outcome = Asking::of(ctx).ledger(context).gather_counting(counts, work).await?;
    context.post.ring();
    Ok(Stepped { asking: asking.after_change(context), outcome })
}
