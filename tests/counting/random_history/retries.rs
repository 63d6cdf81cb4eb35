//! Requests that are repeated while the database is unavailable.

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{Client, PATIENCE, assert_unavailable, document};

/// The data of an answer. Connections that were cut are found out one by one, and each time something is asked again.
pub(super) async fn data(client: &Client, query: &str, variables: Value) -> Value {
    let answered = async {
        loop {
            let mut answer = client.ask(query, variables.clone()).await;
            if answer.get("errors").is_none() {
                break answer["data"].take();
            }
            assert_unavailable(&answer);
        }
    };
    timeout(PATIENCE, answered).await.expect("an answer in time")
}

/// What a mutation answers.
pub(super) async fn payload(client: &Client, query: &str, variables: Value) -> Value {
    let mut data = data(client, query, variables).await;
    data.as_object_mut().and_then(|fields| fields.values_mut().next()).expect("a field").take()
}

pub(super) async fn change(client: &Client, mutation: &str, selection: &str, input: Value) -> Value {
    payload(client, &document(mutation, selection), json!({ "input": input })).await
}

/// A case by its slug, as it is to be changed.
pub(super) async fn case_to_change(client: &Client, slug: &str) -> Value {
    let query = "query($s: String!) { case(edition: 2021, slug: $s) { id expectedRevision: revision } }";
    data(client, query, json!({ "s": slug })).await["case"].take()
}

pub(super) async fn address_of(client: &Client, case: &str) -> bool {
    let query = "query($s: String!) { case(edition: 2021, slug: $s) { state authorities { address { lines restrictions } } } }";
    let data = data(client, query, json!({ "s": case })).await;
    let is_given = !data["case"]["authorities"][0]["address"].is_null();
    assert!(!is_given || data["case"]["state"] == "PUBLISHED", "{data:#}");
    is_given
}
