//! Model-based test: a random history of reports of persons, events and groups, later figures, corrections, withdrawals, reviews, running events,
//! statements, suspended cases, restores, restarts, repeated migrations, moved files and cut connections. No
//! acknowledged report is missing, and no address of
//! a suspended case is served.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Service, assert_done, at, campaign_id, events::approved, snapshots::Snapshot};

mod checks;
mod disturbances;
mod instants;
mod model;
mod reports;
mod retries;
mod running_events;
mod statements;

use model::{Case, GROUPS, Lines, World};
use retries::case_to_change;

/// How many acts a history has, unless `RANDOM_HISTORY_STEPS` says another number.
const STEPS: usize = 250;
/// The cases that letters are written for, some of which are suspended now and then.
const CASES: [&str; 3] = ["rung", "mohamed-baker", "zhang-zhan"];
const EVENTS: usize = 2;
/// When the history begins.
const NOON: &str = "2021-12-11T12:00:00Z";

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
    groups: Vec<Value>,
    world: World,
    /// Backups, and what had been acknowledged when each was made.
    backups: Vec<(Snapshot, World)>,
    /// How many keys were made up, in all histories.
    keys: usize,
    /// How many seconds have passed since noon: an act of moderation is about what came before it, and each act is at
    /// an instant of its own.
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
            let sessions = json!([{ "localStart": "2021-12-10T18:00", "localEnd": "2021-12-20T21:00" }]);
            let (key, more) = (format!("days of the history {number}"), json!({ "sessions": sessions }));
            events.push(approved(&service, &key, more).await);
        }
        let other = service.beside().await;
        for process in [&service, &other] {
            process.clock.set(at(NOON));
        }
        let campaign = campaign_id(&anyone, "ca").await;
        let mut groups: Vec<Value> = Vec::new();
        for (number, (event, parent)) in GROUPS.iter().enumerate() {
            let input = json!({ "campaign": campaign, "kind": "SCHOOL", "name": "A group of the history",
                "event": event.map(|event: usize| events[event]["event"]["id"].clone()),
                "parent": parent.map(|parent: usize| groups[parent]["group"]["id"].clone()),
                "idempotencyKey": format!("a-group-of-the-history-{number}") });
            let staff = service.administrator();
            let group = staff.change("groupRegister", "group { id } secret", input).await;
            assert_done(&group);
            groups.push(group);
        }
        let world =
            World { suspended: vec![false; CASES.len()], completed: vec![false; EVENTS], ..World::default() };
        let backup = (Snapshot::of(&service.fresh).await, world.clone());
        let (processes, backups) = ([service, other], vec![backup]);
        Self {
            dice: Dice(seed),
            processes,
            campaign,
            cases,
            events,
            groups,
            world,
            backups,
            keys: 0,
            seconds: 0,
        }
    }

    fn now(&self) -> Timestamp {
        at(NOON) + jiff::SignedDuration::from_secs(self.seconds)
    }

    fn set_clocks(&self) {
        let now = self.now();
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

    async fn act(mut self, number: usize) -> Self {
        let act = self.dice.below(100);
        eprintln!("act {number}: {act}");
        self.seconds += 1 + number as i64 * 37 % 600;
        self.set_clocks();
        match act {
            0..36 => self.submit().await,
            36..38 => self.join().await,
            38..40 => self.complete().await,
            40..48 => self.send_again().await,
            48..53 => self.correct().await,
            53..60 => self.update().await,
            60..66 => self.withdraw().await,
            66..72 => self.review().await,
            72..74 => self.object().await,
            74..76 => self.moderate().await,
            76..81 => self.suspend_or_publish().await,
            81..84 => self.restate().await,
            84..88 => self.back_up().await,
            88..93 => self.restore().await,
            93..95 => self.migrate_again().await,
            95..98 => self.disturb().await,
            _ => self = self.restart().await,
        }
        let now = self.now();
        self.world.timeline.push((now, self.world.total()));
        if number % 25 == 24 {
            self.agree().await;
        }
        self
    }
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
    history.assert_totals_at(1_000).await;
    history.assert_history().await;
}
