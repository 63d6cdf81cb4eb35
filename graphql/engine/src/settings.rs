//! How much the transports take and how long they wait.

use std::time::Duration;

use axum::http::HeaderName;

use crate::{document::DocumentLimits, query_limits::QueryLimits};

/// The limits of the transports.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The largest body: a batch of 500 reports with ten lines each is about 600 kB.
    pub max_body_bytes: usize,
    /// How long a body may take to arrive: a megabyte over a poor mobile connection.
    pub body_timeout: Duration,
    /// How many operations one request may carry: what the clients that batch send by default.
    pub max_batch_size: usize,
    /// How big one document may be.
    pub document_limits: DocumentLimits,
    /// How much one question may ask for, and how much it may be told.
    pub query_limits: QueryLimits,
    /// How many points of cost each address has in a minute; 0 if they are not counted.
    ///
    /// A person who reads the page, searches for an event and reports costs about 1,500 if no answer is at
    /// hand, and a tenth of that if the page is, as it is for all but the first. So 200 people may do so in
    /// the same minute behind one address, and 2,000 where they ask for the same: a school, or the telephone
    /// network of a region. A ticker that polls takes 12 to 60. A script that asks for the most it may gets
    /// 30 answers, of 10 milliseconds each: half a percent of one core.
    pub cost_per_minute: u32,
    /// How many bytes of text each address may have stored in a day: notes, reasons, and what is said of
    /// events and people; 0 if they are not counted. A hundred events of a page of text each are half a
    /// megabyte, the notes of a school of a thousand pupils a fifth of one; letters without a note are none.
    pub stored_text_bytes_per_day: u32,
    /// How long a query may take: those that are bounded so take some milliseconds, and longer only when the
    /// database is slow.
    pub query_timeout: Duration,
    /// How long a change may take: longer than all that it waits for inside, so that it is told in time what
    /// was in the way.
    pub mutation_timeout: Duration,
    /// For how long a browser or a CDN may give a public answer again without asking: short enough that
    /// nobody sees a total stand still, long enough that a crowd costs one request.
    pub cache_max_age: Duration,
    /// How many connections may be open at once: those that last, and some thousands that ask.
    pub max_connections: usize,
    /// How many of them one address may have: half, for behind it may be the network of a whole country
    /// or a proxy that nobody named, but nobody has them all. With `forwarded_by` this does not count.
    pub max_connections_per_client: usize,
    /// How long the head of a request may take to arrive, and how long a connection may rest between two
    /// requests: a proxy that keeps its connections should let go of them earlier.
    pub header_timeout: Duration,
    /// How many sockets and streams may be open at once: a socket takes 6 KiB, and a subscription that it
    /// does not share another 6: 280 MiB at most.
    pub max_streams: usize,
    /// How many of them one address may have: half, as above.
    pub max_streams_per_client: usize,
    /// The header in which a trusted proxy names the client's address: its last entry, or the peer of the
    /// connection where that is no address. Without a header, the peer is the client.
    pub client_ip_header: Option<HeaderName>,
    /// How many operations may run at once on one socket.
    pub max_operations_per_socket: usize,
    /// How many messages a client may send on one socket in a second, and in ten seconds ten times as many
    /// at once.
    pub max_messages_per_second: u32,
    /// How long a new socket may be silent before `connection_init`.
    pub connection_init_timeout: Duration,
    /// How long a socket or stream may be silent: proxies cut a silent connection after 60 s or more.
    pub keepalive_interval: Duration,
    /// How long an answer to a ping may take.
    pub pong_timeout: Duration,
    /// How long a client may take nothing of what is sent to it: long enough for a tunnel or a lift.
    pub write_timeout: Duration,
}

impl EngineSettings {
    /// Fit for a small machine behind a proxy.
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
        keepalive_interval: Duration::from_secs(25),
        pong_timeout: Duration::from_secs(15),
        write_timeout: Duration::from_secs(20),
    };
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
