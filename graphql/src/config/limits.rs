//! Limits and timeouts of the service, as flags.

use std::time::Duration;

use axum::http::HeaderName;
use domain::report::{ReportBudget, ReportBudgets};

use graphql_engine::{DocumentLimits, EngineSettings, QueryLimits};

use crate::server;

const DEFAULT: server::Settings = server::Settings::DEFAULT;
const AN_HOUR: u64 = 3_600;

/// Limits and timeouts. Each has a reason: a limit that is too generous for every client protects none.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Maximum size of a request body in bytes; a batch of 500 reports with ten lines each has about 600 kB
    #[arg(long, env = "W4R_MAX_BODY_BYTES", value_name = "BYTES", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_body_bytes as u64, value_parser = clap::value_parser!(u64).range(1_000..=1 << 30))]
    max_body_bytes: u64,

    /// Timeout for receiving a request body; a megabyte over a poor mobile connection
    #[arg(long, env = "W4R_BODY_TIMEOUT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.body_timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    body_timeout_seconds: u64,

    /// Maximum number of operations per request; the default of batching clients
    #[arg(long, env = "W4R_MAX_BATCH_SIZE", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_batch_size as u64, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    max_batch_size: u64,

    /// Maximum number of lexical tokens per document, whitespace included; several times the introspection
    /// query
    #[arg(long, env = "W4R_MAX_DOCUMENT_TOKENS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.document_limits.max_tokens as u64, value_parser = clap::value_parser!(u64).range(100..=50_000))]
    max_document_tokens: u64,

    /// Maximum depth of fields per document; introspection has 15, the deepest sensible query 12
    #[arg(long, env = "W4R_MAX_DOCUMENT_DEPTH", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.document_limits.max_depth as u64, value_parser = clap::value_parser!(u64).range(1..=DEFAULT.engine.document_limits.max_nesting as u64))]
    max_document_depth: u64,

    /// Maximum number of fields per document, fragments counted at each use
    #[arg(long, env = "W4R_MAX_DOCUMENT_FIELDS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.document_limits.max_fields as u64, value_parser = clap::value_parser!(u64).range(1..=50_000))]
    max_document_fields: u64,

    /// Maximum number of aliases per document, with which a document can select the same field repeatedly
    #[arg(long, env = "W4R_MAX_DOCUMENT_ALIASES", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.document_limits.max_aliases as u64, value_parser = clap::value_parser!(u64).range(..=50_000))]
    max_document_aliases: u64,

    /// Maximum number of directives per document, which skip or include fields one by one
    #[arg(long, env = "W4R_MAX_DOCUMENT_DIRECTIVES", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.document_limits.max_directives as u64, value_parser = clap::value_parser!(u64).range(..=50_000))]
    max_document_directives: u64,

    /// Maximum number of operations per document, of which a request runs one
    #[arg(long, env = "W4R_MAX_DOCUMENT_OPERATIONS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.document_limits.max_operations as u64, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    max_document_operations: u64,

    /// Maximum query cost of all operations of a request; about ten milliseconds and a megabyte
    #[arg(long, env = "W4R_MAX_REQUEST_COST", value_name = "POINTS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.query_limits.max_cost as u64, value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    max_request_cost: u64,

    /// Query cost that each client address may spend per minute; 0 for no limit. The default is enough for
    /// 200 people who each read, search and report for 1,500 points, for 2,000 who read cached responses, or
    /// for 30 responses of maximum cost
    #[arg(long, env = "W4R_COST_PER_MINUTE", value_name = "POINTS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.cost_per_minute)]
    cost_per_minute: u32,

    /// Bytes of text that each client address may store per day: notes, reasons, data of events and people; 0
    /// for no limit. A hundred events of one page each have half a megabyte
    #[arg(long, env = "W4R_STORED_TEXT_BYTES_PER_DAY", value_name = "BYTES", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.stored_text_bytes_per_day)]
    stored_text_bytes_per_day: u32,

    /// Reports per client address and hour that count without review; more are held. The default is twice a
    /// thousand pupils who report from their school. The limit is ten times as high for a network and fifty
    /// times for a campaign; 0 switches off these limits and those of actions
    #[arg(long, env = "W4R_REPORTS_PER_HOUR", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.report_budgets.address.reports)]
    reports_per_hour: u64,

    /// Actions (including letters) per client address and hour that count without review; reports beyond it
    /// are held. The default is what one event plausibly writes. The limit is ten times as high for a network
    /// and fifty times for a campaign
    #[arg(long, env = "W4R_ACTIONS_PER_HOUR", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.report_budgets.address.actions)]
    actions_per_hour: u64,

    /// Maximum size of a response in bytes; a hundred cases with all their texts have about two megabytes
    #[arg(long, env = "W4R_MAX_RESPONSE_BYTES", value_name = "BYTES", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.query_limits.max_response_bytes as u64, value_parser = clap::value_parser!(u64).range(10_000..=1 << 30))]
    max_response_bytes: u64,

    /// Maximum number of errors in a response; more are of no use to a reader
    #[arg(long, env = "W4R_MAX_RESPONSE_ERRORS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.query_limits.max_errors as u64, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    max_response_errors: u64,

    /// Timeout of a query; it takes some milliseconds, and longer only if the database is slow
    #[arg(long, env = "W4R_QUERY_TIMEOUT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.query_timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    query_timeout_seconds: u64,

    /// Timeout of a mutation, after which its outcome is reported as unknown; longer than all internal
    /// timeouts
    #[arg(long, env = "W4R_MUTATION_TIMEOUT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.mutation_timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    mutation_timeout_seconds: u64,

    /// Cache lifetime (max-age) of public responses to GET in browsers and CDNs; short enough for a live
    /// total, long enough for a crowd to cost one request
    #[arg(long, env = "W4R_CACHE_MAX_AGE_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.cache_max_age.as_secs(), value_parser = clap::value_parser!(u64).range(..=AN_HOUR))]
    cache_max_age_seconds: u64,

    /// Maximum number of open connections, both long-lived and short; each needs a file descriptor (ulimit
    /// -n)
    #[arg(long, env = "W4R_MAX_CONNECTIONS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_connections as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    max_connections: u64,

    /// Maximum number of connections per client address; half of all, since an address may be the network of
    /// a whole country or an undeclared proxy. Not applied with --client-ip-header
    #[arg(long, env = "W4R_MAX_CONNECTIONS_PER_CLIENT", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_connections_per_client as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    max_connections_per_client: u64,

    /// Timeout for receiving the head of a request, and for idle connections; a proxy that reuses connections
    /// should close them earlier
    #[arg(long, env = "W4R_HEADER_TIMEOUT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.header_timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    header_timeout_seconds: u64,

    /// Timeout for a client that stops receiving, as in a tunnel or a lift
    #[arg(long, env = "W4R_WRITE_TIMEOUT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.write_timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    write_timeout_seconds: u64,

    /// Maximum number of open WebSockets and event streams; each takes about 6 KiB
    #[arg(long, env = "W4R_MAX_STREAMS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_streams as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    max_streams: u64,

    /// Maximum number of WebSockets and event streams per client address; half of all, like connections
    #[arg(long, env = "W4R_MAX_STREAMS_PER_CLIENT", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_streams_per_client as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    max_streams_per_client: u64,

    /// Maximum number of concurrent operations per WebSocket; a page with all its live content
    #[arg(long, env = "W4R_MAX_OPERATIONS_PER_SOCKET", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_operations_per_socket as u64, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    max_operations_per_socket: u64,

    /// Maximum number of messages per second and WebSocket, with bursts of ten times as many
    #[arg(long, env = "W4R_MAX_MESSAGES_PER_SECOND", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.max_messages_per_second, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    max_messages_per_second: u32,

    /// Timeout for connection_init on a new WebSocket
    #[arg(long, env = "W4R_CONNECTION_INIT_TIMEOUT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.connection_init_timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    connection_init_timeout_seconds: u64,

    /// Idle time after which a WebSocket is pinged and a stream gets a heartbeat; proxies close idle
    /// connections after 60 seconds or more, some networks and clients after 20
    #[arg(long, env = "W4R_KEEPALIVE_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.keepalive_interval.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    keepalive_seconds: u64,

    /// Timeout for the pong of a pinged WebSocket
    #[arg(long, env = "W4R_PONG_TIMEOUT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.engine.pong_timeout.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    pong_timeout_seconds: u64,

    /// Delay of a shutdown during which /readyz fails and requests are still served, so that a load balancer
    /// can stop sending new ones
    #[arg(long, env = "W4R_SHUTDOWN_DELAY_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.shutdown_delay.as_secs(), value_parser = clap::value_parser!(u64).range(..=AN_HOUR))]
    shutdown_delay_seconds: u64,

    /// Header with which a trusted proxy names the client's address: Forwarded (RFC 7239), or X-Forwarded-For
    /// and similar ones. Only its last entry is used, so the proxy must append it or replace the header; if
    /// it has no address, the connecting address counts. Without this setting, the connecting address is the
    /// client
    #[arg(long, env = "W4R_CLIENT_IP_HEADER", value_name = "HEADER", hide_short_help = true)]
    client_ip_header: Option<HeaderName>,
}

