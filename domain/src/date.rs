//! Dates of an input: a day, or a date that may be known to a month or a year only.

use crate::{text::code_as_typed, violation::ViolationKind};

/// A day, or just a month or a year where no more is known (ISO 8601 reduced precision).
///
/// ```
/// use domain::date::PartialDate;
/// assert_eq!(PartialDate::parse("2019-03").unwrap().as_str(), "2019-03");
/// assert!(PartialDate::parse("2019-13").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct PartialDate(String);

impl TryFrom<String> for PartialDate {
    type Error = ViolationKind;

    fn try_from(typed: String) -> Result<Self, Self::Error> {
        Self::parse(&typed)
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.0
    }
}

impl PartialDate {
    /// # Errors
    /// [`ViolationKind::PartialDateInvalid`].
    pub fn parse(typed: &str) -> Result<Self, ViolationKind> {
        let typed = code_as_typed(typed);
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
/// assert!(domain::date::day(" 2024-02-29").is_ok());
/// assert!(domain::date::day("2023-02-29").is_err());
/// ```
pub fn day(typed: &str) -> Result<jiff::civil::Date, ViolationKind> {
    let typed = code_as_typed(typed);
    // The parser also takes other forms of ISO 8601; one form is enough for everybody.
    let day: jiff::civil::Date = typed.parse().map_err(|_| ViolationKind::DateInvalid)?;
    if day.to_string() == typed { Ok(day) } else { Err(ViolationKind::DateInvalid) }
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
