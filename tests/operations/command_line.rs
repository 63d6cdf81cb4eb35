//! The command line of `w4r`: commands, arguments, output and exit codes.

use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
    time::timeout,
};

use crate::harness::{Fresh, PATIENCE, Said, Service, import, number, run_sql, user_errors, w4r};

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

/// Everything that an import could change, in one number.
async fn everything(fresh: &Fresh) -> i64 {
    let sql = "SELECT CAST((SELECT SUM(revision) FROM editions) + 3 * (SELECT SUM(revision) FROM sections)
        + 5 * (SELECT SUM(revision) FROM campaigns) + 7 * (SELECT SUM(revision) FROM cases)
        + 11 * (SELECT COUNT(*) FROM report_revisions) + 13 * (SELECT SUM(version) FROM editions)
        + 17 * (SELECT COUNT(*) FROM audit_log) + 19 * (SELECT SUM(quantity) FROM total_counts)
        AS BIGINT) AS number";
    number(&fresh.url, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_that_is_printed_is_the_one_that_is_committed() {
    let said = w4r("nonsense", &["schema"]).await;
    let committed = include_str!("../../schema.graphql");
    assert_eq!((said.code, said.out.trim_end(), said.err.as_str()), (0, committed.trim_end(), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_opens_what_administrators_do_and_is_revoked_for_good() {
    let service = Service::empty().await;
    let url = &service.fresh.url;
    let made = w4r(url, &["key", "create", "Ada, campaign office"]).await;
    let secret = made.out.trim_end();
    assert_eq!((made.code, made.out.lines().count()), (0, 1), "{made:?}");
    assert!(secret.starts_with("w4r_admin_") && !made.err.contains(secret), "{made:?}");
    let other = w4r(url, &["key", "create", "Ada, campaign office"]).await;
    assert_ne!(other.out, made.out);

    let listed = w4r(url, &["key", "list"]).await;
    let ids: Vec<_> = listed
        .out
        .lines()
        .filter(|line| line.contains("Ada, campaign office") && line.contains("active"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(ids.len(), 2, "{listed:?}");
    for secret in [secret, other.out.trim_end()] {
        assert!(!listed.out.contains(secret) && !listed.err.contains(secret), "{listed:?}");
        let kept = format!(
            "SELECT COUNT(*) AS number FROM staff_keys WHERE name = '{secret}' OR key_hash = '{secret}'"
        );
        assert_eq!(number(url, &kept).await, 0, "only its hash is kept");
    }

    let opened =
        service.bearer(secret).change("editionCreate", "edition { year }", json!({ "year": 2031 })).await;
    assert_eq!(user_errors(&opened), [""; 0]);
    let id =
        made.err.split('`').find_map(|part| part.strip_prefix("w4r key revoke ")).expect("how to revoke it");
    assert!(ids.contains(&id), "{id} in {ids:?}");
    let revoked = w4r(url, &["key", "revoke", id]).await;
    assert_eq!((revoked.code, revoked.out.as_str()), (0, "Revoked.\n"), "{revoked:?}");
    let query = "{ service { name } }";
    assert_eq!(service.bearer(secret).fault(query, json!({})).await, "UNAUTHENTICATED");
    service.bearer(other.out.trim_end()).data(query, json!({})).await;
    let listed = w4r(url, &["key", "list"]).await;
    let line = listed.out.lines().find(|line| line.starts_with(id)).expect("it is listed still");
    assert!(line.contains("revoked"), "{line}");
    for (id, code) in [(id, 1), ("00000000-0000-0000-0000-000000000000", 1), ("Ada", 2)] {
        let refused = w4r(url, &["key", "revoke", id]).await;
        assert_eq!((refused.code, refused.out.as_str()), (code, ""), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_a_section_says_so() {
    let fresh = Fresh::database().await;
    let url = fresh.url.as_str();
    let nowhere = w4r(url, &["key", "create", "Jo", "--section", "ca"]).await;
    assert!(nowhere.code != 0 && nowhere.err.contains("no section `ca`"), "{nowhere:?}");
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let made = w4r(url, &["key", "create", "Jo", "--section", "ca"]).await;
    assert!(made.out.starts_with("w4r_section_"), "{made:?}");
    assert!(made.err.contains("Amnesty International Canada (English speaking)"), "{made:?}");
    let listed = w4r(url, &["key", "list"]).await;
    assert!(listed.out.trim_end().ends_with("Jo (only ca)"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_needs_a_name_that_can_be_read() {
    let fresh = Fresh::database().await;
    for name in ["", "  ", "two\nlines", "\u{202E}adA", &"a".repeat(201)] {
        let refused = w4r(&fresh.url, &["key", "create", name]).await;
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:?}");
        assert!(refused.err.starts_with("w4r: the name: "), "{refused:?}");
    }
    let listed = w4r(&fresh.url, &["key", "list"]).await;
    assert_eq!((listed.code, listed.out.as_str()), (0, ""), "{listed:?}");
    assert!(listed.err.contains("w4r key create"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_named_in_front_of_a_command_or_behind_it() {
    let fresh = Fresh::database().await;
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
async fn a_file_is_imported_and_the_same_file_again_changes_nothing() {
    let fresh = Fresh::without_tables().await;
    let folder = TempDir::new().expect("a folder");
    let path = file(&folder, "2019.json", EDITION);
    let first = w4r(&fresh.url, &["import", &path]).await;
    assert_eq!(first.code, 0, "{first:?}");
    let counted = |said: &Said, noun: &str| -> Vec<u32> {
        let line = said.out.lines().find(|line| line.starts_with(noun)).expect("a line").to_owned();
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    };
    let nouns = [("editions", 1), ("sections", 1), ("campaigns", 1), ("cases", 1), ("reports", 2)];
    for (noun, added) in nouns {
        assert_eq!(counted(&first, noun), [added, 0, 0], "{noun}");
    }
    let before = everything(&fresh).await;
    let second = w4r(&fresh.url, &["import", &path]).await;
    assert_eq!(second.code, 0, "{second:?}");
    for (noun, added) in nouns {
        assert_eq!(counted(&second, noun), [0, 0, added], "{noun}");
    }
    assert_eq!(everything(&fresh).await, before);
    let changed =
        file(&folder, "changed.json", &EDITION.replace("\"Canada\"", "\"Canada (English speaking)\""));
    let third = w4r(&fresh.url, &["import", &changed]).await;
    assert_eq!(counted(&third, "sections"), [0, 1, 0], "{third:?}");
    let service = Service::on(fresh).await;
    let query =
        "{ section(code: \"ca\") { name } edition(year: 2019) { letterGoal total { letters people reports } }
        case(edition: 2019, slug: \"magai\") { total { letters } } }";
    let data = service.anyone().data(query, json!({})).await;
    assert_eq!(
        data,
        json!({ "section": { "name": "Canada (English speaking)" },
            "edition": { "letterGoal": 1000, "total": { "letters": 35, "people": 20, "reports": 2 } },
            "case": { "total": { "letters": 26 } } })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_hears_of_an_import() {
    let service = Service::empty().await;
    let folder = TempDir::new().expect("a folder");
    let imported = w4r(&service.fresh.url, &["import", &file(&folder, "2019.json", EDITION)]).await;
    assert_eq!(imported.code, 0, "{imported:?}");
    let query = "{ edition(year: 2019) { total { letters } } }";
    let hearing =
        async { while service.anyone().data(query, json!({})).await["edition"]["total"]["letters"] != 35 {} };
    timeout(PATIENCE, hearing).await.expect("it hears of the import");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_mistakes_names_the_line_of_each_and_nothing_of_it_is_imported() {
    let fresh = Fresh::database().await;
    let folder = TempDir::new().expect("a folder");
    let wrong = EDITION.replace("\"SS\"", "\"ZZ\"").replace("\"quantity\": 9", "\"quantity\": 0");
    let unknown = EDITION.replace("\"letterGoal\"", "\"lettersGoal\"").replace("\"PERSON\"", "\"HUMAN\"");
    let cut = &EDITION[..EDITION.find("\"campaigns\"").expect("campaigns")];
    let crowded = EDITION.replace("2019-12-11-a-library", "2019-12-10-a-school");
    for (name, text, mistakes) in [
        ("rules.json", wrong.as_str(), vec![(5, "COUNTRY_UNKNOWN"), (9, "QUANTITY_OUT_OF_RANGE")]),
        ("form.json", &unknown, vec![(2, "NOT_THIS_FORM"), (5, "NOT_THIS_FORM")]),
        ("cut.json", cut, vec![(4, "NOT_JSON")]),
        ("empty.json", "", vec![(1, "NOT_JSON")]),
        ("twice.json", &crowded, vec![(9, "DUPLICATE")]),
    ] {
        let path = file(&folder, name, text);
        let said = w4r(&fresh.url, &["import", &path]).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        let mut lines = said.err.lines();
        assert_eq!(lines.next(), Some(format!("w4r: {path}: nothing was imported").as_str()));
        let told: Vec<_> = lines.collect();
        assert_eq!(told.len(), mistakes.len(), "{said:?}");
        for (line, (number, code)) in told.iter().zip(mistakes) {
            assert!(line.starts_with(&format!("  line {number}, column ")), "{line}");
            assert!(line.ends_with(&format!("({code})")), "{line}");
        }
        for table in ["editions", "sections", "cases", "report_revisions", "audit_log"] {
            let rows = number(&fresh.url, &format!("SELECT COUNT(*) AS number FROM {table}")).await;
            assert_eq!(rows, 0, "{name}: {table}");
        }
    }
    let folder_path = folder.path().to_str().expect("a path of text");
    for path in ["/nowhere/edition.json", folder_path] {
        let said = w4r(&fresh.url, &["import", path]).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        assert!(said.err.starts_with(&format!("w4r: {path} cannot be read: ")), "{said:?}");
    }
    assert_eq!(w4r(&fresh.url, &["import"]).await.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recount_finds_what_was_tampered_with_and_mends_it_when_told_to() {
    let fresh = Fresh::database().await;
    let folder = TempDir::new().expect("a folder");
    w4r(&fresh.url, &["import", &file(&folder, "2019.json", EDITION)]).await;
    let good = w4r(&fresh.url, &["recount"]).await;
    assert_eq!((good.code, good.err.as_str()), (0, ""), "{good:?}");
    assert!(good.out.starts_with("2019 ") && good.out.contains("the counters equal the ledger"), "{good:?}");
    for (tampering, told) in [
        (
            "UPDATE total_counts SET quantity = quantity + 1000 WHERE kind = 'APPEAL_LETTER'",
            "kind APPEAL_LETTER                       1026 ->           26       -1000",
        ),
        ("UPDATE total_headcounts SET people = people - 1", "people  "),
        (
            "DELETE FROM total_counts WHERE kind = 'SOLIDARITY_MESSAGE'",
            "kind SOLIDARITY_MESSAGE                     0 ->            9          +9",
        ),
        ("UPDATE edition_versions SET letters = letters - 1", "the recorded history differs from the ledger"),
    ] {
        run_sql(&fresh.url, tampering).await;
        let found = w4r(&fresh.url, &["recount"]).await;
        assert_eq!(found.code, 1, "{tampering}: {found:?}");
        assert!(found.out.contains("THE COUNTERS DIFFER"), "{tampering}: {found:?}");
        assert!(found.out.contains(told), "{tampering}: {found:?}");
        assert!(found.err.contains("w4r recount --repair") && found.err.contains("2019"), "{found:?}");
        let mended = w4r(&fresh.url, &["recount", "--repair", "--accept-smaller"]).await;
        assert_eq!(mended.code, 0, "{tampering}: {mended:?}");
        assert!(mended.out.contains("replaced by the ledger's"), "{mended:?}");
        let good = w4r(&fresh.url, &["recount"]).await;
        assert_eq!(good.code, 0, "{tampering}: {good:?}");
    }
    let service = Service::on(fresh).await;
    let query = "{ edition(year: 2019) { total { letters people recount { matches } } } }";
    let data = service.anyone().data(query, json!({})).await;
    assert_eq!(
        data["edition"]["total"],
        json!({ "letters": 35, "people": 20, "recount": { "matches": true } })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_makes_no_number_smaller_without_being_told_to() {
    let fresh = Fresh::database().await;
    let folder = TempDir::new().expect("a folder");
    w4r(&fresh.url, &["import", &file(&folder, "2019.json", EDITION)]).await;
    // As after a step that lost reports: the ledger has fewer than were counted.
    run_sql(&fresh.url, "DELETE FROM report_revisions WHERE lines LIKE '%SOLIDARITY_MESSAGE%'").await;
    let counted = "SELECT CAST(SUM(quantity) AS BIGINT) AS number FROM total_counts";
    let before = number(&fresh.url, counted).await;
    let asked = w4r(&fresh.url, &["recount", "--repair"]).await;
    assert_eq!(asked.code, 1, "{asked:?}");
    assert!(
        asked.err.contains("2019 was not changed") && asked.err.contains("--accept-smaller"),
        "{asked:?}"
    );
    for told in
        ["all actions", "kind SOLIDARITY_MESSAGE", "section ca", "case ", "reports", "channel INDIVIDUAL"]
    {
        assert!(asked.out.contains(told), "{told}: {asked:?}");
    }
    assert!(asked.out.lines().all(|line| line.chars().count() <= 80), "{}", asked.out);
    assert_eq!(number(&fresh.url, counted).await, before, "nothing was taken");
    let told = w4r(&fresh.url, &["recount", "--repair", "--accept-smaller"]).await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(number(&fresh.url, counted).await < before);
    assert_eq!(w4r(&fresh.url, &["recount"]).await.code, 0);
    assert_eq!(w4r(&fresh.url, &["recount", "--accept-smaller"]).await.code, 2, "there is nothing to accept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_shows_what_a_repair_has_mended() {
    let fresh = Fresh::database().await;
    let folder = TempDir::new().expect("a folder");
    w4r(&fresh.url, &["import", &file(&folder, "2019.json", EDITION)]).await;
    run_sql(&fresh.url, "UPDATE total_counts SET quantity = quantity + 1000 WHERE kind = 'APPEAL_LETTER'")
        .await;
    let service = Service::on(fresh).await;
    let letters = async || {
        let data = service.anyone().data("{ edition(year: 2019) { total { letters } } }", json!({})).await;
        data["edition"]["total"]["letters"].clone()
    };
    assert_eq!(letters().await, 1035, "what was tampered with is counted until somebody looks");
    assert_eq!(w4r(&service.fresh.url, &["recount", "--repair", "--accept-smaller"]).await.code, 0);
    let hearing = async { while letters().await != 35 {} };
    timeout(PATIENCE, hearing).await.expect("it hears of the repair");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_start_says_why_and_ends() {
    let fresh = Fresh::database().await;
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
async fn what_is_printed_fits_eighty_columns() {
    let fresh = Fresh::database().await;
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
