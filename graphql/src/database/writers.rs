//! The oldest version of the service that may write.
//!
//! A migration after which an older version would write wrong data stores the migration that a writer
//! has to know. Each writing transaction reads it first, and the migration waits for all of these
//! transactions, so that no older version writes during or after it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Connection, Error, error::Refusal, migration_list, schema::catalogue, with_backend};

/// Refuses a writing transaction if the tables require a newer version than this one.
pub(super) async fn check_table(connection: &mut Connection) -> Result<(), Error> {
    let oldest: Option<String> = with_backend!(connection, c => catalogue::table.select(catalogue::oldest_writer).get_result(c).await)?;
    check(oldest.as_deref())
}

/// The same check for a value that was read already.
pub(super) fn check(oldest_writer: Option<&str>) -> Result<(), Error> {
    match oldest_writer {
        Some(oldest) if oldest > migration_list::newest() => Err(Refusal::NewerVersion.into()),
        Some(_) | None => Ok(()),
    }
}
