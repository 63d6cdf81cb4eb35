//! The outbox: notices that wait to be sent, and what became of those that do not.
//!
//! A notice is there once for each key, put in the transaction of the change that causes it. Of two
//! who want to send it one gets it: each step is a comparison with the lease that was given last.

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

/// Nobody has it, or somebody who has not begun to hand it over.
pub(super) const WAITING: &str = "WAITING";
/// It is being handed over: nobody can take it back.
pub(super) const SENDING: &str = "SENDING";

/// A notice that is to be put into the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// What it is about: the same news has the same key. Only its hash is kept.
    pub key: &'a str,
    /// Whom or what it is about: it is dropped when that is erased.
    pub subject: Option<Uuid>,
    /// Whom it is for.
    pub to: &'a EmailAddress,
    /// What they read.
    pub language: &'a Language,
    /// What there is to tell.
    pub notice: &'a Notice,
    /// When it came up.
    pub put_at: Timestamp,
}

/// A notice that somebody has taken out to send it.
#[derive(Debug)]
pub struct LeasedNotice {
    /// Its identity.
    pub id: Uuid,
    /// The lease it was given with; whoever has a newer one has the notice.
    pub lease: Uuid,
    /// Whom or what it is about.
    pub subject: Option<Uuid>,
    /// Whom it is for.
    pub to: EmailAddress,
    /// What they read.
    pub language: Language,
    /// What there is to tell.
    pub notice: Notice,
    /// How often it was tried, this time among them.
    pub attempts: u32,
}

/// What becomes of a notice that is put into the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeState {
    /// It is sent when its turn comes.
    Pending,
    /// It is not sent. The same news may be put again later.
    Dropped,
}

/// Whether it makes a difference if a notice is handed over twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliverySemantics {
    /// It makes none: a file has one name.
    Repeatable,
    /// Somebody gets two messages.
    Once,
}

/// How it ended. Who it was for and what it said is erased then, unless nobody knows how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// A server took it, or it lies in the folder.
    Sent,
    /// No server takes it.
    Failed,
    /// It may have been taken or not. It is not sent again, unless staff say so.
    Uncertain,
    /// There was nothing left to tell when its turn came.
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

/// How many wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueLength {
    /// How many there are.
    pub length: u64,
    /// Since when the first of them waits.
    pub oldest_at: Option<Timestamp>,
}

/// Puts a notice into the outbox, with the change that causes it. `false` if it has been there.
///
/// # Errors
/// That of the database.
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
        outbox::next_attempt_at.eq(SqlTimestamp(outgoing.put_at)),
        outbox::put_at.eq(SqlTimestamp(outgoing.put_at)),
        outbox::ended_at.eq((!waits).then_some(SqlTimestamp(outgoing.put_at))),
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

/// The notice of one kind about somebody or something that waits and that nobody has tried to send yet.
///
/// # Errors
/// That of the database.
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

/// Has a notice that nobody has tried to send yet tell something else, or nothing: then it is dropped. `false`
/// if somebody has taken it meanwhile.
///
/// # Errors
/// That of the database.
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

/// When the next notice may be taken.
///
/// # Errors
/// That of the database.
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

/// Takes the notice whose turn it is at `now`. Until `until` nobody else gets it, unless it is given
/// back.
///
/// # Errors
/// That of the database, or [`Error::Broken`] for a notice that cannot be read; it is taken too.
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
            outbox::trouble.eq(None::<String>),
        );
        let taken = with_backend!(connection, c => {
            diesel::update(outbox::table.filter(outbox::id.eq(id).and(still))).set(set).execute(c).await
        })?;
        // Somebody was faster with this one; there may be another.
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

/// Changes the row of a notice that whoever asks still has, if it is in this state.
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

/// Marks that a notice is being handed over from now on. `false` if somebody else has it by now.
///
/// # Errors
/// That of the database.
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

/// Writes down how it ended, and erases whom it was for and what it said, unless nobody knows whether it arrived.
/// A sender that hears later how it ended after all writes that down, as long as nobody has sent it again.
///
/// # Errors
/// That of the database.
pub async fn end(
    connection: &mut Connection,
    leased: &LeasedNotice,
    ending: DeliveryStatus,
    trouble: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let how = (
        outbox::state.eq(ending.as_str()),
        outbox::trouble.eq(trouble),
        outbox::ended_at.eq(SqlTimestamp(now)),
    );
    if ending == DeliveryStatus::Uncertain {
        return step!(connection, leased, [WAITING, SENDING], how);
    }
    let set = (how, outbox::recipient.eq(None::<String>), outbox::content.eq(None::<String>));
    step!(connection, leased, [WAITING, SENDING, DeliveryStatus::Uncertain.as_str()], set)
}

