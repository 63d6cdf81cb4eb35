//! What is read, and what answers must have.

use std::fmt::Write as _;

/// Watches the total of the edition, with all that a ticker shows.
pub(crate) const WATCH: &str =
    "subscription{total(edition:2021){total{letters actions people status asOf version}reset final}}";
/// What became of the reports.
pub(crate) const COUNTED: &str = r#"{"query":"{edition(year:2021){total{letters reports version}}}"}"#;
/// What is counted, and what waits for staff.
pub(crate) const CHECKED: &str =
    r#"{"query":"{edition(year:2021){total{letters version pendingReview{letters reports}}}}"}"#;
/// The total in all its parts. An answer that tells the time is made for each who asks.
pub(crate) const TOTAL: &str = r#"{"query":"{service{now}edition(year:2021){total{letters actions people reports byKind{kind actions}byCase{case{name}letters}bySection{section{code}letters}byCountry{country letters}byRegion{region letters}byOrigin{origin letters}late{letters}goal status asOf version}}}"}"#;

/// Ten cases with their texts and totals, about 4.5 kB, of those that changed after an instant:
/// all of them.
pub(crate) fn cases(body: &mut String, since: u64) {
    body.clear();
    write!(
        body,
        r#"{{"query":"query($since:DateTime!){{cases(filter:{{edition:2021,updatedSince:$since}},first:10){{nodes{{id slug name country state topics text{{language title summary ask}}total{{letters actions version}}}}}}}}","variables":{{"since":"2000-01-01T00:00:{:02}.{:06}Z"}}}}"#,
        since / 1_000_000 % 60,
        since % 1_000_000
    )
    .expect("a string takes text");
}

/// A page of twenty events with their venues, organizers, cases and letters, about 8 kB, of those from
/// some day on: all of them.
pub(crate) fn events(body: &mut String, turn: usize) {
    let (year, month, day) = (1 + turn / 336 % 2_000, 1 + turn / 28 % 12, 1 + turn % 28);
    body.clear();
    write!(
        body,
        r#"{{"query":"query($from:Date!){{events(filter:{{edition:2021,from:$from}},first:20){{nodes{EVENT}pageInfo{{hasNextPage endCursor}}}}}}","variables":{{"from":"{year:04}-{month:02}-{day:02}"}}}}"#,
    )
    .expect("a string takes text");
}

/// The twenty events that are nearest to a point, which is another one each time.
pub(crate) fn events_near(body: &mut String, turn: usize) {
    let north = 43.4 + (turn % 1_000) as f64 / 5_000.0;
    let east = -79.6 + (turn / 1_000 % 1_000) as f64 / 5_000.0;
    body.clear();
    write!(
        body,
        r#"{{"query":"query($near:NearInput!){{events(filter:{{near:$near}},orderBy:DISTANCE,first:20){{nodes{EVENT}pageInfo{{hasNextPage endCursor}}}}}}","variables":{{"near":{{"latitude":{north},"longitude":{east},"radiusKm":25}}}}}}"#,
    )
    .expect("a string takes text");
}

/// What a page shows of an event.
const EVENT: &str = "{id title startsAt venueKind place{venue street locality region}organizerName cases{case{name}}total{letters}}";

/// The event was registered, and is listed.
pub(crate) fn is_listed(answer: &str) {
    assert!(answer.contains(r#""state":"APPROVED""#), "{answer}");
}

/// A whole page of events.
pub(crate) fn are_twenty(answer: &str) {
    is_answered(answer);
    assert_eq!(answer.matches(r#""id":"event_"#).count(), 20, "{answer}");
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

/// The first text of an answer that has this name.
pub(crate) fn text<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (_, behind) = answer.split_once(name)?;
    behind.trim_start().strip_prefix('"')?.split_once('"').map(|(text, _)| text)
}

/// The first number of an answer that has this name.
pub(crate) fn number(answer: &str, name: &str) -> u64 {
    let (_, behind) = answer.split_once(name).unwrap_or_else(|| panic!("no {name} in {answer}"));
    let behind = behind.trim_start();
    let end = behind.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(behind.len());
    behind[..end].parse().unwrap_or_else(|_| panic!("{name} is no number in {answer}"))
}
