//! The page of the service, from the binary itself, and how a page of its own is served.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
    routing::get,
};

/// A page runs its own scripts, wears its own style and talks to its own server only. The icon is
/// an empty `data:` address, for otherwise browsers ask for one that is missing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Page, style and script belong together, so none of them is kept without asking.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("no-cache");

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const STYLE: &str = "text/css; charset=utf-8";
pub(super) const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! file {
    ($name:literal, $content_type:expr) => {
        get(async || file($content_type, include_bytes!(concat!("../web/page/", $name))))
    };
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/", file!("index.html", HTML))
        .route("/page/page.css", file!("page.css", STYLE))
        .route("/page/page.js", file!("page.js", SCRIPT))
        .route("/page/chart.js", file!("chart.js", SCRIPT))
        .route("/page/events.js", file!("events.js", SCRIPT))
        .route("/page/lists.js", file!("lists.js", SCRIPT))
        .route("/page/reader.js", file!("reader.js", SCRIPT))
        .route("/page/service.js", file!("service.js", SCRIPT))
        .route("/page/words.js", file!("words.js", SCRIPT))
        .route("/page/writing.js", file!("writing.js", SCRIPT))
}

/// A file of a page of this service.
pub(super) fn file(content_type: &'static str, bytes: &'static [u8]) -> impl IntoResponse + use<> {
    (about(content_type), [(header::CACHE_CONTROL, CACHE_CONTROL)], bytes)
}

/// What is said of every file that a browser runs or shows.
pub(super) fn about(content_type: &'static str) -> [(HeaderName, HeaderValue); 4] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}
