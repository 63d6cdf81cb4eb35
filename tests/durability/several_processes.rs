//! Several processes on one PostgreSQL database: notifications, totals, events and crashes.

use std::sync::{Arc, Mutex};

use domain::{edition::EditionState, total::TotalScope};
use futures_util::StreamExt;
use graphql::{
    database::notify::{ChangeListener, Wake},
    ledger::{self, SharedState},
    totals_watch,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, Service, TestDatabase, campaign_id, case_to_change,
    events::{approved, listed, step},
    execute, import_open_now,
    load::{self, Reporters},
    report, server, start_executable, user_errors, w4r, with,
};

async fn suspend(service: &Service, slug: &str) {
    let staff = service.administrator();
    let input = with(case_to_change(&staff, slug).await, json!({ "reason": "Threats." }));
    assert_eq!(user_errors(&staff.change("caseSuspend", "case { state }", input).await), [""; 0]);
}

async fn woken(bell: &mut ChangeListener) -> Wake {
    timeout(PATIENCE, bell.wait()).await.expect("in time").expect("a connection")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_notifies_all_processes_on_the_same_tables_and_no_others() {
    if server().is_none() {
        return;
    }
    let service = Service::with_2021().await;
    let elsewhere = Service::with_2021().await;
    let anyone = service.anyone();
    // As deaf as one who has just looked: only what is committed from now on is heard.
    let mut bell = service.fresh.open().change_listener().await.expect("a connection");
    assert_eq!(woken(&mut bell).await, Wake::Timeout, "nobody has rung");

    report("a-report-that-rings").letters(3).done(&anyone).await;
    assert_eq!(woken(&mut bell).await, Wake::Notified);
    suspend(&service, "rung").await;
    assert_eq!(woken(&mut bell).await, Wake::Notified);
    report("a-report-that-rings").letters(3).done(&anyone).await;
    assert_eq!(woken(&mut bell).await, Wake::Timeout, "what was done before changes nothing");
    report("a-report-from-elsewhere").letters(3).done(&elsewhere.anyone()).await;
    assert_eq!(woken(&mut bell).await, Wake::Timeout, "other tables have other bells");

    let own = service.fresh.open();
    let mut bell = own.change_listener().await.expect("a connection");
    let mut connection = own.connect().await.expect("a connection");
    graphql::database::catalogue::raise_revision(&mut connection).await.expect("a database");
    assert_eq!(woken(&mut bell).await, Wake::Timeout, "nobody wakes himself");
    for number in 0..5 {
        report(&format!("one-of-many-reports-{number}")).letters(1).done(&anyone).await;
    }
    assert_eq!(woken(&mut bell).await, Wake::Notified);
    while woken(&mut bell).await == Wake::Notified {}
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_and_suspensions_of_one_process_reach_the_subscribers_of_another() {
    let service = Service::with_2021().await;
    let other = service.beside().await;
    let total = "subscription { total(edition: 2021) { total { letters version } } }";
    let mut ticker = other.anyone().subscribe(total, json!({})).await;
    assert_eq!(ticker.next().await["total"]["total"], json!({ "letters": 0, "version": 0 }));
    let change = "subscription { caseChanged(edition: 2021) { case { slug } state } }";
    let mut watcher = other.anyone().subscribe(change, json!({})).await;
    watcher.listening(&service.administrator()).await;

    report("a-report-in-one-process").letters(3).done(&service.anyone()).await;
    assert_eq!(ticker.next().await["total"]["total"], json!({ "letters": 3, "version": 1 }));
    suspend(&service, "sphere").await;
    let suspended = json!({ "case": { "slug": "sphere" }, "state": "SUSPENDED" });
    while watcher.next().await["caseChanged"] != suspended {}
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_changed_in_one_process_is_current_in_another() {
    let service = Service::with_2021().await;
    let other = service.beside().await;
    // The same question each time, so that its answer is one that is kept.
    let until = async |shown: &[Value]| {
        timeout(PATIENCE, async { while listed(&other.anyone(), "").await != shown {} }).await
    };
    assert_eq!(listed(&other.anyone(), "").await, [""; 0]);
    let event = approved(&service, "an event in one process", json!({})).await;
    until(&[event["event"]["id"].clone()]).await.expect("the other process hears of it");
    let reason = json!({ "reason": "The school is closed." });
    let cancelled = step(&service.administrator(), "eventCancel", &event, reason).await;
    assert_eq!(cancelled["event"]["state"], "CANCELLED", "{cancelled:#}");
    until(&[]).await.expect("the other process hears that it is off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_listener_reports_at_once_that_its_connection_is_cut() {
    let Some(server) = server() else { return };
    let fresh = TestDatabase::migrated().await;
    let mut bell = fresh.open().change_listener().await.expect("a connection");
    let name = fresh.url.rsplit('=').next().expect("the name of the application").to_owned();
    let waiting = tokio::spawn(async move { while bell.wait().await.is_ok() {} });
    let cut =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'");
    execute(&server, &cut).await;
    timeout(PATIENCE, waiting).await.expect("in time").expect("no panic");
}

const PROCESSES: usize = 3;
const REPORTS: usize = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_count_every_report_once_though_each_of_them_is_killed() {
    if server().is_none() {
        return;
    }
    let fresh = TestDatabase::migrated().await;
    let campaign = import_open_now(&fresh).await;
    let (mut children, mut addresses) = (Vec::new(), Vec::new());
    for _ in 0..PROCESSES {
        let (child, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
        children.push(child);
        addresses.push(address);
    }
    let letters = load::letters(REPORTS);
    let watchers: Vec<_> =
        addresses.iter().map(|address| tokio::spawn(load::watch(address.clone(), letters))).collect();
    let mut reporters = Reporters::begin(&campaign, &addresses, REPORTS);
    for (number, (child, address)) in children.iter_mut().zip(&addresses).enumerate() {
        reporters.wait_for((number + 1) * REPORTS / (PROCESSES + 1)).await;
        child.kill().await.expect("kill -9");
        (*child, _) = start_executable(&fresh.url, address).await;
    }
    assert_eq!(reporters.end().await, REPORTS, "one report for each key");
    let mut seen = Vec::new();
    for watcher in watchers {
        seen.push(timeout(PATIENCE, watcher).await.expect("in time").expect("a watcher without trouble"));
    }
    assert_eq!((&seen[0]["letters"], &seen[0]["reports"]), (&json!(letters), &json!(REPORTS)));
    assert!(seen.iter().all(|total| *total == seen[0]), "{seen:#?}");
    for address in &addresses {
        let client = Client::to(address.parse().expect("an address"));
        let query = "{ edition(year: 2021) { total { letters reports version asOf } } }";
        let total = client.data(query, json!({})).await["edition"]["total"].take();
        assert_eq!(total["version"], seen[0]["version"], "{address}");
        seen.push(total);
    }
    assert!(seen[PROCESSES..].iter().all(|total| *total == seen[PROCESSES]), "{seen:#?}");
    let recount = w4r(&fresh.url, &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_gets_the_last_total_of_an_edition_before_its_archiving() {
    let service = Service::with_2021().await;
    let database = service.fresh.open();
    let memory = SharedState::default();
    let (catalogue, totals) = (&memory.catalogue, &memory.totals);
    ledger::refresh(&database, &memory).await.expect("a database");
    let edition = catalogue.borrow().edition_by_year(2021).expect("an edition").id;
    // Both happen before the process looks again.
    let anyone = service.anyone();
    let input = json!({ "campaign": campaign_id(&anyone, "ca").await, "idempotencyKey": "the-very-last-letters",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 7 }] });
    anyone.change("reportSubmit", "report { id }", input).await;
    let staff = service.administrator();
    let query = "{ edition(year: 2021) { id expectedRevision: revision } }";
    let input = staff.data(query, json!({})).await["edition"].take();
    let input = with(input, json!({ "reason": "It is over." }));
    staff.change("editionArchive", "edition { state }", input).await;

    let told = Arc::new(Mutex::new(Vec::new()));
    let (written, known) = (Arc::clone(&told), catalogue.subscribe());
    totals.set_pre_publish_hook(move |edition, count| {
        let state = known.borrow().edition(edition).expect("it is known").state;
        written.lock().expect("no panic").push((count.version, state));
        Box::new(|| {})
    });
    let mut watching = Box::pin(totals_watch::totals(
        totals,
        catalogue.subscribe(),
        (edition, TotalScope::Edition),
        Some(0),
    ));
    ledger::refresh(&database, &memory).await.expect("a database");
    assert_eq!(*told.lock().expect("no panic"), [(1, EditionState::Open)]);
    let last = timeout(PATIENCE, watching.next()).await.expect("an update in time").expect("an update");
    assert_eq!((last.count.version, last.is_final), (1, true));
    assert!(timeout(PATIENCE, watching.next()).await.expect("the end in time").is_none());
}
