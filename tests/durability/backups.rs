//! Backups: they have everything of one moment, and a restored database is the same on either kind of database.

use std::{collections::BTreeMap, path::Path};

use graphql::{
    backup,
    database::{migrations, table_list},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{
    CommandOutput, SUBMIT, Service, TestDatabase, edition_letters, edition_total, events, import_open_now,
    number, people, report, run_sql,
    snapshots::{column_names, table_names},
    start_executable,
    transparency::{log_head, published},
    user_errors, w4r,
};

mod refused;

/// Backs a database up into a folder.
async fn back_up(url: &str, folder: &TempDir, name: &str) -> String {
    let path = folder.path().join(name).to_str().expect("a path of text").to_owned();
    let said = w4r(url, &["backup", &path]).await;
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    path
}

async fn restored(url: &str, backup: &str) -> CommandOutput {
    let said = w4r(url, &["restore", backup]).await;
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
    said
}

/// The lines of a backup without its first and its last one, in an order of their own. Each restore notes when it
/// compared the counters.
fn rows(path: &str) -> BTreeMap<String, Vec<Value>> {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("a backup");
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).expect("gzip");
    let (header, _) = backup::check(Path::new(path), |_, _| {}).expect("a whole backup");
    let mut lines = text.lines().skip(1);
    let mut rows = BTreeMap::new();
    for table in header.tables {
        let count = usize::try_from(table.rows).expect("a number");
        let mut of_table: Vec<Value> =
            lines.by_ref().take(count).map(|line| serde_json::from_str(line).expect("a row")).collect();
        of_table.sort_by_key(Value::to_string);
        assert_eq!(of_table.len(), count, "{}", table.table.name);
        rows.insert(table.table.name, of_table);
    }
    rows.remove("recounts");
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_has_every_table_and_every_column() {
    let fresh = TestDatabase::migrated().await;
    let listed = table_list::tables(&migrations::known_steps()).expect("the tables");
    let mut present = table_names(&fresh.url).await;
    present.retain(|table| table != "__diesel_schema_migrations");
    let mut names: Vec<_> = listed.iter().map(|table| table.name.clone()).collect();
    names.sort();
    assert_eq!(names, present);
    for table in listed {
        let mut columns: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
        let mut present = column_names(&fresh.url, &table.name).await;
        columns.sort();
        present.sort();
        assert_eq!(columns, present, "{}", table.name);
    }
}

/// An edition with a bit of everything.
async fn whole_edition() -> (Service, Value) {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let event = events::approved(&service, "an evening of the backup", json!({})).await;
    let person = people::register(&anyone, "moses-of-the-backup", json!({})).await;
    assert_eq!(user_errors(&person), [""; 0]);
    let joined =
        people::join(&anyone, &event, "a-guest-of-the-backup", json!({ "email": "guest@example.org" })).await;
    assert_eq!(user_errors(&joined), [""; 0]);
    let kept = report("a report that is kept").letters(7).done(&anyone).await;
    report("a report of the event").letters(40).of_event(&event).done(&anyone).await;
    let held = report("a report that waits for review").letters(5_000).done(&anyone).await;
    assert_eq!(held["report"]["state"], "PENDING_REVIEW", "{held:#}");
    let statement = json!({
        "campaign": crate::harness::campaign_id(&staff, "ca").await,
        "scope": { "extent": "SECTION", "kind": "UNSPECIFIED_LETTER", "origin": "SECTION" },
        "idempotencyKey": "a-statement-of-the-backup",
        "quantity": 300, "qualifier": "EXACT", "status": "RUNNING", "containsReports": false, "contains": [],
    });
    let stated = staff.change("statementCreate", "statement { id }", statement).await;
    assert_eq!(user_errors(&stated), [""; 0]);
    published(&service, 3).await;
    // Mail that waits, at an instant whose microseconds must be kept.
    let mail = "UPDATE outbox SET state = 'PENDING', ended_at = NULL, recipient = 'moses@example.org', content = '{}'";
    run_sql(&service.fresh.url, mail).await;
    (service, kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_edition_is_the_same_on_either_kind_of_database() {
    let folder = TempDir::new().expect("a folder");
    let (mut service, kept) = whole_edition().await;
    let anyone = service.anyone();
    let (total, head) = (edition_total(&anyone).await, log_head(&anyone).await);
    let administrator = service.administrator.clone();
    service.stop();
    service.stopped().await;
    // Into a file, and from there back to where the tests run: PostgreSQL, if they have it.
    let first = back_up(&service.fresh.url, &folder, "first.w4r.gz").await;
    let (file, back) = (TestDatabase::file(), TestDatabase::without_tables().await);
    let said = restored(&file.url, &first).await;
    assert!(said.out.contains("the counters equal the ledger, and the log has its root"), "{said:?}");
    let second = back_up(&file.url, &folder, "second.w4r.gz").await;
    restored(&back.url, &second).await;
    let third = back_up(&back.url, &folder, "third.w4r.gz").await;
    let expected = rows(&first);
    for table in
        ["outbox", "attendances", "statements", "report_log_leaves", "idempotency_keys", "event_sessions"]
    {
        assert!(!expected[table].is_empty(), "there is nothing in {table}");
    }
    for path in [&second, &third] {
        let rows = rows(path);
        for (table, expected) in &expected {
            assert_eq!(&rows[table], expected, "{table} of {path}");
        }
    }
    assert_serves(file, &kept, &total, &head, &administrator).await;
    assert_serves(back, &kept, &total, &head, &administrator).await;
}

/// A service on a restored database goes on where the former one was.
async fn assert_serves(fresh: TestDatabase, kept: &Value, total: &Value, head: &Value, administrator: &str) {
    let service = Service::on(fresh).await;
    let anyone = service.anyone();
    assert_eq!(&edition_total(&anyone).await, total);
    let restored = log_head(&anyone).await;
    for name in ["origin", "size", "rootHash", "verifierKeys", "checkpoint"] {
        assert_eq!(restored[name], head[name], "{name}");
    }
    let again = report("a report that is kept").letters(7).done(&anyone).await;
    assert_eq!((&again["replayed"], &again["report"]["id"]), (&json!(true), &kept["report"]["id"]));
    assert_eq!(&edition_total(&anyone).await, total);
    let reporter = service.bearer(kept["secret"].as_str().expect("a secret"));
    let query = "query($id: ID!) { report(id: $id) { revision } }";
    let own = reporter.data(query, json!({ "id": kept["report"]["id"] })).await;
    assert_eq!(own["report"]["revision"], 1);
    let staff = service.bearer(administrator);
    let held = "SELECT COUNT(*) AS number FROM report_revisions WHERE state = 'PENDING_REVIEW'";
    assert_eq!(number(&service.fresh.url, held).await, 1);
    // The key of an administrator works on.
    let case = crate::harness::case_to_change(&staff, "rung").await;
    let changed = crate::harness::with(case, json!({ "topics": ["ENVIRONMENT"] }));
    let changed = staff.change("caseUpdate", "case { state }", changed).await;
    assert_eq!(user_errors(&changed), [""; 0], "{changed:#}");
    // The next report is counted on.
    let letters = edition_letters(&anyone).await;
    report("a report after the restore").letters(2).done(&anyone).await;
    assert_eq!(edition_letters(&anyone).await, letters + 2);
    crate::harness::assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_while_reports_come_in_has_all_that_were_acknowledged_before() {
    let folder = TempDir::new().expect("a folder");
    let fresh = TestDatabase::migrated().await;
    let campaign = import_open_now(&fresh).await;
    let (mut child, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let (acknowledged, mut progress) = tokio::sync::watch::channel(0_i64);
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let (address, campaign, acknowledged) = (address.clone(), campaign.clone(), acknowledged.clone());
            tokio::spawn(async move {
                let http = reqwest::Client::new();
                for number in 0.. {
                    let input = json!({
                        "campaign": campaign,
                        "idempotencyKey": format!("a-report-beside-a-backup-{client}-{number}"),
                        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 1 }],
                    });
                    let body = json!({ "query": SUBMIT, "variables": { "input": input } });
                    let sent = http.post(format!("http://{address}/graphql")).json(&body).send().await;
                    let answer: Value = sent.expect("an answer").json().await.expect("JSON");
                    assert_eq!(user_errors(&answer["data"]["reportSubmit"]), [""; 0]);
                    acknowledged.send_modify(|number| *number += 1);
                }
            })
        })
        .collect();
    progress.wait_for(|&number| number >= 200).await.expect("clients");
    let before = *progress.borrow_and_update();
    let backup = back_up(&fresh.url, &folder, "busy.w4r.gz").await;
    // They went on meanwhile.
    progress.wait_for(|&number| number > before).await.expect("clients");
    clients.iter().for_each(tokio::task::JoinHandle::abort);
    child.kill().await.expect("its end");
    let copy = TestDatabase::without_tables().await;
    restored(&copy.url, &backup).await;
    let letters = number(&copy.url, "SELECT CAST(SUM(quantity) AS BIGINT) AS number FROM total_counts").await;
    assert!(letters >= before, "{letters} of {before}");
    let reports = number(&copy.url, "SELECT COUNT(*) AS number FROM report_revisions").await;
    assert_eq!(reports, letters);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_an_older_version_is_migrated_by_the_restore() {
    const OLD: &str = "20261201000120";
    let folder = TempDir::new().expect("a folder");
    let old = TestDatabase::without_tables().await;
    let target = migrations::MigrationTarget::Step(OLD.to_owned());
    migrations::run(&old.url, target).await.expect("the tables of the version");
    let edition = "INSERT INTO staff_keys (id, name, key_hash, created_at)
        SELECT commit_id, 'Ada', 'a hash', beat_at FROM (SELECT process_id AS commit_id, beat_at FROM heartbeats) AS one";
    let beat = match old.url.starts_with("sqlite:") {
        true => "INSERT INTO heartbeats VALUES (x'0123456789abcdef0123456789abcdef', 1638298800123456)",
        false => {
            "INSERT INTO heartbeats VALUES
                ('01234567-89ab-cdef-0123-456789abcdef', '2021-11-30T19:00:00.123456Z')"
        }
    };
    run_sql(&old.url, beat).await;
    run_sql(&old.url, edition).await;
    let backup = back_up(&old.url, &folder, "old.w4r.gz").await;
    let steps = "SELECT COUNT(*) AS number FROM __diesel_schema_migrations";
    let at_old = number(&old.url, steps).await;
    assert!(
        at_old < i64::try_from(migrations::known_steps().len()).expect("a number"),
        "a backup migrates nothing"
    );
    let file = TestDatabase::file();
    restored(&file.url, &backup).await;
    assert_eq!(usize::try_from(number(&file.url, steps).await).ok(), Some(migrations::known_steps().len()));
    let listed = w4r(&file.url, &["key", "list"]).await;
    assert_eq!(listed.out.trim_end(), "01234567-89ab-cdef-0123-456789abcdef  2021-11-30  active   Ada");
    let instant = "SELECT beat_at AS number FROM heartbeats";
    assert_eq!(number(&file.url, instant).await, 1_638_298_800_123_456);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_file_of_a_running_service_is_not_taken_for_whole() {
    let fresh = TestDatabase::file();
    migrations::run(&fresh.url, migrations::MigrationTarget::Latest).await.expect("tables");
    let campaign = import_open_now(&fresh).await;
    let (mut child, address) = start_executable(&fresh.url, "127.0.0.1:0").await;
    let input = json!({ "campaign": campaign, "idempotencyKey": "a-report-in-the-log-of-sqlite",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 69 }] });
    let body = json!({ "query": SUBMIT, "variables": { "input": input } });
    let sent = reqwest::Client::new().post(format!("http://{address}/graphql")).json(&body).send().await;
    let answer: Value = sent.expect("an answer").json().await.expect("JSON");
    assert_eq!(user_errors(&answer["data"]["reportSubmit"]), [""; 0]);
    let main = fresh.url.strip_prefix("sqlite:").expect("a file");
    let (folder, copy) = (TempDir::new().expect("a folder"), |folder: &TempDir| folder.path().join("w4r.db"));
    std::fs::copy(main, copy(&folder)).expect("a copy");
    let url = format!("sqlite:{}", copy(&folder).display());
    // Looking at it does not make it whole.
    for _ in 0..2 {
        for arguments in [["recount"].as_slice(), &["backup", "unwritten.w4r.gz"]] {
            let said = w4r(&url, arguments).await;
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
            assert!(said.err.contains("the file is not complete"), "{said:?}");
        }
    }
    let said = w4r(&url, &["recount", "--accept-copy"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(w4r(&url, &["recount"]).await.code, 0, "it was accepted");
    // After a crash the log is there, and the next process reads it.
    child.kill().await.expect("kill -9");
    assert_eq!(w4r(&fresh.url, &["recount"]).await.code, 0);
    assert_eq!(number(&fresh.url, "SELECT SUM(quantity) AS number FROM total_counts").await, 69);
    // Then everything is in the main file.
    let folder = TempDir::new().expect("a folder");
    std::fs::copy(main, copy(&folder)).expect("a copy");
    let url = format!("sqlite:{}", copy(&folder).display());
    assert_eq!(w4r(&url, &["recount"]).await.code, 0);
    assert_eq!(number(&url, "SELECT SUM(quantity) AS number FROM total_counts").await, 69);
}
