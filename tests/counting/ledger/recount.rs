//! The recount: it finds a wrong counter and repairs it.

use graphql::ledger;
use uuid::Uuid;

use super::{Process, assert_counters_equal_a_recount, evening, report, set_up};
use crate::harness::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn a_recount_finds_a_wrong_counter_and_mends_it() {
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    process.enter(report(place, "a report", 5)).await.expect("the first");
    let mut connection = process.database.connect().await.expect("a connection");
    let headline = graphql::database::edition_versions::at(&mut connection, place.edition, evening())
        .await
        .expect("a database")
        .expect("a headline");
    assert_eq!((headline.version, headline.letters), (1, 5));
    graphql::database::ledger::replace_cells(
        &mut connection,
        place.edition,
        &domain::Counts::default(),
        &graphql::database::edition_versions::TotalsSummary { version: 2, letters: 0, ..headline },
        &[],
        Some(Uuid::now_v7()),
    )
    .await
    .expect("a database");
    let check = ledger::recount::check(&mut connection, place.edition, None, evening(), |_| {}).await;
    let found = check.expect("a recount");
    assert!(!found.matches());
    let mut repair = async |compared| {
        ledger::recount::repair(&mut connection, place.edition, compared, evening(), |_| {}).await
    };
    let earlier = domain::revision::Revision { number: 1, ..found.version };
    assert!(!repair(earlier).await.expect("a database"), "it is not what was compared");
    assert!(repair(found.version).await.expect("a database"));
    assert_counters_equal_a_recount(&process.database, place.edition).await;
    process.catch_up().await;
    assert_eq!(process.actions(place.edition), (3, 5));
}
