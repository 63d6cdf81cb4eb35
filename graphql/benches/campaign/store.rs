//! Databases that are made for a round and gone afterwards.

use graphql::database::{
    Database,
    migrations::{self, MigrationTarget},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::edition::Edition;

/// Which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    /// On this server.
    Postgres(String),
}

impl Kind {
    /// SQLite, and PostgreSQL where there is one.
    pub(crate) fn all() -> Vec<Self> {
        let server = std::env::var("BENCH_DATABASE_URL").ok().filter(|url| !url.is_empty());
        [Self::Sqlite].into_iter().chain(server.map(Self::Postgres)).collect()
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// A database that nobody else uses.
pub(crate) struct Store {
    pub url: String,
    place: Place,
}

enum Place {
    Folder { _gone_with_it: TempDir },
    Schema { server: String, name: String },
}

impl Store {
    /// One without any table.
    pub(crate) async fn empty(kind: &Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite:{}", folder.path().join("bench.db").display());
                Self { url, place: Place::Folder { _gone_with_it: folder } }
            }
            Kind::Postgres(server) => {
                let name = format!("bench_{}", Uuid::now_v7().simple());
                execute(server, &format!("CREATE SCHEMA {name}")).await;
                let separator = if server.contains('?') { '&' } else { '?' };
                let url = format!("{server}{separator}options=-c%20search_path%3D{name}");
                Self { url, place: Place::Schema { server: server.clone(), name } }
            }
        }
    }

    /// One with the edition, before the first report.
    pub(crate) async fn fresh(kind: &Kind) -> (Self, Edition) {
        let store = Self::empty(kind).await;
        migrations::run(&store.url, MigrationTarget::Latest).await.expect("tables");
        let edition = Edition::import(&store.open()).await;
        (store, edition)
    }

    /// Takes the mail that waits out of a file.
    pub(crate) fn forget_mail(&self) {
        let file = self.url.strip_prefix("sqlite:").expect("a file");
        let connection = rusqlite::Connection::open(file).expect("a file");
        connection.execute("DELETE FROM outbox", ()).expect("a table");
    }

    pub(crate) fn open(&self) -> Database {
        Database::open(&self.url).expect("a database URL")
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Place::Schema { server, name } = &self.place {
            let (server, sql) = (server.clone(), format!("DROP SCHEMA {name} CASCADE"));
            // Whoever drops may be in the middle of a runtime; another thread has one of its own.
            let done = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(execute(&server, &sql));
            });
            done.join().ok();
        }
    }
}

async fn execute(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls)
        .await
        .unwrap_or_else(|error| panic!("BENCH_DATABASE_URL leads to no database: {error}"));
    let connected = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("a statement");
    drop(client);
    connected.await.expect("a connection").expect("that ends well");
}
