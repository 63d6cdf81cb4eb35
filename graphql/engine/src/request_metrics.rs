//! Metrics of requests by transport and outcome, and of open connections.

use async_graphql::ServerError;

use crate::error;
use crate::telemetry::{Counter, Gauge, GaugeGuard, Histogram};

/// The transport of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// An HTTP request with a single response or a `multipart/mixed` response.
    #[default]
    Http,
    /// Server-sent events.
    Sse,
    /// A message on a WebSocket.
    WebSocket,
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    /// A response without errors.
    Ok,
    /// The request was invalid or not allowed.
    ClientError,
    /// The service could not produce all of the response.
    ServerError,
}

impl Transport {
    /// All transports.
    pub const ALL: [Self; 3] = [Self::Http, Self::Sse, Self::WebSocket];

    /// The value of the metric's label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}

impl RequestOutcome {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Ok, Self::ClientError, Self::ServerError];

    /// The value of the metric's label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
        }
    }

    /// The outcome of a response with these errors.
    pub fn from_errors(errors: &[ServerError]) -> Self {
        let is_ours =
            |error| matches!(error::code(error), Some("INTERNAL" | "UNAVAILABLE" | "OUTCOME_UNKNOWN"));
        match errors {
            [] => Self::Ok,
            errors if errors.iter().any(is_ours) => Self::ServerError,
            _ => Self::ClientError,
        }
    }
}

/// Counters and gauges of the engine.
#[derive(Debug)]
pub struct RequestMetrics {
    requests: [[Counter; RequestOutcome::ALL.len()]; Transport::ALL.len()],
    connections: [Gauge; Transport::ALL.len()],
    /// The subscriptions that are active.
    pub subscriptions: Gauge,
    /// The time from a prepared operation to its response in microseconds, without subscriptions.
    pub durations: Histogram<{ DURATION_BOUNDS.len() }>,
}

/// Upper bounds of durations in microseconds: from a cached response to the longest timeout.
const DURATION_BOUNDS: [u64; 14] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000, 10_000_000];

impl Default for RequestMetrics {
    fn default() -> Self {
        Self {
            requests: Default::default(),
            connections: Default::default(),
            subscriptions: Gauge::default(),
            durations: Histogram::new(DURATION_BOUNDS),
        }
    }
}

impl RequestMetrics {
    /// Counts a request.
    pub(crate) fn record(&self, transport: Transport, outcome: RequestOutcome) {
        self.requests[transport as usize][outcome as usize].add(1);
    }

    /// Counts a long-lived connection until the guard is dropped.
    pub(crate) fn track_connection(&self, transport: Transport) -> GaugeGuard {
        self.connections[transport as usize].increment()
    }

    /// The number of requests with this transport and outcome.
    pub fn requests(&self, transport: Transport, outcome: RequestOutcome) -> u64 {
        self.requests[transport as usize][outcome as usize].read()
    }

    /// The number of open long-lived connections.
    pub fn connections(&self, transport: Transport) -> usize {
        self.connections[transport as usize].read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn the_outcome_is_a_server_error_if_any_error_is_one() {
        let [server_error, client_error] =
            [ErrorCode::Internal.error("no"), ErrorCode::BadUserInput.error("no")];
        assert_eq!(RequestOutcome::from_errors(&[]), RequestOutcome::Ok);
        assert_eq!(
            RequestOutcome::from_errors(std::slice::from_ref(&client_error)),
            RequestOutcome::ClientError
        );
        assert_eq!(RequestOutcome::from_errors(&[client_error, server_error]), RequestOutcome::ServerError);
    }

    #[test]
    fn each_transport_and_outcome_has_its_own_counter() {
        let metrics = RequestMetrics::default();
        for (index, transport) in Transport::ALL.into_iter().enumerate() {
            for (offset, outcome) in RequestOutcome::ALL.into_iter().enumerate() {
                (0..=10 * index + offset).for_each(|_| metrics.record(transport, outcome));
            }
        }
        assert_eq!(metrics.requests(Transport::Sse, RequestOutcome::ClientError), 12);
        assert_eq!(metrics.requests(Transport::WebSocket, RequestOutcome::ServerError), 23);
    }
}
