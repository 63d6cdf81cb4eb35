//! The place of an event, as precisely as the viewer may know it.
//!
//! Country, region and locality are shown to all viewers of the event. The exact place (venue,
//! street, exact coordinates) has an audience of its own, and that of a home is never everyone.
//!
//! ```
//! use domain::event::{EventAudience, CoordinatesDraft, PlaceDraft};
//! let typed = PlaceDraft {
//!     country: Some("CA".into()),
//!     locality: Some("Toronto".into()),
//!     street: Some("12 Elm Street".into()),
//!     coordinates: Some(CoordinatesDraft { latitude: 43.657_123, longitude: -79.383_456 }),
//!     exact_for: Some(EventAudience::Going),
//!     ..PlaceDraft::default()
//! };
//! let place = typed.parse(false).unwrap();
//! let outside = place.seen_by(EventAudience::Everyone);
//! assert_eq!((outside.locality, outside.street), (Some("Toronto"), None));
//! assert_eq!(outside.coordinates.unwrap().latitude(), 43.7);
//! assert_eq!(place.seen_by(EventAudience::Going).street, Some("12 Elm Street"));
//! ```

use super::EventAudience;
use crate::{
    text::{self, Country, Region},
    violation::{ViolationKind, Violations},
};

/// Coordinates are kept in millionths of a degree: eleven centimetres.
const PER_DEGREE: i32 = 1_000_000;
/// The grid that coordinates of a place that is not public are rounded to for the public: a tenth of a degree,
/// eleven kilometres from south to north, which shows a town and not a house.
const GRID: i32 = PER_DEGREE / 10;
/// The mean radius of the earth in metres (IUGG).
pub(super) const EARTH_RADIUS: f64 = 6_371_008.8;

/// A point on the earth (WGS 84), to the millionth of a degree.
///
/// ```
/// use domain::event::Coordinates;
/// let toronto = Coordinates::new(43.65, -79.38).unwrap();
/// let montreal = Coordinates::new(45.5, -73.57).unwrap();
/// assert_eq!(toronto.metres_to(montreal) / 1_000, 503);
/// assert!(Coordinates::new(90.1, 0.0).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Coordinates {
    latitude: i32,
    longitude: i32,
}

impl Coordinates {
    /// The point at these degrees north and east.
    ///
    /// # Errors
    /// [`ViolationKind::CoordinatesOutOfRange`].
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, ViolationKind> {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return Err(ViolationKind::CoordinatesOutOfRange);
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 180 million")]
        let millionths = |degrees: f64| (degrees * f64::from(PER_DEGREE)).round() as i32;
        Ok(Self { latitude: millionths(latitude), longitude: millionths(longitude) })
    }

    /// The point at these millionths of a degree, as they were kept.
    #[must_use]
    pub const fn from_millionths(latitude: i32, longitude: i32) -> Self {
        Self { latitude, longitude }
    }

    /// Millionths of a degree north and east.
    #[must_use]
    pub const fn millionths(self) -> (i32, i32) {
        (self.latitude, self.longitude)
    }

    /// Degrees north.
    #[must_use]
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude) / f64::from(PER_DEGREE)
    }

    /// Degrees east.
    #[must_use]
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude) / f64::from(PER_DEGREE)
    }

    /// The nearest point of the coarse grid.
    #[must_use]
    pub fn coarse(self) -> Self {
        let nearest = |value: i32| (value + value.signum() * GRID / 2) / GRID * GRID;
        Self { latitude: nearest(self.latitude), longitude: nearest(self.longitude) }
    }

    /// How far it is to another point along the earth, in metres.
    #[must_use]
    pub fn metres_to(self, other: Self) -> u32 {
        let (here, there) = (self.latitude().to_radians(), other.latitude().to_radians());
        let north = ((there - here) / 2.0).sin();
        let east = ((other.longitude() - self.longitude()).to_radians() / 2.0).sin();
        let chord = north * north + here.cos() * there.cos() * east * east;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and at most half of the way round the earth"
        )]
        let metres = (2.0 * EARTH_RADIUS * chord.sqrt().min(1.0).asin()).round() as u32;
        metres
    }
}

/// Coordinates as typed, in degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are said by their names")]
pub struct CoordinatesDraft {
    pub latitude: f64,
    pub longitude: f64,
}

/// A place as typed.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `Place`, as typed")]
pub struct PlaceDraft {
    pub country: Option<String>,
    pub region: Option<String>,
    pub locality: Option<String>,
    pub venue: Option<String>,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub coordinates: Option<CoordinatesDraft>,
    pub exact_for: Option<EventAudience>,
}

