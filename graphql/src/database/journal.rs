//! Whether the main file of an SQLite database is complete by itself.
//!
//! While a database is used, its newest commits are in the write-ahead log (`-wal`), and the header of the main file
//! says so. The last process that closes the database puts everything into the main file and says that in its header.
//! So a main file whose header names a log that is not there is not complete: it was copied while a process used it, or
//! its log was removed after a crash.

use std::{fs::File, io::Read, path::Path};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection};

/// Where the header of the main file has the versions of the formats for writing and for reading.
const FORMAT_OFFSET: usize = 18;
/// Both of them, if the newest commits are in a write-ahead log.
const WRITE_AHEAD_LOG: [u8; 2] = [2, 2];

/// Whether the header of a main file names a write-ahead log that is not there.
pub(super) fn lacks_its_log(file: &str) -> bool {
    let mut header = [0; FORMAT_OFFSET + WRITE_AHEAD_LOG.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header[FORMAT_OFFSET..] == WRITE_AHEAD_LOG && !Path::new(&format!("{file}-wal")).exists()
}

/// Puts everything into the main file and says so in its header, unless a connection of any process is open: SQLite
/// permits it only to the last one. If it cannot be done, the log stays beside the file.
pub(super) fn settle(file: &str) {
    if !Path::new(file).exists() {
        return;
    }
    let settle = || {
        let mut connection = SqliteConnection::establish(file).ok()?;
        // Without waiting: where another connection is open, this is the task of that one.
        connection.batch_execute("PRAGMA busy_timeout = 0; PRAGMA secure_delete = ON").ok()?;
        connection.batch_execute("PRAGMA journal_mode = DELETE").ok()
    };
    if settle().is_none() {
        tracing::debug!("another connection uses the database, so that its write-ahead log stays");
    }
}
