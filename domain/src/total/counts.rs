//! Counts at the finest grain: what reports contribute, by place, case, kind, origin and way.

use std::collections::BTreeMap;

use crate::{
    CaseId, SectionId,
    report::{ActionKind, Origin, Way},
    string_enum::string_enum,
    text::{Country, Region},
};

/// Where letters are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Location {
    /// The section.
    pub section: SectionId,
    /// The country they were written in; `None` is unknown.
    pub country: Option<Country>,
    /// The region they were written in; `None` is unknown.
    pub region: Option<Region>,
}

/// Quantities by case and kind; case `None` is unallocated.
pub type Lines = BTreeMap<(Option<CaseId>, ActionKind), u64>;

string_enum! {
    /// What a quantity is counted from.
    ///
    /// ```
    /// assert_eq!(domain::total::CountedFrom::Statement.as_str(), "STATEMENT");
    /// ```
    pub enum CountedFrom {
        /// Reports that were made here.
        Report = "REPORT",
        /// What a statement says beyond the reports and the other statements that it contains.
        Statement = "STATEMENT",
    }
}

/// What one report adds to the totals.
#[derive(Clone, Copy, Debug)]
pub struct Contribution<'a> {
    /// Where.
    pub place: &'a Location,
    /// Who handed it in; `None` is unknown.
    pub origin: Option<Origin>,
    /// How it was collected; `None` is unknown.
    pub way: Option<Way>,
    /// Quantities by case and kind.
    pub lines: &'a Lines,
    /// How many people wrote, where that was given.
    pub people: Option<u32>,
    /// Whether it came in after the collection deadline.
    pub late: bool,
}

/// The finest thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountKey {
    /// Where.
    pub place: Location,
    /// The case it is for; `None` is unallocated.
    pub case: Option<CaseId>,
    /// What.
    pub kind: ActionKind,
    /// Who handed it in; `None` is unknown.
    pub origin: Option<Origin>,
    /// How it was collected; `None` is unknown.
    pub way: Option<Way>,
    /// What it is counted from.
    pub counted_from: CountedFrom,
}

/// How much is in a cell, or by how much it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of it.
    pub quantity: i64,
    /// The part that came in late. Below zero where a late report named the cases of letters that
    /// had been unallocated: then it adds up with the late parts of those cases.
    pub late: i64,
    /// What awaits review: it is not in `quantity`.
    pub pending_review: i64,
}

/// Who is counted, apart from what they wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeadcountKey {
    /// Where.
    pub place: Location,
    /// Who handed the reports in; `None` is unknown.
    pub origin: Option<Origin>,
}

/// How many people and reports there are, or by how many that changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headcounts {
    /// People who wrote.
    pub people: i64,
    /// Reports that count.
    pub reports: i64,
    /// Reports that are pending review.
    pub pending_review: i64,
}

/// Cells and heads: a whole count, or the difference between two.
///
/// ```
/// assert!(domain::Counts::default().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Quantities; an empty cell is left out.
    pub lines: BTreeMap<CountKey, Count>,
    /// People and reports; an empty entry is left out.
    pub heads: BTreeMap<HeadcountKey, Headcounts>,
}

impl Counts {
    /// Counts a contribution.
    pub fn add(&mut self, contribution: &Contribution<'_>) {
        self.enter(contribution, 1);
    }

    /// Takes a contribution away again.
    pub fn subtract(&mut self, contribution: &Contribution<'_>) {
        self.enter(contribution, -1);
    }

    fn enter(&mut self, contribution: &Contribution<'_>, sign: i64) {
        for (&(case, kind), &quantity) in contribution.lines {
            let key = CountKey {
                place: contribution.place.clone(),
                case,
                kind,
                origin: contribution.origin,
                way: contribution.way,
                counted_from: CountedFrom::Report,
            };
            let quantity = sign * i64::try_from(quantity).unwrap_or(i64::MAX);
            let late = if contribution.late { quantity } else { 0 };
            self.change(key, Count { quantity, late, pending_review: 0 });
        }
        let key = HeadcountKey { place: contribution.place.clone(), origin: contribution.origin };
        self.change_heads(
            key,
            Headcounts {
                people: sign * i64::from(contribution.people.unwrap_or(0)),
                reports: sign,
                pending_review: 0,
            },
        );
    }

    /// Adds what a section holds for review. The place, the origin and the way stay with the report: it has not
    /// been reviewed, and its event may not be public.
    pub fn add_pending_review(&mut self, section: SectionId, lines: &Lines) {
        self.enter_pending_review(section, lines, 1);
    }

    /// Takes back what a section held.
    pub fn remove_pending_review(&mut self, section: SectionId, lines: &Lines) {
        self.enter_pending_review(section, lines, -1);
    }

    fn enter_pending_review(&mut self, section: SectionId, lines: &Lines, sign: i64) {
        let (place, origin) = (Location { section, country: None, region: None }, None);
        for (&(case, kind), &quantity) in lines {
            let pending_review = sign * i64::try_from(quantity).unwrap_or(i64::MAX);
            let (place, counted_from) = (place.clone(), CountedFrom::Report);
            let key = CountKey { place, case, kind, origin, way: None, counted_from };
            self.change(key, Count { pending_review, ..Count::default() });
        }
        self.change_heads(
            HeadcountKey { place, origin },
            Headcounts { pending_review: sign, ..Headcounts::default() },
        );
    }

    /// Changes one cell.
    pub fn change(&mut self, key: CountKey, by: Count) {
        let cell = self.lines.entry(key.clone()).or_default();
        cell.quantity += by.quantity;
        cell.late += by.late;
        cell.pending_review += by.pending_review;
        if *cell == Count::default() {
            self.lines.remove(&key);
        }
    }

    /// Changes the people and reports of one place.
    pub fn change_heads(&mut self, key: HeadcountKey, by: Headcounts) {
        let heads = self.heads.entry(key.clone()).or_default();
        heads.people += by.people;
        heads.reports += by.reports;
        heads.pending_review += by.pending_review;
        if *heads == Headcounts::default() {
            self.heads.remove(&key);
        }
    }

    /// Takes the cells of a part away.
    pub fn subtract_all(&mut self, part: &Self) {
        for (key, by) in &part.lines {
            self.change(
                key.clone(),
                Count { quantity: -by.quantity, late: -by.late, pending_review: -by.pending_review },
            );
        }
        for (key, by) in &part.heads {
            let by =
                Headcounts { people: -by.people, reports: -by.reports, pending_review: -by.pending_review };
            self.change_heads(key.clone(), by);
        }
    }

    /// Adds a difference, or the cells of another part of the same whole.
    pub fn merge(&mut self, other: &Self) {
        for (key, &by) in &other.lines {
            self.change(key.clone(), by);
        }
        for (key, &by) in &other.heads {
            self.change_heads(key.clone(), by);
        }
    }

    /// Whether nothing is counted, or nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.heads.is_empty()
    }
}
