//! Helper: backups of a database that are restored while services run on it.

use diesel::sql_types::Text;
use tempfile::TempDir;

use crate::harness::{TestDatabase, run_sql, server, sqlite};

/// The rows of all tables at one moment.
pub struct Snapshot(Kept);

enum Kept {
    File { folder: TempDir },
    Schema { server: String, name: String },
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Snapshot {
    /// Takes a copy of a database in use.
    pub async fn of(fresh: &TestDatabase) -> Self {
        let tables = table_names(&fresh.url).await;
        if fresh.url.starts_with("sqlite:") {
            let snapshot = Self(Kept::File { folder: TempDir::new().expect("a temporary folder") });
            run_sql(&fresh.url, &format!("VACUUM INTO '{}'", snapshot.place())).await;
            return snapshot;
        }
        let name = format!("snapshot_{}", uuid::Uuid::now_v7().simple());
        let mut copy = format!("BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE SCHEMA {name};");
        for table in tables {
            copy += &format!("CREATE TABLE {name}.{table} AS TABLE {table};");
        }
        run_sql(&fresh.url, &(copy + "COMMIT")).await;
        Self(Kept::Schema { server: server().expect("PostgreSQL"), name })
    }

    /// Puts the rows back, in one transaction, into this or into another database with the same tables.
    /// Connections to it stay open, and it is not told what happened.
    pub async fn restore(&self, fresh: &TestDatabase) {
        let tables = table_names(&fresh.url).await;
        let place = match &self.0 {
            Kept::File { .. } => "restored",
            Kept::Schema { name, .. } => name,
        };
        let mut rows = String::new();
        for table in &tables {
            let columns = columns(&fresh.url, table).await;
            rows += &format!(
                "DELETE FROM {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM {place}.{table};"
            );
        }
        let restore = match &self.0 {
            // Without looking at references: tables come in the order of their names.
            Kept::File { .. } => {
                let rows = rows.replace("DELETE FROM ", "DELETE FROM main.");
                format!(
                    "PRAGMA foreign_keys = OFF; ATTACH '{}' AS restored; BEGIN IMMEDIATE; {}; COMMIT; DETACH restored",
                    self.place(),
                    rows.replace("INSERT INTO ", "INSERT INTO main.")
                )
            }
            Kept::Schema { .. } => {
                format!("BEGIN; SET LOCAL session_replication_role = replica; {rows} COMMIT")
            }
        };
        run_sql(&fresh.url, &restore).await;
    }

    fn place(&self) -> String {
        match &self.0 {
            Kept::File { folder } => folder.path().join("snapshot.db").display().to_string(),
            Kept::Schema { name, .. } => name.clone(),
        }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Kept::Schema { server, name } = &self.0 {
            let (server, drop_schema) = (server.clone(), format!("DROP SCHEMA {name} CASCADE"));
            // The test's own runtime may be ending.
            let done = std::thread::spawn(move || {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime")
                    .block_on(run_sql(&server, &drop_schema));
            });
            done.join().ok();
        }
    }
}

/// The tables of a database.
pub async fn table_names(url: &str) -> Vec<String> {
    let of_sqlite =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let of_postgres =
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1";
    names(url, of_sqlite, of_postgres).await
}

/// The columns of a table, as a list for a statement. In a copy, or behind a step that was taken twice, they may
/// stand in another order.
async fn columns(url: &str, table: &str) -> String {
    column_names(url, table).await.join(", ")
}

/// The columns of a table.
pub async fn column_names(url: &str, table: &str) -> Vec<String> {
    let of_sqlite = format!("SELECT name FROM pragma_table_info('{table}')");
    let of_postgres = format!(
        "SELECT column_name::text AS name FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = '{table}'"
    );
    names(url, &of_sqlite, &of_postgres).await
}

/// What a statement of one database or of the other selects as `name`.
async fn names(url: &str, of_sqlite: &str, of_postgres: &str) -> Vec<String> {
    let found: Vec<Name> = match url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::RunQueryDsl;
            diesel::sql_query(of_sqlite).load(&mut sqlite(file)).expect("names")
        }
        None => {
            use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
            let mut connection = AsyncPgConnection::establish(url).await.expect("a connection");
            diesel::sql_query(of_postgres).load(&mut connection).await.expect("names")
        }
    };
    found.into_iter().map(|row| row.name).collect()
}
