//! Restoring a backup into a new database.

use std::path::Path;

use domain::{
    Catalogue,
    proof::{Checkpoint, SignedNote, VerifierKey},
};
use jiff::Timestamp;

use super::{
    format::{BackupError, Header, TableRows},
    reading::{Backup, check},
};
use crate::{
    database::{
        self, Connection, Database,
        creation::NewDatabase,
        migrations::known_steps,
        report_log::{self, LogHead},
        table_list::Table,
        table_rows,
    },
    ledger::recount,
};

/// How many rows are inserted by one statement, and the size of their text at most.
const MAX_ROWS: usize = 500;
const MAX_BYTES: usize = 1 << 20;

/// What becomes of a database whose counters or log differ from the ledger, as they did when it was backed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It is not restored.
    Required,
    /// It is restored, and the differences are said.
    Reported,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The header of the backup.
    pub header: Header,
    /// What differs from the ledger.
    pub differences: Vec<String>,
}

/// Restores a backup into the database at `url`, which must be missing or empty. The file is read twice: nothing is
/// made of one that is damaged. `progress` is told how many rows of how many are inserted.
///
/// # Errors
/// [`BackupError`]; what was made is removed again.
pub async fn restore(
    path: &Path,
    url: &str,
    verification: Verification,
    progress: impl FnMut(u64, u64),
) -> Result<Restored, BackupError> {
    let (header, hash) = check(path, |_, _| {})?;
    let new = NewDatabase::begin(url, Some(header.migrations.clone())).await?;
    let filled = async {
        fill(&new.database, path, &hash, progress).await?;
        new.migrate().await?;
        let differences = verify(&new.database, &header).await?;
        if verification == Verification::Required && !differences.is_empty() {
            return Err(BackupError::Differs(differences.join("; ")));
        }
        new.finish().await?;
        Ok(differences)
    };
    match filled.await {
        Ok(differences) => Ok(Restored { header, differences }),
        Err(error) => {
            new.discard().await?;
            Err(error)
        }
    }
}

/// Inserts all rows in one transaction, and counts them.
async fn fill(
    database: &Database,
    path: &Path,
    hash: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<(), BackupError> {
    let mut connection = database.connect().await?;
    let mut backup = Backup::open(path)?;
    let tables = backup.header.tables.clone();
    let all = tables.iter().map(|table| table.rows).sum();
    let mut done = 0;
    let list: Vec<Table> = tables.iter().map(|rows| rows.table.clone()).collect();
    table_rows::begin(&mut connection, &list).await?;
    for table in &tables {
        let mut batch = Batch::default();
        for _ in 0..table.rows {
            batch.add(&serde_json::Value::from(backup.row(table)?).to_string());
            done += 1;
            if batch.is_full() {
                table_rows::insert(&mut connection, &table.table, batch.take()).await?;
                progress(done, all);
            }
        }
        if batch.rows > 0 {
            table_rows::insert(&mut connection, &table.table, batch.take()).await?;
        }
        progress(done, all);
    }
    for TableRows { table, rows } in &tables {
        let found = table_rows::count(&mut connection, table).await?;
        if found != *rows {
            return Err(BackupError::Differs(format!("{} has {found} rows, not {rows}", table.name)));
        }
    }
    if backup.finish()? != hash {
        return Err(BackupError::Damaged("it has changed while it was read".to_owned()));
    }
    table_rows::commit(&mut connection).await?;
    // Tables that were empty may have become large.
    if let Err(error) = connection.refresh_statistics().await {
        tracing::warn!(cause = %error.cause(), "cannot refresh the planner's statistics");
    }
    Ok(())
}

/// Rows as the text of a JSON array.
#[derive(Default)]
struct Batch {
    text: String,
    rows: usize,
}

impl Batch {
    fn add(&mut self, row: &str) {
        self.text.push(if self.rows == 0 { '[' } else { ',' });
        self.text.push_str(row);
        self.rows += 1;
    }

    const fn is_full(&self) -> bool {
        self.rows >= MAX_ROWS || self.text.len() >= MAX_BYTES
    }

    fn take(&mut self) -> String {
        self.rows = 0;
        let mut text = std::mem::take(&mut self.text);
        text.push(']');
        text
    }
}

/// Compares the counters with the ledger, the log with its leaves, and both with the header. Returns what differs from
/// the ledger.
async fn verify(database: &Database, header: &Header) -> Result<Vec<String>, BackupError> {
    let mut connection = database.connect().await?;
    let catalogue = Catalogue::from(database::catalogue::load(&mut connection).await?);
    let mut differences = Vec::new();
    let mut editions: Vec<_> = catalogue.editions().collect();
    editions.sort_by_key(|edition| edition.year);
    if editions.len() != header.editions.len() {
        return Err(BackupError::Differs("it does not have the editions of the backup".to_owned()));
    }
    for (edition, expected) in editions.into_iter().zip(&header.editions) {
        let compared = recount::check(&mut connection, edition.id, None, Timestamp::now(), |_| {}).await?;
        differences.extend(compared.differs.iter().map(|part| format!("{}: {part}", edition.year)));
        // What is missing in an older version may be counted by its migrations.
        let (version, is_older) = (compared.version.number, header.migrations != known_steps());
        let is_right = version == expected.version || (is_older && version > expected.version);
        if i64::from(edition.year) != expected.year || !is_right {
            return Err(BackupError::Differs(format!("the version of {} is another one", edition.year)));
        }
    }
    differences.extend(verify_head(&mut connection, header).await?);
    Ok(differences)
}

/// Compares the head of the log with the header, and its signed form with both.
async fn verify_head(connection: &mut Connection, header: &Header) -> Result<Option<String>, BackupError> {
    let head: LogHead = report_log::head(connection).await?;
    if let Some(expected) = &header.log
        && (&head.origin, head.size, head.root.to_hex())
            != (&expected.origin, expected.size, expected.root.clone())
    {
        return Err(BackupError::Differs("the head of the transparency log is another one".to_owned()));
    }
    let Some(note) = &head.checkpoint else { return Ok(None) };
    let keys: Vec<_> = head.verifier_keys.iter().filter_map(|key| VerifierKey::parse(key).ok()).collect();
    let signed = SignedNote::parse(note).and_then(|note| Checkpoint::verify(&note, &keys));
    let is_right = signed.is_ok_and(|signed| {
        Some(&signed.origin) == head.origin.as_ref() && signed.size == head.size && signed.root == head.root
    });
    Ok((!is_right).then(|| "the signed head of the transparency log is not that of its leaves".to_owned()))
}
