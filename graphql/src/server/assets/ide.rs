//! The IDE: GraphiQL, served from here; nothing is fetched from another origin.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use graphql_engine::compression;

use super::files::{Files, content_type, document_headers};

/// The editors write colours and line positions into style elements while a person types.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; \
    style-src 'self' 'unsafe-inline'; connect-src 'self'; \
    img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const FILES: [(&str, &str); 8] = [
    ("/ide/", "ide/index.html"),
    ("/ide/ide.css", "ide/ide.css"),
    ("/ide/ide.js", "ide/ide.js"),
    ("/ide/graphiql.min.css", "ide/graphiql.min.css"),
    ("/ide/graphiql.min.js", "ide/graphiql.min.js"),
    ("/ide/editor.worker.js", "ide/editor.worker.js"),
    ("/ide/graphql.worker.js", "ide/graphql.worker.js"),
    ("/ide/json.worker.js", "ide/json.worker.js"),
];

/// The IDE's page, its files and its examples. In a demonstration each example says that its data is
/// simulated.
pub(super) fn routes(simulated: bool) -> Router {
    let router = Router::new()
        .route("/ide", get(async || Redirect::permanent("/ide/")))
        .route("/ide/examples.json", get(async move || axum::Json(tabs(simulated))));
    FILES.into_iter().fold(router, |router, (url, path)| {
        router.route(url, get(async move |headers: HeaderMap| file(&headers, path)))
    })
}

/// A file, with gzip for a client that accepts it: the editor is several megabytes.
fn file(headers: &HeaderMap, path: &'static str) -> Response {
    let Some(file) = Files::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let mut about = document_headers(content_type(path));
    about[1].1 = CONTENT_SECURITY_POLICY;
    let vary = [(header::VARY, HeaderValue::from_static("accept-encoding"))];
    if compression::is_accepted(headers, file.data.len()) {
        let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        return (vary, about, encoding, gzipped(path, file.metadata.sha256_hash(), &file.data))
            .into_response();
    }
    (vary, about, file.data).into_response()
}

/// Compressed files with the hash of their content.
type ByPath = HashMap<&'static str, ([u8; 32], Bytes)>;

/// The compressed file, kept in memory until the file changes.
fn gzipped(path: &'static str, hash: [u8; 32], data: &[u8]) -> Bytes {
    static GZIPPED: LazyLock<Mutex<ByPath>> = LazyLock::new(Mutex::default);
    let cached = GZIPPED.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
    match cached {
        Some((of, bytes)) if of == hash => bytes,
        _ => {
            let bytes = compression::gzip(data);
            let entry = (hash, Bytes::clone(&bytes));
            GZIPPED.lock().unwrap_or_else(PoisonError::into_inner).insert(path, entry);
            bytes
        }
    }
}

/// The examples as the IDE shows them. In a demonstration each states that its data is simulated.
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
            query: include_str!(concat!("../../web/examples/", $file, ".graphql")),
            variables: "",
        }
    };
    ($title:literal, $file:literal, variables) => {
        Example {
            title: $title,
            query: include_str!(concat!("../../web/examples/", $file, ".graphql")),
            variables: include_str!(concat!("../../web/examples/", $file, ".json")),
        }
    };
}

/// The examples, one for each kind of user.
#[must_use]
pub fn examples() -> [Example; 12] {
    [
        example!("Live ticker: watch the total", "watch"),
        example!("Partner site: the cases of an edition", "cases"),
        example!("Anyone: report letters", "report", variables),
        example!("Anyone: the total in all its parts", "total"),
        example!("Anyone: the events and sections behind a total", "coverage"),
        example!("Anyone: the years side by side", "years", variables),
        example!("Anyone: events near a place", "events"),
        example!("Organizer: register an event", "register_event", variables),
        example!("Section's staff: events and changes to review", "events_to_review"),
        example!("Section's staff: approve an event", "approve_event", variables),
        example!("Section's staff: decide about many reports at once", "moderate", variables),
        example!("Administrator: suspend a case", "suspend", variables),
    ]
}
