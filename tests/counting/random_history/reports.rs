//! What the random history does with reports: submission, repetition, correction, withdrawal, review, moderation.

use serde_json::{Value, json};

use super::{
    EVENTS, History,
    model::{GROUPS, Report},
    retries::{change, payload},
};
use crate::harness::{Client, SUBMIT, user_errors};

impl History {
    /// The client that reports, for itself, as the host of an event or for a group, which it names in the input.
    fn reporter(
        &self,
        process: usize,
        (event, group): (Option<(usize, bool)>, Option<usize>),
        input: &mut Value,
    ) -> Client {
        if let Some(group) = group {
            input["group"] = self.groups[group]["group"]["id"].clone();
            return self.processes[process].bearer(self.groups[group]["secret"].as_str().expect("a secret"));
        }
        let Some((event, by_host)) = event else { return self.processes[process].anyone() };
        input["event"] = self.events[event]["event"]["id"].clone();
        if !by_host {
            return self.processes[process].anyone();
        }
        input["asHost"] = json!(true);
        self.processes[process].bearer(self.events[event]["secret"].as_str().expect("a secret"))
    }

    pub(super) async fn submit(&mut self) {
        let before = self.world.total();
        let process = self.process();
        let most = if self.dice.below(8) == 0 { 900 } else { 40 };
        let (lines, key) = (self.lines(false, most), self.key());
        let event = Some(self.dice.below(2 * EVENTS)).filter(|event| *event < EVENTS);
        let by_host = event.is_some_and(|event| !self.world.is_hosted(event)) && self.dice.below(3) == 0;
        let group = Some(self.dice.below(3 * GROUPS.len())).filter(|group| *group < GROUPS.len());
        let group = group.filter(|group| !self.world.has_report(*group));
        let event = event.map(|event| (event, by_host)).filter(|_| group.is_none());
        let mut input =
            json!({ "campaign": self.campaign, "idempotencyKey": key, "lines": self.input(&lines) });
        let client = self.reporter(process, (event, group), &mut input);
        let done = payload(&client, SUBMIT, json!({ "input": input })).await;
        // The events begin before any case is suspended: their letters may have been written before.
        let is_at_event = event.is_some() || group.is_some_and(|group| group < 2);
        let is_refused = !is_at_event && lines.keys().flatten().any(|case| self.world.suspended[*case]);
        assert_eq!(!user_errors(&done).is_empty(), is_refused, "{done:#} {:?}", self.world.suspended);
        if is_refused {
            return;
        }
        assert_eq!(done["replayed"], false, "{done:#}");
        let (accepted, held) = match done["report"]["state"].as_str() {
            Some("ACCEPTED") => (Some(lines.clone()), None),
            Some("PENDING_REVIEW") => (None, Some(lines.clone())),
            state => panic!("{state:?}"),
        };
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        self.world.reports.push(Report {
            id: text(&done["report"]["id"]),
            secret: text(&done["secret"]),
            key,
            sent: lines,
            event,
            group,
            revision: 1,
            latest_counts: held.is_none(),
            accepted,
            held,
            objected: false,
            withdrawn: false,
        });
        self.assert_total(process, &before).await;
    }

    /// A report that is there, if there is one.
    pub(super) fn any_report(&mut self) -> Option<usize> {
        let reports = self.world.reports.len();
        (reports > 0).then(|| self.dice.below(reports))
    }

    pub(super) async fn send_again(&mut self) {
        let Some(index) = self.any_report() else { return };
        let process = self.process();
        let report = self.world.reports[index].clone();
        let mut input = json!({ "campaign": self.campaign, "idempotencyKey": report.key, "lines": self.input(&report.sent) });
        let client = self.reporter(process, (report.event, report.group), &mut input);
        let done = payload(&client, SUBMIT, json!({ "input": input })).await;
        assert_eq!((&done["replayed"], &done["report"]["id"]), (&json!(true), &json!(report.id)), "{done:#}");
    }

    pub(super) async fn correct(&mut self) {
        let before = self.world.total();
        let Some(index) = self.any_report() else { return };
        let process = self.process();
        let (lines, key) = (self.lines(true, 60), self.key());
        let report = &self.world.reports[index];
        let input = json!({ "id": report.id, "expectedRevision": report.revision, "lines": self.input(&lines),
            "reason": "Counted again.", "idempotencyKey": key });
        let client = self.processes[process].bearer(&report.secret);
        let done = change(&client, "reportCorrect", "report { state revision }", input).await;
        let is_withdrawn = report.withdrawn;
        assert_eq!(!user_errors(&done).is_empty(), is_withdrawn, "{done:#}");
        if is_withdrawn {
            return;
        }
        let report = &mut self.world.reports[index];
        report.revision += 1;
        assert_eq!(done["report"]["revision"], report.revision, "{done:#}");
        match done["report"]["state"].as_str() {
            Some("ACCEPTED") => (report.accepted, report.held) = (Some(lines), None),
            Some("PENDING_REVIEW") => report.held = Some(lines),
            state => panic!("{state:?}"),
        }
        (report.latest_counts, report.objected) = (report.held.is_none(), false);
        self.assert_total(process, &before).await;
    }

