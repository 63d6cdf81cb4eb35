//! GraphQL over WebSocket: handshake, messages, timeouts and close codes of `graphql-transport-ws`.

use std::time::Duration;

use graphql_engine::EngineSettings;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Error, Message};

use self::client::Client;
use super::{
    client::TestService,
    test_schema::{ENDLESS_SECRET, UNLUCKY_SECRET, WRONG_SECRET},
};
use crate::client::TEST_TIMEOUT;

pub mod client;
mod operations;
mod shared;

#[tokio::test]
async fn an_invalid_message_closes_with_4400() {
    let service = TestService::start().await;
    for message in [
        "",
        "{",
        "[]",
        "1",
        "{}",
        r#"{ "type": 1 }"#,
        r#"{ "type": "start", "id": "1" }"#,
        r#"{ "type": "next", "id": "1", "payload": {} }"#,
        r#"{ "type": "connection_init", "payload": 1 }"#,
        r#"{ "type": "ping", "payload": [] }"#,
        r#"{ "type": "pong", "payload": "" }"#,
        r#"{ "type": "complete" }"#,
        r#"{ "type": "complete", "id": "" }"#,
        r#"{ "type": "subscribe", "payload": { "query": "{ long }" } }"#,
        r#"{ "type": "subscribe", "id": 1, "payload": { "query": "{ long }" } }"#,
        r#"{ "type": "subscribe", "id": "1" }"#,
        r#"{ "type": "subscribe", "id": "1", "payload": {} }"#,
        r#"{ "type": "subscribe", "id": "1", "payload": { "query": 1 } }"#,
        r#"{ "type": "subscribe", "id": "1", "payload": { "query": "{ long }", "variables": [] } }"#,
    ] {
        let mut client = Client::ready(&service).await;
        client.send(Message::text(message)).await;
        let (code, reason) = client.closed().await;
        assert_eq!(code, 4400, "{message}");
        assert!(reason.starts_with("Invalid message: "), "{reason}");
    }
    let mut long_id = Client::ready(&service).await;
    long_id.subscribe(&"i".repeat(257), "{ long }").await;
    assert_eq!(long_id.closed().await.0, 4400);
}

