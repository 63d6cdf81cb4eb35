//! Instants of the manual clock.

use jiff::Timestamp;

/// An instant.
pub fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

/// The evening of Human Rights Day 2021, when most tests happen.
pub fn evening() -> Timestamp {
    at("2021-12-11T00:00:00Z")
}
