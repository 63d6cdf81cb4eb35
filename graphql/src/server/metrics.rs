//! `/metrics`: the meters of this process, in the text format that Prometheus reads (version 0.0.4).
//!
//! They are read off when somebody asks; nothing is looked up in the database for them. They count exactly,
//! mail and what is not public too, so that they have an address of their own, which strangers do not reach.

use std::{
    fmt::{Display, Write as _},
    io,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use super::{
    door::Door,
    recounts::Recounts,
    settings::MetricsAt,
    traffic::{Outcome, Way},
};
use crate::{api, ledger::Word, meter::Spread};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Where the meters are.
#[derive(Clone)]
pub(super) struct Meters {
    pub context: api::Context,
    pub word: watch::Receiver<Word>,
    pub recounts: watch::Receiver<Recounts>,
    pub door: Door<api::Schema>,
}

pub(super) fn routes(meters: Meters) -> Router {
    Router::new().route("/metrics", get(answer)).with_state(meters)
}

/// The address of the meters, for as long as this lives.
pub(super) struct Metering {
    _serving: JoinSet<()>,
}

/// Serves the meters at an address of their own.
///
/// # Errors
/// If an address that was asked for cannot be had. Without the usual one the service does.
pub(super) async fn serve(at: MetricsAt, meters: Meters) -> io::Result<Option<Metering>> {
    let listener = match at {
        MetricsAt::Public | MetricsAt::Off => return Ok(None),
        MetricsAt::Usual => match TcpListener::bind(MetricsAt::USUAL).await {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, address = %MetricsAt::USUAL, "no metrics: see --metrics-listen");
                return Ok(None);
            }
        },
        MetricsAt::Address(address) => TcpListener::bind(address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen for metrics on {address}: {error}"))
        })?,
    };
    tracing::info!("metrics are at http://{}/metrics", listener.local_addr()?);
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        // It ends with the process; whoever reads meters reads them again soon.
        if let Err(error) = axum::serve(listener, routes(meters)).await {
            tracing::warn!(%error, "no more metrics");
        }
    });
    Ok(Some(Metering { _serving: serving }))
}

async fn answer(State(meters): State<Meters>) -> impl IntoResponse {
    let mut page = Page::default();
    meters.read_door(&mut page);
    meters.read_ledger(&mut page);
    meters.read_outbox(&mut page);
    meters.read_totals(&mut page);
    let about = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (about, page.0)
}

impl Meters {
    fn read_door(&self, page: &mut Page) {
        let traffic = self.door.traffic();
        page.head("requests_total", Kind::Counter, "GraphQL requests, by the way they came and their end");
        for way in Way::ALL {
            for outcome in Outcome::ALL {
                let labels = [("transport", way.as_str()), ("outcome", outcome.as_str())];
                page.line("requests_total", &labels, traffic.questions(way, outcome));
            }
        }
        page.head("connections", Kind::Gauge, "Open connections that last: sockets, event streams, parts");
        for way in Way::ALL {
            page.line("connections", &[("transport", way.as_str())], traffic.connected(way));
        }
        page.one("subscriptions", Kind::Gauge, "Subscriptions that run", traffic.subscriptions.read());
        let (answers, bytes) = self.door.kept().size();
        page.one("kept_answers", Kind::Gauge, "Answers that are kept to be given again", answers);
        page.one("kept_answers_bytes", Kind::Gauge, "What the kept answers take", bytes);
        let figures = self.door.kept().figures();
        page.head("kept_answers_asked_total", Kind::Counter, "How often a shared answer was asked for");
        for (outcome, times) in
            [("given", &figures.given), ("awaited", &figures.awaited), ("made", &figures.made)]
        {
            page.line("kept_answers_asked_total", &[("outcome", outcome)], times.read());
        }
        let what = "Shared answers that were made before anybody could ask for them";
        page.one("kept_answers_made_ahead_total", Kind::Counter, what, figures.ahead.read());
    }