    pub(super) async fn withdraw(&mut self) {
        let before = self.world.total();
        let Some(index) = self.any_report() else { return };
        let (process, key) = (self.process(), self.key());
        let report = &self.world.reports[index];
        let input = json!({ "id": report.id, "expectedRevision": report.revision, "reason": "A mistake.",
            "idempotencyKey": key });
        let client = self.processes[process].bearer(&report.secret);
        let done = change(&client, "reportWithdraw", "report { state }", input).await;
        assert_eq!(!user_errors(&done).is_empty(), report.withdrawn, "{done:#}");
        if report.withdrawn {
            return;
        }
        let report = &mut self.world.reports[index];
        (report.withdrawn, report.accepted, report.held) = (true, None, None);
        self.assert_total(process, &before).await;
    }

    pub(super) async fn review(&mut self) {
        let before = self.world.total();
        let Some(index) = self.any_report() else { return };
        let (process, key, accepts) = (self.process(), self.key(), self.dice.below(2) == 0);
        let report = &self.world.reports[index];
        let decision = if accepts { "ACCEPT" } else { "REJECT" };
        let input = json!({ "id": report.id, "expectedRevision": report.revision, "decision": decision,
            "reason": "We asked.", "idempotencyKey": key });
        let staff = self.processes[process].bearer(&self.processes[0].administrator);
        let done = change(&staff, "reportReview", "report { state }", input).await;
        assert_eq!(!user_errors(&done).is_empty(), report.held.is_none(), "{done:#}");
        let report = &mut self.world.reports[index];
        let Some(held) = report.held.take() else { return };
        report.latest_counts = accepts;
        if accepts {
            report.accepted = Some(held);
        }
        self.assert_total(process, &before).await;
    }

    /// The host of an event objects to what a guest reports.
    pub(super) async fn object(&mut self) {
        let before = self.world.total();
        let of_guest = |report: &&Report| matches!(report.event, Some((_, false)));
        let guests: Vec<_> =
            self.world.reports.iter().filter(of_guest).map(|report| report.id.clone()).collect();
        if guests.is_empty() {
            return;
        }
        let id = guests[self.dice.below(guests.len())].clone();
        let (process, key) = (self.process(), self.key());
        let index = self.world.reports.iter().position(|report| report.id == id).expect("it is there");
        let report = &self.world.reports[index];
        let event = report.event.map_or(0, |(event, _)| event);
        let host = self.processes[process].bearer(self.events[event]["secret"].as_str().expect("a secret"));
        let input = json!({ "id": report.id, "expectedRevision": report.revision, "reason": "Nobody did.",
            "idempotencyKey": key });
        let done = change(&host, "reportObject", "version", input).await;
        let is_refused = !report.latest_counts || report.objected || report.withdrawn;
        assert_eq!(!user_errors(&done).is_empty(), is_refused, "{report:?} {done:#}");
        if is_refused {
            return;
        }
        let report = &mut self.world.reports[index];
        (report.held, report.latest_counts, report.objected) = (report.accepted.take(), false, true);
        self.assert_total(process, &before).await;
    }

    /// Staff decide about many reports at once, and half of the time take it back.
    pub(super) async fn moderate(&mut self) {
        let (before, stood) = (self.world.total(), self.world.clone());
        let (process, key, undoing) = (self.process(), self.key(), self.key());
        let (accepts, only_held) = (self.dice.below(2) == 0, self.dice.below(2) == 0);
        let least = 1 + self.dice.below(100) as u64;
        self.seconds += 1;
        self.set_clocks();
        let mut selection = json!({ "campaign": self.campaign, "quantityFrom": least });
        if only_held {
            selection["state"] = json!("PENDING_REVIEW");
        }
        let decision = if accepts { "ACCEPT" } else { "REJECT" };
        let input = json!({ "selection": selection, "decision": decision, "reason": "We looked at them.",
            "idempotencyKey": key });
        let staff = self.processes[process].bearer(&self.processes[0].administrator);
        let done = change(&staff, "reportsModerate", "moderation { id reports finishedAt }", input).await;
        let decided = self.world.decide(accepts, only_held, least);
        assert!(done["moderation"]["finishedAt"].is_string(), "{done:#}");
        assert_eq!(done["moderation"]["reports"], decided, "{done:#}");
        self.assert_total(process, &before).await;
        if self.dice.below(2) == 0 {
            let input = json!({ "id": done["moderation"]["id"], "reason": "We were wrong.",
                "idempotencyKey": undoing });
            let done = change(&staff, "moderationUndo", "moderation { reports }", input).await;
            assert_eq!(done["moderation"]["reports"], decided, "{done:#}");
            let before = self.world.total();
            self.world = stood;
            self.assert_total(process, &before).await;
        }
    }
}
