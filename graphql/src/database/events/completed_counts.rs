//! Counts of events that took place.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{dsl::sql, prelude::*, sql_types};
use diesel_async::RunQueryDsl;
use domain::{
    EditionId, EmailAddress, Region, SectionId,
    event::{EventState, VenueKind},
};
use jiff::Timestamp;

use super::stored::broken;
use crate::database::{
    Connection, Error, Inner,
    schema::events,
    sql_types::{SqlTimestamp, SqlUuid},
    time_limit::within_limit,
    with_backend,
};

/// A part of the listed events: the region as far as it is public, and the kind of venue.
pub type EventPart = (Option<Region>, VenueKind);

/// Events of one section, of those that were reported or of the others.
#[derive(Clone, Debug, Default)]
pub struct CompletedCounts {
    /// The number of listed events, by part.
    pub listed: BTreeMap<EventPart, u64>,
    /// The organizers of the other events, by their addresses.
    pub hidden_organizers: BTreeSet<String>,
}

/// Section, state, region, kind of venue, number, and number with a report of the host.
type ListedRow = (SqlUuid, String, Option<String>, String, i64, i64);

/// The path of the organizer's address in the event's JSON.
const ADDRESS_ON_SQLITE: &str = "json_extract(events.content, '$.organizer.email')";
const ADDRESS_ON_POSTGRES: &str = "events.content::json #>> '{organizer,email}'";

/// Whether the host of an event has reported, as literal SQL.
const IS_REPORTED: &str = "(events.state = 'REPORTED' OR events.host_report_id IS NOT NULL)";

/// The events of an edition that took place by `now`, counted by section and by whether their host has reported: those
/// that their organizers marked so, those that were reported, and approved ones whose last session is over.
///
/// # Errors
/// A database error.
pub async fn completed(
    connection: &mut Connection,
    edition: EditionId,
    now: Timestamp,
) -> Result<BTreeMap<(SectionId, bool), CompletedCounts>, Error> {
    let confirmed = [EventState::Completed.as_str(), EventState::Reported.as_str()];
    let took_place = || {
        let is_approved = events::state.eq(EventState::Approved.as_str());
        events::state.eq_any(&confirmed).or(is_approved.and(events::ends_at.le(SqlTimestamp(now))))
    };
    let listed: Vec<ListedRow> = with_backend!(connection, c => {
        let reports = diesel::dsl::count(events::host_report_id);
        events::table
            .filter(within_limit())
            .filter(events::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(took_place())
            .filter(events::is_listed)
            .group_by((events::section_id, events::state, events::region, events::venue_kind))
            .select((
                events::section_id,
                events::state,
                events::region,
                events::venue_kind,
                diesel::dsl::count_star(),
                reports,
            ))
            .load(c)
            .await
    })?;
    let address = match connection.inner() {
        Inner::Sqlite(_) => ADDRESS_ON_SQLITE,
        Inner::Postgres(_) => ADDRESS_ON_POSTGRES,
    };
    let hidden: Vec<(SqlUuid, bool, Option<String>)> = with_backend!(connection, c => {
        events::table
            .filter(within_limit())
            .filter(events::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(took_place())
            .filter(diesel::dsl::not(events::is_listed))
            .select((
                events::section_id,
                sql::<sql_types::Bool>(IS_REPORTED),
                sql::<sql_types::Nullable<sql_types::Text>>(address),
            ))
            .distinct()
            .load(c)
            .await
    })?;
    let mut counted = by_part(listed)?;
    for (section, is_reported, address) in hidden {
        let address = address.unwrap_or_default();
        // Addresses that reach the same mailbox count as one organizer.
        let organizer = EmailAddress::parse(&address).map_or(address, |address| address.folded().to_string());
        let counted = counted.entry((SectionId::new(section.0), is_reported)).or_default();
        counted.hidden_organizers.insert(organizer);
    }
    Ok(counted)
}

/// The listed events by section, by whether their host has reported, and by part.
fn by_part(rows: Vec<ListedRow>) -> Result<BTreeMap<(SectionId, bool), CompletedCounts>, Error> {
    let mut counted: BTreeMap<(SectionId, bool), CompletedCounts> = BTreeMap::new();
    for (section, state, region, venue_kind, all, with_report) in rows {
        let reported = if state == EventState::Reported.as_str() { all } else { with_report };
        let region = region.map(|code| Region::parse(&code).map_err(|_| broken())).transpose()?;
        let part = (region, VenueKind::parse(&venue_kind).ok_or_else(broken)?);
        for (is_reported, count) in [(true, reported), (false, all - reported)] {
            if count > 0 {
                let counted = counted.entry((SectionId::new(section.0), is_reported)).or_default();
                *counted.listed.entry(part.clone()).or_default() += count.unsigned_abs();
            }
        }
    }
    Ok(counted)
}

/// When the next approved event of an edition is over, after `now`: then the counts above change by themselves.
///
/// # Errors
/// A database error.
pub async fn next_end(
    connection: &mut Connection,
    edition: EditionId,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let next: Option<SqlTimestamp> = with_backend!(connection, c => {
        events::table
            .filter(within_limit())
            .filter(events::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(events::state.eq(EventState::Approved.as_str()))
            .filter(events::ends_at.gt(SqlTimestamp(now)))
            .select(events::ends_at)
            .order(events::ends_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.map(|at| at.0))
}
