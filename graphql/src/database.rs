//! Storage: an SQLite file or a PostgreSQL database, chosen when the service starts.
//!
//! Each query is written once and checked against both databases; `with_backend!` is the only place
//! that branches on the kind of database. Apart from uniqueness, no rule is decided here.

use std::{sync::Arc, time::Duration};

use ::deadpool::managed::QueueMode;
use diesel::{
    SqliteConnection,
    connection::{Instrumentation, InstrumentationEvent},
};
use diesel_async::{
    AsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolError, PoolableConnection, RecyclingMethod, deadpool,
    },
};
use tokio::sync::Notify;
use uuid::Uuid;

use graphql_engine::telemetry::Counter;

pub mod access_tokens;
pub mod attendances;
pub mod audit_log;
mod backend;
pub mod budgets;
mod bulk_insert;
pub mod calendar_tokens;
pub mod capacity;
pub mod catalogue;
pub mod certifications;
mod completeness;
pub mod creation;
mod diagnosis;
pub mod edition_versions;
mod error;
pub mod event_revision;
pub mod events;
mod file;
mod file_permissions;
pub mod groups;
pub mod heartbeats;
pub mod history;
pub mod idempotency;
mod inline_blocking;
mod journal;
pub mod ledger;
mod migration_list;
pub mod migrations;
pub mod milestones;
pub mod moderations;
pub mod notify;
pub mod outbox;
pub mod participants;
#[cfg(test)]
mod plans;
mod postgres;
pub mod report_log;
pub mod reports;
mod schema;
mod scope_backfill;
pub mod scope_versions;
mod scrubbing;
pub mod sources;
mod sql_types;
mod sqlite;
pub mod staff_keys;
mod statistics;
mod stored_forms;
pub mod subscriptions;
pub mod table_list;
pub mod table_rows;
mod time_limit;
mod transaction;
pub mod undelivered;
pub mod unsolicited_mail;
mod writers;
pub mod zone_data;

use backend::{LOCK_TIMEOUT, PoolRole, Postgres, Sqlite};
pub use error::{Error, Refusal};
use file::DatabaseFiles;
use postgres::PostgresUrl;
use sqlite::open_sqlite;
pub(crate) use sqlite::sqlite_file;
use time_limit::Stopwatch;
pub use transaction::Access;

/// Runs one query body against the database of a connection.
macro_rules! with_backend {
    ($connection:expr, $inner:ident => $body:expr) => {
        match $connection.inner() {
            $crate::database::Inner::Sqlite($inner) => $body,
            $crate::database::Inner::Postgres($inner) => $body,
        }
    };
}
use with_backend;

/// The time limit for getting a connection from the pool.
const POOL_TIMEOUT: Duration = Duration::from_secs(5);
/// The statement timeout of work that no request waits for. The longest statements read five thousand
/// reports or write a thousand, which takes a second on a busy machine. It is longer than the lock
/// timeout, so that a wait for a lock is reported as such.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// The size of the pool. Reads of a request are short; more connections would only wait for the same
/// two disks.
const POOL_SIZE: usize = 16;

/// A database and its connections.
#[derive(Clone)]
pub struct Database {
    location: DatabaseUrl,
    pool: Pool,
    /// The id of this process, to distinguish its commits from those of others.
    owner: Uuid,
    /// How many statements were executed.
    statements: Arc<Counter>,
    known_events: Arc<events::EventCache>,
    /// The files of an SQLite database.
    files: Option<Arc<DatabaseFiles>>,
    /// Notified after something was erased.
    erased: Arc<Notify>,
}

/// Where the database is.
#[derive(Clone)]
enum DatabaseUrl {
    Sqlite(Arc<str>),
    Postgres(Arc<PostgresUrl>),
}

#[derive(Clone)]
enum Pool {
    Sqlite(deadpool::Pool<Sqlite>),
    Postgres(deadpool::Pool<Postgres>),
}

/// A connection, which returns to its pool when it is dropped.
pub struct Connection {
    inner: Option<Inner>,
    owner: Uuid,
    known_events: Arc<events::EventCache>,
    files: Option<Arc<DatabaseFiles>>,
    erased: Arc<Notify>,
    /// Whether this transaction erases personal data.
    is_erasing: bool,
    in_transaction: bool,
    /// Whether the connection must not be reused by others.
    is_dedicated: bool,
}

