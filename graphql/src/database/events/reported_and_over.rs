//! Events that are over and whose host reported while they ran: they become `REPORTED`.

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::{EventRow, StoredEvent};
use crate::database::{Connection, Error, schema::events, sql_types::SqlTimestamp, with_backend};

/// The condition of the partial index, as literal SQL: a planner cannot match a bound parameter.
const RUNNING_AND_REPORTED: &str = "events.state = 'APPROVED' AND events.host_report_id IS NOT NULL";

/// Those that ended at `now` or before, in the order in which they ended; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn reported_and_over(
    connection: &mut Connection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<StoredEvent>, Error> {
    let rows: Vec<EventRow> = with_backend!(connection, c => {
        events::table
            .filter(sql::<Bool>(RUNNING_AND_REPORTED))
            .filter(events::ends_at.le(SqlTimestamp(now)))
            .order((events::ends_at, events::id))
            .limit(limit)
            .load(c)
            .await
    })?;
    rows.into_iter().map(EventRow::read).collect()
}

/// When the first of them ends, or has ended.
///
/// # Errors
/// A database error.
pub async fn next_reported_to_end(connection: &mut Connection) -> Result<Option<Timestamp>, Error> {
    let next: Option<SqlTimestamp> = with_backend!(connection, c => {
        events::table
            .filter(sql::<Bool>(RUNNING_AND_REPORTED))
            .order((events::ends_at, events::id))
            .select(events::ends_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.map(|at| at.0))
}
