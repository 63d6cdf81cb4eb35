//! The transactional outbox: notices that wait to be sent, and the outcome of the others.
//!
//! A notice has a unique key and is stored in the transaction of the change that causes it. Of two
//! workers that want to send it, one gets the lease: each step compares the lease that was given last
//! (compare-and-swap).

use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;
use domain::{EmailAddress, Language};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error,
    schema::outbox,
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};
use crate::{credentials::SecretHash, mail::notice::Notice};

/// Waiting: not leased, or leased by a worker that has not begun the delivery.
pub(super) const WAITING: &str = "WAITING";
/// Being delivered: it can no longer be taken back.
pub(super) const SENDING: &str = "SENDING";

/// A notice to be put into the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The unique key: the same news has the same key. Only its hash is stored.
    pub key: &'a str,
    /// The participant, attendance, event or subscription that it is about. It is dropped when that is
    /// erased.
    pub subject: Option<Uuid>,
    /// The recipient.
    pub to: &'a EmailAddress,
    /// The recipient's language.
    pub language: &'a Language,
    /// The content.
    pub notice: &'a Notice,
    /// When it was created.
    pub enqueued_at: Timestamp,
}

/// A notice that a worker has leased.
#[derive(Debug)]
pub struct LeasedNotice {
    /// Its id.
    pub id: Uuid,
    /// The id of the lease; a newer one supersedes it.
    pub lease: Uuid,
    /// What it is about.
    pub subject: Option<Uuid>,
    /// The recipient.
    pub to: EmailAddress,
    /// The recipient's language.
    pub language: Language,
    /// The content.
    pub notice: Notice,
    /// The number of attempts, including this one.
    pub attempts: u32,
}

/// The state of a notice that is put into the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeState {
    /// It is sent in its turn.
    Pending,
    /// It is not sent. The same key can be used again later.
    Dropped,
}

/// Whether a repeated delivery makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliverySemantics {
    /// It makes none: a file has one name.
    Repeatable,
    /// The recipient would get two messages.
    Once,
}

/// The outcome of a notice. Recipient and content are erased with it, unless the outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// A server accepted it, or it is in the folder.
    Sent,
    /// No server accepts it.
    Failed,
    /// It is unknown whether it was accepted. It is not sent again, unless staff resend it.
    Uncertain,
    /// It was obsolete by the time of sending.
    Dropped,
}

impl DeliveryStatus {
    /// The one spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
            Self::Uncertain => "UNCERTAIN",
            Self::Dropped => "DROPPED",
        }
    }
}

/// The length of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueLength {
    /// How many notices wait.
    pub length: u64,
    /// When the oldest of them was created.
    pub oldest_at: Option<Timestamp>,
}

/// Puts a notice into the outbox, in the transaction of its change. Returns `false` if its key is used.
///
/// # Errors
/// A database error.
pub async fn enqueue(
    connection: &mut Connection,
    id: Uuid,
    outgoing: &Outgoing<'_>,
    fate: NoticeState,
) -> Result<bool, Error> {
    let content = serde_json::to_string(outgoing.notice).map_err(|error| Error::Broken(Box::new(error)))?;
    let waits = fate == NoticeState::Pending;
    let key =
        if waits { SecretHash::of(outgoing.key) } else { SecretHash::of(&format!("{}:{id}", outgoing.key)) };
    let values = (
        outbox::id.eq(SqlUuid(id)),
        outbox::key_hash.eq(key.to_string()),
        outbox::kind.eq(outgoing.notice.kind()),
        outbox::language.eq(outgoing.language.as_str()),
        outbox::recipient.eq(waits.then(|| outgoing.to.as_str())),
        outbox::content.eq(Some(content).filter(|_| waits)),
        outbox::state.eq(if waits { WAITING } else { DeliveryStatus::Dropped.as_str() }),
        outbox::attempts.eq(0),
        outbox::next_attempt_at.eq(SqlTimestamp(outgoing.enqueued_at)),
        outbox::enqueued_at.eq(SqlTimestamp(outgoing.enqueued_at)),
        outbox::ended_at.eq((!waits).then_some(SqlTimestamp(outgoing.enqueued_at))),
        outbox::subject_id.eq(outgoing.subject.map(SqlUuid)),
    );
    let put = with_backend!(connection, c => {
        diesel::insert_into(outbox::table)
            .values(values)
            .on_conflict(outbox::key_hash)
            .do_nothing()
            .execute(c)
            .await
    })?;
    Ok(put > 0)
}

