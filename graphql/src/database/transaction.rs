//! Transactions: where they begin and end.

use diesel::{
    QueryResult,
    connection::{AnsiTransactionManager, TransactionManager as _},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::{Connection, Error, Inner, file::DatabaseFiles, writers};

/// Whether the tables may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Statements see one moment, and write nothing.
    Read,
    /// The transaction means to write; on SQLite it waits for its turn at once.
    Write,
}

impl Connection {
    /// Does `work` in one transaction: all of it, or nothing.
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

    // Whoever goes away between the beginning and the end, or finds the database in trouble there, closes the
    // connection: see how it is dropped.

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
        // Before, so that nothing is done elsewhere; and after, so that nothing is acknowledged that is nowhere.
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

    /// Checks the files of SQLite.
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

/// Begins a transaction of PostgreSQL. It is on its way before whatever is asked behind it.
pub(super) async fn begin(mut connection: &AsyncPgConnection, access: Access) -> QueryResult<()> {
    let sql = match access {
        Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Access::Write => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    connection.batch_execute(sql).await
}

/// Commits a transaction of PostgreSQL. It goes behind whatever was asked before it, also where that has still to
/// be prepared.
pub(super) async fn commit(mut connection: &AsyncPgConnection) -> QueryResult<()> {
    Commit.execute(&mut connection).await.map(drop)
}

/// The end of a transaction, as a statement like those in front of it: they are looked up among the prepared ones
/// one after the other, and each waits there for the one that is just being prepared. Anything else would overtake.
#[derive(QueryId)]
struct Commit;

impl QueryFragment<Pg> for Commit {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("COMMIT");
        Ok(())
    }
}
