//! The tables after given migrations: columns, their types, and an order in which rows can be inserted.
//!
//! The list is read from a database in memory that has just these migrations, so that it is right for every version
//! and forgets no column. Both databases have the same tables. Other tables of a PostgreSQL schema are not ours.

use std::collections::BTreeSet;

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{Nullable, Text},
};
use diesel_migrations::MigrationHarness;
use serde::{Deserialize, Serialize};

use super::{Error, migration_list::MIGRATIONS};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
}

/// The type of a column: see `migrations/README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// `UUID`.
    Uuid,
    /// `TIMESTAMPTZ`.
    Instant,
    /// `TEXT`.
    Text,
    /// `BIGINT`, `INTEGER` or `SMALLINT`.
    Integer,
    /// `BOOLEAN`.
    Boolean,
}

impl ColumnKind {
    fn of(declared: &str) -> Result<Self, Error> {
        Ok(match declared {
            "UUID" => Self::Uuid,
            "TIMESTAMPTZ" => Self::Instant,
            "TEXT" => Self::Text,
            "BIGINT" | "INTEGER" | "SMALLINT" => Self::Integer,
            "BOOLEAN" => Self::Boolean,
            other => return Err(Error::broken(format!("`{other}` is not a type of our columns"))),
        })
    }
}

#[derive(QueryableByName)]
struct Described {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    about: Option<String>,
}

/// The tables after these migrations. A table comes after those that its foreign keys name.
///
/// # Errors
/// A migration that is not known here.
pub fn tables(applied: &[String]) -> Result<Vec<Table>, Error> {
    let mut connection = SqliteConnection::establish(":memory:").map_err(Error::unavailable)?;
    let pending = connection.pending_migrations(MIGRATIONS).map_err(Error::Broken)?;
    let names: Vec<_> = pending.iter().map(|step| step.name().version().to_string()).collect();
    if let Some(unknown) = applied.iter().find(|step| !names.contains(step)) {
        return Err(Error::broken(format!("the step {unknown} is not known")));
    }
    for (step, _) in pending.iter().zip(&names).filter(|(_, name)| applied.contains(name)) {
        connection.run_migration(step).map_err(Error::Broken)?;
    }
    let mut read = |sql: &str| sql_query(sql).load::<Described>(&mut connection).map_err(Error::from);
    let mut waiting = Vec::new();
    for Described { name, .. } in read(
        "SELECT name, NULL AS about FROM sqlite_master
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '__diesel_schema_migrations' ORDER BY name",
    )? {
        let columns = read(&format!(
            "SELECT name, type AS about FROM pragma_table_info('{name}') ORDER BY cid"
        ))?;
        let columns = columns.into_iter().map(|column| {
            let kind = ColumnKind::of(&column.about.unwrap_or_default())?;
            Ok(Column { name: column.name, kind })
        });
        let columns = columns.collect::<Result<_, Error>>()?;
        let named = read(&format!(
            "SELECT \"table\" AS name, NULL AS about FROM pragma_foreign_key_list('{name}')"
        ))?;
        let named: BTreeSet<_> =
            named.into_iter().map(|other| other.name).filter(|other| *other != name).collect();
        waiting.push((Table { name, columns }, named));
    }
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_there = |name: &String| ordered.iter().any(|table| table.name == *name);
        let Some(next) = waiting.iter().position(|(_, named)| named.iter().all(is_there)) else {
            return Err(Error::broken("tables name each other in a circle"));
        };
        ordered.push(waiting.remove(next).0);
    }
    Ok(ordered)
}
