//! The limit of open files, which limits the number of connections.

use std::io;

/// Open files that are not connections: the database and its log, the listener, the runtime.
const RESERVED_FILES: usize = 128;

/// Raises the limit of open files for this number of connections, and returns how many it allows.
///
/// # Errors
/// If the limit cannot be raised.
#[cfg(unix)]
pub(super) fn raise_open_file_limit(max_connections: usize) -> io::Result<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = (max_connections + RESERVED_FILES) as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let allowed = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let granted = match current {
        Some(current) if current < allowed => {
            setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum })?;
            allowed
        }
        Some(current) => current,
        None => wanted,
    };
    let available = usize::try_from(granted)
        .unwrap_or(usize::MAX)
        .saturating_sub(RESERVED_FILES)
        .clamp(1, max_connections);
    if available < max_connections {
        tracing::warn!(
            connections = available,
            wanted = max_connections,
            "the limit of open files (ulimit -n) allows fewer connections"
        );
    }
    Ok(available)
}

/// Other systems have no such limit to raise.
#[cfg(not(unix))]
pub(super) fn raise_limit_for(max_connections: usize) -> io::Result<usize> {
    Ok(max_connections)
}
