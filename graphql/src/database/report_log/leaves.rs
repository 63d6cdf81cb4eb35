//! The leaves of the transparency log.

use diesel::{
    backend::Backend,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Integer},
};
use diesel_async::RunQueryDsl;
use domain::{
    EditionId, ReportId,
    proof::Hash,
    report::{ReportRevision, ReportState},
};

use crate::database::{
    Connection, Error, Inner,
    bulk_insert::{self, bulk_insert},
    execute, reports,
    schema::{report_log_leaves, report_revisions},
    sql_types::{SqlUuid, sql},
    with_backend,
};

/// A leaf that is to be written: a revision in a state.
#[derive(Clone)]
pub struct LeafEntry {
    /// The report.
    pub report: ReportId,
    /// The number of the revision.
    pub revision: u32,
    /// The state that the revision has from now on.
    pub state: ReportState,
    /// The data of the leaf.
    pub commitment: Hash,
    /// The salt and the line, in Base64.
    pub opening: String,
    /// Whether the revision is new, so that there is no earlier leaf about it.
    pub is_new: bool,
}

/// The identity of a leaf: report, revision and step.
pub type LeafKey = (ReportId, u32, i32);

/// A leaf as it is stored.
pub struct StoredLeaf {
    /// The state of the revision.
    pub state: ReportState,
    /// The salt and the line in Base64; none once the person was erased.
    pub opening: Option<String>,
    /// Its index in the log; none while it waits.
    pub position: Option<u64>,
}

/// A revision that has no leaf.
pub struct UnloggedRevision {
    /// The report.
    pub report: ReportId,
    /// The edition that it counts for.
    pub edition: EditionId,
    /// The revision.
    pub revision: ReportRevision,
}

/// The row of a leaf.
pub(in crate::database) struct LeafRow {
    report_id: SqlUuid,
    revision: i32,
    step: i32,
    state: String,
    commitment: String,
    opening: Option<String>,
}

bulk_insert!(LeafRow, report_log_leaves, report_id, revision, step, state, commitment, opening);

impl LeafRow {
    pub(in crate::database) fn of(entry: LeafEntry, step: i32) -> Self {
        Self {
            report_id: SqlUuid(entry.report.uuid()),
            revision: entry.revision.cast_signed(),
            step,
            state: entry.state.to_string(),
            commitment: entry.commitment.to_hex(),
            opening: Some(entry.opening),
        }
    }
}

/// The number of the next leaf about a revision. The caller holds the lock of the edition.
pub(in crate::database) async fn next_step(
    connection: &mut Connection,
    report: ReportId,
    revision: u32,
) -> Result<i32, Error> {
    let newest: Option<i32> = with_backend!(connection, c => {
        report_log_leaves::table
            .filter(report_log_leaves::report_id.eq(SqlUuid(report.uuid())))
            .filter(report_log_leaves::revision.eq(revision.cast_signed()))
            .order(report_log_leaves::step.desc())
            .select(report_log_leaves::step)
            .first(c)
            .await
            .optional()
    })?;
    Ok(newest.map_or(0, |step| step + 1))
}

/// Leaves that wait for a position, `limit` at most: those of one report in the order in which they were written.
///
/// # Errors
/// A database error.
pub async fn pending(connection: &mut Connection, limit: i64) -> Result<Vec<(LeafKey, Hash)>, Error> {
    let rows: Vec<(SqlUuid, i32, i32, String)> = with_backend!(connection, c => {
        report_log_leaves::table
            .filter(report_log_leaves::position.is_null())
            .order((report_log_leaves::report_id, report_log_leaves::revision, report_log_leaves::step))
            .select((
                report_log_leaves::report_id,
                report_log_leaves::revision,
                report_log_leaves::step,
                report_log_leaves::commitment,
            ))
            .limit(limit)
            .load(c)
            .await
    })?;
    rows.into_iter()
        .map(|(report, revision, step, commitment)| {
            Ok(((ReportId::new(report.0), revision.cast_unsigned(), step), hash(&commitment)?))
        })
        .collect()
}

fn hash(digits: &str) -> Result<Hash, Error> {
    Hash::from_hex(digits).ok_or_else(|| Error::broken("a stored leaf is not what it should be"))
}

