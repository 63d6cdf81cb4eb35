//! Writing a backup from one snapshot of a database.

use std::io::{self, Write};

use data_encoding::HEXLOWER;
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::format::{BackupError, EditionState, FORMAT, Header, LogState, TableRows, Trailer, VERSION, fits};
use crate::database::{
    self, Access, Connection,
    table_list::{self, Table},
    table_rows,
};

/// Lines that are packed, with the hash of all of them.
struct Lines<W: Write> {
    packed: GzEncoder<W>,
    hash: Sha256,
}

impl<W: Write> Lines<W> {
    fn write(&mut self, line: &impl Serialize) -> Result<(), BackupError> {
        let mut line = serde_json::to_vec(line).map_err(io::Error::other)?;
        line.push(b'\n');
        self.hash.update(&line);
        Ok(self.packed.write_all(&line)?)
    }

    fn finish(mut self) -> Result<W, BackupError> {
        let sha256 = HEXLOWER.encode(&self.hash.clone().finalize());
        self.write(&Trailer { sha256 })?;
        Ok(self.packed.finish()?)
    }
}

/// Writes all rows of a database, as they are at one moment, and returns the header. `program` is the version of the
/// program. `progress` is told how many rows of how many are written.
///
/// # Errors
/// [`BackupError`]; what was written is of no use then.
pub async fn write<W: Write>(
    connection: &mut Connection,
    kind: &str,
    program: &str,
    to: W,
    mut progress: impl FnMut(u64, u64),
) -> Result<(Header, W), BackupError> {
    let mut lines = Lines { packed: GzEncoder::new(to, Compression::fast()), hash: Sha256::new() };
    let header = connection
        .transaction(Access::Read, async |connection| {
            let header = header(connection, kind, program).await?;
            lines.write(&header)?;
            let all = header.tables.iter().map(|table| table.rows).sum();
            let mut done = 0;
            for TableRows { table, rows } in &header.tables {
                let before = done;
                table_rows::read(connection, table, |row: Vec<Value>| {
                    if !fits(&row, &table.columns) {
                        let message = format!("a row of {} has a value of another type", table.name);
                        return Err(database::Error::Broken(message.into()).into());
                    }
                    done += 1;
                    progress(done, all);
                    lines.write(&row)
                })
                .await?;
                if done - before != *rows {
                    let message = format!("{} does not have as many rows as it says", table.name);
                    return Err(database::Error::Broken(message.into()).into());
                }
            }
            Ok::<_, BackupError>(header)
        })
        .await?;
    Ok((header, lines.finish()?))
}

async fn header(connection: &mut Connection, kind: &str, program: &str) -> Result<Header, BackupError> {
    let migrations = table_rows::applied(connection).await?;
    let mut tables = Vec::new();
    for table in table_list::tables(&migrations)? {
        let rows = table_rows::count(connection, &table).await?;
        tables.push(TableRows { table, rows });
    }
    let editions = rows_of(connection, &tables, "editions", &["year", "version"]).await?;
    let log = rows_of(connection, &tables, "report_log", &["origin", "size", "root"]).await?;
    let edition = |row: &Vec<Value>| Some(EditionState { year: row[0].as_i64()?, version: row[1].as_i64()? });
    let head = |row: &Vec<Value>| {
        let origin = row[0].as_str().map(str::to_owned);
        Some(LogState { origin, size: row[1].as_u64()?, root: row[2].as_str()?.to_owned() })
    };
    let mut editions: Vec<_> = editions.iter().filter_map(edition).collect();
    editions.sort_by_key(|edition| edition.year);
    Ok(Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: program.to_owned(),
        database: kind.to_owned(),
        taken_at: Timestamp::now(),
        migrations,
        editions,
        log: log.first().and_then(head),
        tables,
    })
}

/// Some columns of all rows of a small table, which an older version may not have.
async fn rows_of(
    connection: &mut Connection,
    tables: &[TableRows],
    name: &str,
    columns: &[&str],
) -> Result<Vec<Vec<Value>>, BackupError> {
    let Some(TableRows { table, .. }) = tables.iter().find(|rows| rows.table.name == name) else {
        return Ok(Vec::new());
    };
    let columns = columns.iter().filter_map(|name| table.columns.iter().find(|column| column.name == *name));
    let part = Table { name: table.name.clone(), columns: columns.cloned().collect() };
    let mut rows = Vec::new();
    table_rows::read(connection, &part, |row| {
        rows.push(row);
        Ok::<_, database::Error>(())
    })
    .await?;
    Ok(rows)
}
