//! How much mail waits.

use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use crate::database::{Connection, Error, schema::outbox, sql_types::SqlTimestamp, with_backend};

/// The length of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueLength {
    /// How many notices wait.
    pub length: u64,
    /// When the oldest of them was created.
    pub oldest_at: Option<Timestamp>,
}

/// The number of waiting notices, and when the oldest was created.
///
/// # Errors
/// A database error.
pub async fn queue(connection: &mut Connection) -> Result<QueueLength, Error> {
    let length: i64 = with_backend!(connection, c => {
        outbox::table.filter(outbox::ended_at.is_null()).select(count_star()).get_result(c).await
    })?;
    let oldest: Option<SqlTimestamp> = with_backend!(connection, c => {
        outbox::table
            .filter(outbox::ended_at.is_null())
            .order(outbox::enqueued_at)
            .select(outbox::enqueued_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(QueueLength { length: length.try_into().unwrap_or_default(), oldest_at: oldest.map(|at| at.0) })
}
