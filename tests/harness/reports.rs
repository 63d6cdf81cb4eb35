//! Reports of letters, and the totals that they change.

use serde_json::{Value, json};

use super::{Client, campaign_id};

/// The mutation that reports letters.
pub const SUBMIT: &str = "mutation($input: ReportSubmitInput!) { reportSubmit(input: $input) {
    report { id revision state late } secret replayed version userErrors { code path message } } }";

/// The variables of a report of three letters.
pub async fn letters(client: &Client, key: &str) -> Value {
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 3 }]);
    json!({ "input": { "campaign": campaign_id(client, "ca").await, "idempotencyKey": key, "lines": lines } })
}

/// Letters and reports of the edition.
pub async fn edition_total(client: &Client) -> Value {
    let data = client.data("{ edition(year: 2021) { total { letters reports } } }", json!({})).await;
    data["edition"]["total"].clone()
}
