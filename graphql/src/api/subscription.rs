//! Subscriptions to urgent actions. They are visible to clients with their secret and to administrators. For
//! other viewers they do not exist: the response is the same as for an unknown id.

use async_graphql::{Context, ID, Object};
use domain::{Subscription, SubscriptionId};

use super::{
    RequestContext,
    case::CaseTopic,
    cost,
    error::ApiError,
    id,
    participant::{AgeBand, ContactConsent},
    scalar::{DateTime, EmailAddress, Language},
};
use crate::{
    access::{self, Viewer},
    database::subscriptions::{self, SubscriptionKey},
};

mod enums;
mod export;
mod input;
mod mutation;
mod payload;

use enums::DigestFrequency;
pub(crate) use mutation::SubscriptionMutation;

/// A subscription that the viewer may see.
pub(crate) struct UrgentActionSubscription(Box<Subscription>);

/// A subscription to urgent actions by e-mail. Visible to the subscriber and administrators only.
#[Object(serial)]
impl UrgentActionSubscription {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.0.id)
    }

    /// The e-mail address. Several people may share an address, which has several subscriptions then.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.0.content.email.as_str().to_owned())
    }

    /// The subscribed topics; empty for all topics.
    async fn topics(&self) -> Vec<CaseTopic> {
        self.0.content.wishes.topics.iter().copied().map(CaseTopic::from).collect()
    }

    /// The frequency of mail.
    async fn frequency(&self) -> DigestFrequency {
        self.0.content.wishes.frequency.into()
    }

    /// The preferred language of mail; other languages are used where there is no text in it.
    async fn language(&self) -> Language {
        Language::from(&self.0.content.wishes.language)
    }

    /// The age band.
    async fn age_band(&self) -> AgeBand {
        self.0.content.age_band.into()
    }

    /// The consent to this mail.
    async fn contact_consent(&self) -> ContactConsent<'_> {
        ContactConsent::new(&self.0.content.consent)
    }

    /// All stored personal data, as a JSON text (data portability).
    async fn export(&self) -> String {
        export::text(&self.0)
    }

    /// When it was requested.
    async fn requested_at(&self) -> DateTime {
        self.0.requested_at.into()
    }

    /// When the owner of the address confirmed it; null until then, and no urgent actions are sent.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.0.confirmed_at.map(DateTime::from)
    }

    /// When anything of it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.0.revision
    }
}

impl UrgentActionSubscription {
    /// A subscription that the viewer may see.
    fn new(subscription: Subscription) -> Self {
        Self(Box::new(subscription))
    }
}

/// The query field of subscriptions.
#[derive(Default)]
pub(crate) struct SubscriptionQuery;

#[Object(serial)]
impl SubscriptionQuery {
    /// The subscription that the sent secret manages; with an administrator key, the one with this id. Null
    /// without access, as if it did not exist.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn urgent_action_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id; may be omitted with the object's own secret.")] id: Option<ID>,
    ) -> Result<Option<UrgentActionSubscription>, ApiError> {
        let id = id.as_ref().map(id::subscription).transpose();
        find(ctx, id.map_err(|rule| ApiError::bad_input(rule.to_string()))?).await
    }
}

/// Returns the subscription with this id, or of the sent secret, if the viewer may see it.
pub(crate) async fn find(
    ctx: &Context<'_>,
    id: Option<SubscriptionId>,
) -> Result<Option<UrgentActionSubscription>, ApiError> {
    let request = RequestContext::of(ctx);
    let by = match (request.viewer, id) {
        (Viewer::SecretHolder(secret), _) => SubscriptionKey::Secret(secret),
        (Viewer::Staff(_), Some(id)) => SubscriptionKey::Id(id),
        (Viewer::Staff(_), None) | (Viewer::Anonymous, _) => return Ok(None),
    };
    let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
    let found = subscriptions::find(&mut connection, by).await?.filter(|found| {
        let is_requested = id.is_none_or(|id| id == found.subscription.id);
        is_requested && access::subscription_access(request.viewer, found.secret).may_manage()
    });
    Ok(found.map(|found| UrgentActionSubscription::new(found.subscription)))
}
