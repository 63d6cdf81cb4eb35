//! Public events as files: calendars for calendar applications, points for maps.
//!
//! A list has what everyone finds; a file of one event also opens by the id of an unlisted one, which
//! is its link. Whatever is not for everyone has no file: the answer is that of an id that never was.
//!
//! A file is made once for each revision of events and catalogue, and given to all who ask for it. The
//! calendar of one person is made for them alone, and never kept. However much there is to tell, a file, the
//! memory that making it takes, and the files that are kept have bounds.

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

use bounded::{BoundedFeed, MAX_FILE_BYTES};
use calendar::Entry;

/// What calendars are called.
const NAME: &str = "Write for Rights";

/// Calendar applications ask every few hours, maps with each visitor: a minute spares the service the
/// latter, and an event that is called off is gone from every map a minute later.
const MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-while-revalidate=600");
/// An edition had fifteen hundred events at most. Of more than this, those that begin last are in the
/// file: what is over can be missed best.
const MAX_EVENTS: usize = 5_000;
/// How many events are read at once: some megabytes, however long each of them is.
const PAGE: i64 = 50;
/// How much of memory files are kept in: a file of the longest kind for the world and for each of seven
/// sections, or all of those that a usual year makes.
const MAX_CACHE_BYTES: u64 = 8 * MAX_FILE_BYTES as u64;
/// How many files are kept about. With so few the cache is one, so that each of its files may be the longest.
const ESTIMATED_FILES: usize = 32;
/// How many files are made at once. One takes some milliseconds; whoever waits for the same finds it made.
const RENDER_TIMEOUT: usize = 2;

#[derive(Clone)]
struct Feeds {
    context: api::AppState,
    files: Arc<Cache<FeedKey, RenderedFeed, FeedWeight>>,
    turns: Arc<Semaphore>,
}

/// A file that can be asked for.
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

/// A file, and the revisions of events and catalogue that it was made from.
#[derive(Clone)]
struct RenderedFeed {
    from: (Revision, Revision),
    file: CacheableFile,
}

/// How much of memory a file takes.
#[derive(Clone)]
struct FeedWeight;

impl Weighter<FeedKey, RenderedFeed> for FeedWeight {
    fn weight(&self, _: &FeedKey, made: &RenderedFeed) -> u64 {
        made.file.len().max(1) as u64
    }
}

/// Which events: of one edition or of all that are not archived, of one section or of all.
#[derive(Deserialize)]
struct FeedFilter {
    edition: Option<i16>,
    section: Option<String>,
}

type FeedRequest = Result<Query<FeedFilter>, QueryRejection>;

pub(super) fn routes(context: api::AppState) -> Router {
    let files = Arc::new(Cache::with_weighter(ESTIMATED_FILES, MAX_CACHE_BYTES, FeedWeight));
    let feeds = Feeds { context, files, turns: Arc::new(Semaphore::new(RENDER_TIMEOUT)) };
    Router::new()
        .route("/events.ics", get(calendar))
        .route("/events.geojson", get(map))
        .route("/events/{file}", get(of_one))
        .route("/calendars/{file}", get(own::calendar))
        .with_state(feeds)
}

async fn calendar(State(feeds): State<Feeds>, which: FeedRequest, asked: HeaderMap) -> Response {
    of_many(&feeds, FeedFormat::Calendar, which, &asked).await
}

async fn map(State(feeds): State<Feeds>, which: FeedRequest, asked: HeaderMap) -> Response {
    of_many(&feeds, FeedFormat::Map, which, &asked).await
}

async fn of_many(feeds: &Feeds, form: FeedFormat, which: FeedRequest, asked: &HeaderMap) -> Response {
    let Ok(Query(FeedFilter { edition, section })) = which else { return static_response::not_found() };
    let file = FeedKey { form, edition, section };
    match feeds.file(file).await {
        Ok(Some(file)) => file.respond(asked, MAX_AGE),
        Ok(None) => static_response::not_found(),
        Err(error) => failed(&error),
    }
}

async fn of_one(State(feeds): State<Feeds>, Path(file): Path<String>, asked: HeaderMap) -> Response {
    // The router knows no endings, so the last part of the address is read here.
    let id = file.strip_suffix(".ics").and_then(|id| api::event_id(&ID(id.to_owned())));
    let Some(id) = id else { return static_response::not_found() };
    match feeds.event(id).await {
        Ok(Some(event)) => {
            let mut file = BoundedFeed::default();
            file.push(calendar::entry(&Entry::for_everyone(&event)));
            let body = calendar::of(NAME, &file, None);
            CacheableFile::new(calendar::MEDIA, body).respond(&asked, MAX_AGE)
        }
        Ok(None) => static_response::not_found(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &database::Error) -> Response {
    tracing::error!(cause = %error.cause(), "a file of events could not be made");
    static_response::unavailable()
}

impl Feeds {
    fn from(&self) -> (Revision, Revision) {
        (*self.context.events_revision.borrow(), self.context.catalogue.borrow().revision)
    }

    /// The file, unless it names an edition or a section that is not there.
    async fn file(&self, file: FeedKey) -> Result<Option<CacheableFile>, database::Error> {
        if let Some(known) = self.known(&file, self.from()) {
            return Ok(Some(known));
        }
        // It is never closed.
        let _turn = self.turns.acquire().await;
        // Taken before the database is read: what is read is as new as that, or newer.
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
            FeedFormat::Map => map::feature(event),
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

    /// The event, if everyone may know of it who has its link.
    async fn event(&self, id: EventId) -> Result<Option<Event>, database::Error> {
        let mut connection = self.context.database.connect().await?;
        let kept = events::find(&mut connection, id).await?;
        Ok(kept.map(|kept| kept.event).filter(|event| event.is_known_to(EventAudience::Everyone)))
    }
}

/// The parts of all events that are wanted, a page of events at a time from the last one that begins.
async fn render(
    connection: &mut Connection,
    wanted: &EventQuery,
    part: impl Fn(&Event) -> Option<String>,
) -> Result<BoundedFeed, database::Error> {
    let (mut filling, mut read, mut before) = (BoundedFeed::default(), 0, None);
    loop {
        let page = events::list(connection, wanted, None, before, Direction::Backward, PAGE).await?;
        let Some(last) = page.last() else { return Ok(filling) };
        before = Some(CursorBound {
            starts_at: last.event.content.first_session().starts_at(),
            id: last.event.id,
        });
        for kept in &page {
            if read == MAX_EVENTS {
                filling.skip();
                return Ok(filling);
            }
            read += 1;
            if let Some(part) = part(&kept.event)
                && !filling.push(part)
            {
                return Ok(filling);
            }
        }
    }
}

/// What a file has, and what it is called: for what it was narrowed to.
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
    // A calendar has to say what is called off; on a map it is gone.
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
    Some((wanted, name.join(", ")))
}
