//! How many events took place.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    EditionId, SectionId,
    event::{EventState, Held},
};

use crate::database::{Connection, Error, column::Id, on, tables::events};

/// How many events of an edition, or of one section of it, are in one of these states: those that
/// everyone may find, and the others.
///
/// # Errors
/// That of the database.
pub async fn held(
    connection: &mut Connection,
    edition: EditionId,
    section: Option<SectionId>,
    states: &[EventState],
) -> Result<Held, Error> {
    let states: Vec<_> = states.iter().map(EventState::as_str).collect();
    let counts: Vec<(bool, i64)> = on!(connection, c => {
        let mut query = events::table
            .filter(events::edition_id.eq(Id(edition.uuid())))
            .filter(events::state.eq_any(&states))
            .group_by(events::listed)
            .select((events::listed, diesel::dsl::count_star()))
            .into_boxed();
        if let Some(section) = section {
            query = query.filter(events::section_id.eq(Id(section.uuid())));
        }
        query.load(c).await
    })?;
    let of = |listed: bool| {
        let counts = counts.iter().filter(|(is_listed, _)| *is_listed == listed);
        counts.map(|(_, count)| count.unsigned_abs()).sum()
    };
    Ok(Held { listed: of(true), hidden: of(false) })
}
