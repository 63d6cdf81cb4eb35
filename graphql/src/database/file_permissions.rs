//! File permissions of an SQLite database: only the owner may read and write it.
//!
//! SQLite gives `-wal` and `-shm` the mode of the database's file, so that file is created first.

use std::{fs, io, path::Path};

/// Creates the file with mode 0600, or removes the permissions of others from an existing one and from
/// the files beside it. A backup by another user has to run as the owner, or read a copy.
#[cfg(unix)]
pub(super) fn restrict(file: &str) {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    /// Reading and writing, for the owner.
    const PRIVATE: u32 = 0o600;
    // A database in memory, or a `file:` URI with parameters, which SQLite parses.
    if file.starts_with(':') || file.starts_with("file:") {
        return;
    }
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(file);
    if !matches!(&made, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
        // If it cannot be created, opening it reports why.
        return;
    }
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{file}{suffix}");
        let path = Path::new(&path);
        let Ok(about) = path.metadata() else { continue };
        let mode = about.permissions().mode();
        if mode & 0o077 == 0 || !about.is_file() {
            continue;
        }
        match fs::set_permissions(path, fs::Permissions::from_mode(mode & PRIVATE)) {
            Ok(()) => tracing::warn!(
                file = %path.display(),
                before = format!("{:o}", mode & 0o777),
                "the database was readable by other users; now only its owner may read it"
            ),
            Err(error) => {
                tracing::error!(file = %path.display(), %error, "the database may be readable by other users");
            }
        }
    }
}

/// On other systems, permissions are left to the system.
#[cfg(not(unix))]
pub(super) fn keep(_: &str) {}
