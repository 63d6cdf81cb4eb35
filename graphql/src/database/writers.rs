//! Which versions of the service may write.
//!
//! A step of the migrations after which an older version would write something wrong names the step that a writer
//! has to know. Each transaction that writes reads it first, and the step waits for all of them, so that no older
//! version writes beside it or behind it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Connection, Error, error::Refusal, migrations, schema::catalogue, with_backend};

/// Refuses a transaction that writes if the tables are for newer versions than this one.
pub(super) async fn check_table(connection: &mut Connection) -> Result<(), Error> {
    let oldest: Option<String> = with_backend!(connection, c => catalogue::table.select(catalogue::oldest_writer).get_result(c).await)?;
    check(oldest.as_deref())
}

/// The same for what was read already.
pub(super) fn check(oldest_writer: Option<&str>) -> Result<(), Error> {
    match oldest_writer {
        Some(oldest) if oldest > migrations::newest() => Err(Refusal::NewerVersion.into()),
        Some(_) | None => Ok(()),
    }
}
