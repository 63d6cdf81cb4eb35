//! The subcommands of `w4r`, one file each.

use std::{future::Future, time::Duration};

use crate::{
    backup::BackupError,
    config::DatabaseOptions,
    database::{
        self, Connection, Database,
        creation::{self, Presence},
        migrations::{self, MigrationError},
    },
};

pub mod backup;
pub mod demo;
pub mod doctor;
pub mod import;
pub mod log;
mod logging;
pub mod recount;
pub mod restore;
pub mod schema;
pub mod serve;
pub mod staff_key;
pub mod verify;
mod verify_open_data;

/// What is said of an SQLite file whose newest commits are missing.
const LACKS_ITS_LOG: &str = "the file is not complete: it was copied while a process used it, or its -wal file was \
    removed after a crash. The newest commits are missing, and nothing tells how many. Copy a database with `w4r \
    backup`; if you know that the file is complete, say so with `w4r recount --accept-copy`";

/// Why a command failed, as sentences for the operator.
#[derive(Debug)]
pub struct CliError(pub String);

impl From<database::Error> for CliError {
    fn from(error: database::Error) -> Self {
        match &error {
            database::Error::Unavailable(cause) => Self(format!("the database is not available: {cause}")),
            database::Error::Broken(cause) => Self(format!("unexpected database error: {cause}")),
        }
    }
}

impl From<migrations::MigrationError> for CliError {
    fn from(error: migrations::MigrationError) -> Self {
        Self(error.to_string())
    }
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Prints a line to standard output. A closed pipe is ignored, where `println!` would panic.
fn print_line(words: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// How long the end of a command waits for work that blocks.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(2);

/// Runs a command to its end.
fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // Tasks that have not ended are aborted, and close their connections; dropping the runtime would wait forever for
    // work that blocks.
    runtime.shutdown_timeout(CLOSING_TIMEOUT);
    done
}

/// Opens a database that exists, and migrates its schema. A missing one is refused: in a wrong folder a command would
/// otherwise make an empty database and find nothing wrong with it.
async fn open(store: &DatabaseOptions) -> Result<Database, CliError> {
    let database = Database::open(&store.url).map_err(CliError)?;
    if creation::presence(&store.url).await? == Presence::Missing {
        return Err(missing(&database));
    }
    migrations::run(&store.url, migrations::MigrationTarget::Latest).await?;
    Ok(database)
}

/// The refusal of a command that makes no database.
fn missing(database: &Database) -> CliError {
    CliError(format!(
        "there is no database at {}: name it with --database or DATABASE_URL. `w4r serve`, `w4r import` and `w4r \
         restore` make one",
        database.place()
    ))
}

/// Removes a database that an interrupted command has begun to make, if that is asked for.
async fn discard_unfinished(store: &DatabaseOptions, is_asked_for: bool) -> Result<(), CliError> {
    if !is_asked_for {
        return Ok(());
    }
    match creation::discard(&store.url).await {
        Err(MigrationError::Exists) => {
            Err(CliError("--discard-unfinished: the database is complete; nothing was changed".to_owned()))
        }
        done => Ok(done?),
    }
}

/// Opens the database, makes it if it is missing, and migrates its schema.
async fn open_or_make(store: &DatabaseOptions) -> Result<Database, CliError> {
    let database = Database::open(&store.url).map_err(CliError)?;
    migrations::run(&store.url, migrations::MigrationTarget::Latest).await?;
    Ok(database)
}

async fn connect(store: &DatabaseOptions) -> Result<Connection, CliError> {
    Ok(open(store).await?.connect().await?)
}
