//! Backups that are refused, and restores that do not end: nothing is left that could be taken for a whole database.

use std::{
    io::{Read, Write},
    path::Path,
    process::Stdio,
};

use data_encoding::HEXLOWER;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use graphql::database::creation::{Presence, presence};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::process::Command;

use super::back_up;
use crate::harness::{PATIENCE, TestDatabase, import, number, w4r};

/// The lines of a backup without the last one.
fn lines(path: &str) -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).expect("a backup")).read_to_string(&mut text).expect("gzip");
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.pop();
    lines
}

/// Writes lines as a backup, with a right hash.
fn forge(folder: &TempDir, name: &str, lines: &[String]) -> String {
    let path = folder.path().join(name);
    let mut packed = GzEncoder::new(std::fs::File::create(&path).expect("a file"), Compression::fast());
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(format!("{line}\n"));
        writeln!(packed, "{line}").expect("a line");
    }
    writeln!(packed, "{{\"sha256\":\"{}\"}}", HEXLOWER.encode(&hash.finalize())).expect("a line");
    packed.finish().expect("a file");
    path.to_str().expect("a path of text").to_owned()
}

/// A backup of the edition of 2021.
async fn backup(folder: &TempDir) -> String {
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../../graphql/data/edition-2021.json")).await;
    back_up(&fresh.url, folder, "whole.w4r.gz").await
}

