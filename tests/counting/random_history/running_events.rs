//! What the random history does with events that go on: later figures of reports, joins, completion.

use serde_json::json;
use tokio::time::timeout;

use super::{
    EVENTS, History,
    model::Lines,
    retries::{change, data},
};
use crate::harness::{PATIENCE, user_errors};

impl History {
    /// A later figure of any report: so far, or in addition.
    pub(super) async fn update(&mut self) {
        let before = self.world.total();
        let Some(index) = self.any_report() else { return };
        let process = self.process();
        let (mut lines, key, is_so_far) = (self.lines(true, 60), self.key(), self.dice.below(2) == 0);
        let report = &self.world.reports[index];
        let standing = report.held.as_ref().or(report.accepted.as_ref());
        if is_so_far && self.dice.below(4) > 0 {
            // Most of the time a figure so far is what was said before, and more.
            *lines.entry(None).or_default() += standing.map_or(0, |lines| lines.values().sum());
        }
        let report = &self.world.reports[index];
        let standing = report.held.as_ref().or(report.accepted.as_ref()).filter(|_| !report.withdrawn);
        let sum = |lines: &Lines| lines.values().sum::<u64>();
        let expected = standing.and_then(|standing| match is_so_far {
            true => (sum(&lines) >= sum(standing)).then(|| lines.clone()),
            false => {
                let mut all = standing.clone();
                lines.iter().for_each(|(case, letters)| *all.entry(*case).or_default() += letters);
                Some(all)
            }
        });
        let basis = if is_so_far { "SO_FAR" } else { "IN_ADDITION" };
        let input = json!({ "id": report.id, "expectedRevision": report.revision, "basis": basis,
            "lines": self.input(&lines), "idempotencyKey": key });
        let client = self.processes[process].bearer(&report.secret);
        let done = change(&client, "reportUpdate", "report { state revision reviewReason }", input).await;
        assert_eq!(user_errors(&done).is_empty(), expected.is_some(), "{report:?} {lines:?} {done:#}");
        let Some(all) = expected else { return };
        let was_held = report.held.is_some();
        let report = &mut self.world.reports[index];
        report.revision += 1;
        assert_eq!(done["report"]["revision"], report.revision, "{done:#}");
        match done["report"]["state"].as_str() {
            Some("ACCEPTED") if !was_held => report.accepted = Some(all),
            Some("PENDING_REVIEW") => report.held = Some(all),
            state => panic!("{state:?} of a report that was held: {was_held}"),
        }
        report.latest_counts = report.held.is_none();
        report.objected = done["report"]["reviewReason"] == "OBJECTION";
        self.assert_total(process, &before).await;
    }

    /// A guest joins an event, as long as it goes on.
    pub(super) async fn join(&mut self) {
        let (process, event, key) = (self.process(), self.dice.below(EVENTS), self.key());
        let input = json!({ "event": self.events[event]["event"]["id"], "displayName": "Guest",
            "idempotencyKey": key });
        let client = self.processes[process].anyone();
        let done = change(&client, "eventJoin", "attendance { state }", input).await;
        assert_eq!(user_errors(&done).is_empty(), !self.world.completed[event], "{done:#}");
    }

    /// The host completes an event, which is reported then if its host has reported.
    pub(super) async fn complete(&mut self) {
        let (process, event) = (self.process(), self.dice.below(EVENTS));
        let id = self.events[event]["event"]["id"].clone();
        let host = self.processes[process].bearer(self.events[event]["secret"].as_str().expect("a secret"));
        let completed = async {
            loop {
                // This process may not have heard of the newest revision yet.
                let query = "query($id: ID!) { event(id: $id) { revision } }";
                let read = data(&host, query, json!({ "id": id })).await["event"].take();
                let input = json!({ "id": id, "expectedRevision": read["revision"] });
                let done = change(&host, "eventComplete", "event { state }", input).await;
                if !user_errors(&done).iter().any(|refused| refused.ends_with("STALE_REVISION")) {
                    break done;
                }
            }
        };
        let done = timeout(PATIENCE, completed).await.expect("it can be completed");
        if self.world.completed[event] {
            assert_eq!(user_errors(&done), ["id EVENT_STATE_INVALID"]);
            return;
        }
        let expected = if self.world.is_hosted(event) { "REPORTED" } else { "COMPLETED" };
        assert_eq!(done["event"]["state"], expected, "{done:#}");
        self.world.completed[event] = true;
    }
}
