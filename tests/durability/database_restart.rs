//! Restart of the PostgreSQL server while reports come in.

use serde_json::json;
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, TestDatabase, import_open_now,
    load::{self, Reporters},
    postgres::Cluster,
    start_executable, w4r,
};

const REPORTS: usize = 6_000;

/// Waits until a process says this of sending people to it.
async fn until_ready(address: &str, status: u16, word: &str) {
    let said = async {
        loop {
            let answer = reqwest::get(format!("http://{address}/readyz")).await.expect("an answer");
            let found = (answer.status().as_u16(), answer.text().await.expect("text"));
            if found == (status, format!("{word}\n")) {
                break;
            }
        }
    };
    timeout(PATIENCE, said).await.unwrap_or_else(|_| panic!("{address} never says {word}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_server_loses_nothing_acknowledged_and_all_processes_catch_up() {
    // A server that by itself would lose what it has just acknowledged.
    let Some(cluster) = Cluster::start("synchronous_commit = off\nwal_writer_delay = 10s\n") else { return };
    let fresh = TestDatabase::at(cluster.url());
    graphql::database::migrations::run(&fresh.url, graphql::database::migrations::MigrationTarget::Latest)
        .await
        .expect("tables");
    let campaign = import_open_now(&fresh).await;
    let (_one, first) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let (_other, second) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let addresses = [first, second];
    let letters = load::letters(REPORTS);
    let watchers: Vec<_> =
        addresses.iter().map(|address| tokio::spawn(load::watch(address.clone(), letters))).collect();
    let mut reporters = Reporters::begin(&campaign, &addresses, REPORTS);

    reporters.wait_for(REPORTS / 4).await;
    tokio::task::block_in_place(|| cluster.crash_and_begin());
    for address in &addresses {
        until_ready(address, 200, "ready").await;
    }

    reporters.wait_for(REPORTS / 2).await;
    tokio::task::block_in_place(|| cluster.crash());
    for address in &addresses {
        until_ready(address, 503, "the database is out of reach").await;
        let client = Client::to(address.parse().expect("an address"));
        let total = client.data("{ edition(year: 2021) { total { letters } } }", json!({})).await;
        assert!(total["edition"]["total"]["letters"].as_u64() > Some(0), "what is known is told: {total}");
    }
    tokio::task::block_in_place(|| cluster.begin());
    for address in &addresses {
        until_ready(address, 200, "ready").await;
    }

    assert_eq!(reporters.end().await, REPORTS, "one report for each key");
    let mut seen = Vec::new();
    for watcher in watchers {
        seen.push(timeout(PATIENCE, watcher).await.expect("in time").expect("a watcher without trouble"));
    }
    assert_eq!((&seen[0]["letters"], &seen[0]["reports"]), (&json!(letters), &json!(REPORTS)));
    assert_eq!(seen[0], seen[1]);
    let recount = w4r(&fresh.url, &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}
