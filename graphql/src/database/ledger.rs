//! What one commit of the ledger writes, and the counters it keeps.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType},
};
use diesel_async::RunQueryDsl;
use domain::{
    ActionKind, CaseId, Cells, Country, EditionId, EventId, Region, ReportId, SectionId,
    event::Evening,
    report::Channel,
    total::{Cell, CellKey, HeadKey, Heads, Place},
};
use tokio::try_join;
use uuid::Uuid;

use super::{
    Connection, Error, Inner,
    batch::{self, rows},
    bell,
    column::{Id, sql},
    execute, on,
    reports::{self, Kept, RevisionRow},
    tables::{editions, ledger_keys, tally_cells, tally_heads},
    versions::{Headline, VersionRow},
};
use crate::secret::Hash;

/// What an idempotency key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The fingerprint of the content it came with.
    pub fingerprint: Hash,
    /// The report it led to.
    pub report: ReportId,
    /// The revision that was made or decided about.
    pub revision: u32,
}

/// The version of an edition, which no other commit changes before this transaction has ended.
///
/// # Errors
/// That of the database.
pub async fn lock(connection: &mut Connection, edition: EditionId) -> Result<i64, Error> {
    match connection.inner() {
        // The transaction has the lock of the whole file already.
        Inner::Sqlite(_) => version(connection, edition).await,
        Inner::Postgres(c) => {
            let version = editions::table.find(Id(edition.uuid())).select(editions::version);
            Ok(version.for_no_key_update().get_result(c).await?)
        }
    }
}

/// The version of an edition.
///
/// # Errors
/// That of the database.
pub async fn version(connection: &mut Connection, edition: EditionId) -> Result<i64, Error> {
    Ok(on!(connection, c => {
        editions::table.find(Id(edition.uuid())).select(editions::version).get_result(c).await
    })?)
}

/// The versions of all editions.
///
/// # Errors
/// That of the database.
pub async fn versions(connection: &mut Connection) -> Result<HashMap<EditionId, i64>, Error> {
    let rows: Vec<(Id, i64)> =
        on!(connection, c => editions::table.select((editions::id, editions::version)).load(c).await)?;
    Ok(rows.into_iter().map(|(id, version)| (EditionId::new(id.0), version)).collect())
}

/// The versions of editions, which no other commit changes before this transaction has ended, and what those of
/// the keys were used for that were used before it had all the locks.
///
/// # Errors
/// That of the database.
pub async fn lock_all(
    connection: &mut Connection,
    editions: &BTreeSet<EditionId>,
    keys: &[Hash],
) -> Result<(BTreeMap<EditionId, i64>, HashMap<Hash, Used>), Error> {
    type Row = (String, String, Id, i32);
    let editions: Vec<Id> = editions.iter().map(|edition| Id(edition.uuid())).collect();
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let version = (editions::id, editions::version);
    let usage =
        (ledger_keys::key_hash, ledger_keys::fingerprint, ledger_keys::report_id, ledger_keys::revision);
    let (versions, rows): (Vec<(Id, i64)>, Vec<Row>) = match connection.inner() {
        // A list of another length is another statement to SQLite; one look-up is always the same. And the
        // transaction has the lock of the whole file already.
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                let find_edition = |edition| {
                    let query = editions::table.find(edition).select(version);
                    diesel::RunQueryDsl::get_result(query, c)
                };
                let versions = editions.into_iter().map(find_edition).collect::<QueryResult<Vec<_>>>()?;
                let find_key = |key| {
                    let query = ledger_keys::table.find(key).select(usage);
                    diesel::RunQueryDsl::get_result(query, c).optional().transpose()
                };
                Ok((versions, keys.iter().filter_map(find_key).collect::<QueryResult<Vec<_>>>()?))
            })
            .await?
        }
        // One behind the other, without waiting for an answer in between. Each statement sees what was committed
        // when it begins, and who had a lock before may just have written one of the keys.
        Inner::Postgres(c) => {
            let c = &**c;
            let editions = editions::table
                .filter(editions::id.eq_any(&editions))
                .order(editions::id)
                .select(version)
                .for_no_key_update();
            let keys = ledger_keys::table.filter(ledger_keys::key_hash.eq_any(&keys)).select(usage);
            try_join!(biased; editions.load(&mut &*c), keys.load(&mut &*c))?
        }
    };
    let versions = versions.into_iter().map(|(id, version)| (EditionId::new(id.0), version)).collect();
    let used = rows
        .into_iter()
        .map(|(key, fingerprint, report, revision)| {
            let used = Used {
                fingerprint: Hash::parse(&fingerprint)?,
                report: ReportId::new(report.0),
                revision: revision.try_into().ok()?,
            };
            Some((Hash::parse(&key)?, used))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| Error::broken("a stored key is not what it should be"))?;
    Ok((versions, used))
}

