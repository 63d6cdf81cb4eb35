//! Attendances: places at events and positions on their waiting lists.

use diesel::{dsl::max, prelude::*};
use diesel_async::RunQueryDsl;
use domain::{
    Attendance, AttendanceId, EventId, ParticipantId,
    attendance::{AttendanceState, Guest},
};

use super::{
    Connection, Error,
    schema::attendances,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};
use uuid::Uuid;

/// The states before the event in which a person has a place or waits for one.
const OPEN: [&str; 2] = [AttendanceState::Going.as_str(), AttendanceState::Waitlisted.as_str()];

/// The attendance with this id.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, id: AttendanceId) -> Result<Option<Attendance>, Error> {
    let row: Option<AttendanceRow> = with_backend!(connection, c => attendances::table.find(SqlUuid(id.uuid())).get_result(c).await.optional())?;
    row.map(AttendanceRow::read).transpose()
}

/// The attendances with these ids, as far as they exist.
///
/// # Errors
/// A database error.
pub async fn find_all(
    connection: &mut Connection,
    ids: impl Iterator<Item = AttendanceId>,
) -> Result<Vec<Attendance>, Error> {
    let ids: Vec<SqlUuid> = ids.map(|id| SqlUuid(id.uuid())).collect();
    let rows: Vec<AttendanceRow> = with_backend!(connection, c => attendances::table.filter(attendances::id.eq_any(&ids)).load(c).await)?;
    rows.into_iter().map(AttendanceRow::read).collect()
}

/// The attendances of an event between two numbers, in order or reversed; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn of_event(
    connection: &mut Connection,
    event: EventId,
    (after, before): (Option<u32>, Option<u32>),
    is_from_end: bool,
    limit: i64,
) -> Result<Vec<Attendance>, Error> {
    let after = after.map_or(0, |number| i32::try_from(number).unwrap_or(i32::MAX));
    let before = before.map_or(i32::MAX, |number| i32::try_from(number).unwrap_or(i32::MAX));
    let rows: Vec<AttendanceRow> = with_backend!(connection, c => {
        let mut query = attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .filter(attendances::position.gt(after))
            .filter(attendances::position.lt(before))
            .limit(limit)
            .into_boxed();
        query = if is_from_end {
            query.order(attendances::position.desc())
        } else {
            query.order(attendances::position.asc())
        };
        query.load(c).await
    })?;
    rows.into_iter().map(AttendanceRow::read).collect()
}

/// The attendances of a participant, in order of creation.
///
/// # Errors
/// A database error.
pub async fn of_participant(
    connection: &mut Connection,
    participant: ParticipantId,
) -> Result<Vec<Attendance>, Error> {
    let rows: Vec<AttendanceRow> = with_backend!(connection, c => {
        attendances::table
            .filter(attendances::participant_id.eq(SqlUuid(participant.uuid())))
            .order((attendances::joined_at, attendances::id))
            .load(c)
            .await
    })?;
    rows.into_iter().map(AttendanceRow::read).collect()
}

/// The attendances with these ids, and those of these participants at these events.
///
/// # Errors
/// A database error.
pub async fn of_people(
    connection: &mut Connection,
    people: impl Iterator<Item = Uuid>,
    at: impl Iterator<Item = EventId>,
) -> Result<Vec<Attendance>, Error> {
    let people: Vec<SqlUuid> = people.map(SqlUuid).collect();
    let at: Vec<SqlUuid> = at.map(|event| SqlUuid(event.uuid())).collect();
    let rows: Vec<AttendanceRow> = with_backend!(connection, c => {
        let there = attendances::participant_id.eq_any(&people).and(attendances::event_id.eq_any(&at));
        attendances::table
            .filter(attendances::id.eq_any(&people).or(there.assume_not_null()))
            .order((attendances::joined_at, attendances::id))
            .load(c)
            .await
    })?;
    rows.into_iter().map(AttendanceRow::read).collect()
}

/// The attendances of an event that are going or waitlisted, in order.
///
/// # Errors
/// A database error.
pub async fn open(connection: &mut Connection, event: EventId) -> Result<Vec<Attendance>, Error> {
    let rows: Vec<AttendanceRow> = with_backend!(connection, c => {
        attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .filter(attendances::state.eq_any(OPEN))
            .order(attendances::position)
            .load(c)
            .await
    })?;
    rows.into_iter().map(AttendanceRow::read).collect()
}

/// The next on an event's waiting list: the person who has waited longest among the confirmed ones, or
/// else among all.
///
/// # Errors
/// A database error.
pub async fn next_in_turn(connection: &mut Connection, event: EventId) -> Result<Option<Attendance>, Error> {
    if let Some(firm) = next_firm(connection, event).await? {
        return Ok(Some(firm));
    }
    let row: Option<AttendanceRow> = with_backend!(connection, c => {
        attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .filter(attendances::state.eq(AttendanceState::Waitlisted.as_str()))
            .order(attendances::position)
            .first(c)
            .await
            .optional()
    })?;
    row.map(AttendanceRow::read).transpose()
}

