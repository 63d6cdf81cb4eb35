//! What comes of a change of a subscription.

use async_graphql::{ID, Object};
use domain::{Subscription, SubscriptionId, Violation};

use super::UrgentActionSubscription;
use crate::api::{
    error::{UserErrors, user_errors},
    id,
};

/// Whether the same had been asked before, or the rules that say no.
pub(crate) struct UrgentActionSubscribePayload(pub(super) Result<bool, Vec<Violation>>);

/// What came of asking for mail about urgent actions. It says nothing of what is known of the address:
/// whoever reads mail there is asked.
#[Object(serial)]
impl UrgentActionSubscribePayload {
    /// Whether a mail to the address asks whether they want this. False only if a rule says no.
    async fn asked(&self) -> bool {
        self.0.is_ok()
    }

    /// Whether the same had been sent with this key before, so that nothing happened this time.
    async fn replayed(&self) -> bool {
        self.0.as_ref().is_ok_and(|replayed| *replayed)
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        pub(crate) struct $name(pub(super) Result<Subscription, Vec<Violation>>);

        $(#[$meta])*
        #[Object(serial)]
        impl $name {
            /// The subscription as it stands now; null if a rule says no.
            async fn subscription(&self) -> Option<UrgentActionSubscription> {
                self.0.as_ref().ok().cloned().map(UrgentActionSubscription::new)
            }

            /// All rules that say no; none if it was done.
            async fn user_errors(&self) -> UserErrors {
                user_errors(&self.0)
            }
        }
    )+};
}

payloads! {
    /// What came of confirming a subscription.
    UrgentActionSubscriptionConfirmPayload;

    /// What came of changing a subscription.
    UrgentActionSubscriptionChangePayload;
}

/// What came of ending a subscription.
pub(crate) struct UrgentActionSubscriptionEndPayload(pub(super) Result<SubscriptionId, Vec<Violation>>);

/// What came of ending a subscription.
#[Object(serial)]
impl UrgentActionSubscriptionEndPayload {
    /// The global id that nothing has any more; null if a rule says no.
    async fn ended(&self) -> Option<ID> {
        self.0.as_ref().ok().copied().map(id::of)
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}
