//! Mutations of events: registration, changes and state transitions, each executed by the ledger.

use async_graphql::{Context, ID, Object};
use domain::{
    CampaignId, EventId,
    event::{RejectionScope, SessionDraft},
    report,
};
use uuid::Uuid;

use super::{
    events,
    input::{
        EventApproveInput, EventCancelInput, EventCompleteInput, EventConfirmInput, EventCopyInput,
        EventRegisterInput, EventRejectInput, EventSubmitInput, EventUpdateInput,
    },
    payload::{
        EventApprovePayload, EventCancelPayload, EventCompletePayload, EventConfirmPayload, EventCopyPayload,
        EventRegisterPayload, EventRejectPayload, EventSubmitPayload, EventUpdatePayload, Made, Stepped,
    },
};
use crate::{
    access::{self, Viewer},
    api::{RequestContext, cost, error::ApiError, id, stored_text},
    credentials::{self, SecretHash},
    operations::{
        confirmation::{ConfirmEvent, ConfirmationCode},
        event::{ChangeEvent, EventVerb, InitialState, RegisterEvent},
    },
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

    /// Confirms the e-mail address of an event's organizer. The code of the mail suffices as credential. From
    /// then on the owner of the address has sole access: the secret that was returned on registration, the
    /// invitation, the secret of the host's report and the idempotency key stop working, and the result has a
    /// new secret. The same code returns the same secret again; sent as a bearer token, the code gives read
    /// access to the event only.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: EventConfirmInput,
    ) -> Result<Option<EventConfirmPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let code = ConfirmationCode { typed: input.code.trim().to_owned(), now: request.now };
        let outcome = context.ledger.run(ConfirmEvent(code)).await?;
        Ok(Some(EventConfirmPayload { request: request.after_change(context), outcome }))
    }

    /// Copies an event, for example of last year, to a new draft with other sessions. Cases of another
    /// edition are left out. The result has a secret of its own. Requires the secret of the copied event, a
    /// key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_copy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the new sessions.")] input: EventCopyInput,
    ) -> Result<Option<EventCopyPayload>, ApiError> {
        check_known(RequestContext::of(ctx))?;
        let of = id::or_nil(id::event(&input.id), EventId::new);
        let sessions = input.sessions.into_iter().map(SessionDraft::from).collect();
        let wish = InitialState::Copy { of, sessions };
        let made = register(ctx, &input.campaign, &input.idempotency_key, wish).await?;
        Ok(Some(EventCopyPayload(made)))
    }

    /// Changes an event, until it has taken place, was reported or was cancelled. If its section reviews
    /// events, new texts of an approved event and a wider visibility await review (`pendingChanges`), and
    /// others still see the approved ones; days, times, coordinates, numbers and a narrower visibility take
    /// effect at once. Texts of the place are visible to attendees at once. Attendees and waiting people are
    /// notified of a new day or place by mail. Changes by staff take effect at once, and staff can replace the
    /// texts and narrow the visibility of an event that took place or was cancelled, too. Requires the event's
    /// secret, a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: EventUpdateInput,
    ) -> Result<Option<EventUpdatePayload>, ApiError> {
        let (id, revision) = (input.id.clone(), input.expected_revision);
        let verb = EventVerb::Change(Box::new(input.draft()));
        step(ctx, &id, revision, verb).await.map(EventUpdatePayload).map(Some)
    }

    /// Submits a draft or a rejected event for review. It is approved at once if submitted by staff, or if it is
    /// a draft and its campaign does not review events. Requires the event's secret, a key of its section or an
    /// administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventSubmitInput,
    ) -> Result<Option<EventSubmitPayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Submit).await?;
        Ok(Some(EventSubmitPayload(stepped)))
    }

    /// Approves a submitted event, or the pending changes of an approved one (`pendingChanges`);
    /// `expectedRevision` says what was reviewed. Requires a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventApproveInput,
    ) -> Result<Option<EventApprovePayload>, ApiError> {
        RequestContext::of(ctx).staff()?;
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Approve).await?;
        Ok(Some(EventApprovePayload(stepped)))
    }

    /// Rejects a submitted event: its organizer can change it and submit it again. For an approved event,
    /// rejects the pending changes (`pendingChanges`): they are dropped, and the approved content stays. With
    /// the scope `EVENT` the approval itself is revoked: the event is in no list and no calendar any more, and
    /// attendees and waiting people are notified as of a cancellation, without its title. The organizer is
    /// notified of the reason. Requires a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the reason.")] input: EventRejectInput,
    ) -> Result<Option<EventRejectPayload>, ApiError> {
        RequestContext::of(ctx).staff()?;
        let scope = input.scope.map_or(RejectionScope::Pending, Into::into);
        let verb = EventVerb::Reject(input.reason, scope);
        let stepped = step(ctx, &input.id, input.expected_revision, verb).await?;
        Ok(Some(EventRejectPayload(stepped)))
    }

    /// Cancels an approved event. Staff can replace the reason of a cancelled one. Requires the event's secret,
    /// a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the reason.")] input: EventCancelInput,
    ) -> Result<Option<EventCancelPayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Cancel(input.reason)).await?;
        Ok(Some(EventCancelPayload(stepped)))
    }

    /// Completes an approved event, once it has begun: it took place, and takes no more joins or changes. It is
    /// `REPORTED` if its host has reported, and owes a report otherwise. Reports can be updated and corrected all
    /// the same. Requires the event's secret, a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_complete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: EventCompleteInput,
    ) -> Result<Option<EventCompletePayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, EventVerb::Complete).await?;
        Ok(Some(EventCompletePayload(stepped)))
    }
}