/// The person who has waited longest for a place among those who have confirmed their address or are
/// vouched for.
///
/// # Errors
/// A database error.
pub async fn next_firm(connection: &mut Connection, event: EventId) -> Result<Option<Attendance>, Error> {
    let row: Option<AttendanceRow> = with_backend!(connection, c => {
        attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .filter(attendances::state.eq(AttendanceState::Waitlisted.as_str()))
            .filter(attendances::confirmed_at.is_not_null().or(attendances::vouched))
            .order(attendances::position)
            .first(c)
            .await
            .optional()
    })?;
    row.map(AttendanceRow::read).transpose()
}

/// The person who joined last among those going who have neither confirmed an address nor are vouched
/// for.
///
/// # Errors
/// A database error.
pub async fn last_loose(connection: &mut Connection, event: EventId) -> Result<Option<Attendance>, Error> {
    let row: Option<AttendanceRow> = with_backend!(connection, c => {
        attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .filter(attendances::state.eq(AttendanceState::Going.as_str()))
            .filter(attendances::confirmed_at.is_null().and(attendances::vouched.eq(false)))
            .order(attendances::position.desc())
            .first(c)
            .await
            .optional()
    })?;
    row.map(AttendanceRow::read).transpose()
}

/// Whether a person with this name and address is going to an event already, or waits.
///
/// # Errors
/// A database error.
pub async fn is_known(connection: &mut Connection, event: EventId, guest: &Guest) -> Result<bool, Error> {
    let Some(email) = &guest.email else { return Ok(false) };
    let found: i64 = with_backend!(connection, c => {
        attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .filter(attendances::email_folded.eq(email.folded()))
            .filter(attendances::name_folded.eq(guest.name_folded()))
            .filter(attendances::state.eq_any(OPEN))
            .count()
            .get_result(c)
            .await
    })?;
    Ok(found > 0)
}

/// The number of the next attendance of an event.
///
/// # Errors
/// A database error.
pub async fn next_number(connection: &mut Connection, event: EventId) -> Result<u32, Error> {
    let last: Option<i32> = with_backend!(connection, c => {
        attendances::table
            .filter(attendances::event_id.eq(SqlUuid(event.uuid())))
            .select(max(attendances::position))
            .get_result(c)
            .await
    })?;
    Ok(last.unwrap_or(0).unsigned_abs() + 1)
}

/// Stores a new attendance.
///
/// # Errors
/// A database error.
pub async fn insert(connection: &mut Connection, attendance: &Attendance) -> Result<(), Error> {
    let row = AttendanceRow::of(attendance)?;
    with_backend!(connection, c => diesel::insert_into(attendances::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Stores a changed attendance.
///
/// # Errors
/// A database error.
pub async fn update(connection: &mut Connection, attendance: &Attendance) -> Result<(), Error> {
    let row = AttendanceRow::of(attendance)?;
    with_backend!(connection, c => diesel::update(attendances::table.find(row.id)).set(&row).execute(c).await)?;
    Ok(())
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = attendances, treat_none_as_null = true)]
pub(super) struct AttendanceRow {
    pub(super) id: SqlUuid,
    event_id: SqlUuid,
    position: i32,
    state: String,
    participant_id: Option<SqlUuid>,
    email_folded: Option<String>,
    pub(super) name_folded: Option<String>,
    person: Option<String>,
    joined_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    // The previous version of the service does not write this column.
    confirmed_at: Option<SqlTimestamp>,
    vouched: bool,
}

impl AttendanceRow {
    pub(super) fn of(attendance: &Attendance) -> Result<Self, Error> {
        let guest = attendance.guest.as_ref();
        let as_json = guest.map(serde_json::to_string).transpose();
        Ok(Self {
            id: SqlUuid(attendance.id.uuid()),
            event_id: SqlUuid(attendance.event_id.uuid()),
            position: attendance.number.cast_signed(),
            state: attendance.state.to_string(),
            participant_id: attendance.participant_id.map(|id| SqlUuid(id.uuid())),
            email_folded: guest.and_then(|guest| guest.email.as_ref()).map(domain::EmailAddress::folded),
            name_folded: guest.map(Guest::name_folded),
            person: as_json.map_err(|error| Error::Broken(Box::new(error)))?,
            joined_at: SqlTimestamp(attendance.joined_at),
            updated_at: SqlTimestamp(attendance.updated_at),
            confirmed_at: attendance.confirmed_at.map(SqlTimestamp),
            vouched: attendance.is_vouched_for,
        })
    }

    pub(super) fn read(self) -> Result<Attendance, Error> {
        self.try_read().ok_or_else(|| Error::broken("a stored attendance is not what it should be"))
    }

    fn try_read(self) -> Option<Attendance> {
        Some(Attendance {
            id: AttendanceId::new(self.id.0),
            event_id: EventId::new(self.event_id.0),
            number: self.position.try_into().ok()?,
            state: AttendanceState::parse(&self.state)?,
            participant_id: self.participant_id.map(|id| ParticipantId::new(id.0)),
            guest: self.person.map(|guest| serde_json::from_str(&guest)).transpose().ok()?,
            joined_at: self.joined_at.0,
            updated_at: self.updated_at.0,
            confirmed_at: self.confirmed_at.map(|at| at.0),
            is_vouched_for: self.vouched,
        })
    }
}
