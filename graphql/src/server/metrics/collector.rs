//! Reads the metrics of the engine, the ledger, the mail queue and the totals at each scrape.

use std::fmt::{self, Debug};

use graphql_engine::{RequestOutcome, Transport, telemetry::Histogram};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use super::MetricSources;

impl Debug for MetricSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricSources").finish_non_exhaustive()
    }
}

impl Collector for MetricSources {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut families = Families(encoder);
        families.labeled(
            "build_info",
            "The version of this process",
            Kind::Gauge,
            [(vec![("version", env!("CARGO_PKG_VERSION").to_owned())], 1.0)],
        )?;
        self.encode_engine(&mut families)?;
        self.encode_ledger(&mut families)?;
        self.encode_mail(&mut families)?;
        self.encode_totals(&mut families)
    }
}

impl MetricSources {
    fn encode_engine(&self, families: &mut Families<'_>) -> fmt::Result {
        let requests = self.engine.request_metrics();
        let by_outcome = Transport::ALL.into_iter().flat_map(|transport| {
            RequestOutcome::ALL.into_iter().map(move |outcome| {
                let labels = vec![
                    ("transport", transport.as_str().to_owned()),
                    ("outcome", outcome.as_str().to_owned()),
                ];
                (labels, requests.requests(transport, outcome) as f64)
            })
        });
        let help = "Operations, and requests that were rejected before";
        families.labeled("graphql_requests", help, Kind::Counter, by_outcome)?;
        let help = "Time from a prepared operation to its response, without subscriptions";
        families.histogram(
            "graphql_request_duration_seconds",
            help,
            &requests.durations,
            from_microseconds,
        )?;
        let open = Transport::ALL.map(|transport| {
            (vec![("transport", transport.as_str().to_owned())], requests.connections(transport) as f64)
        });
        families.labeled(
            "open_streams",
            "Open WebSockets, event streams and multipart responses",
            Kind::Gauge,
            open,
        )?;
        families.gauge(
            "subscriptions",
            "Running GraphQL subscriptions",
            requests.subscriptions.read() as f64,
        )?;
        let (entries, bytes) = self.engine.response_cache().size();
        families.gauge("response_cache_entries", "Entries of the response cache", entries as f64)?;
        families.gauge("response_cache_bytes", "Size of the response cache", bytes as f64)?;
        let cache = self.engine.response_cache().metrics();
        let results = [("hit", &cache.hits), ("coalesced", &cache.coalesced), ("miss", &cache.misses)]
            .map(|(result, counter)| (vec![("result", result.to_owned())], counter.read() as f64));
        families.labeled(
            "response_cache_requests",
            "Look-ups in the response cache",
            Kind::Counter,
            results,
        )?;
        let help = "Responses that were computed before their total was published";
        families.counter("response_cache_precomputed", help, cache.precomputed.read())
    }

    fn encode_ledger(&self, families: &mut Families<'_>) -> fmt::Result {
        let ledger = &self.context.ledger;
        let metrics = ledger.metrics();
        families.gauge(
            "ledger_queue_depth",
            "Commands in the ledger's queue",
            ledger.queue_depth() as f64,
        )?;
        let commands =
            [("ok", &metrics.done), ("replayed", &metrics.replayed), ("rejected", &metrics.refused)];
        families.labeled("ledger_commands", "Answered commands", Kind::Counter, by_outcome(commands))?;
        let commits = [("ok", &metrics.commits), ("failed", &metrics.failures)];
        families.labeled(
            "ledger_commits",
            "Commits of groups of commands",
            Kind::Counter,
            by_outcome(commits),
        )?;
        families.histogram("ledger_commit_batch_size", "Commands in a commit", &metrics.group, |size| {
            size as f64
        })?;
        let help = "Duration of a commit, with the responses precomputed for it";
        families.histogram("ledger_commit_seconds", help, &metrics.microseconds, from_microseconds)?;
        let age = self.sync_status.borrow().age().as_secs_f64();
        families.gauge("database_last_contact_seconds", "Time since the database was last confirmed", age)?;
        let unfinished = ledger.writes().unfinished_for().as_secs_f64();
        families.gauge("write_unfinished_seconds", "Age of the oldest unfinished write", unfinished)?;
        let heartbeats = ledger.heartbeats();
        let beats = [("committed", &heartbeats.committed), ("rejected", &heartbeats.refused)];
        families.labeled("heartbeats", "Test writes of this process", Kind::Counter, by_outcome(beats))?;
        let is_halted = f64::from(u8::from(*self.log_halted.borrow()));
        let help = "Whether the transparency log is halted after a restore of the database";
        families.gauge("transparency_log_halted", help, is_halted)?;
        families.counter(
            "database_statements",
            "Statements sent to the database",
            self.context.database.statements(),
        )
    }

