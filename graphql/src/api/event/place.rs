//! Where an event is, as precisely as whoever asks may know.

use async_graphql::{Object, SimpleObject};
use domain::event::PlaceSeen;

use crate::api::scalar::{CountryCode, RegionCode};

/// What somebody may know of a place.
pub(crate) struct EventPlace<'a>(pub(super) PlaceSeen<'a>);

/// Where people gather. The exact place has an audience of its own, which its organizer chooses; that
/// of a home is never everyone. To anyone else `venue`, `street` and `postalCode` are null, and the
/// coordinates are those of the neighbourhood, to a tenth of a degree. Where the place was changed and
/// its new words wait for staff, those who go read them at once; to everyone else they are null, `locality`
/// too, while country, region and coordinates are those of the new place.
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

    /// The name of the house or the room.
    async fn venue(&self) -> Option<&'a str> {
        self.0.venue
    }

    /// Street and number.
    async fn street(&self) -> Option<&'a str> {
        self.0.street
    }

    /// The postal code.
    async fn postal_code(&self) -> Option<&'a str> {
        self.0.postal_code
    }

    /// The point on the map; null where its organizer named none.
    async fn coordinates(&self) -> Option<Coordinates> {
        let point = self.0.coordinates?;
        Some(Coordinates { latitude: point.latitude(), longitude: point.longitude() })
    }

    /// Whether nothing of the place is kept back.
    async fn is_exact(&self) -> bool {
        self.0.is_exact
    }
}

/// A point on the map (WGS 84).
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(serial)]
pub(crate) struct Coordinates {
    /// Degrees north, from -90 to 90.
    latitude: f64,
    /// Degrees east, from -180 to 180.
    longitude: f64,
}
