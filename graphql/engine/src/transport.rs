//! The transports: each parses its input, calls the engine and encodes the responses. The engine does not
//! depend on them.

use async_graphql::{Executor, ServerError};
use axum::{http::request::Parts, response::Response};

use crate::{
    connection_limits::ConnectionPermit,
    engine::GraphqlEngine,
    http_response::{Rejection, ResponseFormat},
    request_metrics::Transport,
    telemetry::GaugeGuard,
};

mod chunked;
pub(crate) mod http;
pub(crate) mod sse;
pub(crate) mod websocket;

/// Counts a rejection and encodes it.
fn reject<E: Executor>(
    engine: &GraphqlEngine<E>,
    transport: Transport,
    rejection: Rejection,
    format: ResponseFormat,
) -> Response {
    engine.record_rejection(transport, &rejection.error);
    rejection.into_response(format)
}

/// Acquires a permit for a long-lived connection.
fn acquire_stream_slot<E: Executor>(
    engine: &GraphqlEngine<E>,
    transport: Transport,
    parts: &Parts,
) -> Result<(ConnectionPermit, GaugeGuard), ServerError> {
    engine.acquire_stream_slot(transport, &parts.headers, &parts.extensions)
}
