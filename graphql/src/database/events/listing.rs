//! Public lists of events: filters, and the order by beginning.

use diesel::{
    dsl::{exists, sql},
    prelude::*,
    sql_types::Bool,
};
use diesel_async::RunQueryDsl;
use domain::{
    EditionId, Event, EventId, LanguageRange, SectionId,
    event::{BoundingBox, Coordinates, EventFormat, EventState, VenueKind},
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::{EventRow, StoredEvent, row_cache::EventStamp};
use crate::database::{
    Connection, Error,
    schema::{event_sessions, events},
    sql_types::{SqlTimestamp, SqlUuid},
    time_limit::within_limit,
    with_backend,
};

/// A filter of listed events by state.
#[derive(Clone, Debug, Default)]
pub enum StateFilter {
    /// Every state.
    All,
    /// Every state but cancelled.
    #[default]
    NotCancelled,
    /// One of these states, by their spelling.
    Only(Vec<&'static str>),
}

/// The filters of a list; all of them have to match.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// Of this edition.
    pub edition: Option<EditionId>,
    /// Of one of these, where only a section was requested: the index of events begins with the
    /// edition.
    pub editions: Vec<EditionId>,
    /// Of this section.
    pub section: Option<SectionId>,
    /// In one of these countries.
    pub countries: Option<Vec<String>>,
    /// In this region.
    pub region: Option<String>,
    /// With a session on this date or later, in the time zone of the event.
    pub from: Option<Date>,
    /// With a session on this date or earlier, in the time zone of the event.
    pub until: Option<Date>,
    /// In one of the languages of this range.
    pub language: Option<LanguageRange>,
    /// In one of these kinds of venue.
    pub venue_kinds: Option<Vec<VenueKind>>,
    /// In one of these formats.
    pub formats: Option<Vec<EventFormat>>,
    /// In one of these states.
    pub states: StateFilter,
    /// With a free place.
    pub with_free_places: bool,
    /// With each of these words, as [`domain::text::search_words`] returns them.
    pub words: Vec<String>,
    /// In this bounding box.
    pub frame: Option<BoundingBox>,
}

impl EventQuery {
    /// Whether this is one of the few common queries, whatever their values are.
    fn is_usual(&self) -> bool {
        let Self {
            edition: _,
            editions,
            section: _,
            countries: None,
            region: None,
            from: _,
            until: _,
            language: None,
            venue_kinds: None,
            formats: None,
            states: StateFilter::All | StateFilter::NotCancelled,
            with_free_places: false,
            words,
            frame: None,
        } = self
        else {
            return false;
        };
        words.is_empty() && editions.is_empty()
    }
}

/// A cursor of the list: the position of an event.
#[derive(Clone, Copy, Debug)]
pub struct CursorBound {
    /// When the event begins.
    pub starts_at: Timestamp,
    /// The id of the event.
    pub id: EventId,
}

/// The direction of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The earliest first.
    Forward,
    /// The latest first.
    Backward,
}

// A filter by language has eight conditions.
const _: () = assert!(LanguageRange::MAX_BEGINNINGS == 8);

