//! The two kinds of connection, and what the code that opens them has in common.

use std::time::Duration;

use diesel::SqliteConnection;
use diesel_async::{AsyncPgConnection, sync_connection_wrapper::SyncConnectionWrapper};

use super::inline_blocking::RunInline;

/// A connection to a file of SQLite.
pub(super) type Sqlite = SyncConnectionWrapper<SqliteConnection, RunInline>;
/// A connection to a server of PostgreSQL.
pub(super) type Postgres = AsyncPgConnection;

/// The busy timeout of SQLite: how long a statement waits for another process that is writing, before
/// the database counts as unavailable. An import of a large file holds the lock for seconds.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// What a pool is used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolRole {
    /// Any use, by many tasks at once.
    Any,
    /// The work of one writer.
    Writing,
}
