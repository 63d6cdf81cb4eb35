//! GraphQL over HTTP.

use std::time::Duration;

use graphql_engine::EngineSettings;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    client::TestService,
    test_schema::{UNLUCKY_SECRET, WRONG_SECRET},
};

const JSON: &str = "content-type: application/json";
const RESPONSE: &str = "accept: application/graphql-response+json";
const LEGACY: &str = "accept: application/json";

#[tokio::test]
async fn each_response_format_has_its_statuses() {
    let service = TestService::start().await;
    for (query, in_response, in_json, code) in [
        ("{ long }", 200, 200, None),
        ("{", 400, 200, Some("GRAPHQL_PARSE_FAILED")),
        ("{ unknown }", 400, 200, Some("GRAPHQL_VALIDATION_FAILED")),
        ("query A { long } query B { long }", 400, 200, Some("BAD_USER_INPUT")),
        ("query ($text: String!) { echo(text: $text) }", 400, 200, Some("BAD_USER_INPUT")),
        ("{ bug }", 500, 200, Some("INTERNAL")),
    ] {
        for (accept, content_type, status) in [
            (RESPONSE, "application/graphql-response+json; charset=utf-8", in_response),
            (LEGACY, "application/json; charset=utf-8", in_json),
        ] {
            let reply = service.post_with(&json!({ "query": query }), &[accept]).await;
            assert_eq!(reply.status, status, "{query}, {accept}");
            assert_eq!(reply.header("content-type"), Some(content_type));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            match code {
                Some(code) => {
                    assert_eq!(reply.code(), code, "{query}");
                    assert_eq!(reply.json().get("data"), None, "{query}");
                }
                None => assert_eq!(reply.json(), json!({ "data": { "long": "xxxxx" } })),
            }
        }
    }
}

