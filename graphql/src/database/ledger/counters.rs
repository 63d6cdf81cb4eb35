//! The counters of an edition, one row each.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    ActionKind, CaseId, Cells, Country, EditionId, Region, SectionId,
    report::Channel,
    total::{Cell, CellKey, HeadKey, Heads, Place},
};
use uuid::Uuid;

use crate::database::{
    Connection, Error,
    batch::rows,
    column::Id,
    on,
    tables::{tally_cells, tally_heads},
};

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

#[derive(Queryable)]
pub(super) struct CellRow {
    edition_id: Id,
    section_id: Id,
    country: String,
    region: String,
    case_id: Id,
    kind: String,
    channel: String,
    quantity: i64,
    late: i64,
    held: i64,
}

rows!(
    CellRow, tally_cells, edition_id, section_id, country, region, case_id, kind, channel, quantity, late, held;
    "ON CONFLICT (edition_id, section_id, country, region, case_id, kind, channel) DO UPDATE
     SET quantity = tally_cells.quantity + excluded.quantity, late = tally_cells.late + excluded.late,
         held = tally_cells.held + excluded.held"
);

impl CellRow {
    pub(super) fn of(edition: EditionId, key: &CellKey, cell: Cell) -> Self {
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
            held: cell.held,
        }
    }

    fn read(&self) -> Option<(CellKey, Cell)> {
        let key = CellKey {
            place: place(self.section_id, &self.country, &self.region)?,
            case: Some(self.case_id.0).filter(|id| !id.is_nil()).map(CaseId::new),
            kind: ActionKind::parse(&self.kind)?,
            channel: Channel::parse(&self.channel)?,
        };
        Some((key, Cell { quantity: self.quantity, late: self.late, held: self.held }))
    }
}

#[derive(Queryable)]
pub(super) struct HeadRow {
    edition_id: Id,
    section_id: Id,
    country: String,
    region: String,
    channel: String,
    people: i64,
    reports: i64,
    held: i64,
}

rows!(
    HeadRow, tally_heads, edition_id, section_id, country, region, channel, people, reports, held;
    "ON CONFLICT (edition_id, section_id, country, region, channel) DO UPDATE
     SET people = tally_heads.people + excluded.people, reports = tally_heads.reports + excluded.reports,
         held = tally_heads.held + excluded.held"
);

impl HeadRow {
    pub(super) fn of(edition: EditionId, key: &HeadKey, heads: Heads) -> Self {
        Self {
            edition_id: Id(edition.uuid()),
            section_id: Id(key.place.section.uuid()),
            country: code(key.place.country.as_ref()),
            region: code(key.place.region.as_ref()),
            channel: key.channel.to_string(),
            people: heads.people,
            reports: heads.reports,
            held: heads.held,
        }
    }

    fn read(&self) -> Option<(HeadKey, Heads)> {
        let key = HeadKey {
            place: place(self.section_id, &self.country, &self.region)?,
            channel: Channel::parse(&self.channel)?,
        };
        Some((key, Heads { people: self.people, reports: self.reports, held: self.held }))
    }
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
