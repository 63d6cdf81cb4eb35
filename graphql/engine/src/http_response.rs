//! HTTP responses of all transports: format, status and headers.

use async_graphql::ServerError;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{error, response::EncodedResponse};

/// The two response formats of GraphQL over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseFormat {
    /// `application/graphql-response+json`: the status tells whether the operation was executed.
    Response,
    /// `application/json`: 200 for every well-formed request, for clients older than the specification.
    Json,
}

impl ResponseFormat {
    /// The value of `Content-Type`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The request headers that a response depends on.
pub(crate) const VARY: &str = "accept, accept-encoding, accept-language, authorization, origin";

/// Four here, two of CORS, and one or two of caching and compression; the map is allocated once.
const ESTIMATED_HEADERS: usize = 8;

/// The status of a response in a format.
pub(crate) fn status(response: &EncodedResponse, format: ResponseFormat) -> StatusCode {
    match format {
        ResponseFormat::Response if response.is_request_error => error::status(&response.errors),
        _ => StatusCode::OK,
    }
}

/// An encoded body.
pub(crate) enum ResponseBody {
    Identity(Bytes),
    Gzip(Bytes),
}

/// Assembles an HTTP response.
pub(crate) fn respond(status: StatusCode, mut headers: HeaderMap, body: ResponseBody) -> Response {
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let body = match body {
        ResponseBody::Identity(body) => body,
        ResponseBody::Gzip(body) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            body
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    // The map is moved: axum's `IntoResponse` would insert each header again.
    *response.headers_mut() = headers;
    response
}

/// The headers of every response.
pub(crate) fn headers(format: ResponseFormat, errors: &[ServerError]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(ESTIMATED_HEADERS);
    headers.extend([
        (header::CONTENT_TYPE, HeaderValue::from_static(format.as_str())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static(VARY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    if let Some(seconds) = error::retry_after(errors) {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    headers
}

/// An HTTP error: a request that did not become an operation.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub status: StatusCode,
    pub error: Box<ServerError>,
    /// A header that the status requires.
    pub header: Option<(HeaderName, &'static str)>,
}

impl From<ServerError> for Rejection {
    fn from(error: ServerError) -> Self {
        Self { status: error::status(std::slice::from_ref(&error)), error: Box::new(error), header: None }
    }
}

impl Rejection {
    /// An error for a method that the path does not support.
    pub(crate) fn method_not_allowed(error: ServerError, allowed: &'static str) -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            header: Some((header::ALLOW, allowed)),
            ..Self::from(error)
        }
    }

    pub(crate) fn into_response(self, format: ResponseFormat) -> Response {
        let response = EncodedResponse::from(vec![*self.error]);
        let mut headers = headers(format, &response.errors);
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        respond(self.status, headers, ResponseBody::Identity(response.body()))
    }
}
