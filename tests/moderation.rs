//! What is held before it counts, and how staff decide about many reports at once.

use graphql::server::Settings;
use serde_json::{Value, json};

use crate::harness::{Client, Service, campaign_id, w4r};

/// A report of letters for nobody in particular.
async fn letters(client: &Client, key: &str, quantity: u32) -> Value {
    json!({
        "campaign": campaign_id(client, "ca").await,
        "idempotencyKey": format!("{}-0123456789", key.replace(' ', "-")),
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": quantity }],
    })
}

async fn assert_recounted(service: &Service) {
    let said = w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(said.code, 0, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_cannot_invent_a_campaign() {
    let service = Service::with_2021_within(Settings::default()).await;
    let anyone = service.anyone();
    let query = "mutation($input: [ReportSubmitInput!]!) { reportSubmitBatch(input: $input) {
        report { state } userErrors { code } } }";
    for batch in 0..4 {
        let mut input = Vec::new();
        for number in 0..100 {
            input.push(letters(&anyone, &format!("invented {batch} {number}"), 500).await);
        }
        anyone.data(query, json!({ "input": input })).await;
    }
    let total = anyone.data("{ edition(year: 2021) { total { letters } } }", json!({})).await;
    assert_eq!(total["edition"]["total"]["letters"], 0, "400 reports of 500 letters each");
    assert_recounted(&service).await;
}
