//! Verifying open data offline: the rows add up, and their hash is that of a certification.

use data_encoding::HEXLOWER;
use domain::open_data::{CSV_HEADER, OpenData};

use super::{CliError, print_line};

/// Whether a text is meant as open data: its first line is the header of the CSV form, or begins like a canonical row.
#[must_use]
pub fn is_open_data(text: &str) -> bool {
    text.starts_with(CSV_HEADER) || text.starts_with("{\"case\":")
}

/// Adds up the rows and prints what they say.
///
/// # Errors
/// What is wrong with the text, or that its hash is another one than `expected`.
pub fn run(text: &str, expected: Option<&str>) -> Result<(), CliError> {
    let rows = OpenData::parse(text).map_err(|error| CliError(error.to_string()))?;
    let totals = rows.check().map_err(|error| CliError(error.to_string()))?;
    let hash = format!("sha256:{}", HEXLOWER.encode(&rows.hash()));
    print_line(format_args!("{}, version {}: every breakdown adds up", rows.edition, rows.version));
    print_line(format_args!("{:>15} letters", totals.letters));
    print_line(format_args!("{:>15} actions", totals.actions));
    print_line(format_args!("{:>15} people", totals.people));
    print_line(format_args!("{:>15} reports", totals.reports));
    print_line(format_args!("{hash}"));
    match expected {
        Some(expected) if expected != hash => {
            Err(CliError(format!("the hash is not the expected one:\n  {expected}")))
        }
        Some(_) => {
            print_line(format_args!("the hash is the expected one"));
            Ok(())
        }
        None => Ok(()),
    }
}