    fn encode_mail(&self, families: &mut Families<'_>) -> fmt::Result {
        let (queue, metrics) = (self.context.mail_queue.queue(), self.context.mail_queue.metrics());
        families.gauge("outbox_pending", "Notices that wait for delivery", queue.length as f64)?;
        let now = self.context.clock.now();
        let age = queue.oldest_at.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64().max(0.0));
        families.gauge("outbox_oldest_seconds", "Age of the oldest of them", age)?;
        let deliveries = [
            ("sent", &metrics.sent),
            ("deferred", &metrics.put_off),
            ("failed", &metrics.failed),
            ("uncertain", &metrics.uncertain),
            ("dropped", &metrics.dropped),
        ];
        families.labeled(
            "mail_deliveries",
            "Attempts to deliver a notice",
            Kind::Counter,
            by_outcome(deliveries),
        )
    }

    fn encode_totals(&self, families: &mut Families<'_>) -> fmt::Result {
        let catalogue = std::sync::Arc::clone(&self.context.catalogue.borrow());
        let mut editions: Vec<_> = catalogue.editions().collect();
        editions.sort_by_key(|edition| edition.year);
        let label = |year: i16| vec![("edition", year.to_string())];
        let versions = editions
            .iter()
            .map(|edition| (label(edition.year), self.context.totals.count(edition.id).version as f64));
        families.labeled("edition_version", "Version of an edition's total", Kind::Gauge, versions)?;
        let recounts = self.recounts.borrow();
        let recounted: Vec<_> =
            editions.iter().filter_map(|edition| Some((edition.year, recounts.get(&edition.id)?))).collect();
        let matches =
            recounted.iter().map(|(year, recount)| (label(*year), f64::from(u8::from(recount.matches))));
        families.labeled(
            "recount_matches",
            "Whether the last recount equalled the counters",
            Kind::Gauge,
            matches,
        )?;
        let times =
            recounted.iter().map(|(year, recount)| (label(*year), recount.checked_at.as_second() as f64));
        families.labeled("recount_timestamp_seconds", "Time of the last recount", Kind::Gauge, times)
    }
}

fn from_microseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1e6
}

fn by_outcome<const OUTCOMES: usize>(
    counters: [(&'static str, &graphql_engine::telemetry::Counter); OUTCOMES],
) -> [(Labels, f64); OUTCOMES] {
    counters.map(|(outcome, counter)| (vec![("outcome", outcome.to_owned())], counter.read() as f64))
}

type Labels = Vec<(&'static str, String)>;

/// Whether a family of labelled values only grows.
#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

/// Encodes families of metrics.
struct Families<'a>(DescriptorEncoder<'a>);

impl Families<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        ConstGauge::new(value).encode(self.0.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        ConstCounter::new(value).encode(self.0.encode_descriptor(name, help, None, MetricType::Counter)?)
    }

    fn labeled(
        &mut self,
        name: &str,
        help: &str,
        kind: Kind,
        values: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let metric_type = match kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
        };
        let mut family = self.0.encode_descriptor(name, help, None, metric_type)?;
        for (labels, value) in values {
            let metric = family.encode_family(&labels)?;
            match kind {
                Kind::Counter => ConstCounter::new(value).encode(metric)?,
                Kind::Gauge => ConstGauge::new(value).encode(metric)?,
            }
        }
        Ok(())
    }

    fn histogram<const BOUNDS: usize>(
        &mut self,
        name: &str,
        help: &str,
        histogram: &Histogram<BOUNDS>,
        unit: impl Fn(u64) -> f64,
    ) -> fmt::Result {
        let mut total = 0;
        // Each bucket has its own values; the encoder adds them up.
        let mut buckets: Vec<_> = histogram
            .cumulative_buckets()
            .map(|(bound, up_to)| {
                let own = up_to - total;
                total = up_to;
                (unit(bound), own)
            })
            .collect();
        let count = histogram.count();
        buckets.push((f64::INFINITY, count - total));
        let mut encoder = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        encoder.encode_histogram::<NoLabelSet>(unit(histogram.sum()), count, &buckets, None)
    }
}
