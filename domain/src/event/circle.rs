//! Search by distance: a circle on the earth, and its bounding box, by which a database can filter.

use super::Coordinates;

/// The largest radius of a search, in kilometres: farther than people travel for an evening of writing letters.
pub const MAX_RADIUS_KM: f64 = 500.0;

/// All points that are at most so far from a centre.
///
/// ```
/// use domain::event::{GeoCircle, Coordinates};
/// let toronto = Coordinates::new(43.65, -79.38).unwrap();
/// let hamilton = Coordinates::new(43.26, -79.87).unwrap();
/// assert!(GeoCircle::new(toronto, 60.0).unwrap().contains(hamilton));
/// assert!(!GeoCircle::new(toronto, 50.0).unwrap().contains(hamilton));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeoCircle {
    centre: Coordinates,
    radius_metres: u32,
}

/// A frame around a circle, in millionths of a degree. What lies in the circle lies in the frame;
/// not all that lies in the frame lies in the circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundingBox {
    /// Its southern edge.
    pub south: i32,
    /// Its northern edge.
    pub north: i32,
    /// From where to where it reaches from west to east; beyond the eastern edge if it goes over the
    /// date line. `None` for all the way round, as at a pole.
    pub west_to_east: Option<(i32, i32)>,
}

impl GeoCircle {
    /// A circle of a radius in kilometres: more than 0, at most 500; `None` for any other.
    #[must_use]
    pub fn new(centre: Coordinates, radius_km: f64) -> Option<Self> {
        if !(radius_km > 0.0 && radius_km <= MAX_RADIUS_KM) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "more than 0 and at most half a million"
        )]
        let radius_metres = (radius_km * 1_000.0).ceil() as u32;
        Some(Self { centre, radius_metres })
    }

    /// The point in its middle.
    #[must_use]
    pub const fn centre(self) -> Coordinates {
        self.centre
    }

    /// Whether a point lies in it.
    #[must_use]
    pub fn contains(self, point: Coordinates) -> bool {
        self.centre.metres_to(point) <= self.radius_metres
    }

    /// The frame around it.
    #[must_use]
    pub fn frame(self) -> BoundingBox {
        // A metre more, for what rounding takes away.
        let angle = f64::from(self.radius_metres + 1) / super::place::EARTH_RADIUS;
        let (latitude, longitude) = (self.centre.latitude(), self.centre.longitude());
        let (south, north) = (latitude - angle.to_degrees(), latitude + angle.to_degrees());
        // Meridians come closer towards the poles, so that the circle is widest a little beyond its
        // middle; around a pole it has all of them.
        let west_to_east = (south > -90.0 && north < 90.0).then(|| {
            let half = (angle.sin() / latitude.to_radians().cos()).min(1.0).asin().to_degrees();
            let around = |degrees: f64| millionths((degrees + 540.0).rem_euclid(360.0) - 180.0);
            (around(longitude - half), around(longitude + half))
        });
        BoundingBox { south: millionths(south), north: millionths(north), west_to_east }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 200 million")]
fn millionths(degrees: f64) -> i32 {
    (degrees * 1_000_000.0).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(latitude: f64, longitude: f64) -> Coordinates {
        Coordinates::new(latitude, longitude).expect("a point")
    }

    fn lies_in(point: Coordinates, frame: BoundingBox) -> bool {
        let (north, east) = point.millionths();
        (frame.south..=frame.north).contains(&north)
            && match frame.west_to_east {
                None => true,
                Some((west, to)) if west <= to => (west..=to).contains(&east),
                Some((west, to)) => east >= west || east <= to,
            }
    }

    #[test]
    fn a_radius_is_more_than_nothing_and_at_most_500_kilometres() {
        for radius in [0.0, -1.0, 500.001, f64::NAN, f64::INFINITY] {
            assert_eq!(GeoCircle::new(point(0.0, 0.0), radius), None, "{radius}");
        }
        assert!(GeoCircle::new(point(0.0, 0.0), 500.0).is_some());
        assert!(GeoCircle::new(point(0.0, 0.0), 0.001).is_some());
    }

    #[test]
    fn a_frame_over_the_date_line_reaches_around_it() {
        let fiji = GeoCircle::new(point(-17.0, 179.9), 50.0).expect("a circle");
        let (west, east) = fiji.frame().west_to_east.expect("edges");
        assert!(west > 179_000_000 && east < -179_000_000, "{west} {east}");
        assert!(lies_in(point(-17.0, -179.9), fiji.frame()));
        assert!(!lies_in(point(-17.0, 0.0), fiji.frame()));
    }

    #[test]
    fn a_frame_at_a_pole_goes_all_the_way_round() {
        let north = GeoCircle::new(point(89.9, 0.0), 50.0).expect("a circle");
        assert_eq!(north.frame().west_to_east, None);
        assert!(north.contains(point(89.9, 180.0)));
    }

    proptest! {
        #[test]
        fn whatever_is_near_lies_in_the_frame(
            latitude in -90.0..=90.0_f64, longitude in -180.0..=180.0_f64, radius in 0.1..=500.0_f64,
            north in -5.0..=5.0_f64, east in -10.0..=10.0_f64
        ) {
            let circle = GeoCircle::new(point(latitude, longitude), radius).expect("a circle");
            let there = point(
                (latitude + north).clamp(-90.0, 90.0),
                (longitude + east + 540.0).rem_euclid(360.0) - 180.0,
            );
            prop_assert!(!circle.contains(there) || lies_in(there, circle.frame()));
        }
    }
}
