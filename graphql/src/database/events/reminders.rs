//! Reminders to organizers of events without a report: each event at most once.

use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::RunQueryDsl;
use domain::{EventId, event::EventState};
use jiff::Timestamp;

use super::{EventRow, StoredEvent};
use crate::database::{
    Connection, Error,
    schema::{events, report_reminders},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// The states in which an event may owe a report.
const REPORTABLE_STATES: [&str; 2] = [EventState::Approved.as_str(), EventState::Completed.as_str()];

/// Events that ended after one instant, and at another or before, whose organizers were not reminded
/// yet, in the order in which they ended; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn not_reminded(
    connection: &mut Connection,
    (after, until): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<StoredEvent>, Error> {
    let rows: Vec<EventRow> = with_backend!(connection, c => {
        let reminded = report_reminders::table.filter(report_reminders::event_id.eq(events::id));
        events::table
            .filter(events::state.eq_any(REPORTABLE_STATES))
            .filter(events::host_report_id.is_null())
            .filter(events::ends_at.gt(SqlTimestamp(after)).and(events::ends_at.le(SqlTimestamp(until))))
            .filter(not(exists(reminded)))
            .order((events::ends_at, events::id))
            .limit(limit)
            .load(c)
            .await
    })?;
    rows.into_iter().map(EventRow::read).collect()
}

/// When the first event after an instant ends, or has ended.
///
/// # Errors
/// A database error.
pub async fn next_to_end(connection: &mut Connection, after: Timestamp) -> Result<Option<Timestamp>, Error> {
    let next: Option<SqlTimestamp> = with_backend!(connection, c => {
        let reminded = report_reminders::table.filter(report_reminders::event_id.eq(events::id));
        events::table
            .filter(events::state.eq_any(REPORTABLE_STATES))
            .filter(events::host_report_id.is_null())
            .filter(events::ends_at.gt(SqlTimestamp(after)))
            .filter(not(exists(reminded)))
            .order((events::ends_at, events::id))
            .select(events::ends_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.map(|at| at.0))
}

/// Records that the organizer was reminded, or that no reminder was needed.
///
/// # Errors
/// A database error.
pub async fn note_reminded(
    connection: &mut Connection,
    id: EventId,
    enqueued_at: Timestamp,
) -> Result<(), Error> {
    let values = (
        report_reminders::event_id.eq(SqlUuid(id.uuid())),
        report_reminders::enqueued_at.eq(SqlTimestamp(enqueued_at)),
    );
    with_backend!(connection, c => diesel::insert_into(report_reminders::table).values(values).execute(c).await)?;
    Ok(())
}
