//! The events whose instants still matter, in pages.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::EventId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{EventRow, StoredEvent};
use crate::database::{
    Connection, Error,
    schema::events,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// A page of events.
pub struct EventPage {
    /// The events that can be read.
    pub events: Vec<StoredEvent>,
    /// The last id of the page, also of an event that cannot be read; `None` after the last page.
    pub last: Option<EventId>,
}

/// Events that end after `instant` and whose ids follow `after`, in the order of their ids; `limit` at most. A row that
/// cannot be read is left out, so that it holds up no other.
///
/// # Errors
/// A database error.
pub async fn not_over(
    connection: &mut Connection,
    instant: Timestamp,
    after: Option<EventId>,
    limit: i64,
) -> Result<EventPage, Error> {
    let after = SqlUuid(after.map_or(Uuid::nil(), |id| id.uuid()));
    let rows: Vec<EventRow> = with_backend!(connection, c => {
        events::table
            .filter(events::id.gt(after).and(events::ends_at.gt(SqlTimestamp(instant))))
            .order(events::id)
            .limit(limit)
            .load(c)
            .await
    })?;
    let last = rows.last().map(|row| EventId::new(row.id.0));
    Ok(EventPage { events: rows.into_iter().filter_map(EventRow::try_read).collect(), last })
}
