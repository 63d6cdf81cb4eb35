//! Parsing of numbers in an input: they must be whole and within their limits.

use crate::violation::ViolationKind;

/// The largest number that every client reads exactly: 2^53 − 1.
pub const MAX_COUNT: u64 = (1 << 53) - 1;
/// The maximum of one line. A million letters in one line are a mistake or a statement.
pub const MAX_QUANTITY: u32 = 1_000_000;
/// Capacity and expected attendance: a stadium.
pub const MAX_HEADCOUNT: u32 = 100_000;

/// A quantity of a line: a whole number from 1 to 1,000,000.
///
/// # Errors
/// [`ViolationKind::QuantityNotWhole`] or [`ViolationKind::QuantityOutOfRange`].
///
/// ```
/// use domain::{ViolationKind, number::{MAX_QUANTITY, quantity}};
/// assert_eq!(quantity(26.0), Ok(26));
/// assert_eq!(quantity(2.5), Err(ViolationKind::QuantityNotWhole));
/// assert_eq!(quantity(-1.0), Err(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY }));
/// ```
pub fn quantity(typed: f64) -> Result<u32, ViolationKind> {
    if typed.is_finite() && typed.fract() != 0.0 {
        return Err(ViolationKind::QuantityNotWhole);
    }
    whole(typed)
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
/// assert_eq!(domain::number::headcount(15.0), Ok(15));
/// assert!(domain::number::headcount(0.0).is_err());
/// ```
pub fn headcount(typed: f64) -> Result<u32, ViolationKind> {
    whole(typed)
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| (1..=MAX_HEADCOUNT).contains(count))
        .ok_or(ViolationKind::HeadcountOutOfRange { most: MAX_HEADCOUNT })
}

/// A number as typed, if it is a whole one from 0 to 2^53−1.
pub(crate) fn whole(typed: f64) -> Option<u64> {
    let most = MAX_COUNT as f64;
    let whole = typed.fract() == 0.0 && (0.0..=most).contains(&typed);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative, and exact up to 2^53"
    )]
    whole.then_some(typed as u64)
}
