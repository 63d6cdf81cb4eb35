//! Mutations of events: registration, changes and state transitions, each executed by the ledger.

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

/// The mutations of events.
///
/// Payloads are nullable, so that one failed mutation does not null the results of the others in the same
/// document.
#[derive(Default)]
pub(crate) struct EventMutation;

#[Object(serial)]
impl EventMutation {
    /// Registers an event, as a draft or submitted for review. Open to everyone until registration closes;
    /// afterwards to staff of its section, whose sessions may be outside the campaign's days and whose events
    /// are approved at once. The result has a secret that manages the event.
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

    /// Confirms the e-mail address of an event's organizer. The code of the mail suffices as credential. From
    /// then on the owner of the address has sole access: the secret that was returned on registration, the
    /// invitation, the secret of the host's report and the idempotency key stop working, and the result has a
    /// new secret. The same code returns the same secret again; sent as a bearer token, the code gives read
    /// access to the event only.
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

    /// Copies an event, for example of last year, to a new draft with other sessions. Cases of another
    /// edition are left out. The result has a secret of its own. Requires the secret of the copied event, a
    /// key of its section or an administrator key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the new sessions.")] input: EventCopyInput,
    ) -> Result<Option<EventCopyPayload>, Fault> {
        check_known(Asking::of(ctx))?;
        let of = id::or_nil(id::event(&input.id), EventId::new);
        let sessions = input.sessions.into_iter().map(SessionDraft::from).collect();
        let wish = Wish::Copy { of, sessions };
        let made = register(ctx, &input.campaign, &input.idempotency_key, wish).await?;
        Ok(Some(EventCopyPayload(made)))
    }

    /// Changes an event, until it has taken place, was reported or was cancelled. If its section reviews
    /// events, new texts of an approved event and a wider visibility await review (`pendingChanges`), and
    /// others still see the approved ones; days, times, coordinates, numbers and a narrower visibility take
    /// effect at once. Texts of the place are visible to attendees at once. Attendees and waiting people are
    /// notified of a new day or place by mail. Changes by staff take effect at once. Requires the event's
    /// secret, a key of its section or an administrator key.
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

    /// Submits a draft or a rejected event for review. It is approved at once if submitted by staff, or if
    /// its campaign does not review events. Requires the event's secret, a key of its section or an
    /// administrator key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventSubmitInput,
    ) -> Result<Option<EventSubmitPayload>, Fault> {
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Submit).await?;
        Ok(Some(EventSubmitPayload(stepped)))
    }

    /// Approves a submitted event, or the pending changes of an approved one (`pendingChanges`);
    /// `expectedRevision` says what was reviewed. Requires a key of its section or an administrator key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventApproveInput,
    ) -> Result<Option<EventApprovePayload>, Fault> {
        Asking::of(ctx).staff()?;
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Approve).await?;
        Ok(Some(EventApprovePayload(stepped)))
    }

    /// Rejects a submitted event: its organizer can change it and submit it again. For an approved event,
    /// rejects the pending changes (`pendingChanges`): they are dropped, and the approved content stays. The
    /// organizer is notified of the reason. Requires a key of its section or an administrator key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the reason.")] input: EventRejectInput,
    ) -> Result<Option<EventRejectPayload>, Fault> {
        Asking::of(ctx).staff()?;
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Reject(input.reason)).await?;
        Ok(Some(EventRejectPayload(stepped)))
    }

    /// Cancels an approved event. Requires the event's secret, a key of its section or an administrator key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the reason.")] input: EventCancelInput,
    ) -> Result<Option<EventCancelPayload>, Fault> {
        let stepped = step(ctx, &input.id, input.expected_revision, Verb::Cancel(input.reason)).await?;
        Ok(Some(EventCancelPayload(stepped)))
    }

    /// Marks an approved event as having taken place, once it has begun. Requires the event's secret, a key
    /// of its section or an administrator key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventHoldInput,
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
    // Random and not time-ordered: the id of an unlisted event gives access to it.
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
    // On a replay the secret is that of the event which was first registered with the key.
    let registered = outcome.as_ref().ok();
    let secret = registered.map(|registered| secret::of_event(registered.kept.event.id, typed_key));
    Ok(Made { asking: asking.after_change(context), outcome, secret })
}

/// Charges everything that a copy of an event stores, which the client does not have to send.
async fn pay_for_copy(ctx: &Context<'_>, of: EventId) -> Result<(), Fault> {
    let mut connection = Asking::of(ctx).connect(crate::api::Context::of(ctx)).await?;
    match events::find(&mut connection, of).await? {
        Some(kept) if manages(Asking::of(ctx), &kept) => Allowance::store_draft(ctx, kept.event.latest()),
        _ => Ok(()),
    }
}

/// Checks that the viewer is authenticated, whichever event they ask for, so that the error does not reveal
/// whether it exists.
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
