//! Mutations of subscriptions to urgent actions, each executed by the ledger.

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

/// The mutations of subscriptions.
#[derive(Default)]
pub(crate) struct SubscriptionMutation;

#[Object(serial)]
impl SubscriptionMutation {
    /// Requests mail about urgent actions (double opt-in). No urgent actions are sent until the owner of the
    /// address has confirmed: a mail brings the secret that confirms the subscription and manages it
    /// afterwards.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn urgent_action_subscribe(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The subscriber and the subscribed topics.")] input: UrgentActionSubscribeInput,
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

    /// Confirms a subscription. The code of the mail suffices as credential; opening the link in the mail
    /// changes nothing by itself.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: UrgentActionSubscriptionConfirmInput,
    ) -> Result<Option<UrgentActionSubscriptionConfirmPayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let (code, now) = (Hash::of(input.code.trim()), asking.now);
        let work =
            async move |gathering: &mut Gathering<'_>| subscription::confirm(gathering, code, now).await;
        Ok(Some(UrgentActionSubscriptionConfirmPayload(Asking::of(ctx).ledger(context).gather(work).await?)))
    }

    /// Changes a subscription. Requires the subscription's secret or an administrator key. For another
    /// address, subscribe again.
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

    /// Ends a subscription permanently and erases it. Pending mail is not sent. Requires the subscription's
    /// secret or an administrator key.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn urgent_action_subscription_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The subscription.")] input: UrgentActionSubscriptionEndInput,
    ) -> Result<Option<UrgentActionSubscriptionEndPayload>, Fault> {
        let context = crate::api::Context::of(ctx);
        let stepping = stepping(Asking::of(ctx), &input.id)?;
        let id = stepping.id;
        let work = async move |gathering: &mut Gathering<'_>| subscription::end(gathering, &stepping).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        Ok(Some(UrgentActionSubscriptionEndPayload(outcome.map(|()| id))))
    }
}

/// Checks that the viewer is authenticated, whichever subscription they ask for, so that the error does not
/// reveal whether it exists.
fn stepping(asking: &Asking, id: &ID) -> Result<Stepping, Fault> {
    if asking.asker == Asker::Anyone {
        return Err(Fault::unauthenticated());
    }
    let id = id::or_nil(id::subscription(id), SubscriptionId::new);
    Ok(Stepping { id, credential: asking.credential(), now: asking.now })
}