impl LimitArgs {
    /// Converts to the settings of the server.
    ///
    /// # Errors
    /// A message about limits that contradict each other.
    pub fn settings(&self) -> Result<server::Settings, String> {
        self.check_streams()?;
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let engine = EngineSettings {
            max_body_bytes: count(self.max_body_bytes),
            body_timeout: Duration::from_secs(self.body_timeout_seconds),
            max_batch_size: count(self.max_batch_size),
            document_limits: DocumentLimits {
                max_tokens: count(self.max_document_tokens),
                max_depth: count(self.max_document_depth),
                max_fields: count(self.max_document_fields),
                max_aliases: count(self.max_document_aliases),
                max_directives: count(self.max_document_directives),
                max_operations: count(self.max_document_operations),
                ..DEFAULT.engine.document_limits
            },
            query_limits: QueryLimits {
                max_cost: count(self.max_request_cost),
                max_response_bytes: count(self.max_response_bytes),
                max_errors: count(self.max_response_errors),
            },
            cost_per_minute: self.cost_per_minute,
            stored_text_bytes_per_day: self.stored_text_bytes_per_day,
            query_timeout: Duration::from_secs(self.query_timeout_seconds),
            mutation_timeout: Duration::from_secs(self.mutation_timeout_seconds),
            cache_max_age: Duration::from_secs(self.cache_max_age_seconds),
            max_connections: count(self.max_connections),
            max_connections_per_client: count(self.max_connections_per_client),
            header_timeout: Duration::from_secs(self.header_timeout_seconds),
            write_timeout: Duration::from_secs(self.write_timeout_seconds),
            max_streams: count(self.max_streams),
            max_streams_per_client: count(self.max_streams_per_client),
            client_ip_header: self.client_ip_header.clone(),
            max_operations_per_socket: count(self.max_operations_per_socket),
            max_messages_per_second: self.max_messages_per_second,
            connection_init_timeout: Duration::from_secs(self.connection_init_timeout_seconds),
            keepalive_interval: Duration::from_secs(self.keepalive_seconds),
            pong_timeout: Duration::from_secs(self.pong_timeout_seconds),
        };
        Ok(server::Settings {
            engine,
            metrics: DEFAULT.metrics,
            report_budgets: match (self.reports_per_hour, self.actions_per_hour) {
                (0, _) => ReportBudgets::NONE,
                (reports, actions) => ReportBudgets::of_address(ReportBudget { reports, actions }),
            },
            shutdown_delay: Duration::from_secs(self.shutdown_delay_seconds),
            log: DEFAULT.log,
        })
    }

    /// Checks that streams, which are connections, are not allowed to be more than connections.
    fn check_streams(&self) -> Result<(), String> {
        for (part, whole, of_part, of_whole) in [
            ("--max-streams", "--max-connections", self.max_streams, self.max_connections),
            (
                "--max-streams-per-client",
                "--max-connections-per-client",
                self.max_streams_per_client,
                self.max_connections_per_client,
            ),
        ] {
            if of_part > of_whole {
                return Err(format!(
                    "{part} {of_part} is more than {whole} {of_whole}, which they are part of"
                ));
            }
        }
        Ok(())
    }
}