/// Puts a notice off that nobody has taken for certain. One that was dropped while it was handed over is
/// not put off: `false`.
///
/// # Errors
/// That of the database.
pub async fn defer(
    connection: &mut Connection,
    leased: &LeasedNotice,
    until: Timestamp,
    trouble: &str,
) -> Result<bool, Error> {
    let set = (
        outbox::state.eq(WAITING),
        outbox::next_attempt_at.eq(SqlTimestamp(until)),
        outbox::trouble.eq(Some(trouble)),
    );
    let there = outbox::id
        .eq(SqlUuid(leased.id))
        .and(outbox::lease_id.eq(SqlUuid(leased.lease)))
        .and(outbox::state.eq_any([WAITING, SENDING]))
        .and(outbox::recipient.is_not_null());
    let changed = with_backend!(connection, c => diesel::update(outbox::table.filter(there)).set(set).execute(c).await)?;
    Ok(changed > 0)
}

/// Gives a notice back that was not tried.
///
/// # Errors
/// That of the database.
pub async fn release_lease(
    connection: &mut Connection,
    leased: &LeasedNotice,
    now: Timestamp,
) -> Result<bool, Error> {
    let set = (outbox::next_attempt_at.eq(SqlTimestamp(now)), outbox::attempts.eq(outbox::attempts - 1));
    step!(connection, leased, [WAITING], set)
}

/// Drops what waits to be told about somebody or something: they are erased, or want no mail any more.
/// Whoever has taken one of them out to send it finds that it is over. One that is being handed over at
/// this moment cannot be taken back; it is not tried again, and what it says is erased as well. So is what one
/// said of which nobody knows whether it arrived.
///
/// # Errors
/// That of the database.
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
        outbox::trouble.eq(None::<String>),
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

/// Has the files of all notices about somebody removed from the mail folder: those that lie there, and one that
/// is being written at this moment.
///
/// # Errors
/// That of the database.
pub async fn erase_files(connection: &mut Connection, subject: Uuid) -> Result<(), Error> {
    let about = outbox::table.filter(outbox::subject_id.eq(SqlUuid(subject)));
    with_backend!(connection, c => diesel::update(about).set(outbox::erased.eq(true)).execute(c).await)?;
    Ok(())
}

/// Some of the notices that are over and whose files are to be removed.
///
/// # Errors
/// That of the database.
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

/// Takes note that the files of these notices are removed.
///
/// # Errors
/// That of the database.
pub async fn mark_files_erased(connection: &mut Connection, notices: &[Uuid]) -> Result<(), Error> {
    let notices: Vec<SqlUuid> = notices.iter().map(|id| SqlUuid(*id)).collect();
    let rows = outbox::table.filter(outbox::id.eq_any(&notices));
    with_backend!(connection, c => diesel::update(rows).set(outbox::erased.eq(false)).execute(c).await)?;
    Ok(())
}

/// Those of these notices that somebody is handing over at this moment.
///
/// # Errors
/// That of the database.
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

/// Forgets what ended before `instant`.
///
/// # Errors
/// That of the database.
pub async fn purge(connection: &mut Connection, instant: Timestamp) -> Result<usize, Error> {
    let old = outbox::ended_at.lt(SqlTimestamp(instant));
    Ok(with_backend!(connection, c => diesel::delete(outbox::table.filter(old)).execute(c).await)?)
}

/// How many wait, and since when.
///
/// # Errors
/// That of the database.
pub async fn queue(connection: &mut Connection) -> Result<QueueLength, Error> {
    let length: i64 = with_backend!(connection, c => {
        outbox::table.filter(outbox::ended_at.is_null()).select(count_star()).get_result(c).await
    })?;
    let oldest: Option<SqlTimestamp> = with_backend!(connection, c => {
        outbox::table
            .filter(outbox::ended_at.is_null())
            .order(outbox::put_at)
            .select(outbox::put_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(QueueLength { length: length.try_into().unwrap_or_default(), oldest_at: oldest.map(|at| at.0) })
}
