//! Tests of query plans: how each database executes the queries of public lists while it has no
//! statistics, as on the first evening of a campaign.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use diesel::{
    QueryableByName,
    connection::{Instrumentation, InstrumentationEvent},
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::{CampaignId, CaseId, EditionId, EventId, SectionId, total::TotalScope};
use jiff::{Timestamp, civil::date};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    Connection, Database, Error, Inner,
    events::{self, CursorBound, Direction, EventQuery},
    history::{self, HistoryBucket, Records, Resolution},
    migrations::{self, MigrationTarget},
    participants, reports, scope_versions,
    sql_types::{SqlTimestamp, SqlUuid, sql},
};

/// Records the statements of a connection.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let text = text.split(" -- binds:").next().unwrap_or_default().to_owned();
            self.0.lock().expect("no panic").push(text);
        }
    }
}

/// An empty database with our tables, in a file that is removed on drop.
struct EmptyDatabase {
    database: Database,
    connection: Connection,
    statements: Statements,
    _folder: TempDir,
}

impl EmptyDatabase {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("plans.db").display());
        migrations::run(&url, MigrationTarget::Latest).await.expect("the tables can be made");
        let database = Database::open(&url).expect("a database URL");
        let mut connection = database.connect().await.expect("a connection");
        let statements = Statements::default();
        match connection.inner() {
            Inner::Sqlite(c) => c.set_instrumentation(statements.clone()),
            Inner::Postgres(_) => unreachable!("it is a file"),
        }
        Self { database, connection, statements, _folder: folder }
    }

    /// The query plan of each statement of a query, one line for each step.
    async fn plans<T>(
        &mut self,
        ask: impl AsyncFnOnce(&mut Connection) -> Result<T, Error>,
    ) -> Vec<(String, Vec<String>)> {
        #[derive(QueryableByName)]
        struct Step {
            #[diesel(sql_type = Text)]
            detail: String,
        }
        self.statements.0.lock().expect("no panic").clear();
        ask(&mut self.connection).await.map_err(|error| error.cause().to_string()).expect("an answer");
        let statements = std::mem::take(&mut *self.statements.0.lock().expect("no panic"));
        let mut plans = Vec::new();
        for statement in statements {
            let Inner::Sqlite(c) = self.connection.inner() else { unreachable!("it is a file") };
            let explain = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
            let steps: Vec<Step> = explain.load(c).await.expect("a plan");
            plans.push((statement, steps.into_iter().map(|step| step.detail).collect()));
        }
        plans
    }
}

