//! The migrations that this version knows.

use std::sync::OnceLock;

use diesel::{migration::MigrationSource, pg::Pg};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// The migrations, compiled in.
pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// The mark of a database that is not complete, in the table of applied migrations: versions that do not know the mark
/// take it for a migration of a newer version, and do not use the database either.
pub(super) const UNFINISHED: &str = "unfinished";

/// The newest migration of this version.
pub(super) fn newest() -> &'static str {
    static NEWEST: OnceLock<String> = OnceLock::new();
    NEWEST.get_or_init(|| known().into_iter().max().unwrap_or_default())
}

/// The names of all migrations of this version.
pub(super) fn known() -> Vec<String> {
    let steps = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap_or_default();
    steps.iter().map(|step| step.name().version().to_string()).collect()
}
