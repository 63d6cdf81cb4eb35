//! Lists of public events: filter and order.

use async_graphql::{Context, Enum, InputObject};
use domain::{
    EventId, LanguageRange,
    date::day,
    event::{Coordinates, GeoCircle, MAX_RADIUS_KM},
    text,
};
use jiff::Timestamp;

use super::{Event, EventFormat, VenueKind};
use crate::{
    api::{
        RequestContext, cost, edition,
        error::ApiError,
        page::{Cursor, ListOrder, PageRequest, Part, SortKey, foreign_cursor},
        scalar::{CountryCode, Date, Language, RegionCode},
    },
    database::{
        Connection,
        events::{self, CursorBound, Direction, EventQuery, StateFilter, StoredEvent},
    },
};

/// The maximum length of a search text: longer than any name; search texts are typed by hand.
const MAX_SEARCH: usize = 200;
/// The maximum number of countries in a filter: about as many as there are.
const MAX_FILTER: usize = 250;

/// A filter for events. All given conditions must match; an empty list matches nothing.
#[derive(Debug, Default, InputObject)]
pub(crate) struct EventFilter {
    /// In the edition of this year.
    edition: Option<i32>,
    /// Of the section with this code.
    section: Option<String>,
    /// In one of these countries.
    countries: Option<Vec<CountryCode>>,
    /// In this region.
    region: Option<RegionCode>,
    /// With a session on or after this day, in the time zone of the event.
    from: Option<Date>,
    /// With a session on or before this day, in the time zone of the event.
    until: Option<Date>,
    /// With this language spoken, or one that its speakers read as their own by CLDR's language matching: `fr` and
    /// `fr-CA` match each other, `zh-TW` matches `zh-Hant`, and `nn` matches `nb`. A language without script, such as
    /// `zh`, matches all its scripts.
    language: Option<Language>,
    /// With one of these kinds of venue.
    venue_kinds: Option<Vec<VenueKind>>,
    /// In one of these formats.
    formats: Option<Vec<EventFormat>>,
    /// In one of these states; default: all except cancelled.
    states: Option<Vec<ListedState>>,
    /// With at least one free place.
    has_free_places: Option<bool>,
    /// Containing each of these words in the title, the description, the organizer's public name or the
    /// public part of the place. Case, accents, strokes, apostrophes and hyphens make no difference (primary
    /// strength of the Unicode Collation Algorithm); vowel signs do. At most 200 characters.
    text: Option<String>,
    /// Within this distance of a point, by public precision: if the exact place is not public, the rounded
    /// coordinates are used. Events without coordinates do not match, however near they are; `text` finds them by the
    /// name of their town.
    near: Option<NearInput>,
}

impl EventFilter {
    /// The query cost of this filter. Events of an edition or a section, and those before or after a day, are
    /// read from an index; any other filter is a scan.
    pub(crate) fn cost(filter: Option<&Self>) -> usize {
        match filter {
            None
            | Some(Self {
                edition: _,
                section: _,
                from: _,
                until: _,
                countries: None,
                region: None,
                language: None,
                venue_kinds: None,
                formats: None,
                states: None,
                has_free_places: None,
                text: None,
                near: None,
            }) => cost::LOOKUP,
            Some(_) => cost::SEARCH,
        }
    }
}

/// A circle around a point on the map.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct NearInput {
    /// The latitude in degrees north: -90 to 90.
    latitude: f64,
    /// The longitude in degrees east: -180 to 180.
    longitude: f64,
    /// The radius in kilometres: more than 0, at most 500.
    radius_km: f64,
}

/// The order of a list of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum EventOrder {
    /// By start, earliest first.
    #[default]
    Start,
    /// By distance, nearest first. Requires `near`.
    Distance,
}

/// The state of a listed event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ListedState {
    /// Will take place, or is taking place.
    Approved,
    /// Cancelled.
    Cancelled,
    /// Took place; not reported yet.
    Completed,
    /// Took place and was reported.
    Reported,
}

