//! The command line of `w4r`: commands, arguments, output and exit codes.

use std::process::Stdio;

use crate::harness::{PATIENCE, TestDatabase, w4r};
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
        &["schema", "--help"],
        &["--version"],
        &["import", &path],
        &["key", "create", "Ada, campaign office"],
        &["key", "list"],
        &["recount"],
    ] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!(said.code, 0, "{said:?}");
        printed += &said.out;
        printed += &said.err;
    }
    printed += &beginning(&["serve", "--listen=127.0.0.1:0"], &fresh.url, 3).await;
    printed += &beginning(&["demo", "--listen=127.0.0.1:0"], &fresh.url, 5).await;
    let long: Vec<_> = printed.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(long, [""; 0]);
    assert!(printed.lines().count() > 100, "{printed}");
}
