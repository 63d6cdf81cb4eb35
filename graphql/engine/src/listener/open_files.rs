//! How many connections the system lets this process have: each is an open file.

use std::io;

/// Files that are no connections: the database and its log, the listener, the runtime's own.
const RESERVED_FILES: usize = 128;

/// Asks the system for as many files as so many connections need, and says for how many there are enough.
///
/// # Errors
/// If the system does not say.
#[cfg(unix)]
pub(super) fn raise_open_file_limit(most: usize) -> io::Result<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = (most + RESERVED_FILES) as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let may_have = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let has = match current {
        Some(current) if current < may_have => {
            setrlimit(Resource::Nofile, Rlimit { current: Some(may_have), maximum })?;
            may_have
        }
        Some(current) => current,
        None => wanted,
    };
    let enough = usize::try_from(has).unwrap_or(usize::MAX).saturating_sub(RESERVED_FILES).clamp(1, most);
    if enough < most {
        tracing::warn!(connections = enough, wanted = most, "the system allows fewer open files (ulimit -n)");
    }
    Ok(enough)
}

/// Not known here; the system says no when it has no more.
#[cfg(not(unix))]
pub(super) fn raise_limit_for(most: usize) -> io::Result<usize> {
    Ok(most)
}
