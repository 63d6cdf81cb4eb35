//! The command line of `w4r`: commands, arguments, output and exit codes.

use std::process::Stdio;

use crate::harness::{PATIENCE, TestDatabase, w4r};
use graphql::database::creation::{Presence, presence};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
    time::timeout,
};

mod import;
mod recount;
mod staff_keys;

/// An edition with a report of each kind that there is.
const EDITION: &str = r#"{
  "edition": { "year": 2019, "letterGoal": 1000 },
  "sections": [{ "code": "ca", "name": "Canada", "country": "CA", "languages": ["en"], "timeZone": "America/Toronto" }],
  "campaigns": [{ "section": "ca", "opensOn": "2019-11-01", "deadlineOn": "2020-01-31" }],
  "cases": [{ "slug": "magai", "name": "Magai Matiop Ngong", "kind": "PERSON", "country": "SS",
    "consent": { "on": "2019-08-01", "by": "himself" }, "state": "PUBLISHED" }],
  "reports": [
    { "key": "2019-12-10-a-school", "section": "ca", "people": 20, "lines": [{ "case": "magai", "kind": "APPEAL_LETTER", "quantity": 26 }] },
    { "key": "2019-12-11-a-library", "section": "ca", "numbers": [{ "kind": "SOLIDARITY_MESSAGE", "quantity": 9 }] }
  ]
}"#;

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("a path of text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_that_is_printed_is_the_one_that_is_committed() {
    let said = w4r("nonsense", &["schema"]).await;
    let committed = include_str!("../../schema.graphql");
    assert_eq!((said.code, said.out.trim_end(), said.err.as_str()), (0, committed.trim_end(), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_named_in_front_of_a_command_or_behind_it() {
    let fresh = TestDatabase::migrated().await;
    let url = fresh.url.as_str();
    let key = w4r("nonsense", &["--database", url, "key", "create", "Ada"]).await;
    assert_eq!((key.code, key.out.lines().count()), (0, 1), "{key:?}");
    let id = key.err.split('`').find_map(|part| part.strip_prefix("w4r key revoke ")).expect("its identity");
    for arguments in [
        ["--database", url, "key", "list"],
        ["key", "--database", url, "list"],
        ["key", "list", "--database", url],
    ] {
        let listed = w4r("nonsense", &arguments).await;
        assert_eq!(listed.code, 0, "{arguments:?}: {listed:?}");
        assert!(listed.out.starts_with(id), "{arguments:?}: {listed:?}");
    }
    for arguments in [["--database", url, "recount"], ["recount", "--database", url]] {
        let counted = w4r("nonsense", &arguments).await;
        assert_eq!((counted.code, counted.err.as_str()), (0, ""), "{arguments:?}: {counted:?}");
    }
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let served = w4r("nonsense", &["--database", url, "serve", "--listen", &address]).await;
    assert!(served.err.contains(&format!("cannot listen on {address}")), "{served:?}");
    // It would be read there and do nothing.
    for command in ["serve", "recount"] {
        let refused = w4r(url, &["--listen", &address, command]).await;
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{refused:?}");
        assert!(refused.err.contains("'--listen' belongs after a command that serves"), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_database_is_made_only_by_commands_that_say_so() {
    let fresh = TestDatabase::without_tables().await;
    for arguments in [
        ["recount"].as_slice(),
        &["recount", "--repair"],
        &["key", "list"],
        &["key", "create", "Ada"],
        &["key", "revoke", "01234567-89ab-cdef-0123-456789abcdef"],
        &["log", "restart"],
        &["backup", "unwritten.w4r.gz"],
    ] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{arguments:?}: {said:?}");
        assert!(said.err.starts_with("w4r: there is no database at "), "{arguments:?}: {said:?}");
        assert!(said.err.contains("--database or DATABASE_URL"), "{arguments:?}: {said:?}");
        assert_eq!(presence(&fresh.url).await.expect("an answer"), Presence::Missing, "{arguments:?}");
        if let Some(file) = fresh.url.strip_prefix("sqlite:") {
            assert!(!std::path::Path::new(file).exists(), "{arguments:?} makes a file");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_listens_on_a_name_and_its_log_is_for_programs_too() {
    let fresh = TestDatabase::migrated().await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(["serve", "--listen=localhost:0", "--metrics-listen=off", "--log-format=json"])
        .env("DATABASE_URL", &fresh.url)
        .env("RUST_LOG", "info")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable");
    let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
    let mut next = async || -> serde_json::Value {
        let line = timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("a line");
        line.map_or(serde_json::Value::Null, |line| serde_json::from_str(&line).expect("JSON"))
    };
    let started = loop {
        let line = next().await;
        if line["message"] == "the service starts" {
            break line;
        }
    };
    assert!(started["version"].as_str().expect("a version").starts_with(env!("CARGO_PKG_VERSION")));
    let address: std::net::SocketAddr =
        started["address"].as_str().expect("text").parse().expect("an address");
    assert!(address.ip().is_loopback(), "{address}");
    let answer = reqwest::get(format!("http://{address}/healthz")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let stop = std::process::Command::new("kill").arg(child.id().expect("a process").to_string()).status();
    assert!(stop.expect("a signal").success());
    let mut said = Vec::new();
    while said.last() != Some(&serde_json::Value::Null) {
        said.push(next().await["message"].take());
    }
    for message in ["the service stops", "the service has stopped"] {
        assert!(said.iter().any(|line| line == message), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_no_colours_in_a_file_and_the_version_says_what_is_compiled_in() {
    let fresh = TestDatabase::migrated().await;
    let said = w4r(&fresh.url, &["serve", "--listen=127.0.0.1:0", "--mail-url=smtp://localhost"]).await;
    assert_eq!(said.code, 1);
    assert!(!said.err.contains('\u{1b}'), "{said:?}");
    let version = w4r(&fresh.url, &["--version"]).await;
    let lines: Vec<_> = version.out.lines().collect();
    assert!(lines[0].starts_with(concat!("w4r ", env!("CARGO_PKG_VERSION"))), "{version:?}");
    assert!(
        lines[1].starts_with("SQLite 3.") && lines[2].starts_with("time zone database 20"),
        "{version:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_start_says_why_and_ends() {
    let fresh = TestDatabase::migrated().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = w4r(&fresh.url, &["serve", "--listen", &address]).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.contains(&format!("w4r: cannot listen on {address}: ")), "{said:?}");
    for url in ["nonsense", "mysql://localhost/w4r", "sqlite:", "postgres", "w4r.db"] {
        for arguments in [["serve", "--listen=127.0.0.1:0"], ["key", "list"]] {
            let said = w4r(url, &arguments).await;
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{url}: {said:?}");
            assert_eq!(said.err, "w4r: the database is `sqlite:FILE` or `postgres://…`\n", "{url}");
        }
    }
    for (mail, why) in [
        ("--mail-url=smtps://post:geheim@mail.example.org", "mail needs a sender: --mail-from"),
        ("--mail-url=https://post:geheim@mail.example.org", "mail goes to `smtps://"),
        ("--mail-from=nobody", "mail is from `Name <name@example.org>`"),
        ("--public-url=w4r.example", "--public-url must be `https://HOST/`"),
    ] {
        let said = w4r(&fresh.url, &["serve", "--listen=127.0.0.1:0", mail]).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        assert!(said.err.starts_with(&format!("w4r: {why}")) && !said.err.contains("geheim"), "{said:?}");
    }
    for arguments in [["serve", "--listen=everywhere"], ["serve", "--colour=red"], ["dance", "--now"]] {
        let said = w4r(&fresh.url, &arguments).await;
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    }
}

/// The first lines of a command that goes on until it is killed.
async fn beginning(arguments: &[&str], url: &str, lines: usize) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(arguments)
        .env("DATABASE_URL", url)
        .env("RUST_LOG", "error")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable");
    let mut reader = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut said = String::new();
    for _ in 0..lines {
        let line = timeout(PATIENCE, reader.next_line()).await.expect("in time").expect("a line");
        said += &line.expect("a line");
        said.push('\n');
    }
    child.kill().await.expect("its end");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_output_fits_eighty_columns() {
    let fresh = TestDatabase::migrated().await;
    let folder = TempDir::new().expect("a folder");
    let path = file(&folder, "2019.json", EDITION);
    let width = folder.path().join("of-the").to_str().expect("a path of text").to_owned();
    let mut printed = String::new();
    for arguments in [
        ["--help"].as_slice(),
        &["-h"],
        &["serve", "--help"],
        &["demo", "--help"],
        &["import", "--help"],
        &["key", "--help"],
        &["key", "create", "--help"],
        &["key", "list", "--help"],
        &["key", "revoke", "--help"],
        &["recount", "--help"],
        &["backup", "--help"],
        &["restore", "--help"],
        &["doctor", "--help"],
        &["completions", "--help"],
        &["man", "--help"],
        &["schema", "--help"],
        &["--version"],
        &["import", &path],
        &["key", "create", "Ada, campaign office"],
        &["key", "list"],
        &["recount"],
        &["backup", "of-the-width.w4r.gz"],
    ] {
        let arguments: Vec<_> = arguments.iter().map(|argument| argument.replace("of-the", &width)).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let said = w4r(&fresh.url, &arguments).await;
        assert_eq!(said.code, 0, "{said:?}");
        printed += &said.out;
        printed += &said.err;
    }
    let restored = TestDatabase::without_tables().await;
    let said = w4r(&restored.url, &["restore", &format!("{width}-width.w4r.gz")]).await;
    assert_eq!(said.code, 0, "{said:?}");
    printed += &said.out;
    let mail = ["doctor", "--mail-url=smtp://localhost"];
    for arguments in [["doctor"].as_slice(), &mail] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!(said.code, i32::from(arguments == mail), "{said:?}");
        printed += &said.out;
    }
    printed += &beginning(&["serve", "--listen=127.0.0.1:0"], &fresh.url, 3).await;
    printed += &beginning(&["demo", "--listen=127.0.0.1:0"], &fresh.url, 5).await;
    let long: Vec<_> = printed.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(long, [""; 0]);
    assert!(printed.lines().count() > 100, "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_and_changes_nothing_that_is_missing() {
    let (fresh, none) = (TestDatabase::migrated().await, TestDatabase::without_tables().await);
    let well = w4r(&fresh.url, &["doctor"]).await;
    assert_eq!((well.code, well.err.as_str()), (0, ""), "{well:?}");
    for line in [
        "good  database: ",
        "good  durability: ",
        "good  writing: a test write was committed",
        "note  mail: ",
    ] {
        assert!(well.out.lines().any(|said| said.starts_with(line)), "{line}: {well:?}");
    }
    let missing = w4r(&none.url, &["doctor"]).await;
    assert_eq!((missing.code, missing.err.as_str()), (1, "w4r: one thing is wrong\n"), "{missing:?}");
    assert!(missing.out.contains("WRONG database: there is none at "), "{missing:?}");
    assert_eq!(presence(&none.url).await.expect("an answer"), Presence::Missing);
    let two = w4r(&none.url, &["doctor", "--mail-url=smtp://localhost"]).await;
    assert_eq!((two.code, two.err.as_str()), (1, "w4r: 2 things are wrong\n"), "{two:?}");
    assert!(two.out.contains("WRONG mail: mail needs a sender"), "{two:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_and_the_manual_page_know_every_command() {
    for arguments in
        [["completions", "bash"].as_slice(), &["completions", "zsh"], &["completions", "fish"], &["man"]]
    {
        let said = w4r("nonsense", arguments).await;
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
        for command in ["serve", "backup", "restore", "recount", "doctor"] {
            assert!(said.out.contains(command), "{arguments:?} do not know {command}");
        }
    }
}
