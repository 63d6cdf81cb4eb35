//! The answer on the wire: its JSON, its status, its headers.

use std::sync::Arc;

use async_graphql::{Executor, ServerError};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::Media;
use crate::server::{answer::Answer, door::Door, fault, packing};

/// What an answer may depend on besides its address.
pub(super) const VARY: &str = "accept, accept-encoding, accept-language, authorization, origin";

/// Four here, two of CORS, and one or two of what is kept or packed; room for them is made once.
const HEADERS_USUAL: usize = 8;

/// The status of an answer in its form.
pub(super) fn status(answer: &Answer, media: Media) -> StatusCode {
    match media {
        Media::Response if answer.is_refusal => fault::status(&answer.errors),
        _ => StatusCode::OK,
    }
}

/// A body as it is sent.
pub(super) enum Sent {
    AsItIs(Bytes),
    Packed(Bytes),
}

impl Sent {
    /// An answer, as whoever sent these headers takes it.
    pub(super) async fn of<E: Executor>(door: &Door<E>, answer: &Arc<Answer>, asked: &HeaderMap) -> Self {
        match packing::is_wanted(asked, answer.json.len()) {
            true => Self::Packed(door.packed(answer).await),
            false => Self::AsItIs(answer.bytes()),
        }
    }
}

/// The answer to a `POST` with these headers.
pub(super) async fn whole<E: Executor>(
    door: &Door<E>,
    answer: &Arc<Answer>,
    asked: &HeaderMap,
    media: Media,
) -> Response {
    let mut headers = headers(media, &answer.errors);
    if !answer.headers.is_empty() {
        headers.extend(answer.headers.clone());
    }
    respond(status(answer, media), headers, Sent::of(door, answer, asked).await)
}

/// The answers to a batch, in its order.
pub(super) async fn batch<E: Executor>(
    door: &Door<E>,
    answers: &[Arc<Answer>],
    asked: &HeaderMap,
    media: Media,
) -> Response {
    let answers: Vec<_> = answers.iter().map(|answer| answer.json.as_str()).collect();
    let body = format!("[{}]", answers.join(","));
    let sent = match packing::is_wanted(asked, body.len()) {
        true => Sent::Packed(door.aside().work(body.len(), || packing::gzip(body.as_bytes())).await),
        false => Sent::AsItIs(body.into()),
    };
    respond(StatusCode::OK, headers(media, &[]), sent)
}

/// Puts an answer together.
pub(super) fn respond(status: StatusCode, mut headers: HeaderMap, sent: Sent) -> Response {
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let body = match sent {
        Sent::AsItIs(body) => body,
        Sent::Packed(body) => {
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
pub(super) fn headers(media: Media, errors: &[ServerError]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(HEADERS_USUAL);
    headers.extend([
        (header::CONTENT_TYPE, HeaderValue::from_static(media.as_str())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static(VARY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    if let Some(seconds) = fault::retry_after(errors) {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    headers
}

/// A request that did not get as far as an operation.
#[derive(Debug)]
pub(in crate::server) struct Refused {
    pub status: StatusCode,
    pub error: Box<ServerError>,
    /// A header that belongs to the status.
    pub with: Option<(HeaderName, &'static str)>,
}

impl From<ServerError> for Refused {
    fn from(error: ServerError) -> Self {
        Self { status: fault::status(std::slice::from_ref(&error)), error: Box::new(error), with: None }
    }
}

impl Refused {
    /// Not with this method.
    pub(in crate::server) fn method(error: ServerError, allowed: &'static str) -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            with: Some((header::ALLOW, allowed)),
            ..Self::from(error)
        }
    }

    pub(in crate::server) fn into_response(self, media: Media) -> Response {
        let answer = Answer::from(vec![*self.error]);
        let mut headers = headers(media, &answer.errors);
        if let Some((name, value)) = self.with {
            headers.insert(name, HeaderValue::from_static(value));
        }
        respond(self.status, headers, Sent::AsItIs(answer.bytes()))
    }
}
