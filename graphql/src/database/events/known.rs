//! Events that were read before. Lists show the same ones again and again, and to read an event is mostly to
//! parse what it says.
//!
//! What was read is what it says for as long as its row has the same revision and the same instant of the last
//! change. How many people go and wait, and what its reports say together, changes without a revision and
//! is read each time.

use diesel::prelude::*;
use domain::{EventId, event::EventContent};
use jiff::Timestamp;
use quick_cache::{Weighter, sync::Cache};
use uuid::Uuid;

use super::{Error, Kept, broken, parsed};
use crate::database::{
    column::{At, Id},
    tables::events,
};

/// How many are known about: those of one country in a year, twice over.
const KNOWN_USUAL: usize = 3_000;
/// How much of memory they take, about: so many of the usual length, or a hundred of the longest.
const BYTES_MOST: u64 = 16 << 20;
/// What an event takes beside its texts, about.
const BESIDES: usize = 2_000;
/// What a session takes, about.
const SESSION: usize = 100;

/// The events that were read before.
pub(in crate::database) struct Known(Cache<Uuid, Kept, Bytes>);

impl Default for Known {
    fn default() -> Self {
        Self(Cache::with_weighter(KNOWN_USUAL, BYTES_MOST, Bytes))
    }
}

/// How much of memory an event takes, about.
#[derive(Clone)]
struct Bytes;

impl Weighter<Uuid, Kept> for Bytes {
    fn weight(&self, _: &Uuid, kept: &Kept) -> u64 {
        let event = &kept.event;
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
        content.note.as_deref(),
    ];
    let texts = texts.into_iter().chain(place).chain(organizers).flatten().map(str::len).sum::<usize>();
    BESIDES + SESSION * content.sessions.len() + texts
}

/// A look at a row, which tells whether the event is known.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(super) struct Glance {
    id: Id,
    revision: i32,
    changed_at: At,
    going: i32,
    waiting: i32,
    evening: Option<String>,
}

impl Known {
    /// The events that were looked at, if all of them are known.
    pub(super) fn recall(&self, glances: &[Glance]) -> Result<Option<Vec<Kept>>, Error> {
        glances.iter().map(|glance| self.recall_one(glance)).collect()
    }

    fn recall_one(&self, glance: &Glance) -> Result<Option<Kept>, Error> {
        let known = self.0.get(&glance.id.0);
        let Some(mut kept) = known.filter(|kept| stamp(kept) == (glance.revision, glance.changed_at.0))
        else {
            return Ok(None);
        };
        kept.event.going = glance.going.try_into().map_err(|_| broken())?;
        kept.event.waiting = glance.waiting.try_into().map_err(|_| broken())?;
        kept.event.evening = glance.evening.as_deref().map(parsed).transpose()?;
        Ok(Some(kept))
    }

    /// Takes note of events as they are kept.
    pub(in crate::database) fn learn<'a>(&self, read: impl IntoIterator<Item = &'a Kept>) {
        for kept in read {
            self.0.insert(kept.event.id.uuid(), kept.clone());
        }
    }

    /// Forgets all of them.
    pub(in crate::database) fn forget_all(&self) {
        self.0.clear();
    }

    /// Forgets an event whose row is going to say something else.
    pub(super) fn forget(&self, id: EventId) {
        self.0.remove(&id.uuid());
    }
}

/// What changes whenever an event says something else.
fn stamp(kept: &Kept) -> (i32, Timestamp) {
    (kept.event.revision.cast_signed(), kept.event.changed_at)
}