impl PlaceDraft {
    /// The place of an event that is held in a home, or elsewhere.
    ///
    /// # Errors
    /// [`ViolationKind::PlaceMissing`] without a country, [`ViolationKind::HomeLocationPublic`], and the rules of texts,
    /// codes and coordinates.
    pub fn parse(&self, is_home: bool) -> Result<Place, Violations> {
        let mut violations = Violations::default();
        let country = match &self.country {
            Some(typed) => violations.check("country", Country::parse(typed)),
            None => violations.check("country", Err(ViolationKind::PlaceMissing)),
        };
        let region = violations.check_optional("region", self.region.as_deref().map(Region::parse));
        if let (Some(country), Some(region)) = (&country, &region)
            && region.country() != *country
        {
            violations.add("region", ViolationKind::RegionOutsideCountry);
        }
        let mut line = |field, typed: &Option<String>| {
            violations.check_optional(field, typed.as_deref().map(text::line))
        };
        let locality = line("locality", &self.locality);
        let venue = line("venue", &self.venue);
        let street = line("street", &self.street);
        let postal_code = line("postal_code", &self.postal_code);
        let point = self.coordinates.map(|point| Coordinates::new(point.latitude, point.longitude));
        let coordinates = violations.check_optional("coordinates", point);
        let usual = if is_home { EventAudience::Organizers } else { EventAudience::Everyone };
        let exact_for = self.exact_for.unwrap_or(usual);
        if is_home && exact_for == EventAudience::Everyone {
            violations.add("exact_for", ViolationKind::HomeLocationPublic);
        }
        violations.into_result()?;
        let Some(country) = country else {
            unreachable!("a country is missing only beside a violation");
        };
        Ok(Place { country, region, locality, venue, street, postal_code, coordinates, exact_for })
    }
}

/// Where people gather.
///
/// ```
/// use domain::event::PlaceDraft;
/// let nowhere = PlaceDraft::default().parse(false).unwrap_err();
/// assert_eq!(nowhere[0].path, ["country"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Place {
    /// The country.
    pub country: Country,
    /// The region in it.
    pub region: Option<Region>,
    /// The town or village.
    pub locality: Option<String>,
    /// The name of the house or the room.
    pub venue: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The very point.
    pub coordinates: Option<Coordinates>,
    /// The audience that is shown all of this; all others see country, region, locality and a coarse point.
    pub exact_for: EventAudience,
}

impl From<Place> for PlaceDraft {
    /// The place as it would be typed.
    fn from(place: Place) -> Self {
        let point = |point: Coordinates| CoordinatesDraft {
            latitude: point.latitude(),
            longitude: point.longitude(),
        };
        Self {
            country: Some(place.country.into()),
            region: place.region.map(String::from),
            locality: place.locality,
            venue: place.venue,
            street: place.street,
            postal_code: place.postal_code,
            coordinates: place.coordinates.map(point),
            exact_for: Some(place.exact_for),
        }
    }
}

/// What one audience may know of a place.
///
/// ```
/// fn point(seen: domain::event::PlaceSeen<'_>) -> bool { seen.is_exact && seen.street.is_some() }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(missing_docs, reason = "the fields are those of `Place`")]
pub struct PlaceSeen<'a> {
    pub country: &'a Country,
    pub region: Option<&'a Region>,
    pub locality: Option<&'a str>,
    pub venue: Option<&'a str>,
    pub street: Option<&'a str>,
    pub postal_code: Option<&'a str>,
    pub coordinates: Option<Coordinates>,
    /// Whether the coordinates are those of the very point.
    pub has_exact_point: bool,
    /// Whether nothing is kept back.
    pub is_exact: bool,
}

impl PlaceSeen<'_> {
    /// The same without the words that another version of the place does not have: where they differ, these
    /// lead to a door that is not the right one any more.
    pub(super) fn where_it_agrees_with(self, other: &Place) -> Self {
        let agreed = |text: Option<&str>, other: &Option<String>| text == other.as_deref();
        let is_agreed = [
            agreed(self.locality, &other.locality),
            agreed(self.venue, &other.venue) || !self.is_exact,
            agreed(self.street, &other.street) || !self.is_exact,
            agreed(self.postal_code, &other.postal_code) || !self.is_exact,
        ];
        let [locality, venue, street, postal_code] = is_agreed;
        Self {
            locality: self.locality.filter(|_| locality),
            venue: self.venue.filter(|_| venue),
            street: self.street.filter(|_| street),
            postal_code: self.postal_code.filter(|_| postal_code),
            is_exact: self.is_exact && is_agreed.into_iter().all(|agreed| agreed),
            ..self
        }
    }
}