/// Stores what became of reports, and the keys that were used for that: `before` is what was stored of a
/// report, if it was there.
///
/// # Errors
/// That of the database.
pub async fn store(
    connection: &mut Connection,
    reports: impl IntoIterator<Item = (Option<&Kept>, &Kept)>,
    keys: &[(Hash, Used)],
) -> Result<(), Error> {
    let (mut new, mut decided) = (Vec::new(), Vec::new());
    for (before, after) in reports {
        let stored = before.map_or(&[][..], |before| before.report.revisions());
        for (index, revision) in after.report.revisions().iter().enumerate() {
            match stored.get(index) {
                None => new.push(RevisionRow::of(after, revision)),
                Some(earlier) if earlier != revision => decided.push(RevisionRow::of(after, revision)),
                Some(_) => {}
            }
        }
    }
    for row in decided {
        reports::decide(connection, row).await?;
    }
    // All of it was said before, or refused.
    if new.is_empty() && keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<KeyRow> = keys.iter().map(|(key, used)| KeyRow::of(*key, *used)).collect();
    match connection.inner() {
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                new.iter().try_for_each(|row| execute(batch::insert_one(row), c))?;
                keys.iter().try_for_each(|row| execute(batch::insert_one(row), c))
            })
            .await?;
        }
        Inner::Postgres(c) => {
            let c = &**c;
            try_join!(
                biased;
                batch::insert(&new).execute(&mut &*c),
                batch::insert(&keys).execute(&mut &*c),
            )?;
        }
    }
    Ok(())
}

/// Changes the counters of an edition and raises its version, which the caller has locked.
///
/// # Errors
/// That of the database.
pub async fn count(
    connection: &mut Connection,
    edition: EditionId,
    change: &Cells,
    headline: &Headline,
) -> Result<(), Error> {
    // In the order of their keys, like everything that is locked here.
    let cells: Vec<CellRow> =
        change.lines.iter().map(|(key, cell)| CellRow::of(edition, key, *cell)).collect();
    let heads: Vec<HeadRow> =
        change.heads.iter().map(|(key, heads)| HeadRow::of(edition, key, *heads)).collect();
    let raised = Raise { edition: Id(edition.uuid()), version: headline.version };
    let noted = VersionRow::of(edition, headline);
    let owner = connection.owner;
    match connection.inner() {
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                cells.iter().try_for_each(|row| execute(batch::insert_one(row), c))?;
                heads.iter().try_for_each(|row| execute(batch::insert_one(row), c))?;
                execute(raised, c)?;
                execute(batch::insert_one(&noted), c)
            })
            .await?;
        }
        // One behind the other, without waiting for an answer in between.
        Inner::Postgres(c) => {
            let c = &**c;
            try_join!(
                biased;
                batch::insert(&cells).execute(&mut &*c),
                batch::insert(&heads).execute(&mut &*c),
                raised.execute(&mut &*c),
                batch::insert(&[noted]).execute(&mut &*c),
                bell::ring_of(c, owner),
            )?;
        }
    }
    Ok(())
}

/// Raises the version of an edition. Diesel would not keep its own update prepared.
struct Raise {
    edition: Id,
    version: i64,
}

impl<DB> QueryFragment<DB> for Raise
where
    DB: Backend + HasSqlType<sql::Id>,
    Id: ToSql<sql::Id, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE editions SET version = ");
        out.push_bind_param::<BigInt, _>(&self.version)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<sql::Id, _>(&self.edition)
    }
}

impl QueryId for Raise {
    type QueryId = Self;

    const HAS_STATIC_QUERY_ID: bool = true;
}

/// The counters of an edition.
///
/// # Errors
/// That of the database.
pub async fn cells(connection: &mut Connection, edition: EditionId) -> Result<Cells, Error> {
    let id = Id(edition.uuid());
    let (lines, heads): (Vec<CellRow>, Vec<HeadRow>) = on!(connection, c => (
        tally_cells::table.filter(tally_cells::edition_id.eq(id)).load(c).await?,
        tally_heads::table.filter(tally_heads::edition_id.eq(id)).load(c).await?,
    ));
    let mut cells = Cells::default();
    for row in lines {
        let (key, cell) =
            row.read().ok_or_else(|| Error::broken("a stored counter is not what it should be"))?;
        cells.change(key, cell);
    }
    for row in heads {
        let (key, heads) =
            row.read().ok_or_else(|| Error::broken("a stored counter is not what it should be"))?;
        cells.change_heads(key, heads);
    }
    Ok(cells)
}

/// How many revisions are read at once in a recount, and then told to `progress`.
const RECOUNT_PAGE: i64 = 5_000;

/// What an edition's ledger says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recounted {
    /// The counters.
    pub cells: Cells,
    /// What the reports of each event say together, for those of which any counts.
    pub evenings: BTreeMap<EventId, Evening>,
}

