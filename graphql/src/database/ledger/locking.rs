//! The beginning of a ledger transaction: its locks, and what it reads under them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{EditionId, revision::Revision};
use tokio::try_join;

use super::{LedgerWrites, VERSION, VersionRow, revision};
use crate::{
    credentials::SecretHash,
    database::{
        Access, Connection, Error, Inner, Sqlite, idempotency,
        schema::{catalogue, editions, idempotency_keys},
        sql_types::SqlUuid,
        transaction, writers,
    },
    idempotency::IdempotencyRecord,
    source::SourceKey,
};

/// What a ledger transaction reads at its beginning.
#[derive(Debug)]
pub struct LockedEditions {
    /// The revision of the catalogue.
    pub catalogue: Revision,
    /// The versions of the locked editions, which no other commit changes before this transaction ends.
    pub versions: BTreeMap<EditionId, Revision>,
    /// The key of the source marks; `None` if no process of this version has started on the database.
    pub source_key: Option<SourceKey>,
    /// The records of those keys that were used before the editions were locked.
    pub used: HashMap<SecretHash, IdempotencyRecord>,
}

/// Runs `work` in one transaction, which begins with [`lock_all`] and ends with the writes that `work`
/// returns. On PostgreSQL only the beginning, the end and the queries of `work` wait for the server.
/// # Errors
/// The error of `work`, or that of the database; nothing was done then.
pub async fn transaction<T>(
    connection: &mut Connection,
    editions: &BTreeSet<EditionId>,
    keys: &[SecretHash],
    work: impl AsyncFnOnce(&mut Connection, LockedEditions) -> Result<(T, LedgerWrites), Error>,
) -> Result<T, Error> {
    let locked = begin(connection, editions, keys).await?;
    match work(connection, locked).await {
        Ok((value, entries)) => entries.commit(connection).await.map(|()| value),
        Err(error) => {
            connection.rollback().await?;
            Err(error)
        }
    }
}

async fn begin(
    connection: &mut Connection,
    editions: &BTreeSet<EditionId>,
    keys: &[SecretHash],
) -> Result<LockedEditions, Error> {
    connection.in_transaction = true;
    if let Inner::Postgres(c) = connection.inner() {
        let ((), found) =
            try_join!(biased; transaction::begin(c, Access::Write), on_postgres(c, editions, keys))?;
        return found.try_into();
    }
    connection.begin(Access::Write).await?;
    lock_all(connection, editions, keys).await
}

/// Locks editions, always in the same order, so that two processes cannot deadlock; then reads what
/// holds until the transaction ends.
///
/// # Errors
/// A database error.
pub async fn lock_all(
    connection: &mut Connection,
    editions: &BTreeSet<EditionId>,
    keys: &[SecretHash],
) -> Result<LockedEditions, Error> {
    match connection.inner() {
        Inner::Sqlite(c) => on_sqlite(c, editions, keys).await?,
        Inner::Postgres(c) => on_postgres(c, editions, keys).await?,
    }
    .try_into()
}

/// The transaction has the lock of the whole file already.
async fn on_sqlite(
    c: &mut Sqlite,
    editions: &BTreeSet<EditionId>,
    keys: &[SecretHash],
) -> QueryResult<LookupRows> {
    let (editions, keys) = (ids(editions), texts(keys));
    // For SQLite a list of another length is another statement; a single look-up is always the same.
    c.spawn_blocking(move |c| {
        let find_edition = |edition| {
            let query = editions::table.find(edition).select(VERSION);
            diesel::RunQueryDsl::get_result(query, c)
        };
        let versions = editions.into_iter().map(find_edition).collect::<QueryResult<_>>()?;
        let catalogue = diesel::RunQueryDsl::get_result(catalogue::table.select(CATALOGUE), c)?;
        let find_key = |key| {
            let query = idempotency_keys::table.find((key, idempotency::REPORT)).select(idempotency::RECORD);
            diesel::RunQueryDsl::get_result(query, c).optional().transpose()
        };
        let keys = keys.iter().filter_map(find_key).collect::<QueryResult<_>>()?;
        Ok(LookupRows { versions, catalogue, keys })
    })
    .await
}

/// Pipelined: each statement is sent without waiting for the result of the one before. Each sees what
/// was committed when it begins, which matters because the former holder of a lock may just have
/// written one of the keys.
async fn on_postgres(
    c: &AsyncPgConnection,
    editions: &BTreeSet<EditionId>,
    keys: &[SecretHash],
) -> QueryResult<LookupRows> {
    let editions = editions::table
        .filter(editions::id.eq_any(ids(editions)))
        .order(editions::id)
        .select(VERSION)
        .for_no_key_update();
    let revision = catalogue::table.select(CATALOGUE);
    let keys = idempotency_keys::table
        .filter(idempotency_keys::key_hash.eq_any(texts(keys)))
        .filter(idempotency_keys::scope.eq(idempotency::REPORT))
        .select(idempotency::RECORD);
    let (versions, catalogue, keys) = try_join!(
        biased;
        editions.load(&mut &*c),
        revision.get_result(&mut &*c),
        keys.load(&mut &*c),
    )?;
    Ok(LookupRows { versions, catalogue, keys })
}

const CATALOGUE: (
    catalogue::revision,
    catalogue::commit_id,
    catalogue::oldest_writer,
    catalogue::source_key,
) = (catalogue::revision, catalogue::commit_id, catalogue::oldest_writer, catalogue::source_key);
fn ids(editions: &BTreeSet<EditionId>) -> Vec<SqlUuid> {
    editions.iter().map(|edition| SqlUuid(edition.uuid())).collect()
}

fn texts(keys: &[SecretHash]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

/// The rows as they are stored.
struct LookupRows {
    versions: Vec<VersionRow>,
    catalogue: (i64, Option<SqlUuid>, Option<String>, Option<String>),
    keys: Vec<idempotency::RecordRow>,
}

impl TryFrom<LookupRows> for LockedEditions {
    type Error = Error;

    fn try_from(found: LookupRows) -> Result<Self, Error> {
        let LookupRows { versions, catalogue, keys } = found;
        let (number, commit, oldest_writer, source_key) = catalogue;
        writers::check(oldest_writer.as_deref())?;
        let catalogue = Revision { number, commit: commit.map(|id| id.0) };
        let versions = versions.into_iter().map(|row| (EditionId::new(row.0.0), revision(row))).collect();
        let used = keys.into_iter().map(idempotency::read).collect::<Result<_, _>>()?;
        let source_key = source_key.as_deref().and_then(SourceKey::parse);
        Ok(Self { catalogue, versions, source_key, used })
    }
}
