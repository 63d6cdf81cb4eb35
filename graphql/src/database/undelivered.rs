//! Notices with an unknown outcome: the sender was lost during the delivery, or the server's reply did
//! not say whether it accepted the notice.

use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    outbox::{DeliveryStatus, SENDING, WAITING},
    schema::outbox,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// A notice with an unknown outcome, without its content.
#[derive(Clone, Debug)]
pub struct UncertainNotice {
    /// Its id.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// Its language.
    pub language: String,
    /// Its recipient.
    pub to: String,
    /// When it was created.
    pub enqueued_at: Timestamp,
    /// When the outcome became unknown.
    pub since: Option<Timestamp>,
    /// The error; `None` if the process ended.
    pub last_error: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
}

/// What was done with notices whose sender was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LostNotice {
    /// How many are delivered again, because that makes no difference.
    pub again: usize,
    /// How many now have an unknown outcome.
    pub uncertain: usize,
}

/// Recovers notices whose sender was lost during the delivery. Those with a repeatable delivery wait
/// again.
///
/// # Errors
/// A database error.
pub async fn give_up(connection: &mut Connection, now: Timestamp) -> Result<LostNotice, Error> {
    let lost = || {
        outbox::ended_at
            .is_null()
            .and(outbox::state.eq(SENDING).and(outbox::next_attempt_at.le(SqlTimestamp(now))))
    };
    let found: i64 = with_backend!(connection, c => outbox::table.filter(lost()).select(count_star()).get_result(c).await)?;
    // Usually there is none, and no writer's lock has to be waited for.
    if found == 0 {
        return Ok(LostNotice::default());
    }
    let again = lost().and(outbox::repeatable).and(outbox::recipient.is_not_null());
    let waits = (
        outbox::state.eq(WAITING),
        outbox::next_attempt_at.eq(SqlTimestamp(now)),
        outbox::lease_id.eq(None::<SqlUuid>),
    );
    let again = with_backend!(connection, c => diesel::update(outbox::table.filter(again)).set(waits).execute(c).await)?;
    // The subject of these was erased.
    let gone = lost().and(outbox::recipient.is_null());
    let dropped =
        (outbox::state.eq(DeliveryStatus::Dropped.as_str()), outbox::ended_at.eq(SqlTimestamp(now)));
    with_backend!(connection, c => diesel::update(outbox::table.filter(gone)).set(dropped).execute(c).await)?;
    let unknown =
        (outbox::state.eq(DeliveryStatus::Uncertain.as_str()), outbox::ended_at.eq(SqlTimestamp(now)));
    let uncertain = with_backend!(connection, c => diesel::update(outbox::table.filter(lost())).set(unknown).execute(c).await)?;
    Ok(LostNotice { again, uncertain })
}

/// The notices that can be sent again.
macro_rules! is_undelivered {
    () => {
        outbox::state.eq(DeliveryStatus::Uncertain.as_str()).and(outbox::recipient.is_not_null())
    };
}

/// How many notices can be sent again.
///
/// # Errors
/// A database error.
pub async fn number(connection: &mut Connection) -> Result<u64, Error> {
    let number: i64 = with_backend!(connection, c => outbox::table.filter(is_undelivered!()).select(count_star()).get_result(c).await)?;
    Ok(number.unsigned_abs())
}

/// The notices after `after` in order of creation; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn list(
    connection: &mut Connection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<UncertainNotice>, Error> {
    type Row =
        (SqlUuid, String, String, Option<String>, SqlTimestamp, Option<SqlTimestamp>, Option<String>, i32);
    let rows: Vec<Row> = with_backend!(connection, c => {
        outbox::table
            .filter(is_undelivered!())
            .filter(outbox::id.gt(SqlUuid(after.unwrap_or_default())))
            .order(outbox::id)
            .limit(limit)
            .select((
                outbox::id,
                outbox::kind,
                outbox::language,
                outbox::recipient,
                outbox::enqueued_at,
                outbox::ended_at,
                outbox::last_error,
                outbox::attempts,
            ))
            .load(c)
            .await
    })?;
    let read = |(id, kind, language, to, enqueued_at, since, last_error, attempts): Row| UncertainNotice {
        id: id.0,
        kind,
        language,
        to: to.unwrap_or_default(),
        enqueued_at: enqueued_at.0,
        since: since.map(|at| at.0),
        last_error,
        attempts: attempts.unsigned_abs(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Whether this notice can be sent again.
///
/// # Errors
/// A database error.
pub async fn is_kept(connection: &mut Connection, id: Uuid) -> Result<bool, Error> {
    let found: i64 = with_backend!(connection, c => {
        outbox::table
            .filter(is_undelivered!().and(outbox::id.eq(SqlUuid(id))))
            .select(count_star())
            .get_result(c)
            .await
    })?;
    Ok(found > 0)
}

/// Puts a notice back into the queue.
///
/// # Errors
/// A database error.
pub async fn resend(connection: &mut Connection, id: Uuid, now: Timestamp) -> Result<(), Error> {
    let set = (
        outbox::state.eq(WAITING),
        outbox::attempts.eq(0),
        outbox::lease_id.eq(None::<SqlUuid>),
        outbox::last_error.eq(None::<String>),
        outbox::ended_at.eq(None::<SqlTimestamp>),
        outbox::next_attempt_at.eq(SqlTimestamp(now)),
        outbox::enqueued_at.eq(SqlTimestamp(now)),
    );
    let one = is_undelivered!().and(outbox::id.eq(SqlUuid(id)));
    with_backend!(connection, c => diesel::update(outbox::table.filter(one)).set(set).execute(c).await)?;
    Ok(())
}

/// Erases content and recipient of those that were finished at `instant` or before.
///
/// # Errors
/// A database error.
pub async fn delete(connection: &mut Connection, instant: Timestamp) -> Result<(), Error> {
    let old = is_undelivered!().and(outbox::ended_at.le(SqlTimestamp(instant)));
    let nothing = (outbox::recipient.eq(None::<String>), outbox::content.eq(None::<String>));
    with_backend!(connection, c => diesel::update(outbox::table.filter(old)).set(nothing).execute(c).await)?;
    Ok(())
}
