//! Whether a process can write: `/readyz`, and no acknowledgement of what is in no file.

use std::path::Path;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    PATIENCE, SUBMIT, Service, TestDatabase, assert_unavailable, edition_total, import, number,
    postgres::Cluster, report, run_sql, sqlite, until_readiness,
};

/// A service on a file of SQLite, and the file.
async fn on_a_file() -> (Service, String) {
    let fresh = TestDatabase::file();
    graphql::database::migrations::run(&fresh.url, graphql::database::migrations::MigrationTarget::Latest)
        .await
        .expect("tables");
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let file = fresh.url.strip_prefix("sqlite:").expect("a file").to_owned();
    (Service::on(fresh).await, file)
}

const REPLACED: &str = "the file of the database was removed or replaced";

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_acknowledged_only_into_the_file_under_the_databases_name() {
    let (service, file) = on_a_file().await;
    let anyone = service.anyone();
    let first = report("a-report-in-the-file").letters(3).variables(&anyone).await;
    anyone.payload(SUBMIT, first.clone()).await;
    let late = report("a-report-that-waits-for-its-file").letters(3).variables(&anyone).await;
    let aside = format!("{file}-aside");
    for suffix in ["", "-wal", "-shm"] {
        let (name, aside) = (format!("{file}{suffix}"), format!("{aside}{suffix}"));
        std::fs::rename(&name, &aside).expect("a file");
        for replaced_by in [None, Some(&aside)] {
            if let Some(another) = replaced_by {
                std::fs::copy(another, &name).expect("a copy");
            }
            for number in 0..20 {
                let report = letters_without_asking(&late, &format!("a-report-into-no-file-{number:03}"));
                assert_unavailable(&anyone.ask(SUBMIT, report).await);
            }
            until_readiness(&service, 503, REPLACED).await;
        }
        std::fs::rename(&aside, &name).expect("it is put back");
        until_readiness(&service, 200, "ready").await;
    }
    assert_eq!(anyone.payload(SUBMIT, late).await["version"], 2);
    assert_eq!(anyone.payload(SUBMIT, first).await["replayed"], true);
    assert_eq!(edition_total(&anyone).await, json!({ "letters": 6, "reports": 2 }));
    let stored = number(&service.fresh.url, "SELECT COUNT(*) AS number FROM report_revisions").await;
    assert_eq!(stored, 2);
}

/// The same report under another key.
fn letters_without_asking(report: &Value, key: &str) -> Value {
    let mut report = report.clone();
    report["input"]["idempotencyKey"] = json!(key);
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_database_file_is_not_read_and_gives_no_address() {
    let (service, file) = on_a_file().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let past = "{ edition(year: 2021) { totalAt(instant: \"2021-12-24T00:00:00Z\") { letters } } }";
    let address =
        "{ case(edition: 2021, slug: \"rung\") { authorities { address { lines restrictions } } } }";
    let given =
        async || !anyone.data(address, json!({})).await["case"]["authorities"][0]["address"].is_null();
    assert!(given().await);
    let copy = format!("{file}-copy");
    std::fs::copy(&file, &copy).expect("a copy");
    std::fs::rename(&copy, &file).expect("a file");
    assert_unavailable(&anyone.ask(past, json!({})).await);
    assert_unavailable(&staff.ask("{ service { name } }", json!({})).await);
    until_readiness(&service, 503, REPLACED).await;
    let withheld = async { while given().await {} };
    timeout(PATIENCE, withheld).await.expect("the file that is there may say that the case is suspended");
    assert!(Path::new(&file).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_reports_a_lock_of_another_program() {
    let (service, file) = on_a_file().await;
    until_readiness(&service, 200, "ready").await;
    let mut holder = sqlite(&file);
    diesel::connection::SimpleConnection::batch_execute(&mut holder, "BEGIN IMMEDIATE").expect("a lock");
    until_readiness(&service, 503, "writes do not end").await;
    until_readiness(&service, 503, "writes are refused").await;
    diesel::connection::SimpleConnection::batch_execute(&mut holder, "ROLLBACK").expect("the lock's end");
    until_readiness(&service, 200, "ready").await;
}

/// A service on a server of its own.
async fn on_a_server(configuration: &str) -> Option<(Cluster, Service)> {
    let cluster = Cluster::start(configuration)?;
    let fresh = TestDatabase::at(cluster.url());
    graphql::database::migrations::run(&fresh.url, graphql::database::migrations::MigrationTarget::Latest)
        .await
        .expect("tables");
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let service = Service::on(fresh).await;
    until_readiness(&service, 200, "ready").await;
    Some((cluster, service))
}

/// Changes a setting of a server while it runs.
async fn set(service: &Service, name: &str, value: &str) {
    // A connection that may write, whatever the server's default is by now.
    let url = format!("{}?options=-c%20default_transaction_read_only%3Doff", service.fresh.url);
    run_sql(&url, &format!("ALTER SYSTEM SET {name} = {value}")).await;
    run_sql(&service.fresh.url, "SELECT pg_reload_conf()").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_reports_a_read_only_server() {
    let Some((_cluster, service)) = on_a_server("").await else { return };
    set(&service, "default_transaction_read_only", "on").await;
    until_readiness(&service, 503, "writes are refused").await;
    let report = report("a-report-that-cannot-be-written").letters(3).variables(&service.anyone()).await;
    assert_unavailable(&service.anyone().ask(SUBMIT, report.clone()).await);
    set(&service, "default_transaction_read_only", "off").await;
    until_readiness(&service, 200, "ready").await;
    assert_eq!(service.anyone().payload(SUBMIT, report).await["replayed"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_reports_commits_that_wait_for_a_lost_standby() {
    let Some((_cluster, service)) = on_a_server("").await else { return };
    set(&service, "synchronous_standby_names", "'gone'").await;
    until_readiness(&service, 503, "writes do not end").await;
    let metrics = reqwest::get(format!("http://{}/metrics", service.address)).await.expect("an answer");
    let metrics = metrics.text().await.expect("text");
    let line =
        metrics.lines().find(|line| line.starts_with("w4r_write_unfinished_seconds ")).expect("a metric");
    let seconds: f64 = line.split(' ').nth(1).expect("a value").parse().expect("a number");
    assert!(seconds >= 5.0, "{line}");
    set(&service, "synchronous_standby_names", "''").await;
    until_readiness(&service, 200, "ready").await;
}
