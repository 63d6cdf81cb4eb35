//! Events: a row with the columns that lists filter and order by, and the rest as JSON.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    CampaignId, EditionId, Event, EventId, ReportId, SectionId,
    event::{ApprovedWords, EventAudience, EventContent, EventState, EventTally, Said},
};

use super::{
    Connection, Error,
    schema::{event_sessions, events},
    sql_types::{SqlTimestamp, SqlUuid},
    with_backend,
};
use crate::credentials::SecretHash;
use row_cache::EventStamp;
use stored::{broken, parsed};

mod awaiting_report;
mod completed_counts;
mod listing;
mod not_over;
mod reminders;
mod reported_and_over;
mod row_cache;
mod stored;
mod unapproved;

pub use awaiting_report::awaiting_report;
pub use completed_counts::{CompletedCounts, EventPart, completed, next_end};
pub use listing::{
    CursorBound, Direction, EventPosition, EventQuery, StateFilter, candidates, list, to_review,
};
pub use not_over::{EventPage, not_over};
pub use reminders::{next_to_end, not_reminded, note_reminded};
pub use reported_and_over::{next_reported_to_end, reported_and_over};
pub(in crate::database) use row_cache::EventCache;
pub use stored::StoredEvent;
pub use unapproved::{delete, unapproved};

/// The event with this id.
///
/// # Errors
/// A database error.
pub async fn find(connection: &mut Connection, id: EventId) -> Result<Option<StoredEvent>, Error> {
    let row: Option<EventRow> = with_backend!(connection, c => events::table.find(SqlUuid(id.uuid())).get_result(c).await.optional())?;
    row.map(EventRow::read).transpose()
}

/// The edition of the event with this id. It never changes.
///
/// # Errors
/// A database error.
pub async fn edition(connection: &mut Connection, id: EventId) -> Result<Option<EditionId>, Error> {
    let edition: Option<SqlUuid> = with_backend!(connection, c => {
        events::table.find(SqlUuid(id.uuid())).select(events::edition_id).get_result(c).await.optional()
    })?;
    Ok(edition.map(|id| EditionId::new(id.0)))
}

/// The event that this secret manages.
///
/// # Errors
/// A database error.
pub async fn find_by_secret(
    connection: &mut Connection,
    secret: SecretHash,
) -> Result<Option<StoredEvent>, Error> {
    let row: Option<EventRow> = with_backend!(connection, c => {
        events::table.filter(events::secret_hash.eq(secret.to_string())).first(c).await.optional()
    })?;
    row.map(EventRow::read).transpose()
}

/// The events with these ids, as far as they exist.
///
/// # Errors
/// A database error.
pub async fn find_all(
    connection: &mut Connection,
    ids: &[EventId],
) -> Result<HashMap<EventId, StoredEvent>, Error> {
    let ids: Vec<SqlUuid> = ids.iter().map(|id| SqlUuid(id.uuid())).collect();
    let rows: Vec<EventRow> =
        with_backend!(connection, c => events::table.filter(events::id.eq_any(&ids)).load(c).await)?;
    rows.into_iter().map(|row| row.read().map(|stored| (stored.event.id, stored))).collect()
}

/// The same through the cache, for reading only.
///
/// # Errors
/// A database error.
pub async fn show_all(
    connection: &mut Connection,
    ids: &[EventId],
) -> Result<HashMap<EventId, StoredEvent>, Error> {
    let wanted: Vec<SqlUuid> = ids.iter().map(|id| SqlUuid(id.uuid())).collect();
    let glances: Vec<EventStamp> = with_backend!(connection, c => {
        events::table.filter(events::id.eq_any(&wanted)).select(EventStamp::as_select()).load(c).await
    })?;
    if let Some(stored) = connection.known_events().get_all(&glances)? {
        return Ok(stored.into_iter().map(|stored| (stored.event.id, stored)).collect());
    }
    let found = find_all(connection, ids).await?;
    connection.note_events(found.values());
    Ok(found)
}

