//! Reading a backup: its header, its rows, and its hash.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use data_encoding::HEXLOWER;
use flate2::bufread::GzDecoder;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::format::{BackupError, FORMAT, Header, TableRows, Trailer, VERSION, fits};
use crate::database::table_list;

/// The longest line: a row has texts of some hundred kilobytes at most.
const MAX_LINE_BYTES: u64 = 64 << 20;
/// The header of gzip without name and time. In another one, a changed byte would go unnoticed.
const GZIP: [u8; 8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];

/// A backup whose header was read.
pub(super) struct Backup {
    lines: BufReader<GzDecoder<BufReader<File>>>,
    hash: Sha256,
    pub header: Header,
}

fn damaged(what: impl ToString) -> BackupError {
    BackupError::Damaged(what.to_string())
}

impl Backup {
    /// Opens a file and reads its header.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let mut file = BufReader::new(File::open(path)?);
        if !file.fill_buf()?.starts_with(&GZIP) {
            return Err(damaged("it does not begin as a backup does"));
        }
        let mut lines = BufReader::new(GzDecoder::new(file));
        let mut hash = Sha256::new();
        let line = line(&mut lines, &mut hash)?;
        let header = read_header(&line)?;
        Ok(Self { lines, hash, header })
    }

    /// The next row of a table.
    pub fn row(&mut self, table: &TableRows) -> Result<Vec<Value>, BackupError> {
        let line = line(&mut self.lines, &mut self.hash)?;
        let row: Vec<Value> = parse(&line)?;
        if !fits(&row, &table.table.columns) {
            return Err(damaged(format!("a row of {} does not fit its columns", table.table.name)));
        }
        Ok(row)
    }

    /// Compares the hash of all lines with the last one, and looks whether anything follows it. Returns the hash.
    pub fn finish(mut self) -> Result<String, BackupError> {
        let computed = HEXLOWER.encode(&self.hash.clone().finalize());
        let Trailer { sha256 } = parse(&line(&mut self.lines, &mut self.hash)?)?;
        let rest = self.lines.read(&mut [0]).map_err(damaged)?;
        if sha256 != computed {
            return Err(damaged("its hash is another one"));
        }
        let mut file = self.lines.into_inner().into_inner();
        if rest > 0 || !file.fill_buf()?.is_empty() {
            return Err(damaged("something follows its end"));
        }
        Ok(computed)
    }
}

/// The next line, which is added to the hash.
fn line(lines: &mut impl BufRead, hash: &mut Sha256) -> Result<Vec<u8>, BackupError> {
    let mut line = Vec::new();
    lines.take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(damaged)?;
    if line.pop() != Some(b'\n') {
        return Err(damaged("it is cut off, or a line is too long"));
    }
    hash.update(&line);
    hash.update(b"\n");
    Ok(line)
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, BackupError> {
    serde_json::from_slice(line).map_err(|error| damaged(format!("a line cannot be read: {error}")))
}

fn read_header(line: &[u8]) -> Result<Header, BackupError> {
    #[derive(Deserialize)]
    struct Kind {
        format: String,
        version: u32,
    }
    let Kind { format, version } = parse(line)?;
    if format != FORMAT {
        return Err(damaged("it is of another format"));
    }
    if version != VERSION {
        return Err(BackupError::Newer(format!("version {version} of the format is not known here")));
    }
    let header: Header = parse(line)?;
    let known = crate::database::migrations::known_steps();
    if let Some(step) = header.migrations.iter().find(|step| !known.contains(step)) {
        return Err(BackupError::Newer(format!("step {step} is not known here")));
    }
    let expected = table_list::tables(&header.migrations)?;
    if let Some(table) = expected.iter().find(|table| !header.tables.iter().any(|rows| rows.table == **table))
    {
        return Err(damaged(format!("the table {} is missing or has other columns", table.name)));
    }
    if !header.tables.iter().map(|rows| &rows.table).eq(&expected) {
        return Err(damaged("its tables are not those of its version"));
    }
    Ok(header)
}

/// Reads a whole backup and compares its rows with its header and its hash; returns both. `progress` is told how many
/// rows of how many are read.
///
/// # Errors
/// [`BackupError`].
pub fn check(path: &Path, mut progress: impl FnMut(u64, u64)) -> Result<(Header, String), BackupError> {
    let mut backup = Backup::open(path)?;
    let header = backup.header.clone();
    let all = header.tables.iter().map(|table| table.rows).sum();
    let mut done = 0;
    for table in &header.tables {
        for _ in 0..table.rows {
            backup.row(table)?;
            done += 1;
            progress(done, all);
        }
    }
    let hash = backup.finish()?;
    Ok((header, hash))
}
