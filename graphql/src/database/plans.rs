//! How the databases look for what public questions ask, as they plan it without ever having looked at what
//! is in their tables: no planner has statistics on the first evening of a campaign.

use std::sync::{Arc, Mutex};

use diesel::{
    QueryableByName,
    connection::{Instrumentation, InstrumentationEvent},
    sql_types::Text,
};
use diesel_async::{AsyncConnection, RunQueryDsl};
use domain::EditionId;
use jiff::Timestamp;
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    Connection, Database, Error, Inner,
    history::{self, Resolution, Upto},
    migrations::{self, Towards},
};

/// Remembers the statements of a connection.
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

/// An empty database with its tables, in a file that is gone when this is dropped.
struct Empty {
    connection: Connection,
    statements: Statements,
    _folder: TempDir,
}

impl Empty {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("plans.db").display());
        migrations::run(&url, Towards::Newest).await.expect("the tables can be made");
        let database = Database::open(&url).expect("a database URL");
        let mut connection = database.connect().await.expect("a connection");
        let statements = Statements::default();
        match connection.inner() {
            Inner::Sqlite(c) => c.set_instrumentation(statements.clone()),
            Inner::Postgres(_) => unreachable!("it is a file"),
        }
        Self { connection, statements, _folder: folder }
    }

    /// How each statement of a question is carried out, a line for each step.
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

#[tokio::test]
async fn a_history_is_stepped_through_and_each_of_its_points_found_by_its_version() {
    let mut empty = Empty::new().await;
    for resolution in [Resolution::Hour, Resolution::Day] {
        let upto = Upto { instant: Timestamp::UNIX_EPOCH, version: 1 };
        let edition = EditionId::new(Uuid::now_v7());
        let plans = empty.plans(async |c| history::of(c, edition, resolution, upto, 2_400).await).await;
        let [(_, steps)] = &plans[..] else { panic!("{plans:?}") };
        let told = steps.iter().position(|step| step.contains(" told ")).expect("a step");
        let newest = steps.iter().rposition(|step| step == "SCAN newest").expect("a step");
        assert!(newest < told, "the history is the outer loop: {steps:#?}");
        assert!(steps[told].contains("(edition_id=? AND version=?)"), "{steps:#?}");
        let bounded = |step: &String| !step.contains("edition_versions") || step.contains("edition_id=? AND");
        assert!(steps.iter().all(bounded), "{steps:#?}");
    }
}
