//! Panicking resolvers: one error with a reference on every transport, and no effect on other operations.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    client::{TestService, responses},
    websocket::client::{Client, complete, next},
};

const EVENTS: &str = "accept: text/event-stream";
const PARTS: &str = "accept: multipart/mixed; subscriptionSpec=\"1.0\"";

/// Asserts that a response has one internal error without details.
#[track_caller]
fn assert_one_error(response: &Value) {
    let errors = response["errors"].as_array().unwrap_or_else(|| panic!("no errors: {response}"));
    assert_eq!(errors.len(), 1, "{response}");
    assert_eq!(errors[0]["message"], "Something went wrong on our side.");
    let extensions = errors[0]["extensions"].as_object().expect("extensions");
    assert_eq!((&extensions["code"], extensions.len()), (&json!("INTERNAL"), 2), "{response}");
    let reference = extensions["reference"].as_str().expect("a reference");
    assert!(Uuid::try_parse(reference).is_ok(), "{reference}");
    assert!(!response.to_string().contains("internal details"), "{response}");
    assert!(response.get("data").is_none_or(Value::is_null), "{response}");
}

#[tokio::test]
async fn a_panic_over_http_is_the_response_of_its_operation() {
    let service = TestService::start().await;
    let post = service.post(&json!({ "query": "{ bug }" })).await;
    assert_eq!(post.status, 500);
    assert_one_error(&post.json());
    assert_one_error(&service.post(&json!({ "query": "mutation { bug }" })).await.json());
    let get = service.get("{ bug }", &[]).await;
    assert_one_error(&get.json());
    assert_eq!(get.header("cache-control"), Some("no-store"));
    let operations = ["{ long }", "{ bug }", "mutation { bug }", "mutation { change }"];
    let batch = service.post(&json!(operations.map(|query| json!({ "query": query })))).await.json();
    assert_eq!((&batch[0]["data"]["long"], &batch[3]["data"]["change"]), (&json!("xxxxx"), &json!(true)));
    assert_one_error(&batch[1]);
    assert_one_error(&batch[2]);
}

#[tokio::test]
async fn a_panic_in_a_stream_is_the_last_response() {
    let service = TestService::start().await;
    for (start, accept) in [("POST /graphql", PARTS), ("POST /graphql/stream", EVENTS)] {
        for (query, expected) in [
            ("subscription { bugs }", vec![json!({ "data": { "bugs": 0 } })]),
            ("subscription { bug }", vec![]),
            ("{ bug }", vec![]),
            ("mutation { bug }", vec![]),
        ] {
            let body = json!({ "query": query }).to_string();
            let reply =
                service.send(start, &["content-type: application/json", accept], body.as_bytes()).await;
            let mut responses = responses(&reply);
            assert_one_error(&responses.pop().unwrap_or_else(|| panic!("{query}: {}", reply.text())));
            assert_eq!(responses, expected, "{query}");
            assert!(reply.text().ends_with("event: complete\ndata: \n\n") == (accept == EVENTS));
        }
    }
}

#[tokio::test]
async fn a_panic_on_a_socket_does_not_affect_other_operations() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    client.subscribe("quiet", "subscription { silence }").await;
    assert_eq!(client.receive().await, next("quiet", json!({ "silence": 1 })));
    for (query, expected) in [
        ("subscription { bugs }", Some(next("bug", json!({ "bugs": 0 })))),
        ("subscription { bug }", None),
        ("{ bug }", None),
        ("mutation { bug }", None),
    ] {
        client.subscribe("bug", query).await;
        if let Some(expected) = expected {
            assert_eq!(client.receive().await, expected, "{query}");
        }
        let mut error = client.receive().await;
        assert_eq!((&error["id"], &error["type"]), (&json!("bug"), &json!("error")), "{query}");
        assert_one_error(&json!({ "errors": error["payload"].take() }));
        assert_eq!(client.until_pong().await, [] as [Value; 0], "{query}");
    }
    client.subscribe("quiet too", "subscription { numbers(count: 1) }").await;
    assert_eq!(client.receive().await, next("quiet too", json!({ "numbers": 0 })));
    assert_eq!(client.receive().await, complete("quiet too"));
    client.subscribe("quiet", "{ long }").await;
    assert_eq!(client.closed().await.0, 4409, "it is still active");
}
