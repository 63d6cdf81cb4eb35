//! What disturbs the random history: suspended cases, backups, restarts, migrations, moved files, cut connections.

use serde_json::json;
use tokio::time::timeout;

use super::{
    CASES, EVENTS, History,
    retries::{case_to_change, change},
};
use crate::harness::{
    PATIENCE, SUBMIT, assert_unavailable, execute, run_sql, server, snapshots::Snapshot, try_to_execute,
    user_errors, with,
};

/// Four steps back and the same four again.
const MIGRATIONS: [&str; 8] = [
    include_str!("../../../migrations/2026-12-01-000120_running_reports/down.sql"),
    include_str!("../../../migrations/2026-12-01-000100_review_requests/down.sql"),
    include_str!("../../../migrations/2026-11-30-000090_plain_names/down.sql"),
    include_str!("../../../migrations/2026-11-29-000053_commits_and_writers/down.sql"),
    include_str!("../../../migrations/2026-11-29-000053_commits_and_writers/up.sql"),
    include_str!("../../../migrations/2026-11-30-000090_plain_names/up.sql"),
    include_str!("../../../migrations/2026-12-01-000100_review_requests/up.sql"),
    include_str!("../../../migrations/2026-12-01-000120_running_reports/up.sql"),
];

impl History {
    pub(super) async fn suspend_or_publish(&mut self) {
        let (process, case) = (self.process(), self.dice.below(CASES.len()));
        let is_suspended = self.world.suspended[case];
        let staff = self.processes[process].bearer(&self.processes[0].administrator);
        let mutation = if is_suspended { "caseResume" } else { "caseSuspend" };
        let changed = async {
            loop {
                // This process may not have heard of the newest revision yet.
                let why = json!({ "reason": if is_suspended { "She is safe." } else { "Threats." } });
                let input = with(case_to_change(&staff, CASES[case]).await, why);
                let done = change(&staff, mutation, "case { state }", input).await;
                if user_errors(&done).is_empty() {
                    break;
                }
                assert_eq!(user_errors(&done), ["expectedRevision STALE_REVISION"], "{mutation}");
            }
        };
        timeout(PATIENCE, changed).await.expect("it can be changed");
        self.world.suspended[case] = !is_suspended;
        self.assert_addresses(process).await;
    }

    pub(super) async fn back_up(&mut self) {
        let backup = (Snapshot::of(&self.processes[0].fresh).await, self.world.clone());
        self.backups.push(backup);
        if self.backups.len() > 3 {
            let old = self.dice.below(3);
            self.backups.remove(old);
        }
    }

    pub(super) async fn restore(&mut self) {
        let backup = self.dice.below(self.backups.len());
        let (snapshot, world) = &self.backups[backup];
        snapshot.restore(&self.processes[0].fresh).await;
        self.world = world.clone();
        self.processes[0].enter_administrator().await;
        // Half of the time the next act meets a process that has not looked yet.
        if self.dice.below(2) == 0 {
            self.agree().await;
        }
    }

    pub(super) async fn restart(self) -> Self {
        let Self { processes: [service, other], .. } = self;
        drop(other);
        let service = service.restarted().await;
        let other = service.beside().await;
        let restarted = Self { processes: [service, other], ..self };
        restarted.set_clocks();
        restarted
    }

    /// The newest columns are taken away and made again, as by a step down and up: nothing is known of the commits before.
    pub(super) async fn migrate_again(&mut self) {
        let fresh = &self.processes[0].fresh;
        let steps = MIGRATIONS.concat();
        if fresh.url.starts_with("sqlite:") {
            run_sql(&fresh.url, &format!("BEGIN IMMEDIATE; {steps} COMMIT")).await;
            return;
        }
        // A process that uses the tables in another order may lead to a deadlock. Migrations begin again then, too.
        let migrated = async {
            while let Err(error) = try_to_execute(&fresh.url, &format!("BEGIN; {steps} COMMIT")).await {
                assert!(error.to_string().contains("deadlock detected"), "{error}");
            }
        };
        timeout(PATIENCE, migrated).await.expect("locks of all tables");
        // In the version before, the report of its host completes an event.
        for event in 0..EVENTS {
            self.world.completed[event] |= self.world.is_hosted(event);
        }
    }

    /// Each database's own trouble: the file is moved away and back, or every connection is cut.
    pub(super) async fn disturb(&mut self) {
        let url = self.processes[0].fresh.url.clone();
        let process = self.process();
        let (lines, key) = (self.lines(true, 10), self.key());
        let input = json!({ "campaign": self.campaign, "idempotencyKey": key, "lines": self.input(&lines) });
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                let aside = format!("{file}-aside");
                std::fs::rename(file, &aside).expect("a file");
                let answer = self.processes[process].anyone().ask(SUBMIT, json!({ "input": input })).await;
                assert_unavailable(&answer);
                std::fs::rename(&aside, file).expect("a file");
            }
            None => {
                let name = url.split("application_name=").nth(1).expect("the name of the application");
                let cut = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
                );
                execute(&server().expect("PostgreSQL"), &cut).await;
            }
        }
        for service in &self.processes {
            let ready = async { while service.anyone().get("/readyz").await.0 != 200 {} };
            timeout(PATIENCE, ready).await.expect("it is ready again");
        }
    }
}
