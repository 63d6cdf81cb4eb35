//! The keys of administrators and of sections' staff, stored as hashes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::SectionId;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    schema::keys,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};
use crate::{access::Staff, credentials::SecretHash};

/// A staff key without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffKey {
    /// Its id.
    pub id: Uuid,
    /// Its name, chosen by the administrator.
    pub name: String,
    /// The only section that it opens; `None` for an administrator's key, which opens all.
    pub section: Option<SectionId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Stores a new key by its hash.
///
/// # Errors
/// A database error.
pub async fn insert(connection: &mut Connection, key: &StaffKey, hash: SecretHash) -> Result<(), Error> {
    let values = (
        staff_keys::id.eq(SqlUuid(key.id)),
        staff_keys::name.eq(&key.name),
        staff_keys::section_id.eq(key.section.map(|section| SqlUuid(section.uuid()))),
        staff_keys::key_hash.eq(hash.to_string()),
        staff_keys::created_at.eq(SqlTimestamp(key.created_at)),
    );
    with_backend!(connection, c => diesel::insert_into(staff_keys::table).values(values).execute(c).await)?;
    Ok(())
}

/// The key with this hash, unless it was revoked.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, hash: SecretHash) -> Result<Option<Staff>, Error> {
    let hash = hash.to_string();
    let key: Option<(SqlUuid, Option<SqlUuid>)> = with_backend!(connection, c => {
        staff_keys::table
            .filter(staff_keys::key_hash.eq(&hash).and(staff_keys::revoked_at.is_null()))
            .select((staff_keys::id, staff_keys::section_id))
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(key.map(|(id, section)| Staff { key: Some(id.0), section: section.map(read_section) }))
}

/// All staff_keys, oldest first.
///
/// # Errors
/// A database error.
pub async fn list(connection: &mut Connection) -> Result<Vec<StaffKey>, Error> {
    type Row = (SqlUuid, String, Option<SqlUuid>, SqlTimestamp, Option<SqlTimestamp>);
    let rows: Vec<Row> = with_backend!(connection, c => {
        staff_keys::table
            .select((staff_keys::id, staff_keys::name, staff_keys::section_id, staff_keys::created_at, staff_keys::revoked_at))
            .order((staff_keys::created_at, staff_keys::id))
            .load(c)
            .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, name, section, created_at, revoked_at)| StaffKey {
            id: id.0,
            name,
            section: section.map(read_section),
            created_at: created_at.0,
            revoked_at: revoked_at.map(|at| at.0),
        })
        .collect())
}

/// Revokes a key. Returns `false` if there is none, or it was revoked before.
///
/// # Errors
/// A database error.
pub async fn revoke(connection: &mut Connection, id: Uuid, now: Timestamp) -> Result<bool, Error> {
    let revoked = with_backend!(connection, c => {
        diesel::update(staff_keys::table.filter(staff_keys::id.eq(SqlUuid(id)).and(staff_keys::revoked_at.is_null())))
            .set(staff_keys::revoked_at.eq(SqlTimestamp(now)))
            .execute(c)
            .await
    })?;
    Ok(revoked > 0)
}

fn read_section(id: SqlUuid) -> SectionId {
    SectionId::new(id.0)
}
