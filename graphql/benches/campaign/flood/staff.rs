//! What staff do about the flood: find one report of it, and reject all of its address by one act.

use std::time::{Duration, Instant};

use super::{STAFF, Shared, sender};
use crate::{
    client::Client,
    process::{FORWARDED_BY, Process},
    question::{REPORTS, number, text},
};

const ID: &str = r#""id":"#;
const FINISHED: &str = r#""finishedAt":"#;
/// How long an act may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is asked whether it is done.
const LOOK: Duration = Duration::from_millis(100);

/// An act of moderation.
#[derive(Debug)]
pub(super) struct Act {
    pub reports: u64,
    pub takes: Duration,
    pub is_finished: bool,
}

/// An administrator's key.
pub(crate) fn key(url: &str) -> String {
    let (key, is_made) = Process::command(url, &["key", "create", "Ada, campaign office"]);
    assert!(is_made, "no key was made");
    key.trim().to_owned()
}

/// Rejects the flood.
pub(super) async fn reject(shared: &Shared, key: &str) -> Act {
    let headers = format!("{FORWARDED_BY}: {STAFF}\r\nAuthorization: Bearer {key}\r\n");
    let mut client = Client::connect_with(&shared.address, headers).await.expect("a server");
    let campaign = shared.edition.campaign();
    let one = find(&mut client, &campaign).await;
    let begins = Instant::now();
    let mut answer = client.post(&act(&campaign, &one)).await.to_owned();
    let id = text(&answer, ID).unwrap_or_else(|| panic!("no act in {answer}")).to_owned();
    let ask = format!(
        r#"{{"query":"query($id:ID!){{moderation(id:$id){{id reports finishedAt}}}}","variables":{{"id":"{id}"}}}}"#
    );
    while text(&answer, FINISHED).is_none() && begins.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK).await;
        client.post(&ask).await.clone_into(&mut answer);
    }
    Act {
        reports: number(&answer, REPORTS),
        takes: begins.elapsed(),
        is_finished: text(&answer, FINISHED).is_some(),
    }
}

/// One report of the flood: no honest one says so much.
async fn find(client: &mut Client, campaign: &str) -> String {
    let ask = format!(
        r#"{{"query":"query($selection:ReportSelectionInput!){{reportSelection(selection:$selection){{reports pending letters sample{{id}}}}}}","variables":{{"selection":{{"campaign":"{campaign}","quantityFrom":{}}}}}}}"#,
        sender::LETTERS
    );
    let answer = client.post(&ask).await;
    text(answer, ID).unwrap_or_else(|| panic!("no report of the flood in {answer}")).to_owned()
}

/// The act that rejects all that came from where this report came from.
fn act(campaign: &str, report: &str) -> String {
    format!(
        r#"{{"query":"mutation($input:ReportsModerateInput!){{reportsModerate(input:$input){{moderation{{id reports finishedAt}}userErrors{{code path message}}}}}}","variables":{{"input":{{"selection":{{"campaign":"{campaign}","sameAddressAs":"{report}"}},"decision":"REJECT","reason":"Invented by one address.","idempotencyKey":"{}"}}}}}}"#,
        uuid::Uuid::new_v4()
    )
}
