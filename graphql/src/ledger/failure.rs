//! Failures: why the ledger could not apply a change.

use crate::database;

/// Why the ledger could not apply a change. Nothing was changed.
#[derive(Debug)]
pub enum Failure {
    /// The queue is full.
    Busy,
    /// The share of the queue of this client address is used up.
    ShareUsedUp,
    /// A database error.
    Database(database::Error),
}

impl From<database::Error> for Failure {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

/// The failure of a job that panicked.
pub(super) fn job_panicked() -> Failure {
    Failure::Database(database::Error::Broken("a job of the ledger panicked".into()))
}
