//! What an operator wants to know of a database: its version, its durability, its clock, and the room on its disk.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;

use super::{Connection, Database, DatabaseUrl, Error, Inner, with_backend};

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    setting: String,
}

impl Connection {
    /// The version of the database system.
    ///
    /// # Errors
    /// A database error.
    pub async fn system_version(&mut self) -> Result<String, Error> {
        self.setting(
            "SELECT sqlite_version() AS setting",
            "SELECT current_setting('server_version') AS setting",
        )
        .await
    }

    /// How commits are made durable: the journal of SQLite, or `synchronous_commit` of PostgreSQL as our sessions set it.
    ///
    /// # Errors
    /// A database error.
    pub async fn durability(&mut self) -> Result<String, Error> {
        self.setting(
            "SELECT 'journal_mode ' || journal_mode || ', synchronous ' || synchronous AS setting
            FROM pragma_journal_mode, pragma_synchronous",
            "SELECT 'synchronous_commit ' || current_setting('synchronous_commit') AS setting",
        )
        .await
    }

    /// The time of the database's server; none for a file, which has the clock of this machine.
    ///
    /// # Errors
    /// A database error.
    pub async fn clock(&mut self) -> Result<Option<Timestamp>, Error> {
        if matches!(self.inner(), Inner::Sqlite(_)) {
            return Ok(None);
        }
        let microseconds =
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS setting";
        let microseconds = self.setting(microseconds, microseconds).await?;
        let microseconds =
            microseconds.parse().ok().and_then(|number| Timestamp::from_microsecond(number).ok());
        microseconds.map(Some).ok_or_else(|| Error::broken("the server's clock cannot be read"))
    }

    async fn setting(&mut self, on_sqlite: &str, on_postgres: &str) -> Result<String, Error> {
        let sql = if matches!(self.inner(), Inner::Sqlite(_)) { on_sqlite } else { on_postgres };
        Ok(with_backend!(self, c => sql_query(sql).get_result::<Setting>(c).await)?.setting)
    }
}

impl Database {
    /// The bytes that are free on the disk of an SQLite file; none for a server, whose disk is out of sight.
    #[must_use]
    #[cfg(unix)]
    pub fn free_bytes(&self) -> Option<u64> {
        let DatabaseUrl::Sqlite(file) = &self.location else { return None };
        let about = rustix::fs::statvfs(&**file).ok()?;
        Some(about.f_bavail.saturating_mul(about.f_frsize))
    }

    /// Other systems are not asked.
    #[must_use]
    #[cfg(not(unix))]
    pub const fn free_bytes(&self) -> Option<u64> {
        let _ = DatabaseUrl::place;
        None
    }
}
