//! Public events as files: calendars for calendar applications, points for maps.
//!
//! A list has what everyone finds; a file of one event also opens by the id of an unlisted one, which
//! is its link. Whatever is not for everyone has no file: the answer is that of an id that never was.
//!
//! A file is made once for each revision of events and catalogue, and given to all who ask for it. The
//! calendar of one person is made for them alone, and never kept.

use std::sync::Arc;

use async_graphql::ID;
use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue},
    response::Response,
    routing::get,
};
use domain::{Event, EventId, edition::EditionState, event::Audience};
use quick_cache::sync::Cache;
use serde::Deserialize;

use super::plain::{self, Plain};
use crate::{
    api,
    catalogue::Catalogue,
    database::{
        self,
        events::{self, Direction, States, Wanted},
    },
    revision::Revision,
};

mod calendar;
mod map;
mod own;

use calendar::Entry;

/// What calendars are called.
const NAME: &str = "Write for Rights";

/// Calendar applications ask every few hours, maps with each visitor: a minute spares the service the
/// latter, and an event that is called off is gone from every map a minute later.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-while-revalidate=600");
/// An edition had fifteen hundred events at most. Of more than this, those that begin last are in the
/// file: what is over can be missed best.
const EVENTS_MOST: i64 = 5_000;
/// As many different files as a section or two for each country make.
const FILES_MOST: usize = 200;

#[derive(Clone)]
struct Feeds {
    context: api::Context,
    files: Arc<Cache<File, Made>>,
}

/// A file that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct File {
    form: Form,
    edition: Option<i16>,
    section: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Calendar,
    Map,
}

/// A file, and the revisions of events and catalogue that it was made from.
#[derive(Clone)]
struct Made {
    from: (Revision, Revision),
    file: Plain,
}

/// Which events: of one edition or of all that are not archived, of one section or of all.
#[derive(Deserialize)]
struct Which {
    edition: Option<i16>,
    section: Option<String>,
}

type Asked = Result<Query<Which>, QueryRejection>;

pub(super) fn routes(context: api::Context) -> Router {
    let feeds = Feeds { context, files: Arc::new(Cache::new(FILES_MOST)) };
    Router::new()
        .route("/events.ics", get(calendar))
        .route("/events.geojson", get(map))
        .route("/events/{file}", get(of_one))
        .route("/calendars/{file}", get(own::calendar))
        .with_state(feeds)
}

async fn calendar(State(feeds): State<Feeds>, which: Asked, asked: HeaderMap) -> Response {
    of_many(&feeds, Form::Calendar, which, &asked).await
}

async fn map(State(feeds): State<Feeds>, which: Asked, asked: HeaderMap) -> Response {
    of_many(&feeds, Form::Map, which, &asked).await
}

async fn of_many(feeds: &Feeds, form: Form, which: Asked, asked: &HeaderMap) -> Response {
    let Ok(Query(Which { edition, section })) = which else { return plain::not_found() };
    let file = File { form, edition, section };
    match feeds.file(file).await {
        Ok(Some(file)) => file.answer(asked, KEPT),
        Ok(None) => plain::not_found(),
        Err(error) => failed(&error),
    }
}

async fn of_one(State(feeds): State<Feeds>, Path(file): Path<String>, asked: HeaderMap) -> Response {
    // The router knows no endings, so the last part of the address is read here.
    let id = file.strip_suffix(".ics").and_then(|id| api::event_id(&ID(id.to_owned())));
    let Some(id) = id else { return plain::not_found() };
    match feeds.event(id).await {
        Ok(Some(event)) => {
            let body = calendar::of(NAME, std::iter::once(Entry::for_everyone(&event)));
            Plain::new(calendar::MEDIA, body).answer(&asked, KEPT)
        }
        Ok(None) => plain::not_found(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &database::Error) -> Response {
    tracing::error!(cause = %error.cause(), "a file of events could not be made");
    plain::unavailable()
}

impl Feeds {
    fn from(&self) -> (Revision, Revision) {
        (*self.context.events_revision.borrow(), self.context.catalogue.borrow().revision)
    }

    /// The file, unless it names an edition or a section that is not there.
    async fn file(&self, file: File) -> Result<Option<Plain>, database::Error> {
        // Taken before the database is read: what is read is as new as that, or newer.
        let from = self.from();
        if let Some(made) = self.files.get(&file).filter(|made| made.from == from) {
            return Ok(Some(made.file));
        }
        let catalogue = Arc::clone(&self.context.catalogue.borrow());
        let Some((wanted, name)) = wanted(&catalogue, &file) else { return Ok(None) };
        let mut connection = self.context.database.connect().await?;
        let found =
            events::list(&mut connection, &wanted, None, None, Direction::Backward, EVENTS_MOST).await?;
        let is_past = |event: &Event| {
            let edition = catalogue.edition(event.edition_id);
            file.edition.is_none() && edition.is_none_or(|edition| edition.state == EditionState::Archived)
        };
        let shown: Vec<Event> =
            found.into_iter().rev().map(|kept| kept.event).filter(|event| !is_past(event)).collect();
        let (media, body) = match file.form {
            Form::Calendar => (calendar::MEDIA, calendar::of(&name, shown.iter().map(Entry::for_everyone))),
            Form::Map => (map::MEDIA, map::of(&shown)),
        };
        let made = Made { from, file: Plain::new(media, body) };
        self.files.insert(file, made.clone());
        Ok(Some(made.file))
    }

    /// The event, if everyone may know of it who has its link.
    async fn event(&self, id: EventId) -> Result<Option<Event>, database::Error> {
        let mut connection = self.context.database.connect().await?;
        let kept = events::find(&mut connection, id).await?;
        Ok(kept.map(|kept| kept.event).filter(|event| event.is_known_to(Audience::Everyone)))
    }
}

/// What a file has, and what it is called: for what it was narrowed to.
fn wanted(catalogue: &Catalogue, file: &File) -> Option<(Wanted, String)> {
    let edition = match file.edition {
        Some(year) => Some(catalogue.edition_of(year)?),
        None => None,
    };
    let section = match &file.section {
        Some(code) => Some(catalogue.section_called(code)?),
        None => None,
    };
    let narrowed =
        [edition.map(|edition| edition.year.to_string()), section.map(|section| section.name.clone())];
    let name: Vec<String> = std::iter::once(NAME.to_owned()).chain(narrowed.into_iter().flatten()).collect();
    // A calendar has to say what is called off; on a map it is gone.
    let states = match file.form {
        Form::Calendar => States::All,
        Form::Map => States::NotCancelled,
    };
    let wanted = Wanted {
        edition: edition.map(|edition| edition.id),
        section: section.map(|section| section.id),
        states,
        ..Wanted::default()
    };
    Some((wanted, name.join(", ")))
}
