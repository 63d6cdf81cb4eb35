//! The counters of an edition, one row each.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    ActionKind, CaseId, Country, Counts, EditionId, Region, SectionId,
    report::{Origin, Way},
    total::{Count, CountKey, CountedFrom, HeadcountKey, Headcounts, Location},
};
use uuid::Uuid;

use crate::database::{
    Connection, Error,
    bulk_insert::bulk_insert,
    schema::{total_counts, total_headcounts},
    sql_types::SqlUuid,
    with_backend,
};

/// The counters of an edition.
///
/// # Errors
/// A database error.
pub async fn cells(connection: &mut Connection, edition: EditionId) -> Result<Counts, Error> {
    let id = SqlUuid(edition.uuid());
    let (lines, heads): (Vec<CellRow>, Vec<HeadRow>) = with_backend!(connection, c => (
        total_counts::table.filter(total_counts::edition_id.eq(id)).load(c).await?,
        total_headcounts::table.filter(total_headcounts::edition_id.eq(id)).load(c).await?,
    ));
    let mut cells = Counts::default();
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

#[derive(Queryable)]
pub(super) struct CellRow {
    edition_id: SqlUuid,
    section_id: SqlUuid,
    country: String,
    region: String,
    case_id: SqlUuid,
    kind: String,
    origin: String,
    way: String,
    counted_from: String,
    quantity: i64,
    late: i64,
    pending_review: i64,
}

bulk_insert!(
    CellRow, total_counts, edition_id, section_id, country, region, case_id, kind, origin, way, counted_from, quantity, late, pending_review;
    "ON CONFLICT (edition_id, section_id, country, region, case_id, kind, origin, way, counted_from) DO UPDATE
     SET quantity = total_counts.quantity + excluded.quantity, late = total_counts.late + excluded.late,
         pending_review = total_counts.pending_review + excluded.pending_review"
);

impl CellRow {
    pub(super) fn of(edition: EditionId, key: &CountKey, cell: Count) -> Self {
        Self {
            edition_id: SqlUuid(edition.uuid()),
            section_id: SqlUuid(key.place.section.uuid()),
            country: code(key.place.country.as_ref()),
            region: code(key.place.region.as_ref()),
            case_id: SqlUuid(key.case.map_or(Uuid::nil(), CaseId::uuid)),
            kind: key.kind.to_string(),
            origin: code(key.origin.as_ref()),
            way: code(key.way.as_ref()),
            counted_from: key.counted_from.to_string(),
            quantity: cell.quantity,
            late: cell.late,
            pending_review: cell.pending_review,
        }
    }

    fn read(&self) -> Option<(CountKey, Count)> {
        let key = CountKey {
            place: place(self.section_id, &self.country, &self.region)?,
            case: Some(self.case_id.0).filter(|id| !id.is_nil()).map(CaseId::new),
            kind: ActionKind::parse(&self.kind)?,
            origin: unknown_or(&self.origin, Origin::parse)?,
            way: unknown_or(&self.way, Way::parse)?,
            counted_from: CountedFrom::parse(&self.counted_from)?,
        };
        Some((key, Count { quantity: self.quantity, late: self.late, pending_review: self.pending_review }))
    }
}

#[derive(Queryable)]
pub(super) struct HeadRow {
    edition_id: SqlUuid,
    section_id: SqlUuid,
    country: String,
    region: String,
    origin: String,
    people: i64,
    reports: i64,
    pending_review: i64,
}

bulk_insert!(
    HeadRow, total_headcounts, edition_id, section_id, country, region, origin, people, reports, pending_review;
    "ON CONFLICT (edition_id, section_id, country, region, origin) DO UPDATE
     SET people = total_headcounts.people + excluded.people, reports = total_headcounts.reports + excluded.reports,
         pending_review = total_headcounts.pending_review + excluded.pending_review"
);

impl HeadRow {
    pub(super) fn of(edition: EditionId, key: &HeadcountKey, heads: Headcounts) -> Self {
        Self {
            edition_id: SqlUuid(edition.uuid()),
            section_id: SqlUuid(key.place.section.uuid()),
            country: code(key.place.country.as_ref()),
            region: code(key.place.region.as_ref()),
            origin: code(key.origin.as_ref()),
            people: heads.people,
            reports: heads.reports,
            pending_review: heads.pending_review,
        }
    }

    fn read(&self) -> Option<(HeadcountKey, Headcounts)> {
        let key = HeadcountKey {
            place: place(self.section_id, &self.country, &self.region)?,
            origin: unknown_or(&self.origin, Origin::parse)?,
        };
        Some((
            key,
            Headcounts { people: self.people, reports: self.reports, pending_review: self.pending_review },
        ))
    }
}

fn unknown_or<T>(code: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if code.is_empty() { Some(None) } else { parse(code).map(Some) }
}

fn place(section: SqlUuid, country: &str, region: &str) -> Option<Location> {
    Some(Location {
        section: SectionId::new(section.0),
        country: unknown_or(country, |code| Country::parse(code).ok())?,
        region: unknown_or(region, |code| Region::parse(code).ok())?,
    })
}

fn code<T: ToString>(known: Option<&T>) -> String {
    known.map(ToString::to_string).unwrap_or_default()
}
