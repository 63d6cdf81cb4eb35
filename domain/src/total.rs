//! Totals: sums over the reports that count.
//!
//! [`Counts`] are the finest grain: section × country × region × case × kind × origin × way, with the
//! late part and what awaits review beside the whole. A [`Totals`] stores the sums that are queried.
//! Both are updated by changes, so that a total costs the same with a thousand reports and with a million.
//! Both can be recomputed from nothing, so that they can be checked.
//!
//! ```
//! use domain::{ActionKind, Counts, SectionId, Totals, report::Origin, total::{Contribution, Location, TotalScope}};
//! use std::collections::BTreeMap;
//!
//! let place = Location { section: SectionId::new(uuid::Uuid::from_u128(1)), country: None, region: None };
//! let lines = BTreeMap::from([((None, ActionKind::AppealLetter), 90), ((None, ActionKind::Email), 4)]);
//! let report = Contribution { place: &place, origin: Some(Origin::Person), way: None, lines: &lines, people: Some(12), late: false };
//!
//! let mut cells = Counts::default();
//! cells.add(&report);
//! let tally = Totals::from_cells(&cells).unwrap();
//! let total = tally.sums(TotalScope::Edition);
//! assert_eq!((total.all.letters, total.all.actions, total.people), (90, 94, 12));
//! ```

mod counts;
mod difference;

pub use counts::{
    Contribution, Count, CountKey, CountedFrom, Counts, HeadcountKey, Headcounts, Lines, Location,
};

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::{
    CampaignWindow, CaseId, SectionId,
    report::{ActionKind, Origin, Way},
    string_enum::string_enum,
    text::{Country, Region},
    window::CampaignPhase,
};

/// Letters and actions: the first two kinds, and all kinds.
///
/// ```
/// assert_eq!(domain::total::LetterCounts::default().letters, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetterCounts {
    /// Appeal letters and messages of solidarity.
    pub letters: u64,
    /// Everything that was done.
    pub actions: u64,
}

/// Whose total it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TotalScope {
    /// The whole edition.
    Edition,
    /// One section's campaign.
    Section(SectionId),
    /// One case, worldwide.
    Case(CaseId),
    /// One case in one section's campaign.
    SectionCase(SectionId, CaseId),
}

impl TotalScope {
    /// The scopes within an edition that cells are part of.
    #[must_use]
    pub fn within(cells: &Counts) -> BTreeSet<Self> {
        let mut scopes = BTreeSet::new();
        for CountKey { place, case, .. } in cells.lines.keys() {
            scopes.insert(Self::Section(place.section));
            if let Some(case) = *case {
                scopes.extend([Self::Case(case), Self::SectionCase(place.section, case)]);
            }
        }
        scopes.extend(cells.heads.keys().map(|key| Self::Section(key.place.section)));
        scopes
    }
}

/// The sums of one scope. Each breakdown adds up to `all`; its `None` entry is unknown or
/// unallocated.
///
/// ```
/// let sums = domain::total::ScopeTotals::default();
/// assert_eq!(sums.all, sums.late);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeTotals {
    /// Everything in the scope.
    pub all: LetterCounts,
    /// The part of it that came in late.
    pub late: LetterCounts,
    /// People who wrote. Zero for a case: people are not counted by case.
    pub people: u64,
    /// Reports that count. Zero for a case.
    pub reports: u64,
    /// What awaits review: it is in nothing else here.
    pub pending_review: LetterCounts,
    /// Reports that are held. Zero for a case.
    pub reports_pending_review: u64,
    /// By action kind.
    pub by_kind: BTreeMap<ActionKind, LetterCounts>,
    /// By case.
    pub by_case: BTreeMap<Option<CaseId>, LetterCounts>,
    /// By section.
    pub by_section: BTreeMap<SectionId, LetterCounts>,
    /// By country.
    pub by_country: BTreeMap<Option<Country>, LetterCounts>,
    /// By region.
    pub by_region: BTreeMap<Option<Region>, LetterCounts>,
    /// By who handed it in.
    pub by_origin: BTreeMap<Option<Origin>, LetterCounts>,
    /// By the way it was collected.
    pub by_way: BTreeMap<Option<Way>, LetterCounts>,
    /// The part of `all` that comes from statements.
    pub stated: LetterCounts,
    /// What was reported here, by case and kind: what statements may contain. Only of a section.
    pub reported: BTreeMap<(Option<CaseId>, ActionKind), u64>,
}

