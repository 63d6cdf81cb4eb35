//! How much the service takes from anybody, and how long it waits, as flags.

use std::time::Duration;

use axum::http::HeaderName;
use domain::report::{ReportBudget, ReportBudgets};

use crate::{
    api,
    server::{self, DocumentLimits},
};

const DEFAULT: server::Settings = server::Settings::DEFAULT;
const AN_HOUR: u64 = 3_600;

/// What bounds a client. Each has a reason; a number that spares everybody protects nobody.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// The largest body of a request: a batch of 500 reports with ten lines each is about 600 kB
    #[arg(long, env = "W4R_BODY_BYTES", value_name = "BYTES", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.body_most as u64, value_parser = clap::value_parser!(u64).range(1_000..=1 << 30))]
    body_bytes: u64,

    /// How long a body may take to arrive: a megabyte over a poor mobile connection
    #[arg(long, env = "W4R_BODY_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.body_wait.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    body_seconds: u64,

    /// How many operations one request may carry: what the clients that batch send by default
    #[arg(long, env = "W4R_BATCH_OPERATIONS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.batch_most as u64, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    batch_operations: u64,

    /// How many words, signs and gaps a document may have: enough for the introspection query several times over
    #[arg(long, env = "W4R_DOCUMENT_TOKENS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.bounds.tokens as u64, value_parser = clap::value_parser!(u64).range(100..=50_000))]
    document_tokens: u64,

    /// How many fields may be within one another: introspection has 15, the deepest sensible question 12
    #[arg(long, env = "W4R_DOCUMENT_DEPTH", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.bounds.depth as u64, value_parser = clap::value_parser!(u64).range(1..=DEFAULT.bounds.nesting as u64))]
    document_depth: u64,

    /// How many fields a document may have, each fragment counted wherever it is spread
    #[arg(long, env = "W4R_DOCUMENT_FIELDS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.bounds.fields as u64, value_parser = clap::value_parser!(u64).range(1..=50_000))]
    document_fields: u64,

    /// How many fields may have a name of their own choosing, which lets one document ask the same often
    #[arg(long, env = "W4R_DOCUMENT_ALIASES", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.bounds.aliases as u64, value_parser = clap::value_parser!(u64).range(..=50_000))]
    document_aliases: u64,

    /// How many directives a document may have: fields are left out with them, one by one
    #[arg(long, env = "W4R_DOCUMENT_DIRECTIVES", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.bounds.directives as u64, value_parser = clap::value_parser!(u64).range(..=50_000))]
    document_directives: u64,

    /// How many operations a document may have; a request runs one of them
    #[arg(long, env = "W4R_DOCUMENT_OPERATIONS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.bounds.operations as u64, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    document_operations: u64,

    /// What the operations of one request may cost together: about ten milliseconds and a megabyte
    #[arg(long, env = "W4R_REQUEST_POINTS", value_name = "POINTS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.limits.cost as u64, value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    request_points: u64,

    /// The points of cost that each address has in a minute: 200 people who each read, search and report for
    /// 1,500 points, or 2,000 who are given what others asked for before them; a script that asks for the
    /// most it may gets 30 answers. With 0 they are not counted
    #[arg(long, env = "W4R_POINTS_PER_MINUTE", value_name = "POINTS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.points_a_minute)]
    points_per_minute: u32,

    /// How many bytes of text each address may have stored in a day: notes, reasons, and what is said of events
    /// and people; 0 if they are not counted. A hundred events of a page each are half a megabyte
    #[arg(long, env = "W4R_TEXT_BYTES_PER_DAY", value_name = "BYTES", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.text_bytes_a_day)]
    text_bytes_per_day: u32,

    /// How many reports of each address count within an hour before staff have looked at them: a thousand pupils who
    /// report from their school, twice over. Beyond it they are held. A network has ten times as many, a campaign
    /// fifty times. With 0 neither these nor actions are counted
    #[arg(long, env = "W4R_REPORTS_PER_HOUR", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.budgets.address.reports)]
    reports_per_hour: u64,

    /// How many actions (letters among them) of each address count within an hour before staff have looked at the
    /// reports: what one event plausibly writes. Beyond it they are held. A network has ten times as many, a campaign
    /// fifty times
    #[arg(long, env = "W4R_ACTIONS_PER_HOUR", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.budgets.address.actions)]
    actions_per_hour: u64,

    /// The longest answer: a hundred cases with all their texts are about two megabytes
    #[arg(long, env = "W4R_ANSWER_BYTES", value_name = "BYTES", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.limits.answer as u64, value_parser = clap::value_parser!(u64).range(10_000..=1 << 30))]
    answer_bytes: u64,

    /// How many errors an answer lists; nobody reads more
    #[arg(long, env = "W4R_ANSWER_ERRORS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.limits.errors as u64, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    answer_errors: u64,

    /// How long a query may take: some milliseconds, and longer only when the database is slow
    #[arg(long, env = "W4R_QUERY_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.query_wait.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    query_seconds: u64,

    /// How long a mutation may take before it is answered that nobody knows what came of it: longer than all
    /// that it waits for inside
    #[arg(long, env = "W4R_MUTATION_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.mutation_wait.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    mutation_seconds: u64,

    /// For how long browsers and CDNs may give a public answer to a GET again: nobody sees a total stand
    /// still, and a crowd costs one request
    #[arg(long, env = "W4R_PUBLIC_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.public_for.as_secs(), value_parser = clap::value_parser!(u64).range(..=AN_HOUR))]
    public_seconds: u64,

    /// How many connections may be open: those that last, and some thousands that ask. Each is an open file
    /// of the system (ulimit -n)
    #[arg(long, env = "W4R_CONNECTIONS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.connections_most as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    connections: u64,

    /// How many of them one address may have: half, for behind it may be the network of a whole country or a
    /// proxy that nobody named, but nobody has them all. With --forwarded-by this does not count
    #[arg(long, env = "W4R_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.connections_for_one as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    connections_per_address: u64,

    /// How long the head of a request may take to arrive, and how long a connection may rest: a proxy that
    /// keeps connections should let go of them earlier
    #[arg(long, env = "W4R_HEAD_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.head_wait.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    head_seconds: u64,

    /// How long a client may take nothing of what is sent to it: a tunnel or a lift
    #[arg(long, env = "W4R_SEND_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.send_wait.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    send_seconds: u64,

    /// How many sockets and event streams may be open: each takes about 6 KiB
    #[arg(long, env = "W4R_SOCKETS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.places_most as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    sockets: u64,

    /// How many of them one address may have: half, as of the connections
    #[arg(long, env = "W4R_SOCKETS_PER_ADDRESS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.places_for_one as u64, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    sockets_per_address: u64,

    /// How many operations may run at once on one socket: a page with all it shows
    #[arg(long, env = "W4R_SOCKET_OPERATIONS", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.operations_most as u64, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    socket_operations: u64,

    /// How many messages a second a client may send on one socket, and ten times as many at once
    #[arg(long, env = "W4R_SOCKET_MESSAGES", value_name = "NUMBER", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.messages_a_second, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    socket_messages: u32,

    /// How long a new socket may be silent before it begins
    #[arg(long, env = "W4R_INIT_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.init_wait.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    init_seconds: u64,

    /// How long a socket or stream may be silent before it is asked for a sign of life, or gives one:
    /// proxies cut a silent connection after 60 seconds or more
    #[arg(long, env = "W4R_QUIET_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.quiet_most.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    quiet_seconds: u64,

    /// How long the sign of life may take
    #[arg(long, env = "W4R_PONG_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.pong_wait.as_secs(), value_parser = clap::value_parser!(u64).range(1..=AN_HOUR))]
    pong_seconds: u64,

    /// When told to stop: how long to go on as before while /readyz says no, so that a load balancer looks at
    /// it once and sends nobody here any more
    #[arg(long, env = "W4R_NOTICE_SECONDS", value_name = "SECONDS", hide_short_help = true)]
    #[arg(default_value_t = DEFAULT.notice_wait.as_secs(), value_parser = clap::value_parser!(u64).range(..=AN_HOUR))]
    notice_seconds: u64,

    /// The header in which a proxy that you trust names the client's address: Forwarded (RFC 7239), or
    /// X-Forwarded-For and its like. Its last entry is the proxy's own word, so the proxy has to add one, or
    /// replace what a client sent; an entry without an address counts as whoever connects. Without this, whoever
    /// connects is the client
    #[arg(long, env = "W4R_FORWARDED_BY", value_name = "HEADER", hide_short_help = true)]
    forwarded_by: Option<HeaderName>,
}