/// A total of each kind, and the records that its history is read from.
fn scopes() -> [(TotalScope, &'static str); 4] {
    let (section, case) = (SectionId::new(Uuid::now_v7()), CaseId::new(Uuid::now_v7()));
    [
        (TotalScope::Edition, "edition_versions"),
        (TotalScope::Section(section), "scope_versions"),
        (TotalScope::Case(case), "scope_versions"),
        (TotalScope::SectionCase(section, case), "scope_versions"),
    ]
}

#[tokio::test]
async fn a_history_is_stepped_through_and_each_of_its_points_found_by_its_key() {
    let mut empty = EmptyDatabase::new().await;
    let edition = EditionId::new(Uuid::now_v7());
    for ((scope, table), resolution) in
        scopes().into_iter().flat_map(|scope| [(scope, Resolution::Hour), (scope, Resolution::Day)])
    {
        let upto = HistoryBucket { instant: Timestamp::UNIX_EPOCH, version: 1 };
        let plans =
            empty.plans(async |c| history::of(c, edition, scope, resolution, upto, 2_400).await).await;
        let [(_, steps)] = &plans[..] else { panic!("{plans:?}") };
        let versions = steps.iter().position(|step| step.contains(" told ")).expect("a step");
        let newest = steps.iter().rposition(|step| step == "SCAN newest").expect("a step");
        assert!(newest < versions, "the history is the outer loop: {steps:#?}");
        let (key, found) = match table {
            "edition_versions" => ("(edition_id=? AND", "(edition_id=? AND version=?)"),
            _ => (
                "(edition_id=? AND body_id=? AND case_id=? AND committed_at",
                "(edition_id=? AND body_id=? AND case_id=? AND committed_at=? AND version=?)",
            ),
        };
        assert!(steps[versions].contains(found), "{steps:#?}");
        assert!(steps.iter().all(|step| !step.contains(table) || step.contains(key)), "{steps:#?}");
    }
}

#[tokio::test]
async fn a_total_at_an_instant_is_one_step_in_an_index() {
    let mut empty = EmptyDatabase::new().await;
    let edition = EditionId::new(Uuid::now_v7());
    for (scope, _) in scopes() {
        let now = Timestamp::UNIX_EPOCH;
        let plans = empty.plans(async |c| scope_versions::at(c, edition, scope, now).await).await;
        let [(_, steps)] = &plans[..] else { panic!("{plans:?}") };
        // At most the versions of one instant are sorted: the last row before the instant is the first one.
        assert!(steps[0].contains("committed_at<?)"), "{steps:#?}");
        assert!(!steps.iter().any(|step| step == "USE TEMP B-TREE FOR ORDER BY"), "{steps:#?}");
    }
}

/// List queries and the expected part of the plan: the range in which the index is searched.
fn lists() -> Vec<(EventQuery, &'static str)> {
    let edition = Some(EditionId::new(Uuid::now_v7()));
    let editions = vec![EditionId::new(Uuid::now_v7()), EditionId::new(Uuid::now_v7())];
    let section = Some(SectionId::new(Uuid::now_v7()));
    let day = Some(date(2021, 12, 10));
    vec![
        (EventQuery::default(), "events_listed (starts_at>?)"),
        (EventQuery { until: day, ..EventQuery::default() }, "events_listed (starts_at>? AND starts_at<?)"),
        (EventQuery { edition, ..EventQuery::default() }, "events_listed_of (edition_id=? AND starts_at>?)"),
        (
            EventQuery { edition, from: day, ..EventQuery::default() },
            "events_listed_of (edition_id=? AND starts_at>?)",
        ),
        (
            EventQuery { edition, section, ..EventQuery::default() },
            "events_listed_in (edition_id=? AND section_id=? AND starts_at>?)",
        ),
        (
            EventQuery { editions, section, ..EventQuery::default() },
            "events_listed_in (edition_id=? AND section_id=? AND starts_at>?)",
        ),
    ]
}

#[tokio::test]
async fn a_page_of_events_begins_where_the_one_before_it_ended() {
    let mut empty = EmptyDatabase::new().await;
    let place = CursorBound { starts_at: Timestamp::UNIX_EPOCH, id: EventId::new(Uuid::now_v7()) };
    for (wanted, index) in lists() {
        let list = async |c: &mut Connection| {
            events::list(c, &wanted, Some(place), None, Direction::Forward, 20).await
        };
        for (_, steps) in empty.plans(list).await {
            assert!(steps[0].ends_with(index), "{wanted:?}: {steps:#?}");
        }
    }
}

#[tokio::test]
async fn what_staff_and_organizers_ask_for_is_found_by_what_they_ask_for() {
    let mut empty = EmptyDatabase::new().await;
    let edition = EditionId::new(Uuid::now_v7());
    let (event, campaign) = (EventId::new(Uuid::now_v7()), CampaignId::new(Uuid::now_v7()));
    for section in [None, Some(SectionId::new(Uuid::now_v7()))] {
        let held = async |c: &mut Connection| {
            reports::pending_review(c, section, None, None, None, Direction::Forward, 20).await
        };
        let (_, steps) = &empty.plans(held).await[0];
        assert!(
            steps.iter().any(|step| step.contains("report_revisions_pending_review (campaign_id=?")),
            "{steps:#?}"
        );
        let owing = async |c: &mut Connection| {
            events::awaiting_report(c, edition, section, Timestamp::UNIX_EPOCH, None, 20).await
        };
        let (_, steps) = &empty.plans(owing).await[0];
        assert!(steps[0].contains("events_by_state (edition_id=? AND state=?"), "{steps:#?}");
    }
    let over = async |c: &mut Connection| events::reported_and_over(c, Timestamp::UNIX_EPOCH, 20).await;
    let (_, steps) = &empty.plans(over).await[0];
    assert!(steps[0].ends_with("events_reported_and_running (ends_at<?)"), "{steps:#?}");
    let next = async |c: &mut Connection| events::next_reported_to_end(c).await;
    let (_, steps) = &empty.plans(next).await[0];
    assert!(steps[0].ends_with("INDEX events_reported_and_running"), "{steps:#?}");
    let pledged = async |c: &mut Connection| participants::pledged(c, edition).await;
    let (_, steps) = &empty.plans(pledged).await[0];
    assert!(
        steps[0].contains("COVERING INDEX participants_pledging (edition_id=? AND state=?"),
        "{steps:#?}"
    );
    let pledged = async |c: &mut Connection| participants::pledged_at(c, event, campaign).await;
    let (_, steps) = &empty.plans(pledged).await[0];
    assert!(steps[0].ends_with("participants_1 (id=?)"), "{steps:#?}");
}

#[tokio::test]
async fn a_statement_that_reads_without_end_is_ended() {
    const ENDLESS: &str =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE within_limit())
        SELECT COUNT(*) AS number FROM n";
    let empty = EmptyDatabase::new().await;
    let database = empty.database.ending_after(Duration::from_millis(20)).expect("a database URL");
    let mut connection = database.connect().await.expect("a connection");
    for _ in 0..2 {
        let Inner::Sqlite(c) = connection.inner() else { unreachable!("it is a file") };
        let ended = diesel::sql_query(ENDLESS).execute(c).await.map_err(Error::from);
        assert!(matches!(ended, Err(Error::Unavailable(_))), "{ended:?}");
    }
    let wanted = EventQuery::default();
    let listed = events::list(&mut connection, &wanted, None, None, Direction::Forward, 20).await;
    assert!(listed.is_ok(), "what comes after it has its own time");
}

