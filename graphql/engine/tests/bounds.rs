//! Limits other than those of connections: timeouts, message rate, cost budgets.

use std::time::Duration;

use graphql_engine::EngineSettings;
use serde_json::{Value, json};

use super::{
    client::TestService,
    test_schema::{ENDLESS_SECRET, WRONG_SECRET},
    websocket::client::Client,
};

const JSON: &str = "content-type: application/json";
const EVENTS: &str = "accept: text/event-stream";

fn short_timeouts() -> EngineSettings {
    let brief = Duration::from_millis(20);
    EngineSettings { query_timeout: brief, mutation_timeout: brief, ..EngineSettings::default() }
}

#[tokio::test]
async fn a_query_times_out_and_a_mutation_has_an_unknown_outcome() {
    let service = TestService::with(short_timeouts()).await;
    for (query, code, message) in [
        ("{ endless }", "UNAVAILABLE", "This took too long to answer. Please try again."),
        (
            "mutation { endless }",
            "OUTCOME_UNKNOWN",
            "This took too long, and may have been done or not. Please send it again with the same key.",
        ),
    ] {
        let reply = service.post(&json!({ "query": query })).await;
        assert_eq!((reply.status, &*reply.code()), (503, code));
        assert_eq!(reply.header("retry-after"), Some("5"));
        assert_eq!(reply.json()["errors"][0]["message"], message);
        let batch = service.post(&json!([{ "query": query }, { "query": "{ long }" }])).await.json();
        assert_eq!(batch[0]["errors"][0]["extensions"]["code"], code);
        assert_eq!(batch[1], json!({ "data": { "long": "xxxxx" } }));
        let body = json!({ "query": query }).to_string();
        let events = service.send("POST /graphql/stream", &[JSON, EVENTS], body.as_bytes()).await;
        assert!(events.text().contains(code) && events.text().ends_with("event: complete\ndata: \n\n"));
        let mut client = Client::ready(&service).await;
        client.subscribe("e", query).await;
        let error = client.receive().await;
        assert_eq!(
            (&error["type"], &error["payload"][0]["extensions"]["code"]),
            (&json!("error"), &json!(code))
        );
        assert_eq!(client.until_pong().await, [] as [Value; 0]);
    }
}

#[tokio::test]
async fn a_context_that_is_never_built_is_unavailable() {
    let service = TestService::with(short_timeouts()).await;
    let secret = format!("authorization: Bearer {ENDLESS_SECRET}");
    for query in ["{ long }", "mutation { change }"] {
        let reply = service.post_with(&json!({ "query": query }), &[&secret]).await;
        assert_eq!(reply.code(), "UNAVAILABLE", "nothing was executed: {query}");
    }
}

#[tokio::test]
async fn a_stream_may_last_longer_than_the_query_timeout() {
    let service = TestService::with(short_timeouts()).await;
    let mut client = Client::ready(&service).await;
    client.subscribe("t", "subscription { ticks(every: 10) }").await;
    for tick in 0..5 {
        assert_eq!(client.receive().await["payload"]["data"]["ticks"], tick);
    }
}

