//! The history of the tables: run when the service starts, by one process at a time.

use std::time::Duration;

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection, migration::MigrationVersion};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{BUSY, Error, Use, postgres::Server, sqlite_file};

const HISTORY: EmbeddedMigrations = embed_migrations!("../migrations");
/// Any number that no other program is likely to lock: "w4r" and a one.
const POSTGRES_LOCK: i64 = 0x7734_7201;

/// How long a step waits for others: for a process that takes the steps, or whose reading is in the
/// way.
const LOCK_WAIT: Duration = Duration::from_secs(60);

/// Why the tables could not be brought up to date.
#[derive(Debug)]
pub enum MigrationError {
    /// The database was not there, or refused a step.
    Database(Error),
    /// The database has been used by a newer binary, which took this step.
    Newer(String),
}

/// Where to bring the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// Every step taken.
    Newest,
    /// Every step taken back. All data is lost; for tests of the steps themselves.
    Nothing,
}

/// Brings the tables of the database at `url` up to date, or down to nothing.
///
/// # Errors
/// Nothing was changed then.
pub async fn run(url: &str, towards: Towards) -> Result<(), MigrationError> {
    let (place, done) = match Server::parse(url) {
        Some(server) => {
            let server = server.map_err(|said| MigrationError::Database(Error::broken(said)))?;
            (server.place(), on_postgres(server, towards).await)
        }
        None => {
            let file = sqlite_file(url).unwrap_or(url).to_owned();
            (file.clone(), apart(move || on_sqlite(&file, towards)).await)
        }
    };
    done.map_err(|error| match error {
        MigrationError::Database(error) => MigrationError::Database(error.at(&place)),
        newer @ MigrationError::Newer(_) => newer,
    })
}

fn on_sqlite(file: &str, towards: Towards) -> Result<(), MigrationError> {
    let mut connection = SqliteConnection::establish(file).map_err(connecting)?;
    let wait = format!("PRAGMA busy_timeout = {};", BUSY.as_millis());
    connection.batch_execute(&wait).map_err(refused)?;
    connection.immediate_transaction(|connection| take_steps(connection, towards))
}

async fn on_postgres(server: Server, towards: Towards) -> Result<(), MigrationError> {
    let connection = server.connect(Use::Any).await.map_err(connecting)?;
    apart(move || {
        let mut connection = AsyncConnectionWrapper::<AsyncPgConnection>::from(connection);
        connection.transaction(|connection| {
            // A step over many rows takes its time, and so do those of a process that started before.
            let begin = format!(
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {};
                SELECT pg_advisory_xact_lock({POSTGRES_LOCK})",
                LOCK_WAIT.as_millis()
            );
            connection.batch_execute(&begin).map_err(refused)?;
            take_steps(connection, towards)
        })
    })
    .await
}

/// Does what blocks on a thread where it may.
async fn apart(
    work: impl FnOnce() -> Result<(), MigrationError> + Send + 'static,
) -> Result<(), MigrationError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panic| Err(MigrationError::Database(Error::Broken(Box::new(panic)))))
}

fn take_steps<C>(connection: &mut C, towards: Towards) -> Result<(), MigrationError>
where
    C: diesel::Connection + MigrationHarness<C::Backend>,
{
    use diesel::migration::MigrationSource;
    let broken = |error| MigrationError::Database(Error::Broken(error));
    let known: Vec<MigrationVersion<'static>> = MigrationSource::<C::Backend>::migrations(&HISTORY)
        .map_err(broken)?
        .iter()
        .map(|step| step.name().version().as_owned())
        .collect();
    let taken = connection.applied_migrations().map_err(broken)?;
    if let Some(newer) = taken.iter().find(|step| !known.contains(step)) {
        return Err(MigrationError::Newer(newer.to_string()));
    }
    match towards {
        Towards::Newest => connection.run_pending_migrations(HISTORY).map(drop),
        Towards::Nothing => connection.revert_all_migrations(HISTORY).map(drop),
    }
    .map_err(broken)
}

fn connecting(error: diesel::ConnectionError) -> MigrationError {
    MigrationError::Database(Error::unavailable(error))
}

fn refused(error: diesel::result::Error) -> MigrationError {
    MigrationError::Database(error.into())
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        refused(error)
    }
}