/// The waiting notice of one kind about a subject that no worker has tried to send yet.
///
/// # Errors
/// A database error.
pub async fn untried(
    connection: &mut Connection,
    subject: Uuid,
    kind: &str,
) -> Result<Option<(Uuid, Notice)>, Error> {
    let row: Option<(SqlUuid, Option<String>)> = with_backend!(connection, c => {
        outbox::table
            .filter(outbox::subject_id.eq(SqlUuid(subject)).and(outbox::kind.eq(kind)))
            .filter(outbox::ended_at.is_null().and(outbox::state.eq(WAITING)).and(outbox::attempts.eq(0)))
            .select((outbox::id, outbox::content))
            .first(c)
            .await
            .optional()
    })?;
    Ok(row.and_then(|(id, content)| Some((id.0, serde_json::from_str(&content?).ok()?))))
}

/// Replaces the content of a notice that no worker has tried to send yet, or drops it if there is no
/// content any more. Returns `false` if a worker has leased it meanwhile.
///
/// # Errors
/// A database error.
pub async fn retell(
    connection: &mut Connection,
    id: Uuid,
    notice: Option<&Notice>,
    now: Timestamp,
) -> Result<bool, Error> {
    let content = notice.map(serde_json::to_string).transpose();
    let content = content.map_err(|error| Error::Broken(Box::new(error)))?;
    let untried = outbox::id.eq(SqlUuid(id)).and(outbox::state.eq(WAITING)).and(outbox::attempts.eq(0));
    let rows = outbox::table.filter(untried.and(outbox::ended_at.is_null()));
    let retold = match content {
        Some(content) => {
            with_backend!(connection, c => diesel::update(rows).set(outbox::content.eq(content)).execute(c).await)?
        }
        None => {
            let set = (
                outbox::state.eq(DeliveryStatus::Dropped.as_str()),
                outbox::recipient.eq(None::<String>),
                outbox::content.eq(None::<String>),
                outbox::ended_at.eq(SqlTimestamp(now)),
            );
            with_backend!(connection, c => diesel::update(rows).set(set).execute(c).await)?
        }
    };
    Ok(retold > 0)
}

