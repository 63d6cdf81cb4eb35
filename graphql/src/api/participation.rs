//! Pledges and events, beside the totals.
//!
//! The ledger does not count them, and they do not follow its versions: a total is always the same for one
//! version, so these figures are kept apart. They are computed once for each revision of events and people,
//! for all sections of an edition at once.

use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::{EditionId, SectionId};
use graphql_engine::inline::Inline;

use super::{RequestContext, cost, error::ApiError, scalar::Count};

mod cache;
mod event_counts;

pub use cache::ParticipationCache;
use cache::{Known, ParticipationNumbers};
use event_counts::EventCounts;

/// Pledges and events, in an edition or in one section of it.
pub(crate) struct Participation<'a> {
    request: &'a RequestContext,
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

    /// Events that took place, that were reported, and that await a report.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn events(&self, ctx: &Context<'_>) -> Result<Inline<EventCounts>, ApiError> {
        let numbers = self.numbers(ctx).await?;
        Ok(Inline(EventCounts::of(&numbers, self.section)))
    }
}

impl<'a> Participation<'a> {
    /// Returns the figures of an edition, or of one section of it.
    pub(crate) const fn new(
        request: &'a RequestContext,
        edition: EditionId,
        section: Option<SectionId>,
    ) -> Self {
        Self { request, edition, section }
    }

    async fn numbers(&self, ctx: &Context<'_>) -> Result<Arc<ParticipationNumbers>, ApiError> {
        let (context, request) = (super::AppState::of(ctx), self.request);
        request.track_events(context);
        // Read before the database: the rows are of that revision or a newer one.
        let revision = *context.events_revision.borrow();
        let now = request.now;
        match context.participation.find(self.edition, revision, now) {
            Some(Known::Current(numbers)) => return Ok(self.noted(numbers)),
            Some(Known::Older(numbers)) => {
                request.has_shown_event();
                return Ok(numbers);
            }
            None => {}
        }
        let mut connection = request.connect(context).await?;
        let numbers = Arc::new(ParticipationNumbers::read(&mut connection, self.edition, now).await?);
        context.participation.insert(self.edition, revision, Arc::clone(&numbers));
        Ok(self.noted(numbers))
    }

    /// These figures. The end of the next event changes them without a tracked change.
    fn noted(&self, numbers: Arc<ParticipationNumbers>) -> Arc<ParticipationNumbers> {
        if numbers.next_end.is_some() {
            self.request.has_shown_event();
        }
        numbers
    }
}