/// Gives leaves their positions, from `first` on. The caller holds the lock of the head.
///
/// # Errors
/// A database error.
pub async fn assign(connection: &mut Connection, leaves: &[LeafKey], first: u64) -> Result<(), Error> {
    let positions = (first..).map(u64::cast_signed);
    let rows: Vec<Assign> = leaves
        .iter()
        .zip(positions)
        .map(|(&(report, revision, step), position)| Assign {
            report: SqlUuid(report.uuid()),
            revision: revision.cast_signed(),
            step,
            position,
        })
        .collect();
    match connection.inner() {
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| rows.into_iter().try_for_each(|row| execute(row, c))).await?;
        }
        Inner::Postgres(c) => drop(AssignAll::of(&rows).execute(c).await?),
    }
    Ok(())
}

/// Gives one leaf its position.
#[derive(Clone, Copy)]
struct Assign {
    report: SqlUuid,
    revision: i32,
    step: i32,
    position: i64,
}

impl<DB> QueryFragment<DB> for Assign
where
    DB: Backend + diesel::sql_types::HasSqlType<sql::Id>,
    SqlUuid: diesel::serialize::ToSql<sql::Id, DB>,
    i32: diesel::serialize::ToSql<Integer, DB>,
    i64: diesel::serialize::ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE report_log_leaves SET position = ");
        out.push_bind_param::<BigInt, _>(&self.position)?;
        out.push_sql(" WHERE report_id = ");
        out.push_bind_param::<sql::Id, _>(&self.report)?;
        out.push_sql(" AND revision = ");
        out.push_bind_param::<Integer, _>(&self.revision)?;
        out.push_sql(" AND step = ");
        out.push_bind_param::<Integer, _>(&self.step)
    }
}

impl QueryId for Assign {
    type QueryId = Self;

    const HAS_STATIC_QUERY_ID: bool = true;
}

/// The same for many leaves on PostgreSQL, whose text does not depend on their number.
struct AssignAll {
    reports: Vec<SqlUuid>,
    revisions: Vec<i32>,
    steps: Vec<i32>,
    positions: Vec<i64>,
}

impl AssignAll {
    fn of(rows: &[Assign]) -> Self {
        Self {
            reports: rows.iter().map(|row| row.report).collect(),
            revisions: rows.iter().map(|row| row.revision).collect(),
            steps: rows.iter().map(|row| row.step).collect(),
            positions: rows.iter().map(|row| row.position).collect(),
        }
    }
}

impl QueryFragment<Pg> for AssignAll {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE report_log_leaves AS leaf SET position = given.position FROM unnest(");
        out.push_bind_param::<Array<sql::Id>, _>(&self.reports)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.revisions)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.steps)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.positions)?;
        out.push_sql(
            ") AS given (report_id, revision, step, position) WHERE leaf.report_id = given.report_id \
             AND leaf.revision = given.revision AND leaf.step = given.step",
        );
        Ok(())
    }
}

impl QueryId for AssignAll {
    type QueryId = Self;

    const HAS_STATIC_QUERY_ID: bool = true;
}

/// The newest leaf about a revision.
///
/// # Errors
/// A database error.
pub async fn newest(
    connection: &mut Connection,
    report: ReportId,
    revision: u32,
) -> Result<Option<StoredLeaf>, Error> {
    let row: Option<(String, Option<String>, Option<i64>)> = with_backend!(connection, c => {
        report_log_leaves::table
            .filter(report_log_leaves::report_id.eq(SqlUuid(report.uuid())))
            .filter(report_log_leaves::revision.eq(revision.cast_signed()))
            .order(report_log_leaves::step.desc())
            .select((report_log_leaves::state, report_log_leaves::opening, report_log_leaves::position))
            .first(c)
            .await
            .optional()
    })?;
    let Some((state, opening, position)) = row else { return Ok(None) };
    let broken = || Error::broken("a stored leaf is not what it should be");
    let position = position.map(u64::try_from).transpose().map_err(|_| broken())?;
    Ok(Some(StoredLeaf { state: ReportState::parse(&state).ok_or_else(broken)?, opening, position }))
}

