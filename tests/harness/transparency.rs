//! The transparency log: its head, receipts, and the minute in which it grows.

use domain::proof::{Receipt, VerifiedReceipt, VerifierKey};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Client, PATIENCE, Service};

/// The head of the log as the API has it.
pub async fn log_head(client: &Client) -> Value {
    let query = "{ transparencyLog { origin verifierKeys size rootHash checkpoint asOf } }";
    client.data(query, json!({})).await["transparencyLog"].take()
}

/// The head, once the log has so many leaves.
pub async fn log_of(client: &Client, size: u64) -> Value {
    let growing = async {
        loop {
            let head = log_head(client).await;
            if head["size"] == size {
                return head;
            }
            tokio::task::yield_now().await;
        }
    };
    match timeout(PATIENCE, growing).await {
        Ok(head) => head,
        Err(_) => panic!("the log never has {size} leaves, but {}", log_head(client).await),
    }
}

/// Moves the clock on by a minute, and returns the head once the log has so many leaves.
pub async fn published(service: &Service, size: u64) -> Value {
    service.clock.set(service.clock.now() + SignedDuration::from_mins(1));
    log_of(&service.anyone(), size).await
}

/// The public keys of a head.
pub fn keys_of(head: &Value) -> Vec<VerifierKey> {
    let keys = head["verifierKeys"].as_array().expect("keys");
    keys.iter().map(|key| VerifierKey::parse(key.as_str().expect("text")).expect("a key")).collect()
}

/// What the API says of the receipt of a report.
pub async fn receipt_of(client: &Client, report: &Value) -> Value {
    let query = "query($id: ID!) { report(id: $id) {
        receipt { revision state index proof expectedAt } } }";
    client.data(query, json!({ "id": report })).await["report"]["receipt"].take()
}

/// What the proof of a receipt proves, by the keys of a head.
pub fn verified(receipt: &Value, head: &Value) -> VerifiedReceipt {
    let proof = receipt["proof"].as_str().unwrap_or_else(|| panic!("no proof in {receipt:#}"));
    let read = Receipt::parse(proof).and_then(|read| read.verify(&keys_of(head)));
    read.unwrap_or_else(|error| panic!("{error}: {proof}"))
}