#[tokio::test]
async fn a_flood_of_messages_closes_its_socket_with_4429() {
    let service =
        TestService::with(EngineSettings { max_messages_per_second: 1, ..EngineSettings::default() }).await;
    let mut bystander = Client::ready(&service).await;
    let mut flooding = Client::ready(&service).await;
    for _ in 0..200 {
        if flooding.try_send_json(json!({ "type": "ping" })).await.is_err() {
            break;
        }
    }
    assert_eq!(flooding.closed().await, (4429, "Too many messages".to_owned()));
    assert_eq!(bystander.until_pong().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_client_without_budget_is_rate_limited_and_others_are_not() {
    let client_ip_header = Some("x-forwarded-for".parse().expect("a name"));
    let service = TestService::with(EngineSettings {
        cost_per_minute: 2,
        client_ip_header,
        ..EngineSettings::default()
    })
    .await;
    let query = json!({ "query": "{ long }" });
    let post = async |address: &str, query: &Value| {
        service.post_with(query, &[&format!("x-forwarded-for: {address}")]).await
    };
    // Rejected requests are charged for their lookup.
    assert_eq!(post("192.0.2.1", &json!({ "query": "{" })).await.code(), "GRAPHQL_PARSE_FAILED");
    assert_eq!(post("192.0.2.1", &query).await.status, 200);
    let limited = post("192.0.2.1", &query).await;
    assert_eq!((limited.status, &*limited.code()), (200, "RATE_LIMITED"), "200 with application/json");
    let wait: u64 =
        limited.header("retry-after").and_then(|wait| wait.parse().ok()).expect("a number of seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(limited.json()["errors"][0]["extensions"]["retryAfter"], wait);
    assert_eq!(post("192.0.2.2", &query).await.status, 200);
    // The requests of a batch are charged one by one, and an IPv6 /64 has one budget.
    let batch = post("2001:db8::1", &json!([query, query, query])).await.json();
    assert_eq!((&batch[0]["data"]["long"], &batch[1]["data"]["long"]), (&json!("xxxxx"), &json!("xxxxx")));
    assert_eq!(batch[2]["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    assert_eq!(post("2001:db8::2", &query).await.code(), "RATE_LIMITED");
    assert_eq!(post("2001:db8:0:1::1", &query).await.status, 200);
}

#[tokio::test]
async fn a_large_body_of_a_client_without_budget_is_not_read() {
    // Not JSON, so that BAD_USER_INPUT shows that the body was read. Reading it costs more points than the
    // budget has, so that it needs a full one.
    let large = "x".repeat(68 << 10);
    for (path, format) in [("/graphql", "*/*"), ("/graphql/stream", "text/event-stream")] {
        let client_ip_header = Some("x-forwarded-for".parse().expect("a name"));
        let service = TestService::with(EngineSettings {
            cost_per_minute: 2,
            client_ip_header,
            ..EngineSettings::default()
        })
        .await;
        let send = async |address: &str, body: &str| {
            let (accept, from) = (format!("accept: {format}"), format!("x-forwarded-for: {address}"));
            let head = ["content-type: application/json", &accept, &from];
            service.send(&format!("POST {path}"), &head, body.as_bytes()).await
        };
        assert_eq!(send("192.0.2.1", &large).await.code(), "BAD_USER_INPUT");
        assert_eq!(send("192.0.2.1", r#"{"query":"{ long }"}"#).await.status, 200);
        let unread = send("192.0.2.1", &large).await;
        assert_eq!((unread.status, &*unread.code()), (429, "RATE_LIMITED"));
        assert!(unread.header("retry-after").is_some());
        assert_eq!(send("192.0.2.1", "xxxx").await.code(), "BAD_USER_INPUT", "a small body is read");
        assert_eq!(
            send("192.0.2.2", &large).await.code(),
            "BAD_USER_INPUT",
            "another client has its own budget"
        );
    }
}

#[tokio::test]
async fn a_large_message_of_a_client_without_budget_is_not_validated() {
    let service = TestService::with(EngineSettings { cost_per_minute: 2, ..EngineSettings::default() }).await;
    let mut client = Client::ready(&service).await;
    let query = json!({ "query": "{ unknown }", "variables": { "large": "x".repeat(68 << 10) } });
    for (id, code) in [("1", "GRAPHQL_VALIDATION_FAILED"), ("2", "RATE_LIMITED")] {
        client.send_json(json!({ "id": id, "type": "subscribe", "payload": query })).await;
        let error = client.receive().await;
        assert_eq!((&error["id"], &error["payload"][0]["extensions"]["code"]), (&json!(id), &json!(code)));
    }
}

/// A service with this client IP header, where each client may send one request.
async fn limited_service(header: &str) -> TestService {
    let client_ip_header = Some(header.parse().expect("a name"));
    TestService::with(EngineSettings { cost_per_minute: 1, client_ip_header, ..EngineSettings::default() })
        .await
}

/// Whether the client in this header entry is over its limit.
async fn is_rate_limited(service: &TestService, header: &str, entry: &str) -> bool {
    let head = format!("{header}: {entry}");
    let response = service.post_with(&json!({ "query": "{ long }" }), &[&head]).await;
    response.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
}

#[tokio::test]
async fn a_client_has_one_budget_in_every_format_of_its_address() {
    for (header, entries) in [
        (
            "x-forwarded-for",
            &["192.0.2.1:4711", "[::ffff:192.0.2.1]:80", "\"192.0.2.1\"", "203.0.113.9, 192.0.2.1:1"][..],
        ),
        ("x-real-ip", &["::ffff:192.0.2.1"]),
        ("forwarded", &["for=192.0.2.1;proto=https", "For=\"192.0.2.1:4711\"", "for=unknown, for=192.0.2.1"]),
    ] {
        let service = limited_service(header).await;
        assert!(!is_rate_limited(&service, header, "192.0.2.1").await);
        for entry in entries {
            assert!(is_rate_limited(&service, header, entry).await, "{header}: {entry}");
        }
        assert!(!is_rate_limited(&service, header, "[2001:db8::1]:4711").await);
        assert!(is_rate_limited(&service, header, "2001:db8::2%eth0").await, "an IPv6 /64 has one budget");
    }
}

#[tokio::test]
async fn a_request_without_a_client_address_counts_for_the_peer() {
    let service = limited_service("x-forwarded-for").await;
    assert!(!is_rate_limited(&service, "x-forwarded-for", "unknown").await);
    for entry in ["unknown", "_hidden", "", "for=", "192.0.2.1,", "192.0.2.1, hostname", "127.0.0.1"] {
        assert!(is_rate_limited(&service, "x-forwarded-for", entry).await, "{entry:?}");
    }
    assert!(is_rate_limited(&service, "x-other", "192.0.2.1").await, "without the header, the peer counts");
    assert!(!is_rate_limited(&service, "x-forwarded-for", "192.0.2.1").await, "a client has its own budget");
}

#[tokio::test]
async fn operations_on_a_socket_use_the_budget_of_the_client() {
    let service = TestService::with(EngineSettings { cost_per_minute: 2, ..EngineSettings::default() }).await;
    let mut client = Client::ready(&service).await;
    client.subscribe("1", "{ long }").await;
    client.until_pong().await;
    client.subscribe("2", "subscription { silence }").await;
    client.until_pong().await;
    client.subscribe("3", "{ long }").await;
    let error = client.receive().await;
    assert_eq!((&error["id"], &error["type"]), (&json!("3"), &json!("error")));
    assert_eq!(error["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    assert_eq!(service.post(&json!({ "query": "{ long }" })).await.status, 429);
    let wrong = format!("authorization: Bearer {WRONG_SECRET}");
    let rejection = service.post_with(&json!({ "query": "{ long }" }), &[&wrong]).await;
    assert_eq!(rejection.code(), "RATE_LIMITED", "before the context is built");
}
