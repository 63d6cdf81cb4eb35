//! A load of concurrent reporters on several processes. Each retries until its report is acknowledged, and sends some
//! reports twice.

use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::harness::{Client, PATIENCE};

/// Reports that one reporter sends together, but for the first few of them.
const PARCEL: usize = 100;
const SENT_SINGLY: usize = 4;
/// Every such parcel is sent again, to another process.
const SENT_TWICE: usize = 4;
const MEMBERS: usize = 16;
/// How long a member who was turned away lets the others go first.
const STEP_BACK: Duration = Duration::from_millis(20);

const BATCH: &str = "mutation($input: [ReportSubmitInput!]!) { reports: reportSubmitBatch(input: $input) {
    report { id } secret replayed userErrors { code } } }";

/// How many letters a report is about.
fn letters_in(report: usize) -> usize {
    1 + report % 7
}

/// What all reports are about together.
pub fn letters(reports: usize) -> usize {
    (0..reports).map(letters_in).sum()
}

/// Reporters that send their reports concurrently.
pub struct Reporters {
    members: Vec<JoinHandle<HashSet<String>>>,
    /// How many reports were acknowledged.
    pub acknowledged: watch::Receiver<usize>,
}

impl Reporters {
    /// Begins to send so many reports for a campaign to all of these addresses.
    pub fn begin(campaign: &str, addresses: &[String], reports: usize) -> Self {
        assert!(reports.is_multiple_of(PARCEL));
        let (done, acknowledged) = watch::channel(0);
        let members = (0..MEMBERS).map(|number| {
            let member = Member {
                http: reqwest::Client::new(),
                addresses: addresses.to_vec(),
                campaign: campaign.to_owned(),
                done: done.clone(),
            };
            tokio::spawn(member.work(number, reports))
        });
        Self { members: members.collect(), acknowledged }
    }

    /// Waits until such a part of all reports is acknowledged.
    pub async fn wait_for(&mut self, reports: usize) {
        let arrived = timeout(PATIENCE, self.acknowledged.wait_for(|&done| done >= reports)).await;
        arrived.expect("in time").expect("reporters at work");
    }

    /// Waits for the end, and says how many different reports there are.
    pub async fn end(self) -> usize {
        let mut reports = HashSet::new();
        for member in self.members {
            reports.extend(member.await.expect("a member without trouble"));
        }
        reports.len()
    }
}

struct Member {
    http: reqwest::Client,
    addresses: Vec<String>,
    campaign: String,
    done: watch::Sender<usize>,
}

impl Member {
    /// Sends every parcel that is this member's, and says the identities of all reports in them.
    async fn work(self, number: usize, reports: usize) -> HashSet<String> {
        let mut identities = HashSet::new();
        for parcel in (number..reports / PARCEL).step_by(MEMBERS) {
            let first = parcel * PARCEL;
            let inputs: Vec<_> = (first..first + PARCEL).map(|report| self.input(report)).collect();
            let (singly, together) = inputs.split_at(SENT_SINGLY);
            for input in singly {
                let done = self.send(parcel, std::slice::from_ref(input)).await;
                identities.extend(done.iter().map(identity));
            }
            let done = self.send(parcel, together).await;
            identities.extend(done.iter().map(identity));
            if parcel % SENT_TWICE == 0 {
                let again = self.send(parcel + 1, together).await;
                for (again, done) in again.iter().zip(&done) {
                    assert_eq!(again["replayed"], true, "{again:#}");
                    assert_eq!((&again["report"], &again["secret"]), (&done["report"], &done["secret"]));
                }
            }
            self.done.send_modify(|done| *done += PARCEL);
        }
        identities
    }

    fn input(&self, report: usize) -> Value {
        json!({
            "campaign": self.campaign,
            "idempotencyKey": format!("the-report-number-{report:06}"),
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": letters_in(report) }],
        })
    }

    /// Asks one process after the other until one of them has it done.
    async fn send(&self, first: usize, inputs: &[Value]) -> Vec<Value> {
        let body = json!({ "query": BATCH, "variables": { "input": inputs } });
        for turn in first.. {
            let address = &self.addresses[turn % self.addresses.len()];
            let sent = self.http.post(format!("http://{address}/graphql")).json(&body).send().await;
            // Whoever gets no answer cannot know whether it was done.
            let answer = match sent {
                Ok(answer) => answer.json::<Value>().await.unwrap_or_default(),
                Err(_) => Value::Null,
            };
            if let Some(errors) = answer.get("errors") {
                assert_eq!(errors[0]["extensions"]["code"], "UNAVAILABLE", "{answer:#}");
            } else if let Some(done) = answer["data"]["reports"].as_array() {
                assert_eq!(done.len(), inputs.len());
                return done.clone();
            }
            tokio::time::sleep(STEP_BACK).await;
        }
        unreachable!("it is done before the numbers end")
    }
}

fn identity(done: &Value) -> String {
    assert_eq!(done["userErrors"], json!([]), "{done:#}");
    done["report"]["id"].as_str().expect("an identity").to_owned()
}

/// Watches the total of 2021 at an address until it has so many letters, and comes back whenever it was
/// cut off. Says what it saw last.
pub async fn watch(address: String, letters: usize) -> Value {
    let watch = "subscription($after: Count) { total(edition: 2021, afterVersion: $after) {
        total { letters reports version } reset } }";
    let client = Client::to(address.parse().expect("an address"));
    let mut last = json!({ "version": null });
    while last["letters"] != letters {
        let after = json!({ "after": last["version"] });
        let Ok(mut updates) = client.try_to_subscribe(watch, after).await else {
            tokio::time::sleep(STEP_BACK).await;
            continue;
        };
        while last["letters"] != letters
            && let Some((kind, update)) = updates.message_if_open().await
        {
            assert_eq!(kind, "next", "{update:#}");
            let update = &update["data"]["total"];
            assert_eq!(update["reset"], false, "no version that was told is ever gone: {update:#}");
            let next = update["total"].clone();
            assert!(next["version"].as_u64() > last["version"].as_u64(), "{next:#} after {last:#}");
            last = next;
        }
    }
    last
}
