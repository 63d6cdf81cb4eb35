//! GraphQL over server-sent events.

use std::time::Duration;

use graphql_engine::EngineSettings;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    time::timeout,
};

use super::{
    client::{Reply, TestService},
    test_schema::WRONG_SECRET,
};
use crate::client::TEST_TIMEOUT;

const JSON: &str = "content-type: application/json";
const EVENTS: &str = "accept: text/event-stream";

/// The names and data of the events of a complete stream.
fn events(reply: &Reply) -> Vec<(&str, &str)> {
    assert_eq!(reply.header("content-type"), Some("text/event-stream; charset=utf-8"));
    reply
        .text()
        .split_terminator("\n\n")
        .filter(|event| !event.starts_with(':'))
        .map(|event| {
            let (name, data) = event.split_once('\n').expect("two lines");
            (name.strip_prefix("event: ").expect("a name"), data.strip_prefix("data: ").expect("data"))
        })
        .collect()
}

async fn post(service: &TestService, query: &str) -> Reply {
    service
        .send("POST /graphql/stream", &[JSON, EVENTS], json!({ "query": query }).to_string().as_bytes())
        .await
}

#[tokio::test]
async fn a_subscription_is_a_next_for_each_result_and_then_complete() {
    let service = TestService::start().await;
    let reply = post(&service, "subscription { numbers(count: 2) }").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        events(&reply),
        [("next", r#"{"data":{"numbers":0}}"#), ("next", r#"{"data":{"numbers":1}}"#), ("complete", "")]
    );
    assert_eq!(reply.header("x-accel-buffering"), Some("no"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("content-encoding"), None);
}

#[tokio::test]
async fn queries_mutations_and_get_requests_are_streams_too() {
    let service = TestService::start().await;
    assert_eq!(
        events(&post(&service, "{ long }").await),
        [("next", r#"{"data":{"long":"xxxxx"}}"#), ("complete", "")]
    );
    let mutation = post(&service, "mutation { change }").await;
    assert_eq!(events(&mutation), [("next", r#"{"data":{"change":true}}"#), ("complete", "")]);
    let by_get = service
        .send(
            "GET /graphql/stream?query=subscription+%7B+numbers(count:+1)+%7D",
            &[EVENTS, "origin: https://a.example"],
            b"",
        )
        .await;
    assert_eq!(events(&by_get), [("next", r#"{"data":{"numbers":0}}"#), ("complete", "")]);
    assert_eq!(by_get.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn an_error_of_the_operation_is_an_event() {
    let service = TestService::start().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($a: Int!) { numbers(count: $a) }", "BAD_USER_INPUT"),
        ("{ bug }", "INTERNAL"),
    ] {
        let reply = post(&service, query).await;
        assert_eq!(reply.status, 200, "{query}");
        let events = events(&reply);
        assert_eq!((events[0].0, events[1], events.len()), ("next", ("complete", ""), 2), "{query}");
        let response: Value = serde_json::from_str(events[0].1).expect("JSON");
        assert_eq!(response["errors"][0]["extensions"]["code"], code);
        assert_eq!(response.get("data"), None);
    }
    let body = json!({ "query": "{ long }" }).to_string();
    let authorization = format!("authorization: Bearer {WRONG_SECRET}");
    let rejected =
        service.send("POST /graphql/stream", &[JSON, EVENTS, &authorization], body.as_bytes()).await;
    assert!(events(&rejected)[0].1.contains("UNAUTHENTICATED"));
}

#[tokio::test]
async fn an_error_in_the_middle_is_one_event_of_its_own() {
    let service = TestService::start().await;
    let holes = post(&service, "subscription { holes }").await;
    let names: Vec<_> = events(&holes).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["next", "next", "next", "complete"]);
    let bugs = post(&service, "subscription { bugs }").await;
    let events = events(&bugs);
    assert_eq!(events[0].1, r#"{"data":{"bugs":0}}"#);
    assert!(events[1].1.contains("INTERNAL") && !events[1].1.contains("internal details"));
    assert_eq!(events[2..], [("complete", "")]);
}

#[tokio::test]
async fn an_error_of_the_http_request_is_json_with_a_status() {
    let service = TestService::start().await;
    let body = r#"{ "query": "{ long }" }"#;
    for (start, headers, body, status) in [
        ("POST /graphql/stream", vec![JSON, EVENTS], "{", 400),
        ("POST /graphql/stream", vec![JSON, EVENTS], "{}", 400),
        ("POST /graphql/stream", vec![JSON, EVENTS], r#"[{ "query": "{ long }" }]"#, 400),
        ("POST /graphql/stream", vec!["content-type: text/plain", EVENTS], body, 415),
        ("POST /graphql/stream", vec![JSON, "accept: application/json"], body, 406),
        ("PUT /graphql/stream", vec![JSON, EVENTS], body, 405),
        ("GET /graphql/stream", vec![EVENTS], "", 400),
        ("GET /graphql/stream?query=mutation+%7B+change+%7D", vec![EVENTS], "", 405),
    ] {
        let reply = service.send(start, &headers, body.as_bytes()).await;
        assert_eq!((reply.status, &*reply.code()), (status, "BAD_USER_INPUT"), "{start} {body}");
    }
}

/// Opens a stream that is read line by line.
async fn open(service: &TestService, query: &str) -> Lines<BufReader<TcpStream>> {
    open_at(service, "/graphql/stream", EVENTS, query).await
}

async fn open_at(
    service: &TestService,
    path: &str,
    accept: &str,
    query: &str,
) -> Lines<BufReader<TcpStream>> {
    let mut connection = service.connect().await;
    let body = json!({ "query": query }).to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: w4r\r\n{JSON}\r\n{accept}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.expect("the server reads");
    BufReader::new(connection).lines()
}

async fn until(lines: &mut Lines<BufReader<TcpStream>>, wanted: &str) {
    let found = async {
        while let Some(line) = lines.next_line().await.expect("the stream is readable") {
            if line == wanted {
                return;
            }
        }
        panic!("the stream ended without {wanted:?}");
    };
    timeout(TEST_TIMEOUT, found).await.expect("in time");
}

/// The lines to the end of the stream that are not heartbeats, framing or empty.
async fn rest(lines: &mut Lines<BufReader<TcpStream>>) -> Vec<String> {
    let reading = async {
        let mut rest = vec![];
        while let Some(line) = lines.next_line().await.expect("the stream ends by its framing") {
            let is_size = line.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !(is_size || line == ":") {
                rest.push(line);
            }
        }
        rest
    };
    timeout(TEST_TIMEOUT, reading).await.expect("the stream ends in time")
}

#[tokio::test]
async fn a_query_that_runs_at_shutdown_has_its_response_and_complete() {
    let settings = EngineSettings { query_timeout: Duration::from_millis(500), ..EngineSettings::default() };
    let service = TestService::with(settings).await;
    let mut lines = open(&service, "{ endless }").await;
    until(&mut lines, "content-type: text/event-stream; charset=utf-8").await;
    service.shutdown.send(true).expect("the service is running");
    let rest = rest(&mut lines).await;
    assert!(rest.iter().any(|line| line.starts_with("data: ") && line.contains("UNAVAILABLE")), "{rest:?}");
    assert_eq!(rest.iter().filter(|line| *line == "event: complete").count(), 1, "{rest:?}");
}

#[tokio::test]
async fn a_multipart_response_is_cut_short_at_shutdown() {
    let service = TestService::start().await;
    let accept = "accept: multipart/mixed; subscriptionSpec=\"1.0\", application/json";
    let mut lines = open_at(&service, "/graphql", accept, "subscription { silence }").await;
    until(&mut lines, r#"{"payload":{"data":{"silence":1}}}"#).await;
    service.shutdown.send(true).expect("the service is running");
    // Without `--graphql--`, with which the operation would be over.
    assert_eq!(rest(&mut lines).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_subscription_that_ends_with_a_temporary_error_ends_without_complete() {
    let service = TestService::start().await;
    let reply = post(&service, "subscription { unavailable }").await;
    let [("next", response)] = events(&reply)[..] else { panic!("{}", reply.text()) };
    assert!(response.contains("UNAVAILABLE"), "{response}");
    let query = post(&service, "{ unavailable }").await;
    let events = events(&query);
    assert!(events[0].1.contains("UNAVAILABLE") && events[1..] == [("complete", "")], "{}", query.text());
}

#[tokio::test]
async fn a_silent_stream_sends_heartbeats_and_ends_without_complete_at_shutdown() {
    let service = TestService::with(EngineSettings {
        keepalive_interval: Duration::from_millis(5),
        ..EngineSettings::default()
    })
    .await;
    let mut lines = open(&service, "subscription { silence }").await;
    until(&mut lines, r#"data: {"data":{"silence":1}}"#).await;
    until(&mut lines, ":").await;
    until(&mut lines, ":").await;
    service.shutdown.send(true).expect("the service is running");
    // A client comes back, because the operation is not over.
    assert_eq!(rest(&mut lines).await, Vec::<String>::new());
    drop(lines);
    timeout(TEST_TIMEOUT, service.ended).await.expect("the service ends in time").expect("without a panic");
}

#[tokio::test]
async fn a_stream_takes_a_slot_until_its_client_disconnects() {
    let settings = EngineSettings {
        max_streams_per_client: 1,
        keepalive_interval: Duration::from_millis(5),
        ..EngineSettings::default()
    };
    let service = TestService::with(settings).await;
    let mut lines = open(&service, "subscription { silence }").await;
    until(&mut lines, "event: next").await;
    let full = post(&service, "{ long }").await;
    assert_eq!((full.status, &*full.code()), (429, "RATE_LIMITED"));
    assert_eq!(full.header("retry-after"), Some("10"));
    drop(lines);
    let slot_released = async { while post(&service, "{ long }").await.status != 200 {} };
    timeout(TEST_TIMEOUT, slot_released).await.expect("in time");
}
