//! Sequencing: leaves get their positions once, by several processes, after crashes and for reports of former versions.

use std::collections::BTreeSet;

use serde_json::json;
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, TestDatabase, import_open_now, number, report, run_sql, start_executable,
    transparency::{keys_of, log_head, log_of, published, receipt_of, verified},
    w4r,
};

const LEAVES: &str = "SELECT COUNT(*) AS number FROM report_log_leaves";

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_give_each_leaf_one_position() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let (one, two) = (service.anyone(), beside.anyone());
    for minute in 1..=3_u64 {
        let reports = (0..40).map(|turn| {
            let client = if turn % 2 == 0 { &one } else { &two };
            report(&format!("report {turn} of minute {minute}")).letters(1).done(client)
        });
        let done = futures_util::future::join_all(reports).await;
        let now = service.clock.now() + jiff::SignedDuration::from_mins(1);
        // Both see the minute at once.
        service.clock.set(now);
        beside.clock.set(now);
        let (head, same) = tokio::join!(log_of(&one, minute * 40), log_of(&two, minute * 40));
        assert_eq!(head, same);
        let mut indices = BTreeSet::new();
        for payload in &done {
            let reporter = service.bearer(payload["secret"].as_str().expect("a secret"));
            let receipt = receipt_of(&reporter, &payload["report"]["id"]).await;
            indices.insert(verified(&receipt, &head).index);
        }
        assert_eq!(indices, ((minute - 1) * 40..minute * 40).collect());
    }
    let said = w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(said.code, 0, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_grows_once_a_minute_and_not_with_each_report() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    report("a report of the first minute").letters(1).done(&anyone).await;
    let head = published(&service, 1).await;
    report("a report of the second minute").letters(1).done(&anyone).await;
    let service = service.restarted().await;
    // The clock stands where it was at the beginning, and a start is no reason to publish twice in a minute.
    let anyone = service.anyone();
    assert_eq!(head["size"], 1);
    let later = published(&service, 2).await;
    assert_eq!((&later["origin"], keys_of(&later)), (&head["origin"], keys_of(&head)));
    assert_eq!(log_head(&anyone).await, later);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_report_is_in_the_log_after_its_process_was_killed() {
    let fresh = TestDatabase::migrated().await;
    let campaign = import_open_now(&fresh).await;
    let (mut child, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let client = |address: &str| Client::to(address.parse().expect("an address"));
    let submit = async |client: &Client, key: &str| {
        report(key).letters(1).with(json!({ "campaign": campaign })).done(client).await
    };
    let mut done = Vec::new();
    for turn in 0..5 {
        done.push(submit(&client(&address), &format!("report {turn} before the crash")).await);
    }
    child.kill().await.expect("kill -9");
    assert_eq!(number(&fresh.url, LEAVES).await, 5);
    // By the system's clock the next minute is far; a head of a minute before has another one due at once.
    let earlier = match fresh.url.starts_with("sqlite:") {
        true => "UPDATE report_log SET published_at = 0",
        false => "UPDATE report_log SET published_at = '1970-01-01T00:00:00Z'",
    };
    run_sql(&fresh.url, earlier).await;
    let (child, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let client = client(&address);
    let head = log_of(&client, 5).await;
    for payload in &done {
        let reporter = client.clone().with_bearer(payload["secret"].as_str().expect("a secret"));
        verified(&receipt_of(&reporter, &payload["report"]["id"]).await, &head);
    }
    drop(child);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_former_versions_are_entered_once_at_the_start() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut done = Vec::new();
    for turn in 0..3 {
        done.push(report(&format!("report {turn} of a former version")).letters(4).done(&anyone).await);
    }
    report("a test of a former version").letters(4).with(json!({ "test": true })).done(&anyone).await;
    let url = service.fresh.url.clone();
    // As a database of the version before is behind the migration.
    run_sql(&url, "DELETE FROM report_log_leaves").await;
    run_sql(&url, "UPDATE report_log SET is_backfilled = FALSE, backfilled_report = NULL").await;
    let said = w4r(&url, &["recount"]).await;
    assert_eq!(said.code, 0, "before they are entered nothing is missing: {said:?}");
    let service = service.restarted().await;
    let entered = async { while number(&url, LEAVES).await < 3 {} };
    timeout(PATIENCE, entered).await.expect("in time");
    let head = published(&service, 3).await;
    for payload in &done {
        let reporter = service.bearer(payload["secret"].as_str().expect("a secret"));
        let proven = verified(&receipt_of(&reporter, &payload["report"]["id"]).await, &head);
        assert_eq!(proven.revision.lines[0].quantity, 4);
    }
    let service = service.restarted().await;
    assert_eq!(published(&service, 3).await["rootHash"], head["rootHash"]);
    let said = w4r(&url, &["recount"]).await;
    assert_eq!(said.code, 0, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_log_is_sequenced_in_batches_and_its_receipts_have_short_paths() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let done = report("a report in a large log").letters(4).done(&anyone).await;
    // More leaves than a batch has, which wait beside it.
    let id = if service.fresh.url.starts_with("sqlite:") {
        "x'ffff0000000000000000000000000000'"
    } else {
        "'ffff0000-0000-0000-0000-000000000000'"
    };
    let rows: Vec<_> =
        (0..2_300).map(|step| format!("({id}, 1, {step}, 'ACCEPTED', '{step:064x}')")).collect();
    let insert = "INSERT INTO report_log_leaves (report_id, revision, step, state, commitment) VALUES ";
    run_sql(&service.fresh.url, &(insert.to_owned() + &rows.join(", "))).await;
    let head = published(&service, 2_301).await;
    let reporter = service.bearer(done["secret"].as_str().expect("a secret"));
    let receipt = receipt_of(&reporter, &done["report"]["id"]).await;
    let proven = verified(&receipt, &head);
    assert_eq!((proven.index, proven.checkpoint.size), (0, 2_301));
    assert!(receipt["proof"].as_str().expect("text").lines().count() <= 12 + 9);
    let subtrees = "SELECT COUNT(*) AS number FROM report_log_subtrees";
    assert_eq!(number(&service.fresh.url, subtrees).await, 8);
    for (path, bytes) in
        [("0/000", 8_192), ("0/008.p/253", 8_096), ("1/000.p/8", 256), ("entries/007", 8_704)]
    {
        let tile = crate::harness::get(&service, &format!("/log/tile/{path}")).await;
        assert_eq!(tile.bytes().await.expect("bytes").len(), bytes, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recount_finds_a_revision_without_its_leaf_and_a_changed_leaf() {
    let service = Service::with_2021().await;
    for turn in 0..3 {
        report(&format!("report {turn} of a recount")).letters(4).done(&service.anyone()).await;
    }
    published(&service, 3).await;
    let url = &service.fresh.url;
    let recount = async || w4r(url, &["recount"]).await;
    assert_eq!(recount().await.code, 0);
    for (what, change) in [
        (
            "a changed leaf",
            "UPDATE report_log_leaves SET commitment = REPLACE(commitment, 'a', 'b') WHERE position = 1",
        ),
        ("a removed leaf", "DELETE FROM report_log_leaves WHERE position = 2"),
        (
            "a report that was taken back beside the service",
            "UPDATE report_revisions SET state = 'WITHDRAWN'",
        ),
    ] {
        let kept = crate::harness::snapshots::Snapshot::of(&service.fresh).await;
        run_sql(url, change).await;
        let said = recount().await;
        assert_eq!(said.code, 1, "{what}: {said:?}");
        assert!(
            said.out.contains("the transparency log differs from the ledger")
                || said.out.contains("THE TRANSPARENCY LOG DIFFERS"),
            "{what}: {said:?}"
        );
        kept.restore(&service.fresh).await;
        assert_eq!(recount().await.code, 0, "{what}");
    }
    let said = w4r(url, &["recount", "--repair", "--accept-smaller"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    run_sql(url, "DELETE FROM report_log_leaves WHERE position = 2").await;
    let said = w4r(url, &["recount", "--repair", "--accept-smaller"]).await;
    assert_eq!(said.code, 1, "what was published is not repaired: {said:?}");
    assert!(said.err.contains("nothing repairs it"), "{said:?}");
}
