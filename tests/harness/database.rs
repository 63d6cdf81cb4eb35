//! A fresh database for each test, and SQL beside the service.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use graphql::database::{
    Database,
    migrations::{self, MigrationTarget},
};
use tempfile::TempDir;

/// A database of one test. Dropping the value deletes the database.
pub struct TestDatabase {
    pub url: String,
    _file: Option<TempDir>,
    schema: Option<(String, String)>,
}

impl TestDatabase {
    /// An empty database with its tables.
    pub async fn migrated() -> Self {
        let fresh = Self::without_tables().await;
        migrations::run(&fresh.url, MigrationTarget::Latest).await.expect("the tables can be made");
        fresh
    }

    /// A database without any table.
    pub async fn without_tables() -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) if !server.is_empty() => Self::schema(server).await,
            _ => Self::file(),
        }
    }

    /// An SQLite database, also where the other tests use PostgreSQL.
    pub fn file() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { url, _file: Some(folder), schema: None }
    }

    async fn schema(server: String) -> Self {
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        execute(&server, &format!("CREATE SCHEMA {name}")).await;
        let separator = if server.contains('?') { '&' } else { '?' };
        // By its name a test finds its own connections among all others.
        let url = format!("{server}{separator}options=-c%20search_path%3D{name}&application_name={name}");
        Self { url, _file: None, schema: Some((server, name)) }
    }

    /// A database that another value deletes.
    pub fn at(url: String) -> Self {
        Self { url, _file: None, schema: None }
    }

    pub fn open(&self) -> Database {
        Database::open(&self.url).expect("a database URL")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = self.schema.take() {
            let drop_schema = async move { execute(&server, &format!("DROP SCHEMA {name} CASCADE")).await };
            // The test's own runtime is ending; another thread has time for one more statement.
            let done = std::thread::spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime")
                    .block_on(drop_schema);
            });
            done.join().ok();
        }
    }
}

/// The PostgreSQL server that the tests were given, if they were; else it is said that a test is not run.
pub fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok().filter(|server| !server.is_empty());
    if server.is_none() {
        eprintln!("not run: this needs PostgreSQL in TEST_DATABASE_URL");
    }
    server
}

/// Runs a statement without parameters on PostgreSQL.
pub async fn execute(server: &str, sql: &str) {
    try_to_execute(server, sql).await.expect("a statement of the harness");
}

/// The same, unless the server ends it.
pub async fn try_to_execute(server: &str, sql: &str) -> diesel::QueryResult<()> {
    let mut connection = AsyncPgConnection::establish(server)
        .await
        .unwrap_or_else(|error| panic!("TEST_DATABASE_URL leads to no database: {error}"));
    connection.batch_execute(sql).await
}

/// A connection beside the service, which may have the file to itself at this moment: while it writes,
/// and when the last of its own connections closes.
pub fn sqlite(file: &str) -> diesel::SqliteConnection {
    use diesel::{Connection, connection::SimpleConnection};
    let mut connection = diesel::SqliteConnection::establish(file).expect("a connection");
    connection.batch_execute("PRAGMA busy_timeout = 10000").expect("a setting");
    connection
}

/// A number that a statement selects as `number`, past all of the service's own code.
pub async fn number(url: &str, sql: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    match url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::RunQueryDsl;
            let mut connection = sqlite(file);
            diesel::sql_query(sql).get_result::<Row>(&mut connection).expect("a number").number
        }
        None => {
            use diesel_async::RunQueryDsl;
            let mut connection = AsyncPgConnection::establish(url).await.expect("a connection");
            diesel::sql_query(sql).get_result::<Row>(&mut connection).await.expect("a number").number
        }
    }
}

/// Runs statements on either database, past all of the service's own code.
pub async fn run_sql(url: &str, sql: &str) {
    match url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::connection::SimpleConnection;
            sqlite(file).batch_execute(sql).expect("statements of a test");
        }
        None => execute(url, sql).await,
    }
}
