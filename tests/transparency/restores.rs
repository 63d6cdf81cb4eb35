//! Restored databases: the log never goes on from an earlier state under the same name.

use serde_json::Value;
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, report, scrape_metrics,
    snapshots::Snapshot,
    transparency::{log_head, published, receipt_of, verified},
    until_readiness, w4r,
};

/// Waits until no head is served any more.
async fn halted(client: &Client) {
    let halting = async { while log_head(client).await != Value::Null {} };
    timeout(PATIENCE, halting).await.expect("the log is halted");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_the_log_halts_and_another_one_begins_under_another_name() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let kept = report("a report of both histories").letters(4).done(&anyone).await;
    published(&service, 1).await;
    let backup = Snapshot::of(&service.fresh).await;
    let lost = report("a report that is lost").letters(5).done(&anyone).await;
    let head = published(&service, 2).await;
    let reporter = service.bearer(lost["secret"].as_str().expect("a secret"));
    let receipt = receipt_of(&reporter, &lost["report"]["id"]).await;
    backup.restore(&service.fresh).await;
    report("a report of the second history").letters(6).done(&anyone).await;
    service.clock.set(service.clock.now() + jiff::SignedDuration::from_mins(1));
    halted(&anyone).await;
    for path in ["/log/checkpoint", "/log/tile/0/000.p/1", "/log/proof/consistency?from=1"] {
        let (status, text) = anyone.get(path).await;
        assert!(status == 503 && text.contains("\"error\":\"LOG_HALTED\""), "{path}: {status} {text}");
    }
    until_readiness(&service, 200, "ready; the transparency log is halted").await;
    assert_eq!(scrape_metrics(&service).await["w4r_transparency_log_halted"], 1.0);
    // It stays so after a restart, until the operator begins another log.
    let service = service.restarted().await;
    let anyone = service.anyone();
    service.clock.set(service.clock.now() + jiff::SignedDuration::from_mins(9));
    halted(&anyone).await;
    let said = w4r(&service.fresh.url, &["log", "restart"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("ends at size 1"), "{said:?}");
    let second = published(&service, 2).await;
    until_readiness(&service, 200, "ready").await;
    assert_eq!(scrape_metrics(&service).await["w4r_transparency_log_halted"], 0.0);
    let name = format!("{}/2", head["origin"].as_str().expect("a name"));
    assert_eq!(second["origin"], name);
    let (status, note) = anyone.get("/log/2/checkpoint").await;
    assert_eq!((status, second["checkpoint"].as_str()), (200, Some(note.as_str())));
    assert_eq!(anyone.get("/log/2/tile/entries/000.p/2").await.0, 200);
    assert_eq!(anyone.get("/log/tile/entries/000.p/2").await.0, 404, "the tiles of the first log are gone");
    // The receipt of before is the evidence of what was lost; who is in both histories gets another one.
    assert_eq!(verified(&receipt, &head).revision.lines[0].quantity, 5);
    let reporter = service.bearer(kept["secret"].as_str().expect("a secret"));
    let proven = verified(&receipt_of(&reporter, &kept["report"]["id"]).await, &second);
    assert_eq!(proven.checkpoint.origin, name);
    assert_eq!(w4r(&service.fresh.url, &["recount"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_before_the_start_is_noticed_by_the_file_of_the_newest_head() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = graphql::ledger::report_log::LogOptions {
        head_file: Some(folder.path().join("heads")),
        ..Default::default()
    };
    let settings = graphql::server::Settings { log, ..Default::default() };
    let mut service = Service::with_2021_within(settings.clone()).await;
    report("a report before the backup").letters(4).done(&service.anyone()).await;
    published(&service, 1).await;
    let backup = Snapshot::of(&service.fresh).await;
    report("a report that is lost").letters(5).done(&service.anyone()).await;
    published(&service, 2).await;
    service.stop();
    service.stopped().await;
    backup.restore(&service.fresh).await;
    let restored = service.beside_within(settings).await;
    halted(&restored.anyone()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_signs_with_each_key_and_keeps_its_name_when_keys_change() {
    let key = |seed: &str| {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{seed}\n-----END PRIVATE KEY-----\n");
        graphql::ledger::report_log::SigningKeyFile::parse(&pem).expect("a key")
    };
    // Those of the tests in RFC 8410 and RFC 8032.
    let first = key("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC");
    let second = key("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g");
    let with = |keys: &[&graphql::ledger::report_log::SigningKeyFile]| {
        let log = graphql::ledger::report_log::LogOptions {
            origin: Some("letters.example/log".into()),
            keys: keys.iter().map(|key| (*key).clone()).collect(),
            head_file: None,
        };
        graphql::server::Settings { log, ..Default::default() }
    };
    let mut service = Service::with_2021_within(with(&[&first])).await;
    let done = report("a report by one key").letters(4).done(&service.anyone()).await;
    let one = published(&service, 1).await;
    assert_eq!(
        (&one["origin"], one["verifierKeys"].as_array().map(Vec::len)),
        (&"letters.example/log".into(), Some(1))
    );
    service.stop();
    service.stopped().await;
    let rotating = service.beside_within(with(&[&first, &second])).await;
    let signed = async {
        loop {
            let head = log_head(&rotating.anyone()).await;
            if head["verifierKeys"].as_array().map(Vec::len) == Some(2) {
                return head;
            }
        }
    };
    let two = timeout(PATIENCE, signed).await.expect("in time");
    assert_eq!((&two["rootHash"], &two["verifierKeys"][0]), (&one["rootHash"], &one["verifierKeys"][0]));
    let reporter = rotating.bearer(done["secret"].as_str().expect("a secret"));
    let receipt = receipt_of(&reporter, &done["report"]["id"]).await;
    // By the old key, and by the new one alone.
    verified(&receipt, &one);
    verified(&receipt, &serde_json::json!({ "verifierKeys": [two["verifierKeys"][1]] }));
}