impl ListedState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Cancelled => "CANCELLED",
            Self::Completed => "COMPLETED",
            Self::Reported => "REPORTED",
        }
    }
}

/// A requested list of events.
pub(super) struct Listing<'a> {
    request: &'a RequestContext,
    // Nothing if the named edition or section does not exist.
    wanted: Option<EventQuery>,
    pub(super) order: EventOrder,
    near: Option<GeoCircle>,
}

impl<'a> Listing<'a> {
    /// Parses the arguments of the list.
    pub(super) fn parse(
        request: &'a RequestContext,
        filter: Option<EventFilter>,
        order: Option<EventOrder>,
    ) -> Result<Self, ApiError> {
        let (filter, order) = (filter.unwrap_or_default(), order.unwrap_or_default());
        let edition = filter.edition.map(|year| edition::of_year(request, year).map(|edition| edition.id));
        let section =
            filter.section.map(|code| request.catalogue.section_by_code(&code).map(|found| found.id));
        let is_possible = edition != Some(None) && section != Some(None);
        let text = filter.text.unwrap_or_default();
        if text.chars().count() > MAX_SEARCH {
            return Err(ApiError::bad_input(format!("`text` has at most {MAX_SEARCH} characters.")));
        }
        let near = filter.near.map(circle).transpose()?;
        if order == EventOrder::Distance && near.is_none() {
            return Err(ApiError::bad_input("The order `DISTANCE` requires `near`."));
        }
        let of_section_alone = edition.is_none() && section.is_some();
        let all_editions = request.catalogue.editions().map(|edition| edition.id);
        let wanted = EventQuery {
            edition: edition.flatten(),
            editions: if of_section_alone { all_editions.collect() } else { Vec::new() },
            section: section.flatten(),
            countries: filter.countries.map(countries).transpose()?,
            region: filter.region.map(region).transpose()?,
            from: filter.from.map(|typed| parse_day("from", &typed)).transpose()?,
            until: filter.until.map(|typed| parse_day("until", &typed)).transpose()?,
            language: filter.language.map(language).transpose()?,
            venue_kinds: filter.venue_kinds.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            formats: filter.formats.map(|formats| formats.into_iter().map(Into::into).collect()),
            states: filter.states.map_or_else(StateFilter::default, |states| {
                StateFilter::Only(states.into_iter().map(ListedState::as_str).collect())
            }),
            with_free_places: filter.has_free_places.unwrap_or(false),
            words: text::search_words(&text),
            frame: near.map(GeoCircle::frame),
        };
        Ok(Self { request, wanted: is_possible.then_some(wanted), order, near })
    }

    /// Returns a page of the list.
    pub(super) async fn page(
        &self,
        ctx: &Context<'_>,
        seeking: &PageRequest,
    ) -> Result<Part<Event<'a>>, ApiError> {
        for (argument, cursor) in [("after", &seeking.after), ("before", &seeking.before)] {
            if cursor.as_ref().is_some_and(|cursor| cursor.number(self.order.list_order()).is_none()) {
                return Err(foreign_cursor(argument));
            }
        }
        let Some(wanted) = &self.wanted else { return Ok(seeking.part(Vec::new())) };
        let mut connection = self.request.connect_tracking_events(crate::api::AppState::of(ctx)).await?;
        let found = match self.near {
            Some(circle) => self.near(&mut connection, wanted, circle, seeking).await?,
            None => by_start(&mut connection, wanted, seeking).await?,
        };
        let rows = found.into_iter().filter_map(|(key, stored)| {
            Some((key, stored.event.id.uuid(), Event::visible_to(self.request, stored)?))
        });
        Ok(seeking.part(rows.collect()))
    }

    /// The database selects the events in a bounding box; distances, and which events lie in the circle, are
    /// computed here from little more than the coordinates of the candidates.
    async fn near(
        &self,
        connection: &mut Connection,
        wanted: &EventQuery,
        circle: GeoCircle,
        seeking: &PageRequest,
    ) -> Result<Vec<(SortKey, StoredEvent)>, ApiError> {
        let candidates = events::candidates(connection, wanted).await?;
        let near = candidates.into_iter().filter(|candidate| circle.contains(candidate.point));
        let rows = near.map(|candidate| {
            let number = match self.order {
                EventOrder::Start => candidate.starts_at.as_microsecond(),
                EventOrder::Distance => circle.centre().metres_to(candidate.point).into(),
            };
            (SortKey::ascending(self.order.list_order(), number), candidate.id.uuid(), ())
        });
        let rows = seeking.select(rows.collect());
        let ids: Vec<_> = rows.iter().map(|(_, id, ())| EventId::new(*id)).collect();
        let mut stored = events::show_all(connection, &ids).await?;
        let rows = rows.into_iter().zip(ids);
        Ok(rows.filter_map(|((key, ..), id)| Some((key, stored.remove(&id)?))).collect())
    }
}

