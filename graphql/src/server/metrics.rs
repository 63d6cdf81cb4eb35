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

use super::{daily_recount::Recounts, settings::MetricsAt};
use graphql_engine::{GraphqlEngine, RequestOutcome, Transport, telemetry::Histogram};

use crate::{api, ledger::SyncStatus};

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Where the meters are.
#[derive(Clone)]
pub(super) struct MetricSources {
    pub context: api::AppState,
    pub word: watch::Receiver<SyncStatus>,
    pub recounts: watch::Receiver<Recounts>,
    pub engine: GraphqlEngine<api::Schema>,
}

pub(super) fn routes(meters: MetricSources) -> Router {
    Router::new().route("/metrics", get(answer)).with_state(meters)
}

/// The address of the meters, for as long as this lives.
pub(super) struct MetricsService {
    _serving: JoinSet<()>,
}

/// Serves the meters at an address of their own.
///
/// # Errors
/// If an address that was asked for cannot be had. Without the usual one the service does.
pub(super) async fn serve(at: MetricsAt, meters: MetricSources) -> io::Result<Option<MetricsService>> {
    let listener = match at {
        MetricsAt::Public | MetricsAt::Off => return Ok(None),
        MetricsAt::Usual => match TcpListener::bind(MetricsAt::DEFAULT_PATH).await {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, address = %MetricsAt::DEFAULT_PATH, "no metrics: see --metrics-listen");
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
    Ok(Some(MetricsService { _serving: serving }))
}

async fn answer(State(meters): State<MetricSources>) -> impl IntoResponse {
    let mut page = PrometheusText::default();
    meters.write_engine(&mut page);
    meters.write_ledger(&mut page);
    meters.write_outbox(&mut page);
    meters.write_totals(&mut page);
    let about = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (about, page.0)
}

impl MetricSources {
    fn write_engine(&self, page: &mut PrometheusText) {
        let traffic = self.engine.request_metrics();
        page.head(
            "requests_total",
            MetricType::Counter,
            "GraphQL requests, by the way they came and their end",
        );
        for way in Transport::ALL {
            for outcome in RequestOutcome::ALL {
                let labels = [("transport", way.as_str()), ("outcome", outcome.as_str())];
                page.line("requests_total", &labels, traffic.requests(way, outcome));
            }
        }
        page.head(
            "connections",
            MetricType::Gauge,
            "Open connections that last: sockets, event streams, parts",
        );
        for way in Transport::ALL {
            page.line("connections", &[("transport", way.as_str())], traffic.connections(way));
        }
        page.one("subscriptions", MetricType::Gauge, "Subscriptions that run", traffic.subscriptions.read());
        let (answers, bytes) = self.engine.response_cache().size();
        page.one("kept_answers", MetricType::Gauge, "Answers that are kept to be given again", answers);
        page.one("kept_answers_bytes", MetricType::Gauge, "What the kept answers take", bytes);
        let figures = self.engine.response_cache().metrics();
        page.head("kept_answers_asked_total", MetricType::Counter, "How often a shared answer was asked for");
        for (outcome, times) in
            [("given", &figures.hits), ("awaited", &figures.coalesced), ("made", &figures.misses)]
        {
            page.line("kept_answers_asked_total", &[("outcome", outcome)], times.read());
        }
        let what = "Shared answers that were made before anybody could ask for them";
        page.one("kept_answers_made_ahead_total", MetricType::Counter, what, figures.precomputed.read());
    }

    fn write_ledger(&self, page: &mut PrometheusText) {
        let ledger = &self.context.ledger;
        let figures = ledger.metrics();
        page.one(
            "ledger_waiting",
            MetricType::Gauge,
            "Commands that wait for the ledger",
            ledger.queue_depth(),
        );
        page.head(
            "ledger_commands_total",
            MetricType::Counter,
            "Reports and their changes that were answered",
        );
        for (outcome, commands) in
            [("done", &figures.done), ("replayed", &figures.replayed), ("refused", &figures.refused)]
        {
            page.line("ledger_commands_total", &[("outcome", outcome)], commands.read());
        }
        page.head("ledger_commits_total", MetricType::Counter, "Groups of commands, committed or not");
        for (outcome, commits) in [("done", &figures.commits), ("failed", &figures.failures)] {
            page.line("ledger_commits_total", &[("outcome", outcome)], commits.read());
        }
        page.histogram("ledger_group_size", "Commands in a commit", &figures.group, |size| size as f64);
        let seconds = |microseconds| microseconds as f64 / 1e6;
        page.histogram("ledger_commit_seconds", "How long a commit took", &figures.microseconds, seconds);
        let age = self.word.borrow().age().as_secs_f64();
        page.one("database_heard_seconds", MetricType::Gauge, "Since the database was heard", age);
        let unfinished = ledger.writes().unfinished_for().as_secs_f64();
        let what = "How long the oldest write is unfinished";
        page.one("write_unfinished_seconds", MetricType::Gauge, what, unfinished);
        let heartbeats = ledger.heartbeats();
        page.head("heartbeats_total", MetricType::Counter, "Writes of this process to know that it can");
        for (outcome, beats) in [("committed", &heartbeats.committed), ("refused", &heartbeats.refused)] {
            page.line("heartbeats_total", &[("outcome", outcome)], beats.read());
        }
        let statements = self.context.database.statements();
        page.one(
            "database_statements_total",
            MetricType::Counter,
            "Statements given to the database",
            statements,
        );
    }

    fn write_outbox(&self, page: &mut PrometheusText) {
        let (queue, figures) = (self.context.post.queue(), self.context.post.metrics());
        page.one("outbox_waiting", MetricType::Gauge, "Notices that wait to be sent", queue.length);
        let now = self.context.clock.now();
        let waits = queue.oldest_at.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64().max(0.0));
        page.one("outbox_oldest_seconds", MetricType::Gauge, "How long the oldest of them has waited", waits);
        page.head("outbox_notices_total", MetricType::Counter, "Attempts to send a notice, by their end");
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

    fn write_totals(&self, page: &mut PrometheusText) {
        let catalogue = std::sync::Arc::clone(&self.context.catalogue.borrow());
        let mut editions: Vec<_> = catalogue.editions().collect();
        editions.sort_by_key(|edition| edition.year);
        page.head("edition_version", MetricType::Gauge, "The version of an edition's total");
        for edition in &editions {
            let version = self.context.tallies.count(edition.id).version;
            page.line("edition_version", &[("edition", &edition.year.to_string())], version);
        }
        let recounts = self.recounts.borrow();
        page.head("recount_matches", MetricType::Gauge, "Whether the last recount equalled the counters");
        for edition in &editions {
            if let Some(recount) = recounts.get(&edition.id) {
                let matches = u8::from(recount.matches);
                page.line("recount_matches", &[("edition", &edition.year.to_string())], matches);
            }
        }
        page.head("recount_timestamp_seconds", MetricType::Gauge, "When an edition was last recounted");
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
enum MetricType {
    /// It grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts sizes.
    Histogram,
}

/// The text. Names, labels and explanations are ours, and need no escaping.
#[derive(Default)]
struct PrometheusText(String);

impl PrometheusText {
    fn head(&mut self, name: &str, kind: MetricType, help: &str) {
        let kind = match kind {
            MetricType::Counter => "counter",
            MetricType::Gauge => "gauge",
            MetricType::Histogram => "histogram",
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

    fn one(&mut self, name: &str, kind: MetricType, help: &str, value: impl Display) {
        self.head(name, kind, help);
        self.line(name, &[], value);
    }

    fn histogram<const BOUNDS: usize>(
        &mut self,
        name: &str,
        help: &str,
        spread: &Histogram<BOUNDS>,
        unit: impl Fn(u64) -> f64,
    ) {
        self.head(name, MetricType::Histogram, help);
        let bucket = format!("{name}_bucket");
        for (bound, times) in spread.cumulative_buckets() {
            self.line(&bucket, &[("le", &unit(bound).to_string())], times);
        }
        let times = spread.count();
        self.line(&bucket, &[("le", "+Inf")], times);
        self.line(&format!("{name}_sum"), &[], unit(spread.sum()));
        self.line(&format!("{name}_count"), &[], times);
    }
}
