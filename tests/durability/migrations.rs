//! Migrations: up, down, concurrent starts, older processes, and newer databases.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use graphql::database::migrations::{MigrationError, MigrationTarget, run};
use tokio::time::timeout;

use crate::harness::{
    PATIENCE, SUBMIT, Service, TestDatabase, assert_unavailable, number, postgres::Cluster, readiness,
    report, run_sql, sqlite, until_readiness, w4r,
};

mod filled_columns;

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_go_up_and_down_and_up_again() {
    let fresh = TestDatabase::without_tables().await;
    for towards in [
        MigrationTarget::Latest,
        MigrationTarget::Latest,
        MigrationTarget::Empty,
        MigrationTarget::Empty,
        MigrationTarget::Latest,
    ] {
        run(&fresh.url, towards.clone()).await.unwrap_or_else(|error| panic!("{towards:?}: {error:?}"));
    }
    let mut connection = fresh.open().connect().await.expect("a connection");
    let revision = graphql::database::catalogue::revision(&mut connection).await.expect("a table");
    assert_eq!(revision.number, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_make_the_tables_once() {
    let fresh = TestDatabase::without_tables().await;
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let url = fresh.url.clone();
            tokio::spawn(async move { run(&url, MigrationTarget::Latest).await })
        })
        .collect();
    for process in starting {
        process.await.expect("no panic").unwrap_or_else(|error| panic!("{error:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_binary_is_refused() {
    let fresh = TestDatabase::migrated().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
    match fresh.url.strip_prefix("sqlite:") {
        Some(file) => {
            use diesel::{Connection, connection::SimpleConnection};
            let mut connection = diesel::SqliteConnection::establish(file).expect("a connection");
            connection.batch_execute(newer).expect("a row");
        }
        None => {
            let mut connection = AsyncPgConnection::establish(&fresh.url).await.expect("a connection");
            connection.batch_execute(newer).await.expect("a row");
        }
    }
    match run(&fresh.url, MigrationTarget::Latest).await {
        Err(MigrationError::Newer(step)) => assert_eq!(step, "29990101000000"),
        other => panic!("{other:?}"),
    }
}

/// The versions of all steps, the oldest first.
fn steps() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    let name = |entry: std::fs::DirEntry| entry.file_name().into_string().expect("a name of text");
    let version = |name: String| name.split('_').next().expect("a version").replace('-', "");
    let mut steps: Vec<_> = folders.map(name).map(version).collect();
    steps.sort();
    steps
}

/// What every version of the service writes, from the step on behind which there is a table for it. `$n` is the
/// identity with this number, `$at` an instant.
const WRITES: [(&str, &str, &str); 9] = [
    (
        "20261122000001",
        "report_revisions",
        "(report_id, revision, edition_id, campaign_id, section_id, state, channel,
        author, late, test, lines, received_at, secret_hash)
        VALUES ($9, 1, $1, $3, $2, 'ACCEPTED', 'INDIVIDUAL', 'WRITER', FALSE, FALSE, '[]', $at, 'a hash')",
    ),
    ("20261122000001", "ledger_keys", "VALUES ('a key', 'a fingerprint', $9, 1)"),
    (
        "20261122000001",
        "tally_cells",
        "(edition_id, section_id, country, region, case_id, kind, channel, quantity, late)
        VALUES ($1, $2, '', '', $4, 'APPEAL_LETTER', 'INDIVIDUAL', 3, 0)",
    ),
    (
        "20261122000001",
        "tally_heads",
        "(edition_id, section_id, country, region, channel, people, reports)
        VALUES ($1, $2, '', '', 'INDIVIDUAL', 1, 1)",
    ),
    (
        "20261122000001",
        "edition_versions",
        "(edition_id, version, committed_at, letters, actions, late, people) VALUES ($1, 1, $at, 3, 3, 0, 1)",
    ),
    (
        "20261122000002",
        "registration_keys",
        "(key_hash, fingerprint, subject_id) VALUES ('a key', 'a hash', $9)",
    ),
    (
        "20261122000003",
        "outbox",
        "(id, key_hash, kind, language, state, attempts, next_attempt_at, put_at)
        VALUES ($9, 'a key', 'a kind', 'en', 'WAITING', 0, $at, $at)",
    ),
    (
        "20261122000004",
        "participants",
        "(id, edition_id, section_id, campaign_id, state, email_folded, name_folded,
        released, content, registered_at, changed_at, revision)
        VALUES ($9, $1, $2, $3, 'REGISTERED', 'ada@example.org', 'ada', 0, '{\"display_name\":\"Ada\",\"email\":\"ada@example.org\",\"roles\":[\"WRITER\"],\"letter_goal\":null,
        \"cases\":[],\"language\":null,\"country\":null,\"region\":null,\"age_band\":null,\"consent\":null}', $at, $at, 1)",
    ),
    (
        "20261122000004",
        "person_secrets",
        "(secret_hash, subject_id, mailed, made_at) VALUES ('a hash', $9, FALSE, $at)",
    ),
];

/// The step that renames tables, columns and states.
const PLAIN_NAMES: &str = "20261130000090";

/// Where the rows of a table are behind a step.
fn moved_to<'t>(table: &'t str, step: &str) -> &'t str {
    match table {
        "ledger_keys" if step >= "20261130000080" => "idempotency_keys WHERE scope = 'REPORT'",
        "registration_keys" if step >= "20261130000080" => "idempotency_keys WHERE scope = 'REGISTRATION'",
        "tally_cells" if step >= PLAIN_NAMES => "total_counts",
        "tally_heads" if step >= PLAIN_NAMES => "total_headcounts",
        "person_secrets" if step >= PLAIN_NAMES => "access_tokens",
        _ => table,
    }
}

