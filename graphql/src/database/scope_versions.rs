//! The history of the totals within an edition: those of sections, of cases, and of cases in sections.
//!
//! A commit that changes such a total records it at the version of the edition, cumulatively. What did not change is
//! not recorded, so that the newest record of a scope at an instant is its total then.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{CaseId, EditionId, SectionId, Totals, total::TotalScope};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Connection, Error, Inner,
    bulk_insert::{self, bulk_insert},
    edition_versions::{self, HeadlineRow, TotalsSummary},
    execute,
    schema::{editions, scope_versions},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};

/// A scope and its total at one version.
pub type ScopeSummary = (TotalScope, TotalsSummary);

/// What is written down of a scope's total at a version.
#[must_use]
pub fn summary(tally: &Totals, scope: TotalScope, version: i64, committed_at: Timestamp) -> TotalsSummary {
    let sums = tally.sums(scope);
    TotalsSummary {
        version,
        committed_at,
        letters: sums.all.letters,
        actions: sums.all.actions,
        late: sums.late.actions,
        people: sums.people,
    }
}

/// The section and the case of a scope as they are stored; the nil UUID is all of them. A group, too, would be a body.
/// `None` for the whole edition, which has records of its own ([`edition_versions`]).
pub(super) fn key(scope: TotalScope) -> Option<(SqlUuid, SqlUuid)> {
    let all = SqlUuid(Uuid::nil());
    match scope {
        TotalScope::Edition => None,
        TotalScope::Section(section) => Some((SqlUuid(section.uuid()), all)),
        TotalScope::Case(case) => Some((all, SqlUuid(case.uuid()))),
        TotalScope::SectionCase(section, case) => Some((SqlUuid(section.uuid()), SqlUuid(case.uuid()))),
    }
}

fn scope(body: SqlUuid, case: SqlUuid) -> TotalScope {
    match (body.0.is_nil(), case.0.is_nil()) {
        (true, true) => TotalScope::Edition,
        (false, true) => TotalScope::Section(SectionId::new(body.0)),
        (true, false) => TotalScope::Case(CaseId::new(case.0)),
        (false, false) => TotalScope::SectionCase(SectionId::new(body.0), CaseId::new(case.0)),
    }
}

/// The row of a scope at a version.
pub(super) struct ScopeRow {
    edition_id: SqlUuid,
    body_id: SqlUuid,
    case_id: SqlUuid,
    committed_at: SqlTimestamp,
    version: i64,
    letters: i64,
    actions: i64,
    late: i64,
    people: i64,
}

bulk_insert!(
    ScopeRow,
    scope_versions,
    edition_id,
    body_id,
    case_id,
    committed_at,
    version,
    letters,
    actions,
    late,
    people
);

impl ScopeRow {
    pub(super) fn of(edition: EditionId, (scope, summary): &ScopeSummary) -> Option<Self> {
        let (body_id, case_id) = key(*scope)?;
        Some(Self {
            edition_id: SqlUuid(edition.uuid()),
            body_id,
            case_id,
            committed_at: SqlTimestamp(summary.committed_at),
            version: summary.version,
            letters: summary.letters.cast_signed(),
            actions: summary.actions.cast_signed(),
            late: summary.late.cast_signed(),
            people: summary.people.cast_signed(),
        })
    }
}

/// The total of a scope that was current at `instant`; `None` before its first report, and before it was recorded.
///
/// # Errors
/// A database error.
pub async fn at(
    connection: &mut Connection,
    edition: EditionId,
    scope: TotalScope,
    instant: Timestamp,
) -> Result<Option<TotalsSummary>, Error> {
    let Some((body, case)) = key(scope) else {
        return edition_versions::at(connection, edition, instant).await;
    };
    let row: Option<HeadlineRow> = with_backend!(connection, c => {
        scope_versions::table
            .filter(scope_versions::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(scope_versions::body_id.eq(body))
            .filter(scope_versions::case_id.eq(case))
            .filter(scope_versions::committed_at.le(SqlTimestamp(instant)))
            .order((scope_versions::committed_at.desc(), scope_versions::version.desc()))
            .select((
                scope_versions::version,
                scope_versions::committed_at,
                scope_versions::letters,
                scope_versions::actions,
                scope_versions::late,
                scope_versions::people,
            ))
            .first(c)
            .await
            .optional()
    })?;
    row.map(TotalsSummary::read).transpose()
}

/// The newest record of each scope of an edition. It reads the whole history of the edition.
///
/// # Errors
/// A database error.
pub async fn newest(
    connection: &mut Connection,
    edition: EditionId,
) -> Result<BTreeMap<TotalScope, TotalsSummary>, Error> {
    let id = SqlUuid(edition.uuid());
    let scopes: Vec<(SqlUuid, SqlUuid)> = with_backend!(connection, c => {
        scope_versions::table
            .filter(scope_versions::edition_id.eq(id))
            .select((scope_versions::body_id, scope_versions::case_id))
            .distinct()
            .load(c)
            .await
    })?;
    let mut newest = BTreeMap::new();
    for (body, case) in scopes {
        let scope = scope(body, case);
        if let Some(summary) = at(connection, edition, scope, Timestamp::MAX).await? {
            newest.insert(scope, summary);
        }
    }
    Ok(newest)
}

/// Since when the totals within an edition are recorded; `None` is since its first report.
///
/// # Errors
/// A database error.
pub async fn recorded_since(
    connection: &mut Connection,
    edition: EditionId,
) -> Result<Option<Timestamp>, Error> {
    let since: Option<SqlTimestamp> = with_backend!(connection, c => {
        editions::table
            .find(SqlUuid(edition.uuid()))
            .select(editions::scopes_recorded_since)
            .get_result(c)
            .await
    })?;
    Ok(since.map(|since| since.0))
}

/// Whether anything is recorded within an edition.
///
/// # Errors
/// A database error.
pub(super) async fn is_recorded(connection: &mut Connection, edition: EditionId) -> Result<bool, Error> {
    let id = SqlUuid(edition.uuid());
    let is_recorded = with_backend!(connection, c => {
        let rows = scope_versions::table.filter(scope_versions::edition_id.eq(id));
        diesel::select(diesel::dsl::exists(rows)).get_result(c).await
    })?;
    Ok(is_recorded)
}

/// Records totals.
///
/// # Errors
/// A database error.
pub(super) async fn insert(
    connection: &mut Connection,
    edition: EditionId,
    scopes: &[ScopeSummary],
) -> Result<(), Error> {
    let rows: Vec<_> = scopes.iter().filter_map(|scope| ScopeRow::of(edition, scope)).collect();
    match connection.inner() {
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                rows.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))
            })
            .await?;
        }
        Inner::Postgres(c) => drop(bulk_insert::insert(&rows).execute(c).await?),
    }
    Ok(())
}
