//! The model of the random history: counts computed anew from a list of reports, independently of the service.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A case by its number; none is unallocated.
pub type Case = Option<usize>;

/// Letters by case.
pub type Lines = BTreeMap<Case, u64>;

/// A report as its writer knows it.
#[derive(Clone, Debug)]
pub struct Report {
    pub id: String,
    pub secret: String,
    pub key: String,
    /// What was sent under the key.
    pub sent: Lines,
    /// The event, and whether it is the host's word.
    pub event: Option<(usize, bool)>,
    pub revision: u64,
    /// What counts.
    pub accepted: Option<Lines>,
    /// What waits for staff.
    pub held: Option<Lines>,
    /// Whether what was handed in last counts.
    pub latest_counts: bool,
    /// Whether the host of its event has objected to that.
    pub objected: bool,
    pub withdrawn: bool,
}

/// All that was acknowledged in one history.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub reports: Vec<Report>,
    pub suspended: Vec<bool>,
    /// Which events were completed.
    pub completed: Vec<bool>,
    pub statement: Option<Statement>,
    /// The total from each instant on, oldest first.
    pub timeline: Vec<(Timestamp, Total)>,
}

/// What the section states for itself.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    pub quantity: u64,
    pub contains_reports: bool,
}

/// A total: all letters, those of each case and those of none, and those that wait for staff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub letters: u64,
    pub by_case: Lines,
    pub held: u64,
}

impl World {
    /// Whether the host of an event has an active report.
    pub fn is_hosted(&self, event: usize) -> bool {
        self.reports.iter().any(|report| report.event == Some((event, true)) && !report.withdrawn)
    }

    /// The total of everything that counts.
    pub fn total(&self) -> Total {
        let mut total = Lines::new();
        let mut events: BTreeMap<usize, [Lines; 2]> = BTreeMap::new();
        for report in &self.reports {
            let Some(lines) = &report.accepted else { continue };
            match report.event {
                None => add(&mut total, lines),
                Some((event, by_host)) => {
                    add(&mut events.entry(event).or_default()[usize::from(by_host)], lines)
                }
            }
        }
        for [guests, host] in events.values() {
            add(&mut total, &at_event(guests, host));
        }
        if let Some(statement) = self.statement {
            let contained = if statement.contains_reports { total.values().sum() } else { 0 };
            *total.entry(None).or_default() += statement.quantity.saturating_sub(contained);
        }
        total.retain(|_, letters| *letters > 0);
        let held = self.reports.iter().filter_map(|report| report.held.as_ref());
        let held = held.flat_map(BTreeMap::values).sum();
        Total { letters: total.values().sum(), by_case: total, held }
    }

    /// The total that was told at an instant: nothing before the first report.
    pub fn total_at(&self, instant: Timestamp) -> Total {
        let later = self.timeline.partition_point(|(from, _)| *from <= instant);
        later.checked_sub(1).map(|last| self.timeline[last].1.clone()).unwrap_or_default()
    }

    /// What becomes of all reports that are held, or are held or count, and say so much: says of how many anything.
    pub fn decide(&mut self, accepts: bool, only_held: bool, least: u64) -> u64 {
        let mut decided = 0;
        for report in &mut self.reports {
            let is_held = report.held.is_some();
            let Some(meant) = report.held.as_ref().or(report.accepted.as_ref()) else { continue };
            if meant.values().sum::<u64>() < least || (!is_held && (only_held || accepts)) {
                continue;
            }
            let held = report.held.take();
            report.accepted = held.filter(|_| accepts);
            report.latest_counts = accepts;
            decided += 1;
        }
        decided
    }
}

fn add(total: &mut Lines, lines: &Lines) {
    for (case, letters) in lines {
        *total.entry(*case).or_default() += letters;
    }
}

/// The event rule: for each case the larger of both numbers, and in all no less than either side says.
fn at_event(guests: &Lines, host: &Lines) -> Lines {
    let of = |lines: &Lines, case: &Case| lines.get(case).copied().unwrap_or_default();
    let mut counted = Lines::new();
    for case in guests.keys().chain(host.keys()).filter(|case| case.is_some()) {
        counted.insert(*case, of(guests, case).max(of(host, case)));
    }
    let named: u64 = counted.values().sum();
    let all = named.max(guests.values().sum()).max(host.values().sum());
    counted.insert(None, all - named);
    counted
}

#[test]
fn the_worked_examples_of_the_event_rule_hold() {
    let lines = |of: &[(Case, u64)]| -> Lines { of.iter().copied().collect() };
    let (a, b) = (Some(0), Some(1));
    let counted = at_event(&lines(&[(a, 20), (b, 10)]), &lines(&[(a, 50)]));
    assert_eq!(counted, lines(&[(a, 50), (b, 10), (None, 0)]));
    let counted = at_event(&lines(&[(a, 30)]), &lines(&[(None, 120)]));
    assert_eq!(counted, lines(&[(a, 30), (None, 90)]));
}