/// What they refer to.
const PLACE: &str = "
    INSERT INTO editions (id, year, state, revision, version) VALUES ($1, 2021, 'OPEN', 1, 0);
    INSERT INTO sections (id, code, name, languages, zone, revision) VALUES ($2, 'ca', 'Canada', '[]', 'UTC', 1);
    INSERT INTO campaigns (id, edition_id, section_id, opens_on, deadline_on, grace_days, zone, limit_person,
        limit_event, revision) VALUES ($3, $1, $2, '2021-11-01', '2022-01-31', 0, 'UTC', 500, 5000, 1);
    INSERT INTO cases (id, edition_id, slug, state, content, outcomes, changed_at, revision)
        VALUES ($4, $1, 'rung', 'PUBLISHED', '{}', '[]', $at, 1);";

/// [`PLACE`] behind a step.
fn place_behind(step: &str) -> String {
    if step >= PLAIN_NAMES { PLACE.replace("changed_at", "updated_at") } else { PLACE.to_owned() }
}

/// A statement as a database reads it.
fn spelled(fresh: &TestDatabase, statement: &str) -> String {
    let is_sqlite = fresh.url.starts_with("sqlite:");
    let at = if is_sqlite { "1639166400000000" } else { "'2021-12-10T20:00:00Z'" };
    let later = if is_sqlite { "1639170000000000" } else { "'2021-12-10T21:00:00Z'" };
    let last = if is_sqlite { "1639173600000000" } else { "'2021-12-10T22:00:00Z'" };
    let mut spelled = statement.replace("$at", at).replace("$later", later).replace("$last", last);
    for number in 1..=9 {
        let id = uuid::Uuid::from_u128(number);
        let id = if is_sqlite { format!("x'{}'", id.simple()) } else { format!("'{id}'") };
        spelled = spelled.replace(&format!("${number}"), &id);
    }
    spelled
}

/// A transaction of another process, which has written and not committed yet.
enum Writing {
    Sqlite(diesel::SqliteConnection),
    Postgres(Box<AsyncPgConnection>),
}

impl Writing {
    async fn begin(fresh: &TestDatabase, statements: &str) -> Self {
        match fresh.url.strip_prefix("sqlite:") {
            Some(file) => {
                use diesel::connection::SimpleConnection;
                let mut connection = sqlite(file);
                connection.batch_execute(&format!("BEGIN IMMEDIATE; {statements}")).expect("a transaction");
                Self::Sqlite(connection)
            }
            None => {
                let mut connection = AsyncPgConnection::establish(&fresh.url).await.expect("a connection");
                connection.batch_execute(&format!("BEGIN; {statements}")).await.expect("a transaction");
                Self::Postgres(Box::new(connection))
            }
        }
    }

