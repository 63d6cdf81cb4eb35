//! Endless streams to fast, slow and disconnected clients.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{EVENTS, JSON, PARTS, served, websocket_client::Client};
use crate::{
    harness::{
        Client as Asking, PATIENCE, SUBMIT, Service, TestDatabase, import_open_now, start_executable, w4r,
    },
    hostile::bystander::Bystander,
};

/// Waits until nobody watches anything and no connection lasts.
async fn until_all_are_gone(address: SocketAddr) {
    let gone = async {
        loop {
            let meters = reqwest::get(format!("http://{address}/metrics")).await.expect("an answer");
            let meters = meters.text().await.expect("text");
            let left = meters.lines().filter(|line| {
                line.starts_with("w4r_subscriptions") || line.starts_with("w4r_open_streams{")
            });
            if left.clone().count() == 4 && left.clone().all(|line| line.ends_with(" 0.0")) {
                return;
            }
        }
    };
    timeout(PATIENCE, gone).await.expect("they are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_ends_when_it_is_told_to_and_when_its_reader_goes() {
    let service = Service::with_2021().await;
    // What is asked for without a key is shared, and what is asked for with one is not.
    let anyone = None;
    let staff = Some(service.administrator.as_str());
    for (key, every) in [(anyone, 0), (anyone, 1), (staff, 0), (staff, 1)] {
        let query = flood(every);
        let goes_on = |message: &Value| {
            // Shared and as fast as it can be, it ends for whoever cannot follow.
            if key.is_none() && every == 0 && message["type"] == "error" {
                assert_eq!(message["payload"][0]["extensions"]["code"], "UNAVAILABLE", "{message}");
                return false;
            }
            assert_eq!(message["type"], "next", "{message}");
            true
        };
        let mut socket = ready(service.address, key).await;
        socket.subscribe("flood", &query).await;
        let mut heard = 0;
        while heard < 20 && goes_on(&socket.receive().await) {
            heard += 1;
        }
        socket.send_json(json!({ "id": "flood", "type": "complete" })).await;
        let late = socket.until_pong().await;
        if let Some((last, before)) = late.split_last() {
            assert!(before.iter().all(goes_on), "it ended, and went on: {late:?}");
            goes_on(last);
        }
        assert_eq!(socket.until_pong().await, [] as [Value; 0], "it has ended");
        socket.subscribe("flood", &query).await;
        goes_on(&socket.receive().await);
        socket.0.close(None).await.expect("it is open");
        while socket.next().await.is_some() {}
    }
    until_all_are_gone(service.address).await;

    for (key, every) in [(anyone, 1), (staff, 0)] {
        let mut killed = ready(service.address, key).await;
        killed.subscribe("flood", &flood(every)).await;
        assert_eq!(killed.receive().await["type"], "next");
        drop(killed);
        for mut reader in slow_readers(service.address, &flood(every), key).await {
            // The head of the answer, and some of what follows.
            reader.read_exact(&mut [0; 1_000]).await.expect("an answer");
        }
        until_all_are_gone(service.address).await;
    }
}

/// Texts without end, so many milliseconds apart; 0 for as fast as they can be.
fn flood(every: u32) -> String {
    format!("subscription {{ flood(bytes: 100, every: {every}) }}")
}

/// A socket, of whoever has this key.
async fn ready(address: SocketAddr, key: Option<&str>) -> Client {
    let mut socket = Client::open(&served(address)).await;
    let payload = key.map_or(json!({}), |key| json!({ "Authorization": format!("Bearer {key}") }));
    socket.send_json(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(socket.receive().await, json!({ "type": "connection_ack" }));
    socket
}

/// Connections on which a stream was asked for, one for each transport; nobody reads on them.
async fn slow_readers(address: SocketAddr, query: &str, key: Option<&str>) -> Vec<TcpStream> {
    let authorization = key.map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
    let body = json!({ "query": query }).to_string();
    let mut readers = vec![];
    for (path, accept) in [("/graphql", PARTS), ("/graphql/stream", EVENTS)] {
        let mut reader = TcpStream::connect(address).await.expect("it listens");
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: w4r\r\n{JSON}\r\n{accept}\r\n{authorization}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        reader.write_all(request.as_bytes()).await.expect("it reads");
        readers.push(reader);
    }
    let mut socket = ready(address, key).await;
    socket.subscribe("flood", query).await;
    readers.push(socket.0.into_inner());
    readers
}

/// How much memory a process has had at most, in bytes.
#[cfg(target_os = "linux")]
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

/// What slow readers may take: 256 events of a hundred kilobytes, which those who share a stream may be
/// behind, some such events on their way to each of the others, and as much again for what lies between.
#[cfg(target_os = "linux")]
const BOUND: u64 = 2 * (256 + 6 * 32) * 100_000;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_to_slow_readers_is_bounded_in_memory_and_delays_no_other_client() {
    let fresh = TestDatabase::migrated().await;
    let campaign = import_open_now(&fresh).await;
    let key = w4r(&fresh.url, &["key", "create", "floods"]).await.out;
    let (process, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let id = process.id().expect("it runs");
    let address: SocketAddr = address.parse().expect("an address");
    let input = json!({ "campaign": campaign, "idempotencyKey": "three-true-letters",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 3 }] });
    Asking::to(address).payload(SUBMIT, json!({ "input": input })).await;
    let mut bystander = Bystander::at(address, r#"{"letters":3,"version":1}"#);
    bystander.is_served().await;
    let before = memory(id);
    let query = "subscription { flood(bytes: 100000, every: 0) }";
    let mut readers = slow_readers(address, query, None).await;
    readers.extend(slow_readers(address, query, Some(key.trim())).await);
    for _ in 0..10 {
        bystander.is_served().await;
    }
    let grown = memory(id) - before;
    assert!(grown < BOUND, "{grown} bytes more");
    drop(readers);
    until_all_are_gone(address).await;
    bystander.is_served().await;
}
