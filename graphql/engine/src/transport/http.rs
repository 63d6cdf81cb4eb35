//! GraphQL over HTTP: `GET` and `POST` on `/graphql`.
//!
//! A form of another site cannot cause a change: a `GET` executes queries only, and a `POST` needs a content
//! type for which browsers send a preflight request.

use std::{convert::Infallible, sync::Arc};

use async_graphql::{Executor, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, future};
use tokio::time::Duration;

use super::{
    acquire_stream_slot,
    chunked::{ChunkFormat, ResponseStream, chunked},
    reject,
};
use crate::{
    accept::accepts,
    cache_key::BodyKey,
    client_info::ClientInfo,
    engine::GraphqlEngine,
    error::ErrorCode,
    http_response::{Rejection, ResponseFormat},
    negotiation::negotiate,
    request::{GraphqlRequest, RequestBatch},
    request_metrics::Transport,
    response::EncodedResponse,
};

mod body;
mod conditional;
mod response;

pub(crate) use body::{RequestSource, parse_requests, read_request};

/// The methods of the path.
const METHODS: &str = "GET, HEAD, POST, OPTIONS";
/// The heartbeat interval of `multipart/mixed` responses, as the clients suggest.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);
/// Apollo's multipart protocol: a response is a `payload`, and an empty part is a heartbeat.
const PARTS: ChunkFormat = ChunkFormat {
    prefix_suffix: ["--graphql\r\nContent-Type: application/json\r\n\r\n{\"payload\":", "}\r\n"],
    heartbeat: "--graphql\r\nContent-Type: application/json\r\n\r\n{}\r\n",
    terminator: "--graphql--\r\n",
};

/// Handles a request.
pub(crate) async fn handle<E: Executor>(
    State(engine): State<GraphqlEngine<E>>,
    request: Request,
) -> Response {
    let format = match negotiate(request.headers()) {
        Ok(format) => format,
        Err(rejection) => {
            return reject(&engine, Transport::Http, rejection, ResponseFormat::Json);
        }
    };
    let (parts, source) = match read_request(request, engine.settings(), METHODS).await {
        Ok(source) => source,
        Err(rejection) => return reject(&engine, Transport::Http, rejection, format),
    };
    let client = engine.client_info(Transport::Http, &parts.headers, &parts.extensions);
    match source {
        RequestSource::Query(request) => handle_get(&engine, *request, client, &parts.headers, format).await,
        RequestSource::Body(body) => handle_post(&engine, &body, client, &parts, format).await,
    }
}

/// Handles a `POST`. A known body is parsed only if its response is stale.
async fn handle_post<E: Executor>(
    engine: &GraphqlEngine<E>,
    bytes: &Bytes,
    client: ClientInfo,
    parts: &Parts,
    format: ResponseFormat,
) -> Response {
    let body = BodyKey::of(bytes, &client);
    if let Some(prepared) = body.and_then(|body| engine.lookup_by_body(&body, bytes, &client)) {
        let response = engine.execute_prepared(prepared, client).await;
        return response::single_response(engine, &response, &parts.headers, format).await;
    }
    match parse_requests(engine, bytes, &client).await {
        Err(rejection) => reject(engine, Transport::Http, rejection, format),
        Ok(RequestBatch::Batch(requests)) => {
            handle_batch(engine, requests, client, &parts.headers, format).await
        }
        Ok(RequestBatch::One(request)) if accepts(&parts.headers, "multipart/mixed") => {
            respond_in_parts(engine, request, client, parts, format).await
        }
        Ok(RequestBatch::One(request)) => match respond_once(engine, request, body, client).await {
            Ok(response) => response::single_response(engine, &response, &parts.headers, format).await,
            Err(rejection) => rejection.into_response(format),
        },
    }
}

