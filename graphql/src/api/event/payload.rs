//! What comes of a change of an event.

use async_graphql::Object;
use domain::Violation;

use super::Event;
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
    },
    database::events::StoredEvent,
    operations::{confirmation::ConfirmedAddress, event::RegisteredEvent},
};

/// What came of a new event, and its secret.
pub(super) struct Made {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<RegisteredEvent, Vec<Violation>>,
    pub(super) secret: Option<String>,
}

macro_rules! made {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        pub(crate) struct $name(pub(super) Made);

        $(#[$meta])*
        #[Object(serial)]
        impl $name {
            /// The event; null if a rule says no.
            async fn event(&self) -> Option<Event<'_>> {
                let registered = self.0.outcome.as_ref().ok()?;
                Some(Event::as_organizer(&self.0.asking, registered.kept.clone()))
            }

            /// The secret that manages exactly this event: send it as `Authorization: Bearer …`. It is
            /// not kept and cannot be asked for again, but the same input with the same key brings it
            /// again. Null if a rule says no.
            async fn secret(&self) -> Option<&str> {
                self.0.secret.as_deref()
            }

            /// Whether the same had been sent with this key before, so that nothing happened this time.
            async fn replayed(&self) -> bool {
                self.0.outcome.as_ref().is_ok_and(|registered| registered.replayed)
            }

            /// All rules that say no; none if it was done.
            async fn user_errors(&self) -> UserErrors {
                user_errors(&self.0.outcome)
            }
        }
    )+};
}

made! {
    /// What came of a new event.
    EventRegisterPayload;

    /// What came of copying an event.
    EventCopyPayload;
}

/// What came of confirming the address of an organizer, and the secret of its owner.
pub(crate) struct EventConfirmPayload {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<ConfirmedAddress<StoredEvent>, Vec<Violation>>,
}

/// What came of confirming the address of an organizer.
#[Object(serial)]
impl EventConfirmPayload {
    /// The event as it stands now; null if a rule says no.
    async fn event(&self) -> Option<Event<'_>> {
        let proved = self.outcome.as_ref().ok()?;
        Some(Event::as_organizer(&self.asking, proved.owned.clone()))
    }

    /// The secret that manages exactly this event from now on. Null if a rule says no.
    async fn secret(&self) -> Option<&str> {
        self.outcome.as_ref().ok().map(|proved| proved.secret.as_str())
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// What came of a step of an event.
pub(super) struct Stepped {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<StoredEvent, Vec<Violation>>,
}

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        pub(crate) struct $name(pub(super) Stepped);

        $(#[$meta])*
        #[Object(serial)]
        impl $name {
            /// The event as it stands now; null if a rule says no.
            async fn event(&self) -> Option<Event<'_>> {
                let kept = self.0.outcome.as_ref().ok()?;
                Some(Event::as_organizer(&self.0.asking, kept.clone()))
            }

            /// All rules that say no; none if it was done.
            async fn user_errors(&self) -> UserErrors {
                user_errors(&self.0.outcome)
            }
        }
    )+};
}

payloads! {
    /// What came of a change.
    EventChangePayload;

    /// What came of handing an event in for review.
    EventSubmitPayload;

    /// What came of finding an event good.
    EventApprovePayload;

    /// What came of refusing an event.
    EventRejectPayload;

    /// What came of calling an event off.
    EventCancelPayload;

    /// What came of saying that an event took place.
    EventHoldPayload;
}
