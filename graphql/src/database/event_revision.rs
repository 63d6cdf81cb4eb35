//! The revision of events, of people and of what belongs to them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::revision::Revision;
use uuid::Uuid;

use super::{Connection, Error, Inner, notify, schema::event_revision, sql_types::SqlUuid, with_backend};

/// The revision of events and of what belongs to them.
///
/// # Errors
/// A database error.
pub async fn revision(connection: &mut Connection) -> Result<Revision, Error> {
    let (number, commit): (i64, Option<SqlUuid>) = with_backend!(connection, c => {
        event_revision::table.select((event_revision::revision, event_revision::commit_id)).get_result(c).await
    })?;
    Ok(Revision { number, commit: commit.map(|id| id.0) })
}

/// Raises the revision and returns the new one. Before it, a change reads nothing of an event but its
/// edition, which never changes: this statement waits for earlier changes to commit, so that what is
/// read after it stays true until this transaction ends. Its commit notifies the other processes.
///
/// # Errors
/// A database error.
pub async fn raise_revision(connection: &mut Connection) -> Result<Revision, Error> {
    let commit = SqlUuid(Uuid::new_v4());
    with_backend!(connection, c => {
        diesel::update(event_revision::table)
            .set((event_revision::revision.eq(event_revision::revision + 1), event_revision::commit_id.eq(commit)))
            .execute(c)
            .await
    })?;
    notify::notify(connection).await?;
    revision(connection).await
}

/// Locks the revision against other changes until this transaction ends, without raising it.
///
/// # Errors
/// A database error.
pub async fn lock(connection: &mut Connection) -> Result<(), Error> {
    // An update that changes nothing takes the row's lock on PostgreSQL; on SQLite the transaction has
    // the lock of the whole file already.
    if let Inner::Postgres(c) = connection.inner() {
        diesel::update(event_revision::table)
            .set(event_revision::revision.eq(event_revision::revision))
            .execute(c)
            .await?;
    }
    Ok(())
}
