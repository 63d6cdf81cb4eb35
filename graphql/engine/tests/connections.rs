//! Connections: how many there may be, how long they may take, and what becomes of those that stand still.

use std::{net::SocketAddr, time::Duration};

use graphql_engine::EngineSettings;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::client::{Reply, TestService};
use crate::client::TEST_TIMEOUT;

const BRIEF: Duration = Duration::from_millis(50);
const REQUEST: &str = "GET /graphql?query=%7Blong%7D HTTP/1.1\r\nhost: w4r\r\n\r\n";

/// A connection from another house.
async fn connect_from(host: u8, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, host], 0).into()).expect("an address of this machine");
    socket.connect(address).await.expect("it listens")
}

/// Sends a request and reads what comes back, up to the end of a body of known length.
async fn ask(connection: &mut TcpStream, request: &str) -> String {
    connection.write_all(request.as_bytes()).await.expect("it reads");
    let mut response = Vec::new();
    let whole = async {
        loop {
            let read = connection.read_buf(&mut response).await.expect("an answer");
            let text = String::from_utf8_lossy(&response);
            if read == 0 || text.trim_end().ends_with('}') {
                return text.into_owned();
            }
        }
    };
    timeout(TEST_TIMEOUT, whole).await.expect("an answer in time")
}

/// What is said until the end.
async fn read_to_end(connection: &mut TcpStream) -> String {
    let mut received = vec![];
    timeout(TEST_TIMEOUT, connection.read_to_end(&mut received)).await.expect("an end in time").ok();
    String::from_utf8_lossy(&received).into_owned()
}

#[tokio::test]
async fn there_are_so_many_for_one_address_and_for_all() {
    let service = TestService::with(EngineSettings {
        max_connections: 3,
        max_connections_per_client: 2,
        ..EngineSettings::default()
    })
    .await;
    let mut first = connect_from(1, service.address).await;
    assert!(ask(&mut first, REQUEST).await.starts_with("HTTP/1.1 200"));
    let mut second = connect_from(1, service.address).await;
    assert!(ask(&mut second, REQUEST).await.starts_with("HTTP/1.1 200"));
    let mut stays = None;
    for (host, status, code) in [(1, 429, "RATE_LIMITED"), (2, 200, ""), (3, 503, "UNAVAILABLE")] {
        let mut another = connect_from(host, service.address).await;
        let response = ask(&mut another, REQUEST).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{response}");
        if status == 200 {
            // It takes the last place.
            stays = Some(another);
            continue;
        }
        assert!(response.contains(code) && response.contains("retry-after: 10"), "{response}");
        assert_eq!(read_to_end(&mut another).await, "", "it is shown out");
    }
    drop((first, stays));
    let slot_released = async {
        loop {
            let mut another = connect_from(1, service.address).await;
            if ask(&mut another, REQUEST).await.starts_with("HTTP/1.1 200") {
                return;
            }
        }
    };
    timeout(TEST_TIMEOUT, slot_released).await.expect("the place is free in time");
}

#[tokio::test]
async fn behind_a_proxy_which_has_them_all_an_address_may_have_any_number() {
    let client_ip_header = Some("x-forwarded-for".parse().expect("a name"));
    let service = TestService::with(EngineSettings {
        max_connections_per_client: 1,
        client_ip_header,
        ..EngineSettings::default()
    })
    .await;
    let mut open = vec![];
    for _ in 0..5 {
        let mut connection = service.connect().await;
        assert!(ask(&mut connection, REQUEST).await.starts_with("HTTP/1.1 200"));
        open.push(connection);
    }
}

#[tokio::test]
async fn whoever_does_not_get_to_the_end_of_a_head_or_rests_too_long_is_hung_up_on() {
    let service =
        TestService::with(EngineSettings { header_timeout: BRIEF, ..EngineSettings::default() }).await;
    let mut silent = service.connect().await;
    assert_eq!(read_to_end(&mut silent).await, "");
    let mut slow = service.connect().await;
    let (mut reader, mut writer) = slow.split();
    let slow_writes = async {
        loop {
            for byte in REQUEST.trim_end().bytes().chain(b"\r\nx-more: ".iter().copied().cycle()) {
                if writer.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let mut received = vec![];
    tokio::select! {
        () = slow_writes => {}
        end = timeout(TEST_TIMEOUT, reader.read_to_end(&mut received)) => drop(end.expect("an end in time")),
    }
    assert!(!String::from_utf8_lossy(&received).contains("200 OK"), "{}", String::from_utf8_lossy(&received));
    let mut idle = service.connect().await;
    assert!(ask(&mut idle, REQUEST).await.starts_with("HTTP/1.1 200"));
    assert_eq!(read_to_end(&mut idle).await, "");
}

#[tokio::test]
async fn whoever_takes_nothing_of_what_is_sent_is_let_go_and_its_place_is_free() {
    let settings =
        EngineSettings { write_timeout: BRIEF, max_streams_per_client: 1, ..EngineSettings::default() };
    let service = TestService::with(settings).await;
    let body = json!({ "query": "subscription { flood(bytes: 100000) }" }).to_string();
    let listen = |path: &str, accept: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: w4r\r\naccept: {accept}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    for request in [
        listen("/graphql/stream", "text/event-stream"),
        listen("/graphql", "multipart/mixed; subscriptionSpec=\"1.0\""),
    ] {
        let mut stuck = service.connect().await;
        stuck.write_all(request.as_bytes()).await.expect("it reads");
        stuck.readable().await.expect("it begins");
        let slot_released = async {
            loop {
                let quick = json!({ "query": "{ long }" }).to_string();
                let reply = service
                    .send(
                        "POST /graphql/stream",
                        &["content-type: application/json", "accept: text/event-stream"],
                        quick.as_bytes(),
                    )
                    .await;
                if reply.status == 200 {
                    return;
                }
                assert_eq!((reply.status, &*reply.code()), (429, "RATE_LIMITED"));
            }
        };
        timeout(TEST_TIMEOUT, slot_released).await.expect("the place is free in time");
        drop(stuck);
    }
}

#[tokio::test]
async fn whoever_is_refused_while_still_speaking_hears_the_answer() {
    let service = TestService::start().await;
    let large = vec![b' '; 8 << 20];
    let json = "content-type: application/json";
    for _ in 0..10 {
        let reply: Reply = service.send("POST /graphql", &[json], &large).await;
        assert_eq!((reply.status, &*reply.code()), (413, "BAD_USER_INPUT"));
    }
}

#[tokio::test]
async fn what_falls_over_outside_of_every_operation_is_an_error_too() {
    let service = TestService::start().await;
    let reply = service.send("GET /bug", &[], b"").await;
    assert_eq!((reply.status, &*reply.code()), (500, "INTERNAL"));
    assert!(!reply.text().contains("inner text"), "{}", reply.text());
    assert!(reply.json()["errors"][0]["extensions"]["reference"].is_string());
}