impl LimitArgs {
    /// As the server knows them.
    ///
    /// # Errors
    /// A sentence about limits that contradict each other.
    pub fn settings(&self) -> Result<server::Settings, String> {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        for (part, whole, of_part, of_whole) in [
            ("--sockets", "--connections", self.sockets, self.connections),
            (
                "--sockets-per-address",
                "--connections-per-address",
                self.sockets_per_address,
                self.connections_per_address,
            ),
        ] {
            if of_part > of_whole {
                return Err(format!(
                    "{part} {of_part} is more than {whole} {of_whole}, which they are part of"
                ));
            }
        }
        Ok(server::Settings {
            metrics: DEFAULT.metrics,
            body_most: count(self.body_bytes),
            body_wait: Duration::from_secs(self.body_seconds),
            batch_most: count(self.batch_operations),
            bounds: DocumentLimits {
                tokens: count(self.document_tokens),
                depth: count(self.document_depth),
                fields: count(self.document_fields),
                aliases: count(self.document_aliases),
                directives: count(self.document_directives),
                operations: count(self.document_operations),
                ..DEFAULT.bounds
            },
            limits: api::QueryLimits {
                cost: count(self.request_points),
                answer: count(self.answer_bytes),
                errors: count(self.answer_errors),
            },
            points_a_minute: self.points_per_minute,
            text_bytes_a_day: self.text_bytes_per_day,
            budgets: match (self.reports_per_hour, self.actions_per_hour) {
                (0, _) => ReportBudgets::NONE,
                (reports, actions) => ReportBudgets::of_address(ReportBudget { reports, actions }),
            },
            query_wait: Duration::from_secs(self.query_seconds),
            mutation_wait: Duration::from_secs(self.mutation_seconds),
            public_for: Duration::from_secs(self.public_seconds),
            connections_most: count(self.connections),
            connections_for_one: count(self.connections_per_address),
            head_wait: Duration::from_secs(self.head_seconds),
            send_wait: Duration::from_secs(self.send_seconds),
            places_most: count(self.sockets),
            places_for_one: count(self.sockets_per_address),
            forwarded_by: self.forwarded_by.clone(),
            operations_most: count(self.socket_operations),
            messages_a_second: self.socket_messages,
            init_wait: Duration::from_secs(self.init_seconds),
            quiet_most: Duration::from_secs(self.quiet_seconds),
            pong_wait: Duration::from_secs(self.pong_seconds),
            notice_wait: Duration::from_secs(self.notice_seconds),
        })
    }
}
