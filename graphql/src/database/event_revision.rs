//! The revision of events, of people and of what belongs to them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::revision::Revision;
use uuid::Uuid;

use super::{Connection, Error, Inner, notify, schema::gatherings, sql_types::SqlUuid, with_backend};

/// The revision of events and of what belongs to them.
///
/// # Errors
/// That of the database.
pub async fn revision(connection: &mut Connection) -> Result<Revision, Error> {
    let (number, commit): (i64, Option<SqlUuid>) = with_backend!(connection, c => {
        gatherings::table.select((gatherings::revision, gatherings::commit_id)).get_result(c).await
    })?;
    Ok(Revision { number, commit: commit.map(|id| id.0) })
}

/// Raises the revision and says what it is then. Before it a change reads nothing of an event but its
/// edition, which never changes: whoever changes an event waits here for those before, so that what it then
/// reads stays true until it is done. Once that is committed, the other processes are woken.
///
/// # Errors
/// That of the database.
pub async fn raise_revision(connection: &mut Connection) -> Result<Revision, Error> {
    let commit = SqlUuid(Uuid::new_v4());
    with_backend!(connection, c => {
        diesel::update(gatherings::table)
            .set((gatherings::revision.eq(gatherings::revision + 1), gatherings::commit_id.eq(commit)))
            .execute(c)
            .await
    })?;
    notify::notify(connection).await?;
    revision(connection).await
}

/// Has everybody wait who wants to change an event, until this transaction has ended, and raises nothing.
///
/// # Errors
/// That of the database.
pub async fn lock(connection: &mut Connection) -> Result<(), Error> {
    // Writing the row as it is takes its lock on PostgreSQL; on SQLite the transaction has the lock of
    // the whole file already.
    if let Inner::Postgres(c) = connection.inner() {
        diesel::update(gatherings::table)
            .set(gatherings::revision.eq(gatherings::revision))
            .execute(c)
            .await?;
    }
    Ok(())
}
