//! The writes of a ledger transaction, all at its end.

use std::mem;

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Nullable},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{Counts, EditionId, certification::Correction, milestone::ReachedMilestone, report::BudgetUse};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use tokio::try_join;
use uuid::Uuid;

use super::counters::{CellRow, HeadRow};
use crate::{
    credentials::SecretHash,
    database::{
        Connection, Error, Inner, Sqlite,
        budgets::BudgetRow,
        bulk_insert::{self, BulkInsert},
        certifications::CorrectionRow,
        edition_versions::{TotalsSummary, VersionRow},
        execute,
        idempotency::KeyRow,
        milestones::ReachedRow,
        notify,
        report_log::{self, LeafEntry, LeafRow},
        reports::{self, RevisionRow, StoredReport},
        scope_versions::{ScopeRow, ScopeSummary},
        sql_types::{SqlUuid, sql},
        transaction,
    },
    idempotency::IdempotencyRecord,
};

/// The pending writes of a transaction: one statement for each kind of row.
#[derive(Default)]
pub struct LedgerWrites {
    decided: Vec<RevisionRow>,
    revisions: Vec<RevisionRow>,
    keys: Vec<KeyRow>,
    budgets: Vec<BudgetRow>,
    cells: Vec<CellRow>,
    heads: Vec<HeadRow>,
    versions: Vec<VersionRow>,
    scopes: Vec<ScopeRow>,
    corrections: Vec<CorrectionRow>,
    reached: Vec<ReachedRow>,
    raises: Vec<BumpVersion>,
    entries: Vec<LeafEntry>,
    leaves: Vec<LeafRow>,
}

impl LedgerWrites {
    /// Adds the revisions of a report; `before` is the stored report, if it exists.
    pub fn report(&mut self, before: Option<&StoredReport>, after: &StoredReport) {
        let stored = before.map_or(&[][..], |before| before.report.revisions());
        for (index, revision) in after.report.revisions().iter().enumerate() {
            match stored.get(index) {
                None => self.revisions.push(RevisionRow::of(after, revision)),
                Some(earlier) if earlier != revision => self.decided.push(RevisionRow::of(after, revision)),
                Some(_) => {}
            }
        }
    }

    /// Adds leaves of the transparency log.
    pub fn log(&mut self, entries: Vec<LeafEntry>) {
        self.entries.extend(entries);
    }

    /// Adds the record of a used key.
    pub fn key(&mut self, key: SecretHash, record: IdempotencyRecord) {
        self.keys.push(KeyRow::of_report(key, record));
    }

    /// Adds a change of an edition's counters, and the version that a commit with this id raises it to, with the
    /// totals within the edition that it changes. The caller holds the lock of the edition.
    pub fn count(
        &mut self,
        edition: EditionId,
        change: &Counts,
        headline: &TotalsSummary,
        scopes: &[ScopeSummary],
        commit: Option<Uuid>,
    ) {
        self.add(edition, change);
        self.record(edition, headline, scopes, commit);
    }

    /// Adds a version whose change of the counters is added apart from it.
    pub fn record(
        &mut self,
        edition: EditionId,
        headline: &TotalsSummary,
        scopes: &[ScopeSummary],
        commit: Option<Uuid>,
    ) {
        self.versions.push(VersionRow::of(edition, headline));
        self.scopes.extend(scopes.iter().filter_map(|scope| ScopeRow::of(edition, scope)));
        let (edition, version, commit) = (SqlUuid(edition.uuid()), headline.version, commit.map(SqlUuid));
        self.raises.push(BumpVersion { edition, version, commit });
    }

    /// Adds corrections of certified totals.
    pub fn correct(&mut self, edition: EditionId, corrections: &[Correction]) {
        let rows = corrections.iter().map(|correction| CorrectionRow::of(edition, correction));
        self.corrections.extend(rows);
    }

    /// Adds milestones that the change reaches.
    pub fn reach(&mut self, edition: EditionId, reached: &[ReachedMilestone]) {
        self.reached.extend(reached.iter().map(|reached| ReachedRow::of(edition, reached)));
    }

    /// Adds a change of an edition's counters without a new version. Each counter may be in one change only.
    pub fn add(&mut self, edition: EditionId, change: &Counts) {
        // In the order of their keys, like all locks of the ledger.
        self.cells.extend(change.lines.iter().map(|(key, cell)| CellRow::of(edition, key, *cell)));
        self.heads.extend(change.heads.iter().map(|(key, heads)| HeadRow::of(edition, key, *heads)));
    }

