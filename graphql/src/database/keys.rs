//! Administrators' keys, by their hashes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    column::{At, Id},
    on,
    tables::keys,
};
use crate::secret::Hash;

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its identity.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}

/// Keeps a new key by its hash.
///
/// # Errors
/// That of the database.
pub async fn insert(connection: &mut Connection, key: &Key, hash: Hash) -> Result<(), Error> {
    let values = (
        keys::id.eq(Id(key.id)),
        keys::name.eq(&key.name),
        keys::key_hash.eq(hash.to_string()),
        keys::created_at.eq(At(key.created_at)),
    );
    on!(connection, c => diesel::insert_into(keys::table).values(values).execute(c).await)?;
    Ok(())
}

/// The key with this hash that opens something still.
///
/// # Errors
/// That of the database.
pub async fn find(connection: &mut Connection, hash: Hash) -> Result<Option<Uuid>, Error> {
    let hash = hash.to_string();
    let id: Option<Id> = on!(connection, c => {
        keys::table
            .filter(keys::key_hash.eq(&hash).and(keys::revoked_at.is_null()))
            .select(keys::id)
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(id.map(|id| id.0))
}

/// Every key, oldest first.
///
/// # Errors
/// That of the database.
pub async fn list(connection: &mut Connection) -> Result<Vec<Key>, Error> {
    let rows: Vec<(Id, String, At, Option<At>)> = on!(connection, c => {
        keys::table
            .select((keys::id, keys::name, keys::created_at, keys::revoked_at))
            .order((keys::created_at, keys::id))
            .load(c)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, name, created_at, revoked_at)| Key {
            id: id.0,
            name,
            created_at: created_at.0,
            revoked_at: revoked_at.map(|at| at.0),
        })
        .collect())
}

/// Revokes a key. `false` if there is none, or it was revoked before.
///
/// # Errors
/// That of the database.
pub async fn revoke(connection: &mut Connection, id: Uuid, now: Timestamp) -> Result<bool, Error> {
    let revoked = on!(connection, c => {
        diesel::update(keys::table.filter(keys::id.eq(Id(id)).and(keys::revoked_at.is_null())))
            .set(keys::revoked_at.eq(At(now)))
            .execute(c)
            .await
    })?;
    Ok(revoked > 0)
}
