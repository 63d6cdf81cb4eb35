//! The history of the world total: its headline at each version.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::EditionId;
use jiff::Timestamp;

use super::{
    Connection, Error,
    bulk_insert::bulk_insert,
    schema::{edition_versions, recounts},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// The headline of an edition's total at one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalsSummary {
    /// The version.
    pub version: i64,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// Letters.
    pub letters: u64,
    /// Actions.
    pub actions: u64,
    /// Actions that came in late.
    pub late: u64,
    /// People who wrote.
    pub people: u64,
}

/// Version, instant, letters, actions, late actions and people.
pub(super) type HeadlineRow = (i64, SqlTimestamp, i64, i64, i64, i64);

impl TotalsSummary {
    pub(super) fn read(row: HeadlineRow) -> Result<Self, Error> {
        let (version, committed_at, letters, actions, late, people) = row;
        let count = |number: i64| number.try_into().map_err(|_| Error::broken("a headline below zero"));
        Ok(Self {
            version,
            committed_at: committed_at.0,
            letters: count(letters)?,
            actions: count(actions)?,
            late: count(late)?,
            people: count(people)?,
        })
    }
}

/// The result of a recount: whether the counters equalled the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecountResult {
    /// The version that was compared.
    pub version: i64,
    /// Whether both were equal.
    pub matches: bool,
    /// When.
    pub checked_at: Timestamp,
}

/// The headline that was current at `instant`; `None` before the first report.
///
/// # Errors
/// A database error.
pub async fn at(
    connection: &mut Connection,
    edition: EditionId,
    instant: Timestamp,
) -> Result<Option<TotalsSummary>, Error> {
    let row: Option<HeadlineRow> = with_backend!(connection, c => {
        edition_versions::table
            .filter(edition_versions::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(edition_versions::committed_at.le(SqlTimestamp(instant)))
            // By time first, because there is an index on it; commits of one instant are ordered by
            // version.
            .order((edition_versions::committed_at.desc(), edition_versions::version.desc()))
            .select((
                edition_versions::version,
                edition_versions::committed_at,
                edition_versions::letters,
                edition_versions::actions,
                edition_versions::late,
                edition_versions::people,
            ))
            .first(c)
            .await
            .optional()
    })?;
    row.map(TotalsSummary::read).transpose()
}

/// The record of a version; `None` for version 0, before the first commit.
///
/// # Errors
/// A database error.
pub async fn find(
    connection: &mut Connection,
    edition: EditionId,
    version: i64,
) -> Result<Option<TotalsSummary>, Error> {
    let row: Option<HeadlineRow> = with_backend!(connection, c => {
        edition_versions::table
            .find((SqlUuid(edition.uuid()), version))
            .select((
                edition_versions::version,
                edition_versions::committed_at,
                edition_versions::letters,
                edition_versions::actions,
                edition_versions::late,
                edition_versions::people,
            ))
            .get_result(c)
            .await
            .optional()
    })?;
    row.map(TotalsSummary::read).transpose()
}

/// The row of a new version.
pub(super) struct VersionRow {
    pub(super) edition_id: SqlUuid,
    pub(super) version: i64,
    committed_at: SqlTimestamp,
    letters: i64,
    actions: i64,
    late: i64,
    people: i64,
}

bulk_insert!(VersionRow, edition_versions, edition_id, version, committed_at, letters, actions, late, people);

impl VersionRow {
    pub(super) fn of(edition: EditionId, headline: &TotalsSummary) -> Self {
        Self {
            edition_id: SqlUuid(edition.uuid()),
            version: headline.version,
            committed_at: SqlTimestamp(headline.committed_at),
            letters: headline.letters.cast_signed(),
            actions: headline.actions.cast_signed(),
            late: headline.late.cast_signed(),
            people: headline.people.cast_signed(),
        }
    }
}

/// The last recount of an edition.
///
/// # Errors
/// A database error.
pub async fn recount(
    connection: &mut Connection,
    edition: EditionId,
) -> Result<Option<RecountResult>, Error> {
    let row: Option<(i64, bool, SqlTimestamp)> = with_backend!(connection, c => {
        recounts::table
            .find(SqlUuid(edition.uuid()))
            .select((recounts::version, recounts::matches, recounts::checked_at))
            .get_result(c)
            .await
            .optional()
    })?;
    Ok(row.map(|(version, matches, at)| RecountResult { version, matches, checked_at: at.0 }))
}

/// Stores the result of a recount.
///
/// # Errors
/// A database error.
pub async fn insert_recount(
    connection: &mut Connection,
    edition: EditionId,
    recount: &RecountResult,
) -> Result<(), Error> {
    #[derive(Insertable, AsChangeset)]
    #[diesel(table_name = recounts)]
    struct Row {
        version: i64,
        matches: bool,
        checked_at: SqlTimestamp,
    }
    let row = Row {
        version: recount.version,
        matches: recount.matches,
        checked_at: SqlTimestamp(recount.checked_at),
    };
    with_backend!(connection, c => {
        diesel::insert_into(recounts::table)
            .values((recounts::edition_id.eq(SqlUuid(edition.uuid())), &row))
            .on_conflict(recounts::edition_id)
            .do_update()
            .set(&row)
            .execute(c)
            .await
    })?;
    Ok(())
}
