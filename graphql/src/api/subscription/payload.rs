//! Payloads of the subscription mutations.

use async_graphql::{ID, Object};
use domain::{Subscription, SubscriptionId, Violations};

use super::UrgentActionSubscription;
use crate::api::{
    error::{UserErrors, user_errors},
    id,
    payload::payloads,
};

/// Whether the request is a replay, or validation errors.
pub(crate) struct UrgentActionSubscribePayload(pub(super) Result<bool, Violations>);

/// The result of subscribing to urgent actions. It does not reveal whether the address was known: the owner
/// of the address is asked by mail.
#[Object(serial)]
impl UrgentActionSubscribePayload {
    /// Whether a mail asks the owner of the address for confirmation; false only if there are `userErrors`.
    async fn asked(&self) -> bool {
        self.0.is_ok()
    }

    /// Whether the key was used before with the same content, so that this request changed nothing.
    async fn replayed(&self) -> bool {
        self.0.as_ref().is_ok_and(|replayed| *replayed)
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}

payloads! {
    Result<Subscription, Violations>, [], {
        /// The subscription after the change; null if there are `userErrors`.
        async fn subscription(&self) -> Option<UrgentActionSubscription> {
            self.0.as_ref().ok().cloned().map(UrgentActionSubscription::new)
        }
    }

    /// The result of confirming a subscription.
    UrgentActionSubscriptionConfirmPayload;

    /// The result of changing a subscription.
    UrgentActionSubscriptionUpdatePayload;
}

/// The result of ending a subscription.
pub(crate) struct UrgentActionSubscriptionEndPayload(pub(super) Result<SubscriptionId, Violations>);

/// The result of ending a subscription.
#[Object(serial)]
impl UrgentActionSubscriptionEndPayload {
    /// The global id of the ended subscription; null if there are `userErrors`.
    async fn ended(&self) -> Option<ID> {
        self.0.as_ref().ok().copied().map(id::of)
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}
