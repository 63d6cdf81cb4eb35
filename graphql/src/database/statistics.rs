//! What the planners of the databases know of the tables: how many rows there are, and how many of a kind.
//!
//! PostgreSQL looks by itself (autovacuum), a minute or more after many rows have changed. SQLite looks
//! only when it is told to. An import is the moment at which a table that was empty becomes a large one.

use diesel_async::SimpleAsyncConnection;

use super::{Connection, Error, Inner, LOCK_TIMEOUT};

/// Looks at each table that was never looked at, or that has grown or shrunk tenfold since; at so many
/// rows of each index at most, which takes milliseconds however many there are. (`0x10002` is `ANALYZE`
/// where it helps, for all tables and not only for those that this connection has read.) It waits for nobody who
/// writes: there is another time for it.
const ON_SQLITE: &str = "PRAGMA busy_timeout = 0; PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002";

/// Looks at 30,000 rows of each table at most, and takes its time. Tables of other schemas are not ours. Sent
/// together the statements are one transaction.
const ON_POSTGRES: &str = "SET LOCAL statement_timeout = 0;
DO $$ DECLARE name TEXT; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('ANALYZE %I', name);
    END LOOP;
END $$";

impl Connection {
    /// Lets the planner look at the tables.
    ///
    /// # Errors
    /// That of the database. Everything works without, if slower.
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

    /// Whether the database never looks by itself.
    pub(crate) fn needs_statistics(&mut self) -> bool {
        matches!(self.inner(), Inner::Sqlite(_))
    }
}
