//! Plain files made from what the service knows: cacheable, and for any page to read.

use axum::{
    Json,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// What does not exist now may be published in a moment.
const NOT_FOUND_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=5");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
/// A tag tells bodies of one address apart; sixteen bytes of a hash do so for longer than any cache lives. It
/// is made of nothing but the body: a version or a revision would also move with what is not public, and
/// count it for whoever looks at the tag.
const ETAG_BYTES: usize = 16;

/// A file that may be kept: its bytes, and what tells them from those before.
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

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    /// The file, or that whoever asks has it already. It may be kept by this policy.
    pub(super) fn respond(&self, asked: &HeaderMap, policy: HeaderValue) -> Response {
        let known = asked.get_all(header::IF_NONE_MATCH).iter().any(|known| matches_etag(known, &self.tag));
        let tag = HeaderValue::try_from(self.tag.as_str());
        let about = [
            (header::CACHE_CONTROL, policy),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN),
            (header::ETAG, tag.unwrap_or(HeaderValue::from_static("\"\""))),
        ];
        if known {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        let media = [(header::CONTENT_TYPE, HeaderValue::from_static(self.media))];
        (about, media, self.body.clone()).into_response()
    }
}

/// That there is no such file.
pub(super) fn not_found() -> Response {
    let about =
        [(header::CACHE_CONTROL, NOT_FOUND_MAX_AGE), (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN)];
    (StatusCode::NOT_FOUND, about, Json(serde_json::json!({ "error": "NOT_FOUND" }))).into_response()
}

/// That there is none at the moment.
pub(super) fn unavailable() -> Response {
    let about = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN),
        (header::RETRY_AFTER, HeaderValue::from_static("5")),
    ];
    let error = Json(serde_json::json!({ "error": "UNAVAILABLE" }));
    (StatusCode::SERVICE_UNAVAILABLE, about, error).into_response()
}

/// An answer at an address that holds a secret, whatever it says: no cache keeps it, no search engine lists
/// the address, and no other page is told of it.
pub(super) fn not_modified(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    let is_private = headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|kept| kept.to_str().is_ok_and(|kept| kept.contains("no-store")));
    if !is_private {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Whether an `If-None-Match` names the tag. The comparison is weak, as RFC 9110 wants it here.
fn matches_etag(known: &HeaderValue, tag: &str) -> bool {
    known.to_str().is_ok_and(|known| {
        known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    })
}
