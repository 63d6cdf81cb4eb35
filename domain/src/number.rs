//! Numbers of an input: counts as typed, and their limits.

use crate::{fingerprint::Canonical, violation::ViolationKind};

/// The largest number that every client reads exactly: 2^53 − 1.
pub const MAX_COUNT: u64 = (1 << 53) - 1;
/// The maximum of one line. A million letters in one line are a mistake or a statement.
pub const MAX_QUANTITY: u32 = 1_000_000;
/// Capacity and expected attendance: a stadium.
pub const MAX_HEADCOUNT: u32 = 100_000;

/// A count of a draft: an integer, or the number that a client sent in its place.
///
/// It is made from an integer. JSON has one type for all numbers, so a client can also send a fraction or an exponent;
/// [`CountDraft::from_number`] takes those, and validation reports them together with all other violations of the draft.
///
/// ```
/// use domain::number::{CountDraft, quantity};
/// assert_eq!(quantity(26), Ok(26));
/// assert_eq!(CountDraft::from_number(26.0), CountDraft::from(26));
/// assert!(quantity(CountDraft::from_number(2.5)).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountDraft(Typed);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Typed {
    Integer(i64),
    /// A fraction, or a number that is too large to be exact.
    Other(f64),
}

impl CountDraft {
    /// The count that a number of JSON stands for.
    #[must_use]
    pub fn from_number(number: f64) -> Self {
        if number.fract() != 0.0 || number.abs() > MAX_COUNT as f64 {
            return Self(Typed::Other(number));
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and exact up to 2^53")]
        let integer = number as i64;
        Self(Typed::Integer(integer))
    }

    /// The count as a number of JSON.
    #[must_use]
    pub const fn number(self) -> f64 {
        match self.0 {
            Typed::Integer(integer) => integer as f64,
            Typed::Other(number) => number,
        }
    }

    /// The integer, if it is one from 0 to 2^53 − 1.
    ///
    /// ```
    /// use domain::number::CountDraft;
    /// assert_eq!(CountDraft::from(0).whole(), Some(0));
    /// assert_eq!(CountDraft::from(-1).whole(), None);
    /// assert_eq!(CountDraft::from_number(0.5).whole(), None);
    /// ```
    #[must_use]
    pub fn whole(self) -> Option<u64> {
        match self.0 {
            Typed::Integer(integer) => u64::try_from(integer).ok().filter(|count| *count <= MAX_COUNT),
            Typed::Other(_) => None,
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == Typed::Integer(0)
    }

    fn is_fraction(self) -> bool {
        matches!(self.0, Typed::Other(number) if number.is_finite() && number.fract() != 0.0)
    }
}

impl From<i64> for CountDraft {
    fn from(count: i64) -> Self {
        Self(Typed::Integer(count))
    }
}

impl From<i32> for CountDraft {
    fn from(count: i32) -> Self {
        i64::from(count).into()
    }
}

impl From<u32> for CountDraft {
    fn from(count: u32) -> Self {
        i64::from(count).into()
    }
}

impl From<u64> for CountDraft {
    /// Counts above `i64::MAX` are above every limit.
    fn from(count: u64) -> Self {
        i64::try_from(count).map_or(Self(Typed::Other(count as f64)), Self::from)
    }
}

/// Counts have the form of all numbers, as they had in the fingerprints of earlier versions.
impl Canonical for CountDraft {
    fn write(&self, text: &mut String) {
        self.number().write(text);
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for CountDraft {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.number())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for CountDraft {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_number)
    }
}

/// A quantity of a line: a whole number from 1 to 1,000,000.
///
/// # Errors
/// [`ViolationKind::QuantityNotWhole`] or [`ViolationKind::QuantityOutOfRange`].
///
/// ```
/// use domain::{ViolationKind, number::{CountDraft, MAX_QUANTITY, quantity}};
/// assert_eq!(quantity(26), Ok(26));
/// assert_eq!(quantity(CountDraft::from_number(2.5)), Err(ViolationKind::QuantityNotWhole));
/// assert_eq!(quantity(-1), Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY }));
/// ```
pub fn quantity(typed: impl Into<CountDraft>) -> Result<u32, ViolationKind> {
    let typed = typed.into();
    if typed.is_fraction() {
        return Err(ViolationKind::QuantityNotWhole);
    }
    typed
        .whole()
        .and_then(|quantity| u32::try_from(quantity).ok())
        .filter(|quantity| (1..=MAX_QUANTITY).contains(quantity))
        .ok_or(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY })
}

/// A number of people: 1–100,000.
///
/// # Errors
/// [`ViolationKind::HeadcountOutOfRange`].
///
/// ```
/// assert_eq!(domain::number::headcount(15), Ok(15));
/// assert!(domain::number::headcount(0).is_err());
/// ```
pub fn headcount(typed: impl Into<CountDraft>) -> Result<u32, ViolationKind> {
    typed
        .into()
        .whole()
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| (1..=MAX_HEADCOUNT).contains(count))
        .ok_or(ViolationKind::HeadcountOutOfRange { most: MAX_HEADCOUNT })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_refused_at_its_very_edges() {
        let number = CountDraft::from_number;
        let beyond = Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY });
        assert_eq!(quantity(1), Ok(1));
        assert_eq!(quantity(MAX_QUANTITY), Ok(MAX_QUANTITY));
        assert_eq!(quantity(number(1e6)), Ok(MAX_QUANTITY));
        for bad in [number(0.0), number(-0.0), (-1).into(), (MAX_QUANTITY + 1).into(), i64::MIN.into()] {
            assert_eq!(quantity(bad), beyond, "{bad:?}");
        }
        for bad in [1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 9_007_199_254_740_992.0] {
            assert_eq!(quantity(number(bad)), beyond, "{bad}");
        }
        for bad in [0.5, -0.5, 1.000_000_1, 999_999.5, 1_000_000.5, f64::MIN_POSITIVE] {
            assert_eq!(quantity(number(bad)), Err(ViolationKind::QuantityNotWhole), "{bad}");
        }
        assert_eq!(headcount(MAX_HEADCOUNT), Ok(MAX_HEADCOUNT));
        for bad in [number(15.5), 0.into(), (MAX_HEADCOUNT + 1).into()] {
            assert_eq!(headcount(bad), Err(ViolationKind::HeadcountOutOfRange { most: MAX_HEADCOUNT }));
        }
    }

    #[test]
    fn a_count_is_whole_up_to_the_largest_exact_number() {
        assert_eq!(CountDraft::from(MAX_COUNT).whole(), Some(MAX_COUNT));
        assert_eq!(CountDraft::from_number(MAX_COUNT as f64).whole(), Some(MAX_COUNT));
        for beyond in [MAX_COUNT + 1, MAX_COUNT + 2, u64::MAX] {
            assert_eq!(CountDraft::from(beyond).whole(), None);
            assert_eq!(CountDraft::from_number(beyond as f64).whole(), None);
        }
        assert_eq!(CountDraft::from_number(2.5).number(), 2.5, "a number is kept as it was sent");
    }
}
