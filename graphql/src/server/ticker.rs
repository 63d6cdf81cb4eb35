//! The ticker that other pages embed, from the binary itself.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
    routing::get,
};

use super::page::{self, SCRIPT};

/// Other sites load the ticker on each of their pages; a newer one reaches them within five minutes.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// One file for whoever embeds it, so that a browser never has parts of two versions.
const TICKER: &str = concat!(
    include_str!("../web/ticker/line.js"),
    include_str!("../web/ticker/watch.js"),
    include_str!("../web/ticker/total.js"),
    include_str!("../web/ticker/words.js"),
    include_str!("../web/ticker/element.js"),
);

pub(super) fn routes() -> Router {
    Router::new()
        // The page's own, since others may be kept for a while.
        .route("/page/ticker.js", get(async || page::file(SCRIPT, TICKER.as_bytes())))
        .route("/ticker.js", get(ticker))
}

/// A module from another origin is loaded only if that origin lets anyone read it.
async fn ticker() -> impl IntoResponse {
    let for_anyone: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (header::CACHE_CONTROL, CACHE_CONTROL),
    ];
    (page::about(SCRIPT), for_anyone, TICKER)
}
