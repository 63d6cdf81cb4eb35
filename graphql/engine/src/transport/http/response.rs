//! Responses to one operation or to a batch.

use std::sync::Arc;

use async_graphql::Executor;
use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};

use crate::{
    compression,
    engine::GraphqlEngine,
    http_response::{ResponseBody, ResponseFormat, headers, respond, status},
    response::EncodedResponse,
};

/// Encodes a body as the request headers accept it.
pub(super) async fn encode_body<E: Executor>(
    engine: &GraphqlEngine<E>,
    response: &Arc<EncodedResponse>,
    request_headers: &HeaderMap,
) -> ResponseBody {
    match compression::is_accepted(request_headers, response.json.len()) {
        true => ResponseBody::Gzip(engine.compress(response).await),
        false => ResponseBody::Identity(response.body()),
    }
}

/// The response to a single operation.
pub(super) async fn single_response<E: Executor>(
    engine: &GraphqlEngine<E>,
    response: &Arc<EncodedResponse>,
    request_headers: &HeaderMap,
    format: ResponseFormat,
) -> Response {
    let mut headers = headers(format, &response.errors);
    if !response.headers.is_empty() {
        headers.extend(response.headers.clone());
    }
    respond(status(response, format), headers, encode_body(engine, response, request_headers).await)
}

/// The response to a batch, in its order.
pub(super) async fn batch_response<E: Executor>(
    engine: &GraphqlEngine<E>,
    responses: &[Arc<EncodedResponse>],
    request_headers: &HeaderMap,
    format: ResponseFormat,
) -> Response {
    let responses: Vec<_> = responses.iter().map(|response| response.json.as_str()).collect();
    let json = format!("[{}]", responses.join(","));
    let body = match compression::is_accepted(request_headers, json.len()) {
        true => ResponseBody::Gzip(
            engine.compute_pool().run(json.len(), || compression::gzip(json.as_bytes())).await,
        ),
        false => ResponseBody::Identity(json.into()),
    };
    respond(StatusCode::OK, headers(format, &[]), body)
}
