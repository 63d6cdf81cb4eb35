//! The ticker: a web component that other sites embed.

use std::borrow::Cow;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::files::{content, content_type, document_headers, respond};

/// Other sites load the ticker on each of their pages; a newer one reaches them within five minutes.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// Served as one file, so that a browser never has parts of two versions.
const PARTS: [&str; 5] =
    ["ticker/line.js", "ticker/watch.js", "ticker/total.js", "ticker/words.js", "ticker/element.js"];

pub(super) fn routes() -> Router {
    Router::new()
        // The page's own copy is revalidated with the page, the embedded one may be older.
        .route("/page/ticker.js", get(async || respond(script(), content_type(PARTS[0]))))
        .route("/ticker.js", get(embedded))
}

fn script() -> Option<Cow<'static, [u8]>> {
    let parts: Option<Vec<_>> = PARTS.into_iter().map(content).collect();
    Some(parts?.concat().into())
}

/// Pages that are isolated from other origins embed only what says that it may be embedded.
async fn embedded() -> Response {
    let Some(script) = script() else { return StatusCode::NOT_FOUND.into_response() };
    let about: [(HeaderName, HeaderValue); 2] = [
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (header::CACHE_CONTROL, CACHE_CONTROL),
    ];
    (document_headers(content_type(PARTS[0])), about, script).into_response()
}
