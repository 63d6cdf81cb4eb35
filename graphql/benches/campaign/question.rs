//! What is read, and what answers must have.

use std::fmt::Write as _;

/// Watches the total of the edition, with all that a ticker shows.
pub(crate) const WATCH: &str =
    "subscription{total(edition:2021){total{letters actions people status asOf version}reset final}}";
/// What became of the reports.
pub(crate) const COUNTED: &str = r#"{"query":"{edition(year:2021){total{letters reports version}}}"}"#;
/// The total in all its parts. An answer that tells the time is made for each who asks.
pub(crate) const TOTAL: &str = r#"{"query":"{service{now}edition(year:2021){total{letters actions people reports byKind{kind actions}byCase{case{name}letters}bySection{section{code}letters}byCountry{country letters}byRegion{region letters}byChannel{channel letters}late{letters}goal status asOf version}}}"}"#;

/// Ten cases with their texts and totals, about 4.5 kB, of those that changed after an instant:
/// all of them.
pub(crate) fn cases(body: &mut String, since: u64) {
    body.clear();
    write!(
        body,
        r#"{{"query":"query($since:DateTime!){{cases(filter:{{edition:2021,changedSince:$since}},first:10){{nodes{{id slug name country state topics text{{language title summary ask}}total{{letters actions version}}}}}}}}","variables":{{"since":"2000-01-01T00:00:{:02}.{:06}Z"}}}}"#,
        since / 1_000_000 % 60,
        since % 1_000_000
    )
    .expect("a string takes text");
}

/// The answer to a query has what it should.
pub(crate) fn is_answered(answer: &str) {
    assert!(answer.starts_with(r#"{"data":{"#) && answer.ends_with("}}"), "{answer}");
}

/// Each of so many reports was taken, and counts.
pub(crate) fn are_accepted(answer: &str, reports: usize) {
    let accepted = answer.matches(r#""state":"ACCEPTED""#).count();
    assert!(accepted == reports && answer.starts_with(r#"{"data":"#), "{accepted} of {reports}: {answer}");
}

/// Names of numbers, as they stand in an answer.
pub(crate) const VERSION: &str = r#""version":"#;
pub(crate) const LETTERS: &str = r#""letters":"#;
pub(crate) const REPORTS: &str = r#""reports":"#;

/// The first number of an answer that has this name.
pub(crate) fn number(answer: &str, name: &str) -> u64 {
    let (_, behind) = answer.split_once(name).unwrap_or_else(|| panic!("no {name} in {answer}"));
    let behind = behind.trim_start();
    let end = behind.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(behind.len());
    behind[..end].parse().unwrap_or_else(|_| panic!("{name} is no number in {answer}"))
}