impl EventOrder {
    /// The order that cursors name.
    pub(super) const fn list_order(self) -> ListOrder {
        match self {
            Self::Start => ListOrder::EventsByStart,
            Self::Distance => ListOrder::EventsByDistance,
        }
    }
}

async fn by_start(
    connection: &mut Connection,
    wanted: &EventQuery,
    seeking: &PageRequest,
) -> Result<Vec<(SortKey, StoredEvent)>, ApiError> {
    let [after, before] = [&seeking.after, &seeking.before].map(|cursor| cursor.as_ref().and_then(bound));
    let direction = if seeking.is_from_end { Direction::Backward } else { Direction::Forward };
    let found = events::list(connection, wanted, after, before, direction, seeking.limit()).await?;
    let rows = found.into_iter().map(|stored| {
        let starts_at = stored.event.content.first_session().starts_at();
        (SortKey::ascending(ListOrder::EventsByStart, starts_at.as_microsecond()), stored)
    });
    Ok(rows.collect())
}

/// Returns the position that a cursor of a list by start refers to.
fn bound(cursor: &Cursor) -> Option<CursorBound> {
    let starts_at = Timestamp::from_microsecond(cursor.number(ListOrder::EventsByStart)?).ok()?;
    Some(CursorBound { starts_at, id: EventId::new(cursor.id()) })
}

fn circle(typed: NearInput) -> Result<GeoCircle, ApiError> {
    let centre = Coordinates::new(typed.latitude, typed.longitude);
    let centre = centre.map_err(|_| ApiError::bad_input("`near` is not a point on the map."))?;
    GeoCircle::new(centre, typed.radius_km).ok_or_else(|| {
        ApiError::bad_input(format!("`radiusKm` must be above 0 and at most {MAX_RADIUS_KM}."))
    })
}

fn countries(typed: Vec<CountryCode>) -> Result<Vec<String>, ApiError> {
    if typed.len() > MAX_FILTER {
        return Err(ApiError::bad_input(format!("`countries` has at most {MAX_FILTER} entries.")));
    }
    let parsed = typed.into_iter().map(|code| domain::Country::parse(&code.0).map(String::from));
    let parsed = parsed.collect::<Result<_, _>>();
    parsed.map_err(|_| ApiError::bad_input("`countries` has one that is not in ISO 3166-1."))
}

fn region(typed: RegionCode) -> Result<String, ApiError> {
    let parsed = domain::Region::parse(&typed.0).map(String::from);
    parsed.map_err(|_| ApiError::bad_input("`region` is not a region of ISO 3166-2."))
}

fn language(typed: Language) -> Result<LanguageRange, ApiError> {
    let parsed = domain::Language::parse(&typed.0).map(|language| language.range());
    parsed.map_err(|_| ApiError::bad_input("`language` is not a language of the BCP 47 registry."))
}

fn parse_day(argument: &str, typed: &Date) -> Result<jiff::civil::Date, ApiError> {
    day(&typed.0).map_err(|_| ApiError::bad_input(format!("`{argument}` is not a calendar date.")))
}
