//! The subcommands of `w4r`, one file each.

use std::future::Future;

use crate::{
    config::Store,
    database::{self, Connection, Database, migrations},
};

pub mod demo;
pub mod import;
pub mod key;
pub mod recount;
pub mod schema;
pub mod serve;

/// Why a command failed, as sentences for the operator.
#[derive(Debug)]
pub struct Trouble(pub String);

impl From<database::Error> for Trouble {
    fn from(error: database::Error) -> Self {
        match &error {
            database::Error::Unavailable(cause) => Self(format!("the database is not available: {cause}")),
            database::Error::Broken(cause) => Self(format!("unexpected database error: {cause}")),
        }
    }
}

impl From<migrations::MigrationError> for Trouble {
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

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Prints a line to standard output. A closed pipe is ignored, where `println!` would panic.
fn say(words: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// Runs a command to its end.
fn block_on<T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // Tasks that have not ended are aborted; dropping the runtime would wait for them forever.
    runtime.shutdown_background();
    done
}

/// Opens the database and migrates its schema.
async fn open(store: &Store) -> Result<Database, Trouble> {
    let database = Database::open(&store.url).map_err(Trouble)?;
    migrations::run(&store.url, migrations::Towards::Newest).await?;
    Ok(database)
}

async fn connect(store: &Store) -> Result<Connection, Trouble> {
    Ok(open(store).await?.connect().await?)
}