/// Adds the filters to a query of either database.
macro_rules! filter {
    ($query:ident, $wanted:ident) => {
        // If clients influence the text of a statement, the number of cached prepared statements has no
        // bound. Diesel does not cache a statement with a part like this.
        if !$wanted.is_usual() {
            $query = $query.filter(sql::<Bool>("TRUE"));
        }
        if let Some(edition) = $wanted.edition {
            $query = $query.filter(events::edition_id.eq(SqlUuid(edition.uuid())));
        } else if !$wanted.editions.is_empty() {
            let editions = $wanted.editions.iter().map(|edition| SqlUuid(edition.uuid()));
            $query = $query.filter(events::edition_id.eq_any(editions));
        }
        if let Some(section) = $wanted.section {
            $query = $query.filter(events::section_id.eq(SqlUuid(section.uuid())));
        }
        if let Some(countries) = &$wanted.countries {
            $query = $query.filter(events::country.eq_any(countries));
        }
        if let Some(region) = &$wanted.region {
            $query = $query.filter(events::region.eq(region));
        }
        // A time zone is less than a day from UTC. Events that are over by then, or have not begun,
        // have no such session and are excluded without a look at their sessions.
        if let Some(from) = $wanted.from.and_then(|from| midnight(from, -1)) {
            $query = $query.filter(events::ends_at.ge(SqlTimestamp(from)));
        }
        if let Some(until) = $wanted.until.and_then(|until| midnight(until, 2)) {
            $query = $query.filter(events::starts_at.le(SqlTimestamp(until)));
        }
        if $wanted.from.is_some() || $wanted.until.is_some() {
            let (from, until) = (
                $wanted.from.unwrap_or(Date::ZERO).to_string(),
                $wanted.until.unwrap_or(Date::MAX).to_string(),
            );
            // Evaluated for one event after the other until the page is full; a join would collect all
            // events with such a session anew for each page.
            $query = $query.filter(exists(
                event_sessions::table
                    .filter(event_sessions::event_id.eq(events::id))
                    .filter(event_sessions::starts_on.le(until))
                    .filter(event_sessions::ends_on.ge(from)),
            ));
        }
        if let Some(language) = &$wanted.language {
            let beginnings = language.beginnings();
            // A statement has a fixed number of conditions, in which few beginnings are repeated.
            let spoken = |index: usize| {
                let beginning = beginnings.iter().cycle().nth(index).map_or("", String::as_str);
                events::languages.like(containing(&format!(" {beginning}"))).escape('\\')
            };
            let first = spoken(0).or(spoken(1)).or(spoken(2)).or(spoken(3));
            $query = $query.filter(first.or(spoken(4)).or(spoken(5)).or(spoken(6)).or(spoken(7)));
        }
        if let Some(kinds) = &$wanted.venue_kinds {
            $query = $query.filter(events::venue_kind.eq_any(kinds.iter().map(|kind| kind.as_str())));
        }
        if let Some(formats) = &$wanted.formats {
            $query = $query.filter(events::format.eq_any(formats.iter().map(|format| format.as_str())));
        }
        $query = match &$wanted.states {
            StateFilter::All => $query,
            StateFilter::NotCancelled => {
                $query.filter(events::state.ne(EventState::Cancelled(String::new()).as_str()))
            }
            StateFilter::Only(states) => $query.filter(events::state.eq_any(states)),
        };
        if $wanted.with_free_places {
            $query = $query
                .filter(events::capacity.is_null().or(events::capacity.gt(events::attending.nullable())));
        }
        for word in &$wanted.words {
            $query = $query.filter(events::search_text.like(containing(word)).escape('\\'));
        }
        if let Some(BoundingBox { south, north, west_to_east }) = $wanted.frame {
            $query = $query.filter(events::latitude.between(south, north));
            if let Some((west, east)) = west_to_east {
                $query = if west <= east {
                    $query.filter(events::longitude.between(west, east))
                } else {
                    $query.filter(events::longitude.ge(west).or(events::longitude.le(east)))
                };
            }
        }
    };
}

/// Midnight in UTC `days` after a date, if the calendar has it.
fn midnight(day: Date, days: i64) -> Option<Timestamp> {
    let day = day.checked_add(SignedDuration::from_hours(24 * days)).ok()?;
    day.to_zoned_datetime(TimeZone::UTC).ok().map(|midnight| midnight.timestamp())
}

