//! The IDE in the browser, from the binary itself: nothing is fetched from elsewhere.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Redirect},
    routing::get,
};

/// The page runs its own scripts and talks to its own server only. The hash is that of the one style
/// element that GraphiQL adds when it opens a dialogue.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; connect-src 'self'; \
    img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

macro_rules! file {
    ($name:literal, $content_type:literal) => {
        get(async || page($content_type, include_bytes!(concat!("../web/ide/", $name))))
    };
}

/// The page and its files. Where the data is made up, every example says so.
pub(super) fn routes(simulated: bool) -> Router {
    Router::new()
        .route("/ide", get(async || Redirect::permanent("/ide/")))
        .route("/ide/", file!("index.html", "text/html; charset=utf-8"))
        .route("/ide/ide.css", file!("ide.css", "text/css; charset=utf-8"))
        .route("/ide/ide.js", file!("ide.js", "text/javascript; charset=utf-8"))
        .route("/ide/graphiql.min.css", file!("graphiql.min.css", "text/css; charset=utf-8"))
        .route("/ide/graphiql.min.js", file!("graphiql.min.js", "text/javascript; charset=utf-8"))
        .route(
            "/ide/react.production.min.js",
            file!("react.production.min.js", "text/javascript; charset=utf-8"),
        )
        .route(
            "/ide/react-dom.production.min.js",
            file!("react-dom.production.min.js", "text/javascript; charset=utf-8"),
        )
        .route("/ide/examples.json", get(async move || axum::Json(tabs(simulated))))
}

fn page(content_type: &'static str, bytes: &'static [u8]) -> impl IntoResponse {
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, bytes)
}

/// The examples as the IDE shows them: where the data is made up, each says so.
fn tabs(simulated: bool) -> Vec<serde_json::Value> {
    let note = if simulated { " (in this demonstration every report is simulated)" } else { "" };
    let tab = |Example { title, query, variables }| serde_json::json!({ "title": format!("{title}{note}"), "query": query, "variables": variables });
    examples().map(tab).into()
}

/// An example document, as the README shows it and the tests run it.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it is about.
    pub title: &'static str,
    /// One named operation.
    pub query: &'static str,
    /// Its variables as JSON, or nothing.
    pub variables: &'static str,
}

macro_rules! example {
    ($title:literal, $file:literal) => {
        Example {
            title: $title,
            query: include_str!(concat!("../web/examples/", $file, ".graphql")),
            variables: "",
        }
    };
    ($title:literal, $file:literal, variables) => {
        Example {
            title: $title,
            query: include_str!(concat!("../web/examples/", $file, ".graphql")),
            variables: include_str!(concat!("../web/examples/", $file, ".json")),
        }
    };
}

/// The examples, one for each kind of user.
#[must_use]
pub fn examples() -> [Example; 8] {
    [
        example!("Live ticker: watch the total", "watch"),
        example!("Partner site: the cases of an edition", "cases"),
        example!("Anyone: report letters", "report", variables),
        example!("Anyone: the total in all its parts", "total"),
        example!("Anyone: events near a place", "events"),
        example!("Organizer: register an event", "register_event", variables),
        example!("Section's staff: approve an event", "approve_event", variables),
        example!("Administrator: suspend a case", "suspend", variables),
    ]
}
