//! Broadcasts to several WebSockets by direct writes.

use std::time::Duration;

use graphql_engine::EngineSettings;
use serde_json::{Value, json};
use tokio::{sync::watch, time::timeout};

use super::client::{Client, complete, next};
use crate::{
    client::{TEST_TIMEOUT, TestService},
    test_schema::COMMON_LANGUAGE,
};

/// Longer than what a connection accepts at once.
const LONG: &str = "subscription { tides(digits: 60000) }";
const SHORT: &str = "subscription { tides(digits: 9) }";

async fn ready(service: &TestService) -> Client {
    let language = Some(("accept-language", COMMON_LANGUAGE));
    let mut client =
        Client::try_open(service, Some("graphql-transport-ws"), language).await.expect("a socket");
    client.send_json(json!({ "type": "connection_init" })).await;
    assert_eq!(client.receive().await, json!({ "type": "connection_ack" }));
    client
}

/// The number in a `next` message of this operation.
fn number(message: &Value, id: &str) -> u64 {
    assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)));
    message["payload"]["data"]["tides"].as_str().expect("digits").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_get_ascending_events_and_pongs_between_them() {
    let service = TestService::start().await;
    for query in [SHORT, LONG] {
        let mut clients = vec![];
        for id in ["a", "b", "a \"third\""] {
            let mut client = ready(&service).await;
            client.subscribe(id, query).await;
            clients.push((client, id, None));
        }
        let mut pongs = 0;
        for turn in 0..100 {
            for (client, id, last) in &mut clients {
                if turn % 10 == 0 {
                    client.send_json(json!({ "type": "ping" })).await;
                }
                let mut message = client.receive().await;
                while message["type"] == "pong" {
                    pongs += 1;
                    message = client.receive().await;
                }
                let number = number(&message, id);
                assert!(Some(number) > *last, "{number} after {last:?}");
                *last = Some(number);
            }
        }
        for (client, ..) in &mut clients {
            pongs += client.until_pong().await.iter().filter(|message| message["type"] == "pong").count();
        }
        assert_eq!(pongs, 10 * clients.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_completed_operation_sends_nothing_under_its_reused_id() {
    let service = TestService::start().await;
    let mut client = ready(&service).await;
    for _ in 0..20 {
        client.subscribe("s", SHORT).await;
        number(&client.receive().await, "s");
        number(&client.receive().await, "s");
        client.send_json(complete("s")).await;
        client.subscribe("s", "subscription { numbers(count: 1) }").await;
        let second = next("s", json!({ "numbers": 0 }));
        loop {
            let message = client.receive().await;
            if message == second {
                break;
            }
            // This event was sent before the operation was completed.
            number(&message, "s");
        }
        assert_eq!(client.receive().await, complete("s"));
        assert_eq!(client.until_pong().await, [] as [Value; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_does_not_read_is_disconnected_and_others_still_get_events() {
    let brief = Duration::from_secs(1);
    let service = TestService::with(EngineSettings {
        max_streams: 2,
        write_timeout: brief,
        ..EngineSettings::default()
    })
    .await;
    let mut stuck = ready(&service).await;
    stuck.subscribe("s", LONG).await;
    let mut bystander = ready(&service).await;
    bystander.subscribe("b", LONG).await;
    let (stop, mut stopped) = watch::channel(false);
    let reading = tokio::spawn(async move {
        let mut last = None;
        while !*stopped.borrow_and_update() {
            let number = number(&bystander.receive().await, "b");
            assert!(Some(number) > last, "{number} after {last:?}");
            last = Some(number);
        }
    });
    let slot_released =
        async { while Client::try_open(&service, Some("graphql-transport-ws"), None).await.is_err() {} };
    timeout(TEST_TIMEOUT, slot_released).await.expect("the slot is released in time");
    assert!(!reading.is_finished(), "the other subscriber still gets events");
    stop.send_replace(true);
    reading.await.expect("ascending events");
    drop(stuck);
}
