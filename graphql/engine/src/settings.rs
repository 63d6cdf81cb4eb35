//! How much the transports take and how long they wait.

use std::time::Duration;

use axum::http::HeaderName;

use crate::{document::DocumentLimits, query_limits::QueryLimits};

/// The limits of the transports.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The largest body: a batch of 500 reports with ten lines each is about 600 kB.
    pub body_most: usize,
    /// How long a body may take to arrive: a megabyte over a poor mobile connection.
    pub body_wait: Duration,
    /// How many operations one request may carry: what the clients that batch send by default.
    pub batch_most: usize,
    /// How big one document may be.
    pub bounds: DocumentLimits,
    /// How much one question may ask for, and how much it may be told.
    pub limits: QueryLimits,
    /// How many points of cost each address has in a minute; 0 if they are not counted.
    ///
    /// A person who reads the page, searches for an event and reports costs about 1,500 if no answer is at
    /// hand, and a tenth of that if the page is, as it is for all but the first. So 200 people may do so in
    /// the same minute behind one address, and 2,000 where they ask for the same: a school, or the telephone
    /// network of a region. A ticker that polls takes 12 to 60. A script that asks for the most it may gets
    /// 30 answers, of 10 milliseconds each: half a percent of one core.
    pub points_a_minute: u32,
    /// How many bytes of text each address may have stored in a day: notes, reasons, and what is said of
    /// events and people; 0 if they are not counted. A hundred events of a page of text each are half a
    /// megabyte, the notes of a school of a thousand pupils a fifth of one; letters without a note are none.
    pub text_bytes_a_day: u32,
    /// How long a query may take: those that are bounded so take some milliseconds, and longer only when the
    /// database is slow.
    pub query_wait: Duration,
    /// How long a change may take: longer than all that it waits for inside, so that it is told in time what
    /// was in the way.
    pub mutation_wait: Duration,
    /// For how long a browser or a CDN may give a public answer again without asking: short enough that
    /// nobody sees a total stand still, long enough that a crowd costs one request.
    pub public_for: Duration,
    /// How many connections may be open at once: those that last, and some thousands that ask.
    pub connections_most: usize,
    /// How many of them one address may have: half, for behind it may be the network of a whole country
    /// or a proxy that nobody named, but nobody has them all. With `forwarded_by` this does not count.
    pub connections_for_one: usize,
    /// How long the head of a request may take to arrive, and how long a connection may rest between two
    /// requests: a proxy that keeps its connections should let go of them earlier.
    pub head_wait: Duration,
    /// How many sockets and streams may be open at once: a socket takes 6 KiB, and a subscription that it
    /// does not share another 6: 280 MiB at most.
    pub places_most: usize,
    /// How many of them one address may have: half, as above.
    pub places_for_one: usize,
    /// The header in which a trusted proxy names the client's address: its last entry, or the peer of the
    /// connection where that is no address. Without a header, the peer is the client.
    pub forwarded_by: Option<HeaderName>,
    /// How many operations may run at once on one socket.
    pub operations_most: usize,
    /// How many messages a client may send on one socket in a second, and in ten seconds ten times as many
    /// at once.
    pub messages_a_second: u32,
    /// How long a new socket may be silent before `connection_init`.
    pub init_wait: Duration,
    /// How long a socket or stream may be silent: proxies cut a silent connection after 60 s or more.
    pub quiet_most: Duration,
    /// How long an answer to a ping may take.
    pub pong_wait: Duration,
    /// How long a client may take nothing of what is sent to it: long enough for a tunnel or a lift.
    pub send_wait: Duration,
}

impl EngineSettings {
    /// Fit for a small machine behind a proxy.
    pub const DEFAULT: Self = Self {
        body_most: 1 << 20,
        body_wait: Duration::from_secs(30),
        batch_most: 10,
        bounds: DocumentLimits::DEFAULT,
        limits: QueryLimits::DEFAULT,
        points_a_minute: 300_000,
        text_bytes_a_day: 8 << 20,
        query_wait: Duration::from_secs(10),
        mutation_wait: Duration::from_secs(60),
        public_for: Duration::from_secs(5),
        connections_most: 30_000,
        connections_for_one: 15_000,
        head_wait: Duration::from_secs(30),
        places_most: 24_000,
        places_for_one: 12_000,
        forwarded_by: None,
        operations_most: 50,
        messages_a_second: 50,
        init_wait: Duration::from_secs(10),
        quiet_most: Duration::from_secs(25),
        pong_wait: Duration::from_secs(15),
        send_wait: Duration::from_secs(20),
    };
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
