//! Model-based test: a random history of reports, corrections, withdrawals, reviews, events, suspended cases, restores,
//! restarts, repeated migrations, moved files and cut connections. No acknowledged report is missing, and no address of
//! a suspended case is served.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    Client, PATIENCE, SUBMIT, Service, assert_unavailable, at, campaign_id, document, events::approved,
    execute, run_sql, server, snapshots::Snapshot, user_errors, w4r, with,
};

mod model;

use model::{Case, Lines, Report, Total, World};

/// How many acts a history has, unless `RANDOM_HISTORY_STEPS` says another number.
const STEPS: usize = 250;
/// The cases that letters are written for, some of which are suspended now and then.
const CASES: [&str; 3] = ["rung", "mohamed-baker", "zhang-zhan"];
const EVENTS: usize = 2;

/// Two steps back and the same two again.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../migrations/2026-11-30-000090_plain_names/down.sql"),
    include_str!("../../migrations/2026-11-29-000053_commits_and_writers/down.sql"),
    include_str!("../../migrations/2026-11-29-000053_commits_and_writers/up.sql"),
    include_str!("../../migrations/2026-11-30-000090_plain_names/up.sql"),
];

/// Numbers that look random and are the same in each run with the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as usize % bound
    }
}

struct History {
    dice: Dice,
    processes: [Service; 2],
    campaign: Value,
    cases: Vec<Value>,
    events: Vec<Value>,
    world: World,
    /// Backups, and what had been acknowledged when each was made.
    backups: Vec<(Snapshot, World)>,
    /// How many keys were made up, in all histories.
    keys: usize,
    /// How many seconds have passed since noon: an act of moderation is about what came before it.
    seconds: i64,
}

impl History {
    async fn begin(seed: u64) -> Self {
        let service = Service::with_2021().await;
        let anyone = service.anyone();
        let mut cases = Vec::new();
        for slug in CASES {
            cases.push(case_to_change(&anyone, slug).await["id"].take());
        }
        let mut events = Vec::new();
        for number in 0..EVENTS {
            service.clock.set(at("2021-12-01T12:00:00Z"));
            events.push(approved(&service, &format!("an evening of the history {number}"), json!({})).await);
        }
        let other = service.beside().await;
        for process in [&service, &other] {
            process.clock.set(at("2021-12-11T12:00:00Z"));
        }
        let campaign = campaign_id(&anyone, "ca").await;
        let world = World { reports: Vec::new(), suspended: vec![false; CASES.len()] };
        let backup = (Snapshot::of(&service.fresh).await, world.clone());
        let (processes, backups) = ([service, other], vec![backup]);
        Self { dice: Dice(seed), processes, campaign, cases, events, world, backups, keys: 0, seconds: 0 }
    }

    fn set_clocks(&self) {
        let now = at("2021-12-11T12:00:00Z") + jiff::SignedDuration::from_secs(self.seconds);
        self.processes.iter().for_each(|process| process.clock.set(now));
    }

    fn process(&mut self) -> usize {
        self.dice.below(2)
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("a-key-of-the-history-{:06}", self.keys)
    }

    /// Some letters; with `only_open` for no case that is suspended.
    fn lines(&mut self, only_open: bool, most: usize) -> Lines {
        let mut lines = Lines::new();
        for _ in 0..=self.dice.below(3) {
            let case = Some(self.dice.below(CASES.len() + 1)).filter(|case| *case < CASES.len());
            let is_open = case.is_none_or(|case| !self.world.suspended[case]);
            if is_open || !only_open {
                *lines.entry(case).or_default() += 1 + self.dice.below(most) as u64;
            }
        }
        if lines.is_empty() { Lines::from([(None, 1)]) } else { lines }
    }

    fn input(&self, lines: &Lines) -> Value {
        let line = |(case, letters): (&Case, &u64)| match case {
            Some(case) => json!({ "case": self.cases[*case], "kind": "APPEAL_LETTER", "quantity": letters }),
            None => json!({ "kind": "APPEAL_LETTER", "quantity": letters }),
        };
        lines.iter().map(line).collect()
    }

