//! The migrations that this version knows.

use std::sync::OnceLock;

use diesel::{migration::MigrationSource, pg::Pg};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// The migrations, compiled in.
pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

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
