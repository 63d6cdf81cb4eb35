//! URLs of personal calendars, stored as hashes of their secrets: at most one for each participant and
//! for each attendance.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    access_tokens::TokenOrigin,
    schema::calendars,
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
        calendars::subject_id.eq(SqlUuid(subject)),
        calendars::secret_hash.eq(secret.to_string()),
        calendars::issued_at.eq(SqlTimestamp(issued_at)),
        calendars::mailed.eq(way == TokenOrigin::Email),
    );
    with_backend!(connection, c => diesel::insert_into(calendars::table).values(values).execute(c).await)?;
    Ok(())
}

/// The participant or attendance whose calendar this secret opens.
///
/// # Errors
/// A database error.
pub async fn subject(connection: &mut Connection, secret: SecretHash) -> Result<Option<Uuid>, Error> {
    let found: Option<SqlUuid> = with_backend!(connection, c => {
        calendars::table
            .filter(calendars::secret_hash.eq(secret.to_string()))
            .select(calendars::subject_id)
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
        calendars::table
            .find(SqlUuid(subject))
            .select(calendars::issued_at)
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
    with_backend!(connection, c => diesel::delete(calendars::table.find(SqlUuid(subject))).execute(c).await)?;
    Ok(())
}

/// The same, unless it was requested with a secret from a mail.
///
/// # Errors
/// A database error.
pub async fn delete_from_responses(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let answered = calendars::subject_id.eq(SqlUuid(subject)).and(calendars::mailed.eq(false));
    with_backend!(connection, c => diesel::delete(calendars::table.filter(answered)).execute(c).await)?;
    Ok(())
}
