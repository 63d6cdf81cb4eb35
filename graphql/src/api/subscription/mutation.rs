//! Mutations of subscriptions to urgent actions, each executed by the ledger.

use async_graphql::{Context, ID, Object};
use domain::{SubscriptionId, report};
use uuid::Uuid;

use super::{
    input::{
        UrgentActionSubscribeInput, UrgentActionSubscriptionConfirmInput, UrgentActionSubscriptionEndInput,
        UrgentActionSubscriptionUpdateInput,
    },
    payload::{
        UrgentActionSubscribePayload, UrgentActionSubscriptionConfirmPayload,
        UrgentActionSubscriptionEndPayload, UrgentActionSubscriptionUpdatePayload,
    },
};
use crate::{
    access::Viewer,
    api::{RequestContext, cost, error::ApiError, id, stored_text},
    credentials::SecretHash,
    operations::subscription::{ChangeSubscription, ConfirmSubscription, EndSubscription, Subscribe},
};

/// The mutations of subscriptions.
#[derive(Default)]
pub(crate) struct SubscriptionMutation;

#[Object(serial)]
impl SubscriptionMutation {
    /// Requests mail about urgent actions (double opt-in). No urgent actions are sent until the owner of the
    /// address has confirmed: a mail brings the secret that confirms the subscription and manages it
    /// afterwards.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscribe(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The subscriber and the subscribed topics.")] input: UrgentActionSubscribeInput,
    ) -> Result<Option<UrgentActionSubscribePayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let typed_key = input.idempotency_key.clone();
        let draft = input.draft();
        stored_text::charge_draft(ctx, &draft)?;
        let operation = Subscribe {
            id: SubscriptionId::new(Uuid::now_v7()),
            key: report::key(&typed_key).map(SecretHash::of),
            typed_key,
            draft,
            now: request.now,
        };
        let outcome = request.ledger(context).run(operation).await?;
        context.mail_queue.wake();
        Ok(Some(UrgentActionSubscribePayload(outcome)))
    }

    /// Confirms a subscription. The code of the mail suffices as credential; opening the link in the mail
    /// changes nothing by itself.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: UrgentActionSubscriptionConfirmInput,
    ) -> Result<Option<UrgentActionSubscriptionConfirmPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let confirming = ConfirmSubscription { code: SecretHash::of(input.code.trim()), now: request.now };
        let outcome = request.ledger(context).run(confirming).await?;
        Ok(Some(UrgentActionSubscriptionConfirmPayload(outcome)))
    }

    /// Changes a subscription. Requires the subscription's secret or an administrator key. For another
    /// address, subscribe again.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UrgentActionSubscriptionUpdateInput,
    ) -> Result<Option<UrgentActionSubscriptionUpdatePayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let of = stepping(request, &input.id)?;
        let (expected_revision, draft) = (id::revision(input.expected_revision), input.draft());
        stored_text::charge_draft(ctx, &draft)?;
        let change = ChangeSubscription { of, expected_revision, draft };
        let outcome = request.ledger(context).run(change).await?;
        Ok(Some(UrgentActionSubscriptionUpdatePayload(outcome)))
    }

    /// Ends a subscription permanently and erases it. Pending mail is not sent. Requires the subscription's
    /// secret or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The subscription.")] input: UrgentActionSubscriptionEndInput,
    ) -> Result<Option<UrgentActionSubscriptionEndPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let ending = stepping(request, &input.id)?;
        let outcome = request.ledger(context).run(ending).await?;
        Ok(Some(UrgentActionSubscriptionEndPayload(outcome.map(|()| ending.id))))
    }
}

/// Checks that the viewer is authenticated, whichever subscription they ask for, so that the error does not
/// reveal whether it exists.
fn stepping(request: &RequestContext, id: &ID) -> Result<EndSubscription, ApiError> {
    if request.viewer == Viewer::Anonymous {
        return Err(ApiError::unauthenticated());
    }
    let id = id::or_nil(id::subscription(id), SubscriptionId::new);
    Ok(EndSubscription { id, viewer: request.viewer, now: request.now })
}
