//! The answer on the wire: its JSON, its status, its headers.

use std::sync::Arc;

use async_graphql::{Executor, ServerError};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::ResponseFormat;
use crate::server::{compression, engine::GraphqlEngine, error_code, response::EncodedResponse};

/// What an answer may depend on besides its address.
pub(super) const VARY: &str = "accept, accept-encoding, accept-language, authorization, origin";

/// Four here, two of CORS, and one or two of what is kept or packed; room for them is made once.
const ESTIMATED_HEADERS: usize = 8;

/// The status of an answer in its form.
pub(super) fn status(answer: &EncodedResponse, media: ResponseFormat) -> StatusCode {
    match media {
        ResponseFormat::Response if answer.is_refusal => error_code::status(&answer.errors),
        _ => StatusCode::OK,
    }
}

/// A body as it is sent.
pub(super) enum ResponseBody {
    Identity(Bytes),
    Gzip(Bytes),
}

impl ResponseBody {
    /// An answer, as whoever sent these headers takes it.
    pub(super) async fn of<E: Executor>(
        door: &GraphqlEngine<E>,
        answer: &Arc<EncodedResponse>,
        asked: &HeaderMap,
    ) -> Self {
        match compression::is_accepted(asked, answer.json.len()) {
            true => Self::Gzip(door.compressed(answer).await),
            false => Self::Identity(answer.bytes()),
        }
    }
}

/// The answer to a `POST` with these headers.
pub(super) async fn whole<E: Executor>(
    door: &GraphqlEngine<E>,
    answer: &Arc<EncodedResponse>,
    asked: &HeaderMap,
    media: ResponseFormat,
) -> Response {
    let mut headers = headers(media, &answer.errors);
    if !answer.headers.is_empty() {
        headers.extend(answer.headers.clone());
    }
    respond(status(answer, media), headers, ResponseBody::of(door, answer, asked).await)
}

/// The answers to a batch, in its order.
pub(super) async fn batch<E: Executor>(
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

/// Puts an answer together.
pub(super) fn respond(status: StatusCode, mut headers: HeaderMap, sent: ResponseBody) -> Response {
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let body = match sent {
        ResponseBody::Identity(body) => body,
        ResponseBody::Gzip(body) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            body
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    // As they are: put into a response of the framework's, each would be looked up again.
    *response.headers_mut() = headers;
    response
}

/// The headers that every answer has.
pub(super) fn headers(media: ResponseFormat, errors: &[ServerError]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(ESTIMATED_HEADERS);
    headers.extend([
        (header::CONTENT_TYPE, HeaderValue::from_static(media.as_str())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static(VARY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    if let Some(seconds) = error_code::retry_after(errors) {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    headers
}

/// A request that did not get as far as an operation.
#[derive(Debug)]
pub(in crate::server) struct Rejection {
    pub status: StatusCode,
    pub error: Box<ServerError>,
    /// A header that belongs to the status.
    pub with: Option<(HeaderName, &'static str)>,
}

impl From<ServerError> for Rejection {
    fn from(error: ServerError) -> Self {
        Self { status: error_code::status(std::slice::from_ref(&error)), error: Box::new(error), with: None }
    }
}

impl Rejection {
    /// Not with this method.
    pub(in crate::server) fn method(error: ServerError, allowed: &'static str) -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            with: Some((header::ALLOW, allowed)),
            ..Self::from(error)
        }
    }

    pub(in crate::server) fn into_response(self, media: ResponseFormat) -> Response {
        let answer = EncodedResponse::from(vec![*self.error]);
        let mut headers = headers(media, &answer.errors);
        if let Some((name, value)) = self.with {
            headers.insert(name, HeaderValue::from_static(value));
        }
        respond(self.status, headers, ResponseBody::Identity(answer.bytes()))
    }
}
