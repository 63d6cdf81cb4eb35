//! Payloads of the attendance mutations.

use async_graphql::{ID, Object};
use domain::{AttendanceId, Violations};

use super::Attendance;
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
        id,
    },
    operations::{attendance::JoinResult, confirmation::ConfirmedAddress},
};

/// The result of joining an event, with the secret of the attendance.
pub(crate) struct EventJoinPayload {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<JoinResult, Violations>,
    pub(super) secret: Option<String>,
}

/// The result of joining an event. It does not reveal whether a person of that name and address had joined
/// before; the owner of the address is notified by mail.
#[Object(serial)]
impl EventJoinPayload {
    /// The attendance, with a place or on the waiting list; null if there are `userErrors`.
    async fn attendance(&self) -> Option<Attendance<'_>> {
        let joined = self.outcome.as_ref().ok()?;
        Some(Attendance::own(&self.request, joined.attendance.clone()))
    }

    /// The secret that manages exactly this attendance: send it as `Authorization: Bearer …`. The service
    /// does not store it; only repeating the request with the same key returns it again. Null if there are
    /// `userErrors`, and for a participant who had joined before, whose own secret manages the attendance.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Whether the person had joined before, so that this request changed nothing.
    async fn replayed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|joined| joined.replayed)
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// The result of confirming an address, with the owner's new secret.
pub(crate) struct AttendanceConfirmPayload {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<ConfirmedAddress<domain::Attendance>, Violations>,
}

/// The result of confirming the address of an attendee.
#[Object(serial)]
impl AttendanceConfirmPayload {
    /// The attendance after the change; null if there are `userErrors`.
    async fn attendance(&self) -> Option<Attendance<'_>> {
        let proved = self.outcome.as_ref().ok()?;
        Some(Attendance::own(&self.request, proved.owned.clone()))
    }

    /// The new secret that manages exactly this attendance, beside the secrets sent to the address by mail.
    /// Null if there are `userErrors`.
    async fn secret(&self) -> Option<&str> {
        self.outcome.as_ref().ok().map(|proved| proved.secret.as_str())
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// The result of cancelling an attendance.
pub(crate) struct AttendanceCancelPayload {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<domain::Attendance, Violations>,
}

/// The result of cancelling an attendance.
#[Object(serial)]
impl AttendanceCancelPayload {
    /// The attendance after the change; null if there are `userErrors`.
    async fn attendance(&self) -> Option<Attendance<'_>> {
        let attendance = self.outcome.as_ref().ok()?;
        Some(Attendance::listed(&self.request, attendance.clone()))
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// The result of marking attendees.
pub(crate) struct AttendanceMarkPayload {
    pub(super) request: RequestContext,
    pub(super) outcome: Result<Vec<domain::Attendance>, Violations>,
}

/// The result of marking attendees. Either all marks are saved or none.
#[Object(serial)]
impl AttendanceMarkPayload {
    /// The attendances after the change, in the order of the input; null if there are `userErrors`.
    async fn attendances(&self) -> Option<Vec<Attendance<'_>>> {
        let marked = self.outcome.as_ref().ok()?;
        Some(marked.iter().map(|one| Attendance::listed(&self.request, one.clone())).collect())
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// The result of erasing the person of an attendance.
pub(crate) struct AttendanceErasePayload(pub(super) Result<AttendanceId, Violations>);

/// The result of erasing the person of an attendance.
#[Object(serial)]
impl AttendanceErasePayload {
    /// The global id of the erased attendance; null if there are `userErrors`.
    async fn erased(&self) -> Option<ID> {
        self.0.as_ref().ok().copied().map(id::of)
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}
