//! What is known of totals within an edition that was counted before they were recorded: how they stand.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{EditionId, Totals, total::TotalScope};

use super::{
    Access, Connection, Error, ledger, schema::editions, scope_versions, sql_types::SqlUuid, with_backend,
};

/// Records the totals within each edition that has none recorded, at its present version. A process that starts at the
/// same time waits for it and finds nothing to do.
///
/// # Errors
/// A database error, or [`Error::Broken`] for counters below zero; nothing was changed then.
pub(super) async fn prepare(connection: &mut Connection) -> Result<(), Error> {
    let editions: Vec<SqlUuid> = with_backend!(connection, c => {
        editions::table
            .filter(editions::scopes_recorded_since.is_not_null())
            .select(editions::id)
            .order(editions::id)
            .load(c)
            .await
    })?;
    for SqlUuid(id) in editions {
        let edition = EditionId::new(id);
        if !scope_versions::is_recorded(connection, edition).await? {
            connection
                .transaction(Access::Write, async |connection| record(connection, edition).await)
                .await?;
        }
    }
    Ok(())
}

async fn record(connection: &mut Connection, edition: EditionId) -> Result<(), Error> {
    let version = ledger::lock(connection, edition).await?.number;
    let Some(since) = scope_versions::recorded_since(connection, edition).await? else { return Ok(()) };
    if scope_versions::is_recorded(connection, edition).await? {
        return Ok(());
    }
    let cells = ledger::cells(connection, edition).await?;
    let tally = Totals::from_cells(&cells).map_err(|drift| Error::Broken(Box::new(drift)))?;
    let scopes: Vec<_> = TotalScope::within(&cells)
        .into_iter()
        .map(|scope| (scope, scope_versions::summary(&tally, scope, version, since)))
        .collect();
    scope_versions::insert(connection, edition, &scopes).await
}
