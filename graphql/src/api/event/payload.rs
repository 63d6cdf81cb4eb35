//! Payloads of the event mutations.

use async_graphql::Object;
use domain::Violations;

use super::Event;
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
        payload::payloads,
    },
    database::events::StoredEvent,
    operations::{confirmation::ConfirmedAddress, event::RegisteredEvent},
};

/// The result of registering an event, with its secret.
pub(super) struct Made {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<RegisteredEvent, Violations>,
    pub(super) secret: Option<String>,
}

payloads! {
    Made, [outcome], {
        /// The event; null if there are `userErrors`.
        async fn event(&self) -> Option<Event<'_>> {
            let registered = self.0.outcome.as_ref().ok()?;
            Some(Event::as_organizer(&self.0.request, registered.stored.clone()))
        }

        /// The secret that manages exactly this event: send it as `Authorization: Bearer …`. The service
        /// does not store it; only repeating the request with the same key returns it again. Null if
        /// there are `userErrors`.
        async fn secret(&self) -> Option<&str> {
            self.0.secret.as_deref()
        }

        /// Whether the key was used before with the same content, so that this request changed nothing.
        async fn replayed(&self) -> bool {
            self.0.outcome.as_ref().is_ok_and(|registered| registered.replayed)
        }
    }

    /// The result of registering an event.
    EventRegisterPayload;

    /// The result of copying an event.
    EventCopyPayload;
}

/// The result of confirming an organizer's address, with the owner's new secret.
pub(crate) struct EventConfirmPayload {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<ConfirmedAddress<StoredEvent>, Violations>,
}

/// The result of confirming an organizer's address.
#[Object(serial)]
impl EventConfirmPayload {
    /// The event after the change; null if there are `userErrors`.
    async fn event(&self) -> Option<Event<'_>> {
        let proved = self.outcome.as_ref().ok()?;
        Some(Event::as_organizer(&self.request, proved.owned.clone()))
    }

    /// The new secret that manages exactly this event. Null if there are `userErrors`.
    async fn secret(&self) -> Option<&str> {
        self.outcome.as_ref().ok().map(|proved| proved.secret.as_str())
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// The result of a state transition of an event.
pub(super) struct Stepped {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<StoredEvent, Violations>,
}

payloads! {
    Stepped, [outcome], {
        /// The event after the change; null if there are `userErrors`.
        async fn event(&self) -> Option<Event<'_>> {
            let stored = self.0.outcome.as_ref().ok()?;
            Some(Event::as_organizer(&self.0.request, stored.clone()))
        }
    }

    /// The result of changing an event.
    EventUpdatePayload;

    /// The result of submitting an event for review.
    EventSubmitPayload;

    /// The result of approving an event.
    EventApprovePayload;

    /// The result of rejecting an event.
    EventRejectPayload;

    /// The result of cancelling an event.
    EventCancelPayload;

    /// The result of marking an event as having taken place.
    EventCompletePayload;
}
