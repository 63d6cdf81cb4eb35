//! Atomicity of the ledger's transactions, also on tables of older versions.

use domain::{
    Section, SectionId,
    catalogue::{CatalogueChange, CatalogueEdit},
    report::Review,
};
use graphql::{
    credentials::SecretHash,
    database::{
        self, Database,
        migrations::{self, MigrationTarget},
        reports::{self, StoredReport},
    },
    ledger::{self, Action, Command, Staff, Viewer},
};
use uuid::Uuid;

use super::{Process, assert_counters_equal_a_recount, evening, report, set_up};
use crate::harness::{TestDatabase, number, run_sql, server};

/// How many rows there are of all that is stored with a report.
const STORED: &str = "SELECT COUNT(*) AS number FROM (
    SELECT 1 AS row FROM report_revisions UNION ALL SELECT 1 FROM idempotency_keys UNION ALL
    SELECT 1 FROM total_counts UNION ALL SELECT 1 FROM total_headcounts) AS stored";

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_refused_at_its_end_leaves_nothing_behind() {
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    let taken =
        "INSERT INTO edition_versions (edition_id, version, committed_at, letters, actions, late, people)
        SELECT id, 1, '2021-12-10 20:00:00+00', 0, 0, 0, 0 FROM editions";
    run_sql(&fresh.url, taken).await;
    let refused = process.ledger.submit(vec![report(place, "a key", 5)]).await;
    assert!(matches!(refused, Err(ledger::Failure::Database(database::Error::Broken(_)))), "{refused:?}");
    assert_eq!(number(&fresh.url, STORED).await, 0);
    run_sql(&fresh.url, "DELETE FROM edition_versions").await;
    assert!(!process.enter(report(place, "a key", 5)).await.expect("it is taken now").replayed);
    assert_eq!(number(&fresh.url, STORED).await, 4);
    assert_eq!(process.actions(place.edition), (1, 5));
    assert_counters_equal_a_recount(&process.database, place.edition).await;
}

/// Nothing that it says has been prepared yet, and its last word must not overtake the others.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_commit_of_a_process_is_one_transaction() {
    const WRITTEN_BY: &str = "SELECT COUNT(DISTINCT by::text) AS number FROM (
        SELECT xmin AS by FROM report_revisions UNION ALL SELECT xmin FROM idempotency_keys UNION ALL
        SELECT xmin FROM total_counts UNION ALL SELECT xmin FROM total_headcounts UNION ALL
        SELECT xmin FROM edition_versions UNION ALL SELECT xmin FROM editions) AS written";
    if server().is_none() {
        return;
    }
    let fresh = TestDatabase::migrated().await;
    let place = set_up(&Process::start(&fresh).await).await;
    let process = Process::start(&fresh).await;
    assert!(process.enter(report(place, "the first", 5)).await.is_ok());
    assert_eq!(number(&fresh.url, WRITTEN_BY).await, 1);
}

const WRITTEN_BY_ANYBODY: &str = "SELECT COUNT(*) AS number FROM report_revisions";

/// Takes a step back, and before it all that came later.
async fn take_back(url: &str, first: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut steps: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name.split('_').next().expect("a version").replace('-', ""), path)
        })
        .filter(|(version, _)| version.as_str() >= first)
        .collect();
    steps.sort();
    for (version, path) in steps.into_iter().rev() {
        run_sql(url, &std::fs::read_to_string(path.join("down.sql")).expect("the way down")).await;
        run_sql(url, &format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_copies_reports_loses_none() {
    const STEP: &str = "20261129000052";
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    let counted = process.enter(report(place, "a report", 5)).await.expect("it counts").report.id;
    let held = process.enter(report(place, "far too many", 501)).await.expect("held").report.id;
    let stored = async |database: &Database| -> Vec<StoredReport> {
        let mut connection = database.connect().await.expect("a connection");
        let mut stored = Vec::new();
        for id in [counted, held] {
            stored.push(reports::find(&mut connection, id).await.expect("a database").expect("a report"));
        }
        stored
    };
    // Why it is held is kept since a later step.
    let told = |stored: Vec<StoredReport>| {
        format!("{stored:?}").replace("review_reason: Some(Quantity)", "review_reason: None")
    };
    let before = told(stored(&process.database).await);
    drop(process);
    take_back(&fresh.url, STEP).await;
    assert_eq!(number(&fresh.url, WRITTEN_BY_ANYBODY).await, 2);
    migrations::run(&fresh.url, MigrationTarget::Latest).await.expect("the step is taken");
    let process = Process::start(&fresh).await;
    assert_eq!(told(stored(&process.database).await), before);
    let review = Command {
        former_key: None,
        key: SecretHash::of("a review"),
        now: evening(),
        viewer: Viewer::Staff(Staff { key: None, section: None }),
        address: None,
        action: Action::Review {
            report: held,
            expected_revision: 1,
            review: Review::Accept,
            reason: "a big school".into(),
        },
    };
    assert!(process.enter(review).await.is_ok());
    assert_eq!(process.actions(place.edition), (3, 506));
    assert_counters_equal_a_recount(&process.database, place.edition).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_report_is_stored_under_another_section_than_that_of_its_campaign() {
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    let another = |revising: &mut CatalogueEdit| {
        let canada = revising.catalogue.section_by_code("ca").expect("it is there").clone();
        revising.upsert(CatalogueChange::Section(Section {
            id: SectionId::new(Uuid::now_v7()),
            code: "us".into(),
            ..canada
        }));
        Ok(())
    };
    process
        .ledger
        .edit_catalogue(None, evening(), another)
        .await
        .expect("a database")
        .expect("no rule is broken");
    process.enter(report(place, "a report", 5)).await.expect("it counts");
    let url = fresh.url.clone();
    let moved = "UPDATE report_revisions SET section_id = (SELECT id FROM sections WHERE code = 'us')";
    let refused = tokio::spawn(async move { run_sql(&url, moved).await }).await.expect_err("it is refused");
    let said = refused.into_panic().downcast::<String>().expect("what the database said");
    assert!(said.contains("ForeignKeyViolation"), "{said}");
}
