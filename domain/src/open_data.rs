//! Open data: the totals of an edition as rows that anyone can add up again, without a person or an event in them.
//!
//! A row is one number: how many letters, say, of one section, for one case, in one part of one breakdown. The parts of
//! each breakdown add up to the row of the dimension `all`. No row crosses two breakdowns, so that the rows say no more
//! than the totals that everyone can read anyway.
//!
//! The canonical form is one line of JSON for each row (RFC 8785: sorted members, no white space), each ended by a line
//! feed, in the order of section, case, dimension, key and measure. Its SHA-256 hash is what a certification names.
//!
//! ```
//! use domain::open_data::{Dimension, Measure, OpenData, OpenDataRow};
//! let row = |dimension, key: Option<&str>| OpenDataRow {
//!     section: "ca".into(), case: None, dimension, key: key.map(Into::into), measure: Measure::Actions, value: 5,
//! };
//! let data = OpenData { edition: 2021, version: 3, rows: vec![row(Dimension::All, None)] };
//! assert_eq!(
//!     data.to_ndjson(),
//!     "{\"case\":null,\"dimension\":\"all\",\"edition\":2021,\"key\":null,\"measure\":\"actions\",\
//!      \"section\":\"ca\",\"value\":5,\"version\":3}\n"
//! );
//! ```

mod check;
mod parse;
mod rows;

pub use check::OpenDataTotals;
pub use parse::{OpenDataError, OpenDataProblem};

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::string_enum::string_enum;

/// The columns of the CSV form, in their order.
pub const CSV_HEADER: &str = "edition,version,section,case,dimension,key,measure,value";

string_enum! {
    /// What a row breaks down by.
    ///
    /// ```
    /// assert_eq!(domain::open_data::Dimension::Kind.as_str(), "kind");
    /// ```
    pub enum Dimension {
        /// By nothing: all that was counted for the case in the section.
        All = "all",
        /// By what it is counted from: reports or statements.
        CountedFrom = "counted_from",
        /// By country of writing.
        Country = "country",
        /// By kind of action.
        Kind = "kind",
        /// By who handed it in.
        Origin = "origin",
        /// By region of writing.
        Region = "region",
        /// By the way it was collected.
        Way = "way",
    }
}

string_enum! {
    /// What a row counts.
    ///
    /// ```
    /// assert_eq!(domain::open_data::Measure::Letters.as_str(), "letters");
    /// ```
    pub enum Measure {
        /// All actions.
        Actions = "actions",
        /// The actions that came in late. Only of a whole section.
        LateActions = "late_actions",
        /// The letters that came in late. Only of a whole section.
        LateLetters = "late_letters",
        /// Letters.
        Letters = "letters",
        /// People who wrote. Only of a whole section.
        People = "people",
        /// Reports that count. Only of a whole section.
        Reports = "reports",
    }
}

/// One number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenDataRow {
    /// The code of the section.
    pub section: String,
    /// The slug of the case; `None` for letters of no case, and for what is counted of a whole section.
    pub case: Option<String>,
    /// What it breaks down by.
    pub dimension: Dimension,
    /// The part of the breakdown; `None` is unknown, and everything in the dimension `all`.
    pub key: Option<String>,
    /// What is counted.
    pub measure: Measure,
    /// How much, at least 1.
    pub value: u64,
}

/// The rows of an edition, or of one section in it, at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenData {
    /// The year of the edition.
    pub edition: i16,
    /// The version of its count.
    pub version: u64,
    /// The rows, in canonical order.
    pub rows: Vec<OpenDataRow>,
}

impl OpenDataRow {
    /// What the canonical order compares.
    fn order(&self) -> (&str, &str, &str, &str, &str) {
        (
            &self.section,
            self.case.as_deref().unwrap_or_default(),
            self.dimension.as_str(),
            self.key.as_deref().unwrap_or_default(),
            self.measure.as_str(),
        )
    }
}

impl OpenData {
    /// The canonical form.
    #[must_use]
    pub fn to_ndjson(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            self.write_json(&mut text, row).expect("a string takes everything");
        }
        text
    }

    fn write_json(&self, text: &mut String, row: &OpenDataRow) -> std::fmt::Result {
        // Codes have no character that JSON escapes.
        let optional = |code: &Option<String>| {
            code.as_ref().map_or_else(|| "null".to_owned(), |code| format!("\"{code}\""))
        };
        writeln!(
            text,
            "{{\"case\":{},\"dimension\":\"{}\",\"edition\":{},\"key\":{},\"measure\":\"{}\",\"section\":\"{}\",\
             \"value\":{},\"version\":{}}}",
            optional(&row.case),
            row.dimension,
            self.edition,
            optional(&row.key),
            row.measure,
            row.section,
            row.value,
            self.version,
        )
    }

    /// The rows as CSV (RFC 4180 without quotes, since no code needs them): a header, then a line for each row in the
    /// same order, ended by a line feed. An empty field is unknown or unallocated.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = format!("{CSV_HEADER}\n");
        for row in &self.rows {
            let (section, case, dimension, key, measure) = row.order();
            writeln!(
                text,
                "{},{},{section},{case},{dimension},{key},{measure},{}",
                self.edition, self.version, row.value
            )
            .expect("a string takes everything");
        }
        text
    }

    /// The SHA-256 hash of the canonical form.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_ndjson()).into()
    }
}

#[cfg(test)]
mod tests;