/// A count would have fallen below zero: what was taken away had never been counted.
///
/// ```
/// assert!(domain::total::CountUnderflow.to_string().contains("recount"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountUnderflow;

impl std::fmt::Display for CountUnderflow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a counter would fall below zero; only a recount can tell the truth")
    }
}

impl std::error::Error for CountUnderflow {}

impl LetterCounts {
    fn change(&mut self, kind: ActionKind, by: i64) -> Result<(), CountUnderflow> {
        self.actions = self.actions.checked_add_signed(by).ok_or(CountUnderflow)?;
        if kind.is_letter() {
            self.letters = self.letters.checked_add_signed(by).ok_or(CountUnderflow)?;
        }
        Ok(())
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Changes one entry of a breakdown and leaves out what has become nothing.
fn enter<K: Ord + Clone>(
    breakdown: &mut BTreeMap<K, LetterCounts>,
    key: &K,
    kind: ActionKind,
    by: i64,
) -> Result<(), CountUnderflow> {
    let amount = match breakdown.get_mut(key) {
        Some(amount) => amount,
        None => breakdown.entry(key.clone()).or_default(),
    };
    amount.change(kind, by)?;
    if amount.is_nothing() {
        breakdown.remove(key);
    }
    Ok(())
}

impl ScopeTotals {
    fn change(&mut self, key: &CountKey, by: Count) -> Result<(), CountUnderflow> {
        let (kind, quantity) = (key.kind, by.quantity);
        self.all.change(kind, quantity)?;
        self.late.change(kind, by.late)?;
        self.pending_review.change(kind, by.pending_review)?;
        enter(&mut self.by_kind, &kind, kind, quantity)?;
        enter(&mut self.by_case, &key.case, kind, quantity)?;
        enter(&mut self.by_section, &key.place.section, kind, quantity)?;
        enter(&mut self.by_country, &key.place.country, kind, quantity)?;
        enter(&mut self.by_region, &key.place.region, kind, quantity)?;
        enter(&mut self.by_origin, &key.origin, kind, quantity)?;
        enter(&mut self.by_way, &key.way, kind, quantity)?;
        if key.counted_from == CountedFrom::Statement { self.stated.change(kind, quantity) } else { Ok(()) }
    }

    fn change_reported(&mut self, key: &CountKey, by: i64) -> Result<(), CountUnderflow> {
        if key.counted_from == CountedFrom::Statement || by == 0 {
            return Ok(());
        }
        let line = (key.case, key.kind);
        let quantity = self.reported.entry(line).or_default();
        *quantity = quantity.checked_add_signed(by).ok_or(CountUnderflow)?;
        if *quantity == 0 {
            self.reported.remove(&line);
        }
        Ok(())
    }

    fn change_heads(&mut self, by: Headcounts) -> Result<(), CountUnderflow> {
        self.people = self.people.checked_add_signed(by.people).ok_or(CountUnderflow)?;
        self.reports = self.reports.checked_add_signed(by.reports).ok_or(CountUnderflow)?;
        self.reports_pending_review =
            self.reports_pending_review.checked_add_signed(by.pending_review).ok_or(CountUnderflow)?;
        Ok(())
    }
}

/// The sums of every scope of one edition, kept while changes come in.
///
/// ```
/// use domain::{Totals, total::TotalScope};
/// assert_eq!(Totals::default().sums(TotalScope::Edition).all.actions, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    // Shared: a copy of a tally, which every commit makes for its readers, costs its scopes and not
    // their sums.
    scopes: HashMap<TotalScope, Arc<ScopeTotals>>,
}

impl Totals {
    /// Folds a whole count.
    ///
    /// # Errors
    /// [`CountUnderflow`] if a cell is below zero.
    pub fn from_cells(cells: &Counts) -> Result<Self, CountUnderflow> {
        let mut tally = Self::default();
        tally.apply(cells)?;
        Ok(tally)
    }

