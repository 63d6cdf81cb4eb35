//! Subscriptions to urgent actions: known to whoever has their secret, and to administrators. To anyone
//! else they do not exist: the answer is the same as for an id that never was.

use async_graphql::{Context, ID, Object};
use domain::{Subscription, SubscriptionId};

use super::{
    RequestContext,
    case::Topic,
    cost,
    error::ApiError,
    id,
    participant::{AgeBand, ContactConsent},
    request_context::Viewer,
    scalar::{DateTime, EmailAddress, Language},
};
use crate::database::subscriptions::{self, SubscriptionKey};

mod enums;
mod export;
mod input;
mod mutation;
mod payload;

use enums::SubscriptionFrequency;
pub(crate) use mutation::SubscriptionMutation;

/// A subscription that whoever asks may know of.
pub(crate) struct UrgentActionSubscription(Box<Subscription>);

/// Somebody who wants to hear of urgent actions by e-mail. Only they and administrators see this.
#[Object(serial)]
impl UrgentActionSubscription {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.0.id)
    }

    /// Where mail goes. A family may share an address, and have several subscriptions.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.0.content.email.as_str().to_owned())
    }

    /// They hear of what is about one of these topics; none for all of them.
    async fn topics(&self) -> Vec<Topic> {
        self.0.content.wishes.topics.iter().copied().map(Topic::from).collect()
    }

    /// How often they hear.
    async fn frequency(&self) -> SubscriptionFrequency {
        self.0.content.wishes.frequency.into()
    }

    /// The language of what they get, where there is a text in it.
    async fn language(&self) -> Language {
        Language::from(&self.0.content.wishes.language)
    }

    /// How old they are.
    async fn age_band(&self) -> AgeBand {
        self.0.content.age_band.into()
    }

    /// What they agreed to, and when.
    async fn contact_consent(&self) -> ContactConsent<'_> {
        ContactConsent::new(&self.0.content.consent)
    }

    /// All that is kept about them, as a JSON text to take away.
    async fn export(&self) -> String {
        export::text(&self.0)
    }

    /// When it was asked for.
    async fn asked_at(&self) -> DateTime {
        self.0.asked_at.into()
    }

    /// When whoever reads mail at the address said yes. Null until then, and nothing is sent.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.0.confirmed_at.map(DateTime::from)
    }

    /// When anything of this last changed.
    async fn changed_at(&self) -> DateTime {
        self.0.changed_at.into()
    }

    /// Grows by one with each change. A change names the revision that it changes.
    async fn revision(&self) -> u32 {
        self.0.revision
    }
}

impl UrgentActionSubscription {
    /// A subscription that whoever asks may know of.
    fn new(subscription: Subscription) -> Self {
        Self(Box::new(subscription))
    }
}

/// Subscriptions, as a part of what can be read.
#[derive(Default)]
pub(crate) struct SubscriptionQuery;

#[Object(serial)]
impl SubscriptionQuery {
    /// The subscription whose secret is sent, or, with an administrator's key, the one with this id; to
    /// anyone else null, as for an id that never was.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id; whoever sends their own secret may leave it out.")] id: Option<ID>,
    ) -> Result<Option<UrgentActionSubscription>, ApiError> {
        let id = id.as_ref().map(id::subscription).transpose();
        find(ctx, id.map_err(|rule| ApiError::bad_input(rule.to_string()))?).await
    }
}

/// The subscription with this identity, or whose secret is sent, if whoever asks may know of it.
pub(crate) async fn find(
    ctx: &Context<'_>,
    id: Option<SubscriptionId>,
) -> Result<Option<UrgentActionSubscription>, ApiError> {
    let asking = RequestContext::of(ctx);
    let by = match (asking.asker, id) {
        (Viewer::SecretHolder(secret), _) => SubscriptionKey::Secret(secret),
        (Viewer::Staff(_), Some(id)) if asking.is_administrator() => SubscriptionKey::Id(id),
        (Viewer::Staff(_) | Viewer::Anonymous, _) => return Ok(None),
    };
    let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
    let found = subscriptions::find(&mut connection, by).await?.map(|kept| kept.subscription);
    let is_meant = |found: &Subscription| id.is_none_or(|id| id == found.id);
    Ok(found.filter(is_meant).map(UrgentActionSubscription::new))
}
