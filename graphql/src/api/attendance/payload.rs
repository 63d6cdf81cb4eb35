//! What comes of a change of an attendance.

use async_graphql::{ID, Object};
use domain::{AttendanceId, Violation};

use super::Attendance;
use crate::{
    api::{
        RequestContext,
        error::{UserErrors, user_errors},
        id,
    },
    operations::{attendance::JoinResult, confirmation::ConfirmedAddress},
};

/// What came of joining an event, and the secret of the place.
pub(crate) struct EventJoinPayload {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<JoinResult, Vec<Violation>>,
    pub(super) secret: Option<String>,
}

/// What came of joining an event. It says nothing of whether somebody of that name and address had
/// joined before; the owner of the address gets mail.
#[Object(serial)]
impl EventJoinPayload {
    /// The place, or the turn on the waiting list; null if a rule says no.
    async fn attendance(&self) -> Option<Attendance<'_>> {
        let joined = self.outcome.as_ref().ok()?;
        Some(Attendance::own(&self.asking, joined.attendance.clone()))
    }

    /// The secret that manages exactly this attendance: send it as `Authorization: Bearer …`. It is
    /// not kept and cannot be asked for again, but the same request with the same key brings it
    /// again. Null if a rule says no, and for a participant who had joined before: their own secret
    /// manages it.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Whether they had joined before, so that nothing happened this time.
    async fn replayed(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|joined| joined.replayed)
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// What came of confirming an address, and the secret of its owner.
pub(crate) struct AttendanceConfirmPayload {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<ConfirmedAddress<domain::Attendance>, Vec<Violation>>,
}

/// What came of confirming the address of a guest.
#[Object(serial)]
impl AttendanceConfirmPayload {
    /// The attendance as it stands now; null if a rule says no.
    async fn attendance(&self) -> Option<Attendance<'_>> {
        let proved = self.outcome.as_ref().ok()?;
        Some(Attendance::own(&self.asking, proved.owned.clone()))
    }

    /// The secret that manages exactly this attendance from now on, beside those that went to the address by
    /// mail. Null if a rule says no.
    async fn secret(&self) -> Option<&str> {
        self.outcome.as_ref().ok().map(|proved| proved.secret.as_str())
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// What came of giving a place back.
pub(crate) struct AttendanceCancelPayload {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<domain::Attendance, Vec<Violation>>,
}

/// What came of giving a place back.
#[Object(serial)]
impl AttendanceCancelPayload {
    /// The attendance as it stands now; null if a rule says no.
    async fn attendance(&self) -> Option<Attendance<'_>> {
        let attendance = self.outcome.as_ref().ok()?;
        Some(Attendance::listed(&self.asking, attendance.clone()))
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// What came of saying who came.
pub(crate) struct AttendanceMarkPayload {
    pub(super) asking: RequestContext,
    pub(super) outcome: Result<Vec<domain::Attendance>, Vec<Violation>>,
}

/// What came of saying who came. It is all of it, or nothing.
#[Object(serial)]
impl AttendanceMarkPayload {
    /// The attendances as they stand now, in the order in which they were sent; null if a rule says
    /// no.
    async fn attendances(&self) -> Option<Vec<Attendance<'_>>> {
        let marked = self.outcome.as_ref().ok()?;
        Some(marked.iter().map(|one| Attendance::listed(&self.asking, one.clone())).collect())
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.outcome)
    }
}

/// What came of having it erased who it was.
pub(crate) struct AttendanceErasePayload(pub(super) Result<AttendanceId, Vec<Violation>>);

/// What came of having it erased who it was.
#[Object(serial)]
impl AttendanceErasePayload {
    /// The global id of the attendance, which is nobody's any more; null if a rule says no.
    async fn erased(&self) -> Option<ID> {
        self.0.as_ref().ok().copied().map(id::of)
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}
