//! Crash recovery: the process is killed repeatedly while reports come in.

use std::collections::HashSet;

use serde_json::{Value, json};
use tokio::{
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

use crate::harness::{Client, PATIENCE, SUBMIT, TestDatabase, import_open_now, start_executable};

const CLIENTS: usize = 64;
const REPORTS: usize = 20_000;
const KILLS: usize = 4;

/// Sends until there is an answer; if there is none, waits until the service was started again.
async fn send(http: &reqwest::Client, up: &mut watch::Receiver<Option<String>>, body: &Value) -> Value {
    loop {
        up.mark_unchanged();
        let address = up.wait_for(Option::is_some).await.expect("a service").clone().expect("an address");
        let sent = http.post(format!("http://{address}/graphql")).json(body).send().await;
        if let Ok(answer) = sent
            && let Ok(answer) = answer.json::<Value>().await
        {
            assert!(answer.get("errors").is_none(), "{answer:#}");
            return answer["data"]["reportSubmit"].clone();
        }
        timeout(PATIENCE, up.changed()).await.expect("another start").expect("a service");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_report_is_there_exactly_once_after_the_process_was_killed_several_times() {
    let fresh = TestDatabase::migrated().await;
    let campaign = import_open_now(&fresh).await;
    let (mut child, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let (set_up, up) = watch::channel(Some(address.clone()));
    let (acknowledged, mut progress) = watch::channel(0);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (mut up, acknowledged, campaign) = (up.clone(), acknowledged.clone(), campaign.clone());
            tokio::spawn(async move {
                let http = reqwest::Client::new();
                let mut reports = Vec::new();
                for number in (client..REPORTS).step_by(CLIENTS) {
                    let input = json!({
                        "campaign": campaign,
                        "idempotencyKey": format!("the-report-number-{number:06}"),
                        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 1 + number % 7 }],
                    });
                    let body = json!({ "query": SUBMIT, "variables": { "input": input } });
                    let answer = send(&http, &mut up, &body).await;
                    let id = answer["report"]["id"].as_str().expect("an id").to_owned();
                    if number % 10 == 0 {
                        let again = send(&http, &mut up, &body).await;
                        assert_eq!(again["replayed"], true);
                        assert_eq!(again["report"]["id"], answer["report"]["id"]);
                        assert_eq!(again["secret"], answer["secret"]);
                    }
                    reports.push(id);
                    acknowledged.send_modify(|number| *number += 1);
                }
                reports
            })
        })
        .collect();
    // With the last client the progress ends, also if it ends in trouble.
    drop(acknowledged);
    for kill in 1..=KILLS {
        progress.wait_for(|&number| number >= kill * REPORTS / (KILLS + 1)).await.expect("clients");
        child.kill().await.expect("kill -9");
        set_up.send_replace(None);
        (child, _) = start_executable(&fresh.url, &address).await;
        set_up.send_replace(Some(address.clone()));
    }
    let mut reports = HashSet::new();
    for client in clients {
        reports.extend(client.await.expect("a client without trouble"));
    }
    assert_eq!(reports.len(), REPORTS, "one report for each key");
    let body = json!({ "query": "{ campaigns: edition(year: 2021) { total { letters reports } } }" });
    let answer: Value = reqwest::Client::new()
        .post(format!("http://{address}/graphql"))
        .json(&body)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let letters: usize = (0..REPORTS).map(|number| 1 + number % 7).sum();
    let total = &answer["data"]["campaigns"]["total"];
    assert_eq!(*total, json!({ "letters": letters, "reports": REPORTS }));
    let recount = Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(["recount", "--database", &fresh.url])
        .output()
        .await
        .expect("the executable");
    let said = String::from_utf8_lossy(&recount.stdout);
    assert!(recount.status.success() && said.contains("the counters equal the ledger"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_to_stop_ends_despite_subscribers() {
    let fresh = TestDatabase::migrated().await;
    import_open_now(&fresh).await;
    let (mut child, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let address = address.parse().expect("an address");
    let mut ticker = Client::to(address)
        .subscribe("subscription { total(edition: 2021) { total { letters } } }", json!({}))
        .await;
    assert_eq!(ticker.next().await["total"]["total"]["letters"], 0);
    stop(&mut child).await;
}

#[tokio::test]
async fn a_service_can_be_told_to_stop_from_the_moment_at_which_it_says_where_it_serves() {
    let fresh = TestDatabase::migrated().await;
    for _ in 0..10 {
        let (mut child, _) = start_executable(&fresh.url, "127.0.0.1:0").await;
        stop(&mut child).await;
    }
}

/// Tells a service to stop, which it does in its own way: by a signal it would have been cut off.
async fn stop(child: &mut Child) {
    let pid = child.id().expect("a running process").to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill").success());
    let ended = timeout(PATIENCE, child.wait()).await.expect("it ends").expect("its end");
    assert!(ended.success(), "{ended}");
}
