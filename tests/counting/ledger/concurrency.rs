//! Submissions, corrections and readers at the same time, in one process and in two.

use std::collections::HashSet;

use domain::{CampaignId, Case, case::CaseState, catalogue::CatalogueChange};
use futures_util::FutureExt;
use graphql::{
    credentials::SecretHash,
    ledger::{self, Action, Command, Receipt, Viewer},
};
use uuid::Uuid;

use super::{Place, Process, assert_counters_equal_a_recount, codes, evening, report, set_up, submission};
use crate::harness::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn submissions_of_one_key_at_once_make_one_report() {
    let fresh = TestDatabase::migrated().await;
    let processes = [Process::start(&fresh).await, Process::start(&fresh).await];
    let place = set_up(&processes[0]).await;
    processes[1].catch_up().await;
    let racing: Vec<_> = (0..40)
        .map(|number| {
            let ledger = processes[number % 2].ledger.clone();
            tokio::spawn(async move { ledger.submit(vec![report(place, "one and the same key", 7)]).await })
        })
        .collect();
    let mut receipts: Vec<Receipt> = Vec::new();
    for racer in racing {
        let mut answers = racer.await.expect("no panic").expect("a database");
        receipts.push(answers.pop().expect("an answer").expect("no rule is broken"));
    }
    assert_eq!(receipts.iter().filter(|receipt| !receipt.replayed).count(), 1);
    assert_eq!(receipts.iter().map(|receipt| receipt.report.id).collect::<HashSet<_>>().len(), 1);
    for process in &processes {
        process.catch_up().await;
        assert_eq!(process.actions(place.edition), (1, 7));
    }
    assert_counters_equal_a_recount(&processes[0].database, place.edition).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_count_every_report_once_and_agree() {
    let fresh = TestDatabase::migrated().await;
    let processes = [Process::start(&fresh).await, Process::start(&fresh).await];
    let place = set_up(&processes[0]).await;
    processes[1].catch_up().await;
    let clients: Vec<_> = (0..16)
        .map(|client| {
            let ledger = processes[client % 2].ledger.clone();
            tokio::spawn(async move {
                for number in 0..20 {
                    // Every tenth is sent twice.
                    for _ in 0..=u32::from(number % 10 == 0) {
                        let command = report(place, &format!("client {client} report {number}"), 3);
                        let answers = ledger.submit(vec![command]).await.expect("a database");
                        assert!(answers[0].is_ok());
                    }
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("no panic");
    }
    let mut seen = Vec::new();
    for process in &processes {
        process.catch_up().await;
        seen.push(process.actions(place.edition));
    }
    assert_eq!(seen[0].1, 16 * 20 * 3);
    assert_eq!(seen[0], seen[1], "both know the same version of the same total");
    assert_counters_equal_a_recount(&processes[1].database, place.edition).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_obeys_a_change_that_it_was_not_notified_of() {
    let fresh = TestDatabase::migrated().await;
    let [busy, deaf] = [Process::start(&fresh).await, Process::start(&fresh).await];
    let place = set_up(&busy).await;
    assert!(deaf.enter(report(place, "of a campaign it never heard of", 5)).await.is_ok());
    let suspend = move |revising: &mut domain::catalogue::CatalogueEdit| {
        let case = revising.catalogue.case(place.cases[0]).expect("it is there").clone();
        revising.upsert(CatalogueChange::Case(Case { state: CaseState::Suspended, ..case }));
        Ok(())
    };
    busy.ledger
        .edit_catalogue(None, evening(), suspend)
        .await
        .expect("a database")
        .expect("no rule is broken");
    let refused = deaf.enter(report(place, "after the suspension", 5)).await;
    assert_eq!(codes(refused), ["CASE_SUSPENDED"]);
    busy.catch_up().await;
    assert_eq!(busy.actions(place.edition), (1, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_corrections_of_one_revision_is_stale() {
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    let first = process.enter(report(place, "a report", 5)).await.expect("the first");
    let correct = |key: &str, quantity| Command {
        former_key: None,
        key: SecretHash::of(key),
        now: evening(),
        viewer: Viewer::SecretHolder(SecretHash::of("a secret")),
        address: None,
        action: Action::Correct {
            report: first.report.id,
            expected_revision: 1,
            submission: submission(place.cases[1], quantity),
            reason: "miscounted".into(),
        },
    };
    let racing: Vec<_> = (0..8)
        .map(|number| {
            let (ledger, command) =
                (process.ledger.clone(), correct(&format!("correction {number}"), 10 + number));
            tokio::spawn(async move { ledger.submit(vec![command]).await })
        })
        .collect();
    let mut done = Vec::new();
    for racer in racing {
        match racer.await.expect("no panic").expect("a database").pop().expect("an answer") {
            Ok(receipt) => done.push(receipt.report.latest().content.quantity()),
            refused => assert_eq!(codes(refused), ["STALE_REVISION"]),
        }
    }
    assert_eq!(done.len(), 1);
    assert_eq!(process.actions(place.edition), (2, done[0]));
    let wrong_secret =
        Command { viewer: Viewer::SecretHolder(SecretHash::of("another")), ..correct("last", 1) };
    assert_eq!(codes(process.enter(wrong_secret).await), ["NOT_FOUND"]);
    assert_counters_equal_a_recount(&process.database, place.edition).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_in_the_middle_of_a_transaction_leaves_no_lock_behind() {
    use graphql::database::Access;
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    for _ in 0..20 {
        let database = process.database.clone();
        let (locked, is_locked) = tokio::sync::oneshot::channel();
        let goer = tokio::spawn(async move {
            let mut connection = database.connect().await.expect("a connection");
            connection
                .transaction(Access::Write, async |connection| {
                    graphql::database::catalogue::raise_revision(connection).await?;
                    locked.send(()).ok();
                    std::future::pending::<()>().await;
                    Ok::<_, graphql::database::Error>(())
                })
                .await
        });
        is_locked.await.expect("locked");
        goer.abort();
        goer.await.expect_err("aborted");
        process
            .ledger
            .edit_catalogue(None, evening(), |_| Ok(()))
            .await
            .expect("nobody holds the lock")
            .expect("nothing");
    }
    process.enter(report(place, "afterwards", 5)).await.expect("nothing is in the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_disconnects_still_occupies_its_place_in_the_queue() {
    /// As many as may wait at once.
    const MAX_WAITING: usize = 10_000;
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = Place { campaign: CampaignId::new(Uuid::now_v7()), ..set_up(&process).await };
    let (let_it, held) = std::sync::mpsc::channel::<()>();
    let mut busy =
        Box::pin(process.ledger.edit_catalogue(None, evening(), move |_| Ok(held.recv().is_err())));
    assert!((&mut busy).now_or_never().is_none());
    let many = (2..MAX_WAITING).map(|number| report(place, &format!("letters number {number}"), 1)).collect();
    assert!(process.ledger.submit(many).now_or_never().is_none(), "they wait, and nobody for them");
    let mut last = Box::pin(process.ledger.submit(vec![report(place, "the last letters", 1)]));
    assert!((&mut last).now_or_never().is_none());
    let too_many = process.ledger.submit(vec![report(place, "one more letter", 1)]).now_or_never();
    assert!(matches!(too_many, Some(Err(ledger::Failure::Busy))), "{too_many:?}");
    drop(let_it);
    assert!(busy.await.expect("a database").expect("no rule is broken"));
    assert_eq!(codes(last.await.expect("a database").remove(0)), ["NOT_FOUND"]);
    assert_eq!(codes(process.enter(report(place, "one more letter", 1)).await), ["NOT_FOUND"]);
}
