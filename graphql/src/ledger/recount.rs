//! The recount: every counter compared with the ledger it was made from.

use std::collections::BTreeMap;

use domain::{EditionId, EventId, event::Evening};
use jiff::Timestamp;

use super::entering::headline;
use crate::{
    database::{self, Access, Connection, events, gatherings, ledger, versions},
    tally::Count,
};

/// Compares the counters of an edition with its ledger and keeps the result. `progress` is told
/// how many more revisions were read.
///
/// # Errors
/// That of the database.
pub async fn check(
    connection: &mut Connection,
    edition: EditionId,
    now: Timestamp,
    progress: impl FnMut(usize),
) -> Result<versions::Recount, database::Error> {
    let recount = connection
        .transaction(Access::Read, async |connection| {
            let version = ledger::version(connection, edition).await?;
            let counted = ledger::cells(connection, edition).await?;
            let recounted = ledger::recount(connection, edition, progress).await?;
            let mut evenings = events::evenings(connection, edition).await?;
            evenings.retain(|_, evening| !evening.is_empty());
            let matches = counted == recounted.cells && evenings == recounted.evenings;
            Ok::<_, database::Error>(versions::Recount { version, matches, checked_at: now })
        })
        .await?;
    connection
        .transaction(Access::Write, async |connection| {
            versions::keep_recount(connection, edition, &recount).await
        })
        .await?;
    Ok(recount)
}

/// Replaces the counters of an edition by what its ledger says.
///
/// # Errors
/// That of the database.
pub async fn repair(
    connection: &mut Connection,
    edition: EditionId,
    now: Timestamp,
    progress: impl FnMut(usize),
) -> Result<Count, database::Error> {
    connection
        .transaction(Access::Write, async |connection| {
            let version = ledger::lock(connection, edition).await? + 1;
            let ledger::Recounted { cells, evenings } =
                ledger::recount(connection, edition, progress).await?;
            repair_evenings(connection, edition, &evenings).await?;
            let tally = domain::Tally::from_cells(&cells)
                .map_err(|drift| database::Error::Broken(Box::new(drift)))?;
            let count = Count { version, as_of: now, tally };
            ledger::replace_cells(connection, edition, &cells, &headline(&count)).await?;
            let recount = versions::Recount { version, matches: true, checked_at: now };
            versions::keep_recount(connection, edition, &recount).await?;
            Ok(count)
        })
        .await
}

/// Has every event of an edition keep what its reports say together.
async fn repair_evenings(
    connection: &mut Connection,
    edition: EditionId,
    recounted: &BTreeMap<EventId, Evening>,
) -> Result<(), database::Error> {
    gatherings::raise_revision(connection).await?;
    for (event, kept) in events::evenings(connection, edition).await? {
        // Where nothing counts any more, where it was counted stays settled.
        if !recounted.contains_key(&event) && !kept.is_empty() {
            events::set_evening(connection, event, &Evening::new(kept.place, kept.channel)).await?;
        }
    }
    for (&event, evening) in recounted {
        events::set_evening(connection, event, evening).await?;
    }
    Ok(())
}