/// The `LIKE` pattern of a text that contains this part.
fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for character in part.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The listed events that match, between two cursors, from one end; `limit` at most.
///
/// # Errors
/// A database error.
pub async fn list(
    connection: &mut Connection,
    wanted: &EventQuery,
    after: Option<CursorBound>,
    before: Option<CursorBound>,
    direction: Direction,
    limit: i64,
) -> Result<Vec<StoredEvent>, Error> {
    macro_rules! listed {
        ($selection:expr) => {
            with_backend!(connection, c => {
                let mut query =
                    events::table.filter(within_limit()).filter(events::is_listed).select($selection).into_boxed();
                filter!(query, wanted);
                if let Some(CursorBound { starts_at, id }) = after {
                    let (starts_at, id) = (SqlTimestamp(starts_at), SqlUuid(id.uuid()));
                    let later = events::starts_at.gt(starts_at);
                    // The first condition is implied by the second; it is there to enter the index.
                    query = query.filter(events::starts_at.ge(starts_at));
                    query = query.filter(later.or(events::starts_at.eq(starts_at).and(events::id.gt(id))));
                }
                if let Some(CursorBound { starts_at, id }) = before {
                    let (starts_at, id) = (SqlTimestamp(starts_at), SqlUuid(id.uuid()));
                    let earlier = events::starts_at.lt(starts_at);
                    query = query.filter(events::starts_at.le(starts_at));
                    query = query.filter(earlier.or(events::starts_at.eq(starts_at).and(events::id.lt(id))));
                }
                query = match direction {
                    Direction::Forward => query.order((events::starts_at.asc(), events::id.asc())),
                    Direction::Backward => query.order((events::starts_at.desc(), events::id.desc())),
                };
                query.limit(limit).load(c).await
            })
        };
    }
    let glances: Vec<EventStamp> = listed!(EventStamp::as_select())?;
    if let Some(mut stored) = connection.known_events().get_all(&glances)? {
        stored.retain(|stored| is_rightly_found(&stored.event, wanted));
        return Ok(stored);
    }
    let rows: Vec<EventRow> = listed!(events::all_columns)?;
    let mut stored: Vec<_> = rows.into_iter().map(EventRow::read).collect::<Result<_, _>>()?;
    connection.note_events(&stored);
    stored.retain(|stored| is_rightly_found(&stored.event, wanted));
    Ok(stored)
}

/// Whether an event is listed and matches these words in its approved version. The filter columns may
/// have been written by the previous version of the service, which does not know the approved version.
fn is_rightly_found(event: &Event, wanted: &EventQuery) -> bool {
    let is_certain = event.proposed.is_none() || wanted.words.is_empty();
    event.is_listed()
        && (is_certain || {
            let text = event.search_text();
            wanted.words.iter().all(|word| text.contains(word))
        })
}

/// The position of a listed event on the map.
#[derive(Clone, Copy, Debug)]
pub struct EventPosition {
    /// Its id.
    pub id: EventId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Its coordinates, as precisely as they are public.
    pub point: Coordinates,
}

/// All matching listed events with public coordinates, unordered.
///
/// # Errors
/// A database error.
pub async fn candidates(
    connection: &mut Connection,
    wanted: &EventQuery,
) -> Result<Vec<EventPosition>, Error> {
    let rows: Vec<(SqlUuid, SqlTimestamp, Option<i32>, Option<i32>)> = with_backend!(connection, c => {
        let mut query = events::table
            .filter(within_limit())
            .filter(events::is_listed)
            .filter(events::latitude.is_not_null().and(events::longitude.is_not_null()))
            .select((events::id, events::starts_at, events::latitude, events::longitude))
            .into_boxed();
        filter!(query, wanted);
        query.load(c).await
    })?;
    let candidates = rows.into_iter().filter_map(|(id, starts_at, latitude, longitude)| {
        let point = Coordinates::from_millionths(latitude?, longitude?);
        Some(EventPosition { id: EventId::new(id.0), starts_at: starts_at.0, point })
    });
    Ok(candidates.collect())
}

/// Events that await review, of one section or of all, the earliest request first; those after a cursor, `limit`
/// at most.
///
/// # Errors
/// A database error.
pub async fn to_review(
    connection: &mut Connection,
    section: Option<SectionId>,
    after: Option<(Timestamp, EventId)>,
    limit: i64,
) -> Result<Vec<StoredEvent>, Error> {
    let rows: Vec<EventRow> = with_backend!(connection, c => {
        let mut query = events::table.filter(within_limit()).filter(events::review_pending).into_boxed();
        if let Some(section) = section {
            query = query.filter(events::section_id.eq(SqlUuid(section.uuid())));
        }
        if let Some((requested_at, id)) = after {
            let (requested_at, id) = (SqlTimestamp(requested_at), SqlUuid(id.uuid()));
            let (column, later_id) = (events::review_requested_at, events::id.nullable().gt(id));
            query = query.filter(column.ge(requested_at));
            query = query.filter(column.gt(requested_at).or(column.eq(requested_at).and(later_id)));
        }
        query.order((events::review_requested_at, events::id)).limit(limit).load(c).await
    })?;
    rows.into_iter().map(EventRow::read).collect()
}
