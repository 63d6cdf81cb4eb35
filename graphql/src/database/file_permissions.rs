//! The file of SQLite: for its owner alone, as long as it is there.
//!
//! SQLite gives `-wal` and `-shm` the mode of the file that they belong to, so that this one is made first.

use std::{fs, io, path::Path};

/// Makes the file with a mode for its owner alone, or takes the rights of others away from one that is there,
/// and from what lies beside it. A backup that others make is made by its owner, or read through a copy.
#[cfg(unix)]
pub(super) fn restrict(file: &str) {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    /// Reading and writing, for the owner.
    const PRIVATE: u32 = 0o600;
    // A database in memory, or the address of a file with parameters, which is for SQLite to read.
    if file.starts_with(':') || file.starts_with("file:") {
        return;
    }
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(file);
    if !matches!(&made, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
        // Where it cannot be made, opening it says why.
        return;
    }
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{file}{suffix}");
        let path = Path::new(&path);
        let Ok(about) = path.metadata() else { continue };
        let mode = about.permissions().mode();
        if mode & 0o077 == 0 {
            continue;
        }
        match fs::set_permissions(path, fs::Permissions::from_mode(mode & PRIVATE)) {
            Ok(()) => tracing::warn!(
                file = %path.display(),
                before = format!("{:o}", mode & 0o777),
                "others could read the database; now its owner alone can"
            ),
            Err(error) => {
                tracing::error!(file = %path.display(), %error, "others may read the database");
            }
        }
    }
}

/// Who may read a file is for the system to say.
#[cfg(not(unix))]
pub(super) fn keep(_: &str) {}