/// A restore is refused with a message that has these words, and leaves nothing.
async fn assert_refused(path: &str, words: &str) {
    let fresh = TestDatabase::without_tables().await;
    let said = w4r(&fresh.url, &["restore", path]).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.contains(words) && said.err.lines().count() == 1, "{said:?} does not say {words}");
    assert_eq!(presence(&fresh.url).await.expect("an answer"), Presence::Missing);
    match fresh.url.strip_prefix("sqlite:") {
        Some(file) => assert!(!Path::new(file).exists(), "{path} leaves a file"),
        None => {
            let tables = "SELECT COUNT(*) AS number FROM pg_tables WHERE schemaname = current_schema()";
            assert_eq!(number(&fresh.url, tables).await, 0, "{path} leaves tables");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_damaged_or_of_another_form_leaves_nothing() {
    let folder = TempDir::new().expect("a folder");
    let path = backup(&folder).await;
    let whole = std::fs::read(&path).expect("a backup");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_str().expect("a path of text").to_owned()
    };
    for position in [0, 5, 30, whole.len() / 3, whole.len() / 2, whole.len() - 40, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[position] ^= 0x41;
        let path = file("changed.w4r.gz", &changed);
        assert_refused(&path, "is damaged, cut off or no backup").await;
        assert_eq!(w4r("sqlite:none.db", &["restore", "--dry-run", &path]).await.code, 1, "{position}");
    }
    for length in [0, 9, whole.len() / 2, whole.len() - 1] {
        assert_refused(&file("cut.w4r.gz", &whole[..length]), "is damaged, cut off or no backup").await;
    }
    assert_refused(&file("longer.w4r.gz", &[&whole[..], b"x"].concat()), "something follows its end").await;
    assert_refused("/no/such/backup.w4r.gz", "No such file").await;
    let lines = lines(&path);
    let with_header = |name: &str, from: &str, to: &str| {
        let mut lines = lines.clone();
        lines[0] = lines[0].replacen(from, to, 1);
        assert_ne!(lines[0], self::lines(&path)[0], "{from} is not in the header");
        forge(&folder, name, &lines)
    };
    let newer = "was made by a newer version of w4r";
    assert_refused(&with_header("format.gz", "\"version\":1", "\"version\":2"), newer).await;
    assert_refused(&with_header("step.gz", "\"20261122000001\"", "\"29990101000000\""), newer).await;
    assert_refused(
        &with_header("table.gz", "\"name\":\"outbox\"", "\"name\":\"inbox\""),
        "the table outbox is missing",
    )
    .await;
    assert_refused(&with_header("other.gz", "w4r-backup", "dump"), "another format").await;
    // With a hash that is right, a row too few, an edition twice, and one that no table refers to.
    assert_refused(&forge(&folder, "few.gz", &lines[..lines.len() - 1]), "is damaged").await;
    let edition = lines.iter().position(|line| line.contains(",2021,")).expect("the edition");
    let mut twice = lines.clone();
    twice[edition + 1] = twice[edition].clone();
    assert_refused(&forge(&folder, "twice.gz", &twice), "w4r: ").await;
    let mut other = lines.clone();
    other[edition] = other[edition].replacen("[\"0", "[\"f", 1);
    assert_refused(&forge(&folder, "other-edition.gz", &other), "w4r: ").await;
    let mut version = lines.clone();
    version[0] = version[0].replacen("\"year\":2021,\"version\":0", "\"year\":2021,\"version\":4", 1);
    assert_refused(&forge(&folder, "version.gz", &version), "is not right: the version of 2021").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_that_differ_are_restored_only_if_that_is_accepted() {
    let folder = TempDir::new().expect("a folder");
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../../graphql/data/edition-2021.json")).await;
    let wrong =
        "INSERT INTO edition_versions (edition_id, version, committed_at, letters, actions, late, people)
        SELECT id, 0, (SELECT MIN(updated_at) FROM cases), 5, 5, 0, 0 FROM editions";
    crate::harness::run_sql(&fresh.url, wrong).await;
    let path = back_up(&fresh.url, &folder, "wrong.w4r.gz").await;
    assert_refused(&path, "2021: the recorded history differs from the ledger").await;
    let copy = TestDatabase::without_tables().await;
    let said = w4r(&copy.url, &["restore", "--accept-differences", &path]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("DIFFERS: 2021: the recorded history"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_exists_and_a_file_that_exists_are_not_replaced() {
    let folder = TempDir::new().expect("a folder");
    let path = backup(&folder).await;
    let fresh = TestDatabase::migrated().await;
    for arguments in [["restore", &path].as_slice(), &["restore", "--discard-unfinished", &path]] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        assert!(said.err.contains("nothing was changed"), "{said:?}");
    }
    let before = std::fs::read(&path).expect("a backup");
    let said = w4r(&fresh.url, &["backup", &path]).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.contains("exists; --replace replaces it"), "{said:?}");
    assert_eq!(std::fs::read(&path).expect("a backup"), before);
    let said = w4r(&fresh.url, &["backup", "--replace", &path]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_ne!(std::fs::read(&path).expect("a backup"), before);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("a backup").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The rest of another database would be taken for commits of this one.
    let place = TempDir::new().expect("a folder");
    std::fs::write(place.path().join("w4r.db-wal"), "commits of another database").expect("a file");
    let said = w4r(&format!("sqlite:{}/w4r.db", place.path().display()), &["restore", &path]).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(said.err.contains("w4r.db-wal belongs to another database"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_leaves_what_no_command_takes_for_whole() {
    let folder = TempDir::new().expect("a folder");
    let path = backup(&folder).await;
    // Rows enough for the restore to be seen while it runs.
    let mut lines = lines(&path);
    let mut header: serde_json::Value = serde_json::from_str(&lines[0]).expect("a header");
    let tables = header["tables"].as_array_mut().expect("tables");
    let mut before = 0;
    for table in tables.iter_mut() {
        if table["name"] == "heartbeats" {
            table["rows"] = (table["rows"].as_u64().expect("a number") + 40_000).into();
            break;
        }
        before += usize::try_from(table["rows"].as_u64().expect("a number")).expect("a number");
    }
    lines[0] = header.to_string();
    lines.splice(before + 1..before + 1, (0..40_000).map(|number| format!("[\"{number:032x}\",{number}]")));
    let path = forge(&folder, "large.w4r.gz", &lines);
    let fresh = TestDatabase::without_tables().await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_w4r"))
        .args(["restore", &path])
        .env("DATABASE_URL", &fresh.url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the executable");
    let began = async {
        while presence(&fresh.url).await.expect("an answer") != Presence::Unfinished {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, began).await.expect("it begins");
    child.kill().await.expect("kill -9");
    for arguments in [
        ["recount"].as_slice(),
        &["key", "list"],
        &["serve", "--listen=127.0.0.1:0"],
        &["backup", "unwritten.w4r.gz"],
        &["restore", &path],
    ] {
        let said = w4r(&fresh.url, arguments).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{arguments:?}: {said:?}");
        assert!(said.err.contains("the database is not complete"), "{arguments:?}: {said:?}");
    }
    let said = w4r(&fresh.url, &["restore", "--discard-unfinished", &path]).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(number(&fresh.url, "SELECT COUNT(*) AS number FROM heartbeats").await, 40_000);
    assert_eq!(w4r(&fresh.url, &["recount"]).await.code, 0);
}
