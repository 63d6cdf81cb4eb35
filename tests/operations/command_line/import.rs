//! `w4r import`: editions from files.

use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{EDITION, file};
use crate::harness::{CommandOutput, PATIENCE, Service, TestDatabase, number, w4r};

/// Everything that an import could change, in one number.
async fn everything(fresh: &TestDatabase) -> i64 {
    let sql = "SELECT CAST((SELECT SUM(revision) FROM editions) + 3 * (SELECT SUM(revision) FROM sections)
        + 5 * (SELECT SUM(revision) FROM campaigns) + 7 * (SELECT SUM(revision) FROM cases)
        + 11 * (SELECT COUNT(*) FROM report_revisions) + 13 * (SELECT SUM(version) FROM editions)
        + 17 * (SELECT COUNT(*) FROM audit_log) + 19 * (SELECT SUM(quantity) FROM total_counts)
        AS BIGINT) AS number";
    number(&fresh.url, sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_and_the_same_file_again_changes_nothing() {
    let fresh = TestDatabase::without_tables().await;
    let folder = TempDir::new().expect("a folder");
    let path = file(&folder, "2019.json", EDITION);
    let first = w4r(&fresh.url, &["import", &path]).await;
    assert_eq!(first.code, 0, "{first:?}");
    let counted = |said: &CommandOutput, noun: &str| -> Vec<u32> {
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
async fn a_running_service_notices_an_import() {
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
    let fresh = TestDatabase::migrated().await;
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
async fn a_report_of_a_file_comes_in_when_the_file_says_and_not_in_the_future() {
    let fresh = TestDatabase::without_tables().await;
    let folder = TempDir::new().expect("a folder");
    let received_at =
        |instant: &str| EDITION.replace("\"people\": 20,", &format!("\"receivedAt\": \"{instant}\","));
    let (_, code) = "receivedAt IN_THE_FUTURE".split_once(' ').expect("a code");
    let path = file(&folder, "future.json", &received_at("2999-12-11T09:30:00Z"));
    let future = w4r(&fresh.url, &["import", &path]).await;
    assert_eq!(future.code, 1, "{future:?}");
    assert!(future.err.trim_end().ends_with(&format!("({code})")), "{future:?}");
    let path = file(&folder, "past.json", &received_at("2019-12-11T09:30:00Z"));
    let past = w4r(&fresh.url, &["import", &path]).await;
    assert_eq!(past.code, 0, "{past:?}");
    let kept = "SELECT COUNT(*) AS number FROM report_revisions earlier, report_revisions later
        WHERE earlier.received_at < later.received_at";
    assert_eq!(number(&fresh.url, kept).await, 1, "the other one came in with the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_leaves_no_database_behind() {
    let folder = TempDir::new().expect("a folder");
    for text in [
        "{",
        &EDITION.replace("\"magai\", \"kind\": \"APPEAL_LETTER\"", "\"nobody\", \"kind\": \"APPEAL_LETTER\""),
    ] {
        let fresh = TestDatabase::without_tables().await;
        let refused = w4r(&fresh.url, &["import", &file(&folder, "refused.json", text)]).await;
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:?}");
        assert!(refused.err.contains("nothing was imported"), "{refused:?}");
        match fresh.url.strip_prefix("sqlite:") {
            Some(path) => assert!(!std::path::Path::new(path).exists(), "a file is left"),
            None => {
                let tables = "SELECT COUNT(*) AS number FROM pg_tables WHERE schemaname = current_schema()";
                assert_eq!(number(&fresh.url, tables).await, 0);
            }
        }
        let imported = w4r(&fresh.url, &["import", &file(&folder, "right.json", EDITION)]).await;
        assert_eq!(imported.code, 0, "{imported:?}");
        assert_eq!(w4r(&fresh.url, &["recount"]).await.code, 0);
    }
}
