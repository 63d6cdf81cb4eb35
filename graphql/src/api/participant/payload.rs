//! Payloads of the participant mutations.

use async_graphql::{ID, Object};
use domain::{ParticipantId, Violations};

use super::Participant;
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
        id,
        payload::payloads,
    },
    operations::{confirmation::ConfirmedAddress, participant::RegisteredParticipant},
};

/// The result of a registration, with the participant's secret.
pub(crate) struct ParticipantRegisterPayload {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<RegisteredParticipant, Violations>,
    pub(super) secret: Option<String>,
}

/// The result of a registration. It does not reveal whether the address was known; the owner of the address
/// is notified by mail.
#[Object(serial)]
impl ParticipantRegisterPayload {
    /// The participant; null if there are `userErrors`.
    async fn participant(&self) -> Option<Participant<'_>> {
        let registered = self.outcome.as_ref().ok()?;
        Some(Participant::new(&self.request, registered.participant.clone()))
    }

    /// The secret that manages exactly this participant: send it as `Authorization: Bearer …`. The service
    /// does not store it; only repeating the request with the same key returns it again. Null if there are
    /// `userErrors`.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Whether the key was used before with the same content, so that this request changed nothing.
    async fn replayed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|registered| registered.replayed)
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// The result of confirming an address, with the owner's new secret.
pub(crate) struct ParticipantConfirmPayload {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<ConfirmedAddress<domain::Participant>, Violations>,
}

/// The result of confirming a participant's address.
#[Object(serial)]
impl ParticipantConfirmPayload {
    /// The participant after the change, with everything that was entered when the address was; null if there
    /// are `userErrors`.
    async fn participant(&self) -> Option<Participant<'_>> {
        let proved = self.outcome.as_ref().ok()?;
        Some(Participant::new(&self.request, proved.owned.clone()))
    }

    /// The new secret that manages exactly this participant, beside the secrets sent to the address by mail.
    /// Null if there are `userErrors`.
    async fn secret(&self) -> Option<&str> {
        self.outcome.as_ref().ok().map(|proved| proved.secret.as_str())
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// The result of a state transition of a participant.
pub(super) struct Stepped {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<domain::Participant, Violations>,
}

payloads! {
    Stepped, [outcome], {
        /// The participant after the change; null if there are `userErrors`.
        async fn participant(&self) -> Option<Participant<'_>> {
            let participant = self.0.outcome.as_ref().ok()?;
            Some(Participant::new(&self.0.request, participant.clone()))
        }
    }

    /// The result of changing a participant.
    ParticipantUpdatePayload;

    /// The result of leaving a campaign.
    ParticipantLeavePayload;

    /// The result of releasing a part of a goal.
    PledgeReleasePayload;
}

/// The result of erasing a participant.
pub(crate) struct ParticipantErasePayload(pub(super) Result<ParticipantId, Violations>);

/// The result of erasing a participant.
#[Object(serial)]
impl ParticipantErasePayload {
    /// The global id of the erased participant; null if there are `userErrors`.
    async fn erased(&self) -> Option<ID> {
        self.0.as_ref().ok().copied().map(id::of)
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}