/// The two kinds of connection, for [`with_backend!`].
#[expect(
    clippy::large_enum_variant,
    reason = "it lives on the stack of one request, and a box would be one more allocation"
)]
pub(in crate::database) enum Inner {
    Sqlite(deadpool::Object<Sqlite>),
    Postgres(deadpool::Object<Postgres>),
}

/// Counts the statements of a connection, and records when each one begins if a time limit applies.
struct StatementCounter(Arc<Counter>, Option<Stopwatch>);

impl Instrumentation for StatementCounter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.add(1);
            if let Some(watch) = &self.1 {
                watch.begin();
            }
        }
    }
}

impl Database {
    /// Opens the database at `url`: `sqlite:FILE` or `postgres://…`. The first use connects.
    ///
    /// # Errors
    /// A sentence about a URL of neither form.
    pub fn open(url: &str) -> Result<Self, String> {
        let (location, files) = if let Some(file) = sqlite_file(url) {
            (DatabaseUrl::Sqlite(file.into()), Some(Arc::new(DatabaseFiles::of(file))))
        } else if let Some(server) = PostgresUrl::parse(url) {
            (DatabaseUrl::Postgres(Arc::new(server?)), None)
        } else {
            return Err("the database is `sqlite:FILE` or `postgres://…`".to_owned());
        };
        let statements = Arc::default();
        let pool = location.pool(PoolRole::Any, STATEMENT_TIMEOUT, &statements)?;
        let (known_events, erased) = (Arc::default(), Arc::default());
        Ok(Self { location, pool, owner: Uuid::new_v4(), statements, known_events, files, erased })
    }

    /// The same database through one connection, for a writer. On PostgreSQL its responses arrive in
    /// the thread of its first use, which is the writer's own, however busy the other threads are.
    ///
    /// # Errors
    /// The pool's error.
    pub fn for_writing(&self) -> Result<Self, String> {
        let pool = self.location.pool(PoolRole::Writing, STATEMENT_TIMEOUT, &self.statements)?;
        Ok(Self { pool, ..self.clone() })
    }

    /// The same database with a shorter statement timeout, so that a query whose request has ended is
    /// stopped in the database. On SQLite the limit applies to statements that read more rows than they
    /// return.
    ///
    /// # Errors
    /// The pool's error.
    pub fn ending_after(&self, statement_most: Duration) -> Result<Self, String> {
        let pool = self.location.pool(PoolRole::Any, statement_most, &self.statements)?;
        Ok(Self { pool, ..self.clone() })
    }

    /// The name of the database system, for people.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.location {
            DatabaseUrl::Sqlite(_) => "SQLite",
            DatabaseUrl::Postgres(_) => "PostgreSQL",
        }
    }

    /// How many statements this process has executed, including those that begin and end transactions.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.read()
    }

    /// A connection.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if no connection was available in time, or the file was replaced
    /// meanwhile.
    pub async fn connect(&self) -> Result<Connection, Error> {
        if let Some(files) = &self.files {
            files.hold().await.map_err(|error| error.at(&self.location.place()))?;
        }
        let inner = match &self.pool {
            Pool::Sqlite(pool) => pool.get().await.map(Inner::Sqlite),
            Pool::Postgres(pool) => pool.get().await.map(Inner::Postgres),
        };
        let inner = inner.map_err(|error| no_connection(error).at(&self.location.place()))?;
        Ok(Connection {
            inner: Some(inner),
            owner: self.owner,
            known_events: Arc::clone(&self.known_events),
            files: self.files.clone(),
            erased: Arc::clone(&self.erased),
            is_erasing: false,
            in_transaction: false,
            is_dedicated: false,
        })
    }
}

impl DatabaseUrl {
    /// The location, for people.
    fn place(&self) -> String {
        match self {
            Self::Sqlite(file) => file.to_string(),
            Self::Postgres(server) => server.place(),
        }
    }

