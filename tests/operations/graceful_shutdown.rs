//! Graceful shutdown: readiness first, then sockets are asked to reconnect, then the process ends.

use std::time::Duration;

use graphql::server::Settings;
use serde_json::json;
use tokio::{net::TcpStream, time::timeout};

use crate::harness::{PATIENCE, SUBMIT, Service, campaign_id, readiness};

const WATCH: &str = "subscription { total(edition: 2021) { total { letters } } }";

fn noticed_after(shutdown_delay: Duration) -> Settings {
    Settings { shutdown_delay, ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn during_the_shutdown_delay_all_clients_are_served() {
    // As long as this test likes.
    let mut service = Service::with_2021_within(noticed_after(Duration::from_secs(86_400))).await;
    let mut ticker = service.anyone().subscribe(WATCH, json!({})).await;
    assert_eq!(ticker.next().await["total"]["total"]["letters"], 0);
    assert_eq!(readiness(&service).await, (200, "ready\n".to_owned()));
    service.stop();
    let noticed = async { while readiness(&service).await != (503, "stopping\n".to_owned()) {} };
    timeout(PATIENCE, noticed).await.expect("it says that it stops");

    // Each client has a connection of its own.
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let input = json!({ "campaign": campaign, "idempotencyKey": "while-the-service-stops",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 3 }] });
    service.anyone().payload(SUBMIT, json!({ "input": input })).await;
    assert_eq!(ticker.next().await["total"]["total"]["letters"], 3, "a socket goes on");
    let mut late = service.anyone().subscribe(WATCH, json!({})).await;
    assert_eq!(late.next().await["total"]["total"]["letters"], 3, "and a new one is opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_shutdown_delay_sockets_are_closed_and_the_service_ends() {
    let mut service = Service::with_2021_within(noticed_after(Duration::ZERO)).await;
    let mut ticker = service.anyone().subscribe(WATCH, json!({})).await;
    ticker.next().await;
    service.stop();
    assert_eq!(ticker.message_if_open().await, None);
    drop(ticker);
    service.stopped().await;
    assert!(TcpStream::connect(service.address).await.is_err(), "nobody listens any more");
}