    async fn submit(&mut self) {
        let before = self.world.total();
        let process = self.process();
        let most = if self.dice.below(8) == 0 { 900 } else { 40 };
        let (lines, key) = (self.lines(false, most), self.key());
        let event = Some(self.dice.below(2 * EVENTS)).filter(|event| *event < EVENTS);
        let is_hosted = |event| {
            let hosts = |report: &&Report| report.event == Some((event, true)) && !report.withdrawn;
            self.world.reports.iter().any(|report| hosts(&report))
        };
        let by_host = event.is_some_and(|event| !is_hosted(event)) && self.dice.below(3) == 0;
        let event = event.map(|event| (event, by_host));
        let mut input =
            json!({ "campaign": self.campaign, "idempotencyKey": key, "lines": self.input(&lines) });
        let mut client = self.processes[process].anyone();
        if let Some((event, by_host)) = event {
            input["event"] = self.events[event]["event"]["id"].clone();
            if by_host {
                input["asHost"] = json!(true);
                client =
                    self.processes[process].bearer(self.events[event]["secret"].as_str().expect("a secret"));
            }
        }
        let done = payload(&client, SUBMIT, json!({ "input": input })).await;
        let is_refused = lines.keys().flatten().any(|case| self.world.suspended[*case]);
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
    fn any_report(&mut self) -> Option<usize> {
        let reports = self.world.reports.len();
        (reports > 0).then(|| self.dice.below(reports))
    }

    async fn send_again(&mut self) {
        let Some(index) = self.any_report() else { return };
        let process = self.process();
        let report = self.world.reports[index].clone();
        let mut input = json!({ "campaign": self.campaign, "idempotencyKey": report.key, "lines": self.input(&report.sent) });
        let mut client = self.processes[process].anyone();
        if let Some((event, by_host)) = report.event {
            input["event"] = self.events[event]["event"]["id"].clone();
            if by_host {
                input["asHost"] = json!(true);
                client =
                    self.processes[process].bearer(self.events[event]["secret"].as_str().expect("a secret"));
            }
        }
        let done = payload(&client, SUBMIT, json!({ "input": input })).await;
        assert_eq!((&done["replayed"], &done["report"]["id"]), (&json!(true), &json!(report.id)), "{done:#}");
    }

    async fn correct(&mut self) {
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

    async fn withdraw(&mut self) {
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

    async fn review(&mut self) {
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
    async fn object(&mut self) {
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
    async fn moderate(&mut self) {
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

    async fn suspend_or_publish(&mut self) {
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

    /// What the process gives, having made the last change itself: no address of a case that is suspended; and those of
    /// the others, as soon as it may go by its database.
    async fn assert_addresses(&self, process: usize) {
        let client = self.processes[process].anyone();
        for (case, suspended) in CASES.iter().zip(&self.world.suspended) {
            assert!(!(*suspended && address_of(&client, case).await), "{case}");
            let given = async { while address_of(&client, case).await == *suspended {} };
            timeout(PATIENCE, given).await.expect("the address of a published case");
        }
    }

    /// What the process shows that has just made a change of the total. One that leaves the total as it was makes no
    /// new version, and what another process did before may not have been heard of yet.
    async fn assert_total(&self, process: usize, before: &Total) {
        if self.world.total() == *before {
            return;
        }
        let shown = self.shown(process).await;
        assert_eq!(shown, self.world.total(), "process {process} after {} acts with a key", self.keys);
    }

    async fn shown(&self, process: usize) -> Total {
        let query = "{ edition(year: 2021) { total {
            letters pendingReview { letters } byCase { case { slug } letters } } } }";
        let total =
            data(&self.processes[process].anyone(), query, json!({})).await["edition"]["total"].take();
        let mut by_case = BTreeMap::new();
        for part in total["byCase"].as_array().expect("parts") {
            let slug = part["case"]["slug"].as_str();
            let case =
                slug.map(|slug| CASES.iter().position(|known| *known == slug).expect("a case of ours"));
            by_case.insert(case, part["letters"].as_u64().expect("a number"));
        }
        by_case.retain(|_, letters| *letters > 0);
        let number = |of: &Value| of["letters"].as_u64().expect("a number");
        Total { letters: number(&total), by_case, held: number(&total["pendingReview"]) }
    }

    /// Waits until both processes have heard of all that was done, and compares everything.
    async fn agree(&self) {
        for (process, service) in self.processes.iter().enumerate() {
            let expected = self.world.total();
            let told = async { while self.shown(process).await != expected {} };
            let waited = timeout(PATIENCE, told).await;
            assert!(waited.is_ok(), "process {process}: {:?} is not {expected:?}", self.shown(process).await);
            let client = service.anyone();
            for (case, suspended) in CASES.iter().zip(&self.world.suspended) {
                let told = async { while address_of(&client, case).await == *suspended {} };
                timeout(PATIENCE, told).await.expect("the state of the case");
            }
        }
        let recount = w4r(&self.processes[0].fresh.url, &["recount"]).await;
        assert_eq!(recount.code, 0, "{recount:?}");
    }

    async fn back_up(&mut self) {
        let backup = (Snapshot::of(&self.processes[0].fresh).await, self.world.clone());
        self.backups.push(backup);
        if self.backups.len() > 3 {
            let old = self.dice.below(3);
            self.backups.remove(old);
        }
    }

    async fn restore(&mut self) {
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

    async fn restart(self) -> Self {
        let Self { processes: [service, other], .. } = self;
        drop(other);
        let service = service.restarted().await;
        let other = service.beside().await;
        let restarted = Self { processes: [service, other], ..self };
        restarted.set_clocks();
        restarted
    }

    /// The newest columns are taken away and made again, as by a step down and up: nothing is known of the commits before.
    async fn migrate_again(&mut self) {
        let fresh = &self.processes[0].fresh;
        let begin = if fresh.url.starts_with("sqlite:") { "BEGIN IMMEDIATE" } else { "BEGIN" };
        run_sql(&fresh.url, &format!("{begin}; {} COMMIT", MIGRATIONS.concat())).await;
    }

    /// Each database's own trouble: the file is moved away and back, or every connection is cut.
    async fn disturb(&mut self) {
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

    async fn act(mut self, number: usize) -> Self {
        let act = self.dice.below(100);
        eprintln!("act {number}: {act}");
        match act {
            0..40 => self.submit().await,
            40..48 => self.send_again().await,
            48..60 => self.correct().await,
            60..66 => self.withdraw().await,
            66..72 => self.review().await,
            72..74 => self.object().await,
            74..76 => self.moderate().await,
            76..84 => self.suspend_or_publish().await,
            84..88 => self.back_up().await,
            88..93 => self.restore().await,
            93..95 => self.migrate_again().await,
            95..98 => self.disturb().await,
            _ => self = self.restart().await,
        }
        if number % 25 == 24 {
            self.agree().await;
        }
        self
    }
}

/// The data of an answer. Connections that were cut are found out one by one, and each time something is asked again.
async fn data(client: &Client, query: &str, variables: Value) -> Value {
    let answered = async {
        loop {
            let mut answer = client.ask(query, variables.clone()).await;
            if answer.get("errors").is_none() {
                break answer["data"].take();
            }
            assert_unavailable(&answer);
        }
    };
    timeout(PATIENCE, answered).await.expect("an answer in time")
}

/// What a mutation answers.
async fn payload(client: &Client, query: &str, variables: Value) -> Value {
    let mut data = data(client, query, variables).await;
    data.as_object_mut().and_then(|fields| fields.values_mut().next()).expect("a field").take()
}

async fn change(client: &Client, mutation: &str, selection: &str, input: Value) -> Value {
    payload(client, &document(mutation, selection), json!({ "input": input })).await
}

/// A case by its slug, as it is to be changed.
async fn case_to_change(client: &Client, slug: &str) -> Value {
    let query = "query($s: String!) { case(edition: 2021, slug: $s) { id expectedRevision: revision } }";
    data(client, query, json!({ "s": slug })).await["case"].take()
}

async fn address_of(client: &Client, case: &str) -> bool {
    let query = "query($s: String!) { case(edition: 2021, slug: $s) { state authorities { address { lines restrictions } } } }";
    let data = data(client, query, json!({ "s": case })).await;
    let is_given = !data["case"]["authorities"][0]["address"].is_null();
    assert!(!is_given || data["case"]["state"] == "PUBLISHED", "{data:#}");
    is_given
}

#[tokio::test(flavor = "multi_thread")]
async fn a_random_history_counts_what_was_acknowledged_and_gives_no_address_of_a_suspended_case() {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let steps: usize = number("RANDOM_HISTORY_STEPS").unwrap_or(STEPS);
    let seed = number("RANDOM_HISTORY_SEED").unwrap_or(10) as u64;
    eprintln!("RANDOM_HISTORY_SEED={seed} RANDOM_HISTORY_STEPS={steps}");
    let mut history = History::begin(seed).await;
    for number in 0..steps {
        history = history.act(number).await;
    }
    history.agree().await;
}
