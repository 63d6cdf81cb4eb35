//! The counts of an edition before and after a transaction.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Counts, EditionId, Totals,
    revision::Revision,
    total::{CountUnderflow, TotalScope},
};
use jiff::Timestamp;

use crate::{
    database::{
        self, Connection,
        edition_versions::TotalsSummary,
        ledger,
        scope_versions::{self, ScopeSummary},
    },
    totals_store::TotalsSnapshot,
};

/// What a transaction counted, to be shown once it is committed.
pub(super) type CountedTotals = BTreeMap<EditionId, Counted>;

/// The count of an edition that a transaction made.
pub(super) struct Counted {
    pub(super) count: TotalsSnapshot,
    /// What was in memory while the transaction had the edition locked.
    pub(super) known: Revision,
}

/// The counts before and after a change. Memory knows the one before, unless another process was faster.
pub(super) async fn next(
    connection: &mut Connection,
    known: &Arc<TotalsSnapshot>,
    edition: EditionId,
    version: Revision,
    change: &Counts,
    now: Timestamp,
) -> Result<(Arc<TotalsSnapshot>, TotalsSnapshot), database::Error> {
    if known.revision() == version
        && let Ok(count) = known.apply(change, now)
    {
        return Ok((Arc::clone(known), count));
    }
    let before = load(connection, edition, version).await?;
    let count = before.apply(change, now).map_err(drifted)?;
    Ok((Arc::new(before), count))
}

/// The count at the version at which an edition is locked: `known` from memory, unless another process was faster.
pub(super) async fn present(
    connection: &mut Connection,
    known: &Arc<TotalsSnapshot>,
    edition: EditionId,
    version: Revision,
) -> Result<Arc<TotalsSnapshot>, database::Error> {
    if known.revision() == version {
        return Ok(Arc::clone(known));
    }
    load(connection, edition, version).await.map(Arc::new)
}

pub(super) fn drifted(drift: CountUnderflow) -> database::Error {
    database::Error::Broken(Box::new(drift))
}

/// The count that the counters say. Inside a transaction, at the version that was read in it.
pub(super) async fn load(
    connection: &mut Connection,
    edition: EditionId,
    version: Revision,
) -> Result<TotalsSnapshot, database::Error> {
    let recorded = database::edition_versions::find(connection, edition, version.number).await?;
    let as_of = recorded.map_or(Timestamp::UNIX_EPOCH, |recorded| recorded.committed_at);
    let cells = ledger::cells(connection, edition).await?;
    let tally = domain::Totals::from_cells(&cells).map_err(drifted)?;
    let corrections = database::certifications::corrections(connection, edition).await?.into();
    let reached = database::milestones::reached(connection, edition).await?.into();
    let Revision { number: version, commit } = version;
    Ok(TotalsSnapshot { version, commit, histories: 0, as_of, tally, corrections, reached })
}

/// What is written down of a count.
pub(super) fn headline(count: &TotalsSnapshot) -> TotalsSummary {
    scope_versions::summary(&count.tally, TotalScope::Edition, count.version, count.as_of)
}

/// What is written down of the totals within the edition that a change made other than they were before.
pub(super) fn changed_scopes(before: &Totals, after: &TotalsSnapshot, change: &Counts) -> Vec<ScopeSummary> {
    let summary = |tally, scope| scope_versions::summary(tally, scope, after.version, after.as_of);
    TotalScope::within(change)
        .into_iter()
        .map(|scope| (scope, summary(&after.tally, scope)))
        .filter(|(scope, now)| summary(before, *scope) != *now)
        .collect()
}
