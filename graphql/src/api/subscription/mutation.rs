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
    api::{Allowance, Asking, asking::Asker, error::Fault, id, limit},
    gathering::{
        Gathering,
        subscription::{self, Stepping},
    },
    secret::Hash,
};

/// Subscriptions, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct SubscriptionMutation;

#[Object(serial)]
impl SubscriptionMutation {
    /// Asks for mail about urgent actions. Nothing is sent until whoever reads mail at the address has
    /// said yes: a mail brings them the secret that does so, and manages the subscription afterwards.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn urgent_action_subscribe(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to hear of what.")] input: UrgentActionSubscribeInput,
    ) -> Result<Option<UrgentActionSubscribePayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let typed_key = input.idempotency_key.clone();
        let draft = input.draft();
        Allowance::store_draft(ctx, &draft)?;
        let asked = subscription::Asking {
            id: SubscriptionId::new(Uuid::now_v7()),
            key: report::key(&typed_key).map(Hash::of),
            typed_key,
            draft,
            now: asking.now,
        };
        let work = async move |gathering: &mut Gathering<'_>| subscription::ask(gathering, &asked).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        context.post.ring();
        Ok(Some(UrgentActionSubscribePayload(outcome)))
    }

    /// Confirms that somebody wants the mail that was asked for at their address. The secret of the mail is
    /// all it takes; opening the link of the mail does nothing by itself.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The secret.")] input: UrgentActionSubscriptionConfirmInput,
    ) -> Result<Option<UrgentActionSubscriptionConfirmPayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let (code, now) = (Hash::of(input.code.trim()), asking.now);
        let work =
            async move |gathering: &mut Gathering<'_>| subscription::confirm(gathering, code, now).await;
        Ok(Some(UrgentActionSubscriptionConfirmPayload(Asking::of(ctx).ledger(context).gather(work).await?)))
    }

    /// Changes what somebody wants to hear. Needs the secret of the subscription, or an administrator's
    /// key. For another address, subscribe anew.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UrgentActionSubscriptionChangeInput,
    ) -> Result<Option<UrgentActionSubscriptionChangePayload>, Fault> {
        let context = crate::api::Context::of(ctx);
        let stepping = stepping(Asking::of(ctx), &input.id)?;
        let (revision, draft) = (id::revision(input.expected_revision), input.draft());
        Allowance::store_draft(ctx, &draft)?;
        let work = async move |gathering: &mut Gathering<'_>| {
            subscription::change(gathering, &stepping, revision, &draft).await
        };
        Ok(Some(UrgentActionSubscriptionChangePayload(Asking::of(ctx).ledger(context).gather(work).await?)))
    }

    /// Ends a subscription for good and erases it. What waits to be sent is not sent. Needs the secret of
    /// the subscription, or an administrator's key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: UrgentActionSubscriptionEndInput,
    ) -> Result<Option<UrgentActionSubscriptionEndPayload>, Fault> {
        let context = crate::api::Context::of(ctx);
        let stepping = stepping(Asking::of(ctx), &input.id)?;
        let id = stepping.id;
        let work = async move |gathering: &mut Gathering<'_>| subscription::end(gathering, &stepping).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        Ok(Some(UrgentActionSubscriptionEndPayload(outcome.map(|()| id))))
    }
}

/// Somebody has to say who they are, whatever subscription they mean: the answer gives nothing away.
fn stepping(asking: &Asking, id: &ID) -> Result<Stepping, Fault> {
    if asking.asker == Asker::Anyone {
        return Err(Fault::unauthenticated());
    }
    let id = id::or_nil(id::subscription(id), SubscriptionId::new);
    Ok(Stepping { id, credential: asking.credential(), now: asking.now })
}
