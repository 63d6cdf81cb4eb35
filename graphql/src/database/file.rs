//! The files of an SQLite database, and whether those that are open are still the ones under their names.
//!
//! A file that was removed or replaced goes on being written by the connections that have it open, and what they
//! write is in no file that will ever be opened again. SQLite does not look.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use diesel_async::SimpleAsyncConnection;
use tokio::sync::OnceCell;

use super::{Error, Sqlite, error::Refusal, open_sqlite};

/// The database itself, its write-ahead log, and the index of that log in shared memory.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// The files of a database by their names.
pub(super) struct DatabaseFiles {
    database: String,
    paths: [PathBuf; SUFFIXES.len()],
    opened: OnceCell<OpenedFile>,
}

/// What the first connection opened.
struct OpenedFile {
    ids: [FileId; SUFFIXES.len()],
    /// Keeps the files open: with the last connection SQLite would remove the log, and the next one would make another.
    _connection: Sqlite,
}

/// What tells a file from every other one, whatever its name is.
type FileId = (u64, u64);

impl DatabaseFiles {
    /// Those of the database in this file.
    pub(super) fn of(database: &str) -> Self {
        let path = |suffix| PathBuf::from(format!("{database}{suffix}"));
        Self { database: database.to_owned(), paths: SUFFIXES.map(path), opened: OnceCell::new() }
    }

    /// Opens the files for as long as this lives, and checks that the database is the one that was opened.
    ///
    /// # Errors
    /// [`Refusal::FileReplaced`], or that of opening.
    pub(super) async fn hold(&self) -> Result<(), Error> {
        self.opened.get_or_try_init(|| self.open()).await?;
        self.check()
    }

    async fn open(&self) -> Result<OpenedFile, Error> {
        let mut connection = open_sqlite(&self.database).await.map_err(Error::unavailable)?;
        // The log and its index are made by the first statement that reads.
        connection.batch_execute("SELECT COUNT(*) FROM sqlite_master").await?;
        let [database, log, index] = &self.paths;
        let id = |path| file_id(path).map_err(Error::unavailable);
        Ok(OpenedFile { ids: [id(database)?, id(log)?, id(index)?], _connection: connection })
    }

    /// Whether the file under the name of the database is the one that is open.
    ///
    /// # Errors
    /// [`Refusal::FileReplaced`].
    pub(super) fn check(&self) -> Result<(), Error> {
        self.check_first(1)
    }

    /// The same for all files that a commit is written to.
    ///
    /// # Errors
    /// [`Refusal::FileReplaced`].
    pub(super) fn check_all(&self) -> Result<(), Error> {
        self.check_first(SUFFIXES.len())
    }

    fn check_first(&self, files: usize) -> Result<(), Error> {
        let Some(opened) = self.opened.get() else { return Ok(()) };
        let mut pairs = self.paths.iter().zip(opened.ids).take(files);
        let are_the_same = pairs.all(|(path, opened)| file_id(path).is_ok_and(|present| present == opened));
        if are_the_same { Ok(()) } else { Err(Refusal::FileReplaced.into()) }
    }
}

fn file_id(path: &Path) -> io::Result<FileId> {
    fs::metadata(path).map(|file| id_of(&file))
}

#[cfg(unix)]
fn id_of(file: &Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino())
}

/// Windows lets no file be removed or replaced that is open.
#[cfg(not(unix))]
const fn id_of(_: &Metadata) -> FileId {
    (0, 0)
}
