//! A cache of parsed event rows. Lists show the same events again and again, and most of the time for
//! reading an event is spent on parsing its JSON.
//!
//! An entry is valid as long as its row has the same revision and the same instant of the last change.
//! The numbers of attendees, the combined reports and the report of the host change without a revision and are read each
//! time.

use diesel::prelude::*;
use domain::{EventId, ReportId, event::EventContent};
use jiff::Timestamp;
use quick_cache::{Weighter, sync::Cache};
use uuid::Uuid;

use super::stored::{StoredEvent, broken, parsed};
use crate::database::{
    Error,
    schema::events,
    sql_types::{SqlTimestamp, SqlUuid},
};

/// The expected number of entries: the events of one country in a year, twice.
const ESTIMATED_EVENTS: usize = 3_000;
/// The memory limit, estimated: so many events of the usual length, or a hundred of the longest.
const MAX_CACHE_BYTES: u64 = 16 << 20;
/// The estimated memory of an entry without its texts.
const ENTRY_OVERHEAD_BYTES: usize = 2_000;
/// The estimated memory of a session.
const SESSION_BYTES: usize = 100;

/// The cache.
pub(in crate::database) struct EventCache(Cache<Uuid, StoredEvent, EventWeight>);

impl Default for EventCache {
    fn default() -> Self {
        Self(Cache::with_weighter(ESTIMATED_EVENTS, MAX_CACHE_BYTES, EventWeight))
    }
}

/// Estimates the memory of an entry.
#[derive(Clone)]
struct EventWeight;

impl Weighter<Uuid, StoredEvent> for EventWeight {
    fn weight(&self, _: &Uuid, stored: &StoredEvent) -> u64 {
        let event = &stored.event;
        let proposed = event.proposed.as_deref().map_or(0, size);
        (size(&event.content) + proposed) as u64
    }
}

fn size(content: &EventContent) -> usize {
    let place = content.place.iter().flat_map(|place| {
        [&place.locality, &place.venue, &place.street, &place.postal_code].map(Option::as_deref)
    });
    let organizers = std::iter::once(&content.organizer).chain(&content.co_organizers);
    let organizers = organizers
        .flat_map(|one| [Some(one.name.as_str()), Some(one.email.as_str()), one.display_name.as_deref()]);
    let texts = [
        Some(content.title.as_str()),
        content.description.as_deref(),
        content.online_link.as_deref(),
        content.staff_note.as_deref(),
    ];
    let texts = texts.into_iter().chain(place).chain(organizers).flatten().map(str::len).sum::<usize>();
    ENTRY_OVERHEAD_BYTES + SESSION_BYTES * content.sessions.len() + texts
}

/// The part of a row that tells whether a cached entry is valid.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(super) struct EventStamp {
    id: SqlUuid,
    revision: i32,
    updated_at: SqlTimestamp,
    attending: i32,
    waitlisted: i32,
    tally: Option<String>,
    host_report_id: Option<SqlUuid>,
}

impl EventCache {
    /// The cached events of these rows, if all of them are valid.
    pub(super) fn get_all(&self, glances: &[EventStamp]) -> Result<Option<Vec<StoredEvent>>, Error> {
        glances.iter().map(|glance| self.get(glance)).collect()
    }

    fn get(&self, glance: &EventStamp) -> Result<Option<StoredEvent>, Error> {
        let known = self.0.get(&glance.id.0);
        let Some(mut stored) = known.filter(|stored| stamp(stored) == (glance.revision, glance.updated_at.0))
        else {
            return Ok(None);
        };
        stored.event.going = glance.attending.try_into().map_err(|_| broken())?;
        stored.event.waiting = glance.waitlisted.try_into().map_err(|_| broken())?;
        stored.event.tally = glance.tally.as_deref().map(parsed).transpose()?;
        stored.event.host_report = glance.host_report_id.map(|id| ReportId::new(id.0));
        Ok(Some(stored))
    }

    /// Adds events as they are stored.
    pub(in crate::database) fn insert<'a>(&self, read: impl IntoIterator<Item = &'a StoredEvent>) {
        for stored in read {
            self.0.insert(stored.event.id.uuid(), stored.clone());
        }
    }

    /// Removes all entries.
    pub(in crate::database) fn clear(&self) {
        self.0.clear();
    }

    /// Removes an event whose row is about to change.
    pub(super) fn remove(&self, id: EventId) {
        self.0.remove(&id.uuid());
    }
}

/// The validity stamp: it changes whenever the JSON of an event changes.
fn stamp(stored: &StoredEvent) -> (i32, Timestamp) {
    (stored.event.revision.cast_signed(), stored.event.updated_at)
}
