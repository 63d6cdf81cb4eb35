//! Pledges and events, beside the totals.
//!
//! The ledger does not count them, and they do not follow its versions: a total is always the same for one
//! version, so these figures are kept apart. They are computed once for each revision of events and people,
//! for all sections of an edition at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_graphql::{Context, Object};
use domain::{
    EditionId, SectionId,
    event::{CompletedEvents, EventState},
    revision::Revision,
};

use super::{RequestContext, cost, error::ApiError, scalar::Count};
use crate::database::{self, Connection, events, participants};

/// Up to this number of rows the sum is computed on each change.
const DISCLOSURE_THRESHOLD: u64 = 1_000;
/// Beyond that, the figures may be a hundred times as old as computing them takes: two seconds for a hundred
/// thousand people, whose rows take some 25 milliseconds to read.
const AGE_FOR_EACH: Duration = Duration::from_micros(20);

/// The figures of an edition.
#[derive(Debug, Default)]
struct ParticipationNumbers {
    pledged: BTreeMap<SectionId, u64>,
    completed: BTreeMap<SectionId, events::CompletedCounts>,
    reported: BTreeMap<SectionId, events::CompletedCounts>,
    /// The number of rows they were computed from.
    rows: u64,
}

/// The cached figures, by edition.
#[derive(Debug, Default)]
pub struct NumberedCampaign(Mutex<HashMap<EditionId, Made>>);

#[derive(Clone, Debug)]
struct Made {
    /// The revision of events and people that was known before they were read.
    revision: Revision,
    at: Instant,
    numbers: Arc<ParticipationNumbers>,
}

impl ParticipationNumbers {
    async fn read(connection: &mut Connection, edition: EditionId) -> Result<Self, database::Error> {
        let (pledged, people) = participants::pledged(connection, edition).await?;
        let mut numbers = Self { pledged, rows: people, ..Self::default() };
        let states = [EventState::Completed, EventState::Reported];
        for ((section, state), counted) in events::completed(connection, edition, &states).await? {
            numbers.rows += counted.listed + counted.hidden_organizers.len() as u64;
            if state == EventState::Reported.as_str() {
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
    counted.listed += more.listed;
    counted.hidden_organizers.extend(more.hidden_organizers.iter().cloned());
}

impl NumberedCampaign {
    async fn of(
        &self,
        asking: &RequestContext,
        context: &super::AppState,
        edition: EditionId,
    ) -> Result<Arc<ParticipationNumbers>, ApiError> {
        asking.track_events(context);
        // Read before the database: the rows are of that revision or a newer one.
        let revision = *context.events_revision.borrow();
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&edition).cloned();
        if let Some(made) = made {
            if made.revision == revision {
                return Ok(made.numbers);
            }
            let age_most = AGE_FOR_EACH.saturating_mul(u32::try_from(made.numbers.rows).unwrap_or(u32::MAX));
            if made.numbers.rows > DISCLOSURE_THRESHOLD && made.at.elapsed() < age_most {
                asking.has_shown_event();
                return Ok(made.numbers);
            }
        }
        let mut connection = asking.connect(context).await?;
        let numbers = Arc::new(ParticipationNumbers::read(&mut connection, edition).await?);
        let made = Made { revision, at: Instant::now(), numbers: Arc::clone(&numbers) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(edition, made);
        Ok(numbers)
    }
}

/// Pledges and events, in an edition or in one section of it.
pub(crate) struct Participation<'a> {
    asking: &'a RequestContext,
    edition: EditionId,
    section: Option<SectionId>,
}

/// Pledges and events. The figures are current, or some seconds old where very many people take part, and
/// independent of the version of the totals.
#[Object(serial)]
impl Participation<'_> {
    /// Letters pledged by participants with a confirmed address. Released letters are not included.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn pledged(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let numbers = self.numbers(ctx).await?;
        let pledged: u64 = match self.section {
            Some(section) => numbers.pledged.get(&section).copied().unwrap_or(0),
            None => numbers.pledged.values().sum(),
        };
        Ok(pledged.into())
    }

    /// Events that took place. Public events are counted exactly. Private and unlisted events are counted
    /// once per organizer and in groups of five, per section and per edition, so that no single one is
    /// disclosed, not even to organizers of such events. So the figure may be lower than the truth, and the
    /// figure of an edition may differ from the sum of its sections.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn events_completed(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let numbers = self.numbers(ctx).await?;
        Ok(self.shown(&numbers.completed).into())
    }

    /// Events that took place and were reported by their host, with the same disclosure rule as `eventsCompleted`.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn events_reported(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let numbers = self.numbers(ctx).await?;
        Ok(self.shown(&numbers.reported).into())
    }
}

impl<'a> Participation<'a> {
    /// Returns the figures of an edition, or of one section of it.
    pub(crate) const fn new(
        asking: &'a RequestContext,
        edition: EditionId,
        section: Option<SectionId>,
    ) -> Self {
        Self { asking, edition, section }
    }

    async fn numbers(&self, ctx: &Context<'_>) -> Result<Arc<ParticipationNumbers>, ApiError> {
        let context = super::AppState::of(ctx);
        context.numbered.of(self.asking, context, self.edition).await
    }

    /// Returns the published number of these events.
    fn shown(&self, events: &BTreeMap<SectionId, events::CompletedCounts>) -> u64 {
        let mine = events.iter().filter(|(of, _)| self.section.is_none_or(|section| section == **of));
        let (mut listed, mut organizers) = (0, BTreeSet::new());
        for (_, counted) in mine {
            listed += counted.listed;
            organizers.extend(&counted.hidden_organizers);
        }
        CompletedEvents { listed, hidden_organizers: organizers.len() as u64 }.published()
    }
}
