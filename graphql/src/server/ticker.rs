//! The ticker that other pages embed, and the page that shows it, from the binary itself.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
    routing::get,
};

/// The page runs its own scripts, wears its own style and talks to its own server only. The icon is
/// an empty `data:` address, for otherwise browsers ask for one that is missing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Other sites load the ticker on each of their pages; a newer one reaches them within five minutes.
const KEPT_ELSEWHERE: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// Page, style and script belong together, so none of them is kept without asking.
const KEPT_HERE: HeaderValue = HeaderValue::from_static("no-cache");

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// One file for whoever embeds it, so that a browser never has parts of two versions.
const TICKER: &str = concat!(
    include_str!("../web/ticker/line.js"),
    include_str!("../web/ticker/watch.js"),
    include_str!("../web/ticker/total.js"),
    include_str!("../web/ticker/words.js"),
    include_str!("../web/ticker/element.js"),
);

macro_rules! file {
    ($name:literal, $content_type:expr) => {
        get(async || {
            (
                about($content_type),
                [(header::CACHE_CONTROL, KEPT_HERE)],
                include_bytes!(concat!("../web/page/", $name)),
            )
        })
    };
}

macro_rules! script {
    ($name:literal) => {
        file!($name, SCRIPT)
    };
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/", file!("index.html", "text/html; charset=utf-8"))
        .route("/page/page.css", file!("page.css", "text/css; charset=utf-8"))
        .route("/page/page.js", script!("page.js"))
        .route("/page/chart.js", script!("chart.js"))
        .route("/page/lists.js", script!("lists.js"))
        .route("/page/service.js", script!("service.js"))
        .route("/page/words.js", script!("words.js"))
        .route("/page/writing.js", script!("writing.js"))
        // Its own ticker, since others may be kept for a while.
        .route("/page/ticker.js", get(async || (about(SCRIPT), [(header::CACHE_CONTROL, KEPT_HERE)], TICKER)))
        .route("/ticker.js", get(ticker))
}

/// A module from another origin is loaded only if that origin lets anyone read it.
async fn ticker() -> impl IntoResponse {
    let for_anyone: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (header::CACHE_CONTROL, KEPT_ELSEWHERE),
    ];
    (about(SCRIPT), for_anyone, TICKER)
}

fn about(content_type: &'static str) -> [(HeaderName, HeaderValue); 4] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}
