//! Notices whose sender was never heard of again after it began to hand them over, and those of which a
//! server did not say whether it took them.

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

/// A notice of which nobody knows whether it arrived, without what it says.
#[derive(Clone, Debug)]
pub struct UncertainNotice {
    /// Its identity.
    pub id: Uuid,
    /// What kind of notice it is.
    pub kind: String,
    /// In what language it was written.
    pub language: String,
    /// Whom it was for.
    pub to: String,
    /// When it came up.
    pub put_at: Timestamp,
    /// Since when nobody knows.
    pub since: Option<Timestamp>,
    /// What went wrong; `None` where the process ended.
    pub trouble: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
}

/// What became of notices whose sender was not heard of again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LostNotice {
    /// Those that are handed over again: it makes no difference.
    pub again: usize,
    /// Those of which nobody knows whether they arrived.
    pub uncertain: usize,
}

/// Takes care of those whose sender was never heard of again after it began to hand them over. What may be
/// repeated waits again.
///
/// # Errors
/// That of the database.
pub async fn give_up(connection: &mut Connection, now: Timestamp) -> Result<LostNotice, Error> {
    let lost = || {
        outbox::ended_at
            .is_null()
            .and(outbox::state.eq(SENDING).and(outbox::next_attempt_at.le(SqlTimestamp(now))))
    };
    let found: i64 = with_backend!(connection, c => outbox::table.filter(lost()).select(count_star()).get_result(c).await)?;
    // Nearly always there is none, and nobody has to wait for the lock of a writer.
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
    // Whoever these were about is gone.
    let gone = lost().and(outbox::recipient.is_null());
    let dropped =
        (outbox::state.eq(DeliveryStatus::Dropped.as_str()), outbox::ended_at.eq(SqlTimestamp(now)));
    with_backend!(connection, c => diesel::update(outbox::table.filter(gone)).set(dropped).execute(c).await)?;
    let unknown =
        (outbox::state.eq(DeliveryStatus::Uncertain.as_str()), outbox::ended_at.eq(SqlTimestamp(now)));
    let uncertain = with_backend!(connection, c => diesel::update(outbox::table.filter(lost())).set(unknown).execute(c).await)?;
    Ok(LostNotice { again, uncertain })
}

/// Those that can be sent again.
macro_rules! kept {
    () => {
        outbox::state.eq(DeliveryStatus::Uncertain.as_str()).and(outbox::recipient.is_not_null())
    };
}

/// How many there are that can be sent again.
///
/// # Errors
/// That of the database.
pub async fn number(connection: &mut Connection) -> Result<u64, Error> {
    let number: i64 = with_backend!(connection, c => outbox::table.filter(kept!()).select(count_star()).get_result(c).await)?;
    Ok(number.unsigned_abs())
}

/// Those after `after` in the order in which they came up; `limit` at most.
///
/// # Errors
/// That of the database.
pub async fn list(
    connection: &mut Connection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<UncertainNotice>, Error> {
    type Row =
        (SqlUuid, String, String, Option<String>, SqlTimestamp, Option<SqlTimestamp>, Option<String>, i32);
    let rows: Vec<Row> = with_backend!(connection, c => {
        outbox::table
            .filter(kept!())
            .filter(outbox::id.gt(SqlUuid(after.unwrap_or_default())))
            .order(outbox::id)
            .limit(limit)
            .select((
                outbox::id,
                outbox::kind,
                outbox::language,
                outbox::recipient,
                outbox::put_at,
                outbox::ended_at,
                outbox::trouble,
                outbox::attempts,
            ))
            .load(c)
            .await
    })?;
    let read = |(id, kind, language, to, put_at, since, trouble, attempts): Row| UncertainNotice {
        id: id.0,
        kind,
        language,
        to: to.unwrap_or_default(),
        put_at: put_at.0,
        since: since.map(|at| at.0),
        trouble,
        attempts: attempts.unsigned_abs(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Whether this is one that can be sent again.
///
/// # Errors
/// That of the database.
pub async fn is_kept(connection: &mut Connection, id: Uuid) -> Result<bool, Error> {
    let found: i64 = with_backend!(connection, c => {
        outbox::table
            .filter(kept!().and(outbox::id.eq(SqlUuid(id))))
            .select(count_star())
            .get_result(c)
            .await
    })?;
    Ok(found > 0)
}

/// Has one wait to be sent again.
///
/// # Errors
/// That of the database.
pub async fn resend(connection: &mut Connection, id: Uuid, now: Timestamp) -> Result<(), Error> {
    let set = (
        outbox::state.eq(WAITING),
        outbox::attempts.eq(0),
        outbox::lease_id.eq(None::<SqlUuid>),
        outbox::trouble.eq(None::<String>),
        outbox::ended_at.eq(None::<SqlTimestamp>),
        outbox::next_attempt_at.eq(SqlTimestamp(now)),
        outbox::put_at.eq(SqlTimestamp(now)),
    );
    let one = kept!().and(outbox::id.eq(SqlUuid(id)));
    with_backend!(connection, c => diesel::update(outbox::table.filter(one)).set(set).execute(c).await)?;
    Ok(())
}

/// Forgets what those said, and to whom, that ended at `instant` or before.
///
/// # Errors
/// That of the database.
pub async fn delete(connection: &mut Connection, instant: Timestamp) -> Result<(), Error> {
    let old = kept!().and(outbox::ended_at.le(SqlTimestamp(instant)));
    let nothing = (outbox::recipient.eq(None::<String>), outbox::content.eq(None::<String>));
    with_backend!(connection, c => diesel::update(outbox::table.filter(old)).set(nothing).execute(c).await)?;
    Ok(())
}
