//! The ledger below the API: races, groups, recounts, and two processes on one database.

use crate::harness::{TestDatabase, at};
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
use graphql::{
    credentials::SecretHash,
    database::Database,
    ledger::{self, Action, Command, CommandResult, Ledger, SharedState, Staff, Viewer},
};
use jiff::{Timestamp, civil::date};
use uuid::Uuid;

mod atomicity;

mod concurrency;
mod recount;

/// What a process keeps, without its sockets.
struct Process {
    database: Database,
    ledger: Ledger,
    memory: SharedState,
}

impl Process {
    async fn start(fresh: &TestDatabase) -> Self {
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
        let count = self.memory.totals.count(edition);
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
                writing_stopped_at: None,
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
            group: None,
            submission: submission(place.cases[0], quantity),
            author: ReportSource::Writer,
            reason: None,
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
async fn a_key_with_other_content_is_refused_and_nothing_changes() {
    let fresh = TestDatabase::migrated().await;
    let process = Process::start(&fresh).await;
    let place = set_up(&process).await;
    process.enter(report(place, "a key", 5)).await.expect("the first");
    assert_eq!(codes(process.enter(report(place, "a key", 6)).await), ["IDEMPOTENCY_KEY_CONFLICT"]);
    assert_eq!(process.actions(place.edition), (1, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_each_command_by_itself() {
    let fresh = TestDatabase::migrated().await;
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
async fn actions_of_staff_on_a_report_are_in_the_audit_log() {
    let fresh = TestDatabase::migrated().await;
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
        || process.memory.totals.count(place.edition).tally.sums(TotalScope::Edition).pending_review.actions;
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
