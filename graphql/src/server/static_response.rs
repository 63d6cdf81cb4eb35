//! Cacheable responses rendered from memory.

use axum::{
    Json,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use graphql_engine::conditional::matches_etag;
use sha2::{Digest, Sha256};

/// A file that does not exist now may be published in a moment.
const NOT_FOUND_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=5");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
/// The length of an entity tag. It distinguishes the bodies of one URL; sixteen bytes of a hash suffice
/// for longer than any cache entry lives. It is computed only from the body: a version or a revision
/// would also change with what is not public, and reveal how often that happens.
const ETAG_BYTES: usize = 16;

/// A cacheable file: its body and its entity tag.
#[derive(Clone, Debug)]
pub(super) struct CacheableFile {
    body: Bytes,
    tag: String,
    media: &'static str,
}

impl CacheableFile {
    /// A file with this body.
    pub(super) fn new(media: &'static str, body: Vec<u8>) -> Self {
        let hash = Sha256::digest(&body);
        let digits = HEXLOWER.encode(&hash[..ETAG_BYTES]);
        Self { body: body.into(), tag: format!("\"{digits}\""), media }
    }

    /// The length of the body in bytes.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    /// The file, or 304 if the client has it already, with this cache policy.
    pub(super) fn respond(&self, request_headers: &HeaderMap, policy: HeaderValue) -> Response {
        let tag = HeaderValue::try_from(self.tag.as_str());
        let about = [
            (header::CACHE_CONTROL, policy),
            (header::ETAG, tag.unwrap_or(HeaderValue::from_static("\"\""))),
        ];
        if matches_etag(request_headers, &self.tag) {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        let media = [(header::CONTENT_TYPE, HeaderValue::from_static(self.media))];
        (about, media, self.body.clone()).into_response()
    }
}

/// The response 404.
pub(super) fn not_found() -> Response {
    let about = [(header::CACHE_CONTROL, NOT_FOUND_MAX_AGE)];
    (StatusCode::NOT_FOUND, about, Json(serde_json::json!({ "error": "NOT_FOUND" }))).into_response()
}

/// The response 503.
pub(super) fn unavailable() -> Response {
    let about = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::RETRY_AFTER, HeaderValue::from_static("5")),
    ];
    let error = Json(serde_json::json!({ "error": "UNAVAILABLE" }));
    (StatusCode::SERVICE_UNAVAILABLE, about, error).into_response()
}

/// A response at a URL that contains a secret: no cache stores it, no search engine lists the URL, and
/// no other site receives it as a referrer.
pub(super) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    let is_private = headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("no-store")));
    if !is_private {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
