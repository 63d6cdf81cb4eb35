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

/// An answer, as whoever sent these headers takes it.
pub(super) async fn encode_body<E: Executor>(
    door: &GraphqlEngine<E>,
    answer: &Arc<EncodedResponse>,
    asked: &HeaderMap,
) -> ResponseBody {
    match compression::is_accepted(asked, answer.json.len()) {
        true => ResponseBody::Gzip(door.compress(answer).await),
        false => ResponseBody::Identity(answer.body()),
    }
}

/// The answer to a `POST` with these headers.
pub(super) async fn single_response<E: Executor>(
    door: &GraphqlEngine<E>,
    answer: &Arc<EncodedResponse>,
    asked: &HeaderMap,
    media: ResponseFormat,
) -> Response {
    let mut headers = headers(media, &answer.errors);
    if !answer.headers.is_empty() {
        headers.extend(answer.headers.clone());
    }
    respond(status(answer, media), headers, encode_body(door, answer, asked).await)
}

/// The answers to a batch, in its order.
pub(super) async fn batch_response<E: Executor>(
    door: &GraphqlEngine<E>,
    answers: &[Arc<EncodedResponse>],
    asked: &HeaderMap,
    media: ResponseFormat,
) -> Response {
    let answers: Vec<_> = answers.iter().map(|answer| answer.json.as_str()).collect();
    let body = format!("[{}]", answers.join(","));
    let sent = match compression::is_accepted(asked, body.len()) {
        true => ResponseBody::Gzip(
            door.compute_pool().run(body.len(), || compression::gzip(body.as_bytes())).await,
        ),
        false => ResponseBody::Identity(body.into()),
    };
    respond(StatusCode::OK, headers(media, &[]), sent)
}