/// Counts an edition anew from its ledger. Inside a transaction, of one moment.
///
/// # Errors
/// That of the database.
pub async fn recount(
    connection: &mut Connection,
    edition: EditionId,
    mut progress: impl FnMut(usize),
) -> Result<Recounted, Error> {
    let (mut cells, mut evenings) = (Cells::default(), BTreeMap::new());
    let mut after = None;
    loop {
        let page = reports::counting(connection, edition, after, RECOUNT_PAGE).await?;
        for row in &page {
            row.count_into(&mut cells, &mut evenings)
                .ok_or_else(|| Error::broken("a stored report is not what it should be"))?;
        }
        progress(page.len());
        match page.last() {
            Some(last) => after = Some((last.report_id, last.revision)),
            None => {
                for evening in evenings.values() {
                    cells.merge(&evening.cells());
                }
                return Ok(Recounted { cells, evenings });
            }
        }
    }
}

/// Replaces the counters of an edition by those of a recount. The caller has locked the edition.
///
/// # Errors
/// That of the database.
pub async fn replace_cells(
    connection: &mut Connection,
    edition: EditionId,
    cells: &Cells,
    headline: &Headline,
) -> Result<(), Error> {
    let id = Id(edition.uuid());
    on!(connection, c => {
        diesel::delete(tally_cells::table.filter(tally_cells::edition_id.eq(id))).execute(c).await?;
        diesel::delete(tally_heads::table.filter(tally_heads::edition_id.eq(id))).execute(c).await?
    });
    count(connection, edition, cells, headline).await
}

fn unknown_or<T>(code: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if code.is_empty() { Some(None) } else { parse(code).map(Some) }
}

fn place(section: Id, country: &str, region: &str) -> Option<Place> {
    Some(Place {
        section: SectionId::new(section.0),
        country: unknown_or(country, |code| Country::parse(code).ok())?,
        region: unknown_or(region, |code| Region::parse(code).ok())?,
    })
}

fn code<T: ToString>(known: Option<&T>) -> String {
    known.map(ToString::to_string).unwrap_or_default()
}

struct KeyRow {
    key_hash: String,
    fingerprint: String,
    report_id: Id,
    revision: i32,
}

rows!(KeyRow, ledger_keys, key_hash, fingerprint, report_id, revision);

impl KeyRow {
    fn of(key: Hash, used: Used) -> Self {
        Self {
            key_hash: key.to_string(),
            fingerprint: used.fingerprint.to_string(),
            report_id: Id(used.report.uuid()),
            revision: used.revision.cast_signed(),
        }
    }
}

#[derive(Queryable)]
struct CellRow {
    edition_id: Id,
    section_id: Id,
    country: String,
    region: String,
    case_id: Id,
    kind: String,
    channel: String,
    quantity: i64,
    late: i64,
}

rows!(
    CellRow, tally_cells, edition_id, section_id, country, region, case_id, kind, channel, quantity, late;
    "ON CONFLICT (edition_id, section_id, country, region, case_id, kind, channel) DO UPDATE
     SET quantity = tally_cells.quantity + excluded.quantity, late = tally_cells.late + excluded.late"
);

impl CellRow {
    fn of(edition: EditionId, key: &CellKey, cell: Cell) -> Self {
        Self {
            edition_id: Id(edition.uuid()),
            section_id: Id(key.place.section.uuid()),
            country: code(key.place.country.as_ref()),
            region: code(key.place.region.as_ref()),
            case_id: Id(key.case.map_or(Uuid::nil(), CaseId::uuid)),
            kind: key.kind.to_string(),
            channel: key.channel.to_string(),
            quantity: cell.quantity,
            late: cell.late,
        }
    }

    fn read(&self) -> Option<(CellKey, Cell)> {
        let key = CellKey {
            place: place(self.section_id, &self.country, &self.region)?,
            case: Some(self.case_id.0).filter(|id| !id.is_nil()).map(CaseId::new),
            kind: ActionKind::parse(&self.kind)?,
            channel: Channel::parse(&self.channel)?,
        };
        Some((key, Cell { quantity: self.quantity, late: self.late }))
    }
}

#[derive(Queryable)]
struct HeadRow {
    edition_id: Id,
    section_id: Id,
    country: String,
    region: String,
    channel: String,
    people: i64,
    reports: i64,
}

rows!(
    HeadRow, tally_heads, edition_id, section_id, country, region, channel, people, reports;
    "ON CONFLICT (edition_id, section_id, country, region, channel) DO UPDATE
     SET people = tally_heads.people + excluded.people, reports = tally_heads.reports + excluded.reports"
);

impl HeadRow {
    fn of(edition: EditionId, key: &HeadKey, heads: Heads) -> Self {
        Self {
            edition_id: Id(edition.uuid()),
            section_id: Id(key.place.section.uuid()),
            country: code(key.place.country.as_ref()),
            region: code(key.place.region.as_ref()),
            channel: key.channel.to_string(),
            people: heads.people,
            reports: heads.reports,
        }
    }

    fn read(&self) -> Option<(HeadKey, Heads)> {
        let key = HeadKey {
            place: place(self.section_id, &self.country, &self.region)?,
            channel: Channel::parse(&self.channel)?,
        };
        Some((key, Heads { people: self.people, reports: self.reports }))
    }
}
