//! What all that is registered has in common: one revision, and the keys it was registered with.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::revision::Revision;
use uuid::Uuid;

use super::{
    Connection, Error, Inner, notify,
    schema::{gatherings, registration_keys},
    sql_types::SqlUuid,
    with_backend,
};
use crate::credentials::SecretHash;

/// What an idempotency key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The fingerprint of the content it came with.
    pub fingerprint: SecretHash,
    /// What it led to.
    pub subject: Uuid,
}

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

/// What this key was used for, if it was.
///
/// # Errors
/// That of the database.
pub async fn used(connection: &mut Connection, key: SecretHash) -> Result<Option<IdempotencyRecord>, Error> {
    let row: Option<(String, SqlUuid)> = with_backend!(connection, c => {
        registration_keys::table
            .find(key.to_string())
            .select((registration_keys::fingerprint, registration_keys::subject_id))
            .get_result(c)
            .await
            .optional()
    })?;
    row.map(|(fingerprint, subject)| {
        let fingerprint = SecretHash::parse(&fingerprint)
            .ok_or_else(|| Error::broken("a stored key is not what it should be"))?;
        Ok(IdempotencyRecord { fingerprint, subject: subject.0 })
    })
    .transpose()
}

/// Stores a key that was used now.
///
/// # Errors
/// That of the database.
pub async fn use_key(
    connection: &mut Connection,
    key: SecretHash,
    used: IdempotencyRecord,
) -> Result<(), Error> {
    let values = (
        registration_keys::key_hash.eq(key.to_string()),
        registration_keys::fingerprint.eq(used.fingerprint.to_string()),
        registration_keys::subject_id.eq(SqlUuid(used.subject)),
    );
    with_backend!(connection, c => diesel::insert_into(registration_keys::table).values(values).execute(c).await)?;
    Ok(())
}

/// Forgets the content that the keys of a subject came with, so that nobody can guess at it. The keys
/// stay used.
///
/// # Errors
/// That of the database.
pub async fn forget_content(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    // No content is the empty text.
    let nothing = SecretHash::of("").to_string();
    with_backend!(connection, c => {
        diesel::update(registration_keys::table.filter(registration_keys::subject_id.eq(SqlUuid(subject))))
            .set(registration_keys::fingerprint.eq(nothing))
            .execute(c)
            .await
    })?;
    Ok(())
}
