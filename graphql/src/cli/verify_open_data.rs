//! Verifying open data offline: the rows add up, and their hash is that of a certification.

use data_encoding::HEXLOWER;
use domain::open_data::{CSV_HEADER, OpenData};

/// Whether a text is meant as open data: its first line is the header of the CSV form, or begins like a canonical row.
pub(super) fn is_open_data(text: &str) -> bool {
    text.starts_with(CSV_HEADER) || text.starts_with("{\"case\":")
}

/// Adds up the rows and describes what they say.
///
/// # Errors
/// What is wrong with the text, or that its hash is another one than `expected`.
pub(super) fn check(text: &str, expected: Option<&str>) -> Result<String, String> {
    let rows = OpenData::parse(text).map_err(|error| error.to_string())?;
    let totals = rows.check().map_err(|error| error.to_string())?;
    let hash = format!("sha256:{}", HEXLOWER.encode(&rows.hash()));
    if let Some(expected) = expected
        && expected != hash
    {
        return Err(format!("the hash is {hash} and not {expected}"));
    }
    let verdict = if expected.is_some() { "genuine" } else { "every breakdown adds up" };
    Ok(format!(
        "{verdict}\n  {}, version {}\n{:>15} letters\n{:>15} actions\n{:>15} people\n{:>15} reports\n  {hash}",
        rows.edition, rows.version, totals.letters, totals.actions, totals.people, totals.reports
    ))
}
