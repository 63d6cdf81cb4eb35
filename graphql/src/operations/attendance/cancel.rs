//! Cancelling an attendance, and erasing its person.

use domain::{Attendance, AttendanceId, Violations, violation::EntityKind};
use jiff::Timestamp;

use super::waiting_list;
use crate::{
    access::{self, AttendanceAccess, Viewer},
    database::{
        self,
        access_tokens::{self, TokenHolder},
        attendances,
        events::{self, StoredEvent},
    },
    operations::{OperationResult, UnitOfWork, confirmation, not_found, record_staff},
};

/// An attendance that is to be cancelled.
#[derive(Clone, Copy, Debug)]
pub struct CancelAttendance {
    /// The attendance.
    pub id: AttendanceId,
    /// The viewer: the attendee, an organizer, or staff.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// An attendance whose person is to be erased.
#[derive(Clone, Copy, Debug)]
pub struct EraseAttendance(pub CancelAttendance);

/// Cancels an attendance or a position on the waiting list. The next waiting attendee is promoted.
///
/// # Errors
/// Database errors. Validation errors are those of [`AttendanceState::cancelled`](domain::attendance::AttendanceState::cancelled) and
/// [`Event::check_joining`](domain::Event::check_joining), and [`ViolationKind::NotFound`](domain::ViolationKind::NotFound).
pub async fn cancel(unit: &mut UnitOfWork<'_>, request: &CancelAttendance) -> OperationResult<Attendance> {
    let Some((attendance, stored, holder)) = request.managed(unit).await? else {
        return Ok(Err(not_found("id", EntityKind::Attendance)));
    };
    let mut violations = Violations::default();
    violations.check("id", attendance.state.cancelled());
    if violations.is_empty() {
        violations.check("id", stored.event.check_joining(request.now));
    }
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let attendance = match holder {
        Some(holder) => own(unit, attendance, holder, request.now).await?,
        None => attendance,
    };
    let after = waiting_list::release_place(unit, attendance, &stored.event, request.now).await?;
    record_staff(unit, request.id.uuid(), request.viewer, "attendanceCancel", request.now).await?;
    Ok(Ok(after))
}

/// Erases the person of an attendance. A place that can still be used is released.
///
/// # Errors
/// Database errors. The validation error is [`ViolationKind::NotFound`](domain::ViolationKind::NotFound).
pub async fn erase(
    unit: &mut UnitOfWork<'_>,
    EraseAttendance(request): &EraseAttendance,
) -> OperationResult<()> {
    let Some((attendance, ..)) = request.managed(unit).await? else {
        return Ok(Err(not_found("id", EntityKind::Attendance)));
    };
    waiting_list::purge(unit, attendance, request.now).await?;
    record_staff(unit, request.id.uuid(), request.viewer, "attendanceErase", request.now).await?;
    Ok(Ok(()))
}

impl CancelAttendance {
    /// Returns the attendance and its event if the viewer may manage it, and how a secret of the attendee was delivered.
    async fn managed(
        &self,
        unit: &mut UnitOfWork<'_>,
    ) -> Result<Option<(Attendance, StoredEvent, Option<TokenHolder>)>, database::Error> {
        let Some(attendance) = attendances::find(unit.conn(), self.id).await? else {
            return Ok(None);
        };
        let Some(stored) = events::find(unit.conn(), attendance.event_id).await? else {
            return Err(database::Error::Broken("an attendance without its event".into()));
        };
        let facts = Some(stored.facts());
        let mut access = access::attendance_access(self.viewer, None, &attendance, facts);
        let mut holder = None;
        if let (AttendanceAccess::Hidden, Some(secret)) = (access, self.viewer.secret()) {
            holder = access_tokens::holder(unit.conn(), secret).await?;
            let subject = holder.map(|holder| holder.subject);
            access = access::attendance_access(self.viewer, subject, &attendance, facts);
        }
        Ok(access.may_manage().then_some((attendance, stored, holder)))
    }
}

/// Returns the attendance after the attendee has confirmed the address by acting with a mailed secret.
async fn own(
    unit: &mut UnitOfWork<'_>,
    attendance: Attendance,
    holder: TokenHolder,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    confirmation::by_act(unit.conn_mut(), holder, now).await?;
    Ok(attendances::find(unit.conn(), attendance.id).await?.unwrap_or(attendance))
}