    /// Sets the used part of a budget, which expires when its hour ends.
    pub fn budget(&mut self, budget: SecretHash, spent: &BudgetUse, ends_at: Timestamp) {
        self.budgets.push(BudgetRow::of(budget, spent, ends_at));
    }

    /// Executes all writes. Changed totals are notified to other processes.
    ///
    /// # Errors
    /// A database error.
    pub async fn write(mut self, connection: &mut Connection) -> Result<(), Error> {
        self.decide(connection).await?;
        let owner = connection.owner;
        match connection.inner() {
            Inner::Sqlite(c) => self.write_to_sqlite(c).await?,
            Inner::Postgres(c) => self.write_to_postgres(c, owner).await?,
        }
        Ok(())
    }

    /// The same, followed by the commit.
    ///
    /// # Errors
    /// A database error; nothing was done then.
    pub(super) async fn commit(mut self, connection: &mut Connection) -> Result<(), Error> {
        self.decide(connection).await?;
        let owner = connection.owner;
        match connection.inner() {
            Inner::Sqlite(c) => {
                self.write_to_sqlite(c).await?;
                connection.commit().await
            }
            Inner::Postgres(c) => {
                // If one of the statements fails, so does the commit after them.
                try_join!(biased; self.write_to_postgres(c, owner), transaction::commit(c))?;
                connection.in_transaction = false;
                Ok(())
            }
        }
    }

    async fn decide(&mut self, connection: &mut Connection) -> Result<(), Error> {
        for row in mem::take(&mut self.decided) {
            reports::decide(connection, row).await?;
        }
        for entry in mem::take(&mut self.entries) {
            let step = match entry.is_new {
                true => 0,
                false => report_log::next_step(connection, entry.report, entry.revision).await?,
            };
            self.leaves.push(LeafRow::of(entry, step));
        }
        Ok(())
    }

    async fn write_to_sqlite(self, c: &mut Sqlite) -> QueryResult<()> {
        c.spawn_blocking(move |c| {
            self.revisions.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.leaves.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.keys.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.budgets.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.cells.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.heads.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.versions.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.scopes.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.corrections.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.reached.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))?;
            self.raises.iter().try_for_each(|raise| execute(*raise, c))
        })
        .await
    }

    /// Pipelined: each statement is sent without waiting for the result of the one before.
    async fn write_to_postgres(&self, c: &AsyncPgConnection, owner: Uuid) -> QueryResult<()> {
        try_join!(
            biased;
            insert(&self.revisions, c),
            insert(&self.leaves, c),
            insert(&self.keys, c),
            insert(&self.budgets, c),
            insert(&self.cells, c),
            insert(&self.heads, c),
            insert(&self.versions, c),
            insert(&self.scopes, c),
            insert(&self.corrections, c),
            insert(&self.reached, c),
            try_join_all(self.raises.iter().map(|raise| raise.execute(&mut &*c))),
            async { if self.versions.is_empty() { Ok(0) } else { notify::notify_statement(c, owner).await } },
        )
        .map(drop)
    }
}

/// Inserts rows, if there are any.
async fn insert<R: BulkInsert>(rows: &[R], connection: &AsyncPgConnection) -> QueryResult<()> {
    if !rows.is_empty() {
        bulk_insert::insert(rows).execute(&mut &*connection).await?;
    }
    Ok(())
}

/// Raises the version of an edition. Diesel would not cache its own update statement.
#[derive(Clone, Copy)]
struct BumpVersion {
    edition: SqlUuid,
    version: i64,
    commit: Option<SqlUuid>,
}

impl<DB> QueryFragment<DB> for BumpVersion
where
    DB: Backend + HasSqlType<sql::Id>,
    SqlUuid: ToSql<sql::Id, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE editions SET version = ");
        out.push_bind_param::<BigInt, _>(&self.version)?;
        out.push_sql(", commit_id = ");
        out.push_bind_param::<Nullable<sql::Id>, _>(&self.commit)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<sql::Id, _>(&self.edition)
    }
}

impl QueryId for BumpVersion {
    type QueryId = Self;

    const HAS_STATIC_QUERY_ID: bool = true;
}
