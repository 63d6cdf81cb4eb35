//! The tally of an event: the sum of its reports, with each letter counted once.
//!
//! It stores sums and no reports, so that adding a report costs the same however many there are. Late
//! reports are summed apart: the late part of an event is its whole count less what would count without
//! the late reports.
//!
//! ```
//! use domain::{ActionKind, SectionId, event::EventTally, report::{Origin, ReporterRole}, total::{Contribution, Location}};
//! use std::collections::BTreeMap;
//! let place = Location { section: SectionId::new(uuid::Uuid::nil()), country: None, region: None };
//! let mut evening = EventTally::new(place.clone(), Some(Origin::Event));
//! let mut say = |side, quantity, people| {
//!     let lines = BTreeMap::from([((None, ActionKind::AppealLetter), quantity)]);
//!     let contribution = Contribution { place: &place, origin: Some(Origin::Event), way: None, lines: &lines, people, late: false };
//!     evening.add(side, &contribution).unwrap();
//! };
//! say(ReporterRole::Host, 120, Some(40));
//! say(ReporterRole::Attendee, 30, Some(1));
//! let counted = evening.counted();
//! assert_eq!((counted.quantity(), counted.people), (120, 40));
//! assert_eq!(counted.deduplicated[&ActionKind::AppealLetter], 30);
//! ```

use std::collections::BTreeMap;

use super::deduplication::{self, ByCase};
use crate::{
    ActionKind, CaseId,
    report::{Origin, ReporterRole, Way},
    total::{
        Contribution, Count, CountKey, CountUnderflow, CountedFrom, Counts, HeadcountKey, Headcounts, Lines,
        Location,
    },
};

/// The sum of the reports of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EventTally {
    /// Where all its letters are counted. Settled by its first report, unless the event is not public any
    /// more afterwards.
    pub place: Location,
    /// Who hands its letters in: the event, or a person if not everyone may find the event.
    pub origin: Option<Origin>,
    /// How its letters were collected, as its host tells; `None` is unknown.
    #[cfg_attr(feature = "serde", serde(default))]
    pub way: Option<Way>,
    host: ReporterTotals,
    attendees: ReporterTotals,
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "GroupTotals::is_empty"))]
    groups: GroupTotals,
}

/// What its groups count together: all of it, and without the late reports. The late part of a group may be less than
/// nothing for its unallocated part, so that it has no sum of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct GroupTotals {
    all: ReporterSum,
    in_time: ReporterSum,
}

/// The totals of one reporter role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct ReporterTotals {
    in_time: ReporterSum,
    late: ReporterSum,
}

/// Reports added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct ReporterSum {
    #[cfg_attr(feature = "serde", serde(with = "listed"))]
    lines: Lines,
    people: u64,
    reports: u64,
}

/// What counts of an event.
///
/// ```
/// assert_eq!(domain::event::EventTotals::default().quantity(), 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventTotals {
    /// Quantities by case and kind; case `None` is unallocated.
    pub lines: Lines,
    /// What more than one role reported and so counts once, by kind: the sum of what they reported less what counts.
    pub deduplicated: BTreeMap<ActionKind, u64>,
    /// How many people wrote: the number given by the host or the sum given by attendees, whichever is more.
    pub people: u64,
    /// How many reports count.
    pub reports: u64,
}

impl EventTotals {
    /// All quantities together.
    #[must_use]
    pub fn quantity(&self) -> u64 {
        self.lines.values().sum()
    }
}

impl EventTally {
    /// The tally of an event without reports.
    #[must_use]
    pub fn new(place: Location, origin: Option<Origin>) -> Self {
        let (host, attendees) = (ReporterTotals::default(), ReporterTotals::default());
        Self { place, origin, way: None, host, attendees, groups: GroupTotals::default() }
    }

    /// The same, counted elsewhere and of another origin.
    #[must_use]
    pub fn moved(self, place: Location, origin: Option<Origin>) -> Self {
        Self { place, origin, ..self }
    }

