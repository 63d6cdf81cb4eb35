//! Caching of `GET` responses: `Cache-Control`, `ETag` and conditional requests.

use std::{sync::Arc, time::Duration};

use async_graphql::Executor;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::response::encode_body;
use crate::{
    conditional::matches_etag,
    engine::GraphqlEngine,
    http_response::{self, ResponseFormat},
    response::EncodedResponse,
};

/// Half of a SHA-256 hash distinguishes responses reliably.
const ETAG_BYTES: usize = 16;

/// The response to a `GET`, or 304 if the client has it.
pub(super) async fn conditional_response<E: Executor>(
    engine: &GraphqlEngine<E>,
    response: &Arc<EncodedResponse>,
    request_headers: &HeaderMap,
    format: ResponseFormat,
) -> Response {
    let status = http_response::status(response, format);
    let mut headers = http_response::headers(format, &response.errors);
    headers.extend(response.headers.clone());
    if !response.errors.is_empty() {
        // Errors may be temporary and are not cached.
        return http_response::respond(status, headers, encode_body(engine, response, request_headers).await);
    }
    headers.insert(
        header::CACHE_CONTROL,
        cache_control(response, request_headers, engine.settings().cache_max_age),
    );
    let tag = etag(response.stable_part(), format);
    if let Ok(tag) = HeaderValue::try_from(tag.as_str()) {
        headers.insert(header::ETAG, tag);
    }
    if matches_etag(request_headers, &tag) {
        headers.remove(header::CONTENT_TYPE);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    http_response::respond(status, headers, encode_body(engine, response, request_headers).await)
}

/// The cache policy of a response. A response to an authenticated request is private.
fn cache_control(
    response: &EncodedResponse,
    request_headers: &HeaderMap,
    cache_max_age: Duration,
) -> HeaderValue {
    let policy = response.cache_control;
    if request_headers.contains_key(header::AUTHORIZATION) || !policy.public {
        return HeaderValue::from_static("private, no-store");
    }
    let seconds = match policy.max_age {
        ..0 => return HeaderValue::from_static("public, no-cache"),
        // The schema has no policy.
        0 => cache_max_age.as_secs(),
        seconds => seconds.unsigned_abs().into(),
    };
    HeaderValue::try_from(format!("public, max-age={seconds}"))
        .unwrap_or_else(|_| HeaderValue::from_static("public, no-cache"))
}

/// A weak ETag (RFC 9110, 8.8.1): the same response may be sent compressed or not.
fn etag(body: &str, format: ResponseFormat) -> String {
    let hash = Sha256::new().chain_update(format.as_str()).chain_update(body).finalize();
    format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&hash[..ETAG_BYTES]))
}
