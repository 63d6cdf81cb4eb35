//! Errors of the database.

use std::fmt;

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// Why a database operation failed. It had no effect then.
///
/// There is no `Display`: the cause is for the log and never for a client.
#[derive(Debug)]
pub enum Error {
    /// Temporary: the database is unreachable, locked or full. A retry may succeed.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    /// Permanent: unexpected content, or an incompatible server or statement.
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

/// Why the database refuses this process, where an operator has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file of the database was replaced by another one of the same name.
    FileReplaced,
    /// A newer version has changed the tables so that this one must not write.
    NewerVersion,
    /// The server is a standby, whose data may be old.
    Standby,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::FileReplaced => {
                "the file of the database, or its -wal or -shm file, was removed or replaced"
            }
            Self::NewerVersion => "a newer version of w4r has changed the tables; this one must not write",
            Self::Standby => "it is a standby server",
        })
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::unavailable(refusal)
    }
}

impl Error {
    pub(super) fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Box::new(cause))
    }

    /// The same error, with the location.
    pub(super) fn at(self, place: &str) -> Self {
        match self {
            // A refusal stays recognizable, and the location is plain from it.
            error if error.refusal().is_some() => error,
            Self::Unavailable(cause) => Self::Unavailable(format!("{place}: {cause}").into()),
            Self::Broken(cause) => Self::Broken(format!("{place}: {cause}").into()),
        }
    }

    /// Stored content cannot be read as its type.
    pub(super) fn broken(what: impl Into<String>) -> Self {
        Self::Broken(what.into().into())
    }

    /// Whether the disk was full.
    #[must_use]
    pub fn is_without_room(&self) -> bool {
        let message = self.cause().to_string();
        DISK_FULL_CODES.iter().any(|sentence| message.contains(sentence))
    }

    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Unavailable(cause) | Self::Broken(cause) => cause.downcast_ref().copied(),
        }
    }

    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> &(dyn std::error::Error + Send + Sync) {
        match self {
            Self::Unavailable(cause) | Self::Broken(cause) => &**cause,
        }
    }
}

/// SQLite errors are distinguished by their messages only. PostgreSQL has a code for each, of which
/// diesel keeps only those with a kind of their own below; so its sessions are set to English messages.
const TRANSIENT_CODES: [&str; 14] = [
    super::time_limit::ENDED,
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "terminating connection",
    "the database system is",
    "connection closed",
    "connection reset",
    "canceling statement due to",
    "deadlock detected",
    "No space left on device",
];

/// Those of them that mean that the disk is full, or that a file may not grow.
const DISK_FULL_CODES: [&str; 3] = ["database or disk is full", "disk I/O error", "No space left on device"];

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        let passing = match &error {
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::ReadOnlyTransaction,
                _,
            )
            | Diesel::BrokenTransactionManager => true,
            Diesel::DatabaseError(_, information) => {
                TRANSIENT_CODES.iter().any(|sentence| information.message().contains(sentence))
            }
            _ => false,
        };
        if passing { Self::Unavailable(Box::new(error)) } else { Self::Broken(Box::new(error)) }
    }
}
