//! Restored databases: an older state or another history under running processes.

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, TestDatabase, assert_recounted, case_to_change, edition_letters, import,
    report, snapshots::Snapshot, user_errors, with,
};

/// Waits until a service shows so many letters.
async fn until_letters(client: &Client, expected: u64) {
    let shown = async { while edition_letters(client).await != expected {} };
    let waited = timeout(PATIENCE, shown).await;
    assert!(waited.is_ok(), "{expected} letters are never shown, but {}", edition_letters(client).await);
}

/// The state of the case `rung`, and whether its address is given.
async fn case(client: &Client) -> (String, bool) {
    let query =
        "{ case(edition: 2021, slug: \"rung\") { state authorities { address { lines restrictions } } } }";
    let data = client.data(query, json!({})).await;
    let state = data["case"]["state"].as_str().expect("a state").to_owned();
    (state, !data["case"]["authorities"][0]["address"].is_null())
}

async fn change_case(service: &Service, mutation: &str, more: Value) -> Value {
    let staff = service.administrator();
    let input = with(case_to_change(&staff, "rung").await, more);
    let done = staff.change(mutation, "case { state }", input).await;
    assert_eq!(user_errors(&done), [""; 0]);
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_suspended_after_a_restore_gives_no_address_in_any_process() {
    let service = Service::with_2021().await;
    let other = service.beside().await;
    let backup = Snapshot::of(&service.fresh).await;
    for topic in ["OTHER", "ENVIRONMENT", "OTHER", "ENVIRONMENT"] {
        change_case(&service, "caseUpdate", json!({ "topics": [topic] })).await;
    }
    let changed_everywhere = async {
        let query = "{ case(edition: 2021, slug: \"rung\") { revision } }";
        while other.anyone().data(query, json!({})).await != service.anyone().data(query, json!({})).await {}
    };
    timeout(PATIENCE, changed_everywhere).await.expect("the other process hears of it");
    assert_eq!(case(&other.anyone()).await, ("PUBLISHED".to_owned(), true));

    backup.restore(&service.fresh).await;
    // The revision that a member of staff reads is one of the past, or already that of the database.
    let suspended = async {
        loop {
            let staff = service.administrator();
            let input = with(case_to_change(&staff, "rung").await, json!({ "reason": "Threats." }));
            let done = staff.change("caseSuspend", "case { state }", input).await;
            if user_errors(&done).is_empty() {
                break done;
            }
            assert_eq!(user_errors(&done), ["expectedRevision STALE_REVISION"]);
        }
    };
    let suspended = timeout(PATIENCE, suspended).await.expect("it can be suspended");
    assert_eq!(suspended["case"]["state"], "SUSPENDED");
    assert_eq!(case(&service.anyone()).await, ("SUSPENDED".to_owned(), false));
    // What the other process shows of the next report, it has read after the suspension.
    report("a-report-after-the-suspension").letters(3).done(&service.anyone()).await;
    until_letters(&other.anyone(), 3).await;
    assert_eq!(case(&other.anyone()).await, ("SUSPENDED".to_owned(), false));
    assert_eq!(case(&service.anyone()).await, ("SUSPENDED".to_owned(), false));
}

/// A database at version 2 with 406 letters, and the rows of one at version 2 with 405, which has the first of the
/// two reports in common.
async fn two_histories() -> (Service, Snapshot) {
    let service = Service::with_2021().await;
    report("a-report-of-both-histories").letters(400).done(&service.anyone()).await;
    let common = Snapshot::of(&service.fresh).await;
    report("a-report-of-the-first-history").letters(6).done(&service.anyone()).await;
    let elsewhere = TestDatabase::migrated().await;
    common.restore(&elsewhere).await;
    let elsewhere = Service::on(elsewhere).await;
    report("a-report-of-the-second-history").letters(5).done(&elsewhere.anyone()).await;
    (service, Snapshot::of(&elsewhere.fresh).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_version_of_another_history_is_shown_and_told_as_a_new_beginning() {
    let (service, second) = two_histories().await;
    let anyone = service.anyone();
    let total = "subscription { total(edition: 2021) { total { letters version } reset } }";
    let mut ticker = anyone.subscribe(total, json!({})).await;
    let told = |letters: u32, version: u32, reset: bool| json!({ "total": { "letters": letters, "version": version }, "reset": reset });
    assert_eq!(ticker.next().await["total"], told(406, 2, false));
    second.restore(&service.fresh).await;
    until_letters(&anyone, 405).await;
    assert_eq!(ticker.next().await["total"], told(405, 2, true));
    report("a-report-after-the-restore").letters(7).done(&anyone).await;
    assert_eq!(ticker.next().await["total"]["total"], json!({ "letters": 412, "version": 3 }));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_right_after_a_restore_is_added_to_what_the_database_has() {
    let (service, second) = two_histories().await;
    second.restore(&service.fresh).await;
    let done = report("a-report-after-the-restore").letters(7).done(&service.anyone()).await;
    assert_eq!(done["version"], 3);
    assert_eq!(edition_letters(&service.anyone()).await, 412);
    let history = "{ edition(year: 2021) { history(resolution: DAY) { letters version } } }";
    let told = service.anyone().data(history, json!({})).await;
    assert_eq!(told["edition"]["history"], json!([{ "letters": 412, "version": 3 }]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_goes_back_is_counted_on_from_where_the_database_is() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    report("a-report-that-stays").letters(10).done(&anyone).await;
    let backup = Snapshot::of(&service.fresh).await;
    for number in 0..3 {
        report(&format!("a-report-that-is-lost-{number}")).letters(100).done(&anyone).await;
    }
    backup.restore(&service.fresh).await;
    assert_eq!(report("a-report-after-the-restore").letters(1).done(&anyone).await["version"], 2);
    assert_eq!(edition_letters(&anyone).await, 11);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_lost_history_is_listed_no_more() {
    let service = Service::with_2021().await;
    let backup = Snapshot::of(&service.fresh).await;
    crate::harness::events::approved(&service, "an event that is lost", json!({})).await;
    assert_eq!(crate::harness::events::listed(&service.anyone(), "").await.len(), 1);
    backup.restore(&service.fresh).await;
    let kept = crate::harness::events::approved(&service, "an event of the second history", json!({})).await;
    let listed = async {
        while crate::harness::events::listed(&service.anyone(), "").await != [kept["event"]["id"].clone()] {}
    };
    timeout(PATIENCE, listed).await.expect("the lists are made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_on_a_restored_database_finds_what_was_restored() {
    let (service, second) = two_histories().await;
    second.restore(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(edition_letters(&service.anyone()).await, 405);
    import(&service.fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    assert_recounted(&service.fresh).await;
}
