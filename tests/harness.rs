//! A fresh database and a running service for each test.

use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use graphql::database::{
    Database,
    migrations::{self, Towards},
};
use jiff::Timestamp;
use tempfile::TempDir;

/// Long enough for a machine that does ten things at once; only a fault takes longer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A database that nobody else uses. It is gone when this is dropped.
pub struct Fresh {
    pub url: String,
    _file: Option<TempDir>,
    schema: Option<(String, String)>,
}

impl Fresh {
    /// An empty database with its tables.
    pub async fn database() -> Self {
        let fresh = Self::without_tables().await;
        migrations::run(&fresh.url, Towards::Newest).await.expect("the tables can be made");
        fresh
    }

    /// A database without any table.
    pub async fn without_tables() -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) if !server.is_empty() => Self::schema(server).await,
            _ => Self::file(),
        }
    }

    /// An SQLite database, whatever the others use.
    pub fn file() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { url, _file: Some(folder), schema: None }
    }

    async fn schema(server: String) -> Self {
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        execute(&server, &format!("CREATE SCHEMA {name}")).await;
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-c%20search_path%3D{name}");
        Self { url, _file: None, schema: Some((server, name)) }
    }

    pub fn open(&self) -> Database {
        Database::open(&self.url).expect("a database URL")
    }
}

impl Drop for Fresh {
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

async fn execute(server: &str, sql: &str) {
    let mut connection = AsyncPgConnection::establish(server)
        .await
        .unwrap_or_else(|error| panic!("TEST_DATABASE_URL leads to no database: {error}"));
    connection.batch_execute(sql).await.expect("a statement of the harness");
}

/// An instant.
pub fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}