/// The data of the leaves from an index on, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn commitments(connection: &mut Connection, first: u64, limit: u64) -> Result<Vec<Hash>, Error> {
    let (first, end) = (first.cast_signed(), first.saturating_add(limit).cast_signed());
    let rows: Vec<String> = with_backend!(connection, c => {
        report_log_leaves::table
            .filter(report_log_leaves::position.ge(first))
            .filter(report_log_leaves::position.lt(end))
            .order(report_log_leaves::position)
            .select(report_log_leaves::commitment)
            .load(c)
            .await
    })?;
    rows.iter().map(|digits| hash(digits)).collect()
}

/// Removes the openings of the leaves about these reports, of which nothing else is personal.
///
/// # Errors
/// A database error.
pub async fn forget(connection: &mut Connection, reports: &[ReportId]) -> Result<(), Error> {
    for report in reports {
        let none = report_log_leaves::opening.eq(None::<String>);
        let about = report_log_leaves::report_id.eq(SqlUuid(report.uuid()));
        with_backend!(connection, c => {
            diesel::update(report_log_leaves::table.filter(about)).set(none).execute(c).await
        })?;
    }
    Ok(())
}

/// Revisions behind a cursor that are no test and have no leaf, in their order, `limit` at most.
///
/// # Errors
/// A database error.
pub async fn unlogged(
    connection: &mut Connection,
    (after, revision): (ReportId, i32),
    limit: i64,
) -> Result<Vec<UnloggedRevision>, Error> {
    let after = SqlUuid(after.uuid());
    let rows: Vec<reports::RevisionRow> = with_backend!(connection, c => {
        let logged = report_log_leaves::table
            .filter(report_log_leaves::report_id.eq(report_revisions::report_id))
            .filter(report_log_leaves::revision.eq(report_revisions::revision));
        report_revisions::table
            .filter(diesel::dsl::not(report_revisions::is_test))
            .filter(report_revisions::report_id.gt(after).or(
                report_revisions::report_id.eq(after).and(report_revisions::revision.gt(revision)),
            ))
            .filter(diesel::dsl::not(diesel::dsl::exists(logged)))
            .order((report_revisions::report_id, report_revisions::revision))
            .limit(limit)
            .load(c)
            .await
    })?;
    let read = |row: &reports::RevisionRow| {
        let (report, edition) = (ReportId::new(row.report_id.0), EditionId::new(row.edition_id.0));
        Some(UnloggedRevision { report, edition, revision: row.read()? })
    };
    let broken = || Error::broken("a stored report is not what it should be");
    rows.iter().map(|row| read(row).ok_or_else(broken)).collect()
}

/// Writes the first leaves of revisions that had none. The caller holds the locks of the editions.
///
/// # Errors
/// A database error.
pub async fn backfill(connection: &mut Connection, entries: Vec<LeafEntry>) -> Result<(), Error> {
    let rows: Vec<_> = entries.into_iter().map(|entry| LeafRow::of(entry, 0)).collect();
    match connection.inner() {
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                rows.iter().try_for_each(|row| execute(bulk_insert::insert_one(row), c))
            })
            .await?;
        }
        Inner::Postgres(_) if rows.is_empty() => {}
        Inner::Postgres(c) => drop(bulk_insert::insert(&rows).execute(c).await?),
    }
    Ok(())
}

/// The number of an edition's revisions whose newest leaf does not say their present state, or that have none.
///
/// # Errors
/// A database error.
pub async fn missing(connection: &mut Connection, edition: EditionId) -> Result<i64, Error> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    // By the primary key of the leaves, which ends with the step.
    const SQL: &str = "SELECT COUNT(*) AS number FROM report_revisions
        WHERE NOT is_test AND COALESCE((
            SELECT leaf.state FROM report_log_leaves leaf
            WHERE leaf.report_id = report_revisions.report_id AND leaf.revision = report_revisions.revision
            ORDER BY leaf.step DESC LIMIT 1
        ), '') <> state AND edition_id = ";
    let count: Count = with_backend!(connection, c => {
        let query = diesel::sql_query(SQL.to_owned() + "$1");
        query.bind::<sql::Id, _>(SqlUuid(edition.uuid())).get_result(c).await
    })?;
    Ok(count.number)
}
