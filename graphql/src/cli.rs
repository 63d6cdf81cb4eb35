//! What the command `w4r` does, one file for each of its commands.

use std::future::Future;

use crate::{
    config::DatabaseOptions,
    database::{self, Connection, Database, migrations},
};

pub mod demo;
pub mod import;
pub mod recount;
pub mod schema;
pub mod serve;
pub mod staff_key;

/// Why a command did not do what it was asked to, in sentences for whoever typed it.
#[derive(Debug)]
pub struct CliError(pub String);

impl From<database::Error> for CliError {
    fn from(error: database::Error) -> Self {
        match &error {
            database::Error::Unavailable(cause) => Self(format!("the database is not available: {cause}")),
            database::Error::Broken(cause) => Self(format!("the database does not understand: {cause}")),
        }
    }
}

impl From<migrations::MigrationError> for CliError {
    fn from(error: migrations::MigrationError) -> Self {
        match error {
            migrations::MigrationError::Database(error) => error.into(),
            migrations::MigrationError::Newer(step) => Self(format!(
                "the database has been used by a newer version of w4r (step {step} is not known here); \
                 nothing was changed"
            )),
        }
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Says something on standard output. Whoever was to read it may have gone, which is no reason to
/// fall over, as `println!` would.
fn print_line(words: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// Runs a command to its end.
fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // What has not ended by itself is cut off; dropping the runtime would wait for it for ever.
    runtime.shutdown_background();
    done
}

/// Opens the database with its tables up to date.
async fn open(store: &DatabaseOptions) -> Result<Database, CliError> {
    let database = Database::open(&store.url).map_err(CliError)?;
    migrations::run(&store.url, migrations::MigrationTarget::Latest).await?;
    Ok(database)
}

async fn connect(store: &DatabaseOptions) -> Result<Connection, CliError> {
    Ok(open(store).await?.connect().await?)
}