#[tokio::test]
async fn invalid_frames_close_their_own_socket_only() {
    let service = TestService::start().await;
    let mut bystander = Client::ready(&service).await;
    let mut binary = Client::ready(&service).await;
    binary.send(Message::binary([0, 159, 146, 150].as_slice())).await;
    assert_eq!(binary.closed().await.0, 4400);
    let mut oversized = Client::ready(&service).await;
    oversized.send(Message::text("x".repeat((128 << 10) + 1))).await;
    assert_eq!(oversized.closed().await.0, 4400);
    // A text frame that is not UTF-8, a frame with reserved bits, a frame without a mask.
    for frame in [&b"\x81\x82\0\0\0\0\xff\xff"[..], &b"\xf1\x81\0\0\0\0a"[..], &b"\x81\x02{}"[..]] {
        let mut client = Client::ready(&service).await;
        client.0.get_mut().write_all(frame).await.expect("the server reads");
        assert_eq!(client.closed().await.0, 4400);
    }
    assert_eq!(bystander.until_pong().await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_operation_before_the_acknowledgement_closes_with_4401() {
    let service = TestService::start().await;
    let mut client = Client::open(&service).await;
    client.subscribe("1", "{ long }").await;
    assert_eq!(client.closed().await, (4401, "Unauthorized".to_owned()));
    let mut early = Client::open(&service).await;
    early.send_json(json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {ENDLESS_SECRET}") } })).await;
    early.subscribe("1", "{ long }").await;
    assert_eq!(early.closed().await.0, 4401);
}

#[tokio::test]
async fn a_rejected_token_closes_with_4403_and_a_failed_lookup_with_1013() {
    let service = TestService::start().await;
    for (secret, end) in [(WRONG_SECRET, (4403, "Forbidden")), (UNLUCKY_SECRET, (1013, "Try again later"))] {
        let mut client = Client::open(&service).await;
        client.send_json(json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {secret}") } })).await;
        assert_eq!(client.closed().await, (end.0, end.1.to_owned()));
    }
    let header = Some(("authorization", "Bearer wrong"));
    let mut client =
        Client::try_open(&service, Some("graphql-transport-ws"), header).await.expect("a socket");
    client.send_json(json!({ "type": "connection_init" })).await;
    assert_eq!(client.closed().await.0, 4403);
}

#[tokio::test]
async fn another_subprotocol_closes_with_4406() {
    let service = TestService::start().await;
    let client = Client::try_open(&service, None, None).await.expect("a socket");
    assert_eq!(client.closed().await, (4406, "Subprotocol not acceptable".to_owned()));
    let legacy = Client::try_open(&service, Some("graphql-ws"), None).await;
    // The client library closes the connection if the response does not have its subprotocol.
    assert!(legacy.is_err());
}

#[tokio::test]
async fn a_socket_without_connection_init_closes_with_4408() {
    let service = TestService::with(EngineSettings {
        connection_init_timeout: Duration::from_millis(10),
        ..EngineSettings::default()
    })
    .await;
    let client = Client::open(&service).await;
    assert_eq!(client.closed().await, (4408, "Connection initialisation timeout".to_owned()));
    let mut endless = Client::open(&service).await;
    endless.send_json(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {ENDLESS_SECRET}") } })).await;
    assert_eq!(endless.closed().await.0, 1013);
}

#[tokio::test]
async fn an_id_that_is_in_use_closes_with_4409() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    client.subscribe("same", "subscription { silence }").await;
    client.subscribe("same", "{ long }").await;
    assert_eq!(client.closed().await, (4409, "Subscriber for same already exists".to_owned()));
    let long = "é".repeat(100);
    let mut client = Client::ready(&service).await;
    client.subscribe(&long, "subscription { silence }").await;
    client.subscribe(&long, "subscription { silence }").await;
    assert_eq!(client.closed().await.0, 4409);
}

#[tokio::test]
async fn a_second_connection_init_closes_with_4429() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    client.send_json(json!({ "type": "connection_init" })).await;
    assert_eq!(client.closed().await, (4429, "Too many initialisation requests".to_owned()));
    let mut early = Client::open(&service).await;
    let endless = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {ENDLESS_SECRET}") } });
    early.send_json(endless.clone()).await;
    early.send_json(endless).await;
    assert_eq!(early.closed().await.0, 4429);
}

#[tokio::test]
async fn a_ping_gets_a_pong_with_its_payload_in_any_state() {
    let service = TestService::start().await;
    let mut client = Client::open(&service).await;
    client.send_json(json!({ "type": "ping" })).await;
    assert_eq!(client.receive().await, json!({ "type": "pong" }));
    client
        .send_json(json!({ "type": "ping", "payload": { "at": 0.123_456_789_012_345_68, "a": [null] } }))
        .await;
    assert_eq!(
        client.receive().await,
        json!({ "type": "pong", "payload": { "at": 0.123_456_789_012_345_68, "a": [null] } })
    );
    client.send_json(json!({ "type": "pong", "payload": {} })).await;
    client.send(Message::Ping("of the socket itself".into())).await;
    assert_eq!(client.next().await, Some(Message::Pong("of the socket itself".into())));
}

#[tokio::test]
async fn a_client_that_does_not_respond_to_pings_is_disconnected() {
    let brief = Duration::from_millis(20);
    let service = TestService::with(EngineSettings {
        keepalive_interval: brief,
        pong_timeout: TEST_TIMEOUT,
        ..EngineSettings::default()
    })
    .await;
    let mut client = Client::ready(&service).await;
    for _ in 0..3 {
        assert_eq!(client.receive().await, json!({ "type": "ping" }));
        client.send_json(json!({ "type": "pong" })).await;
    }
    let service = TestService::with(EngineSettings {
        keepalive_interval: brief,
        pong_timeout: brief,
        ..EngineSettings::default()
    })
    .await;
    let mut silent = Client::ready(&service).await;
    assert_eq!(silent.receive().await, json!({ "type": "ping" }));
    assert_eq!(silent.closed().await, (1001, "No answer to the ping".to_owned()));
}

#[tokio::test]
async fn sockets_are_limited_for_each_client_and_in_total() {
    let full =
        async |service: &TestService| match Client::try_open(service, Some("graphql-transport-ws"), None)
            .await
        {
            Err(Error::Http(response)) => response.status().as_u16(),
            other => panic!("{:?}", other.map(|_| "a socket")),
        };
    let service =
        TestService::with(EngineSettings { max_streams_per_client: 1, ..EngineSettings::default() }).await;
    let _first = Client::ready(&service).await;
    assert_eq!(full(&service).await, 429);
    let client_ip_header = Some("x-forwarded-for".parse().expect("a name"));
    let service = TestService::with(EngineSettings {
        max_streams: 2,
        max_streams_per_client: 1,
        client_ip_header,
        ..EngineSettings::default()
    })
    .await;
    let through = async |path: &'static str| {
        Client::try_open(&service, Some("graphql-transport-ws"), Some(("x-forwarded-for", path))).await
    };
    let _first = through("192.0.2.1").await.expect("a socket");
    assert!(through("198.51.100.7, 192.0.2.1").await.is_err());
    let _second = through("192.0.2.1, 192.0.2.2").await.expect("a socket");
    assert!(matches!(through("192.0.2.3").await, Err(Error::Http(response)) if response.status() == 503));
}

#[tokio::test]
async fn a_shutdown_closes_sockets_with_1001() {
    let service = TestService::start().await;
    let mut client = Client::ready(&service).await;
    client.subscribe("s", "subscription { silence }").await;
    client.receive().await;
    service.shutdown.send(true).expect("the service is running");
    assert_eq!(client.closed().await, (1001, "Going away".to_owned()));
    timeout(TEST_TIMEOUT, service.ended).await.expect("the service ends in time").expect("without a panic");
}

#[tokio::test]
async fn a_request_without_a_handshake_is_a_426() {
    let service = TestService::start().await;
    let plain = service.send("GET /graphql/ws", &[], b"").await;
    assert_eq!((plain.status, &*plain.code()), (426, "BAD_USER_INPUT"));
    assert_eq!(plain.header("upgrade"), Some("websocket"));
    let mut connection = service.connect().await;
    let old = "GET /graphql/ws HTTP/1.1\r\nhost: w4r\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 7\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    connection.write_all(old.as_bytes()).await.expect("the server reads");
    let mut response = [0; 12];
    connection.read_exact(&mut response).await.expect("a response");
    assert_eq!(&response, b"HTTP/1.1 400");
}

#[tokio::test]
async fn the_subprotocol_header_has_its_canonical_spelling() {
    let service = TestService::start().await;
    let mut connection = service.connect().await;
    let request = "GET /graphql/ws HTTP/1.1\r\nhost: w4r\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        sec-websocket-protocol: graphql-transport-ws\r\n\r\n";
    connection.write_all(request.as_bytes()).await.expect("the server reads");
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(TEST_TIMEOUT, connection.read_u8()).await.expect("in time").expect("a response"));
    }
    let head = String::from_utf8(head).expect("ASCII");
    assert!(head.contains("\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"), "{head}");
}