async fn register(
    ctx: &Context<'_>,
    campaign: &ID,
    typed_key: &str,
    wish: InitialState,
) -> Result<Made, ApiError> {
    let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    match &wish {
        InitialState::Draft(draft) | InitialState::Submit(draft) => stored_text::charge_draft(ctx, draft)?,
        InitialState::Copy { of, .. } => pay_for_copy(ctx, *of).await?,
    }
    // Random and not time-ordered: the id of an unlisted event gives access to it.
    let id = EventId::new(Uuid::new_v4());
    let registration = RegisterEvent {
        id,
        secret: SecretHash::of(&credentials::derive_event_secret(id, typed_key)),
        key: report::key(typed_key).map(SecretHash::of),
        campaign: id::or_nil(id::campaign(campaign), CampaignId::new),
        wish,
        viewer: request.viewer,
        now: request.now,
    };
    let outcome = request.ledger(context).run(registration).await?;
    context.mail_queue.wake();
    // On a replay the secret is that of the event which was first registered with the key.
    let registered = outcome.as_ref().ok();
    let secret =
        registered.map(|registered| credentials::derive_event_secret(registered.stored.event.id, typed_key));
    Ok(Made { request: request.after_change(context), outcome, secret })
}

/// Charges everything that a copy of an event stores, which the client does not have to send.
async fn pay_for_copy(ctx: &Context<'_>, of: EventId) -> Result<(), ApiError> {
    let mut connection = RequestContext::of(ctx).connect(crate::api::AppState::of(ctx)).await?;
    match events::find(&mut connection, of).await? {
        Some(stored) if access::may_manage_event(RequestContext::of(ctx).viewer, stored.facts()) => {
            stored_text::charge_draft(ctx, stored.event.latest())
        }
        _ => Ok(()),
    }
}

/// Checks that the viewer is authenticated, whichever event they ask for, so that the error does not reveal
/// whether it exists.
fn check_known(request: &RequestContext) -> Result<(), ApiError> {
    match request.viewer {
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
    let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
    check_known(request)?;
    match &verb {
        EventVerb::Change(draft) => stored_text::charge_draft(ctx, draft)?,
        EventVerb::Reject(reason, _) | EventVerb::Cancel(reason) => stored_text::charge(ctx, reason.len())?,
        EventVerb::Submit | EventVerb::Approve | EventVerb::Complete => {}
    }
    let stepping = ChangeEvent {
        id: id::or_nil(id::event(id), EventId::new),
        expected_revision: id::revision(expected_revision),
        verb,
        viewer: request.viewer,
        now: request.now,
    };
    let outcome = request.ledger(context).run(stepping).await?;
    context.mail_queue.wake();
    Ok(Stepped { request: request.after_change(context), outcome })
}
