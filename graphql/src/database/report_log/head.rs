//! The head of the transparency log, in one row.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{ReportId, proof::Hash};
use jiff::Timestamp;

use crate::database::{
    Connection, Error, Inner,
    schema::{report_log, report_log_leaves, report_log_subtrees},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// The head of the log as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct LogHead {
    /// The name of the log; none before its first head.
    pub origin: Option<String>,
    /// The number of logs of this database so far. Each restart after a restore begins another one.
    pub generation: i32,
    /// The number of leaves with a position.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// The signed head; none before the first one.
    pub checkpoint: Option<String>,
    /// The public keys of its signatures.
    pub verifier_keys: Vec<String>,
    /// The seed of the signing key that a process made for all processes.
    pub signing_key: Option<Hash>,
    /// When leaves got their positions last.
    pub published_at: Option<Timestamp>,
    /// Whether nothing is signed any more, since the database is not the one of an earlier head.
    pub is_halted: bool,
    /// How far the revisions of before are entered.
    pub backfill: Backfill,
}

/// How far the revisions that were there before the log are entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backfill {
    /// Up to this revision of this report.
    UpTo(ReportId, i32),
    /// All of them.
    Finished,
}

type HeadRow = (
    Option<String>,
    i32,
    i64,
    String,
    Option<String>,
    String,
    Option<String>,
    Option<SqlTimestamp>,
    bool,
    Option<SqlUuid>,
    i32,
    bool,
);

/// The head.
///
/// # Errors
/// A database error.
pub async fn head(connection: &mut Connection) -> Result<LogHead, Error> {
    let row: HeadRow = with_backend!(connection, c => {
        report_log::table
            .select((
                report_log::origin,
                report_log::generation,
                report_log::size,
                report_log::root,
                report_log::checkpoint,
                report_log::verifier_keys,
                report_log::signing_key,
                report_log::published_at,
                report_log::is_halted,
                report_log::backfilled_report,
                report_log::backfilled_revision,
                report_log::is_backfilled,
            ))
            .get_result(c)
            .await
    })?;
    let broken = || Error::broken("the stored head of the log is not what it should be");
    let hash = |digits: &str| Hash::from_hex(digits).ok_or_else(broken);
    let (origin, generation, size, root, checkpoint, keys, key, at, is_halted, report, revision, is_done) =
        row;
    let report = ReportId::new(report.map_or(uuid::Uuid::nil(), |id| id.0));
    Ok(LogHead {
        origin,
        generation,
        size: size.try_into().map_err(|_| broken())?,
        root: hash(&root)?,
        checkpoint,
        verifier_keys: keys.lines().map(str::to_owned).collect(),
        signing_key: key.as_deref().map(hash).transpose()?,
        published_at: at.map(|at| at.0),
        is_halted,
        backfill: if is_done { Backfill::Finished } else { Backfill::UpTo(report, revision) },
    })
}

/// Locks the head until this transaction ends.
///
/// # Errors
/// A database error.
pub async fn lock(connection: &mut Connection) -> Result<(), Error> {
    // An update that changes nothing takes the row's lock on PostgreSQL; on SQLite the transaction has the lock of the
    // whole file already.
    if let Inner::Postgres(c) = connection.inner() {
        diesel::update(report_log::table).set(report_log::id.eq(report_log::id)).execute(c).await?;
    }
    Ok(())
}

/// Stores origin, size, root, checkpoint, keys and time of a head. The caller holds the lock.
///
/// # Errors
/// A database error.
pub async fn publish(connection: &mut Connection, head: &LogHead) -> Result<(), Error> {
    let values = (
        report_log::origin.eq(&head.origin),
        report_log::size.eq(head.size.cast_signed()),
        report_log::root.eq(head.root.to_hex()),
        report_log::checkpoint.eq(&head.checkpoint),
        report_log::verifier_keys.eq(head.verifier_keys.join("\n")),
        report_log::published_at.eq(head.published_at.map(SqlTimestamp)),
    );
    with_backend!(connection, c => diesel::update(report_log::table).set(values).execute(c).await)?;
    Ok(())
}

/// Stores the seed of a signing key for all processes. The caller holds the lock.
///
/// # Errors
/// A database error.
pub async fn set_signing_key(connection: &mut Connection, seed: Hash) -> Result<(), Error> {
    let value = report_log::signing_key.eq(seed.to_hex());
    with_backend!(connection, c => diesel::update(report_log::table).set(value).execute(c).await)?;
    Ok(())
}

/// Stops the log: no process signs or serves a head of it any more. The caller holds the lock.
///
/// # Errors
/// A database error.
pub async fn halt(connection: &mut Connection) -> Result<(), Error> {
    let value = report_log::is_halted.eq(true);
    with_backend!(connection, c => diesel::update(report_log::table).set(value).execute(c).await)?;
    Ok(())
}

/// Stores how far the revisions of before are entered. The caller holds the lock.
///
/// # Errors
/// A database error.
pub async fn set_backfill(connection: &mut Connection, backfill: Backfill) -> Result<(), Error> {
    with_backend!(connection, c => match backfill {
        Backfill::Finished => {
            let value = report_log::is_backfilled.eq(true);
            diesel::update(report_log::table).set(value).execute(c).await
        }
        Backfill::UpTo(report, revision) => {
            let values = (
                report_log::backfilled_report.eq(SqlUuid(report.uuid())),
                report_log::backfilled_revision.eq(revision),
            );
            diesel::update(report_log::table).set(values).execute(c).await
        }
    })?;
    Ok(())
}

/// Begins another log with the leaves of this database, which all wait for a position again. The caller holds the lock.
///
/// # Errors
/// A database error.
pub async fn restart(connection: &mut Connection) -> Result<(), Error> {
    let none = report_log_leaves::position.eq(None::<i64>);
    let values = (
        report_log::origin.eq(None::<String>),
        report_log::generation.eq(report_log::generation + 1),
        report_log::size.eq(0_i64),
        report_log::root.eq(Hash::EMPTY_ROOT.to_hex()),
        report_log::checkpoint.eq(None::<String>),
        report_log::verifier_keys.eq(""),
        report_log::published_at.eq(None::<SqlTimestamp>),
        report_log::is_halted.eq(false),
    );
    with_backend!(connection, c => {
        diesel::update(report_log_leaves::table).set(none).execute(c).await?;
        diesel::delete(report_log_subtrees::table).execute(c).await?;
        diesel::update(report_log::table).set(values).execute(c).await?
    });
    Ok(())
}
