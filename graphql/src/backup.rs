//! Backups: all rows of a database in one file that does not depend on the kind of database, and their restore.
//!
//! A backup is read from one snapshot while services go on. A restore makes a database, compares it with the file, the
//! counters with the ledger and the log with its leaves; no process can use it before all of that is done.

mod format;
mod reading;
mod restoring;
mod writing;

pub use format::{BackupError, EditionState, Header, LogState, TableRows};
pub use reading::check;
pub use restoring::{Restored, Verification, restore};
pub use writing::write;
