//! What one commit of the ledger writes, and the counters it keeps.

use std::collections::{BTreeMap, HashMap};

use diesel::{prelude::*, upsert::excluded};
use diesel_async::RunQueryDsl;
use domain::{
    ActionKind, CaseId, Cells, Country, EditionId, EventId, Region, ReportId, SectionId,
    event::Evening,
    report::Channel,
    total::{Cell, CellKey, HeadKey, Heads, Place},
};
use uuid::Uuid;

use super::{
    Connection, Error, Inner, POSTGRES_ROWS, bell,
    column::Id,
    execute, on,
    reports::{self, Kept, RevisionRow},
    tables::{editions, ledger_keys, tally_cells, tally_heads},
    versions::{self, Headline},
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
    let id = Id(edition.uuid());
    // Writing the row as it is takes its lock on PostgreSQL; on SQLite the transaction has the lock
    // of the whole file already.
    if let Inner::Postgres(c) = connection.inner() {
        diesel::update(editions::table.find(id))
            .set(editions::version.eq(editions::version))
            .execute(c)
            .await?;
    }
    version(connection, edition).await
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

/// Those of the keys that were used before, and what for.
///
/// # Errors
/// That of the database.
pub async fn used(connection: &mut Connection, keys: &[Hash]) -> Result<HashMap<Hash, Used>, Error> {
    type Row = (String, String, Id, i32);
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let columns =
        (ledger_keys::key_hash, ledger_keys::fingerprint, ledger_keys::report_id, ledger_keys::revision);
    let rows: Vec<Row> = match connection.inner() {
        // A list of another length is another statement to SQLite; one look-up is always the same.
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                let look_up = |key| {
                    let query = ledger_keys::table.find(key).select(columns);
                    diesel::RunQueryDsl::get_result(query, c).optional().transpose()
                };
                keys.iter().filter_map(look_up).collect::<QueryResult<Vec<Row>>>()
            })
            .await?
        }
        Inner::Postgres(c) => {
            ledger_keys::table.filter(ledger_keys::key_hash.eq_any(&keys)).select(columns).load(c).await?
        }
    };
    rows.into_iter()
        .map(|(key, fingerprint, report, revision)| {
            let used = Used {
                fingerprint: Hash::parse(&fingerprint)?,
                report: ReportId::new(report.0),
                revision: revision.try_into().ok()?,
            };
            Some((Hash::parse(&key)?, used))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| Error::broken("a stored key is not what it should be"))
}

/// Stores keys that were used now.
///
/// # Errors
/// That of the database.
pub async fn use_keys(connection: &mut Connection, keys: &[(Hash, Used)]) -> Result<(), Error> {
    #[derive(Insertable)]
    #[diesel(table_name = ledger_keys)]
    struct Row {
        key_hash: String,
        fingerprint: String,
        report_id: Id,
        revision: i32,
    }
    let rows: Vec<Row> = keys
        .iter()
        .map(|(key, used)| Row {
            key_hash: key.to_string(),
            fingerprint: used.fingerprint.to_string(),
            report_id: Id(used.report.uuid()),
            revision: used.revision.cast_signed(),
        })
        .collect();
    match connection.inner() {
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                rows.iter()
                    .try_for_each(|row| execute(diesel::insert_into(ledger_keys::table).values(row), c))
            })
            .await?;
        }
        Inner::Postgres(c) => {
            for rows in rows.chunks(POSTGRES_ROWS) {
                diesel::insert_into(ledger_keys::table).values(rows).execute(c).await?;
            }
        }
    }
    Ok(())
}

/// Stores what became of reports: `before` is what was stored of each, if it was there.
///
/// # Errors
/// That of the database.
pub async fn store(
    connection: &mut Connection,
    reports: impl IntoIterator<Item = (Option<&Kept>, &Kept)>,
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
    reports::insert(connection, new).await
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
    /// Adds rows to the counters; what is there already grows by them.
    macro_rules! add {
        ($table:ident, $rows:expr, ($($key:ident),+), ($($number:ident),+)) => {
            diesel::insert_into($table::table)
                .values($rows)
                .on_conflict(($($table::$key),+))
                .do_update()
                .set(($($table::$number.eq($table::$number + excluded($table::$number))),+))
        };
        (cells $rows:expr) => {
            add!(tally_cells, $rows,
                (edition_id, section_id, country, region, case_id, kind, channel), (quantity, late))
        };
        (heads $rows:expr) => {
            add!(tally_heads, $rows, (edition_id, section_id, country, region, channel), (people, reports))
        };
    }
    match connection.inner() {
        Inner::Sqlite(c) => {
            c.spawn_blocking(move |c| {
                cells.iter().try_for_each(|row| execute(add!(cells row), c))?;
                heads.iter().try_for_each(|row| execute(add!(heads row), c))
            })
            .await?;
        }
        Inner::Postgres(c) => {
            for rows in cells.chunks(POSTGRES_ROWS) {
                add!(cells rows).execute(c).await?;
            }
            for rows in heads.chunks(POSTGRES_ROWS) {
                add!(heads rows).execute(c).await?;
            }
        }
    }
    let id = Id(edition.uuid());
    on!(connection, c => {
        diesel::update(editions::table.find(id)).set(editions::version.eq(headline.version)).execute(c).await
    })?;
    versions::insert(connection, edition, headline).await?;
    bell::ring(connection).await
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

#[derive(Queryable, Insertable)]
#[diesel(table_name = tally_cells)]
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

#[derive(Queryable, Insertable)]
#[diesel(table_name = tally_heads)]
struct HeadRow {
    edition_id: Id,
    section_id: Id,
    country: String,
    region: String,
    channel: String,
    people: i64,
    reports: i64,
}

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
