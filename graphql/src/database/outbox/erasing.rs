//! Erasing notices about a subject: from the table, and their files from the mail folder.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::{DeliveryStatus, SENDING, WAITING};
use crate::database::{
    Connection, Error,
    schema::outbox,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// Drops the waiting notices about a subject that is erased or wants no mail any more. A worker that
/// has leased one of them finds that it is dropped. A notice that is being delivered at this moment
/// cannot be taken back; it is not retried, and its content is erased as well. So is the content of a
/// notice with an unknown outcome.
///
/// # Errors
/// A database error.
pub async fn cancel_about(
    connection: &mut Connection,
    subject: Uuid,
    now: Timestamp,
) -> Result<usize, Error> {
    connection.note_erasing();
    let waiting = outbox::subject_id
        .eq(SqlUuid(subject))
        .and(outbox::ended_at.is_null())
        .and(outbox::state.eq(WAITING));
    let set = (
        outbox::state.eq(DeliveryStatus::Dropped.as_str()),
        outbox::recipient.eq(None::<String>),
        outbox::content.eq(None::<String>),
        outbox::last_error.eq(None::<String>),
        outbox::ended_at.eq(SqlTimestamp(now)),
    );
    let dropped = with_backend!(connection, c => diesel::update(outbox::table.filter(waiting)).set(set).execute(c).await)?;
    let leaving = outbox::subject_id
        .eq(SqlUuid(subject))
        .and(outbox::ended_at.is_null())
        .and(outbox::state.eq(SENDING));
    let nothing = || (outbox::recipient.eq(None::<String>), outbox::content.eq(None::<String>));
    with_backend!(connection, c => diesel::update(outbox::table.filter(leaving)).set(nothing()).execute(c).await)?;
    let uncertain =
        outbox::subject_id.eq(SqlUuid(subject)).and(outbox::state.eq(DeliveryStatus::Uncertain.as_str()));
    with_backend!(connection, c => {
        let about = outbox::table.filter(uncertain);
        diesel::update(about).set((outbox::state.eq(DeliveryStatus::Dropped.as_str()), nothing())).execute(c).await
    })?;
    Ok(dropped)
}

/// Requests the removal of the files of all notices about a subject from the mail folder: existing
/// ones, and one that is being written at this moment.
///
/// # Errors
/// A database error.
pub async fn erase_files(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let about = outbox::table.filter(outbox::subject_id.eq(SqlUuid(subject)));
    with_backend!(connection, c => diesel::update(about).set(outbox::erased.eq(true)).execute(c).await)?;
    Ok(())
}

/// Some of the finished notices whose files are to be removed.
///
/// # Errors
/// A database error.
pub async fn to_be_erased(connection: &mut Connection, limit: i64) -> Result<Vec<Uuid>, Error> {
    let rows: Vec<SqlUuid> = with_backend!(connection, c => {
        outbox::table
            .filter(outbox::erased.and(outbox::ended_at.is_not_null()))
            .order(outbox::id)
            .select(outbox::id)
            .limit(limit)
            .load(c)
            .await
    })?;
    Ok(rows.into_iter().map(|id| id.0).collect())
}

/// Records that the files of these notices were removed.
///
/// # Errors
/// A database error.
pub async fn mark_files_erased(connection: &mut Connection, notices: &[Uuid]) -> Result<(), Error> {
    let notices: Vec<SqlUuid> = notices.iter().map(|id| SqlUuid(*id)).collect();
    let rows = outbox::table.filter(outbox::id.eq_any(&notices));
    with_backend!(connection, c => diesel::update(rows).set(outbox::erased.eq(false)).execute(c).await)?;
    Ok(())
}

/// Those of these notices that are being delivered at this moment.
///
/// # Errors
/// A database error.
pub async fn being_sent(connection: &mut Connection, notices: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let notices: Vec<SqlUuid> = notices.iter().map(|id| SqlUuid(*id)).collect();
    let rows: Vec<SqlUuid> = with_backend!(connection, c => {
        outbox::table
            .filter(outbox::id.eq_any(&notices))
            .filter(outbox::state.eq(SENDING).and(outbox::ended_at.is_null()))
            .select(outbox::id)
            .load(c)
            .await
    })?;
    Ok(rows.into_iter().map(|id| id.0).collect())
}
