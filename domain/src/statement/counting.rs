//! The statement rule: what each statement adds beyond what it contains.

use std::collections::{BTreeMap, BTreeSet};

use super::Statement;
use crate::{
    ActionKind, CaseId, SectionId, StatementId,
    total::{Count, CountKey, CountedFrom, Counts, Location, Totals},
};

/// A quantity that was reported here: section, case and kind.
type ReportedLine = (SectionId, Option<CaseId>, ActionKind);

/// What the statements of an edition say, beside the reports made here.
///
/// ```
/// use domain::{Totals, statement::StatementCounts};
/// let none = StatementCounts::new([], &Totals::default());
/// assert_eq!(none.added(domain::StatementId::new(uuid::Uuid::nil())), 0);
/// ```
#[derive(Debug, Default)]
pub struct StatementCounts<'a> {
    active: BTreeMap<StatementId, &'a Statement>,
    added: BTreeMap<StatementId, u64>,
    contained: BTreeMap<StatementId, u64>,
}

/// What a statement and all that it contains cover.
#[derive(Default)]
struct Covered {
    reports: BTreeMap<ReportedLine, u64>,
    added: u64,
}

impl<'a> StatementCounts<'a> {
    /// Counts statements of one edition beside its reports. Of the totals only what was reported here is read.
    #[must_use]
    pub fn new(statements: impl IntoIterator<Item = &'a Statement>, totals: &Totals) -> Self {
        let active = statements.into_iter().filter(|statement| statement.content().is_some());
        let mut counts =
            Self { active: active.map(|statement| (statement.id, statement)).collect(), ..Self::default() };
        if counts.active.is_empty() {
            return counts;
        }
        let reported: BTreeMap<ReportedLine, u64> = totals
            .reported()
            .flat_map(|(section, lines)| {
                lines.iter().map(move |(&(case, kind), &quantity)| ((section, case, kind), quantity))
            })
            .collect();
        for id in counts.active.keys().copied().collect::<Vec<_>>() {
            counts.count(id, &reported, &mut BTreeSet::new());
        }
        counts
    }

    /// How much a statement adds to the total.
    #[must_use]
    pub fn added(&self, id: StatementId) -> u64 {
        self.added.get(&id).copied().unwrap_or_default()
    }

    /// How much of what it contains is counted already: reports and other statements.
    #[must_use]
    pub fn contained(&self, id: StatementId) -> u64 {
        self.contained.get(&id).copied().unwrap_or_default()
    }

    /// Counts a statement after those that it contains, and returns what it covers. `above` are the statements around
    /// it: a ring, which is refused when it is stated, ends there.
    fn count(
        &mut self,
        id: StatementId,
        reported: &BTreeMap<ReportedLine, u64>,
        above: &mut BTreeSet<StatementId>,
    ) -> Covered {
        let mut covered = Covered::default();
        let Some((statement, content)) =
            self.active.get(&id).and_then(|statement| Some((*statement, statement.content()?)))
        else {
            return covered;
        };
        if !above.insert(id) {
            return covered;
        }
        for &inner in &content.contains {
            let of_inner = self.count(inner, reported, above);
            covered.reports.extend(of_inner.reports);
            covered.added += of_inner.added;
        }
        if content.contains_reports {
            let lines =
                reported.iter().filter(|((section, case, kind), _)| statement.covers(*section, *case, *kind));
            covered.reports.extend(lines.map(|(line, quantity)| (*line, *quantity)));
        }
        above.remove(&id);
        let contained = covered.reports.values().sum::<u64>() + covered.added;
        let added = content.quantity.saturating_sub(contained);
        covered.added += added;
        self.added.insert(id, added);
        self.contained.insert(id, contained);
        covered
    }

    /// The counts that the statements add to the totals.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (id, statement) in &self.active {
            let scope = &statement.scope;
            let key = CountKey {
                place: Location {
                    section: statement.section_id,
                    country: statement.country.clone(),
                    region: None,
                },
                case: scope.case,
                kind: scope.kind,
                origin: Some(scope.origin),
                way: scope.way,
                counted_from: CountedFrom::Statement,
            };
            let quantity = i64::try_from(self.added(*id)).unwrap_or(i64::MAX);
            counts.change(key, Count { quantity, ..Count::default() });
        }
        counts
    }
}

/// The counts that statements add to the totals of their edition.
///
/// Two statements may contain the same reports although neither contains the other. Then they have at least these in
/// common, and each adds what it says beyond them; [`overlaps`] finds such pairs.
#[must_use]
pub fn counts<'a>(statements: impl IntoIterator<Item = &'a Statement>, totals: &Totals) -> Counts {
    StatementCounts::new(statements, totals).counts()
}

/// The pairs of statements whose scopes overlap although neither contains the other: something may be counted twice.
///
/// ```
/// assert!(domain::statement::overlaps(&[]).is_empty());
/// ```
#[must_use]
pub fn overlaps(statements: &[&Statement]) -> Vec<(StatementId, StatementId)> {
    let active: BTreeMap<_, _> = statements
        .iter()
        .filter_map(|statement| Some((statement.id, (*statement, &statement.content()?.contains))))
        .collect();
    let contains = |outer: StatementId, inner: StatementId| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![outer]);
        while let Some(id) = next.pop() {
            if seen.insert(id) {
                next.extend(active.get(&id).into_iter().flat_map(|(_, contains)| contains.iter().copied()));
            }
        }
        seen.contains(&inner)
    };
    let mut pairs = Vec::new();
    for (&one, (first, _)) in &active {
        for (&two, (second, _)) in active.range((std::ops::Bound::Excluded(one), std::ops::Bound::Unbounded))
        {
            if first.may_overlap(second) && !contains(one, two) && !contains(two, one) {
                pairs.push((one, two));
            }
        }
    }
    pairs
}
