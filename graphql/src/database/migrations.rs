//! Schema migrations: run when the service starts, by one process at a time, while no other process of
//! any version reads or writes.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::{LoadConnection, SimpleConnection},
    query_builder::SqlQuery,
    query_dsl::LoadQuery,
    sql_types::Text,
};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::MigrationHarness;

use super::{
    Database, Error, STATEMENT_TIMEOUT,
    backend::{LOCK_TIMEOUT, PoolRole},
    journal,
    migration_list::{MIGRATIONS, UNFINISHED, known},
    postgres::PostgresUrl,
    scope_backfill, sources, sqlite_file, stored_forms, table_list,
};

/// The key of the PostgreSQL advisory lock: "w4r" and a one, which no other program is likely to use.
const POSTGRES_LOCK: i64 = 0x7734_7201;

/// How long the migrations wait for other processes: one that migrates, or those that use the tables.
const LOCK_WAIT: Duration = Duration::from_secs(60);
/// How long one attempt waits for the locks of all tables. Other processes that need a table wait
/// behind it as long.
const LOCK_ATTEMPT: Duration = Duration::from_secs(2);
/// The pause between two attempts, in which other processes finish what they were doing.
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Why the migrations failed.
#[derive(Debug)]
pub enum MigrationError {
    /// The database was unavailable, or a migration failed.
    Database(Error),
    /// The database was migrated by a newer binary; this is its migration.
    Newer(String),
    /// A restore or an import has begun to make the database, and has not finished.
    Unfinished,
    /// The database should be made, and has tables already.
    Exists,
}

impl std::fmt::Display for MigrationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Database(Error::Unavailable(cause)) => write!(f, "the database is not available: {cause}"),
            Self::Database(Error::Broken(cause)) => write!(f, "unexpected database error: {cause}"),
            Self::Newer(step) => write!(
                f,
                "the database has been used by a newer version of w4r (step {step} is not known here); \
                 nothing was changed"
            ),
            Self::Unfinished => f.write_str(
                "the database is not complete: the restore or import that makes it is still running, or \
                 was interrupted. If it does not run any more, begin it again with --discard-unfinished",
            ),
            Self::Exists => f.write_str("the database has tables already; nothing was changed"),
        }
    }
}

impl std::error::Error for MigrationError {}

/// The target of the migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationTarget {
    /// All migrations are applied.
    Latest,
    /// All migrations up to this one are applied, as in the version in which it was the newest. For
    /// tests of the migrations themselves.
    Step(String),
    /// All migrations are reverted. All data is lost; for tests of the migrations themselves.
    Empty,
    /// A database without tables gets these migrations, and the mark of an unfinished one: no process of any version
    /// uses it until that is removed.
    New(Vec<String>),
    /// All migrations are applied to an unfinished database.
    LatestOfUnfinished,
    /// The tables of an unfinished database are removed, with all that is in them.
    Removed,
}

/// Migrates the database at `url`.
///
/// If all migrations are applied, nothing is locked or written. Otherwise the migrations have exclusive
/// locks on all tables, from before the first of them until all are committed: a migration sees
/// everything that other processes have written, and what they write next goes into the new tables.
/// What cannot be expressed in the SQL of both databases is done in Rust after the newest migration.
///
/// # Errors
/// No change was made then.
pub async fn run(url: &str, towards: MigrationTarget) -> Result<(), MigrationError> {
    let is_newest = matches!(towards, MigrationTarget::Latest | MigrationTarget::LatestOfUnfinished);
    take(url, towards).await?;
    if is_newest {
        let database =
            Database::open(url).map_err(|message| MigrationError::Database(Error::broken(message)))?;
        let prepared = async {
            let mut connection = database.connect().await?;
            sources::prepare(&mut connection).await?;
            scope_backfill::prepare(&mut connection).await?;
            stored_forms::prepare(&mut connection).await
        };
        prepared.await.map_err(MigrationError::Database)?;
    }
    Ok(())
}