    /// A pool of connections that count their statements.
    fn pool(
        &self,
        usage: PoolRole,
        statement_most: Duration,
        statements: &Arc<Counter>,
    ) -> Result<Pool, String> {
        let counting = Arc::clone(statements);
        let most = match usage {
            PoolRole::Any => POOL_SIZE,
            PoolRole::Writing => 1,
        };
        match self {
            Self::Sqlite(file) => {
                let mut config = ManagerConfig::<Sqlite>::default();
                config.recycling_method = RecyclingMethod::Fast;
                config.custom_setup = Box::new(move |file| {
                    let watch = Stopwatch::new();
                    let counting = StatementCounter(Arc::clone(&counting), Some(watch.clone()));
                    Box::pin(async move {
                        let mut connection = open_sqlite(file).await?;
                        let bound = connection.spawn_blocking(move |c| watch.bind(c, statement_most)).await;
                        bound.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                        connection.set_instrumentation(counting);
                        Ok(connection)
                    })
                });
                let manager = AsyncDieselConnectionManager::new_with_config(&**file, config);
                pool(manager, most).build().map(Pool::Sqlite).map_err(|error| error.to_string())
            }
            Self::Postgres(server) => {
                let server = Arc::clone(server);
                let mut config = ManagerConfig::<Postgres>::default();
                config.recycling_method = RecyclingMethod::Fast;
                config.custom_setup = Box::new(move |_| {
                    let (server, counting) =
                        (Arc::clone(&server), StatementCounter(Arc::clone(&counting), None));
                    Box::pin(async move {
                        let mut connection = server.connect(usage, statement_most).await?;
                        connection.set_instrumentation(counting);
                        Ok(connection)
                    })
                });
                // The URL was parsed already; without it the pool holds no password.
                let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
                let pool =
                    pool(manager, most).pre_recycle(deadpool::Hook::async_fn(postgres::ping_if_idle)).build();
                pool.map(Pool::Postgres).map_err(|error| error.to_string())
            }
        }
    }
}

impl Connection {
    pub(in crate::database) fn inner(&mut self) -> &mut Inner {
        self.inner.as_mut().expect("a connection is taken apart only when it is dropped")
    }

    /// The cache of event rows.
    pub(in crate::database) fn known_events(&self) -> &events::EventCache {
        &self.known_events
    }

    /// Clears the cache of event rows: after a restore, different events may have the same revisions.
    pub fn forget_events(&self) {
        self.known_events.clear();
    }

    /// Records that this transaction erases data, which must be removed from the disk too.
    pub(in crate::database) fn note_erasing(&mut self) {
        self.is_erasing = true;
    }

    /// Adds events to the cache, unless the transaction that read them could still be rolled back.
    pub(in crate::database) fn note_events<'a>(
        &self,
        read: impl IntoIterator<Item = &'a events::StoredEvent>,
    ) {
        if !self.in_transaction {
            self.known_events.insert(read);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The task was cancelled in the middle of a transaction. In the pool the connection would keep
        // its locks until it is used again; closing it releases them now.
        if self.in_transaction || self.is_dedicated {
            match self.inner.take() {
                Some(Inner::Sqlite(c)) => drop(deadpool::Object::take(c)),
                Some(Inner::Postgres(c)) => drop(deadpool::Object::take(c)),
                None => {}
            }
        }
    }
}

/// Runs a statement of a loop on the synchronous connection: the asynchronous one builds the text of
/// the statement anew each time, which costs as much as running it.
fn execute<Q>(statement: Q, connection: &mut SqliteConnection) -> diesel::QueryResult<()>
where
    Q: diesel::query_dsl::methods::ExecuteDsl<SqliteConnection>,
{
    diesel::query_dsl::methods::ExecuteDsl::execute(statement, connection).map(drop)
}

fn pool<C>(manager: AsyncDieselConnectionManager<C>, most: usize) -> deadpool::PoolBuilder<C>
where
    C: PoolableConnection + Send + 'static,
    AsyncDieselConnectionManager<C>: ::deadpool::managed::Manager<Type = C, Error = PoolError>,
{
    deadpool::Pool::builder(manager)
        .max_size(most)
        // The connection that was used last is the most likely to be still open.
        .queue_mode(QueueMode::Lifo)
        .wait_timeout(Some(POOL_TIMEOUT))
        .create_timeout(Some(POOL_TIMEOUT))
        .runtime(::deadpool::Runtime::Tokio1)
}

/// The error for a missing connection. The pool's own error contains nothing else of use.
fn no_connection(error: deadpool::PoolError) -> Error {
    match error {
        deadpool::PoolError::Backend(cause) => Error::unavailable(cause),
        error => Error::unavailable(error),
    }
}
