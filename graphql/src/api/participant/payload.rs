//! What comes of a change of a participant.

use async_graphql::{ID, Object};
use domain::{ParticipantId, Violation};

use super::Participant;
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
        id,
    },
    operations::{confirmation::ConfirmedAddress, participant::RegisteredParticipant},
};

/// What came of a registration, and its secret.
pub(crate) struct ParticipantRegisterPayload {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<RegisteredParticipant, Vec<Violation>>,
    pub(super) secret: Option<String>,
}

/// What came of a registration. It says nothing of whether the address was known; its owner gets mail.
#[Object(serial)]
impl ParticipantRegisterPayload {
    /// The participant; null if a rule says no.
    async fn participant(&self) -> Option<Participant<'_>> {
        let registered = self.outcome.as_ref().ok()?;
        Some(Participant::new(&self.asking, registered.participant.clone()))
    }

    /// The secret that manages exactly this record: send it as `Authorization: Bearer …`. It is not
    /// kept and cannot be asked for again, but the same registration with the same key brings it
    /// again. Null if a rule says no.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Whether the same had been sent with this key before, so that nothing happened this time.
    async fn replayed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|registered| registered.replayed)
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// What came of confirming an address, and the secret of its owner.
pub(crate) struct ParticipantConfirmPayload {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<ConfirmedAddress<domain::Participant>, Vec<Violation>>,
}

/// What came of confirming an address.
#[Object(serial)]
impl ParticipantConfirmPayload {
    /// The participant as they stand now, with all that was said when the address was typed; null if a rule
    /// says no.
    async fn participant(&self) -> Option<Participant<'_>> {
        let proved = self.outcome.as_ref().ok()?;
        Some(Participant::new(&self.asking, proved.owned.clone()))
    }

    /// The secret that manages exactly this record from now on, beside those that went to the address by
    /// mail. Null if a rule says no.
    async fn secret(&self) -> Option<&str> {
        self.outcome.as_ref().ok().map(|proved| proved.secret.as_str())
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// What came of a step of a participant.
pub(super) struct Stepped {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<domain::Participant, Vec<Violation>>,
}

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        pub(crate) struct $name(pub(super) Stepped);

        $(#[$meta])*
        #[Object(serial)]
        impl $name {
            /// The participant as they stand now; null if a rule says no.
            async fn participant(&self) -> Option<Participant<'_>> {
                let participant = self.0.outcome.as_ref().ok()?;
                Some(Participant::new(&self.0.asking, participant.clone()))
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
    ParticipantChangePayload;

    /// What came of taking no further part.
    ParticipantLeavePayload;

    /// What came of giving a part of a goal back.
    GoalReleasePayload;
}

/// What came of having somebody erased.
pub(crate) struct ParticipantErasePayload(pub(super) Result<ParticipantId, Vec<Violation>>);

/// What came of having somebody erased.
#[Object(serial)]
impl ParticipantErasePayload {
    /// The global id that nobody has any more; null if a rule says no.
    async fn erased(&self) -> Option<ID> {
        self.0.as_ref().ok().copied().map(id::of)
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}
