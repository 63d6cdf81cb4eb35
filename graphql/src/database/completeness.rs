//! Where a database is, and whether its file is known to be complete.

use super::Database;

impl Database {
    /// Server and database, or the file, for people.
    #[must_use]
    pub fn place(&self) -> String {
        self.location.place()
    }

    /// Whether this is an SQLite file that was copied while a process used it, or whose `-wal` file was removed after a
    /// crash: the newest commits are missing, and nothing in the file tells how many.
    #[must_use]
    pub fn lacks_its_log(&self) -> bool {
        self.files.as_ref().is_some_and(|files| files.lacks_its_log())
    }

    /// Takes such a file for complete: the operator knows that it is.
    pub fn accept_as_complete(&self) {
        if let Some(files) = &self.files {
            files.accept_as_complete();
        }
    }
}
