//! Published figures: announced numbers, kept as history beside the count and never added to it.

mod draft;
mod transition;

pub use draft::{FigureDraft, MAX_FIGURES, read_figures};
pub use transition::publish_figures;

use crate::{string_enum::string_enum, violation::ViolationKind};

string_enum! {
    /// How exactly a figure is meant.
    ///
    /// ```
    /// use domain::published::FigureQualifier;
    /// assert_eq!(FigureQualifier::parse("MORE_THAN"), Some(FigureQualifier::MoreThan));
    /// ```
    pub enum FigureQualifier {
        /// Counted to the last one.
        Exact = "EXACT",
        /// Rounded.
        About = "ABOUT",
        /// That many or more.
        AtLeast = "AT_LEAST",
        /// Certainly more.
        MoreThan = "MORE_THAN",
        /// Certainly fewer.
        FewerThan = "FEWER_THAN",
    }
}

string_enum! {
    /// What its source says about how final a figure is.
    ///
    /// ```
    /// use domain::published::FigureStatus;
    /// assert_eq!(FigureStatus::ClaimedFinal.as_str(), "CLAIMED_FINAL");
    /// ```
    pub enum FigureStatus {
        /// While the campaign was still being counted.
        Running = "RUNNING",
        /// Called final, and contradicted by another figure that is called final too.
        ClaimedFinal = "CLAIMED_FINAL",
        /// The last word.
        Final = "FINAL",
        /// The source does not say.
        Unclear = "UNCLEAR",
    }
}

/// A day, or just a month or a year where no more is known (ISO 8601 reduced precision).
///
/// ```
/// use domain::published::PartialDate;
/// assert_eq!(PartialDate::parse("2019-03").unwrap().as_str(), "2019-03");
/// assert!(PartialDate::parse("2019-13").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartialDate(String);

impl PartialDate {
    /// # Errors
    /// [`ViolationKind::PartialDateInvalid`].
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        let whole = match typed.len() {
            4 => format!("{typed}-01-01"),
            7 => format!("{typed}-01"),
            _ => typed.to_owned(),
        };
        day(&whole).map(|_| Self(typed.to_owned())).map_err(|_| ViolationKind::PartialDateInvalid)
    }

    /// As it is known, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A day as it is written in files and in the public contract, `YYYY-MM-DD`.
///
/// # Errors
/// [`ViolationKind::DateInvalid`].
///
/// ```
/// assert!(domain::published::day("2024-02-29").is_ok());
/// assert!(domain::published::day("2023-02-29").is_err());
/// ```
pub fn day(typed: &str) -> Result<jiff::civil::Date, ViolationKind> {
    // The parser also takes other forms of ISO 8601; one form is enough for everybody.
    let day: jiff::civil::Date = typed.parse().map_err(|_| ViolationKind::DateInvalid)?;
    if day.to_string() == typed { Ok(day) } else { Err(ViolationKind::DateInvalid) }
}

/// A published figure: a whole number from 0 to 9,007,199,254,740,991.
///
/// # Errors
/// [`ViolationKind::FigureOutOfRange`].
///
/// ```
/// assert_eq!(domain::published::figure(4_657_104.0), Ok(4_657_104));
/// assert!(domain::published::figure(0.5).is_err());
/// ```
pub fn figure(typed: f64) -> Result<u64, ViolationKind> {
    crate::report::whole(typed).ok_or(ViolationKind::FigureOutOfRange)
}

/// A number that somebody announced for an edition.
///
/// ```
/// use domain::{PublishedFigure, published::{FigureStatus, FigureQualifier}};
/// let world = PublishedFigure {
///     figure: 4_657_104,
///     unit: "letters, postcards and signatures".to_owned(),
///     qualifier: FigureQualifier::Exact,
///     status: FigureStatus::Final,
///     as_of: None,
///     countries: Some(120),
///     source: None,
/// };
/// assert_eq!(world.qualifier.as_str(), "EXACT");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFigure {
    /// The number, 0–9,007,199,254,740,991.
    pub figure: u64,
    /// What was counted, in the words of the source.
    pub unit: String,
    /// How exactly it is meant.
    pub qualifier: FigureQualifier,
    /// How final it is.
    pub status: FigureStatus,
    /// When it held.
    pub as_of: Option<PartialDate>,
    /// From how many countries and territories.
    pub countries: Option<u16>,
    /// Where it was announced.
    pub source: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_may_be_as_coarse_as_its_source() {
        for good in ["2019", "2019-03", "2019-03-31"] {
            assert!(PartialDate::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "19", "2019-3", "2019-00", "2019-02-29", "20190301", "March 2019"] {
            assert_eq!(PartialDate::parse(bad), Err(ViolationKind::PartialDateInvalid), "{bad}");
        }
    }
}
