//! The files of an SQLite database: a check that the open files are still the ones with these names.
//!
//! Connections go on writing to a file that was removed or replaced, and those writes are lost when it
//! is closed. SQLite does not check this.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use diesel_async::SimpleAsyncConnection;
use tokio::sync::OnceCell;

use super::{Error, backend::Sqlite, error::Refusal, journal, sqlite::open_sqlite};

/// The database itself, its write-ahead log, and the index of that log in shared memory.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// The paths of a database's files.
pub(super) struct DatabaseFiles {
    database: String,
    paths: [PathBuf; SUFFIXES.len()],
    opened: OnceCell<OpenedFile>,
    lacks_its_log: AtomicBool,
}

/// The identity of the files that the first connection opened.
struct OpenedFile {
    ids: [FileId; SUFFIXES.len()],
    /// Keeps the files open: when its last connection closes, SQLite removes the log, and the next
    /// connection creates another.
    _connection: Sqlite,
}

/// The identity of a file, independent of its name.
type FileId = (u64, u64);

impl DatabaseFiles {
    /// The files of this database.
    pub(super) fn of(database: &str) -> Self {
        let path = |suffix| PathBuf::from(format!("{database}{suffix}"));
        let lacks_its_log = journal::lacks_its_log(database);
        Self {
            database: database.to_owned(),
            paths: SUFFIXES.map(path),
            opened: OnceCell::new(),
            lacks_its_log: lacks_its_log.into(),
        }
    }

    /// Whether the newest commits are missing: see [`journal::lacks_its_log`].
    pub(super) fn lacks_its_log(&self) -> bool {
        self.lacks_its_log.load(Ordering::Relaxed)
    }

    /// Takes the file for complete.
    pub(super) fn accept_as_complete(&self) {
        self.lacks_its_log.store(false, Ordering::Relaxed);
    }

    /// Opens the files for as long as this lives, and checks that the database is the one that was
    /// opened.
    ///
    /// # Errors
    /// [`Refusal::FileReplaced`], or the error of opening.
    pub(super) async fn hold(&self) -> Result<(), Error> {
        self.opened.get_or_try_init(|| self.open()).await?;
        self.check()
    }

    async fn open(&self) -> Result<OpenedFile, Error> {
        let mut connection = open_sqlite(&self.database).await.map_err(Error::unavailable)?;
        // The first statement that reads creates the log and its index.
        connection.batch_execute("SELECT COUNT(*) FROM sqlite_master").await?;
        let [database, log, index] = &self.paths;
        let id = |path| file_id(path).map_err(Error::unavailable);
        Ok(OpenedFile { ids: [id(database)?, id(log)?, id(index)?], _connection: connection })
    }

    /// Checks that the database's file is the one that is open.
    ///
    /// # Errors
    /// [`Refusal::FileReplaced`].
    pub(super) fn check(&self) -> Result<(), Error> {
        self.check_first(1)
    }

    /// The same for all files that a commit writes to.
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

impl Drop for DatabaseFiles {
    /// The last connection of this process has been closed, or is closed here.
    fn drop(&mut self) {
        // Nothing is done to another file of the same name.
        let is_the_same = self.opened.initialized() && self.check().is_ok();
        drop(self.opened.take());
        if is_the_same && !self.lacks_its_log() {
            journal::settle(&self.database);
        }
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

/// Windows does not let an open file be removed or replaced.
#[cfg(not(unix))]
const fn id_of(_: &Metadata) -> FileId {
    (0, 0)
}
