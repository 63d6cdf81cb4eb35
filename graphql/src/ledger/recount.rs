//! The recount: every counter compared with the ledger it was made from, with the recorded history of totals, and
//! with what a process shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use domain::{
    ActionKind, CaseId, Catalogue, Country, Counts, EditionId, EventId, GroupId, Region, SectionId, Totals,
    catalogue::StaffAction,
    certification::{self, Correction},
    event::EventTally,
    milestone,
    report::{Origin, Way},
    revision::Revision,
    total::{CountedFrom, LetterCounts, TotalScope},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{counting::headline, report_log, statements};
use crate::{
    database::{
        self, Access, Connection,
        edition_versions::{self, TotalsSummary},
        event_revision, events,
        groups::{self, StoredGroup},
        ledger,
        scope_versions::{self, ScopeSummary},
    },
    totals_store::TotalsSnapshot,
};

/// What a recount of an edition found.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The version that was compared.
    pub version: Revision,
    /// What differs; nothing, if all numbers are the same.
    pub differs: BTreeSet<Part>,
    counted: Counts,
    recounted: Counts,
}

/// What is compared with the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The stored counters.
    Counters,
    /// What the reports of each event say together.
    Events,
    /// What the reports of each group say together.
    Groups,
    /// The totals that were recorded: of the edition for this version, and the newest ones within it.
    History,
    /// The total that the process shows.
    Shown,
    /// The leaves of the transparency log, and its root.
    Log,
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Counters => "the counters differ from the ledger",
            Self::Events => "the sums of events differ from the ledger",
            Self::Groups => "the sums of groups differ from the ledger",
            Self::History => "the recorded history differs from the ledger",
            Self::Shown => "the totals that are shown differ from the ledger",
            Self::Log => "the transparency log differs from the ledger",
        })
    }
}

/// A number that a repair changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which number.
    pub figure: ComparedFigure,
    /// What the counters say.
    pub before: i64,
    /// What the ledger says.
    pub after: i64,
}

/// A number that people read: of the whole edition, or of one part of a breakdown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ComparedFigure {
    /// All actions of the edition.
    Actions,
    /// The part of them that came in late.
    Late,
    /// People who wrote.
    People,
    /// Reports that count.
    Reports,
    /// Actions that await review.
    PendingReview,
    /// Reports that await review.
    ReportsPendingReview,
    /// Actions of a kind.
    Kind(ActionKind),
    /// Actions in a section.
    Section(SectionId),
    /// Actions for a case; none is unallocated.
    Case(Option<CaseId>),
    /// Actions in a country; none is unknown.
    Country(Option<Country>),
    /// Actions in a region; none is unknown.
    Region(Option<Region>),
    /// Actions of an origin; none is unknown.
    Origin(Option<Origin>),
    /// Actions collected in a way; none is unknown.
    Way(Option<Way>),
    /// Actions that come from statements.
    Stated,
}

impl Comparison {
    /// Whether all numbers are the same.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.differs.is_empty()
    }

    /// What a repair changes: every number of the edition that the counters and the ledger do not agree about.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let (before, after) = (figures(&self.counted), figures(&self.recounted));
        let all: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
        let number = |of: Option<&i64>| of.copied().unwrap_or_default();
        all.into_iter()
            .map(|figure| Change {
                before: number(before.get(&figure)),
                after: number(after.get(&figure)),
                figure,
            })
            .filter(|change| change.before != change.after)
            .collect()
    }
}

/// Every number that cells add up to.
fn figures(cells: &Counts) -> BTreeMap<ComparedFigure, i64> {
    let mut figures = BTreeMap::new();
    let mut add = |figure, by| *figures.entry(figure).or_default() += by;
    for (key, cell) in &cells.lines {
        add(ComparedFigure::Actions, cell.quantity);
        add(ComparedFigure::Late, cell.late);
        add(ComparedFigure::PendingReview, cell.pending_review);
        add(ComparedFigure::Kind(key.kind), cell.quantity);
        add(ComparedFigure::Section(key.place.section), cell.quantity);
        add(ComparedFigure::Case(key.case), cell.quantity);
        add(ComparedFigure::Country(key.place.country.clone()), cell.quantity);
        add(ComparedFigure::Region(key.place.region.clone()), cell.quantity);
        add(ComparedFigure::Origin(key.origin), cell.quantity);
        add(ComparedFigure::Way(key.way), cell.quantity);
        if key.counted_from == CountedFrom::Statement {
            add(ComparedFigure::Stated, cell.quantity);
        }
    }
    for heads in cells.heads.values() {
        add(ComparedFigure::People, heads.people);
        add(ComparedFigure::Reports, heads.reports);
        add(ComparedFigure::ReportsPendingReview, heads.pending_review);
    }
    figures
}

