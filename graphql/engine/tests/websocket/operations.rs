//! Operations of a WebSocket.

use std::time::Duration;

use graphql_engine::EngineSettings;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::{Client, complete, next};
use crate::client::{TEST_TIMEOUT, TestService};

#[tokio::test]
async fn every_kind_of_operation_sends_its_results_and_then_complete() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    client.subscribe("q", "{ long }").await;
    assert_eq!(client.receive().await, next("q", json!({ "long": "xxxxx" })));
    assert_eq!(client.receive().await, complete("q"));
    client.subscribe("m", "mutation { change }").await;
    assert_eq!(client.receive().await, next("m", json!({ "change": true })));
    assert_eq!(client.receive().await, complete("m"));
    client
        .send_json(json!({ "id": "s", "type": "subscribe", "payload": {
            "query": "query A { long } subscription B($count: Int) { numbers(count: $count) }",
            "operationName": "B", "variables": { "count": 2 }, "extensions": null,
        } }))
        .await;
    assert_eq!(client.receive().await, next("s", json!({ "numbers": 0 })));
    assert_eq!(client.receive().await, next("s", json!({ "numbers": 1 })));
    assert_eq!(client.receive().await, complete("s"));
    assert_eq!(client.until_pong().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_request_error_is_one_error_message() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ __typename @nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($a: String!) { echo(text: $a) }", "BAD_USER_INPUT"),
        ("{ bug }", "INTERNAL"),
    ] {
        client.subscribe("e", query).await;
        let error = client.receive().await;
        assert_eq!((&error["id"], &error["type"]), (&json!("e"), &json!("error")), "{query}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code);
        assert_eq!(client.until_pong().await, [] as [Value; 0], "{query}");
    }
}

#[tokio::test]
async fn an_execution_error_is_part_of_a_result() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    client.subscribe("h", "{ hole }").await;
    let hole = client.receive().await;
    assert_eq!((&hole["type"], &hole["payload"]["data"]), (&json!("next"), &json!({ "hole": null })));
    assert_eq!(client.receive().await, complete("h"));
    client.subscribe("s", "subscription { holes }").await;
    assert_eq!(client.receive().await, next("s", json!({ "holes": 1 })));
    let hole = client.receive().await;
    assert_eq!((&hole["type"], &hole["payload"]["data"]), (&json!("next"), &json!(null)));
    assert_eq!(client.receive().await, next("s", json!({ "holes": 3 })));
    assert_eq!(client.receive().await, complete("s"));
    client.subscribe("b", "subscription { bugs }").await;
    assert_eq!(client.receive().await, next("b", json!({ "bugs": 0 })));
    let bug = client.receive().await;
    assert_eq!(
        (&bug["type"], &bug["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("INTERNAL"))
    );
    assert!(!bug.to_string().contains("internal details"));
    assert_eq!(client.until_pong().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_completed_operation_sends_nothing_more_and_its_id_is_free() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    client.subscribe("s", "subscription { silence }").await;
    assert_eq!(client.receive().await, next("s", json!({ "silence": 1 })));
    client.send_json(complete("s")).await;
    client.subscribe("s", "subscription { numbers(count: 1) }").await;
    assert_eq!(client.receive().await, next("s", json!({ "numbers": 0 })));
    assert_eq!(client.receive().await, complete("s"));
    client.send_json(complete("s")).await;
    client.send_json(complete("unknown")).await;
    assert_eq!(client.until_pong().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_socket_limits_its_concurrent_operations() {
    let service =
        TestService::with(EngineSettings { max_operations_per_socket: 2, ..EngineSettings::default() }).await;
    let mut client = Client::ready(&service).await;
    for id in ["1", "2"] {
        client.subscribe(id, "subscription { silence }").await;
        assert_eq!(client.receive().await, next(id, json!({ "silence": 1 })));
    }
    client.subscribe("3", "{ long }").await;
    let error = client.receive().await;
    assert_eq!(
        (&error["id"], &error["payload"][0]["extensions"]["code"]),
        (&json!("3"), &json!("RATE_LIMITED"))
    );
    client.send_json(complete("1")).await;
    client.subscribe("3", "{ long }").await;
    assert_eq!(client.receive().await, next("3", json!({ "long": "xxxxx" })));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected_and_others_are_not_affected() {
    let short_timeout = Duration::from_millis(50);
    let service = TestService::with(EngineSettings {
        max_streams: 2,
        write_timeout: short_timeout,
        ..EngineSettings::default()
    })
    .await;
    let mut bystander = Client::ready(&service).await;
    let mut stuck = Client::ready(&service).await;
    stuck.subscribe("f", "subscription { flood(bytes: 100000) }").await;
    bystander.subscribe("t", "subscription { ticks(every: 1) }").await;
    for tick in 0..20 {
        assert_eq!(bystander.receive().await, next("t", json!({ "ticks": tick })));
    }
    let slot_released =
        async { while Client::try_open(&service, Some("graphql-transport-ws"), None).await.is_err() {} };
    timeout(TEST_TIMEOUT, slot_released).await.expect("the slot is released in time");
    bystander.send_json(complete("t")).await;
    drop(stuck);
}

#[tokio::test]
async fn connection_init_carries_the_token_and_the_language() {
    let service = TestService::start().await;
    let mut client = Client::open(&service).await;
    client
        .send_json(json!({ "type": "connection_init", "payload": {
            "authorization": "Bearer s3cret", "Accept-Language": "pt-BR", "more": 1
        } }))
        .await;
    assert_eq!(client.receive().await["type"], "connection_ack");
    client.subscribe("1", "{ secret languages }").await;
    assert_eq!(client.receive().await, next("1", json!({ "secret": "s3cret", "languages": "pt-BR" })));
}
