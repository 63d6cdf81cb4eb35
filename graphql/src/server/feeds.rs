//! Feeds of public events: calendars (iCalendar) and maps (GeoJSON).
//!
//! A list contains the listed events; a file of one event also opens by the id of an unlisted one,
//! which is its link. For events that are not public, the response is the same as for an unknown id.
//!
//! A feed is rendered once for each revision of events and catalogue, cached, and served to all
//! clients. The calendar of one person is never cached. The size of a feed, the memory for rendering
//! and the memory of the cache are limited.

use std::sync::Arc;

use async_graphql::ID;
use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue},
    response::Response,
    routing::get,
};
use domain::{
    Event, EventId, catalogue::Catalogue, edition::EditionState, event::EventAudience, revision::Revision,
};
use quick_cache::{Weighter, sync::Cache};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::static_response::{self, CacheableFile};
use crate::{
    api,
    database::{
        self, Access, Connection,
        events::{self, CursorBound, Direction, EventQuery, StateFilter},
    },
};

mod bounded;
mod calendar;
mod map;
mod own;

use bounded::{BoundedFeed, FeedPart, MAX_FILE_BYTES};
use calendar::Entry;

/// The name of calendars.
const NAME: &str = "Write for Rights";

/// Calendar applications poll every few hours, maps with each visitor. A minute of caching protects the
/// service from the latter, and a cancelled event is gone from every map a minute later.
const MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-while-revalidate=600");
/// The largest number of events in a feed. An edition had fifteen hundred events at most. Of more than
/// this, the feed has those that begin last, because past events matter least.
const MAX_EVENTS: usize = 5_000;
/// The page size for reading events: some megabytes, even with the longest texts.
const PAGE: i64 = 50;
/// The memory limit of the cache: a feed of the longest kind for the world and for each of seven
/// sections, or all feeds of a usual year.
const MAX_CACHE_BYTES: u64 = 8 * MAX_FILE_BYTES as u64;
/// The expected number of cached feeds. With so few the cache has one shard, so that each feed may have
/// the maximum length.
const ESTIMATED_FILES: usize = 32;
/// How many feeds are rendered at once. Rendering takes some milliseconds; clients that wait for the
/// same feed get the cached one.
const MAX_CONCURRENT_RENDERS: usize = 2;

#[derive(Clone)]
struct Feeds {
    context: api::AppState,
    files: Arc<Cache<FeedKey, RenderedFeed, FeedWeight>>,
    turns: Arc<Semaphore>,
}

/// The key of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FeedKey {
    form: FeedFormat,
    edition: Option<i16>,
    section: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum FeedFormat {
    Calendar,
    Map,
}

/// A rendered feed, and the revisions of events and catalogue that it was rendered from.
#[derive(Clone)]
struct RenderedFeed {
    from: (Revision, Revision),
    file: CacheableFile,
}

/// The memory of a cached feed.
#[derive(Clone)]
struct FeedWeight;

impl Weighter<FeedKey, RenderedFeed> for FeedWeight {
    fn weight(&self, _: &FeedKey, made: &RenderedFeed) -> u64 {
        made.file.len().max(1) as u64
    }
}

/// The filter of a feed: one edition or all that are not archived, one section or all.
#[derive(Deserialize)]
struct FeedFilter {
    edition: Option<i16>,
    section: Option<String>,
}

type FeedRequest = Result<Query<FeedFilter>, QueryRejection>;

pub(super) fn routes(context: api::AppState) -> Router {
    let files = Arc::new(Cache::with_weighter(ESTIMATED_FILES, MAX_CACHE_BYTES, FeedWeight));
    let feeds = Feeds { context, files, turns: Arc::new(Semaphore::new(MAX_CONCURRENT_RENDERS)) };
    Router::new()
        .route("/events.ics", get(calendar))
        .route("/events.geojson", get(map))
        .route("/events/{file}", get(of_one))
        .route("/calendars/{file}", get(own_calendar))
        .with_state(feeds)
}

async fn calendar(State(feeds): State<Feeds>, which: FeedRequest, headers: HeaderMap) -> Response {
    of_many(&feeds, FeedFormat::Calendar, which, &headers).await
}

async fn map(State(feeds): State<Feeds>, which: FeedRequest, headers: HeaderMap) -> Response {
    of_many(&feeds, FeedFormat::Map, which, &headers).await
}

async fn of_many(feeds: &Feeds, form: FeedFormat, which: FeedRequest, headers: &HeaderMap) -> Response {
    let Ok(Query(FeedFilter { edition, section })) = which else { return static_response::not_found() };
    let file = FeedKey { form, edition, section };
    match feeds.file(file).await {
        Ok(Some(file)) => file.respond(headers, MAX_AGE),
        Ok(None) => static_response::not_found(),
        Err(error) => failed(&error),
    }
}

