//! The IDE in the browser, from the binary itself: nothing is fetched from elsewhere.

use std::sync::LazyLock;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::compression;

/// The page runs its own scripts and talks to its own server only. Its editors write their colours and the places
/// of their lines into style elements, which change as one types.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; \
    style-src 'self' 'unsafe-inline'; connect-src 'self'; \
    img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

macro_rules! file {
    ($name:literal, $content_type:literal) => {
        get(async |asked: HeaderMap| {
            static FILE: &[u8] = include_bytes!(concat!("../web/ide/", $name));
            static PACKED: LazyLock<Bytes> = LazyLock::new(|| compression::gzip(FILE));
            page(&asked, $content_type, FILE, &PACKED)
        })
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
        .route("/ide/editor.worker.js", file!("editor.worker.js", "text/javascript; charset=utf-8"))
        .route("/ide/graphql.worker.js", file!("graphql.worker.js", "text/javascript; charset=utf-8"))
        .route("/ide/json.worker.js", file!("json.worker.js", "text/javascript; charset=utf-8"))
        .route("/ide/examples.json", get(async move || axum::Json(tabs(simulated))))
}

/// A file as it is, or packed for whoever can read that: the editor has megabytes.
fn page(
    asked: &HeaderMap,
    content_type: &'static str,
    file: &'static [u8],
    packed: &LazyLock<Bytes>,
) -> Response {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    if compression::is_accepted(asked, file.len()) {
        let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        return (headers, encoding, Bytes::clone(packed)).into_response();
    }
    (headers, file).into_response()
}

/// The examples as the IDE shows them: where the data is made up, each says so.
fn tabs(simulated: bool) -> Vec<serde_json::Value> {
    let note = if simulated { " (in this demonstration every report is simulated)" } else { "" };
    let tab = |Example { title, query, variables }| serde_json::json!({ "title": format!("{title}{note}"), "query": query, "variables": variables });
    examples().map(tab).into()
}

/// An example document, as the API guide shows it (`graphql/docs/api.md`) and the tests run it.
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
pub fn examples() -> [Example; 9] {
    [
        example!("Live ticker: watch the total", "watch"),
        example!("Partner site: the cases of an edition", "cases"),
        example!("Anyone: report letters", "report", variables),
        example!("Anyone: the total in all its parts", "total"),
        example!("Anyone: events near a place", "events"),
        example!("Organizer: register an event", "register_event", variables),
        example!("Section's staff: approve an event", "approve_event", variables),
        example!("Section's staff: decide about many reports at once", "moderate", variables),
        example!("Administrator: suspend a case", "suspend", variables),
    ]
}