    fn read_ledger(&self, page: &mut Page) {
        let ledger = &self.context.ledger;
        let figures = ledger.figures();
        page.one("ledger_waiting", Kind::Gauge, "Commands that wait for the ledger", ledger.waiting());
        page.head("ledger_commands_total", Kind::Counter, "Reports and their changes that were answered");
        for (outcome, commands) in
            [("done", &figures.done), ("replayed", &figures.replayed), ("refused", &figures.refused)]
        {
            page.line("ledger_commands_total", &[("outcome", outcome)], commands.read());
        }
        page.head("ledger_commits_total", Kind::Counter, "Groups of commands, committed or not");
        for (outcome, commits) in [("done", &figures.commits), ("failed", &figures.failures)] {
            page.line("ledger_commits_total", &[("outcome", outcome)], commits.read());
        }
        page.spread("ledger_group_size", "Commands in a commit", &figures.group, |size| size as f64);
        let seconds = |microseconds| microseconds as f64 / 1e6;
        page.spread("ledger_commit_seconds", "How long a commit took", &figures.microseconds, seconds);
        let age = self.word.borrow().age().as_secs_f64();
        page.one("database_heard_seconds", Kind::Gauge, "Since the database was heard", age);
        let unfinished = ledger.writes().unfinished_for().as_secs_f64();
        let what = "How long the oldest write is unfinished";
        page.one("write_unfinished_seconds", Kind::Gauge, what, unfinished);
        let heartbeats = ledger.heartbeats();
        page.head("heartbeats_total", Kind::Counter, "Writes of this process to know that it can");
        for (outcome, beats) in [("committed", &heartbeats.committed), ("refused", &heartbeats.refused)] {
            page.line("heartbeats_total", &[("outcome", outcome)], beats.read());
        }
        let statements = self.context.database.statements();
        page.one("database_statements_total", Kind::Counter, "Statements given to the database", statements);
    }

    fn read_outbox(&self, page: &mut Page) {
        let (queue, figures) = (self.context.post.queue(), self.context.post.figures());
        page.one("outbox_waiting", Kind::Gauge, "Notices that wait to be sent", queue.length);
        let now = self.context.clock.now();
        let waits = queue.oldest_at.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64().max(0.0));
        page.one("outbox_oldest_seconds", Kind::Gauge, "How long the oldest of them has waited", waits);
        page.head("outbox_notices_total", Kind::Counter, "Attempts to send a notice, by their end");
        for (outcome, notices) in [
            ("sent", &figures.sent),
            ("put_off", &figures.put_off),
            ("failed", &figures.failed),
            ("uncertain", &figures.uncertain),
            ("dropped", &figures.dropped),
        ] {
            page.line("outbox_notices_total", &[("outcome", outcome)], notices.read());
        }
    }

    fn read_totals(&self, page: &mut Page) {
        let catalogue = std::sync::Arc::clone(&self.context.catalogue.borrow());
        let mut editions: Vec<_> = catalogue.editions().collect();
        editions.sort_by_key(|edition| edition.year);
        page.head("edition_version", Kind::Gauge, "The version of an edition's total");
        for edition in &editions {
            let version = self.context.tallies.count(edition.id).version;
            page.line("edition_version", &[("edition", &edition.year.to_string())], version);
        }
        let recounts = self.recounts.borrow();
        page.head("recount_matches", Kind::Gauge, "Whether the last recount equalled the counters");
        for edition in &editions {
            if let Some(recount) = recounts.get(&edition.id) {
                let matches = u8::from(recount.matches);
                page.line("recount_matches", &[("edition", &edition.year.to_string())], matches);
            }
        }
        page.head("recount_timestamp_seconds", Kind::Gauge, "When an edition was last recounted");
        for edition in &editions {
            if let Some(recount) = recounts.get(&edition.id) {
                let at = recount.checked_at.as_second();
                page.line("recount_timestamp_seconds", &[("edition", &edition.year.to_string())], at);
            }
        }
    }
}

/// What a meter does.
#[derive(Clone, Copy)]
enum Kind {
    /// It grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts sizes.
    Histogram,
}

/// The text. Names, labels and explanations are ours, and need no escaping.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP w4r_{name} {help}.\n# TYPE w4r_{name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.0, "w4r_{name}");
        for (index, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"{text}\"", if index == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn one(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.head(name, kind, help);
        self.line(name, &[], value);
    }

    fn spread<const BOUNDS: usize>(
        &mut self,
        name: &str,
        help: &str,
        spread: &Spread<BOUNDS>,
        unit: impl Fn(u64) -> f64,
    ) {
        self.head(name, Kind::Histogram, help);
        let bucket = format!("{name}_bucket");
        for (bound, times) in spread.up_to() {
            self.line(&bucket, &[("le", &unit(bound).to_string())], times);
        }
        let times = spread.times();
        self.line(&bucket, &[("le", "+Inf")], times);
        self.line(&format!("{name}_sum"), &[], unit(spread.sum()));
        self.line(&format!("{name}_count"), &[], times);
    }
}
