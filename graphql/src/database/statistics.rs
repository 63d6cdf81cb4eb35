//! Planner statistics: how many rows the tables have, and how values are distributed.
//!
//! PostgreSQL collects them by itself (autovacuum), a minute or more after many rows have changed.
//! SQLite collects them only on request. An import turns an empty table into a large one at once.

use diesel_async::SimpleAsyncConnection;

use super::{Connection, Error, Inner, LOCK_TIMEOUT};

/// Analyses each table without statistics, and each that has grown or shrunk tenfold since; with a
/// limited number of rows of each index, which takes milliseconds for any size. (`0x10002` runs
/// `ANALYZE` where it helps, for all tables and not only for those that this connection has queried.)
/// It does not wait for a writer: it runs again later.
const ON_SQLITE: &str = "PRAGMA busy_timeout = 0; PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002";

/// Samples 30,000 rows of each table at most, without a statement timeout. Only tables of our schema
/// are analysed. The statements are sent together and form one transaction.
const ON_POSTGRES: &str = "SET LOCAL statement_timeout = 0;
DO $$ DECLARE name TEXT; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('ANALYZE %I', name);
    END LOOP;
END $$";

impl Connection {
    /// Refreshes the planner statistics.
    ///
    /// # Errors
    /// A database error. Queries still work without statistics, but may be slower.
    pub async fn refresh_statistics(&mut self) -> Result<(), Error> {
        match self.inner() {
            Inner::Sqlite(c) => {
                let looked = c.batch_execute(ON_SQLITE).await;
                c.batch_execute(&format!("PRAGMA busy_timeout = {}", LOCK_TIMEOUT.as_millis())).await?;
                looked?;
            }
            Inner::Postgres(c) => c.batch_execute(ON_POSTGRES).await?,
        }
        Ok(())
    }

    /// Whether the database collects no statistics by itself.
    pub(crate) fn needs_statistics(&mut self) -> bool {
        matches!(self.inner(), Inner::Sqlite(_))
    }
}
