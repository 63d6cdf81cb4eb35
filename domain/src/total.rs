//! Totals: a fold over what counts.
//!
//! [`Counts`] are the finest grain: section × country × region × case × kind × channel, with the
//! late part and what is held for review beside the whole. A [`Totals`] keeps the sums that people ask for. Both take changes, so
//! that a total costs the same with a thousand reports and with a million, and both can be folded
//! from nothing, so that they can be checked.
//!
//! ```
//! use domain::{ActionKind, Counts, SectionId, Totals, report::ReportChannel, total::{Contribution, Location, TotalScope}};
//! use std::collections::BTreeMap;
//!
//! let place = Location { section: SectionId::new(uuid::Uuid::from_u128(1)), country: None, region: None };
//! let lines = BTreeMap::from([((None, ActionKind::AppealLetter), 90), ((None, ActionKind::Email), 4)]);
//! let report = Contribution { place: &place, channel: ReportChannel::Individual, lines: &lines, people: Some(12), late: false };
//!
//! let mut cells = Counts::default();
//! cells.add(&report);
//! let tally = Totals::from_cells(&cells).unwrap();
//! let total = tally.sums(TotalScope::Edition);
//! assert_eq!((total.all.letters, total.all.actions, total.people), (90, 94, 12));
//! ```

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    CaseId, SectionId, Window,
    report::{ActionKind, ReportChannel},
    string_enum::string_enum,
    text::{Country, Region},
    window::Phase,
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

/// What one report adds to the totals.
#[derive(Clone, Copy, Debug)]
pub struct Contribution<'a> {
    /// Where.
    pub place: &'a Location,
    /// Through whom.
    pub channel: ReportChannel,
    /// Quantities by case and kind.
    pub lines: &'a Lines,
    /// How many people wrote, where that was said.
    pub people: Option<u32>,
    /// Whether it came in after the collection deadline.
    pub late: bool,
}

/// The finest thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountKey {
    /// Where.
    pub place: Location,
    /// For whom; `None` is unallocated.
    pub case: Option<CaseId>,
    /// What.
    pub kind: ActionKind,
    /// Through whom.
    pub channel: ReportChannel,
}

/// How much is in a cell, or by how much it changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of it.
    pub quantity: i64,
    /// The part that came in late. Below zero where a late report named the cases of letters that
    /// had been unallocated: then it adds up with the late parts of those cases.
    pub late: i64,
    /// What is held for review: it is not in `quantity`.
    pub held: i64,
}

/// Who is counted, apart from what they wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeadcountKey {
    /// Where.
    pub place: Location,
    /// Through whom.
    pub channel: ReportChannel,
}