#[tokio::test]
async fn an_executed_operation_is_a_200_with_data_even_if_it_failed() {
    let service = TestService::start().await;
    let partial = service.post(&json!({ "query": "{ hole long }" })).await;
    assert_eq!(partial.status, 200);
    assert_eq!(partial.json()["data"], json!({ "hole": null, "long": "xxxxx" }));
    assert_eq!(partial.json()["errors"][0]["path"], json!(["hole"]));
    let nothing = service.post(&json!({ "query": "{ nothing }" })).await;
    assert_eq!(nothing.status, 200);
    assert!(nothing.text().starts_with(r#"{"errors":"#) && nothing.text().ends_with(r#""data":null}"#));
}

#[tokio::test]
async fn an_invalid_body_is_a_400_in_either_format() {
    let service = TestService::start().await;
    for body in [
        "{",
        "",
        "null",
        "\"{ long }\"",
        "{}",
        "[]",
        r#"{ "query": null }"#,
        r#"{ "query": 1 }"#,
        r#"{ "query": ["{ long }"] }"#,
        r#"{ "query": "{ long }", "variables": [] }"#,
        r#"{ "query": "{ long }", "variables": "{}" }"#,
        r#"{ "query": "{ long }", "operationName": false }"#,
        r#"{ "query": "{ long }", "extensions": 1 }"#,
        r#"{ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": "00" } } }"#,
        "\u{0}",
    ] {
        for accept in [RESPONSE, LEGACY] {
            let reply = service.send("POST /graphql", &[JSON, accept], body.as_bytes()).await;
            assert_eq!((reply.status, &*reply.code()), (400, "BAD_USER_INPUT"), "{body}");
            assert_eq!(reply.json().get("data"), None);
        }
    }
    let not_utf8 = service.send("POST /graphql", &[JSON], b"{\"query\":\"\xff\"}").await;
    assert_eq!((not_utf8.status, &*not_utf8.code()), (400, "BAD_USER_INPUT"));
    let deeply_nested = format!(
        r#"{{ "query": "{{ long }}", "variables": {}{} }}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(service.send("POST /graphql", &[JSON], deeply_nested.as_bytes()).await.status, 400);
}

#[tokio::test]
async fn unknown_members_are_ignored_and_null_counts_as_absent() {
    let service = TestService::start().await;
    let more = json!({
        "query": "{ long }", "operationName": null, "variables": null, "extensions": null, "id": 1, "more": [1]
    });
    assert_eq!(service.post(&more).await.json(), json!({ "data": { "long": "xxxxx" } }));
}

#[tokio::test]
async fn content_types_without_a_preflight_request_are_rejected() {
    let service = TestService::start().await;
    let body = br#"{ "query": "mutation { change }" }"#;
    for content_type in [
        "x-none: 1",
        "content-type: text/plain",
        "content-type: text/plain; charset=application/json",
        "content-type: application/x-www-form-urlencoded",
        "content-type: multipart/form-data; boundary=application/json",
        "content-type: application/jsonp",
        "content-type: application/graphql",
        "content-type: application/json; charset=utf-16",
    ] {
        let reply = service.send("POST /graphql", &[content_type], body).await;
        assert_eq!((reply.status, &*reply.code()), (415, "BAD_USER_INPUT"), "{content_type}");
    }
    let compressed = service.send("POST /graphql", &[JSON, "content-encoding: gzip"], body).await;
    assert_eq!(compressed.status, 415);
    let charset =
        service.send("POST /graphql", &["content-type: Application/JSON; Charset=\"UTF-8\""], body).await;
    assert_eq!(charset.json(), json!({ "data": { "change": true } }));
}

#[tokio::test]
async fn other_methods_are_a_405_with_the_allowed_ones() {
    let service = TestService::start().await;
    for method in ["PUT", "DELETE", "PATCH"] {
        let reply = service.send(&format!("{method} /graphql"), &[JSON], br#"{ "query": "{ long }" }"#).await;
        assert_eq!((reply.status, &*reply.code()), (405, "BAD_USER_INPUT"));
        assert_eq!(reply.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    }
}

#[tokio::test]
async fn a_get_runs_queries_only() {
    let service = TestService::start().await;
    for query in ["mutation { change }", "subscription { numbers }"] {
        for accept in [RESPONSE, LEGACY] {
            let reply = service.get(query, &[accept]).await;
            assert_eq!((reply.status, &*reply.code()), (405, "BAD_USER_INPUT"), "{query}");
            assert_eq!(reply.header("allow"), Some("POST"));
        }
    }
    let hidden = service
        .send("GET /graphql?query=query+A+%7B+long+%7D+mutation+B+%7B+change+%7D&operationName=B", &[], b"")
        .await;
    assert_eq!(hidden.status, 405);
}

#[tokio::test]
async fn a_get_has_all_parameters_of_a_post() {
    let service = TestService::start().await;
    let named = "GET /graphql?query=query+A($t:String!)+%7B+echo(text:+$t)+%7D+query+B+%7B+long+%7D";
    let get = async |more: &str| service.send(&format!("{named}{more}"), &[RESPONSE], b"").await;
    assert_eq!(get("&operationName=B").await.json(), json!({ "data": { "long": "xxxxx" } }));
    let echo =
        get("&operationName=A&variables=%7B%22t%22:%22%F0%9F%8F%83%22%7D&extensions=%7B%7D&more=1").await;
    assert_eq!(echo.json(), json!({ "data": { "echo": "🏃" } }));
    for wrong in [
        "",
        "&operationName=C",
        "&operationName=A&variables=%7B",
        "&operationName=A&variables=%5B%5D",
        "&operationName=B&extensions=1",
        "&operationName=B&operationName=B",
    ] {
        assert_eq!(get(wrong).await.status, 400, "{wrong}");
    }
    assert_eq!(service.send("GET /graphql", &[LEGACY], b"").await.status, 400);
}

#[tokio::test]
async fn a_head_is_a_get_without_a_body() {
    let service = TestService::start().await;
    let reply = service.send("HEAD /graphql?query=%7Blong%7D", &[], b"").await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert!(reply.header("etag").is_some());
}

#[tokio::test]
async fn an_unsupported_format_is_a_406() {
    let service = TestService::start().await;
    let reply = service.post_with(&json!({ "query": "{ long }" }), &["accept: text/html"]).await;
    assert_eq!((reply.status, &*reply.code()), (406, "BAD_USER_INPUT"));
    let subscription = service.post(&json!({ "query": "subscription { numbers }" })).await;
    assert_eq!((subscription.status, &*subscription.code()), (406, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn a_body_that_is_too_large_or_too_slow_is_rejected() {
    let settings = EngineSettings {
        max_body_bytes: 100,
        body_timeout: Duration::from_millis(20),
        ..EngineSettings::default()
    };
    let service = TestService::with(settings).await;
    let large = json!({ "query": "{ long }", "padding": "x".repeat(100) });
    let announced = service.post(&large).await;
    assert_eq!((announced.status, &*announced.code()), (413, "BAD_USER_INPUT"));

    let mut connection = service.connect().await;
    let chunked = format!(
        "POST /graphql HTTP/1.1\r\nhost: w4r\r\n{JSON}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n80\r\n{}\r\n0\r\n\r\n",
        " ".repeat(128)
    );
    connection.write_all(chunked.as_bytes()).await.expect("the server reads");
    let mut response = String::new();
    connection.read_to_string(&mut response).await.expect("a response");
    assert!(response.starts_with("HTTP/1.1 413"), "{response}");

    let mut connection = service.connect().await;
    let slow = format!(
        "POST /graphql HTTP/1.1\r\nhost: w4r\r\n{JSON}\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{{"
    );
    connection.write_all(slow.as_bytes()).await.expect("the server reads");
    let mut response = String::new();
    connection.read_to_string(&mut response).await.expect("a response");
    assert!(response.starts_with("HTTP/1.1 408"), "{response}");
}

#[tokio::test]
async fn an_unread_body_closes_the_connection() {
    let service = TestService::start().await;
    let whole = r#"{"query":"{ long }"}"#;
    for (head, body, status, closes) in [
        (format!("POST /graphql HTTP/1.1\r\n{JSON}"), whole, "200", false),
        ("POST /graphql HTTP/1.1\r\ncontent-type: text/plain".to_owned(), whole, "415", true),
        ("PUT /graphql HTTP/1.1".to_owned(), whole, "405", true),
        ("POST /nowhere HTTP/1.1".to_owned(), whole, "404", true),
        ("GET /graphql?query=%7B__typename%7D HTTP/1.1".to_owned(), whole, "200", true),
        ("GET /graphql?query=%7B__typename%7D HTTP/1.1".to_owned(), "", "200", false),
        ("POST /nowhere HTTP/1.1".to_owned(), "", "404", false),
    ] {
        let mut connection = service.connect().await;
        let request = format!("{head}\r\nhost: w4r\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        connection.write_all(request.as_bytes()).await.expect("the server reads");
        let mut bytes = vec![0; 4_096];
        let length = connection.read(&mut bytes).await.expect("a response");
        let response = String::from_utf8_lossy(&bytes[..length]).to_lowercase();
        assert!(response.starts_with(&format!("http/1.1 {status}")), "{head}: {response}");
        assert_eq!(response.contains("\r\nconnection: close"), closes, "{head}: {response}");
        assert!(response.contains("\r\nx-content-type-options: nosniff"), "{head}: {response}");
    }
}

#[tokio::test]
async fn a_panic_is_one_error_and_the_connection_stays_usable() {
    let service = TestService::start().await;
    let mut connection = service.connect().await;
    for (query, status) in [("{ bug }", "500"), ("{ long }", "200")] {
        let body = json!({ "query": query }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nhost: w4r\r\n{JSON}\r\n{RESPONSE}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).await.expect("the server reads");
        let mut bytes = vec![0; 4_096];
        let length = connection.read(&mut bytes).await.expect("a response");
        let response = String::from_utf8_lossy(&bytes[..length]).into_owned();
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{response}");
        assert!(!response.contains("internal details"), "{response}");
        assert_eq!(response.contains(r#""reference":""#), status == "500");
    }
}

#[tokio::test]
async fn a_rejected_client_gets_the_status_of_its_error() {
    let service = TestService::start().await;
    let query = json!({ "query": "{ secret languages }" });
    for (secret, status, code) in
        [(WRONG_SECRET, 401, "UNAUTHENTICATED"), (UNLUCKY_SECRET, 503, "UNAVAILABLE")]
    {
        let reply = service.post_with(&query, &[RESPONSE, &format!("authorization: Bearer {secret}")]).await;
        assert_eq!((reply.status, &*reply.code()), (status, code));
        assert_eq!(reply.header("www-authenticate"), (status == 401).then_some("Bearer"));
    }
    let known =
        service.post_with(&query, &["authorization: bearer  s3cret ", "accept-language: es, en;q=0.5"]).await;
    assert_eq!(known.json(), json!({ "data": { "secret": "s3cret", "languages": "es, en;q=0.5" } }));
    let basic = service.post_with(&query, &["authorization: Basic eDp5"]).await;
    assert_eq!(basic.json()["data"]["secret"], json!(null));
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_a_large_one_is_rejected() {
    let service = TestService::start().await;
    let batch = json!([
        { "query": "{ echo(text: \"a\") }" },
        { "query": "{" },
        { "query": 1 },
        { "query": "subscription { numbers }" },
        { "query": "{ bug }" },
        { "query": "mutation { change }" },
    ]);
    let reply = service.post(&batch).await;
    assert_eq!(reply.status, 200);
    let responses = reply.json();
    assert_eq!(responses[0], json!({ "data": { "echo": "a" } }));
    for (index, code) in
        [(1, "GRAPHQL_PARSE_FAILED"), (2, "BAD_USER_INPUT"), (3, "BAD_USER_INPUT"), (4, "INTERNAL")]
    {
        assert_eq!(responses[index]["errors"][0]["extensions"]["code"], code);
    }
    assert_eq!(responses[5], json!({ "data": { "change": true } }));
    let many = vec![json!({ "query": "{ long }" }); 11];
    let reply = service.post(&json!(many)).await;
    assert_eq!((reply.status, &*reply.code()), (400, "QUERY_TOO_COSTLY"));
    assert_eq!(service.post(&json!(many[..10])).await.json().as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn a_subscription_can_be_a_multipart_response() {
    let service = TestService::start().await;
    let accept = "accept: multipart/mixed; boundary=\"graphql\"; subscriptionSpec=\"1.0\", application/json";
    let reply = service.post_with(&json!({ "query": "subscription { numbers(count: 2) }" }), &[accept]).await;
    assert_eq!(reply.header("content-type"), Some("multipart/mixed; boundary=graphql"));
    let parts: Vec<_> = reply.text().split("--graphql").collect();
    assert!(
        parts[1].ends_with("{\"payload\":{\"data\":{\"numbers\":0}}}\r\n")
            && parts[2].ends_with("{\"payload\":{\"data\":{\"numbers\":1}}}\r\n")
    );
    assert_eq!(parts[3], "--\r\n");
    let query = service.post_with(&json!({ "query": "{ long }" }), &[accept]).await;
    assert_eq!(query.json(), json!({ "data": { "long": "xxxxx" } }));
}

#[tokio::test]
async fn the_status_of_each_kind_of_request_is_the_one_of_the_draft_that_is_followed() {
    let service = TestService::start().await;
    let status = async |body: &str, accept: &str| {
        let headers = ["content-type: application/json", &format!("accept: {accept}")];
        service.send("POST /graphql", &headers, body.as_bytes()).await.status
    };
    for (body, in_response_format, in_json) in [
        (r#"{"query":"{ long }"}"#, 200, 200),
        (r#"{"query":"{ hole }"}"#, 200, 200),
        ("NONSENSE", 400, 400),
        (r#"{"qeury":"{ long }"}"#, 400, 400),
        (r#"{"query":"{ long }","variables":[7]}"#, 400, 400),
        (r#"{"query":"{"}"#, 400, 200),
        (r#"{"query":"{ lnog }"}"#, 400, 200),
        (r#"{"query":"{ long }","operationName":"Q"}"#, 400, 200),
        (r#"{"query":"query ($a: Int!) { long(bytes: $a) }"}"#, 400, 200),
    ] {
        assert_eq!(status(body, "application/graphql-response+json").await, in_response_format, "{body}");
        assert_eq!(status(body, "application/json").await, in_json, "{body}");
    }
}
