//! `w4r recount`: wrong counters are found, and repaired on demand.

use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{EDITION, file};
use crate::harness::{PATIENCE, Service, TestDatabase, number, run_sql, w4r};

#[tokio::test(flavor = "multi_thread")]
async fn a_recount_finds_what_was_tampered_with_and_mends_it_when_told_to() {
    let fresh = TestDatabase::migrated().await;
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
    let fresh = TestDatabase::migrated().await;
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
    for told in ["all actions", "kind SOLIDARITY_MESSAGE", "section ca", "case ", "reports", "origin unknown"]
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
    let fresh = TestDatabase::migrated().await;
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
