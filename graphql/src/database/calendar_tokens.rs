//! URLs of personal calendar_tokens, stored as hashes of their secrets: at most one for each participant and
//! for each attendance.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    access_tokens::TokenOrigin,
    schema::calendar_tokens,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};
use crate::credentials::SecretHash;

/// Stores the calendar secret of a participant or an attendance, requested with a secret of this
/// origin. The former calendar URL stops working.
///
/// # Errors
/// A database error.
pub async fn replace(
    connection: &mut Connection,
    subject: Uuid,
    secret: SecretHash,
    way: TokenOrigin,
    issued_at: Timestamp,
) -> Result<(), Error> {
    delete(connection, subject).await?;
    let values = (
        calendar_tokens::subject_id.eq(SqlUuid(subject)),
        calendar_tokens::secret_hash.eq(secret.to_string()),
        calendar_tokens::issued_at.eq(SqlTimestamp(issued_at)),
        calendar_tokens::from_email.eq(way == TokenOrigin::Email),
    );
    with_backend!(connection, c => diesel::insert_into(calendar_tokens::table).values(values).execute(c).await)?;
    Ok(())
}

/// The participant or attendance whose calendar this secret opens.
///
/// # Errors
/// A database error.
pub async fn subject(connection: &mut Connection, secret: SecretHash) -> Result<Option<Uuid>, Error> {
    let found: Option<SqlUuid> = with_backend!(connection, c => {
        calendar_tokens::table
            .filter(calendar_tokens::secret_hash.eq(secret.to_string()))
            .select(calendar_tokens::subject_id)
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(found.map(|subject| subject.0))
}

/// When the current calendar of a participant or an attendance was created.
///
/// # Errors
/// A database error.
pub async fn issued_at(connection: &mut Connection, subject: Uuid) -> Result<Option<Timestamp>, Error> {
    let found: Option<SqlTimestamp> = with_backend!(connection, c => {
        calendar_tokens::table
            .find(SqlUuid(subject))
            .select(calendar_tokens::issued_at)
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(found.map(|at| at.0))
}

/// Deletes the calendar of a participant or an attendance.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    with_backend!(connection, c => diesel::delete(calendar_tokens::table.find(SqlUuid(subject))).execute(c).await)?;
    Ok(())
}

/// The same, unless it was requested with a secret from a mail.
///
/// # Errors
/// A database error.
pub async fn delete_from_responses(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let answered =
        calendar_tokens::subject_id.eq(SqlUuid(subject)).and(calendar_tokens::from_email.eq(false));
    with_backend!(connection, c => diesel::delete(calendar_tokens::table.filter(answered)).execute(c).await)?;
    Ok(())
}
