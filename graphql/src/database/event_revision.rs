//! The common revision of events and of everything that belongs to them, and the idempotency keys of
//! registrations.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    Connection, Error, Inner, notify,
    schema::{gatherings, registration_keys},
    sql_types::SqlUuid,
    with_backend,
};
use crate::{credentials::SecretHash, revision::Revision};

/// The record of a used idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The fingerprint of its request's content.
    pub fingerprint: SecretHash,
    /// What it created.
    pub subject: Uuid,
}

/// The revision of events and of what belongs to them.
///
/// # Errors
/// A database error.
pub async fn revision(connection: &mut Connection) -> Result<Revision, Error> {
    let (number, commit): (i64, Option<SqlUuid>) = with_backend!(connection, c => {
        gatherings::table.select((gatherings::revision, gatherings::commit_id)).get_result(c).await
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
        diesel::update(gatherings::table)
            .set((gatherings::revision.eq(gatherings::revision + 1), gatherings::commit_id.eq(commit)))
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
        diesel::update(gatherings::table)
            .set(gatherings::revision.eq(gatherings::revision))
            .execute(c)
            .await?;
    }
    Ok(())
}

/// The record of this key, if it was used.
///
/// # Errors
/// A database error.
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

/// Stores a key that is used now.
///
/// # Errors
/// A database error.
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

/// Erases the content fingerprints of a subject's keys, so that the content cannot be guessed from
/// them. The keys stay used.
///
/// # Errors
/// A database error.
pub async fn forget_content(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    // The hash of the empty text, which is never the content of a request.
    let nothing = SecretHash::of("").to_string();
    with_backend!(connection, c => {
        diesel::update(registration_keys::table.filter(registration_keys::subject_id.eq(SqlUuid(subject))))
            .set(registration_keys::fingerprint.eq(nothing))
            .execute(c)
            .await
    })?;
    Ok(())
}