    /// Counts a report of one role. Its place and origin are those of the event, and the way of all its letters is
    /// that which the host tells.
    ///
    /// # Errors
    /// Never: it shares its way with [`Self::subtract`].
    pub fn add(&mut self, side: ReporterRole, contribution: &Contribution<'_>) -> Result<(), CountUnderflow> {
        if side == ReporterRole::Host {
            self.way = contribution.way;
        }
        self.sum(side, contribution.late).change(contribution, |sum, by| sum.checked_add(by))
    }

    /// Takes a report of one side away again.
    ///
    /// # Errors
    /// [`CountUnderflow`] if it had never been counted. The tally must not be used after that.
    pub fn subtract(
        &mut self,
        side: ReporterRole,
        contribution: &Contribution<'_>,
    ) -> Result<(), CountUnderflow> {
        if side == ReporterRole::Host {
            self.way = None;
        }
        self.sum(side, contribution.late).change(contribution, |sum, by| sum.checked_sub(by))
    }

    /// Counts the own report of a group.
    ///
    /// # Errors
    /// Never: it shares its way with [`Self::subtract_own`].
    pub fn add_own(&mut self, contribution: &Contribution<'_>) -> Result<(), CountUnderflow> {
        self.add(ReporterRole::Host, contribution)
    }

    /// Takes the own report of a group away again.
    ///
    /// # Errors
    /// [`CountUnderflow`] if it had never been counted. The tally must not be used after that.
    pub fn subtract_own(&mut self, contribution: &Contribution<'_>) -> Result<(), CountUnderflow> {
        self.subtract(ReporterRole::Host, contribution)
    }

    /// Replaces what one of its groups counted before by what it counts after a change.
    ///
    /// # Errors
    /// [`CountUnderflow`] if the former had never been counted. The tally must not be used after that.
    pub fn change_group(&mut self, before: &Self, after: &Self) -> Result<(), CountUnderflow> {
        self.groups.all.replace(&before.counted(), &after.counted())?;
        self.groups.in_time.replace(&before.counted_in_time(), &after.counted_in_time())
    }

    const fn sum(&mut self, side: ReporterRole, late: bool) -> &mut ReporterSum {
        let totals = match side {
            ReporterRole::Host => &mut self.host,
            ReporterRole::Attendee => &mut self.attendees,
        };
        if late { &mut totals.late } else { &mut totals.in_time }
    }

    /// Whether no report counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let no_reports =
            [&self.host, &self.attendees].iter().all(|totals| **totals == ReporterTotals::default());
        no_reports && self.groups.is_empty()
    }

    /// The quantity that one role reported, including late reports.
    #[must_use]
    pub fn reported(&self, side: ReporterRole) -> u64 {
        let totals = match side {
            ReporterRole::Host => &self.host,
            ReporterRole::Attendee => &self.attendees,
        };
        [&totals.in_time, &totals.late].iter().flat_map(|sum| sum.lines.values()).sum()
    }

    /// The quantity that its groups count together.
    #[must_use]
    pub fn counted_by_groups(&self) -> u64 {
        self.groups.all.lines.values().sum()
    }

    /// What counts by the event rule.
    #[must_use]
    pub fn counted(&self) -> EventTotals {
        count(&self.host.all(), &self.attendees.all(), &self.groups.all)
    }

    /// What counts by the event rule of what came in before the collection deadline.
    #[must_use]
    pub fn counted_in_time(&self) -> EventTotals {
        count(&self.host.in_time, &self.attendees.in_time, &self.groups.in_time)
    }

    /// What the event adds to the totals.
    #[must_use]
    pub fn cells(&self) -> Counts {
        let (all, in_time) = (self.counted(), self.counted_in_time());
        let mut cells = Counts::default();
        let signed = |quantity: u64| i64::try_from(quantity).unwrap_or(i64::MAX);
        let mut enter = |case, kind, by| {
            let (place, origin, counted_from) = (self.place.clone(), self.origin, CountedFrom::Report);
            let key = CountKey { place, case, kind, origin, way: self.way, counted_from };
            cells.change(key, by);
        };
        for (&(case, kind), &quantity) in &all.lines {
            enter(
                case,
                kind,
                Count { quantity: signed(quantity), late: signed(quantity), pending_review: 0 },
            );
        }
        for (&(case, kind), &quantity) in &in_time.lines {
            enter(case, kind, Count { quantity: 0, late: -signed(quantity), pending_review: 0 });
        }
        let key = HeadcountKey { place: self.place.clone(), origin: self.origin };
        let heads =
            Headcounts { people: signed(all.people), reports: signed(all.reports), pending_review: 0 };
        cells.change_heads(key, heads);
        cells
    }
}

