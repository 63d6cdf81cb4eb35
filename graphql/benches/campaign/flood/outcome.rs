//! What came of a flood: a table, and what is not as promised.

use std::{fmt::Write as _, time::Duration};

use super::{
    LISTENERS, REPORTERS, SENDERS,
    excess::Excess,
    listener::Heard,
    reporter::Reported,
    sender::Sent,
    staff::Act,
    watcher::{Counted, Watched},
};
use crate::table::{bytes, grouped, short};

/// By how much the total may be above what was honestly reported, in hundredths of it.
const MAX_EXCESS: f64 = 1.0;

pub(super) struct Outcome {
    pub reported: Reported,
    pub sent: Sent,
    pub watched: Watched,
    pub heard: Heard,
    pub memory: f64,
    pub act: Act,
    /// The total after the act.
    pub counted: Counted,
    pub is_recounted: bool,
}

impl Outcome {
    /// What is not as promised, in words.
    pub(super) fn broken(&self) -> Vec<String> {
        let Self { reported, watched, heard, act, counted, .. } = self;
        let mut broken = Vec::new();
        let mut check = |is_kept: bool, what: String| broken.extend((!is_kept).then_some(what));
        for (reason, reports) in &reported.refused {
            check(false, format!("{reports} honest reports do not count ({reason})"));
        }
        if let (Some(first), Some(last)) = (reported.late.iter().min(), reported.late.iter().max()) {
            let late = reported.late.len();
            let (first, last) = (first.as_secs(), last.as_secs());
            check(
                false,
                format!(
                    "{late} honest reports took longer than a second, sent {first} to {last} s after the beginning"
                ),
            );
        }
        for (excess, how) in [(watched.excess, "that was asked for"), (heard.excess, "in a message")] {
            let above = above(&excess);
            check(excess.percent <= MAX_EXCESS, format!("the total {how} was too large by {above}"));
        }
        let missing = watched.missing;
        check(missing == 0, format!("{missing} acknowledged letters were missing from a total"));
        check(heard.closed == 0, format!("{} sockets were closed", heard.closed));
        check(heard.untold == 0, format!("{} acknowledgements were in no message", heard.untold));
        check(act.is_finished, "the act of staff did not end".into());
        let (letters, honest) = (counted.letters, reported.letters);
        check(letters == honest, format!("the total is {letters} after the act, and not {honest}"));
        let (reports, letters) = (counted.reports_checked, counted.letters_checked);
        check(
            reports == 0 && letters == 0,
            format!("{reports} reports of {letters} letters are being checked after the act"),
        );
        check(self.is_recounted, "`w4r recount` finds a difference".into());
        broken
    }

    /// The figures, with the name of the database above them.
    pub(super) fn table(&self, database: &str) -> String {
        let rows: Vec<_> = [self.honest(), self.flood(), self.listening(), self.afterwards()].concat();
        let width = |of: fn(&(String, String)) -> &String, least: usize| {
            rows.iter().map(|row| of(row).chars().count()).max().unwrap_or_default().max(least)
        };
        let (names, figures) = (width(|row| &row.0, 0), width(|row| &row.1, database.len()));
        let mut table = format!("| {:names$} | {database:>figures$} |\n", "");
        writeln!(table, "| {} | {}: |", "-".repeat(names), "-".repeat(figures - 1))
            .expect("a string takes text");
        for (name, figure) in &rows {
            writeln!(table, "| {name:names$} | {figure:>figures$} |").expect("a string takes text");
        }
        table
    }

    fn honest(&self) -> Vec<(String, String)> {
        let mut takes = self.reported.takes.clone();
        let mut percentile = |of_hundred| {
            takes.percentile(of_hundred).map(|latency| format!("{} ms", short(latency))).unwrap_or_default()
        };
        let refused: usize = self.reported.refused.values().sum();
        vec![
            row(format!("honest reports of {REPORTERS} addresses"), count(self.reported.takes.count())),
            row("half of them were acknowledged within", percentile(50)),
            row("99 % within", percentile(99)),
            row("all within", percentile(100)),
            row("refused, held, or later than a second", count(refused + self.reported.late.len())),
        ]
    }

    fn flood(&self) -> Vec<(String, String)> {
        let sent = &self.sent;
        let mut rows = vec![
            row(format!("requests of {SENDERS} connections of one address"), number(sent.requests)),
            row("invented reports in them", number(sent.reports)),
            row("counted when they were answered", number(sent.counted)),
            row("held", number(sent.held)),
        ];
        rows.extend(
            sent.refused.iter().map(|(code, reports)| row(format!("refused: {code}"), number(*reports))),
        );
        rows
    }

    fn listening(&self) -> Vec<(String, String)> {
        vec![
            row(
                format!("too large by, in {} totals asked for", grouped(self.watched.totals as f64)),
                above(&self.watched.excess),
            ),
            row("too large by, in messages", above(&self.heard.excess)),
            row(format!("messages to {} sockets", grouped(LISTENERS as f64)), number(self.heard.messages)),
            row("longest from acknowledgement to message", milliseconds(self.heard.longest)),
            row("memory of the service", bytes(self.memory)),
        ]
    }

    fn afterwards(&self) -> Vec<(String, String)> {
        let difference = self.counted.letters.abs_diff(self.reported.letters);
        let equal = if self.is_recounted { "equal" } else { "not equal" };
        vec![
            row("reports that one act of staff rejected", number(self.act.reports)),
            row("it took", milliseconds(self.act.takes)),
            row("then total and honest letters differ by", number(difference)),
            row("reports being checked", number(self.counted.reports_checked)),
            row("counters and ledger", equal.to_owned()),
        ]
    }
}

fn row(name: impl Into<String>, figure: String) -> (String, String) {
    (name.into(), figure)
}

fn number(number: u64) -> String {
    grouped(number as f64)
}

fn count(count: usize) -> String {
    grouped(count as f64)
}

fn milliseconds(duration: Duration) -> String {
    format!("{} ms", short(duration.as_secs_f64() * 1e3))
}

fn above(excess: &Excess) -> String {
    let Excess { letters, percent, lasted, .. } = excess;
    if *letters == 0 {
        return "0".into();
    }
    format!("{} ({} %), {}", number(*letters), short(*percent), milliseconds(*lasted))
}
