//! The model of the random history: counts computed anew from a list of reports, independently of the service.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A case by its number; none is unallocated.
pub type Case = Option<usize>;

/// Letters by case.
pub type Lines = BTreeMap<Case, u64>;

/// The event of a group that is a part of no other, or the group that it is a part of: two of an event, one a part of the
/// other, and two of no event.
pub const GROUPS: [(Option<usize>, Option<usize>); 4] =
    [(Some(0), None), (None, Some(0)), (None, None), (None, Some(2))];

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
    /// The group whose report it is.
    pub group: Option<usize>,
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

    /// Whether a group has an active report.
    pub fn has_report(&self, group: usize) -> bool {
        self.reports.iter().any(|report| report.group == Some(group) && !report.withdrawn)
    }

    /// What a group counts: its own report and its parts.
    fn of_group(&self, group: usize) -> Lines {
        let (mut own, mut parts) = (Lines::new(), Lines::new());
        let reports = self.reports.iter().filter(|report| report.group == Some(group));
        reports.filter_map(|report| report.accepted.as_ref()).for_each(|lines| add(&mut own, lines));
        let below = (0..GROUPS.len()).filter(|part| GROUPS[*part].1 == Some(group));
        below.for_each(|part| add(&mut parts, &self.of_group(part)));
        once(&[&own, &parts])
    }

    /// The total of everything that counts.
    pub fn total(&self) -> Total {
        let mut total = Lines::new();
        let mut events: BTreeMap<usize, [Lines; 3]> = BTreeMap::new();
        for report in self.reports.iter().filter(|report| report.group.is_none()) {
            let Some(lines) = &report.accepted else { continue };
            match report.event {
                None => add(&mut total, lines),
                Some((event, by_host)) => {
                    add(&mut events.entry(event).or_default()[usize::from(by_host)], lines)
                }
            }
        }
        for (group, at) in GROUPS.iter().enumerate() {
            match at {
                (Some(event), _) => add(&mut events.entry(*event).or_default()[2], &self.of_group(group)),
                (None, None) => add(&mut total, &self.of_group(group)),
                (None, Some(_)) => {}
            }
        }
        for [guests, host, groups] in events.values() {
            add(&mut total, &once(&[guests, host, groups]));
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

/// The event rule: for each case the largest number, and in all no less than any side says.
fn once(sides: &[&Lines]) -> Lines {
    let of = |lines: &Lines, case: &Case| lines.get(case).copied().unwrap_or_default();
    let mut counted = Lines::new();
    for case in sides.iter().flat_map(|lines| lines.keys()).filter(|case| case.is_some()) {
        counted.insert(*case, sides.iter().map(|lines| of(lines, case)).max().unwrap_or_default());
    }
    let named: u64 = counted.values().sum();
    let largest = sides.iter().map(|lines| lines.values().sum()).max().unwrap_or_default();
    counted.insert(None, named.max(largest) - named);
    counted
}

#[test]
fn the_worked_examples_of_the_event_rule_hold() {
    let lines = |of: &[(Case, u64)]| -> Lines { of.iter().copied().collect() };
    let (a, b) = (Some(0), Some(1));
    let counted = once(&[&lines(&[(a, 20), (b, 10)]), &lines(&[(a, 50)])]);
    assert_eq!(counted, lines(&[(a, 50), (b, 10), (None, 0)]));
    let counted = once(&[&lines(&[(a, 30)]), &lines(&[(None, 120)])]);
    assert_eq!(counted, lines(&[(a, 30), (None, 90)]));
}