/// When the next notice is due.
///
/// # Errors
/// A database error.
pub async fn next_attempt_at(connection: &mut Connection) -> Result<Option<Timestamp>, Error> {
    let next: Option<SqlTimestamp> = with_backend!(connection, c => {
        outbox::table
            .filter(outbox::ended_at.is_null().and(outbox::state.eq(WAITING)))
            .order((outbox::next_attempt_at, outbox::id))
            .select(outbox::next_attempt_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.map(|at| at.0))
}

/// Leases the notice that is due first at `now`. Until `until` no other worker gets it, unless it is
/// released.
///
/// # Errors
/// A database error, or [`Error::Broken`] for a notice that cannot be read; that one is leased too.
pub async fn lease(
    connection: &mut Connection,
    lease: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<LeasedNotice>, Error> {
    type Row = (SqlUuid, Option<SqlUuid>, String, Option<String>, Option<String>, i32);
    loop {
        let row: Option<Row> = with_backend!(connection, c => {
            outbox::table
                .filter(outbox::ended_at.is_null().and(outbox::state.eq(WAITING)))
                .filter(outbox::next_attempt_at.le(SqlTimestamp(now)))
                .order((outbox::next_attempt_at, outbox::id))
                .select((
                    outbox::id,
                    outbox::subject_id,
                    outbox::language,
                    outbox::recipient,
                    outbox::content,
                    outbox::attempts,
                ))
                .first(c)
                .await
                .optional()
        })?;
        let Some((id, subject, language, recipient, content, attempts)) = row else { return Ok(None) };
        let still = outbox::state.eq(WAITING).and(outbox::next_attempt_at.le(SqlTimestamp(now)));
        let set = (
            outbox::lease_id.eq(SqlUuid(lease)),
            outbox::next_attempt_at.eq(SqlTimestamp(until)),
            outbox::attempts.eq(attempts + 1),
            outbox::last_error.eq(None::<String>),
        );
        let taken = with_backend!(connection, c => {
            diesel::update(outbox::table.filter(outbox::id.eq(id).and(still))).set(set).execute(c).await
        })?;
        // Another worker has leased this one; there may be another.
        if taken > 0 {
            let leased = || {
                Some(LeasedNotice {
                    id: id.0,
                    lease,
                    subject: subject.map(|subject| subject.0),
                    to: EmailAddress::parse(&recipient?).ok()?,
                    language: Language::parse(&language).ok()?,
                    notice: serde_json::from_str(&content?).ok()?,
                    attempts: u32::try_from(attempts).ok()? + 1,
                })
            };
            return leased()
                .ok_or_else(|| Error::broken("a stored notice is not what it should be"))
                .map(Some);
        }
    }
}

/// Changes the row of a notice that the caller still holds the lease of, if it is in this state.
macro_rules! step {
    ($connection:expr, $leased:expr, $state:expr, $set:expr) => {{
        let leased: &LeasedNotice = $leased;
        let mine = outbox::id
            .eq(SqlUuid(leased.id))
            .and(outbox::lease_id.eq(SqlUuid(leased.lease)))
            .and(outbox::state.eq_any($state));
        let changed = with_backend!($connection, c => {
            diesel::update(outbox::table.filter(mine)).set($set).execute(c).await
        })?;
        Ok(changed > 0)
    }};
}

/// Marks that the delivery of a notice begins. Returns `false` if another worker has the lease by now.
///
/// # Errors
/// A database error.
pub async fn begin(
    connection: &mut Connection,
    leased: &LeasedNotice,
    handing: DeliverySemantics,
    until: Timestamp,
) -> Result<bool, Error> {
    let set = (
        outbox::state.eq(SENDING),
        outbox::next_attempt_at.eq(SqlTimestamp(until)),
        outbox::repeatable.eq(handing == DeliverySemantics::Repeatable),
    );
    step!(connection, leased, [WAITING], set)
}

/// Stores the outcome, and erases recipient and content, unless it is unknown whether the notice
/// arrived. A sender that learns the outcome later stores it as well, unless the notice was sent again
/// meanwhile.
///
/// # Errors
/// A database error.
pub async fn end(
    connection: &mut Connection,
    leased: &LeasedNotice,
    ending: DeliveryStatus,
    last_error: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let how = (
        outbox::state.eq(ending.as_str()),
        outbox::last_error.eq(last_error),
        outbox::ended_at.eq(SqlTimestamp(now)),
    );
    if ending == DeliveryStatus::Uncertain {
        return step!(connection, leased, [WAITING, SENDING], how);
    }
    let set = (how, outbox::recipient.eq(None::<String>), outbox::content.eq(None::<String>));
    step!(connection, leased, [WAITING, SENDING, DeliveryStatus::Uncertain.as_str()], set)
}

/// Schedules another attempt for a notice that was certainly not accepted. Returns `false` for a notice
/// that was dropped during its delivery: it is not retried.
///
/// # Errors
/// A database error.
pub async fn defer(
    connection: &mut Connection,
    leased: &LeasedNotice,
    until: Timestamp,
    last_error: &str,
) -> Result<bool, Error> {
    let set = (
        outbox::state.eq(WAITING),
        outbox::next_attempt_at.eq(SqlTimestamp(until)),
        outbox::last_error.eq(Some(last_error)),
    );
    let there = outbox::id
        .eq(SqlUuid(leased.id))
        .and(outbox::lease_id.eq(SqlUuid(leased.lease)))
        .and(outbox::state.eq_any([WAITING, SENDING]))
        .and(outbox::recipient.is_not_null());
    let changed = with_backend!(connection, c => diesel::update(outbox::table.filter(there)).set(set).execute(c).await)?;
    Ok(changed > 0)
}

/// Releases the lease of a notice that was not tried.
///
/// # Errors
/// A database error.
pub async fn release_lease(
    connection: &mut Connection,
    leased: &LeasedNotice,
    now: Timestamp,
) -> Result<bool, Error> {
    let set = (outbox::next_attempt_at.eq(SqlTimestamp(now)), outbox::attempts.eq(outbox::attempts - 1));
    step!(connection, leased, [WAITING], set)
}

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

/// Deletes notices that were finished before `instant`.
///
/// # Errors
/// A database error.
pub async fn purge(connection: &mut Connection, instant: Timestamp) -> Result<usize, Error> {
    let old = outbox::ended_at.lt(SqlTimestamp(instant));
    Ok(with_backend!(connection, c => diesel::delete(outbox::table.filter(old)).execute(c).await)?)
}

/// The number of waiting notices, and when the oldest was created.
///
/// # Errors
/// A database error.
pub async fn queue(connection: &mut Connection) -> Result<QueueLength, Error> {
    let length: i64 = with_backend!(connection, c => {
        outbox::table.filter(outbox::ended_at.is_null()).select(count_star()).get_result(c).await
    })?;
    let oldest: Option<SqlTimestamp> = with_backend!(connection, c => {
        outbox::table
            .filter(outbox::ended_at.is_null())
            .order(outbox::enqueued_at)
            .select(outbox::enqueued_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(QueueLength { length: length.try_into().unwrap_or_default(), oldest_at: oldest.map(|at| at.0) })
}
