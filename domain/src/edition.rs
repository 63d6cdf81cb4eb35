//! An edition: one worldwide year, which owns the cases.
//!
//! An edition is named by its year and never derived from a calendar date: an event on
//! 26 January 2023 may belong to the edition of 2022.

mod draft;
mod transition;

pub use draft::EditionDraft;
pub use transition::{archive, change, create};

use jiff::civil::{Date, date};

use crate::{EditionId, string_enum::string_enum, violation::ViolationKind};

/// The organisation that runs the campaign was founded in 1961; nothing is older.
pub const FIRST_YEAR: i16 = 1961;
/// The last valid year. A later one is a typing error.
pub const LAST_YEAR: i16 = 2100;

string_enum! {
    /// Whether an edition still changes.
    ///
    /// ```
    /// assert_eq!(domain::edition::EditionState::parse("OPEN").unwrap().to_string(), "OPEN");
    /// ```
    pub enum EditionState {
        /// Cases, campaigns and reports come and go.
        Open = "OPEN",
        /// Kept to be read; its live total has ended.
        Archived = "ARCHIVED",
    }
}

/// One worldwide year of the campaign.
///
/// ```
/// use domain::{Edition, EditionId, edition::EditionState};
/// let edition = Edition {
///     id: EditionId::new(uuid::Uuid::from_u128(1)),
///     year: 2021,
///     letter_goal: None,
///     state: EditionState::Open,
///     revision: 1,
/// };
/// assert_eq!(edition.human_rights_day().to_string(), "2021-12-10");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its identity.
    pub id: EditionId,
    /// The year that names it.
    pub year: i16,
    /// How many letters the world sets out to write; 1–1,000,000,000 where it is set.
    pub letter_goal: Option<u64>,
    /// Whether it still changes.
    pub state: EditionState,
    /// Grows by one with each change of the edition itself.
    pub revision: u32,
}

impl Edition {
    /// 10 December of its year: the anniversary of the Universal Declaration of 1948.
    #[must_use]
    pub const fn human_rights_day(&self) -> Date {
        date(self.year, 12, 10)
    }

    /// # Errors
    /// [`ViolationKind::EditionArchived`] once nothing in it may change.
    pub fn check_open(&self) -> Result<(), ViolationKind> {
        match self.state {
            EditionState::Open => Ok(()),
            EditionState::Archived => Err(ViolationKind::EditionArchived),
        }
    }
}

/// A year that an edition may have.
///
/// # Errors
/// [`ViolationKind::YearOutOfRange`].
///
/// ```
/// assert_eq!(domain::edition::year(2021), Ok(2021));
/// assert!(domain::edition::year(21).is_err());
/// ```
pub fn year(typed: i64) -> Result<i16, ViolationKind> {
    i16::try_from(typed)
        .ok()
        .filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year))
        .ok_or(ViolationKind::YearOutOfRange { first: FIRST_YEAR, last: LAST_YEAR })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_lies_between_the_first_and_the_last() {
        assert_eq!(year(1960), Err(ViolationKind::YearOutOfRange { first: FIRST_YEAR, last: LAST_YEAR }));
        assert_eq!(year(1961), Ok(1961));
        assert_eq!(year(2100), Ok(2100));
        assert_eq!(year(2101), Err(ViolationKind::YearOutOfRange { first: FIRST_YEAR, last: LAST_YEAR }));
        assert_eq!(year(i64::MAX), Err(ViolationKind::YearOutOfRange { first: FIRST_YEAR, last: LAST_YEAR }));
    }
}