/// How many people and reports there are, or by how many that changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Headcounts {
    /// People who wrote.
    pub people: i64,
    /// Reports that count.
    pub reports: i64,
    /// Reports that are held for review.
    pub held: i64,
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
            let key =
                CountKey { place: contribution.place.clone(), case, kind, channel: contribution.channel };
            let quantity = sign * i64::try_from(quantity).unwrap_or(i64::MAX);
            let late = if contribution.late { quantity } else { 0 };
            self.change(key, Count { quantity, late, held: 0 });
        }
        let key = HeadcountKey { place: contribution.place.clone(), channel: contribution.channel };
        self.change_heads(
            key,
            Headcounts { people: sign * i64::from(contribution.people.unwrap_or(0)), reports: sign, held: 0 },
        );
    }

    /// Takes note of what a section holds for review. Where it was written and through whom it came stays with
    /// the report: nothing of it has been looked at, and an event may not be public.
    pub fn hold(&mut self, section: SectionId, lines: &Lines) {
        self.enter_held(section, lines, 1);
    }

    /// Takes back what a section held.
    pub fn release(&mut self, section: SectionId, lines: &Lines) {
        self.enter_held(section, lines, -1);
    }

    fn enter_held(&mut self, section: SectionId, lines: &Lines, sign: i64) {
        let (place, channel) = (Location { section, country: None, region: None }, ReportChannel::Individual);
        for (&(case, kind), &quantity) in lines {
            let held = sign * i64::try_from(quantity).unwrap_or(i64::MAX);
            let key = CountKey { place: place.clone(), case, kind, channel };
            self.change(key, Count { held, ..Count::default() });
        }
        self.change_heads(
            HeadcountKey { place, channel },
            Headcounts { held: sign, ..Headcounts::default() },
        );
    }

    /// Changes one cell.
    pub fn change(&mut self, key: CountKey, by: Count) {
        let cell = self.lines.entry(key.clone()).or_default();
        cell.quantity += by.quantity;
        cell.late += by.late;
        cell.held += by.held;
        if *cell == Count::default() {
            self.lines.remove(&key);
        }
    }

    /// Changes the people and reports of one place.
    pub fn change_heads(&mut self, key: HeadcountKey, by: Headcounts) {
        let heads = self.heads.entry(key.clone()).or_default();
        heads.people += by.people;
        heads.reports += by.reports;
        heads.held += by.held;
        if *heads == Headcounts::default() {
            self.heads.remove(&key);
        }
    }

    /// Takes the cells of a part away.
    pub fn subtract_all(&mut self, part: &Self) {
        for (key, by) in &part.lines {
            self.change(key.clone(), Count { quantity: -by.quantity, late: -by.late, held: -by.held });
        }
        for (key, by) in &part.heads {
            let by = Headcounts { people: -by.people, reports: -by.reports, held: -by.held };
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// What is held for review: it is in nothing else here.
    pub held: LetterCounts,
    /// Reports that are held. Zero for a case.
    pub held_reports: u64,
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
    /// By channel.
    pub by_channel: BTreeMap<ReportChannel, LetterCounts>,
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
        self.held.change(kind, by.held)?;
        enter(&mut self.by_kind, &kind, kind, quantity)?;
        enter(&mut self.by_case, &key.case, kind, quantity)?;
        enter(&mut self.by_section, &key.place.section, kind, quantity)?;
        enter(&mut self.by_country, &key.place.country, kind, quantity)?;
        enter(&mut self.by_region, &key.place.region, kind, quantity)?;
        enter(&mut self.by_channel, &key.channel, kind, quantity)
    }

    fn change_heads(&mut self, by: Headcounts) -> Result<(), CountUnderflow> {
        self.people = self.people.checked_add_signed(by.people).ok_or(CountUnderflow)?;
        self.reports = self.reports.checked_add_signed(by.reports).ok_or(CountUnderflow)?;
        self.held_reports = self.held_reports.checked_add_signed(by.held).ok_or(CountUnderflow)?;
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
            self.change(TotalScope::Section(section), |sums| sums.change(key, by))?;
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

    /// The sums of a scope.
    #[must_use]
    pub fn sums(&self, scope: TotalScope) -> &ScopeTotals {
        static NOTHING: ScopeTotals = ScopeTotals {
            all: LetterCounts { letters: 0, actions: 0 },
            late: LetterCounts { letters: 0, actions: 0 },
            people: 0,
            reports: 0,
            held: LetterCounts { letters: 0, actions: 0 },
            held_reports: 0,
            by_kind: BTreeMap::new(),
            by_case: BTreeMap::new(),
            by_section: BTreeMap::new(),
            by_country: BTreeMap::new(),
            by_region: BTreeMap::new(),
            by_channel: BTreeMap::new(),
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
    }
}

impl TotalStatus {
    /// The status that follows from the clock: complete once every campaign in the scope is over.
    /// Where no campaign runs yet, more can come.
    #[must_use]
    pub fn at<'a>(windows: impl IntoIterator<Item = &'a Window>, now: jiff::Timestamp) -> Self {
        let mut windows = windows.into_iter().peekable();
        let over = windows.peek().is_some() && windows.all(|window| window.phase(now) == Phase::Closed);
        if over { Self::Complete } else { Self::Provisional }
    }
}

#[cfg(test)]
mod tests;