async fn take(url: &str, towards: MigrationTarget) -> Result<(), MigrationError> {
    let (place, done) = match PostgresUrl::parse(url) {
        Some(server) => {
            let server = server.map_err(|message| MigrationError::Database(Error::broken(message)))?;
            (server.place(), on_postgres(server, towards).await)
        }
        None => {
            let file = sqlite_file(url).unwrap_or(url).to_owned();
            (file.clone(), run_blocking(move || on_sqlite(&file, &towards)).await)
        }
    };
    done.map_err(|error| match error {
        MigrationError::Database(error) => MigrationError::Database(error.at(&place)),
        other => other,
    })
}

fn on_sqlite(file: &str, towards: &MigrationTarget) -> Result<(), MigrationError> {
    let lacks_its_log = journal::lacks_its_log(file);
    let done = migrate_file(file, towards);
    if !lacks_its_log {
        journal::settle(file);
    }
    done
}

fn migrate_file(file: &str, towards: &MigrationTarget) -> Result<(), MigrationError> {
    super::file_permissions::restrict(file);
    let mut connection = SqliteConnection::establish(file).map_err(connecting)?;
    let wait = format!("PRAGMA busy_timeout = {}; PRAGMA secure_delete = ON;", LOCK_TIMEOUT.as_millis());
    connection.batch_execute(&wait).map_err(refused)?;
    let look = "SELECT name FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
    if is_done(names(&mut connection, look)?, || names(&mut connection, TAKEN), towards)? {
        return Ok(());
    }
    // The transaction has an exclusive lock on the file.
    connection.immediate_transaction(|connection| migrate(connection, towards))
}

async fn on_postgres(server: PostgresUrl, towards: MigrationTarget) -> Result<(), MigrationError> {
    let connection = server.connect(PoolRole::Any, STATEMENT_TIMEOUT).await.map_err(connecting)?;
    run_blocking(move || {
        let mut connection = AsyncConnectionWrapper::<AsyncPgConnection>::from(connection);
        let look = "SELECT to_regclass('__diesel_schema_migrations')::text AS name
            WHERE to_regclass('__diesel_schema_migrations') IS NOT NULL";
        if is_done(names(&mut connection, look)?, || names(&mut connection, TAKEN), &towards)? {
            return Ok(());
        }
        connection.transaction(|connection| {
            // A migration of many rows takes time, and so do the migrations of a process that started
            // before.
            let begin = format!(
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {};
                SELECT pg_advisory_xact_lock({POSTGRES_LOCK})",
                LOCK_WAIT.as_millis()
            );
            connection.batch_execute(&begin).map_err(refused)?;
            // Another process may have migrated meanwhile. It uses the tables by now, one after the other: a lock of
            // all of them could lead to a deadlock with it.
            if is_done(names(connection, look)?, || names(connection, TAKEN), &towards)? {
                return Ok(());
            }
            lock_tables(connection)?;
            migrate(connection, &towards)
        })
    })
    .await
}

/// Locks all tables of the schema, beginning with those that a report is written to. If another process
/// holds one of them and waits for another, it can go on: all locks are released after each attempt.
fn lock_tables(connection: &mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<(), MigrationError> {
    let all = "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()
        ORDER BY tablename <> 'editions', tablename";
    let tables = names(connection, all)?;
    if tables.is_empty() {
        return Ok(());
    }
    let lock = format!(
        "SET LOCAL lock_timeout = {}; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE; SET LOCAL lock_timeout = {}",
        LOCK_ATTEMPT.as_millis(),
        tables.join(", "),
        LOCK_WAIT.as_millis()
    );
    let began_at = Instant::now();
    loop {
        let attempt = connection.transaction(|connection| connection.batch_execute(&lock));
        match attempt.map_err(Error::from) {
            Ok(()) => return Ok(()),
            Err(Error::Unavailable(cause)) if began_at.elapsed() < LOCK_WAIT => {
                tracing::warn!(%cause, "the migrations wait for the locks of other processes");
                thread::sleep(LOCK_PAUSE);
            }
            Err(error) => return Err(MigrationError::Database(error)),
        }
    }
}

/// Runs blocking work on a thread where blocking is allowed.
async fn run_blocking(
    work: impl FnOnce() -> Result<(), MigrationError> + Send + 'static,
) -> Result<(), MigrationError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panic| Err(MigrationError::Database(Error::Broken(Box::new(panic)))))
}

