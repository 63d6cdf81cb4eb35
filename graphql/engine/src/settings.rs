//! Limits and timeouts of the engine and its transports.

use std::time::Duration;

use axum::http::HeaderName;

use crate::{document::DocumentLimits, query_limits::QueryLimits};

/// Limits and timeouts of the engine and its transports.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The maximum size of a body.
    pub max_body_bytes: usize,
    /// The time in which a body has to arrive: a megabyte over a slow mobile connection.
    pub body_timeout: Duration,
    /// The maximum number of operations in a batch: the default of clients that batch.
    pub max_batch_size: usize,
    /// The maximum size of a document.
    pub document_limits: DocumentLimits,
    /// The maximum cost of a query, and the maximum size of its response.
    pub query_limits: QueryLimits,
    /// The points of cost of each client in a minute; 0 for no limit.
    ///
    /// With the default of [`QueryLimits`], a client at its limit gets 30 responses of the maximum cost, of
    /// 10 milliseconds each: half a percent of one core. A person who uses a page with some searches causes
    /// about 1,500 points without cached responses, and a tenth of that with them, so that about 200 to 2,000
    /// people can share an address. A page that polls once a second to once in five seconds costs 12 to 60.
    pub cost_per_minute: u32,
    /// The bytes of text that each client may store in a day; 0 for no limit. Resolvers charge them by
    /// [`CostBudget::charge_stored_text`](crate::CostBudget::charge_stored_text). The default is about a
    /// thousand pages of text.
    pub stored_text_bytes_per_day: u32,
    /// The timeout of a query. The limits bound its execution to some milliseconds, unless the database is
    /// slow.
    pub query_timeout: Duration,
    /// The timeout of a mutation. It should be longer than the timeouts inside the resolver, so that the
    /// client gets the more precise error.
    pub mutation_timeout: Duration,
    /// The `max-age` of public responses: short enough for live figures, long enough that a crowd behind a
    /// CDN causes one request.
    pub cache_max_age: Duration,
    /// The maximum number of open connections: the long-lived ones, and some thousands for requests.
    pub max_connections: usize,
    /// The maximum number of connections of each client. Half of all, since an address may belong to a large
    /// network or an unknown proxy. With `client_ip_header` it does not apply.
    pub max_connections_per_client: usize,
    /// The time in which a request head has to arrive, and the time that a connection may be idle between two
    /// requests. A proxy should close its idle connections earlier.
    pub header_timeout: Duration,
    /// The maximum number of open WebSockets and streams. A socket takes 6 KiB, and a subscription that it
    /// does not share another 6 KiB: 280 MiB at most.
    pub max_streams: usize,
    /// The maximum number of WebSockets and streams of each client: half of all, as above.
    pub max_streams_per_client: usize,
    /// The header in which a trusted proxy sends the client's address. Its last entry counts; without an
    /// address in it, or without this setting, the client is the connecting peer.
    pub client_ip_header: Option<HeaderName>,
    /// The maximum number of concurrent operations of a WebSocket.
    pub max_operations_per_socket: usize,
    /// The maximum rate of messages of a client on a WebSocket, with bursts of ten seconds.
    pub max_messages_per_second: u32,
    /// The time in which a new WebSocket has to send `connection_init`.
    pub connection_init_timeout: Duration,
    /// The interval of keep-alive messages. Proxies close idle connections after 60 s or more, some networks and
    /// clients after 20 s.
    pub keepalive_interval: Duration,
    /// The time in which a client has to respond to a ping.
    pub pong_timeout: Duration,
    /// The time after which a client that accepts no data is disconnected: long enough for a tunnel or a
    /// lift.
    pub write_timeout: Duration,
}

impl EngineSettings {
    /// Suitable for a small machine behind a proxy.
    pub const DEFAULT: Self = Self {
        max_body_bytes: 1 << 20,
        body_timeout: Duration::from_secs(30),
        max_batch_size: 10,
        document_limits: DocumentLimits::DEFAULT,
        query_limits: QueryLimits::DEFAULT,
        cost_per_minute: 300_000,
        stored_text_bytes_per_day: 8 << 20,
        query_timeout: Duration::from_secs(10),
        mutation_timeout: Duration::from_secs(60),
        cache_max_age: Duration::from_secs(5),
        max_connections: 30_000,
        max_connections_per_client: 15_000,
        header_timeout: Duration::from_secs(30),
        max_streams: 24_000,
        max_streams_per_client: 12_000,
        client_ip_header: None,
        max_operations_per_socket: 50,
        max_messages_per_second: 50,
        connection_init_timeout: Duration::from_secs(10),
        keepalive_interval: Duration::from_secs(15),
        pong_timeout: Duration::from_secs(15),
        write_timeout: Duration::from_secs(20),
    };
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
