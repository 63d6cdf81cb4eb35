//! The subcommands of `w4r`, one file each.

use std::future::Future;

use crate::{
    config::DatabaseOptions,
    database::{self, Connection, Database, migrations},
};

pub mod demo;
pub mod import;
pub mod log;
pub mod recount;
pub mod schema;
pub mod serve;
pub mod staff_key;
pub mod verify;
mod verify_open_data;

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

/// Runs a command to its end.
fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // Tasks that have not ended are aborted; dropping the runtime would wait for them forever.
    runtime.shutdown_background();
    done
}

/// Opens the database and migrates its schema.
async fn open(store: &DatabaseOptions) -> Result<Database, CliError> {
    let database = Database::open(&store.url).map_err(CliError)?;
    migrations::run(&store.url, migrations::MigrationTarget::Latest).await?;
    Ok(database)
}

async fn connect(store: &DatabaseOptions) -> Result<Connection, CliError> {
    Ok(open(store).await?.connect().await?)
}
