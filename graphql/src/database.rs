//! Where everything is kept: an SQLite file or a PostgreSQL database, chosen when the service starts.
//!
//! Each query is written once and checked against both databases; `on!` is the only place that
//! asks which one it is. This room decides no rule but uniqueness.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::deadpool::managed::QueueMode;
use diesel::{
    SqliteConnection,
    connection::{Instrumentation, InstrumentationEvent},
};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolError, PoolableConnection, RecyclingMethod, deadpool,
    },
};
use tokio::sync::Notify;
use uuid::Uuid;

use graphql_engine::telemetry::Counter;

pub mod access_tokens;
pub mod attendances;
pub mod budgets;
mod bulk_insert;
pub mod calendar_tokens;
pub mod capacity;
pub mod catalogue;
pub mod edition_versions;
mod error;
pub mod event_revision;
pub mod events;
mod file;
mod file_permissions;
pub mod heartbeats;
pub mod history;
pub mod idempotency;
mod inline_blocking;
pub mod ledger;
pub mod migrations;
pub mod moderations;
pub mod notify;
pub mod outbox;
pub mod participants;
#[cfg(test)]
mod plans;
mod postgres;
pub mod reports;
mod schema;
mod scrubbing;
pub mod sources;
mod sql_types;
pub mod staff_keys;
mod statistics;
pub mod subscriptions;
mod time_limit;
mod transaction;
pub mod undelivered;
pub mod unsolicited_mail;
mod writers;

pub use error::{Error, Refusal};
use file::DatabaseFiles;
use inline_blocking::RunInline;
use postgres::PostgresUrl;
use time_limit::Stopwatch;
pub use transaction::Access;

type Sqlite = diesel_async::sync_connection_wrapper::SyncConnectionWrapper<SqliteConnection, RunInline>;
type Postgres = AsyncPgConnection;

/// Runs one query body against whichever database the connection leads to.
macro_rules! with_backend {
    ($connection:expr, $inner:ident => $body:expr) => {
        match $connection.inner() {
            $crate::database::Inner::Sqlite($inner) => $body,
            $crate::database::Inner::Postgres($inner) => $body,
        }
    };
}
use with_backend;

/// How long SQLite waits for another process that is writing, before the database counts as
/// unavailable. An import of a large file holds it for seconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request waits for a connection.
const POOL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a statement may run that no request waits for. The longest read five thousand reports, or write a
/// thousand; they take a second on a busy machine. It is more than a lock may take, so that a wait for a lock
/// is told as one.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
/// Reads of a request are short; more connections would only wait for the same two disks.
const POOL_SIZE: usize = 16;

/// A database and its connections.
#[derive(Clone)]
pub struct Database {
    location: DatabaseUrl,
    pool: Pool,
    /// Tells what this process commits from what others do.
    owner: Uuid,
    /// How many statements it was given.
    statements: Arc<Counter>,
    known_events: Arc<events::EventCache>,
    /// The files of SQLite.
    files: Option<Arc<DatabaseFiles>>,
    /// Rung after something was erased.
    erased: Arc<Notify>,
}

/// Where it is.
#[derive(Clone)]
enum DatabaseUrl {
    Sqlite(Arc<str>),
    Postgres(Arc<PostgresUrl>),
}

/// What connections are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PoolRole {
    /// Whatever it is, many at once.
    Any,
    /// The work of one writer.
    Writing,
}

#[derive(Clone)]
enum Pool {
    Sqlite(deadpool::Pool<Sqlite>),
    Postgres(deadpool::Pool<Postgres>),
}

/// A connection, for as long as somebody needs it.
pub struct Connection {
    inner: Option<Inner>,
    owner: Uuid,
    known_events: Arc<events::EventCache>,
    files: Option<Arc<DatabaseFiles>>,
    erased: Arc<Notify>,
    /// Whether this transaction erases something.
    is_erasing: bool,
    in_transaction: bool,
    /// Whether nobody else may have it afterwards.
    is_dedicated: bool,
}

/// The two kinds of connection, for [`on!`].
#[expect(
    clippy::large_enum_variant,
    reason = "it lives on the stack of one request, and a box would be one more allocation"
)]
pub(in crate::database) enum Inner {
    Sqlite(deadpool::Object<Sqlite>),
    Postgres(deadpool::Object<Postgres>),
}

