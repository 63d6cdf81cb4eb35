//! The place of an event, as precisely as the viewer may see it.

use async_graphql::{Object, SimpleObject};
use domain::{address::NameLanguage, event::PlaceSeen};

use crate::api::scalar::{CountryCode, RegionCode};

/// The visible part of a place.
pub(crate) struct EventPlace<'a>(pub(super) PlaceSeen<'a>);

/// The place of an event. The organizer chooses the audience of the exact place; for a home it is never
/// everyone. For other viewers `venue`, `street` and `postalCode` are null, and the coordinates are rounded
/// to a tenth of a degree. While new texts of a changed place await review, attendees see them at once; for
/// everyone else they are null, including `locality`, while country, region and coordinates are those of the
/// new place.
#[Object(serial)]
impl<'a> EventPlace<'a> {
    /// The country.
    async fn country(&self) -> CountryCode {
        CountryCode::from(self.0.country)
    }

    /// The region.
    async fn region(&self) -> Option<RegionCode> {
        self.0.region.map(RegionCode::from)
    }

    /// The town or village.
    async fn locality(&self) -> Option<&'a str> {
        self.0.locality
    }

    /// The name of the building or room.
    async fn venue(&self) -> Option<&'a str> {
        self.0.venue
    }

    /// Street and house number.
    async fn street(&self) -> Option<&'a str> {
        self.0.street
    }

    /// The postal code.
    async fn postal_code(&self) -> Option<&'a str> {
        self.0.postal_code
    }

    /// The lines of the address in the order of its country, with the names of region and country. They have the
    /// fields above that the viewer may see, and nothing else. The name of the country is in English.
    async fn address_lines(&self) -> Vec<String> {
        self.0.address_lines(NameLanguage::English)
    }

    /// The point on the map; null if there is none. An event without a point is on no map, and is not found by `near`.
    async fn coordinates(&self) -> Option<Coordinates> {
        let point = self.0.coordinates?;
        Some(Coordinates { latitude: point.latitude(), longitude: point.longitude() })
    }

    /// Whether this is the exact place.
    async fn is_exact(&self) -> bool {
        self.0.is_exact
    }
}

/// A point on the map (WGS 84).
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct Coordinates {
    /// The latitude in degrees north: -90 to 90.
    latitude: f64,
    /// The longitude in degrees east: -180 to 180.
    longitude: f64,
}