/// Stores a new event.
///
/// # Errors
/// A database error.
pub async fn insert(connection: &mut Connection, stored: &StoredEvent) -> Result<(), Error> {
    let row = EventRow::of(stored)?;
    with_backend!(connection, c => diesel::insert_into(events::table).values(&row).execute(c).await)?;
    insert_sessions(connection, &stored.event).await
}

/// Stores a changed event.
///
/// # Errors
/// A database error.
pub async fn update(connection: &mut Connection, before: &Event, stored: &StoredEvent) -> Result<(), Error> {
    let row = EventRow::of(stored)?;
    with_backend!(connection, c => diesel::update(events::table.find(row.id)).set(&row).execute(c).await)?;
    connection.known_events().remove(before.id);
    if before.content.sessions == stored.event.content.sessions {
        return Ok(());
    }
    with_backend!(connection, c => {
        diesel::delete(event_sessions::table.filter(event_sessions::event_id.eq(row.id))).execute(c).await
    })?;
    insert_sessions(connection, &stored.event).await
}

/// The combined reports of an edition's events, for events that have any.
///
/// # Errors
/// A database error.
pub async fn event_tallies(
    connection: &mut Connection,
    edition: EditionId,
) -> Result<BTreeMap<EventId, EventTally>, Error> {
    let rows: Vec<(SqlUuid, Option<String>)> = with_backend!(connection, c => {
        events::table
            .filter(events::edition_id.eq(SqlUuid(edition.uuid())))
            .filter(events::tally.is_not_null())
            .select((events::id, events::tally))
            .load(c)
            .await
    })?;
    rows.into_iter()
        .filter_map(|(id, tally)| Some((EventId::new(id.0), tally?)))
        .map(|(id, tally)| parsed(&tally).map(|tally| (id, tally)))
        .collect()
}

/// Stores the combined reports of an event.
///
/// # Errors
/// A database error.
pub async fn set_event_tally(
    connection: &mut Connection,
    id: EventId,
    tally: &EventTally,
) -> Result<(), Error> {
    let tally = written(tally)?;
    with_backend!(connection, c => {
        diesel::update(events::table.find(SqlUuid(id.uuid()))).set(events::tally.eq(tally)).execute(c).await
    })?;
    Ok(())
}

fn written(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Broken(Box::new(error)))
}

async fn insert_sessions(connection: &mut Connection, event: &Event) -> Result<(), Error> {
    for session in &event.content.sessions {
        let values = (
            event_sessions::event_id.eq(SqlUuid(event.id.uuid())),
            event_sessions::starts_at.eq(SqlTimestamp(session.starts_at())),
            event_sessions::starts_on.eq(session.first_day().to_string()),
            event_sessions::ends_on.eq(session.last_day().to_string()),
        );
        with_backend!(connection, c => diesel::insert_into(event_sessions::table).values(values).execute(c).await)?;
    }
    Ok(())
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = events, treat_none_as_null = true)]
pub(super) struct EventRow {
    pub(super) id: SqlUuid,
    edition_id: SqlUuid,
    section_id: SqlUuid,
    campaign_id: SqlUuid,
    state: String,
    state_reason: Option<String>,
    review_pending: bool,
    is_listed: bool,
    format: String,
    venue_kind: String,
    starts_at: SqlTimestamp,
    ends_at: SqlTimestamp,
    country: Option<String>,
    region: Option<String>,
    latitude: Option<i32>,
    longitude: Option<i32>,
    pub(super) languages: String,
    pub(super) search_text: String,
    capacity: Option<i32>,
    attending: i32,
    waitlisted: i32,
    content: String,
    copied_from: Option<SqlUuid>,
    secret_hash: String,
    registered_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    revision: i32,
    tally: Option<String>,
    // The approved version of `content`, if there is one. Earlier versions of the service did not write this
    // column.
    approved: Option<String>,
    review_requested_at: Option<SqlTimestamp>,
    host_report_id: Option<SqlUuid>,
}