/// A database of its own on the tests' server.
#[tokio::test]
async fn postgresql_finds_the_points_of_a_history_by_their_versions_and_ends_what_runs_too_long() {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        detail: String,
    }
    let Some(server) = std::env::var("TEST_DATABASE_URL").ok().filter(|server| !server.is_empty()) else {
        return;
    };
    let name = format!("plans_{}", Uuid::now_v7().simple());
    let mut outside = AsyncPgConnection::establish(&server).await.expect("a connection");
    outside.batch_execute(&format!("CREATE SCHEMA {name}")).await.expect("a schema");
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}options=-c%20search_path%3D{name}");
    migrations::run(&url, MigrationTarget::Latest).await.expect("the tables can be made");
    let database = Database::open(&url).expect("a database URL").ending_after(Duration::from_secs(1));
    let mut connection = database.expect("a database URL").connect().await.expect("a connection");
    let fill = "INSERT INTO editions (id, year, state, revision, version)
            VALUES ('00000000-0000-0000-0000-000000000001', 2021, 'OPEN', 1, 10000);
        INSERT INTO edition_versions SELECT '00000000-0000-0000-0000-000000000001', version,
            TIMESTAMPTZ '2021-12-10' + version * INTERVAL '1 minute', version, version, 0, 0
            FROM generate_series(1, 10000) AS version;
        INSERT INTO scope_versions SELECT edition_id, '00000000-0000-0000-0000-000000000001',
            '00000000-0000-0000-0000-000000000000', committed_at, version, letters, actions, late, people
            FROM edition_versions";
    let edition = EditionId::new(Uuid::from_u128(1));
    for is_known in [false, true] {
        let Inner::Postgres(c) = connection.inner() else { unreachable!("it is a server") };
        if is_known {
            connection.refresh_statistics().await.map_err(|error| error.cause().to_string()).expect("a look");
        } else {
            c.batch_execute(fill).await.expect("versions");
        }
        for records in [Records::Editions, Records::Scopes] {
            let Inner::Postgres(c) = connection.inner() else { unreachable!("it is a server") };
            // The parameters of a section's history are its own id and that of no case.
            let statement = Resolution::Hour.on_postgres(records);
            let explain =
                diesel::sql_query(format!("EXPLAIN {statement}")).bind::<sql::Id, _>(SqlUuid(edition.uuid()));
            let instant = SqlTimestamp("2022-01-01T00:00:00Z".parse().expect("an instant"));
            let steps: Vec<Step> = if matches!(records, Records::Editions) {
                let explain = explain.bind::<sql::Instant, _>(instant);
                explain.bind::<BigInt, _>(2_400).bind::<BigInt, _>(10_000).load(c).await
            } else {
                let explain = explain
                    .bind::<sql::Id, _>(SqlUuid(Uuid::from_u128(1)))
                    .bind::<sql::Id, _>(SqlUuid(Uuid::nil()))
                    .bind::<sql::Instant, _>(instant);
                explain.bind::<BigInt, _>(2_400).bind::<BigInt, _>(10_000).load(c).await
            }
            .expect("a plan");
            let steps: Vec<_> = steps.into_iter().map(|step| step.detail).collect();
            assert!(!steps.iter().any(|step| step.contains("Seq Scan on")), "{steps:#?}");
        }
    }
    let Inner::Postgres(c) = connection.inner() else { unreachable!("it is a server") };
    let ended = diesel::sql_query("SELECT pg_sleep(600)").execute(c).await.map_err(Error::from);
    assert!(matches!(ended, Err(Error::Unavailable(_))), "{ended:?}");
    outside.batch_execute(&format!("DROP SCHEMA {name} CASCADE")).await.expect("it goes");
}