/// Compares the numbers of an edition with its ledger and keeps the result. `shown` is what the process that asks has
/// in memory, where it shows totals; it is compared if it is of the version that the database has. `progress` is told
/// how many more revisions were read.
///
/// # Errors
/// That of the database.
pub async fn check(
    connection: &mut Connection,
    edition: EditionId,
    shown: Option<&TotalsSnapshot>,
    now: Timestamp,
    progress: impl FnMut(usize),
) -> Result<Comparison, database::Error> {
    let comparison = connection
        .transaction(Access::Read, async |connection| {
            let version = ledger::version(connection, edition).await?;
            let counted = ledger::cells(connection, edition).await?;
            let recounted = recount(connection, edition, progress).await?;
            let mut event_tallies = events::event_tallies(connection, edition).await?;
            event_tallies.retain(|_, tally| !tally.is_empty());
            let groups = groups::of_edition(connection, edition).await?;
            // A counter below zero is no total at all.
            let tally = Totals::from_cells(&counted).ok();
            let shown = shown.filter(|shown| shown.revision() == version);
            let differs = [
                (Part::Counters, counted != recounted.cells),
                (Part::Events, event_tallies != recounted.event_tallies),
                (
                    Part::Groups,
                    groups.iter().any(|stored| counts_otherwise(stored, &recounted.group_tallies)),
                ),
                (Part::History, !is_recorded(connection, edition, version, tally.as_ref()).await?),
                (Part::Shown, shown.is_some_and(|shown| Some(&shown.tally) != tally.as_ref())),
                (Part::Log, !report_log::agrees(connection, edition).await?),
            ];
            let differs = differs.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect();
            Ok::<_, database::Error>(Comparison { version, differs, counted, recounted: recounted.cells })
        })
        .await?;
    let recount = edition_versions::RecountResult {
        version: comparison.version.number,
        matches: comparison.matches(),
        checked_at: now,
    };
    connection
        .transaction(Access::Write, async |connection| {
            edition_versions::insert_recount(connection, edition, &recount).await
        })
        .await?;
    Ok(comparison)
}

/// Whether a group keeps other sums than its ledger says. Where they are counted is a matter of its event.
fn counts_otherwise(stored: &StoredGroup, recounted: &BTreeMap<GroupId, EventTally>) -> bool {
    let own = &stored.group.tally;
    match recounted.get(&stored.group.id) {
        Some(tally) => tally.clone().moved(own.place.clone(), own.origin) != *own,
        None => !own.is_empty(),
    }
}

/// Recounts the reports of an edition, and what its statements add to them.
pub(super) async fn recount(
    connection: &mut Connection,
    edition: EditionId,
    progress: impl FnMut(usize),
) -> Result<ledger::Recounted, database::Error> {
    let catalogue: Catalogue = database::catalogue::load(connection).await?.into();
    let recounted = ledger::recount(connection, edition, progress).await?;
    let cells = statements::with_statements(&catalogue, edition, recounted.cells)?;
    Ok(ledger::Recounted { cells, ..recounted })
}

/// Whether the history says of a version what the counters say.
async fn is_recorded(
    connection: &mut Connection,
    edition: EditionId,
    version: Revision,
    tally: Option<&Totals>,
) -> Result<bool, database::Error> {
    let recorded = edition_versions::find(connection, edition, version.number).await?;
    let Some(tally) = tally else { return Ok(false) };
    let as_of = recorded.map_or(Timestamp::UNIX_EPOCH, |recorded| recorded.committed_at);
    let Revision { number: version, commit } = version;
    let tally = tally.clone();
    let count = TotalsSnapshot { version, commit, as_of, tally, ..TotalsSnapshot::empty() };
    let of_edition = match recorded {
        Some(recorded) => recorded == headline(&count),
        None => version == 0 && count.tally == Totals::default(),
    };
    Ok(of_edition && unrecorded(connection, edition, &count).await?.is_empty())
}

/// What a count says of the totals within its edition, as far as the newest records say something else.
async fn unrecorded(
    connection: &mut Connection,
    edition: EditionId,
    count: &TotalsSnapshot,
) -> Result<Vec<ScopeSummary>, database::Error> {
    let recorded = scope_versions::newest(connection, edition).await?;
    let numbers = |summary: &TotalsSummary| (summary.letters, summary.actions, summary.late, summary.people);
    let scopes: BTreeSet<TotalScope> = recorded.keys().copied().chain(count.tally.scopes()).collect();
    Ok(scopes
        .into_iter()
        .filter(|scope| *scope != TotalScope::Edition)
        .map(|scope| (scope, scope_versions::summary(&count.tally, scope, count.version, count.as_of)))
        .filter(|(scope, counted)| recorded.get(scope).map_or((0, 0, 0, 0), numbers) != numbers(counted))
        .collect())
}

/// Why a repair corrects a total that is certified, and what the audit log says of it.
pub const REPAIRED: &str = "The counters differed from the reports and were replaced by a recount.";

