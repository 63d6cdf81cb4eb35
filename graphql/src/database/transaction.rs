//! Transactions: begin, commit and rollback.

use diesel::{
    QueryResult,
    connection::{AnsiTransactionManager, TransactionManager as _},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::{Connection, Error, Inner, file::DatabaseFiles, writers};

/// The access mode of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read only: all statements see one snapshot.
    Read,
    /// Read and write; SQLite takes the write lock at the beginning (`BEGIN IMMEDIATE`).
    Write,
}

impl Connection {
    /// Runs `work` in one transaction, which is committed as a whole or not at all.
    ///
    /// # Errors
    /// The error of `work`, or that of the database; nothing was done then.
    pub async fn transaction<T, E: From<Error>>(
        &mut self,
        access: Access,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin(access).await?;
        if access == Access::Write
            && let Err(error) = writers::check_table(self).await
        {
            self.rollback().await?;
            return Err(error.into());
        }
        let result = work(self).await;
        match &result {
            Ok(_) => self.commit().await?,
            Err(_) => self.rollback().await?,
        }
        result
    }

    // If the task is cancelled between begin and commit, or the database fails there, the connection is
    // closed when it is dropped: see `Drop`.

    pub(super) async fn begin(&mut self, access: Access) -> Result<(), Error> {
        self.check_files(DatabaseFiles::check)?;
        self.in_transaction = true;
        match self.inner() {
            Inner::Sqlite(c) => {
                let sql = match access {
                    Access::Read => "BEGIN DEFERRED",
                    Access::Write => "BEGIN IMMEDIATE",
                };
                c.spawn_blocking(move |c| AnsiTransactionManager::begin_transaction_sql(c, sql)).await?;
            }
            Inner::Postgres(c) => begin(c, access).await?,
        }
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        // Checked before the commit, so that nothing is written to a replaced file; and after it, so
        // that nothing is acknowledged that is in no file.
        self.check_files(DatabaseFiles::check_all)?;
        match self.inner() {
            Inner::Sqlite(c) => c.spawn_blocking(AnsiTransactionManager::commit_transaction).await?,
            Inner::Postgres(c) => commit(c).await?,
        }
        self.check_files(DatabaseFiles::check_all)?;
        self.in_transaction = false;
        if std::mem::take(&mut self.is_erasing) {
            self.erased.notify_one();
        }
        Ok(())
    }

    /// Checks that SQLite's files were not replaced.
    fn check_files(&self, check: impl Fn(&DatabaseFiles) -> Result<(), Error>) -> Result<(), Error> {
        self.files.as_deref().map_or(Ok(()), check)
    }

    pub(super) async fn rollback(&mut self) -> Result<(), Error> {
        match self.inner() {
            Inner::Sqlite(c) => c.spawn_blocking(AnsiTransactionManager::rollback_transaction).await?,
            Inner::Postgres(c) => c.batch_execute("ROLLBACK").await?,
        }
        self.in_transaction = false;
        self.is_erasing = false;
        Ok(())
    }
}

/// Begins a transaction of PostgreSQL. The statement is sent before any later one (pipelining).
pub(super) async fn begin(mut connection: &AsyncPgConnection, access: Access) -> QueryResult<()> {
    let sql = match access {
        Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Access::Write => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    connection.batch_execute(sql).await
}

/// Commits a transaction of PostgreSQL. The statement is sent after all earlier ones, even if one of
/// them still has to be prepared.
pub(super) async fn commit(mut connection: &AsyncPgConnection) -> QueryResult<()> {
    Commit.execute(&mut connection).await.map(drop)
}

/// The commit as a query like those before it: all of them look up the cache of prepared statements one
/// after the other and wait there for one that is being prepared. Any other way of sending would
/// overtake them.
#[derive(QueryId)]
struct Commit;

impl QueryFragment<Pg> for Commit {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("COMMIT");
        Ok(())
    }
}
