//! The cache of participation figures: computed once for each revision of events and people.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{EditionId, SectionId, revision::Revision};
use jiff::Timestamp;

use crate::database::{self, Connection, events, participants};

/// Up to this number of rows the figures are computed anew on each change.
const MAX_ALWAYS_CURRENT_ROWS: u64 = 1_000;
/// Beyond that, the figures may be a hundred times as old as computing them takes: two seconds for a hundred
/// thousand people, whose rows take some 25 milliseconds to read.
const MAX_AGE_PER_ROW: Duration = Duration::from_micros(20);

/// The figures of an edition.
#[derive(Debug, Default)]
pub(super) struct ParticipationNumbers {
    pub(super) pledged: BTreeMap<SectionId, u64>,
    pub(super) completed: BTreeMap<SectionId, events::CompletedCounts>,
    pub(super) reported: BTreeMap<SectionId, events::CompletedCounts>,
    /// When the next event is over, which changes them without a revision.
    pub(super) next_end: Option<Timestamp>,
    /// The number of rows they were computed from.
    rows: u64,
}

/// The cached figures, by edition.
#[derive(Debug, Default)]
pub struct ParticipationCache(Mutex<HashMap<EditionId, CachedNumbers>>);

/// Figures with the revision and the time of reading.
#[derive(Clone, Debug)]
struct CachedNumbers {
    /// The revision of events and people that was known before they were read.
    revision: Revision,
    read_at: Instant,
    numbers: Arc<ParticipationNumbers>,
}

impl ParticipationNumbers {
    pub(super) async fn read(
        connection: &mut Connection,
        edition: EditionId,
        now: Timestamp,
    ) -> Result<Self, database::Error> {
        let (pledged, people) = participants::pledged(connection, edition).await?;
        let next_end = events::next_end(connection, edition, now).await?;
        let mut numbers = Self { pledged, next_end, rows: people, ..Self::default() };
        for ((section, is_reported), counted) in events::completed(connection, edition, now).await? {
            numbers.rows += counted.listed.values().sum::<u64>() + counted.hidden_organizers.len() as u64;
            if is_reported {
                add(&mut numbers.reported, section, &counted);
            }
            // A reported event took place.
            add(&mut numbers.completed, section, &counted);
        }
        Ok(numbers)
    }
}

fn add(
    all: &mut BTreeMap<SectionId, events::CompletedCounts>,
    section: SectionId,
    more: &events::CompletedCounts,
) {
    let counted = all.entry(section).or_default();
    for (part, count) in &more.listed {
        *counted.listed.entry(part.clone()).or_default() += count;
    }
    counted.hidden_organizers.extend(more.hidden_organizers.iter().cloned());
}

/// Figures of the cache.
pub(super) enum Known {
    /// Those of the requested revision.
    Current(Arc<ParticipationNumbers>),
    /// Older ones, which may still be shown.
    Older(Arc<ParticipationNumbers>),
}

impl ParticipationCache {
    /// The figures of an edition at this revision and time, or older ones if computing them takes long.
    pub(super) fn find(&self, edition: EditionId, revision: Revision, now: Timestamp) -> Option<Known> {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&edition).cloned()?;
        if cached.revision == revision && cached.numbers.next_end.is_none_or(|end| now < end) {
            return Some(Known::Current(cached.numbers));
        }
        let rows = cached.numbers.rows;
        let max_age = MAX_AGE_PER_ROW.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX));
        let is_young = rows > MAX_ALWAYS_CURRENT_ROWS && cached.read_at.elapsed() < max_age;
        is_young.then_some(Known::Older(cached.numbers))
    }

    /// Adds figures that are of this revision or a newer one.
    pub(super) fn insert(&self, edition: EditionId, revision: Revision, numbers: Arc<ParticipationNumbers>) {
        let cached = CachedNumbers { revision, read_at: Instant::now(), numbers };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(edition, cached);
    }
}