    async fn commit(self) {
        match self {
            Self::Sqlite(mut connection) => {
                diesel::connection::SimpleConnection::batch_execute(&mut connection, "COMMIT")
                    .expect("a commit");
            }
            Self::Postgres(mut connection) => connection.batch_execute("COMMIT").await.expect("a commit"),
        }
    }
}

/// Waits until another connection of the test waits for a lock, or `done` is.
async fn until_waiting(fresh: &TestDatabase, done: &tokio::task::JoinHandle<()>) {
    let Some(name) = fresh.url.split("application_name=").nth(1) else { return };
    let waiting = format!(
        "SELECT COUNT(*) AS number FROM pg_stat_activity
         WHERE application_name = '{name}' AND wait_event_type = 'Lock'"
    );
    let waits = async { while number(&fresh.url, &waiting).await == 0 && !done.is_finished() {} };
    timeout(PATIENCE, waits).await.expect("it waits or is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_an_older_process_during_a_migration_are_kept() {
    let steps = steps();
    for (before, step) in steps.iter().zip(&steps[1..]) {
        let fresh = TestDatabase::without_tables().await;
        run(&fresh.url, MigrationTarget::Step(before.clone()))
            .await
            .expect("the tables of the version before");
        run_sql(&fresh.url, &spelled(&fresh, &place_behind(before))).await;
        let is_there = |(since, table, _): &&(&str, &str, &str)| {
            *since <= before.as_str() && moved_to(table, before) == *table && before.as_str() < PLAIN_NAMES
        };
        let writes: Vec<_> = WRITES.iter().filter(is_there).collect();
        let statements: String =
            writes.iter().map(|(_, table, row)| format!("INSERT INTO {table} {row};")).collect();
        let writing = Writing::begin(&fresh, &spelled(&fresh, &statements)).await;
        let (url, towards) = (fresh.url.clone(), MigrationTarget::Step(step.clone()));
        let stepping = tokio::spawn(async move { run(&url, towards).await.expect("a step") });
        until_waiting(&fresh, &stepping).await;
        writing.commit().await;
        timeout(PATIENCE, stepping).await.expect("in time").expect("no panic");
        for (_, table, _) in writes {
            let table = moved_to(table, step);
            let rows = number(&fresh.url, &format!("SELECT COUNT(*) AS number FROM {table}")).await;
            assert_eq!(rows, 1, "{table} behind {step}");
        }
        run(&fresh.url, MigrationTarget::Latest).await.expect("the other steps");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_must_not_write_any_more_says_so_and_writes_nothing() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let report = report("a-report-of-an-old-version").letters(3).variables(&anyone).await;
    assert_eq!(readiness(&service).await, (200, "ready\n".to_owned()));
    run_sql(&service.fresh.url, "UPDATE catalogue SET oldest_writer = '29990101000000'").await;
    assert_unavailable(&anyone.ask(SUBMIT, report.clone()).await);
    let staff = service.administrator();
    let suspend = crate::harness::with(
        crate::harness::case_to_change(&staff, "rung").await,
        serde_json::json!({ "reason": "Threats." }),
    );
    let input = serde_json::json!({ "input": suspend });
    assert_unavailable(&staff.ask(&crate::harness::document("caseSuspend", "case { state }"), input).await);
    until_readiness(&service, 503, "a newer version has changed the database").await;
    let written = "SELECT (SELECT COUNT(*) FROM report_revisions)
        + (SELECT COUNT(*) FROM audit_log WHERE action = 'caseSuspend') AS number";
    assert_eq!(number(&service.fresh.url, written).await, 0);
    let said = w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("a newer version of w4r has changed the tables"), "{said:?}");
    run_sql(&service.fresh.url, "UPDATE catalogue SET oldest_writer = '20261122000001'").await;
    assert_eq!(anyone.payload(SUBMIT, report).await["replayed"], false, "this version is newer than that");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_pending_migrations_nothing_is_locked_or_written() {
    let Some(cluster) = Cluster::start("") else { return };
    let fresh = TestDatabase::at(cluster.url());
    run(&fresh.url, MigrationTarget::Latest).await.expect("tables");
    let mut reader = AsyncPgConnection::establish(&fresh.url).await.expect("a connection");
    reader
        .batch_execute("BEGIN; LOCK TABLE __diesel_schema_migrations IN EXCLUSIVE MODE")
        .await
        .expect("a lock");
    run_sql(&fresh.url, "ALTER SYSTEM SET default_transaction_read_only = on").await;
    run_sql(&fresh.url, "SELECT pg_reload_conf()").await;
    let read_only = async {
        let setting = "SELECT COUNT(*) AS number FROM pg_settings
            WHERE name = 'default_transaction_read_only' AND setting = 'on'";
        while number(&fresh.url, setting).await == 0 {}
    };
    timeout(PATIENCE, read_only).await.expect("the server is read-only");
    let looked =
        timeout(PATIENCE, run(&fresh.url, MigrationTarget::Latest)).await.expect("it waits for nothing");
    looked.expect("there is nothing to do");
}

/// The rows of the idempotency keys before and behind the step that makes one table of two.
#[tokio::test(flavor = "multi_thread")]
async fn idempotency_keys_keep_what_they_were_used_for_up_and_down() {
    const OF_REPORT: &str = "key_hash = 'a key' AND fingerprint = 'of a report' AND revision = 3";
    const OF_EVENT: &str = "key_hash = 'a key' AND fingerprint = 'of an event'";
    let count = async |fresh: &TestDatabase, rows: &str| {
        number(&fresh.url, &spelled(fresh, &format!("SELECT COUNT(*) AS number FROM {rows}"))).await
    };
    let fresh = TestDatabase::without_tables().await;
    let before = MigrationTarget::Step("20261130000070".to_owned());
    run(&fresh.url, before).await.expect("the tables of the version before");
    let step = MigrationTarget::Step("20261130000080".to_owned());
    let used = "INSERT INTO ledger_keys VALUES ('a key', 'of a report', $1, 3);
        INSERT INTO registration_keys (key_hash, fingerprint, subject_id) VALUES ('a key', 'of an event', $2);";
    run_sql(&fresh.url, &spelled(&fresh, used)).await;
    run(&fresh.url, step).await.expect("one table");
    let report = format!("idempotency_keys WHERE scope = 'REPORT' AND {OF_REPORT} AND subject_id = $1");
    let event = format!("idempotency_keys WHERE scope = 'REGISTRATION' AND {OF_EVENT} AND subject_id = $2");
    assert_eq!([count(&fresh, "idempotency_keys").await, count(&fresh, &report).await], [2, 1]);
    assert_eq!(count(&fresh, &event).await, 1);
    run_sql(&fresh.url, include_str!("../../migrations/2026-11-30-000080_idempotency_keys/down.sql")).await;
    let report = format!("ledger_keys WHERE {OF_REPORT} AND report_id = $1");
    let event = format!("registration_keys WHERE {OF_EVENT} AND subject_id = $2");
    assert_eq!([count(&fresh, "ledger_keys").await, count(&fresh, "registration_keys").await], [1, 1]);
    assert_eq!([count(&fresh, &report).await, count(&fresh, &event).await], [1, 1]);
}

/// The rows before the step that renames states, acts and the fields of stored JSON. A text that an organizer wrote is
/// like one of them.
const OLD_NAMES: &str = r#"
    INSERT INTO events (id, edition_id, section_id, campaign_id, state, review_pending, listed, format, venue_kind,
        starts_at, ends_at, languages, search_text, going, waiting, content, secret_hash, registered_at, changed_at,
        revision)
        VALUES ($5, $1, $2, $3, 'HELD', FALSE, TRUE, 'GATHERING', 'SCHOOL', $at, $at, '', '', 4, 2,
            '{"title":"\"kit\": a \"note\"","kit":["POSTERS"],"note":"Bring pens."}', 'a hash', $at, $at, 1);
    INSERT INTO report_revisions (report_id, revision, edition_id, campaign_id, section_id, state, channel, author,
        late, test, lines, received_at, secret_hash, host, note, held_for)
        VALUES ($6, 1, $1, $3, $2, 'HELD', 'INDIVIDUAL', 'WRITER', TRUE, FALSE, '[]', $at, 'a hash', FALSE,
            'Hello.', 'QUANTITY');
    INSERT INTO moderations (id, campaign_id, decision, selection, reason, started_at, last_report_id, selected)
        VALUES ($7, $3, 'ACCEPT', '{"state":"HELD","text":"\"state\":\"HELD\""}', 'A class.', $at, $6,
            '{"reports":1,"held":1}');
    INSERT INTO moderated_revisions VALUES ($7, $6, 1, 'HELD');
    INSERT INTO staff_actions (id, action, subject_id, acted_at, actor) VALUES ($8, 'eventHold', $5, $at, 'KEY');
    INSERT INTO staff_actions (id, action, subject_id, acted_at, actor) VALUES ($9, 'caseChange', $4, $at, 'KEY');"#;

/// How many rows are as they were written.
const AS_BEFORE: [&str; 5] = [
    r#"events WHERE state = 'HELD' AND listed AND going = 4 AND waiting = 2
        AND content = '{"title":"\"kit\": a \"note\"","kit":["POSTERS"],"note":"Bring pens."}'"#,
    "report_revisions WHERE state = 'HELD' AND late AND NOT test AND NOT host AND note = 'Hello.'
        AND held_for = 'QUANTITY'",
    r#"moderations WHERE selection = '{"state":"HELD","text":"\"state\":\"HELD\""}'
        AND selected = '{"reports":1,"held":1}'"#,
    "moderated_revisions WHERE state = 'HELD'",
    "staff_actions WHERE action IN ('eventHold', 'caseChange')",
];

/// The same rows behind the step.
const RENAMED: [&str; 5] = [
    r#"events WHERE state = 'COMPLETED' AND is_listed AND attending = 4 AND waitlisted = 2
        AND content = '{"title":"\"kit\": a \"note\"","materials":["POSTERS"],"staff_note":"Bring pens."}'"#,
    "report_revisions WHERE state = 'PENDING_REVIEW' AND is_late AND NOT is_test AND NOT by_host
        AND staff_note = 'Hello.' AND review_reason = 'QUANTITY'",
    r#"moderations WHERE selection = '{"state":"PENDING_REVIEW","text":"\"state\":\"HELD\""}'
        AND selected = '{"reports":1,"pending_review":1}'"#,
    "moderated_revisions WHERE state = 'PENDING_REVIEW'",
    "audit_log WHERE action IN ('eventComplete', 'caseUpdate')",
];

#[tokio::test(flavor = "multi_thread")]
async fn renamed_tables_columns_and_states_keep_their_rows_up_and_down() {
    let steps = steps();
    let place = steps.iter().position(|step| step == PLAIN_NAMES).expect("the step");
    let fresh = TestDatabase::without_tables().await;
    let before = MigrationTarget::Step(steps[place - 1].clone());
    run(&fresh.url, before).await.expect("the tables of the version before");
    run_sql(&fresh.url, &spelled(&fresh, &format!("{PLACE} {OLD_NAMES}"))).await;
    let count = async |rows: [&'static str; 5]| {
        let mut counted = Vec::new();
        for rows in rows {
            counted.push(number(&fresh.url, &format!("SELECT COUNT(*) AS number FROM {rows}")).await);
        }
        counted
    };
    assert_eq!(count(AS_BEFORE).await, [1, 1, 1, 1, 2]);
    run(&fresh.url, MigrationTarget::Step(PLAIN_NAMES.to_owned())).await.expect("the step");
    assert_eq!(count(RENAMED).await, [1, 1, 1, 1, 2]);
    run_sql(&fresh.url, include_str!("../../migrations/2026-11-30-000090_plain_names/down.sql")).await;
    assert_eq!(count(AS_BEFORE).await, [1, 1, 1, 1, 2]);
}