/// The applied migrations.
const TAKEN: &str = "SELECT version AS name FROM __diesel_schema_migrations";

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The column `name` of a statement's rows.
fn names<C>(connection: &mut C, statement: &str) -> Result<Vec<String>, MigrationError>
where
    C: diesel::Connection + LoadConnection,
    SqlQuery: LoadQuery<'static, C, Name>,
{
    let names: Vec<Name> = diesel::sql_query(statement).load(connection).map_err(refused)?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

/// Whether all migrations are applied, as far as can be read without locks.
fn is_done(
    table: Vec<String>,
    taken: impl FnOnce() -> Result<Vec<String>, MigrationError>,
    towards: &MigrationTarget,
) -> Result<bool, MigrationError> {
    if table.is_empty() || *towards != MigrationTarget::Latest {
        return Ok(false);
    }
    let (known, taken) = (known(), taken()?);
    check_known(&known, &taken)?;
    Ok(known.len() == taken.len())
}

/// The migrations of this version.
#[must_use]
pub fn known_steps() -> Vec<String> {
    known()
}

fn check_known(known: &[String], taken: &[String]) -> Result<(), MigrationError> {
    match taken.iter().find(|step| !known.contains(step)) {
        Some(mark) if mark == UNFINISHED => Err(MigrationError::Unfinished),
        Some(newer) => Err(MigrationError::Newer(newer.clone())),
        None => Ok(()),
    }
}

fn migrate<C>(connection: &mut C, towards: &MigrationTarget) -> Result<(), MigrationError>
where
    C: diesel::Connection + MigrationHarness<C::Backend>,
{
    let broken = |error| MigrationError::Database(Error::Broken(error));
    let taken = connection.applied_migrations().map_err(broken)?;
    let mut taken: Vec<_> = taken.iter().map(ToString::to_string).collect();
    let of_unfinished = matches!(towards, MigrationTarget::LatestOfUnfinished | MigrationTarget::Removed);
    if of_unfinished && taken.contains(&UNFINISHED.to_owned()) {
        taken.retain(|step| step != UNFINISHED);
    } else if of_unfinished {
        return Err(MigrationError::Exists);
    }
    check_known(&known(), &taken)?;
    let only = |connection: &mut C, wanted: &dyn Fn(String) -> bool| {
        connection
            .pending_migrations(MIGRATIONS)?
            .iter()
            .filter(|step| wanted(step.name().version().to_string()))
            .try_for_each(|step| connection.run_migration(step).map(drop))
    };
    match towards {
        MigrationTarget::Latest | MigrationTarget::LatestOfUnfinished => {
            connection.run_pending_migrations(MIGRATIONS).map(|steps| {
                if let Some(newest) = steps.last() {
                    tracing::info!(steps = steps.len(), %newest, "the tables were migrated");
                }
            })
        }
        MigrationTarget::Step(last) => only(connection, &|step| step <= *last),
        MigrationTarget::Empty => connection.revert_all_migrations(MIGRATIONS).map(drop),
        MigrationTarget::New(_) if !taken.is_empty() => return Err(MigrationError::Exists),
        MigrationTarget::New(steps) => {
            only(connection, &|step| steps.contains(&step)).map_err(broken)?;
            let mark = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{UNFINISHED}')");
            return connection.batch_execute(&mark).map_err(refused);
        }
        MigrationTarget::Removed => return remove_tables(connection, &taken),
    }
    .map_err(broken)
}

/// Removes our tables, and no others that the schema has.
fn remove_tables<C>(connection: &mut C, taken: &[String]) -> Result<(), MigrationError>
where
    C: diesel::Connection + MigrationHarness<C::Backend>,
{
    let tables = table_list::tables(taken).map_err(MigrationError::Database)?;
    // Reverting migrations of empty tables converts no rows.
    let mut remove: String =
        tables.iter().rev().map(|table| format!("DELETE FROM {};", table.name)).collect();
    remove += &format!("DELETE FROM __diesel_schema_migrations WHERE version = '{UNFINISHED}'");
    connection.batch_execute(&remove)?;
    let broken = |error| MigrationError::Database(Error::Broken(error));
    connection.revert_all_migrations(MIGRATIONS).map_err(broken)?;
    Ok(connection.batch_execute("DROP TABLE __diesel_schema_migrations")?)
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
