//! Database errors: missing, too new, locked, and a full disk.

use std::{net::SocketAddr, process::Stdio};

use diesel::connection::{Connection, SimpleConnection};
use graphql::database::migrations::{self, MigrationTarget};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
    time::timeout,
};

use crate::harness::{
    Client, PATIENCE, SUBMIT, Service, TestDatabase, assert_unavailable, case_to_change, edition_total,
    import, import_open_now, number, report, run_sql, w4r, with,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_database_is_reported_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let edition = folder.path().join("edition.json");
    std::fs::write(&edition, r#"{ "edition": { "year": 2019 } }"#).expect("a file");
    let edition = edition.to_str().expect("a path of text");
    let nowhere = format!("sqlite:{}/no/such/folder/w4r.db", folder.path().display());
    let a_folder = format!("sqlite:{}", folder.path().display());
    // Nobody listens where somebody has just stopped.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let silent = format!("postgres://w4r:secret-of-the-database@{silent}/w4r");
    for url in [&nowhere, &a_folder, &silent] {
        for arguments in [
            ["key", "list"].as_slice(),
            &["import", edition],
            &["recount"],
            &["serve", "--listen=127.0.0.1:0"],
        ] {
            let said = w4r(url, arguments).await;
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{url} {arguments:?}: {said:?}");
            let is_made_by = ["import", "serve"].contains(&arguments[0]);
            if *url == nowhere && !is_made_by {
                let missing = format!("w4r: there is no database at {}: ", &nowhere["sqlite:".len()..]);
                assert!(said.err.starts_with(&missing), "{said:?}");
                continue;
            }
            let place = url.rsplit(['@', ':']).next().filter(|_| url.starts_with("sqlite"));
            let place = place.unwrap_or_else(|| url.split('@').nth(1).expect("a host"));
            let beginning = format!("w4r: the database is not available: {place}: ");
            assert!(said.err.starts_with(&beginning), "{said:?} does not begin with {beginning}");
            assert!(
                ["nable to open", "onnection refused"].iter().any(|why| said.err.contains(why)),
                "{said:?}"
            );
            assert_eq!(said.err.lines().count(), 1, "{said:?}");
            assert!(!said.err.contains("secret-of-the-database"), "{said:?}");
        }
    }
    let garbage = folder.path().join("garbage.db");
    std::fs::write(&garbage, "This is a letter and no database. ".repeat(100)).expect("a file");
    let said = w4r(&format!("sqlite:{}", garbage.display()), &["key", "list"]).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.starts_with("w4r: unexpected database error: "), "{said:?}");
    let kept = std::fs::read_to_string(&garbage).expect("it is there still");
    assert!(kept.starts_with("This is a letter"), "what is no database of ours is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_not_changed() {
    let fresh = TestDatabase::migrated().await;
    run_sql(&fresh.url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')").await;
    for arguments in [
        ["key", "create", "Ada"].as_slice(),
        &["key", "list"],
        &["recount"],
        &["recount", "--repair"],
        &["serve", "--listen=127.0.0.1:0"],
    ] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{arguments:?}: {said:?}");
        assert!(said.err.contains("newer version of w4r") && said.err.contains("29990101000000"), "{said:?}");
    }
    assert_eq!(number(&fresh.url, "SELECT COUNT(*) AS number FROM staff_keys").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_succeed_and_no_write_is_lost_while_another_process_locks_the_file() {
    let fresh = TestDatabase::file();
    migrations::run(&fresh.url, MigrationTarget::Latest).await.expect("tables");
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let service = Service::on(fresh).await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let url = service.fresh.url.clone();
    let path = url.strip_prefix("sqlite:").expect("a file").to_owned();
    let report = report("while-the-file-is-locked").letters(3).variables(&anyone).await;
    let suspend = with(case_to_change(&staff, "rung").await, json!({ "reason": "Threats." }));
    let mut holder = diesel::SqliteConnection::establish(&path).expect("a connection");
    // The service may be writing the result of its first recount.
    holder.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").expect("a lock");

    let command = tokio::spawn(async move { w4r(&url, &["key", "create", "Ada"]).await });
    let asked = tokio::spawn({
        let (anyone, report) = (anyone.clone(), report.clone());
        async move { anyone.ask(SUBMIT, report).await }
    });
    // What is read waits for nobody.
    while !asked.is_finished() {
        assert_eq!(edition_total(&anyone).await, json!({ "letters": 0, "reports": 0 }));
        let query = "{ edition(year: 2021) { totalAt(instant: \"2021-12-24T00:00:00Z\") { letters } } }";
        assert_eq!(staff.data(query, json!({})).await["edition"]["totalAt"], Value::Null);
    }
    assert_unavailable(&asked.await.expect("no panic"));
    let said = command.await.expect("no panic");
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert_eq!(said.err, "w4r: the database is not available: database is locked\n");

    holder.batch_execute("ROLLBACK").expect("the lock's end");
    let done = anyone.payload(SUBMIT, report).await;
    assert_eq!(
        (&done["replayed"], &done["version"]),
        (&json!(false), &json!(1)),
        "it had not been done before"
    );
    let suspended = staff.change("caseSuspend", "case { state }", suspend).await;
    assert_eq!(suspended["case"]["state"], "SUSPENDED", "{suspended:#}");
    assert_eq!(edition_total(&anyone).await, json!({ "letters": 3, "reports": 1 }));
    assert_eq!(w4r(&service.fresh.url, &["recount"]).await.code, 0);
}

/// The executable, serving with files that may not grow beyond so many blocks of 512 bytes: to
/// SQLite that is a disk that is full.
async fn start_on_a_small_disk(url: &str, blocks: u32) -> (Child, Client) {
    let mut child = Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" serve --listen 127.0.0.1:0")])
        .arg(env!("CARGO_BIN_EXE_w4r"))
        .env("DATABASE_URL", url)
        .env("RUST_LOG", "off")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("a line").expect("a line");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    let address: SocketAddr = address.parse().expect("an address");
    (child, Client::to(address))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_no_acknowledged_report_and_stores_none_in_part() {
    let fresh = TestDatabase::file();
    migrations::run(&fresh.url, MigrationTarget::Latest).await.expect("tables");
    let campaign = import_open_now(&fresh).await;
    let submit = async |client: &Client, number: usize| {
        let input = json!({ "campaign": campaign, "idempotencyKey": format!("a-letter-with-a-number-{number:04}"),
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": 1 }], "staffNote": "a long story ".repeat(150) });
        client.ask(SUBMIT, json!({ "input": input })).await
    };
    let (mut child, client) = start_on_a_small_disk(&fresh.url, 4096).await;
    let (mut taken, mut refused, mut in_a_row) = (Vec::new(), Vec::new(), 0);
    // The log in front of the database is full first, and is emptied into it a few times.
    for number in 0.. {
        assert!(number < 2_000, "two megabytes hold less than that");
        let answer = submit(&client, number).await;
        if answer.get("errors").is_some() {
            assert_unavailable(&answer);
            refused.push(number);
            in_a_row += 1;
        } else {
            assert_eq!(answer["data"]["reportSubmit"]["replayed"], false, "{answer:#}");
            taken.push(number);
            in_a_row = 0;
        }
        if in_a_row == 5 {
            break;
        }
    }
    assert!(taken.len() > 20, "{} were taken", taken.len());
    let all_of_them = json!({ "letters": taken.len(), "reports": taken.len() });
    assert_eq!(edition_total(&client).await, all_of_them, "what is known is told still");
    let ready = client.get("/readyz").await;
    assert_eq!(ready, (503, "writes are refused\n".to_owned()));
    child.kill().await.expect("its end");

    let (_child, address) = crate::harness::start_executable(&fresh.url, "127.0.0.1:0").await;
    let client = Client::to(address.parse().expect("an address"));
    assert_eq!(edition_total(&client).await, all_of_them);
    for (numbers, replayed) in [(&refused, false), (&taken, true)] {
        for &number in numbers {
            let again = submit(&client, number).await;
            assert_eq!(again["data"]["reportSubmit"]["replayed"], replayed, "{number}: {again:#}");
        }
    }
    let everybody = taken.len() + refused.len();
    assert_eq!(edition_total(&client).await, json!({ "letters": everybody, "reports": everybody }));
    let recount = w4r(&fresh.url, &["recount"]).await;
    assert_eq!(recount.code, 0, "{recount:?}");
}
