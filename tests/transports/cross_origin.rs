//! Requests of pages of other origins (CORS): every route of the service, read from its sources.

use std::{collections::BTreeSet, fs, path::Path};

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::json;

use crate::harness::{Service, events::approved};

/// The route that only an operator reads.
const OPERATORS: &str = "/metrics";
/// What pages send: validators, tracing, client awareness, a key.
const HEADERS: &str = "apollographql-client-name,authorization,baggage,cache-control,content-type,if-none-match,\
    sentry-trace,traceparent,x-apollo-operation-name,x-requested-with";
const ORIGIN: &str = "https://partner.example";

/// The paths in the Rust files of a folder: each string that begins with a slash, as a path and not as a comment.
fn paths_in(folder: &Path, paths: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            paths_in(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths_of(&path, paths);
        }
    }
}

/// The same of one file.
fn paths_of(file: &Path, paths: &mut BTreeSet<String>) {
    let text = fs::read_to_string(file).expect("a source file");
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("// ").next().unwrap_or_default());
    for line in lines.filter(|line| !line.trim_start().starts_with("//")) {
        paths.extend(line.split('"').skip(1).step_by(2).filter(|text| is_path(text)).map(str::to_owned));
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-{}".contains(&byte))
}

/// The routes of the service and of the engine.
fn routes() -> BTreeSet<String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut paths = BTreeSet::new();
    paths_of(&top.join("graphql/src/server.rs"), &mut paths);
    paths_in(&top.join("graphql/src/server"), &mut paths);
    let engine = fs::read_to_string(top.join("graphql/engine/src/routes.rs")).expect("a source file");
    paths.extend(engine.split('"').skip(1).step_by(2).filter(|text| is_path(text)).map(str::to_owned));
    for known in
        ["/", "/graphql", "/graphql/stream", "/graphql/ws", "/schema.graphql", "/events/{file}", OPERATORS]
    {
        assert!(paths.contains(known), "{known} is not found: this test looks in the wrong place");
    }
    assert!(paths.len() > 45, "{paths:?}");
    paths
}

/// A path with values for its parameters, under which there is something.
fn filled(path: &str, event: &str) -> String {
    let values = [
        ("/totals/{edition}/{section}/cases/{case}", "/totals/2021/ca/cases/rung.json".to_owned()),
        ("/totals/{edition}/cases/{case}", "/totals/2021/cases/rung.json".to_owned()),
        ("/totals/{edition}/{section}", "/totals/2021/ca.json".to_owned()),
        ("/totals/{edition}", "/totals/2021.json".to_owned()),
        ("/open-data/{edition}/{section}/{file}", "/open-data/2021/ca/certified.csv".to_owned()),
        ("/open-data/{edition}/{section}", "/open-data/2021/ca.csv".to_owned()),
        ("/open-data/{edition}", "/open-data/2021.csv".to_owned()),
        ("/log/{generation}/checkpoint", "/log/2/checkpoint".to_owned()),
        ("/events/{file}", format!("/events/{event}.ics")),
        ("/calendars/{file}", "/calendars/w4r_calendar_made-up.ics".to_owned()),
        ("/unsubscribe/{token}", "/unsubscribe/w4r_end_made-up".to_owned()),
    ];
    let value = values.into_iter().find(|(route, _)| *route == path).map(|(_, value)| value);
    value.unwrap_or_else(|| {
        assert!(!path.contains('{'), "{path} needs a value here");
        path.to_owned()
    })
}

async fn preflight(service: &Service, path: &str, method: &str, headers: &str) -> Response {
    Client::new()
        .request(Method::OPTIONS, format!("http://{}{path}", service.address))
        .header("origin", ORIGIN)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers)
        .send()
        .await
        .expect("an answer")
}

fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_any_origin_reads_every_route_with_any_header() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an event of a route", json!({})).await;
    let event = event["event"]["id"].as_str().expect("an id");
    for route in routes().iter().filter(|route| *route != OPERATORS) {
        let path = filled(route, event);
        for method in ["GET", "POST"] {
            let allowed = preflight(&service, &path, method, HEADERS).await;
            assert_eq!(allowed.status(), StatusCode::OK, "{path}");
            assert_eq!(header(&allowed, "access-control-allow-origin"), Some("*"), "{path}");
            assert_eq!(header(&allowed, "access-control-allow-headers"), Some(HEADERS), "{path}");
            let methods = header(&allowed, "access-control-allow-methods").expect("methods");
            assert!(methods.split(',').any(|allowed| allowed == method), "{path}: {methods}");
            assert!(header(&allowed, "access-control-max-age").is_some(), "{path}");
            // No credentials are ever taken.
            assert_eq!(header(&allowed, "access-control-allow-credentials"), None, "{path}");
        }
        let url = format!("http://{}{path}", service.address);
        let read = Client::new().get(url).header("origin", ORIGIN).send().await.expect("an answer");
        assert_ne!(read.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(header(&read, "access-control-allow-origin"), Some("*"), "{path}");
        let exposed = header(&read, "access-control-expose-headers").expect("exposed headers");
        for name in ["*", "etag", "retry-after"] {
            assert!(exposed.split(',').any(|exposed| exposed == name), "{path}: {exposed}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_are_not_readable_by_pages_of_other_origins() {
    let service = Service::with_2021().await;
    let refused = preflight(&service, OPERATORS, "GET", "authorization").await;
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&refused, "access-control-allow-origin"), None);
    let url = format!("http://{}{OPERATORS}", service.address);
    let read = Client::new().get(url).header("origin", ORIGIN).send().await.expect("an answer");
    assert_eq!((read.status(), header(&read, "access-control-allow-origin")), (StatusCode::OK, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_etag_that_a_compressing_proxy_changed_is_known_in_every_place_that_compares() {
    let service = Service::with_2021().await;
    approved(&service, "an event of a feed", json!({})).await;
    for path in [
        "/totals/2021.json",
        "/events.ics",
        "/events.geojson",
        "/graphql?query=%7Bedition(year:2021)%7Byear%7D%7D",
    ] {
        let url = format!("http://{}{path}", service.address);
        let first = reqwest::get(&url).await.expect("an answer");
        let tag = header(&first, "etag").unwrap_or_else(|| panic!("{path} has no tag")).to_owned();
        let opaque = tag.trim_start_matches("W/").trim_matches('"').to_owned();
        let again = async |known: String| {
            Client::new().get(&url).header("if-none-match", known).send().await.expect("an answer").status()
        };
        for known in ["\"{}-gzip\"", "W/\"{}-gzip\"", "W/\"{}\"", "\"{}-br\"", "\"{}--gzip\"", "\"{};gz\""] {
            let known = known.replace("{}", &opaque);
            assert_eq!(again(known.clone()).await, StatusCode::NOT_MODIFIED, "{path} {known}");
        }
        assert_eq!(
            again(format!("\"other\", W/\"{opaque}-gzip\"")).await,
            StatusCode::NOT_MODIFIED,
            "{path}"
        );
        for other in ["\"-gzip\"".to_owned(), format!("\"x{opaque}-gzip\""), format!("\"{opaque}-other\"")] {
            assert_eq!(again(other.clone()).await, StatusCode::OK, "{path} {other}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_post_of_another_origin_is_readable_too() {
    let service = Service::with_2021().await;
    let answer = Client::new()
        .post(format!("http://{}/graphql", service.address))
        .header("origin", ORIGIN)
        .header("apollographql-client-name", "partner")
        .header("apollographql-client-version", "1.0")
        .json(&json!({ "query": "{ edition(year: 2021) { year } }" }))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
}
