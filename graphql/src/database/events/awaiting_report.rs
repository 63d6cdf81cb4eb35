//! Events that await a report: they took place, or their time is over, and their host has not reported. Some of them
//! may not have been reviewed in time.

use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use domain::{EditionId, EventId, SectionId, event::EventState};
use jiff::Timestamp;

use super::{EventRow, StoredEvent};
use crate::database::{
    Connection, Error,
    schema::events,
    sql_types::{SqlTimestamp, SqlUuid},
    time_limit::within_limit,
    with_backend,
};

/// The states in which a report may be due, as literal SQL: it is a part of each such statement.
const REPORTABLE_STATES: &str = "events.state IN ('SUBMITTED', 'APPROVED', 'COMPLETED')";

/// Those events of an edition, of one section or of all, at `now`, in the order in which they ended;
/// those after a cursor, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn awaiting_report(
    connection: &mut Connection,
    edition: EditionId,
    section: Option<SectionId>,
    now: Timestamp,
    after: Option<(Timestamp, EventId)>,
    limit: i64,
) -> Result<Vec<StoredEvent>, Error> {
    let rows: Vec<EventRow> = with_backend!(connection, c => {
        let mut query = events::table
            .filter(within_limit())
            .filter(sql::<Bool>(REPORTABLE_STATES))
            .filter(events::host_report_id.is_null())
            .filter(events::ends_at.le(SqlTimestamp(now)).or(events::state.eq(EventState::Completed.as_str())))
            .filter(events::edition_id.eq(SqlUuid(edition.uuid())))
            .into_boxed();
        if let Some(section) = section {
            query = query.filter(events::section_id.eq(SqlUuid(section.uuid())));
        }
        if let Some((ended_at, id)) = after {
            let (ended_at, id) = (SqlTimestamp(ended_at), SqlUuid(id.uuid()));
            query = query.filter(events::ends_at.ge(ended_at));
            query = query.filter(
                events::ends_at.gt(ended_at).or(events::ends_at.eq(ended_at).and(events::id.gt(id))),
            );
        }
        query.order((events::ends_at, events::id)).limit(limit).load(c).await
    })?;
    rows.into_iter().map(EventRow::read).collect()
}
