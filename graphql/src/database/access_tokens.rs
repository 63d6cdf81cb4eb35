//! Secrets of participants and of attendances, stored as hashes. A person may have several: the one in
//! the response, and those sent by mail.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    schema::access_tokens,
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
        access_tokens::secret_hash.eq(secret.to_string()),
        access_tokens::subject_id.eq(SqlUuid(holder.subject)),
        access_tokens::from_email.eq(holder.way == TokenOrigin::Email),
        access_tokens::made_at.eq(SqlTimestamp(holder.made_at)),
    );
    with_backend!(connection, c => diesel::insert_into(access_tokens::table).values(values).execute(c).await)?;
    Ok(())
}

/// The holder of this secret.
///
/// # Errors
/// A database error.
pub async fn holder(connection: &mut Connection, secret: SecretHash) -> Result<Option<TokenHolder>, Error> {
    let row: Option<(SqlUuid, bool, SqlTimestamp)> = with_backend!(connection, c => {
        access_tokens::table
            .find(secret.to_string())
            .select((access_tokens::subject_id, access_tokens::from_email, access_tokens::made_at))
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(row.map(|(subject, from_email, made_at)| TokenHolder::read(subject, from_email, made_at)))
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
        access_tokens::table
            .filter(access_tokens::secret_hash.eq_any(&secrets))
            .select((
                access_tokens::secret_hash,
                access_tokens::subject_id,
                access_tokens::from_email,
                access_tokens::made_at,
            ))
            .load(c)
            .await
    })?;
    let read = |(secret, subject, from_email, made_at): (String, SqlUuid, bool, SqlTimestamp)| {
        Some((SecretHash::parse(&secret)?, TokenHolder::read(subject, from_email, made_at)))
    };
    let holders = rows.into_iter().map(read).collect::<Option<_>>();
    holders.ok_or_else(|| Error::broken("a stored secret is not what it should be"))
}

/// Whether a subject has a secret that was delivered in a response.
///
/// # Errors
/// A database error.
pub async fn has_answered(connection: &mut Connection, subject: Uuid) -> Result<bool, Error> {
    let answered = access_tokens::subject_id.eq(SqlUuid(subject)).and(access_tokens::from_email.eq(false));
    let found: i64 =
        with_backend!(connection, c => access_tokens::table.filter(answered).count().get_result(c).await)?;
    Ok(found > 0)
}

/// Deletes all secrets of a participant or an attendance.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let theirs = access_tokens::subject_id.eq(SqlUuid(subject));
    with_backend!(connection, c => diesel::delete(access_tokens::table.filter(theirs)).execute(c).await)?;
    Ok(())
}

/// Deletes secrets that were delivered in responses: the person who entered the address has them.
///
/// # Errors
/// A database error.
pub async fn delete_from_responses(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let answered = access_tokens::subject_id.eq(SqlUuid(subject)).and(access_tokens::from_email.eq(false));
    with_backend!(connection, c => diesel::delete(access_tokens::table.filter(answered)).execute(c).await)?;
    Ok(())
}

/// Deletes secrets that were sent by mail: the address belongs to another person now.
///
/// # Errors
/// A database error.
pub async fn delete_from_email(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let from_email = access_tokens::subject_id.eq(SqlUuid(subject)).and(access_tokens::from_email);
    with_backend!(connection, c => diesel::delete(access_tokens::table.filter(from_email)).execute(c).await)?;
    Ok(())
}

impl TokenHolder {
    const fn read(subject: SqlUuid, from_email: bool, made_at: SqlTimestamp) -> Self {
        let way = if from_email { TokenOrigin::Email } else { TokenOrigin::Response };
        Self { subject: subject.0, way, made_at: made_at.0 }
    }
}