/// Handles a `GET`, whose response browsers and CDNs may cache.
async fn handle_get<E: Executor>(
    engine: &GraphqlEngine<E>,
    request: GraphqlRequest,
    client: ClientInfo,
    headers: &HeaderMap,
    format: ResponseFormat,
) -> Response {
    let prepared = match engine.prepare(request, None, &client).await {
        Ok(prepared) => prepared,
        Err(errors) => {
            return response::single_response(engine, &Arc::new(errors.into()), headers, format).await;
        }
    };
    if prepared.kind != OperationType::Query {
        let error = ErrorCode::BadUserInput
            .error(format!("A GET runs queries only, and this is a {}.", prepared.kind));
        return reject(engine, Transport::Http, Rejection::method_not_allowed(error, "POST"), format);
    }
    let response = engine.execute_prepared(prepared, client).await;
    conditional::conditional_response(engine, &response, headers, format).await
}

/// Handles a batch. The operations run concurrently, and the responses keep their order.
async fn handle_batch<E: Executor>(
    engine: &GraphqlEngine<E>,
    requests: Vec<Result<GraphqlRequest, async_graphql::ServerError>>,
    client: ClientInfo,
    headers: &HeaderMap,
    format: ResponseFormat,
) -> Response {
    let responses = requests.into_iter().map(|request| {
        let client = client.clone();
        async {
            match request {
                Ok(request) => respond_once(engine, request, None, client)
                    .await
                    .unwrap_or_else(|rejection| Arc::new(vec![*rejection.error].into())),
                Err(error) => Arc::new(vec![error].into()),
            }
        }
    });
    response::batch_response(engine, &future::join_all(responses).await, headers, format).await
}

/// Executes an operation with a single response.
async fn respond_once<E: Executor>(
    engine: &GraphqlEngine<E>,
    request: GraphqlRequest,
    body: Option<BodyKey>,
    client: ClientInfo,
) -> Result<Arc<EncodedResponse>, Rejection> {
    match engine.prepare(request, body, &client).await {
        Err(errors) => Ok(Arc::new(errors.into())),
        Ok(prepared) if prepared.kind == OperationType::Subscription => {
            let error = ErrorCode::BadUserInput.error(
                "A subscription has more than one answer: use /graphql/ws, /graphql/stream, or accept multipart/mixed.",
            );
            let rejection = Rejection { status: StatusCode::NOT_ACCEPTABLE, ..Rejection::from(error) };
            engine.record_rejection(Transport::Http, &rejection.error);
            Err(rejection)
        }
        Ok(prepared) => Ok(engine.execute_prepared(prepared, client).await),
    }
}

/// Executes a subscription as a multipart response (`multipart/mixed; subscriptionSpec="1.0"`), for clients
/// that support neither WebSockets nor event streams. Other operations have a single response.
async fn respond_in_parts<E: Executor>(
    engine: &GraphqlEngine<E>,
    request: GraphqlRequest,
    client: ClientInfo,
    parts: &Parts,
    format: ResponseFormat,
) -> Response {
    let prepared = match engine.prepare(request, None, &client).await {
        Ok(prepared) => prepared,
        Err(errors) => {
            return response::single_response(engine, &Arc::new(errors.into()), &parts.headers, format).await;
        }
    };
    if prepared.kind != OperationType::Subscription {
        let response = engine.execute_prepared(prepared, client).await;
        return response::single_response(engine, &response, &parts.headers, format).await;
    }
    let permit = match acquire_stream_slot(engine, Transport::Http, parts) {
        Ok(permit) => permit,
        Err(error) => return reject(engine, Transport::Http, error.into(), format),
    };
    let parts = chunked(ResponseStream::open(engine, prepared, client), HEARTBEAT_INTERVAL, PARTS);
    let parts = parts.map(move |part| {
        let _permit = &permit;
        Ok::<_, Infallible>(part)
    });
    let headers =
        [(header::CONTENT_TYPE, "multipart/mixed; boundary=graphql"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(parts)).into_response()
}