    /// Takes a change.
    ///
    /// # Errors
    /// [`CountUnderflow`] if a count would fall below zero. The tally is then of no more use.
    pub fn apply(&mut self, change: &Counts) -> Result<(), CountUnderflow> {
        // What was late goes up before it goes down: on the way, too, no scope has less than nothing.
        let going = |down: bool| change.lines.iter().filter(move |(_, by)| (by.late < 0) == down);
        for (key, &by) in going(false).chain(going(true)) {
            let section = key.place.section;
            self.change(TotalScope::Edition, |sums| sums.change(key, by))?;
            self.change(TotalScope::Section(section), |sums| {
                sums.change_reported(key, by.quantity)?;
                sums.change(key, by)
            })?;
            if let Some(case) = key.case {
                self.change(TotalScope::Case(case), |sums| sums.change(key, by))?;
                self.change(TotalScope::SectionCase(section, case), |sums| sums.change(key, by))?;
            }
        }
        for (key, &by) in &change.heads {
            self.change(TotalScope::Edition, |sums| sums.change_heads(by))?;
            self.change(TotalScope::Section(key.place.section), |sums| sums.change_heads(by))?;
        }
        Ok(())
    }

    fn change(
        &mut self,
        scope: TotalScope,
        by: impl FnOnce(&mut ScopeTotals) -> Result<(), CountUnderflow>,
    ) -> Result<(), CountUnderflow> {
        let sums = Arc::make_mut(self.scopes.entry(scope).or_default());
        by(sums)?;
        // Two tallies of the same count are equal, whatever they went through.
        if *sums == ScopeTotals::default() {
            self.scopes.remove(&scope);
        }
        Ok(())
    }

    /// What was reported to each section, by case and kind.
    pub fn reported(
        &self,
    ) -> impl Iterator<Item = (SectionId, &BTreeMap<(Option<CaseId>, ActionKind), u64>)> {
        self.scopes.iter().filter_map(|(scope, sums)| match scope {
            TotalScope::Section(section) => Some((*section, &sums.reported)),
            TotalScope::Edition | TotalScope::Case(_) | TotalScope::SectionCase(..) => None,
        })
    }

    /// The scopes that have anything.
    pub fn scopes(&self) -> impl Iterator<Item = TotalScope> {
        self.scopes.keys().copied()
    }

    /// The sums of a scope.
    #[must_use]
    pub fn sums(&self, scope: TotalScope) -> &ScopeTotals {
        static NOTHING: ScopeTotals = ScopeTotals {
            all: LetterCounts { letters: 0, actions: 0 },
            late: LetterCounts { letters: 0, actions: 0 },
            people: 0,
            reports: 0,
            pending_review: LetterCounts { letters: 0, actions: 0 },
            reports_pending_review: 0,
            by_kind: BTreeMap::new(),
            by_case: BTreeMap::new(),
            by_section: BTreeMap::new(),
            by_country: BTreeMap::new(),
            by_region: BTreeMap::new(),
            by_origin: BTreeMap::new(),
            by_way: BTreeMap::new(),
            stated: LetterCounts { letters: 0, actions: 0 },
            reported: BTreeMap::new(),
        };
        self.scopes.get(&scope).map_or(&NOTHING, |sums| sums)
    }
}

string_enum! {
    /// How final a total is.
    ///
    /// ```
    /// assert_eq!(domain::total::TotalStatus::Provisional.as_str(), "PROVISIONAL");
    /// ```
    pub enum TotalStatus {
        /// Reports are still coming in.
        Provisional = "PROVISIONAL",
        /// Every window is over, grace included.
        Complete = "COMPLETE",
        /// Staff have certified it.
        Certified = "CERTIFIED",
        /// It was certified, and has been changed since.
        Corrected = "CORRECTED",
    }
}

impl TotalStatus {
    /// The status that follows from the clock: complete once every campaign in the scope is over.
    /// Where no campaign runs yet, more can come.
    #[must_use]
    pub fn at<'a>(windows: impl IntoIterator<Item = &'a CampaignWindow>, now: jiff::Timestamp) -> Self {
        let mut windows = windows.into_iter().peekable();
        let over =
            windows.peek().is_some() && windows.all(|window| window.phase(now) == CampaignPhase::Closed);
        if over { Self::Complete } else { Self::Provisional }
    }
}

#[cfg(test)]
mod tests;
