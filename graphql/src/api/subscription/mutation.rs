//! Subscribing to urgent actions, confirming, changing and ending that, through the one door of the
//! ledger.

use async_graphql::{Context, ID, Object};
use domain::{SubscriptionId, report};
use uuid::Uuid;

use super::{
    input::{
        UrgentActionSubscribeInput, UrgentActionSubscriptionChangeInput,
        UrgentActionSubscriptionConfirmInput, UrgentActionSubscriptionEndInput,
    },
    payload::{
        UrgentActionSubscribePayload, UrgentActionSubscriptionChangePayload,
        UrgentActionSubscriptionConfirmPayload, UrgentActionSubscriptionEndPayload,
    },
};
use crate::{
    api::{CostBudget, RequestContext, cost, error::ApiError, id, request_context::Viewer},
    credentials::SecretHash,
    operations::{
        UnitOfWork,
        subscription::{self, ChangeSubscription},
    },
};

/// Subscriptions, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct SubscriptionMutation;

#[Object(serial)]
impl SubscriptionMutation {
    /// Asks for mail about urgent actions. Nothing is sent until whoever reads mail at the address has
    /// said yes: a mail brings them the secret that does so, and manages the subscription afterwards.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscribe(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to hear of what.")] input: UrgentActionSubscribeInput,
    ) -> Result<Option<UrgentActionSubscribePayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let typed_key = input.idempotency_key.clone();
        let draft = input.draft();
        CostBudget::store_draft(ctx, &draft)?;
        let asked = subscription::Subscribe {
            id: SubscriptionId::new(Uuid::now_v7()),
            key: report::key(&typed_key).map(SecretHash::of),
            typed_key,
            draft,
            now: asking.now,
        };
        let work =
            async move |gathering: &mut UnitOfWork<'_>| subscription::subscribe(gathering, &asked).await;
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        context.post.wake();
        Ok(Some(UrgentActionSubscribePayload(outcome)))
    }

    /// Confirms that somebody wants the mail that was asked for at their address. The secret of the mail is
    /// all it takes; opening the link of the mail does nothing by itself.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret.")] input: UrgentActionSubscriptionConfirmInput,
    ) -> Result<Option<UrgentActionSubscriptionConfirmPayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let (code, now) = (SecretHash::of(input.code.trim()), asking.now);
        let work =
            async move |gathering: &mut UnitOfWork<'_>| subscription::confirm(gathering, code, now).await;
        Ok(Some(UrgentActionSubscriptionConfirmPayload(
            RequestContext::of(ctx).ledger(context).run(work).await?,
        )))
    }

    /// Changes what somebody wants to hear. Needs the secret of the subscription, or an administrator's
    /// key. For another address, subscribe anew.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UrgentActionSubscriptionChangeInput,
    ) -> Result<Option<UrgentActionSubscriptionChangePayload>, ApiError> {
        let context = crate::api::AppState::of(ctx);
        let stepping = stepping(RequestContext::of(ctx), &input.id)?;
        let (revision, draft) = (id::revision(input.expected_revision), input.draft());
        CostBudget::store_draft(ctx, &draft)?;
        let work = async move |gathering: &mut UnitOfWork<'_>| {
            subscription::change(gathering, &stepping, revision, &draft).await
        };
        Ok(Some(UrgentActionSubscriptionChangePayload(
            RequestContext::of(ctx).ledger(context).run(work).await?,
        )))
    }

    /// Ends a subscription for good and erases it. What waits to be sent is not sent. Needs the secret of
    /// the subscription, or an administrator's key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: UrgentActionSubscriptionEndInput,
    ) -> Result<Option<UrgentActionSubscriptionEndPayload>, ApiError> {
        let context = crate::api::AppState::of(ctx);
        let stepping = stepping(RequestContext::of(ctx), &input.id)?;
        let id = stepping.id;
        let work = async move |gathering: &mut UnitOfWork<'_>| subscription::end(gathering, &stepping).await;
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        Ok(Some(UrgentActionSubscriptionEndPayload(outcome.map(|()| id))))
    }
}

/// Somebody has to say who they are, whatever subscription they mean: the answer gives nothing away.
fn stepping(asking: &RequestContext, id: &ID) -> Result<ChangeSubscription, ApiError> {
    if asking.asker == Viewer::Anonymous {
        return Err(ApiError::unauthenticated());
    }
    let id = id::or_nil(id::subscription(id), SubscriptionId::new);
    Ok(ChangeSubscription { id, credential: asking.credential(), now: asking.now })
}