/// Counts the statements of a connection, and notes when each of them begins, where that bounds it.
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
    /// Opens the database at `url`: `sqlite:FILE` or `postgres://…`. Connects when first needed.
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

    /// The same database through a connection for one writer. What PostgreSQL answers on it arrives in the
    /// writer's own thread, however busy the others are, if that is where it is first asked for.
    ///
    /// # Errors
    /// What the pool says.
    pub fn for_writing(&self) -> Result<Self, String> {
        let pool = self.location.pool(PoolRole::Writing, STATEMENT_TIMEOUT, &self.statements)?;
        Ok(Self { pool, ..self.clone() })
    }

    /// The same database through connections on which no statement runs for longer than this: what nobody
    /// waits for any more is stopped where it runs. On SQLite that goes for statements that read more rows
    /// than they give.
    ///
    /// # Errors
    /// What the pool says.
    pub fn ending_after(&self, statement_most: Duration) -> Result<Self, String> {
        let pool = self.location.pool(PoolRole::Any, statement_most, &self.statements)?;
        Ok(Self { pool, ..self.clone() })
    }

    /// Which database it is, for people.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.location {
            DatabaseUrl::Sqlite(_) => "SQLite",
            DatabaseUrl::Postgres(_) => "PostgreSQL",
        }
    }

    /// How many statements this process has given it, those that begin and end a transaction too.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.read()
    }

    /// A connection.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if none could be had in time, or it would lead to a file that is another one by now.
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
    /// For people.
    fn place(&self) -> String {
        match self {
            Self::Sqlite(file) => file.to_string(),
            Self::Postgres(server) => server.place(),
        }
    }

    /// Connections, which count their statements.
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
                // The URL has been read; there is no need to keep its password about.
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

    /// The events that were read before.
    pub(in crate::database) fn known_events(&self) -> &events::EventCache {
        &self.known_events
    }

    /// Forgets the events that were read: those that are there now may be others with the same revisions.
    pub fn forget_events(&self) {
        self.known_events.clear();
    }

    /// Takes note that this transaction erases what shall be gone from the disk too.
    pub(in crate::database) fn note_erasing(&mut self) {
        self.is_erasing = true;
    }

    /// Takes note of events that were read, unless what was read could still be taken back.
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
        // Whoever asked has gone in the middle of a transaction. In the pool the connection would
        // keep its locks until somebody takes it again; closed, it lets go of them now.
        if self.in_transaction || self.is_dedicated {
            match self.inner.take() {
                Some(Inner::Sqlite(c)) => drop(deadpool::Object::take(c)),
                Some(Inner::Postgres(c)) => drop(deadpool::Object::take(c)),
                None => {}
            }
        }
    }
}

/// Runs a statement of a loop on SQLite itself: the asynchronous way builds its text anew each time,
/// which costs as much as running it.
fn execute<Q>(statement: Q, connection: &mut SqliteConnection) -> diesel::QueryResult<()>
where
    Q: diesel::query_dsl::methods::ExecuteDsl<SqliteConnection>,
{
    diesel::query_dsl::methods::ExecuteDsl::execute(statement, connection).map(drop)
}

/// The file of an SQLite URL.
pub(crate) fn sqlite_file(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).filter(|file| !file.is_empty())
}

fn pool<C>(manager: AsyncDieselConnectionManager<C>, most: usize) -> deadpool::PoolBuilder<C>
where
    C: PoolableConnection + Send + 'static,
    AsyncDieselConnectionManager<C>: ::deadpool::managed::Manager<Type = C, Error = PoolError>,
{
    deadpool::Pool::builder(manager)
        .max_size(most)
        // The one that was in use last is the one that is most likely to be there still.
        .queue_mode(QueueMode::Lifo)
        .wait_timeout(Some(POOL_TIMEOUT))
        .create_timeout(Some(POOL_TIMEOUT))
        .runtime(::deadpool::Runtime::Tokio1)
}

/// Why there is no connection. The pool has nothing to say about it that helps.
fn no_connection(error: deadpool::PoolError) -> Error {
    match error {
        deadpool::PoolError::Backend(cause) => Error::unavailable(cause),
        error => Error::unavailable(error),
    }
}

/// How long is waited before a file is changed to WAL again.
const WAL_CHECKPOINT_PAGES: Duration = Duration::from_millis(5);
/// How much of the file each connection of SQLite may keep in memory, in KiB: the events of a country and
/// what else is read often. It is taken only as far as it is used.
const CACHE_KIB: u32 = 8 << 10;

/// Whether another connection has what a statement of SQLite needs.
fn is_locked(error: &diesel::result::Error) -> bool {
    error.to_string().contains("is locked")
}

async fn open_sqlite(file: &str) -> diesel::ConnectionResult<Sqlite> {
    let mut connection = Sqlite::establish(file).await?;
    // FULL has every commit on disk before it is told. What is deleted is overwritten, and costs nothing that could
    // be measured.
    let settings = format!(
        "PRAGMA busy_timeout = {}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
         PRAGMA cache_size = -{CACHE_KIB};",
        LOCK_TIMEOUT.as_millis()
    );
    let refused = diesel::ConnectionError::CouldntSetupConfiguration;
    connection.batch_execute(&settings).await.map_err(refused)?;
    // WAL lets readers go on while one writes. A file that is new changes to it once, and for that SQLite does not
    // wait until another process has done so.
    let began_at = Instant::now();
    loop {
        match connection.batch_execute("PRAGMA journal_mode = WAL").await {
            Ok(()) => return Ok(connection),
            Err(error) if !is_locked(&error) || began_at.elapsed() > LOCK_TIMEOUT => {
                return Err(refused(error));
            }
            Err(_) => tokio::time::sleep(WAL_CHECKPOINT_PAGES).await,
        }
    }
}
