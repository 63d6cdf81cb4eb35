//! GraphQL over server-sent events, in distinct connections mode: one operation for each request, by `POST`,
//! or by `GET` for the `EventSource` of browsers.
//!
//! An invalid HTTP request gets a JSON response with an error status. Errors of the operation, including
//! validation errors, are events with status 200: an `EventSource` does not expose the body of an error
//! response.

use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use std::convert::Infallible;

use super::{
    acquire_stream_slot,
    chunked::{ChunkFormat, ResponseStream, chunked},
    http::{RequestSource, parse_requests, read_request},
    reject,
};
use crate::{
    accept::accepts,
    client_info::ClientInfo,
    engine::GraphqlEngine,
    error::ErrorCode,
    http_response::{Rejection, ResponseFormat},
    request::{GraphqlRequest, RequestBatch},
    request_metrics::Transport,
};

const METHODS: &str = "GET, POST, OPTIONS";
/// JSON has no line breaks, so that one `data` field suffices. The heartbeat is a comment, which clients
/// ignore. `complete` says that the operation is over, so that a client does not come back. It has empty data:
/// without `data`, an `EventSource` would not dispatch it.
const EVENTS: ChunkFormat = ChunkFormat {
    prefix_suffix: ["event: next\ndata: ", "\n\n"],
    heartbeat: ":\n\n",
    terminator: "event: complete\ndata: \n\n",
};

/// Handles a request; the response is an event stream.
pub(crate) async fn handle<E: Executor>(
    State(engine): State<GraphqlEngine<E>>,
    request: Request,
) -> Response {
    let is_post = request.method() == Method::POST;
    if !(accepts(request.headers(), "text/event-stream") || accepts(request.headers(), "*/*")) {
        let rejection = Rejection {
            status: StatusCode::NOT_ACCEPTABLE,
            ..Rejection::from(ErrorCode::BadUserInput.error("The answer is a text/event-stream."))
        };
        return reject(&engine, Transport::Sse, rejection, ResponseFormat::Json);
    }
    let (parts, source) = match read_request(request, engine.settings(), METHODS).await {
        Ok(source) => source,
        Err(rejection) => {
            return reject(&engine, Transport::Sse, rejection, ResponseFormat::Json);
        }
    };
    let client = engine.client_info(Transport::Sse, &parts.headers, &parts.extensions);
    let request = match single_request(&engine, source, &client).await {
        Ok(request) => request,
        Err(rejection) => {
            return reject(&engine, Transport::Sse, rejection, ResponseFormat::Json);
        }
    };
    let permit = match acquire_stream_slot(&engine, Transport::Sse, &parts) {
        Ok(permit) => permit,
        Err(error) => {
            return reject(&engine, Transport::Sse, error.into(), ResponseFormat::Json);
        }
    };
    let responses = match event_stream(&engine, request, client, is_post).await {
        Ok(responses) => responses,
        Err(rejection) => {
            return reject(&engine, Transport::Sse, rejection, ResponseFormat::Json);
        }
    };
    let events = chunked(responses, engine.settings().keepalive_interval, EVENTS).map(move |event| {
        let _permit = &permit;
        Ok::<_, Infallible>(event)
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx would otherwise buffer the events.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}

/// The single operation of a stream.
async fn single_request<E: Executor>(
    engine: &GraphqlEngine<E>,
    source: RequestSource,
    client: &ClientInfo,
) -> Result<GraphqlRequest, Rejection> {
    let body = match source {
        RequestSource::Query(request) => return Ok(*request),
        RequestSource::Body(body) => body,
    };
    match parse_requests(engine, &body, client).await? {
        RequestBatch::One(request) => Ok(request),
        RequestBatch::Batch(_) => {
            Err(ErrorCode::BadUserInput.error("An event stream has one operation.").into())
        }
    }
}

async fn event_stream<E: Executor>(
    engine: &GraphqlEngine<E>,
    request: GraphqlRequest,
    client: ClientInfo,
    is_post: bool,
) -> Result<ResponseStream, Rejection> {
    match engine.prepare(request, None, &client).await {
        Err(errors) => Ok(ResponseStream::rejected(errors.into())),
        // A page of another site can make a browser send a `GET`.
        Ok(prepared) if prepared.kind == OperationType::Mutation && !is_post => Err(
            Rejection::method_not_allowed(ErrorCode::BadUserInput.error("A GET runs no mutation."), "POST"),
        ),
        Ok(prepared) => Ok(ResponseStream::open(engine, prepared, client)),
    }
}
