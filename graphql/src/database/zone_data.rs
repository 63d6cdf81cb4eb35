//! The release of the time zone database by which the instants of sessions were worked out last.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Connection, Error, schema::zone_data, with_backend};

/// The newest release that a process has worked instants out by, such as `2026f`; empty before the first.
///
/// # Errors
/// A database error.
pub async fn version(connection: &mut Connection) -> Result<String, Error> {
    Ok(with_backend!(connection, c => zone_data::table.select(zone_data::version).get_result(c).await)?)
}

/// Records the release by which all instants were worked out.
///
/// # Errors
/// A database error.
pub async fn set_version(connection: &mut Connection, version: &str) -> Result<(), Error> {
    with_backend!(connection, c => {
        diesel::update(zone_data::table).set(zone_data::version.eq(version)).execute(c).await
    })?;
    Ok(())
}
