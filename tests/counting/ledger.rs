//! The ledger below the API: races, groups, recounts, and two processes on one database.

use std::collections::HashSet;

use domain::{
    ActionKind, Campaign, CampaignId, CampaignWindow, Case, CaseId, Edition, EditionId, ReportId, Section,
    SectionId, Zone,
    campaign::{CaseSelection, PlausibilityLimits},
    case::{CaseDraft, CaseKind, CaseState},
    catalogue::CatalogueChange,
    edition::EditionState,
    report::{LineDraft, ReportBudgets, ReportDraft, ReportSource, ReportSubmission},
    total::TotalScope,
};
use futures_util::FutureExt;
use graphql::{
    credentials::SecretHash,
    database::Database,
    ledger::{self, Action, Command, CommandResult, Ledger, Receipt, SharedState, Staff, Viewer},
};
use jiff::{Timestamp, civil::date};
use uuid::Uuid;

use crate::harness::{Fresh, at};

mod atomicity;

/// What a process keeps, without its sockets.
struct Process {
    database: Database,
    ledger: Ledger,
    memory: SharedState,
}

impl Process {
    async fn start(fresh: &Fresh) -> Self {
        let database = fresh.open();
        let memory = SharedState::default();
        ledger::refresh(&database, &memory).await.expect("a database");
        let (ledger, _) =
            Ledger::start(database.clone(), memory.clone(), ReportBudgets::NONE).expect("a thread");
        Self { database, ledger, memory }
    }

    async fn enter(&self, command: Command) -> CommandResult {
        self.ledger.submit(vec![command]).await.expect("a database").pop().expect("an answer for a command")
    }

    async fn catch_up(&self) {
        ledger::refresh(&self.database, &self.memory).await.expect("a database");
    }

    fn actions(&self, edition: EditionId) -> (i64, u64) {
        let count = self.memory.tallies.count(edition);
        (count.version, count.tally.sums(TotalScope::Edition).all.actions)
    }
}

/// An edition with one campaign and two cases.
#[derive(Clone, Copy)]
struct Place {
    edition: EditionId,
    campaign: CampaignId,
    cases: [CaseId; 2],
}

async fn set_up(process: &Process) -> Place {
    let place = Place {
        edition: EditionId::new(Uuid::now_v7()),
        campaign: CampaignId::new(Uuid::now_v7()),
        cases: [CaseId::new(Uuid::now_v7()), CaseId::new(Uuid::now_v7())],
    };
    let work = move |revising: &mut domain::catalogue::CatalogueEdit| {
        let zone = Zone::parse("America/Toronto").expect("a zone");
        let section_id = SectionId::new(Uuid::now_v7());
        revising.upsert(CatalogueChange::Edition(Edition {
            id: place.edition,
            year: 2021,
            letter_goal: None,
            state: EditionState::Open,
            revision: 1,
        }));
        revising.upsert(CatalogueChange::Section(Section {
            id: section_id,
            code: "ca".into(),
            name: "Canada".into(),
            country: None,
            languages: vec![],
            zone: zone.clone(),
            revision: 1,
        }));
        revising.upsert(CatalogueChange::Campaign(Campaign {
            id: place.campaign,
            edition_id: place.edition,
            section_id,
            window: CampaignWindow::new(date(2021, 11, 1), None, date(2022, 1, 31), 0, zone)
                .expect("a window"),
            letter_goal: None,
            limits: PlausibilityLimits::default(),
            picks: CaseSelection::All,
            reviews_events: true,
            bounds_events: true,
            revision: 1,
        }));
        for (case, slug) in place.cases.into_iter().zip(["rung", "sphere"]) {
            let draft = CaseDraft {
                name: Some(slug.into()),
                kind: Some(CaseKind::Person),
                country: Some("TH".into()),
                ..CaseDraft::default()
            };
            revising.upsert(CatalogueChange::Case(Case {
                id: case,
                edition_id: place.edition,
                slug: slug.into(),
                content: draft.complete(None)?,
                outcomes: vec![],
                consent: None,
                state: CaseState::Published,
                updated_at: evening(),
                revision: 1,
            }));
        }
        Ok(())
    };
    process
        .ledger
        .edit_catalogue(None, evening(), work)
        .await
        .expect("a database")
        .expect("no rule is broken");
    place
}

fn evening() -> Timestamp {
    at("2021-12-10T20:00:00Z")
}

fn submission(case: CaseId, quantity: u32) -> ReportSubmission {
    let line = LineDraft { case: Some(case), kind: ActionKind::AppealLetter, quantity: quantity.into() };
    ReportSubmission::parse(ReportDraft { lines: vec![line], ..ReportDraft::default() })
        .expect("a well-formed draft")
}