async fn of_one(State(feeds): State<Feeds>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    // The router does not match file extensions, so the last segment of the path is parsed here.
    let id = file.strip_suffix(".ics").and_then(|id| api::event_id(&ID(id.to_owned())));
    let Some(id) = id else { return static_response::not_found() };
    match feeds.event(id).await {
        Ok(Some(event)) => {
            let mut file = BoundedFeed::default();
            file.push(calendar::entry(&Entry::for_everyone(&event)));
            let body = calendar::of(NAME, &file, None);
            CacheableFile::new(calendar::MEDIA, body).respond(&headers, MAX_AGE)
        }
        Ok(None) => static_response::not_found(),
        Err(error) => failed(&error),
    }
}

async fn own_calendar(State(feeds): State<Feeds>, Path(file): Path<String>) -> Response {
    let response = own::calendar(&feeds.context.database, &file).await;
    response.unwrap_or_else(|error| static_response::private(failed(&error)))
}

fn failed(error: &database::Error) -> Response {
    tracing::error!(cause = %error.cause(), "a feed of events could not be rendered");
    static_response::unavailable()
}

impl Feeds {
    fn from(&self) -> (Revision, Revision) {
        (*self.context.events_revision.borrow(), self.context.catalogue.borrow().revision)
    }

    /// The feed; `None` if its edition or section does not exist.
    async fn file(&self, file: FeedKey) -> Result<Option<CacheableFile>, database::Error> {
        if let Some(known) = self.known(&file, self.from()) {
            return Ok(Some(known));
        }
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await;
        // Read before the database, so that the events are at least as new as these revisions.
        let from = self.from();
        if let Some(known) = self.known(&file, from) {
            return Ok(Some(known));
        }
        let catalogue = Arc::clone(&self.context.catalogue.borrow());
        let Some((wanted, name)) = wanted(&catalogue, &file) else { return Ok(None) };
        let is_past = |event: &Event| {
            let edition = catalogue.edition(event.edition_id);
            file.edition.is_none() && edition.is_none_or(|edition| edition.state == EditionState::Archived)
        };
        let part = |event: &Event| match file.form {
            _ if is_past(event) => None,
            FeedFormat::Calendar => Some(calendar::entry(&Entry::for_everyone(event))),
            FeedFormat::Map => map::feature(event).map(FeedPart::from),
        };
        let mut connection = self.context.database.connect().await?;
        let work = async |connection: &mut Connection| render(connection, &wanted, part).await;
        let filling = connection.transaction(Access::Read, work).await?;
        let base = self.context.public_url.trim_end_matches('/');
        let (media, body) = match file.form {
            FeedFormat::Calendar => (calendar::MEDIA, calendar::of(&name, &filling, Some(base))),
            FeedFormat::Map => (map::MEDIA, map::of(&filling, base)),
        };
        let made = RenderedFeed { from, file: CacheableFile::new(media, body) };
        self.files.insert(file, made.clone());
        Ok(Some(made.file))
    }

    fn known(&self, file: &FeedKey, from: (Revision, Revision)) -> Option<CacheableFile> {
        self.files.get(file).filter(|made| made.from == from).map(|made| made.file)
    }

    /// The event, if it is listed or unlisted.
    async fn event(&self, id: EventId) -> Result<Option<Event>, database::Error> {
        let mut connection = self.context.database.connect().await?;
        let stored = events::find(&mut connection, id).await?;
        Ok(stored.map(|stored| stored.event).filter(|event| event.is_known_to(EventAudience::Everyone)))
    }
}

/// Renders the matching events, page by page from the one that begins last.
async fn render(
    connection: &mut Connection,
    wanted: &EventQuery,
    part: impl Fn(&Event) -> Option<FeedPart>,
) -> Result<BoundedFeed, database::Error> {
    let (mut filling, mut read, mut before) = (BoundedFeed::default(), 0, None);
    loop {
        let page = events::list(connection, wanted, None, before, Direction::Backward, PAGE).await?;
        let Some(last) = page.last() else { return Ok(filling) };
        before = Some(CursorBound {
            starts_at: last.event.content.first_session().starts_at(),
            id: last.event.id,
        });
        for stored in &page {
            if read == MAX_EVENTS {
                filling.skip();
                return Ok(filling);
            }
            read += 1;
            if let Some(part) = part(&stored.event)
                && !filling.push(part)
            {
                return Ok(filling);
            }
        }
    }
}

/// The filter and the title of a feed; `None` if its edition or section does not exist.
fn wanted(catalogue: &Catalogue, file: &FeedKey) -> Option<(EventQuery, String)> {
    let edition = match file.edition {
        Some(year) => Some(catalogue.edition_by_year(year)?),
        None => None,
    };
    let section = match &file.section {
        Some(code) => Some(catalogue.section_by_code(code)?),
        None => None,
    };
    let narrowed =
        [edition.map(|edition| edition.year.to_string()), section.map(|section| section.name.clone())];
    let name: Vec<String> = std::iter::once(NAME.to_owned()).chain(narrowed.into_iter().flatten()).collect();
    // A calendar has to show a cancellation; a map omits cancelled events.
    let states = match file.form {
        FeedFormat::Calendar => StateFilter::All,
        FeedFormat::Map => StateFilter::NotCancelled,
    };
    let wanted = EventQuery {
        edition: edition.map(|edition| edition.id),
        section: section.map(|section| section.id),
        states,
        ..EventQuery::default()
    };
    Some((wanted, name.join(" – ")))
}
