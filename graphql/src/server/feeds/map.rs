//! GeoJSON (RFC 7946) feeds: events as points, as precisely as they are public.

use async_graphql::ID;
use domain::{Event, event::EventAudience};
use jiff::Timestamp;
use serde::Serialize;

use super::bounded::BoundedFeed;
use crate::api;

pub(super) const MEDIA: &str = "application/geo+json";

#[derive(Serialize)]
struct Feature<'a> {
    r#type: &'static str,
    id: ID,
    geometry: Point,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Point {
    r#type: &'static str,
    /// Longitude before latitude.
    coordinates: [f64; 2],
}

/// The properties of an event. Their names are those of the GraphQL event and its place.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    /// Maps that make tiles of a feed keep the properties of a feature and drop its id, unless it is a number.
    id: ID,
    title: &'a str,
    state: &'a str,
    format: &'a str,
    venue_kind: &'a str,
    starts_at: Timestamp,
    ends_at: Timestamp,
    time_zone: &'a str,
    country: &'a str,
    region: Option<&'a str>,
    locality: Option<&'a str>,
    venue: Option<&'a str>,
    street: Option<&'a str>,
    is_exact: bool,
    free_places: Option<u32>,
}

/// A feature collection. If events were left out, it says so, and gives the URL of a section's map,
/// below `base`, the URL of the service.
pub(super) fn of(features: &BoundedFeed, base: &str) -> Vec<u8> {
    let parts: Vec<&str> = features.parts().collect();
    let mut collection = format!(r#"{{"type":"FeatureCollection","features":[{}]"#, parts.join(","));
    if features.is_truncated() {
        let more = serde_json::json!(format!("{base}/events.geojson?section=CODE"));
        // Foreign members are allowed (RFC 7946, 6.1).
        collection += &format!(r#","complete":false,"more":{more}"#);
    }
    collection.push('}');
    collection.into_bytes()
}

/// An event as a feature, if it has a public point.
pub(super) fn feature(event: &Event) -> Option<String> {
    let feature = point(event)?;
    Some(serde_json::to_string(&feature).expect("texts and finite numbers are JSON"))
}

fn point(event: &Event) -> Option<Feature<'_>> {
    let content = &event.content;
    let place = event.place_for(EventAudience::Everyone)?;
    let point = place.coordinates?;
    Some(Feature {
        r#type: "Feature",
        id: api::global_id(event.id),
        geometry: Point { r#type: "Point", coordinates: [point.longitude(), point.latitude()] },
        properties: Properties {
            id: api::global_id(event.id),
            title: &content.title,
            state: event.state.as_str(),
            format: content.format.as_str(),
            venue_kind: content.venue_kind.as_str(),
            starts_at: content.first_session().starts_at(),
            ends_at: content.last_session().ends_at(),
            time_zone: content.zone.as_str(),
            country: place.country.as_str(),
            region: place.region.map(domain::Region::as_str),
            locality: place.locality,
            venue: place.venue,
            street: place.street,
            is_exact: place.is_exact,
            free_places: event.free_places(),
        },
    })
}