fn report(place: Place, key: &str, quantity: u32) -> Command {
    Command {
        former_key: None,
        key: SecretHash::of(key),
        now: evening(),
        viewer: Viewer::Anonymous,
        address: None,
        action: Action::Submit {
            report: ReportId::new(Uuid::now_v7()),
            secret: SecretHash::of("a secret"),
            campaign: place.campaign,
            at: None,
            submission: submission(place.cases[0], quantity),
            author: ReportSource::Writer,
        },
    }
}

fn codes(answer: CommandResult) -> Vec<&'static str> {
    answer.expect_err("a rule says no").iter().map(|violation| violation.rule.code()).collect()
}

async fn assert_counters_equal_a_recount(database: &Database, edition: EditionId) {
    let mut connection = database.connect().await.expect("a connection");
    let recount =
        ledger::recount::check(&mut connection, edition, None, evening(), |_| {}).await.expect("a recount");
    assert!(recount.matches(), "the counters differ from the ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn submissions_of_one_key_at_once_make_one_report() {
    let fresh = Fresh::database().await;
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
    let fresh = Fresh::database().await;
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
async fn a_process_that_has_not_heard_of_a_change_goes_by_it_all_the_same() {
    let fresh = Fresh::database().await;
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
async fn a_key_with_other_content_is_refused_and_nothing_changes() {
    let fresh = Fresh::database().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    process.enter(report(place, "a key", 5)).await.expect("the first");
    assert_eq!(codes(process.enter(report(place, "a key", 6)).await), ["IDEMPOTENCY_KEY_CONFLICT"]);
    assert_eq!(process.actions(place.edition), (1, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_each_command_by_itself() {
    let fresh = Fresh::database().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    let foreign = Place { cases: [CaseId::new(Uuid::now_v7()); 2], ..place };
    let commands = vec![
        report(place, "first", 5),
        report(foreign, "second", 5),
        report(place, "first", 5),
        report(place, "first", 9),
        report(place, "third", 4),
    ];
    let answers = process.ledger.submit(commands).await.expect("a database");
    let said: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Ok(receipt) if receipt.replayed => "replayed",
            Ok(_) => "done",
            Err(violations) => violations[0].rule.code(),
        })
        .collect();
    assert_eq!(said, ["done", "CASE_NOT_IN_CAMPAIGN", "replayed", "IDEMPOTENCY_KEY_CONFLICT", "done"]);
    assert_eq!(process.actions(place.edition), (1, 9), "one commit, one version");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_corrections_of_one_revision_the_second_is_stale() {
    let fresh = Fresh::database().await;
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
async fn a_recount_finds_a_wrong_counter_and_mends_it() {
    let fresh = Fresh::database().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_in_the_middle_of_a_transaction_leaves_no_lock_behind() {
    use graphql::database::Access;
    let fresh = Fresh::database().await;
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
async fn what_staff_do_to_a_report_is_noted() {
    let fresh = Fresh::database().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    let key = graphql::database::staff_keys::StaffKey {
        id: Uuid::now_v7(),
        name: "Ada".into(),
        section: None,
        created_at: evening(),
        revoked_at: None,
    };
    let mut connection = process.database.connect().await.expect("a connection");
    graphql::database::staff_keys::insert(&mut connection, &key, SecretHash::of("a key"))
        .await
        .expect("a key");
    let held = process.enter(report(place, "far too many", 501)).await.expect("held");
    assert_eq!(process.actions(place.edition), (1, 0), "pending reports do not count");
    let checked =
        || process.memory.tallies.count(place.edition).tally.sums(TotalScope::Edition).pending_review.actions;
    assert_eq!(checked(), 501);
    let review = Command {
        former_key: None,
        key: SecretHash::of("a review"),
        now: evening(),
        viewer: Viewer::Staff(Staff { key: Some(key.id), section: None }),
        address: None,
        action: Action::Review {
            report: held.report.id,
            expected_revision: 1,
            review: domain::report::Review::Accept,
            reason: "a big school".into(),
        },
    };
    assert!(!process.enter(review.clone()).await.expect("accepted").replayed);
    assert!(process.enter(review).await.expect("accepted before").replayed);
    let noted =
        graphql::database::audit_log::staff_actions_about(&mut connection, held.report.id.uuid()).await;
    assert_eq!(noted.expect("a log"), [("reportReview".to_owned(), Some("a big school".to_owned()))]);
    assert_eq!((process.actions(place.edition), checked()), ((2, 501), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_wait_for_the_answer_takes_a_place_in_the_queue_all_the_same() {
    /// As many as may wait at once.
    const MAX_WAITING: usize = 10_000;
    let fresh = Fresh::database().await;
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
