//! How much the transports take and how long they wait.

use std::time::Duration;

use axum::http::HeaderName;

use super::document::Bounds;

/// The limits of the transports. The defaults fit a small machine behind a proxy.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The largest body: a batch of 500 reports with ten lines each is about 600 kB.
    pub body_most: usize,
    /// How long a body may take to arrive: a megabyte over a poor mobile connection.
    pub body_wait: Duration,
    /// How many operations one request may carry: what the clients that batch send by default.
    pub batch_most: usize,
    /// How big one document may be.
    pub bounds: Bounds,
    /// For how long a browser or a CDN may give a public answer again without asking: short enough that
    /// nobody sees a total stand still, long enough that a crowd costs one request.
    pub public_for: Duration,
    /// How many sockets and streams may be open at once: a socket takes 7 KiB, and a subscription that it
    /// does not share another 6.
    pub places_most: usize,
    /// How many of them one address may have: a school or an office behind one address, but no crowd.
    pub places_for_one: usize,
    /// The header in which a trusted proxy names the client's address (the last entry counts).
    /// Without one, the peer of the connection is the client.
    pub forwarded_by: Option<HeaderName>,
    /// How many operations may run at once on one socket.
    pub operations_most: usize,
    /// How long a new socket may be silent before `connection_init`.
    pub init_wait: Duration,
    /// How long a socket or stream may be silent: proxies cut a silent connection after 60 s or more.
    pub quiet_most: Duration,
    /// How long an answer to a ping may take.
    pub pong_wait: Duration,
    /// How long a socket may take to accept one message.
    pub send_wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            body_most: 1 << 20,
            body_wait: Duration::from_secs(30),
            batch_most: 10,
            bounds: Bounds::default(),
            public_for: Duration::from_secs(5),
            places_most: 20_000,
            places_for_one: 200,
            forwarded_by: None,
            operations_most: 50,
            init_wait: Duration::from_secs(10),
            quiet_most: Duration::from_secs(25),
            pong_wait: Duration::from_secs(15),
            send_wait: Duration::from_secs(10),
        }
    }
}
