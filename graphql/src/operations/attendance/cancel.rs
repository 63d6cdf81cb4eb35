//! Giving a place back, or a turn, and having it erased who it was.

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

/// An attendance that somebody wants to give back or to have erased.
#[derive(Clone, Copy, Debug)]
pub struct CancelAttendance {
    /// Which one.
    pub id: AttendanceId,
    /// Who asks: whoever comes, the organizer, or staff.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// An attendance whose person is to be erased.
#[derive(Clone, Copy, Debug)]
pub struct EraseAttendance(pub CancelAttendance);

/// Gives a place back, or a turn. The next one moves up.
///
/// # Errors
/// That of the database. The rules that say no are those of [`AttendanceState::cancelled`](domain::attendance::AttendanceState::cancelled) and
/// [`Event::check_joining`](domain::Event::check_joining), and [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn cancel(gathering: &mut UnitOfWork<'_>, asked: &CancelAttendance) -> OperationResult<Attendance> {
    let Some((attendance, kept, holder)) = asked.managed(gathering).await? else {
        return Ok(Err(not_found("id", EntityKind::Attendance)));
    };
    let mut violations = Violations::default();
    violations.check("id", attendance.state.cancelled());
    if violations.is_empty() {
        violations.check("id", kept.event.check_joining(asked.now));
    }
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let attendance = match holder {
        Some(holder) => own(gathering, attendance, holder, asked.now).await?,
        None => attendance,
    };
    let after = waiting_list::release_place(gathering, attendance, &kept.event, asked.now).await?;
    record_staff(gathering, asked.id.uuid(), asked.viewer, "attendanceCancel", asked.now).await?;
    Ok(Ok(after))
}

/// Erases who it was that came or would have come. A place that can still be used is given back.
///
/// # Errors
/// That of the database. The rule that says no is [`Rule::NotFound`](domain::Rule::NotFound).
pub async fn erase(
    gathering: &mut UnitOfWork<'_>,
    EraseAttendance(asked): &EraseAttendance,
) -> OperationResult<()> {
    let Some((attendance, ..)) = asked.managed(gathering).await? else {
        return Ok(Err(not_found("id", EntityKind::Attendance)));
    };
    waiting_list::purge(gathering, attendance, asked.now).await?;
    record_staff(gathering, asked.id.uuid(), asked.viewer, "attendanceErase", asked.now).await?;
    Ok(Ok(()))
}

impl CancelAttendance {
    /// The attendance and its event, if whoever asks may manage it, and how a secret of theirs got to them.
    async fn managed(
        &self,
        gathering: &mut UnitOfWork<'_>,
    ) -> Result<Option<(Attendance, StoredEvent, Option<TokenHolder>)>, database::Error> {
        let Some(attendance) = attendances::find(gathering.conn(), self.id).await? else {
            return Ok(None);
        };
        let Some(kept) = events::find(gathering.conn(), attendance.event_id).await? else {
            return Err(database::Error::Broken("an attendance without its event".into()));
        };
        let facts = Some(kept.facts());
        let mut access = access::attendance_access(self.viewer, None, &attendance, facts);
        let mut holder = None;
        if let (AttendanceAccess::Hidden, Some(secret)) = (access, self.viewer.secret()) {
            holder = access_tokens::holder(gathering.conn(), secret).await?;
            let subject = holder.map(|holder| holder.subject);
            access = access::attendance_access(self.viewer, subject, &attendance, facts);
        }
        Ok(access.may_manage().then_some((attendance, kept, holder)))
    }
}

/// The attendance, after the guest who gives it back has taken it over, if the secret came by mail.
async fn own(
    gathering: &mut UnitOfWork<'_>,
    attendance: Attendance,
    holder: TokenHolder,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    confirmation::by_act(gathering.conn_mut(), holder, now).await?;
    Ok(attendances::find(gathering.conn(), attendance.id).await?.unwrap_or(attendance))
}