impl GroupTotals {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ReporterTotals {
    fn all(&self) -> ReporterSum {
        let mut lines = self.in_time.lines.clone();
        for (&line, &quantity) in &self.late.lines {
            *lines.entry(line).or_default() += quantity;
        }
        ReporterSum {
            lines,
            people: self.in_time.people + self.late.people,
            reports: self.in_time.reports + self.late.reports,
        }
    }
}

impl ReporterSum {
    fn change(
        &mut self,
        contribution: &Contribution<'_>,
        change: impl Fn(u64, u64) -> Option<u64>,
    ) -> Result<(), CountUnderflow> {
        for (&line, &quantity) in contribution.lines {
            let sum = self.lines.entry(line).or_default();
            *sum = change(*sum, quantity).ok_or(CountUnderflow)?;
        }
        self.lines.retain(|_, quantity| *quantity > 0);
        self.people = change(self.people, contribution.people.unwrap_or(0).into()).ok_or(CountUnderflow)?;
        self.reports = change(self.reports, 1).ok_or(CountUnderflow)?;
        Ok(())
    }

    fn replace(&mut self, before: &EventTotals, after: &EventTotals) -> Result<(), CountUnderflow> {
        for (&line, &quantity) in &after.lines {
            *self.lines.entry(line).or_default() += quantity;
        }
        for (&line, &quantity) in &before.lines {
            let sum = self.lines.entry(line).or_default();
            *sum = sum.checked_sub(quantity).ok_or(CountUnderflow)?;
        }
        self.lines.retain(|_, quantity| *quantity > 0);
        self.people = (self.people + after.people).checked_sub(before.people).ok_or(CountUnderflow)?;
        self.reports = (self.reports + after.reports).checked_sub(before.reports).ok_or(CountUnderflow)?;
        Ok(())
    }

    fn of_kind(&self, kind: ActionKind) -> ByCase {
        let lines = self.lines.iter().filter(|((_, of), _)| *of == kind);
        lines.map(|(&(case, _), &quantity)| (case, quantity)).collect()
    }
}

/// The event rule, kind by kind. In which order the three sources are taken does not matter.
fn count(host: &ReporterSum, attendees: &ReporterSum, groups: &ReporterSum) -> EventTotals {
    let mut counted = EventTotals {
        people: host.people.max(attendees.people).max(groups.people),
        reports: host.reports + attendees.reports + groups.reports,
        ..EventTotals::default()
    };
    for &kind in ActionKind::ALL {
        let of_guests = deduplication::count(&attendees.of_kind(kind), &groups.of_kind(kind));
        let once = deduplication::count(&host.of_kind(kind), &of_guests.by_case);
        let line = |(case, quantity): (Option<CaseId>, u64)| ((case, kind), quantity);
        counted.lines.extend(once.by_case.into_iter().map(line));
        let deduplicated = once.deduplicated + of_guests.deduplicated;
        if deduplicated > 0 {
            counted.deduplicated.insert(kind, deduplicated);
        }
    }
    counted
}

/// Lines as a list: an object of JSON has names and no pairs for its keys.
#[cfg(feature = "serde")]
mod listed {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{ActionKind, CaseId, Lines};

    pub(super) fn serialize<S: Serializer>(lines: &Lines, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(lines.iter().map(|(&(case, kind), &quantity)| (case, kind, quantity)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Lines, D::Error> {
        let lines = Vec::<(Option<CaseId>, ActionKind, u64)>::deserialize(deserializer)?;
        Ok(lines.into_iter().map(|(case, kind, quantity)| ((case, kind), quantity)).collect())
    }
}

#[cfg(test)]
mod tests;
