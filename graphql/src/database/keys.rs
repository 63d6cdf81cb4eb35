//! The keys of administrators and of sections' staff, by their hashes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::SectionId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    column::{At, Id},
    on,
    tables::keys,
};
use crate::secret::{Hash, Staff};

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its identity.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// The only section it opens; all of them where it is an administrator's.
    pub section: Option<SectionId>,
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
        keys::section_id.eq(key.section.map(|section| Id(section.uuid()))),
        keys::key_hash.eq(hash.to_string()),
        keys::created_at.eq(At(key.created_at)),
    );
    on!(connection, c => diesel::insert_into(keys::table).values(values).execute(c).await)?;
    Ok(())
}

/// Whose key this hash is of, if it opens something still.
///
/// # Errors
/// That of the database.
pub async fn find(connection: &mut Connection, hash: Hash) -> Result<Option<Staff>, Error> {
    let hash = hash.to_string();
    let key: Option<(Id, Option<Id>)> = on!(connection, c => {
        keys::table
            .filter(keys::key_hash.eq(&hash).and(keys::revoked_at.is_null()))
            .select((keys::id, keys::section_id))
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(key.map(|(id, section)| Staff { key: Some(id.0), section: section.map(read_section) }))
}

/// Every key, oldest first.
///
/// # Errors
/// That of the database.
pub async fn list(connection: &mut Connection) -> Result<Vec<Key>, Error> {
    type Row = (Id, String, Option<Id>, At, Option<At>);
    let rows: Vec<Row> = on!(connection, c => {
        keys::table
            .select((keys::id, keys::name, keys::section_id, keys::created_at, keys::revoked_at))
            .order((keys::created_at, keys::id))
            .load(c)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, name, section, created_at, revoked_at)| Key {
            id: id.0,
            name,
            section: section.map(read_section),
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

fn read_section(id: Id) -> SectionId {
    SectionId::new(id.0)
}
