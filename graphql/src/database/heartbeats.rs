//! Heartbeats: a row for each process, which it updates regularly to check that it can write.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::{SignedDuration, Timestamp};

use super::{
    Access, Connection, Error,
    schema::heartbeats,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// How long the row of an ended process is kept: long enough for an operator to see it.
const RETENTION: SignedDuration = SignedDuration::from_hours(24);

/// Commits the heartbeat of this process, in a transaction like those of the ledger.
///
/// # Errors
/// A database error: nothing can be written at the moment.
pub async fn write(connection: &mut Connection, now: Timestamp) -> Result<(), Error> {
    let values =
        (heartbeats::process_id.eq(SqlUuid(connection.owner)), heartbeats::beat_at.eq(SqlTimestamp(now)));
    connection
        .transaction(Access::Write, async |connection| {
            with_backend!(connection, c => {
                diesel::insert_into(heartbeats::table)
                    .values(values)
                    .on_conflict(heartbeats::process_id)
                    .do_update()
                    .set(heartbeats::beat_at.eq(SqlTimestamp(now)))
                    .execute(c)
                    .await
            })?;
            let long_gone = SqlTimestamp(now - RETENTION);
            with_backend!(connection, c => {
                diesel::delete(heartbeats::table.filter(heartbeats::beat_at.lt(long_gone))).execute(c).await
            })?;
            Ok(())
        })
        .await
}
