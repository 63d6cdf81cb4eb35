//! The ledger: what its transactions lock, read and write, and its counters.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    Counts, EditionId, EventId, GroupId, event::EventTally, revision::Revision, total::CountUnderflow,
};
use uuid::Uuid;

use super::{
    Connection, Error, Inner,
    edition_versions::TotalsSummary,
    groups::{self, StoredGroup},
    reports,
    schema::{editions, total_counts, total_headcounts},
    scope_versions::ScopeSummary,
    sql_types::SqlUuid,
    with_backend,
};

mod counters;
mod entries;
mod locking;

pub use counters::cells;
pub use entries::LedgerWrites;
pub use locking::{LockedEditions, lock_all, transaction};

/// The version of an edition, locked until this transaction ends.
///
/// # Errors
/// A database error.
pub async fn lock(connection: &mut Connection, edition: EditionId) -> Result<Revision, Error> {
    match connection.inner() {
        // The transaction has the lock of the whole file already.
        Inner::Sqlite(_) => version(connection, edition).await,
        Inner::Postgres(c) => {
            let version = editions::table.find(SqlUuid(edition.uuid())).select(VERSION);
            Ok(revision(version.for_no_key_update().get_result(c).await?))
        }
    }
}

/// The version of an edition.
///
/// # Errors
/// A database error.
pub async fn version(connection: &mut Connection, edition: EditionId) -> Result<Revision, Error> {
    Ok(revision(with_backend!(connection, c => {
        editions::table.find(SqlUuid(edition.uuid())).select(VERSION).get_result(c).await
    })?))
}

/// The versions of all editions.
///
/// # Errors
/// A database error.
pub async fn versions(connection: &mut Connection) -> Result<HashMap<EditionId, Revision>, Error> {
    let rows: Vec<VersionRow> =
        with_backend!(connection, c => editions::table.select(VERSION).load(c).await)?;
    Ok(rows.into_iter().map(|row| (EditionId::new(row.0.0), revision(row))).collect())
}

/// An edition, its version, and the commit that raised it.
type VersionRow = (SqlUuid, i64, Option<SqlUuid>);

const VERSION: (editions::id, editions::version, editions::commit_id) =
    (editions::id, editions::version, editions::commit_id);

fn revision((_, number, commit): VersionRow) -> Revision {
    Revision { number, commit: commit.map(|id| id.0) }
}

/// The page size of a recount, in revisions; `progress` is called after each page.
const RECOUNT_PAGE: i64 = 5_000;

/// The result of a recount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recounted {
    /// The counters.
    pub cells: Counts,
    /// The combined reports of each event with a counted one.
    pub event_tallies: BTreeMap<EventId, EventTally>,
    /// The same of each group.
    pub group_tallies: BTreeMap<GroupId, EventTally>,
}

/// Computes the counters of an edition from its ledger. Inside a transaction, they are of one moment.
///
/// # Errors
/// A database error.
pub async fn recount(
    connection: &mut Connection,
    edition: EditionId,
    mut progress: impl FnMut(usize),
) -> Result<Recounted, Error> {
    let (mut cells, mut event_tallies, mut group_tallies) =
        (Counts::default(), BTreeMap::new(), BTreeMap::new());
    let mut after = None;
    loop {
        let page = reports::counting(connection, edition, after, RECOUNT_PAGE).await?;
        for row in &page {
            row.count_into(&mut cells, &mut event_tallies, &mut group_tallies)
                .ok_or_else(|| Error::broken("a stored report is not what it should be"))?;
        }
        progress(page.len());
        match page.last() {
            Some(last) => after = Some((last.report_id, last.revision)),
            None => break,
        }
    }
    let groups = groups::of_edition(connection, edition).await?;
    let drifted = |drift: CountUnderflow| Error::Broken(Box::new(drift));
    count_groups(&groups, &mut cells, &mut event_tallies, &mut group_tallies).map_err(drifted)?;
    for tally in event_tallies.values() {
        cells.merge(&tally.cells());
    }
    Ok(Recounted { cells, event_tallies, group_tallies })
}

/// Counts groups, the lowest first: each in the one that it is a part of, in its event, or in the totals.
fn count_groups(
    groups: &[StoredGroup],
    cells: &mut Counts,
    event_tallies: &mut BTreeMap<EventId, EventTally>,
    group_tallies: &mut BTreeMap<GroupId, EventTally>,
) -> Result<(), CountUnderflow> {
    for stored in groups {
        let group = &stored.group;
        let Some(tally) = group_tallies.get(&group.id).cloned() else { continue };
        let nothing = EventTally::new(tally.place.clone(), tally.origin);
        let above = match (group.parent, group.event) {
            (Some(parent), _) => group_tallies.entry(parent).or_insert_with(|| nothing.clone()),
            (None, Some(event)) => event_tallies.entry(event).or_insert_with(|| nothing.clone()),
            (None, None) => {
                cells.merge(&tally.cells());
                continue;
            }
        };
        above.change_group(&nothing, &tally)?;
    }
    Ok(())
}

/// Replaces the counters of an edition by those of a recount, and records the totals within it that differ from what was
/// recorded of them last. The caller holds the lock of the edition.
///
/// # Errors
/// A database error.
pub async fn replace_cells(
    connection: &mut Connection,
    edition: EditionId,
    cells: &Counts,
    headline: &TotalsSummary,
    scopes: &[ScopeSummary],
    commit: Option<Uuid>,
) -> Result<(), Error> {
    let id = SqlUuid(edition.uuid());
    with_backend!(connection, c => {
        diesel::delete(total_counts::table.filter(total_counts::edition_id.eq(id))).execute(c).await?;
        diesel::delete(total_headcounts::table.filter(total_headcounts::edition_id.eq(id))).execute(c).await?
    });
    let mut entries = LedgerWrites::default();
    entries.count(edition, cells, headline, scopes, commit);
    entries.write(connection).await
}
