//! The file of a backup: gzip of lines of JSON. The first line is the header, the last one the SHA-256 of all lines
//! before it, and each line between them a row of a table, in the order of the header.

use std::{fmt, io};

use serde::{Deserialize, Serialize};

use crate::database::{
    self,
    migrations::MigrationError,
    table_list::{Column, ColumnKind, Table},
};

/// The name of the format, in each header.
pub(super) const FORMAT: &str = "w4r-backup";
/// The version of the format. Another version is refused.
pub(super) const VERSION: u32 = 1;

/// The first line of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    pub(super) format: String,
    pub(super) version: u32,
    /// The version of the program that made it.
    pub program: String,
    /// The kind of database that it was made from.
    pub database: String,
    /// When it was made.
    pub taken_at: jiff::Timestamp,
    /// The migrations of the tables.
    pub migrations: Vec<String>,
    /// The editions, with the version of their totals.
    pub editions: Vec<EditionState>,
    /// The head of the transparency log.
    pub log: Option<LogState>,
    /// The tables in the order of their rows.
    pub tables: Vec<TableRows>,
}

/// The total of an edition in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionState {
    /// The year.
    pub year: i64,
    /// The version of its total.
    pub version: i64,
}

/// The head of the transparency log in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogState {
    /// The name of the log; none before its first head.
    pub origin: Option<String>,
    /// The number of its leaves.
    pub size: u64,
    /// The root of their tree, in hexadecimal digits.
    pub root: String,
}

/// A table in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    /// The table.
    #[serde(flatten)]
    pub table: Table,
    /// The number of its rows.
    pub rows: u64,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trailer {
    pub sha256: String,
}

/// Why there is no backup, or why it is not restored.
#[derive(Debug)]
pub enum BackupError {
    /// The file cannot be written or read.
    File(io::Error),
    /// The file is damaged, cut off, or no backup.
    Damaged(String),
    /// The file was made by a newer version of the program.
    Newer(String),
    /// The restored database is not the one that was backed up.
    Differs(String),
    /// The database cannot be used.
    Database(database::Error),
    /// The tables cannot be made.
    Migration(MigrationError),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "{error}"),
            Self::Damaged(what) => write!(f, "the backup is damaged, cut off or no backup: {what}"),
            Self::Newer(what) => write!(f, "the backup was made by a newer version of w4r ({what})"),
            Self::Differs(what) => write!(f, "the restored database is not right: {what}"),
            Self::Database(database::Error::Unavailable(cause)) => {
                write!(f, "the database is not available: {cause}")
            }
            Self::Database(database::Error::Broken(cause)) => {
                write!(f, "unexpected database error: {cause}")
            }
            Self::Migration(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<database::Error> for BackupError {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

impl From<MigrationError> for BackupError {
    fn from(error: MigrationError) -> Self {
        Self::Migration(error)
    }
}

/// Whether a row has a value of the right type for each column of its table.
pub(super) fn fits(row: &[serde_json::Value], columns: &[Column]) -> bool {
    let is_of_kind = |(value, column): (&serde_json::Value, &Column)| {
        value.is_null()
            || match column.kind {
                ColumnKind::Uuid => value.as_str().is_some_and(|digits| {
                    digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
                }),
                ColumnKind::Text => value.is_string(),
                ColumnKind::Instant | ColumnKind::Integer => value.is_i64(),
                ColumnKind::Boolean => matches!(value.as_i64(), Some(0 | 1)),
            }
    };
    row.len() == columns.len() && row.iter().zip(columns).all(is_of_kind)
}
