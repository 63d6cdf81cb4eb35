//! Failover to a PostgreSQL standby that lagged behind: no process uses what only the former primary had committed.

use graphql::database::migrations::{MigrationTarget, run};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, SUBMIT, Service, TestDatabase, assert_unavailable, case_to_change, edition_letters,
    import, number, postgres::Cluster, readiness, report, run_sql, user_errors, w4r, with,
};

/// Reports letters, again and again while the database is unavailable: the payload.
async fn report_until_taken(client: &Client, key: &str, quantity: u32) -> Value {
    let input = report(key).letters(quantity).variables(client).await;
    let taken = async {
        loop {
            let answer = client.ask(SUBMIT, input.clone()).await;
            if answer.get("errors").is_none() {
                break answer["data"]["reportSubmit"].clone();
            }
            assert_unavailable(&answer);
        }
    };
    timeout(PATIENCE, taken).await.expect("it is taken in the end")
}

async fn address(client: &Client) -> (Value, bool) {
    let query =
        "{ case(edition: 2021, slug: \"rung\") { state authorities { address { lines restrictions } } } }";
    let mut data = client.data(query, json!({})).await;
    let is_given = !data["case"]["authorities"][0]["address"].is_null();
    (data["case"]["state"].take(), is_given)
}

/// A standby of a server that has the edition of 2021.
async fn standby_of_2021(primary: &Cluster) -> Cluster {
    let tables = TestDatabase::at(primary.url());
    run(&tables.url, MigrationTarget::Latest).await.expect("tables");
    import(&tables, include_str!("../../graphql/data/edition-2021.json")).await;
    tokio::task::block_in_place(|| primary.standby())
}

/// What is committed on a server, as the number of bytes of its log.
const WRITTEN: &str = "SELECT (pg_current_wal_lsn() - '0/0')::bigint AS number";
const DUPLICATE: &str = "SELECT COALESCE((pg_last_wal_replay_lsn() - '0/0')::bigint, 0) AS number";

#[tokio::test(flavor = "multi_thread")]
async fn processes_go_by_the_standby_that_took_over_though_it_had_lagged() {
    let Some(primary) = Cluster::start("") else { return };
    let standby = standby_of_2021(&primary).await;
    let both =
        format!("postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres", primary.port(), standby.port());
    let service = Service::on_url(&both).await;
    let other = Service::on_url(&both).await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    report_until_taken(&anyone, "a-report-that-both-have", 400).await;
    let written = number(&primary.url(), WRITTEN).await;
    let repeated = async { while number(&standby.url(), DUPLICATE).await < written {} };
    timeout(PATIENCE, repeated).await.expect("the standby follows");
    // From here on the standby lags for ever.
    run_sql(&standby.url(), "ALTER SYSTEM SET primary_conninfo = ''").await;
    run_sql(&standby.url(), "SELECT pg_reload_conf()").await;
    let following = "SELECT COUNT(*) AS number FROM pg_stat_wal_receiver";
    let cut_off = async { while number(&standby.url(), following).await > 0 {} };
    timeout(PATIENCE, cut_off).await.expect("it follows no more");
    report_until_taken(&anyone, "a-report-that-is-lost", 6).await;
    for topic in ["OTHER", "ENVIRONMENT", "OTHER", "ENVIRONMENT"] {
        let input = with(case_to_change(&staff, "rung").await, json!({ "topics": [topic] }));
        assert_eq!(user_errors(&staff.change("caseUpdate", "case { id }", input).await), [""; 0]);
    }
    assert_eq!(edition_letters(&anyone).await, 406);

    tokio::task::block_in_place(|| primary.crash());
    tokio::task::block_in_place(|| standby.promote());
    for process in [&service, &other] {
        let ready = async { while readiness(process).await.0 != 200 {} };
        timeout(PATIENCE, ready).await.expect("it finds the server that took over");
        assert_eq!(edition_letters(&process.anyone()).await, 400);
    }
    let input = with(case_to_change(&staff, "rung").await, json!({ "reason": "Threats." }));
    assert_eq!(user_errors(&staff.change("caseSuspend", "case { state }", input).await), [""; 0]);
    assert_eq!(address(&anyone).await, (json!("SUSPENDED"), false));
    report_until_taken(&anyone, "a-report-behind-the-failover", 5).await;
    let told = async { while edition_letters(&other.anyone()).await != 405 {} };
    timeout(PATIENCE, told).await.expect("the other process hears of it");
    assert_eq!(address(&other.anyone()).await, (json!("SUSPENDED"), false));
    let again = report_until_taken(&anyone, "a-report-that-is-lost", 6).await;
    assert_eq!(again["replayed"], false, "what is lost can be sent again");
    let recount = w4r(&standby.url(), &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_on_a_standby_is_not_ready_and_gives_no_address() {
    let Some(primary) = Cluster::start("") else { return };
    let standby = standby_of_2021(&primary).await;
    let service = Service::reading(&standby.url()).await;
    let not_ready = (503, "the database is a standby\n".to_owned());
    let told = async { while readiness(&service).await != not_ready {} };
    timeout(PATIENCE, told).await.expect("it says so");
    assert_eq!(address(&service.anyone()).await, (json!("PUBLISHED"), false));
}