/// Replaces the counters of an edition by what its ledger says, if its version is still the one that was compared;
/// says whether it was. The audit log has it, and a certified total that it changes is corrected.
///
/// # Errors
/// That of the database.
pub async fn repair(
    connection: &mut Connection,
    edition: EditionId,
    compared: Revision,
    now: Timestamp,
    progress: impl FnMut(usize),
) -> Result<bool, database::Error> {
    connection
        .transaction(Access::Write, async |connection| {
            let present = ledger::lock(connection, edition).await?;
            if present != compared {
                return Ok(false);
            }
            let Revision { number: version, commit } = present.next(Uuid::new_v4());
            let catalogue: Catalogue = database::catalogue::load(connection).await?.into();
            let counted = ledger::cells(connection, edition).await?;
            let ledger::Recounted { cells, event_tallies, group_tallies } =
                recount(connection, edition, progress).await?;
            repair_event_totals(connection, edition, &event_tallies).await?;
            repair_group_totals(connection, edition, &group_tallies, now).await?;
            let tally =
                Totals::from_cells(&cells).map_err(|drift| database::Error::Broken(Box::new(drift)))?;
            // Instants of versions never go back.
            let last = edition_versions::find(connection, edition, present.number).await?;
            let as_of = last.map_or(now, |last| last.committed_at.max(now));
            let count = TotalsSnapshot { version, commit, as_of, tally, ..TotalsSnapshot::empty() };
            let scopes = unrecorded(connection, edition, &count).await?;
            ledger::replace_cells(connection, edition, &cells, &headline(&count), &scopes, commit).await?;
            let mut writes = ledger::LedgerWrites::default();
            writes.correct(edition, &corrections(&catalogue, edition, (&counted, &cells), &count));
            let before = database::milestones::reached(connection, edition).await?;
            let at = (u64::try_from(version).unwrap_or_default(), now);
            writes.reach(edition, &milestone::reached(&catalogue, edition, &count.tally, &before, at));
            writes.write(connection).await?;
            let reason = Some(REPAIRED.to_owned());
            let action = StaffAction { action: "recountRepair", subject: edition.uuid(), reason };
            database::audit_log::insert(connection, Uuid::now_v7(), None, &action, now).await?;
            let recount = edition_versions::RecountResult { version, matches: true, checked_at: now };
            edition_versions::insert_recount(connection, edition, &recount).await?;
            Ok(true)
        })
        .await
}

/// The corrections of certified totals that a repair makes.
fn corrections(
    catalogue: &Catalogue,
    edition: EditionId,
    (counted, recounted): (&Counts, &Counts),
    repaired: &TotalsSnapshot,
) -> Vec<Correction> {
    let mut change = recounted.clone();
    change.subtract_all(counted);
    // A counter below zero is no total: what was shown is the rest.
    let mut shown = counted.clone();
    shown.lines.retain(|_, count| count.quantity >= 0 && count.late >= 0 && count.pending_review >= 0);
    shown.heads.retain(|_, heads| heads.people >= 0 && heads.reports >= 0 && heads.pending_review >= 0);
    let before = Totals::from_cells(&shown).unwrap_or_default();
    let correction = Correction {
        section_id: SectionId::new(Uuid::nil()),
        version: u64::try_from(repaired.version).unwrap_or_default(),
        reason: REPAIRED.to_owned(),
        corrected_at: repaired.as_of,
        before: LetterCounts::default(),
        after: LetterCounts::default(),
    };
    certification::corrections(catalogue, edition, &change, (&before, &repaired.tally), &correction)
}

/// Has every event of an edition keep what its reports say together.
async fn repair_event_totals(
    connection: &mut Connection,
    edition: EditionId,
    recounted: &BTreeMap<EventId, EventTally>,
) -> Result<(), database::Error> {
    event_revision::raise_revision(connection).await?;
    for (event, stored) in events::event_tallies(connection, edition).await? {
        // Where nothing counts any more, where it was counted stays settled.
        if !recounted.contains_key(&event) && !stored.is_empty() {
            events::set_event_tally(connection, event, &EventTally::new(stored.place, stored.origin)).await?;
        }
    }
    for (&event, tally) in recounted {
        events::set_event_tally(connection, event, tally).await?;
    }
    Ok(())
}

/// Has every group of an edition keep what its reports and its parts say together.
async fn repair_group_totals(
    connection: &mut Connection,
    edition: EditionId,
    recounted: &BTreeMap<GroupId, EventTally>,
    now: Timestamp,
) -> Result<(), database::Error> {
    for mut stored in groups::of_edition(connection, edition).await? {
        if !counts_otherwise(&stored, recounted) {
            continue;
        }
        let (place, origin) = (stored.group.tally.place.clone(), stored.group.tally.origin);
        let tally = recounted.get(&stored.group.id).cloned();
        stored.group.tally = match tally {
            Some(tally) => tally.moved(place, origin),
            None => EventTally::new(place, origin),
        };
        groups::count(connection, &stored, now).await?;
    }
    Ok(())
}
