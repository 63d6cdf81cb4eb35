//! Secrets of participants and of attendances, stored as hashes. A person may have several: the one in
//! the response, and those sent by mail.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    schema::person_secrets,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};
use crate::credentials::SecretHash;

/// How a secret was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOrigin {
    /// In the response: it proves that the client is the one that registered.
    Response,
    /// By mail only: it proves the address too.
    Email,
}

/// The holder of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    /// The participant or the attendance.
    pub subject: Uuid,
    /// How it was delivered.
    pub way: TokenOrigin,
    /// When it was created.
    pub made_at: Timestamp,
}

/// Stores a new secret.
///
/// # Errors
/// A database error.
pub async fn insert(
    connection: &mut Connection,
    secret: SecretHash,
    holder: TokenHolder,
) -> Result<(), Error> {
    let values = (
        person_secrets::secret_hash.eq(secret.to_string()),
        person_secrets::subject_id.eq(SqlUuid(holder.subject)),
        person_secrets::mailed.eq(holder.way == TokenOrigin::Email),
        person_secrets::made_at.eq(SqlTimestamp(holder.made_at)),
    );
    with_backend!(connection, c => diesel::insert_into(person_secrets::table).values(values).execute(c).await)?;
    Ok(())
}

/// The holder of this secret.
///
/// # Errors
/// A database error.
pub async fn holder(connection: &mut Connection, secret: SecretHash) -> Result<Option<TokenHolder>, Error> {
    let row: Option<(SqlUuid, bool, SqlTimestamp)> = with_backend!(connection, c => {
        person_secrets::table
            .find(secret.to_string())
            .select((person_secrets::subject_id, person_secrets::mailed, person_secrets::made_at))
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(row.map(|(subject, mailed, made_at)| TokenHolder::read(subject, mailed, made_at)))
}

/// The holders of these secrets, as far as they are known.
///
/// # Errors
/// A database error.
pub async fn holders(
    connection: &mut Connection,
    secrets: &[SecretHash],
) -> Result<HashMap<SecretHash, TokenHolder>, Error> {
    let secrets: Vec<String> = secrets.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, SqlUuid, bool, SqlTimestamp)> = with_backend!(connection, c => {
        person_secrets::table
            .filter(person_secrets::secret_hash.eq_any(&secrets))
            .select((
                person_secrets::secret_hash,
                person_secrets::subject_id,
                person_secrets::mailed,
                person_secrets::made_at,
            ))
            .load(c)
            .await
    })?;
    let read = |(secret, subject, mailed, made_at): (String, SqlUuid, bool, SqlTimestamp)| {
        Some((SecretHash::parse(&secret)?, TokenHolder::read(subject, mailed, made_at)))
    };
    let holders = rows.into_iter().map(read).collect::<Option<_>>();
    holders.ok_or_else(|| Error::broken("a stored secret is not what it should be"))
}

/// Whether a subject has a secret that was delivered in a response.
///
/// # Errors
/// A database error.
pub async fn has_answered(connection: &mut Connection, subject: Uuid) -> Result<bool, Error> {
    let answered = person_secrets::subject_id.eq(SqlUuid(subject)).and(person_secrets::mailed.eq(false));
    let found: i64 =
        with_backend!(connection, c => person_secrets::table.filter(answered).count().get_result(c).await)?;
    Ok(found > 0)
}

/// Deletes all secrets of a participant or an attendance.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let theirs = person_secrets::subject_id.eq(SqlUuid(subject));
    with_backend!(connection, c => diesel::delete(person_secrets::table.filter(theirs)).execute(c).await)?;
    Ok(())
}

/// Deletes secrets that were delivered in responses: the person who entered the address has them.
///
/// # Errors
/// A database error.
pub async fn delete_from_responses(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let answered = person_secrets::subject_id.eq(SqlUuid(subject)).and(person_secrets::mailed.eq(false));
    with_backend!(connection, c => diesel::delete(person_secrets::table.filter(answered)).execute(c).await)?;
    Ok(())
}

/// Deletes secrets that were sent by mail: the address belongs to another person now.
///
/// # Errors
/// A database error.
pub async fn delete_from_email(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let mailed = person_secrets::subject_id.eq(SqlUuid(subject)).and(person_secrets::mailed);
    with_backend!(connection, c => diesel::delete(person_secrets::table.filter(mailed)).execute(c).await)?;
    Ok(())
}

impl TokenHolder {
    const fn read(subject: SqlUuid, mailed: bool, made_at: SqlTimestamp) -> Self {
        let way = if mailed { TokenOrigin::Email } else { TokenOrigin::Response };
        Self { subject: subject.0, way, made_at: made_at.0 }
    }
}
