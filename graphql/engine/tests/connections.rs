//! Limits and timeouts of connections.

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

/// A connection from another loopback address.
async fn connect_from(host: u8, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, host], 0).into()).expect("an address of this machine");
    socket.connect(address).await.expect("the server accepts connections")
}

/// Sends a request and reads the response to the end of its JSON body.
async fn request(connection: &mut TcpStream, request: &str) -> String {
    connection.write_all(request.as_bytes()).await.expect("the server reads");
    let mut response = Vec::new();
    let response_end = async {
        loop {
            let read = connection.read_buf(&mut response).await.expect("a response");
            let text = String::from_utf8_lossy(&response);
            if read == 0 || text.trim_end().ends_with('}') {
                return text.into_owned();
            }
        }
    };
    timeout(TEST_TIMEOUT, response_end).await.expect("a response in time")
}

/// Reads to the end of the connection.
async fn read_to_end(connection: &mut TcpStream) -> String {
    let mut received = vec![];
    timeout(TEST_TIMEOUT, connection.read_to_end(&mut received)).await.expect("the end in time").ok();
    String::from_utf8_lossy(&received).into_owned()
}

#[tokio::test]
async fn connections_are_limited_for_each_client_and_in_total() {
    let service = TestService::with(EngineSettings {
        max_connections: 3,
        max_connections_per_client: 2,
        ..EngineSettings::default()
    })
    .await;
    let mut first = connect_from(1, service.address).await;
    assert!(request(&mut first, REQUEST).await.starts_with("HTTP/1.1 200"));
    let mut second = connect_from(1, service.address).await;
    assert!(request(&mut second, REQUEST).await.starts_with("HTTP/1.1 200"));
    let mut kept_open = None;
    for (host, status, code) in [(1, 429, "RATE_LIMITED"), (2, 200, ""), (3, 503, "UNAVAILABLE")] {
        let mut another = connect_from(host, service.address).await;
        let response = request(&mut another, REQUEST).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{response}");
        if status == 200 {
            // It keeps the last slot.
            kept_open = Some(another);
            continue;
        }
        assert!(response.contains(code) && response.contains("retry-after: 10"), "{response}");
        assert_eq!(read_to_end(&mut another).await, "", "the connection is closed");
    }
    drop((first, kept_open));
    let slot_released = async {
        loop {
            let mut another = connect_from(1, service.address).await;
            if request(&mut another, REQUEST).await.starts_with("HTTP/1.1 200") {
                return;
            }
        }
    };
    timeout(TEST_TIMEOUT, slot_released).await.expect("the slot is released in time");
}

#[tokio::test]
async fn a_proxy_has_no_limit_for_each_client() {
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
        assert!(request(&mut connection, REQUEST).await.starts_with("HTTP/1.1 200"));
        open.push(connection);
    }
}

#[tokio::test]
async fn a_connection_with_a_slow_head_or_a_long_idle_time_is_closed() {
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
        end = timeout(TEST_TIMEOUT, reader.read_to_end(&mut received)) => drop(end.expect("the end in time")),
    }
    assert!(!String::from_utf8_lossy(&received).contains("200 OK"), "{}", String::from_utf8_lossy(&received));
    let mut idle = service.connect().await;
    assert!(request(&mut idle, REQUEST).await.starts_with("HTTP/1.1 200"));
    assert_eq!(read_to_end(&mut idle).await, "");
}

#[tokio::test]
async fn a_client_that_accepts_no_data_is_disconnected_and_frees_its_slot() {
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
        stuck.write_all(request.as_bytes()).await.expect("the server reads");
        stuck.readable().await.expect("the response starts");
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
        timeout(TEST_TIMEOUT, slot_released).await.expect("the slot is released in time");
        drop(stuck);
    }
}

#[tokio::test]
async fn a_client_that_is_still_sending_gets_its_error_response() {
    let service = TestService::start().await;
    let large = vec![b' '; 8 << 20];
    let json = "content-type: application/json";
    for _ in 0..10 {
        let reply: Reply = service.send("POST /graphql", &[json], &large).await;
        assert_eq!((reply.status, &*reply.code()), (413, "BAD_USER_INPUT"));
    }
}

#[tokio::test]
async fn a_panic_outside_of_any_operation_is_an_error_too() {
    let service = TestService::start().await;
    let reply = service.send("GET /bug", &[], b"").await;
    assert_eq!((reply.status, &*reply.code()), (500, "INTERNAL"));
    assert!(!reply.text().contains("internal details"), "{}", reply.text());
    assert!(reply.json()["errors"][0]["extensions"]["reference"].is_string());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn many_clients_connect_at_once_before_they_are_accepted() {
    // More than the usual limit of 128.
    const CLIENTS: usize = 600;
    let system: usize = std::fs::read_to_string("/proc/sys/net/core/somaxconn")
        .ok()
        .and_then(|limit| limit.trim().parse().ok())
        .expect("the limit of the system");
    if system < CLIENTS {
        return;
    }
    let listener = graphql_engine::listener::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = listener.local_addr().expect("an address");
    let connecting = async {
        let mut clients = vec![];
        for _ in 0..CLIENTS {
            clients.push(TcpStream::connect(address).await.expect("a place in the queue"));
        }
        clients.len()
    };
    // Where the queue is full, the system repeats the first packet for two minutes.
    assert_eq!(timeout(TEST_TIMEOUT, connecting).await, Ok(CLIENTS));
}
