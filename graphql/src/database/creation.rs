//! Databases that a command makes: present only when everything is in them.
//!
//! The tables are made with a mark, with which no process uses them. The mark is removed at the end. If the command
//! fails, the tables or the file are removed; if its process is killed, the mark stays.

use std::{fs, path::Path};

use diesel::{
    Connection as _, QueryableByName, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types::Text,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::{
    Connection, Database, Error,
    backend::LOCK_TIMEOUT,
    journal,
    migration_list::{self, UNFINISHED},
    migrations::{self, MigrationError, MigrationTarget},
    sources, sqlite_file, stored_forms, with_backend,
};

/// What stands beside a file of SQLite: the write-ahead log, its index, and the log of other settings.
const SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What there is at a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// No file, an empty one, or no tables of ours.
    Missing,
    /// A database that a command has begun to make.
    Unfinished,
    /// A database with these migrations.
    Present(Vec<String>),
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Whether there is the table of applied migrations, and which are applied.
const TABLE_ON_SQLITE: &str = "SELECT name FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
const TABLE_ON_POSTGRES: &str = "SELECT to_regclass('__diesel_schema_migrations')::text AS name
    WHERE to_regclass('__diesel_schema_migrations') IS NOT NULL";
const APPLIED: &str = "SELECT version AS name FROM __diesel_schema_migrations ORDER BY version";

/// What there is at the place of a database. Nothing is made or changed.
///
/// # Errors
/// If the database cannot be read.
pub async fn presence(url: &str) -> Result<Presence, Error> {
    let names = match sqlite_file(url) {
        Some(file) => names_in_file(file).map_err(|error| error.at(file))?,
        None => {
            let database = Database::open(url).map_err(Error::broken)?;
            let mut connection = database.connect().await?;
            let load = async |connection: &mut Connection, sql| {
                let found = with_backend!(connection, c => sql_query(sql).load::<Name>(c).await);
                found.map_err(Error::from)
            };
            match load(&mut connection, TABLE_ON_POSTGRES).await?.is_empty() {
                true => Vec::new(),
                false => load(&mut connection, APPLIED).await?,
            }
        }
    };
    let applied: Vec<_> = names.into_iter().map(|row| row.name).collect();
    Ok(match applied.as_slice() {
        [] => Presence::Missing,
        applied if applied.iter().any(|step| step == UNFINISHED) => Presence::Unfinished,
        _ => Presence::Present(applied),
    })
}

/// The applied migrations of a file, which may be any file.
fn names_in_file(file: &str) -> Result<Vec<Name>, Error> {
    match fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Ok(about) if about.is_file() && about.len() == 0 => return Ok(Vec::new()),
        _ => {}
    }
    let lacks_its_log = journal::lacks_its_log(file);
    let names = {
        let mut connection = SqliteConnection::establish(file).map_err(Error::unavailable)?;
        connection.batch_execute(&format!("PRAGMA busy_timeout = {}", LOCK_TIMEOUT.as_millis()))?;
        let tables: Vec<Name> = diesel::RunQueryDsl::load(sql_query(TABLE_ON_SQLITE), &mut connection)?;
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        diesel::RunQueryDsl::load(sql_query(APPLIED), &mut connection)?
    };
    if !lacks_its_log {
        journal::settle(file);
    }
    Ok(names)
}

/// A database that is being made.
pub struct NewDatabase {
    url: String,
    /// The database, for the command that makes it.
    pub database: Database,
}

impl NewDatabase {
    /// Makes the tables of these migrations, or of all of them, with the mark of an unfinished database.
    ///
    /// # Errors
    /// [`MigrationError::Exists`] if there is a database, [`MigrationError::Unfinished`] if another command makes it.
    pub async fn begin(url: &str, steps: Option<Vec<String>>) -> Result<Self, MigrationError> {
        let failed = MigrationError::Database;
        match presence(url).await.map_err(failed)? {
            Presence::Missing => {}
            Presence::Unfinished => return Err(MigrationError::Unfinished),
            Presence::Present(_) => return Err(MigrationError::Exists),
        }
        let leftover = sqlite_file(url).map(|file| SUFFIXES.map(|suffix| format!("{file}{suffix}")));
        let leftover = leftover.into_iter().flatten().find(|path| Path::new(path).exists());
        if let Some(path) = leftover {
            // SQLite would take its content for commits of the new database.
            let message = format!("{path} belongs to another database; move it away first");
            return Err(failed(Error::unavailable(std::io::Error::other(message))));
        }
        let is_newest = steps.is_none();
        let steps = steps.unwrap_or_else(migration_list::known);
        let database = Database::open(url).map_err(|message| failed(Error::broken(message)))?;
        migrations::run(url, MigrationTarget::New(steps)).await?;
        let new = Self { url: url.to_owned(), database };
        if is_newest && let Err(error) = new.prepare().await {
            new.discard().await?;
            return Err(failed(error));
        }
        Ok(new)
    }

    async fn prepare(&self) -> Result<(), Error> {
        let mut connection = self.database.connect().await?;
        sources::prepare(&mut connection).await?;
        stored_forms::prepare(&mut connection).await
    }

    /// Applies the migrations that are missing.
    ///
    /// # Errors
    /// A database error.
    pub async fn migrate(&self) -> Result<(), MigrationError> {
        migrations::run(&self.url, MigrationTarget::LatestOfUnfinished).await
    }

    /// Removes the mark: from now on the database may be used.
    ///
    /// # Errors
    /// A database error; the mark is still there then.
    pub async fn finish(&self) -> Result<(), Error> {
        let mut connection = self.database.connect().await?;
        let sql = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{UNFINISHED}'");
        Ok(with_backend!(connection, c => c.batch_execute(&sql).await)?)
    }

    /// Removes the tables or the file.
    ///
    /// # Errors
    /// A database error; the mark is still there then.
    pub async fn discard(self) -> Result<(), MigrationError> {
        let Self { url, database } = self;
        drop(database);
        discard(&url).await
    }
}

/// Removes a database that a command has begun to make and not finished.
///
/// # Errors
/// [`MigrationError::Exists`] if it is finished.
pub async fn discard(url: &str) -> Result<(), MigrationError> {
    let failed = MigrationError::Database;
    match presence(url).await.map_err(failed)? {
        Presence::Missing => return Ok(()),
        Presence::Present(_) => return Err(MigrationError::Exists),
        Presence::Unfinished => {}
    }
    let Some(file) = sqlite_file(url) else { return migrations::run(url, MigrationTarget::Removed).await };
    for suffix in ["-wal", "-shm", "-journal", ""] {
        match fs::remove_file(format!("{file}{suffix}")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(Error::unavailable(error)));
            }
            _ => {}
        }
    }
    Ok(())
}