impl EventRow {
    pub(super) fn of(stored: &StoredEvent) -> Result<Self, Error> {
        let event = &stored.event;
        let content = &event.content;
        // Lists are public, so the filter columns contain only what is public.
        let place = event.place_for(EventAudience::Everyone);
        let point = place.and_then(|place| place.coordinates).map(|point| point.millionths());
        // As they are, and with their likely subtags, by which filters find them.
        let tags = content
            .languages
            .iter()
            .map(|language| format!(" {language} {}", language.with_likely_subtags()));
        let languages: String = tags.collect();
        Ok(Self {
            id: SqlUuid(event.id.uuid()),
            edition_id: SqlUuid(event.edition_id.uuid()),
            section_id: SqlUuid(event.section_id.uuid()),
            campaign_id: SqlUuid(event.campaign_id.uuid()),
            state: event.state.to_string(),
            state_reason: event.state.reason().map(str::to_owned),
            review_pending: event.review_pending,
            is_listed: event.is_listed(),
            format: content.format.to_string(),
            venue_kind: content.venue_kind.to_string(),
            starts_at: SqlTimestamp(content.first_session().starts_at()),
            ends_at: SqlTimestamp(content.last_session().ends_at()),
            country: place.map(|place| place.country.to_string()),
            region: place.and_then(|place| place.region).map(ToString::to_string),
            latitude: point.map(|(latitude, _)| latitude),
            longitude: point.map(|(_, longitude)| longitude),
            languages: format!("{languages} "),
            search_text: event.search_text(),
            capacity: content.capacity.map(u32::cast_signed),
            attending: event.going.cast_signed(),
            waitlisted: event.waiting.cast_signed(),
            content: written(event.latest())?,
            copied_from: event.copied_from.map(|id| SqlUuid(id.uuid())),
            secret_hash: stored.secret.to_string(),
            registered_at: SqlTimestamp(event.registered_at),
            updated_at: SqlTimestamp(event.updated_at),
            revision: event.revision.cast_signed(),
            tally: event.tally.as_ref().map(written).transpose()?,
            approved: event.approved_words().as_ref().map(written).transpose()?,
            review_requested_at: event.review_requested_at.map(SqlTimestamp),
            host_report_id: event.host_report.map(|id| SqlUuid(id.uuid())),
        })
    }

    pub(super) fn read(self) -> Result<StoredEvent, Error> {
        self.try_read().ok_or_else(broken)
    }

    fn try_read(self) -> Option<StoredEvent> {
        let latest: EventContent = serde_json::from_str(&self.content).ok()?;
        // Callers rely on the first session.
        (!latest.sessions.is_empty()).then_some(())?;
        let approved: Option<ApprovedWords> =
            self.approved.as_deref().map(serde_json::from_str).transpose().ok()?;
        let state = EventState::parse(&self.state, self.state_reason)?;
        let Said { content, proposed, words_approved, reason_approved, review_pending } =
            Said::read(latest, approved, &state, self.review_pending);
        let requested_at = self.review_requested_at.unwrap_or(self.updated_at).0;
        let event = Event {
            id: EventId::new(self.id.0),
            campaign_id: CampaignId::new(self.campaign_id.0),
            edition_id: EditionId::new(self.edition_id.0),
            section_id: SectionId::new(self.section_id.0),
            content,
            proposed,
            words_approved,
            reason_approved,
            state,
            review_pending,
            review_requested_at: review_pending.then_some(requested_at),
            going: self.attending.try_into().ok()?,
            waiting: self.waitlisted.try_into().ok()?,
            tally: self.tally.as_deref().map(serde_json::from_str).transpose().ok()?,
            host_report: self.host_report_id.map(|id| ReportId::new(id.0)),
            copied_from: self.copied_from.map(|id| EventId::new(id.0)),
            registered_at: self.registered_at.0,
            updated_at: self.updated_at.0,
            revision: self.revision.try_into().ok()?,
        };
        Some(StoredEvent { event, secret: SecretHash::parse(&self.secret_hash)? })
    }
}