impl Place {
    /// What this audience may know of it.
    #[must_use]
    pub fn seen_by(&self, audience: EventAudience) -> PlaceSeen<'_> {
        let is_exact = audience >= self.exact_for;
        PlaceSeen {
            country: &self.country,
            region: self.region.as_ref(),
            locality: self.locality.as_deref(),
            venue: self.venue.as_deref().filter(|_| is_exact),
            street: self.street.as_deref().filter(|_| is_exact),
            postal_code: self.postal_code.as_deref().filter(|_| is_exact),
            coordinates: self.coordinates.map(|point| if is_exact { point } else { point.coarse() }),
            has_exact_point: is_exact,
            is_exact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn elm_street() -> PlaceDraft {
        PlaceDraft {
            country: Some("CA".into()),
            region: Some("CA-ON".into()),
            locality: Some("Toronto".into()),
            venue: Some("The Elms".into()),
            street: Some("12 Elm Street".into()),
            postal_code: Some("M5G 1H1".into()),
            coordinates: Some(CoordinatesDraft { latitude: 43.657_123, longitude: -79.383_456 }),
            exact_for: None,
        }
    }

    fn refused(draft: &PlaceDraft, is_home: bool) -> Vec<String> {
        let broken = draft.parse(is_home).expect_err("it is against the rules");
        broken.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect()
    }

    #[test]
    fn a_home_is_for_its_organizers_unless_they_say_otherwise() {
        let home = elm_street().parse(true).expect("a place");
        for audience in [EventAudience::Everyone, EventAudience::Going] {
            let seen = home.seen_by(audience);
            assert_eq!((seen.venue, seen.street, seen.postal_code), (None, None, None));
            assert_eq!(seen.coordinates.map(Coordinates::millionths), Some((43_700_000, -79_400_000)));
            assert!(!seen.is_exact);
        }
        assert_eq!(home.seen_by(EventAudience::Organizers).street, Some("12 Elm Street"));
        let invited = PlaceDraft { exact_for: Some(EventAudience::Going), ..elm_street() };
        assert!(invited.parse(true).expect("a place").seen_by(EventAudience::Going).is_exact);
        let open_house = PlaceDraft { exact_for: Some(EventAudience::Everyone), ..elm_street() };
        assert_eq!(refused(&open_house, true), ["exact_for HOME_LOCATION_PUBLIC"]);
        assert!(open_house.parse(false).is_ok());
    }

    #[test]
    fn any_other_place_is_for_everyone_unless_they_say_otherwise() {
        let library = elm_street().parse(false).expect("a place");
        let seen = library.seen_by(EventAudience::Everyone);
        assert_eq!((seen.venue, seen.street), (Some("The Elms"), Some("12 Elm Street")));
        assert_eq!(seen.coordinates.map(Coordinates::millionths), Some((43_657_123, -79_383_456)));
    }

    #[test]
    fn a_place_names_every_field_at_fault() {
        let broken = PlaceDraft {
            country: Some("ZZ".into()),
            region: Some("CA-XX".into()),
            locality: Some(" ".into()),
            venue: Some("a\nb".into()),
            street: Some("a".repeat(201)),
            postal_code: Some("\u{202E}".into()),
            coordinates: Some(CoordinatesDraft { latitude: 90.000_001, longitude: 0.0 }),
            exact_for: None,
        };
        assert_eq!(
            refused(&broken, false),
            [
                "country COUNTRY_UNKNOWN",
                "region REGION_UNKNOWN",
                "locality REQUIRED",
                "venue CONTROL_CHARACTER",
                "street TEXT_TOO_LONG",
                "postal_code BIDIRECTIONAL_OVERRIDE",
                "coordinates COORDINATES_OUT_OF_RANGE",
            ]
        );
        let elsewhere = PlaceDraft { country: Some("US".into()), ..elm_street() };
        assert_eq!(refused(&elsewhere, false), ["region REGION_OUTSIDE_COUNTRY"]);
    }

    #[test]
    fn coordinates_reach_from_pole_to_pole_and_no_further() {
        for (latitude, longitude) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)] {
            assert!(Coordinates::new(latitude, longitude).is_ok());
        }
        for (latitude, longitude) in
            [(90.1, 0.0), (-90.1, 0.0), (0.0, 180.1), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)]
        {
            assert_eq!(Coordinates::new(latitude, longitude), Err(ViolationKind::CoordinatesOutOfRange));
        }
    }

    #[test]
    fn the_way_over_the_date_line_is_the_short_one() {
        let (east, west) = (Coordinates::new(-17.0, 179.9), Coordinates::new(-17.0, -179.9));
        let metres = east.expect("a point").metres_to(west.expect("a point"));
        assert!((21_000..22_000).contains(&metres), "{metres}");
    }

    proptest! {
        #[test]
        fn a_coarse_point_is_the_same_for_a_whole_neighbourhood(
            latitude in -90.0..=90.0_f64, longitude in -180.0..=180.0_f64
        ) {
            let point = Coordinates::new(latitude, longitude).expect("a point");
            let coarse = point.coarse();
            let (north, east) = coarse.millionths();
            prop_assert_eq!((north % GRID, east % GRID), (0, 0));
            prop_assert!((north - point.latitude).abs() <= GRID / 2);
            prop_assert!((east - point.longitude).abs() <= GRID / 2);
            prop_assert_eq!(coarse.coarse(), coarse);
        }
    }
}
