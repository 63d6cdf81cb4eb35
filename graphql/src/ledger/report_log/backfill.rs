//! The revisions that were there before the log: they are entered once, some in each transaction.

use domain::catalogue::Catalogue;

use super::entries::entry;
use crate::database::{
    self, Connection, ledger,
    report_log::{self, Backfill},
};

/// How many revisions are entered in one transaction: about ten milliseconds, for which others wait.
const BATCH_SIZE: i64 = 500;

/// Enters the next revisions and returns whether there may be more. The transaction has no locks yet.
pub(super) async fn enter_some(
    connection: &mut Connection,
    catalogue: &Catalogue,
) -> Result<bool, database::Error> {
    // A report does not change meanwhile; the locks of editions come before all others.
    let mut editions: Vec<_> = catalogue.editions().map(|edition| edition.id).collect();
    editions.sort_unstable();
    for edition in editions {
        ledger::lock(connection, edition).await?;
    }
    report_log::lock(connection).await?;
    let Backfill::UpTo(report, revision) = report_log::head(connection).await?.backfill else {
        return Ok(false);
    };
    let found = report_log::unlogged(connection, (report, revision), BATCH_SIZE).await?;
    let Some(last) = found.last() else {
        report_log::set_backfill(connection, Backfill::Finished).await?;
        return Ok(false);
    };
    let cursor = Backfill::UpTo(last.report, last.revision.number.cast_signed());
    let entries = found
        .iter()
        .map(|found| entry(catalogue, found.report, found.edition, &found.revision))
        .collect::<Result<_, _>>()?;
    report_log::backfill(connection, entries).await?;
    report_log::set_backfill(connection, cursor).await?;
    Ok(true)
}

/// Whether there is nothing to enter, without a lock.
pub(super) async fn is_finished(connection: &mut Connection) -> Result<bool, database::Error> {
    Ok(report_log::head(connection).await?.backfill == Backfill::Finished)
}
