//! The answer on the wire: its JSON, its status, its headers.

use std::collections::BTreeMap;

use async_graphql::{Response as Answer, ServerError, Value};
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::Media;
use crate::server::fault;

/// What an answer may depend on besides its address.
pub(super) const VARY: &str = "accept, accept-language, authorization, origin";

/// An answer as GraphQL writes it. `errors` comes first, so that whoever reads a log sees them.
#[derive(Serialize)]
pub(in crate::server) struct Written<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    /// Absent, and not null, where nothing was executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

impl<'a> From<&'a Answer> for Written<'a> {
    fn from(answer: &'a Answer) -> Self {
        let data = (!fault::is_refusal(answer)).then_some(&answer.data);
        Self { errors: &answer.errors, data, extensions: &answer.extensions }
    }
}

/// An answer as bytes.
pub(in crate::server) fn bytes(answer: &impl Serialize) -> Bytes {
    match serde_json::to_vec(answer) {
        Ok(bytes) => bytes.into(),
        // Every value of an answer has a JSON form; a scalar that had none would be our mistake.
        Err(error) => {
            tracing::error!(%error, "an answer has no JSON form");
            Bytes::from_static(br#"{"errors":[{"message":"Something went wrong on our side.","extensions":{"code":"INTERNAL"}}]}"#)
        }
    }
}

/// The status of an answer in its form.
pub(super) fn status(answer: &Answer, media: Media) -> StatusCode {
    match media {
        Media::Response if fault::is_refusal(answer) => fault::status(&answer.errors),
        _ => StatusCode::OK,
    }
}

/// The answer to a `POST`.
pub(super) fn whole(answer: Answer, media: Media) -> Response {
    let body = bytes(&Written::from(&answer));
    let mut headers = headers(media, &answer.errors);
    headers.extend(answer.http_headers.clone());
    respond(status(&answer, media), headers, body)
}

/// The answers to a batch, in its order.
pub(super) fn batch(answers: &[Answer], media: Media) -> Response {
    let written: Vec<_> = answers.iter().map(Written::from).collect();
    (StatusCode::OK, headers(media, &[]), bytes(&written)).into_response()
}

/// Puts an answer together.
pub(super) fn respond(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Response {
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    (status, headers, body).into_response()
}

/// The headers that every answer has.
pub(super) fn headers(media: Media, errors: &[ServerError]) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([
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
        let errors = [*self.error];
        let mut headers = headers(media, &errors);
        if let Some((name, value)) = self.with {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let body = bytes(&Written { errors: &errors, data: None, extensions: &BTreeMap::new() });
        respond(self.status, headers, body)
    }
}
