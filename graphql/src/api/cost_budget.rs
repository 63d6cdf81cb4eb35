//! Cost budgets: how many points of query cost a request may still spend, and how much text it may store.
//!
//! The operations of a request share the limit of one operation, so that a batch does not circumvent it. If a
//! budget per address is configured, all requests of an address share that, too.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{RequestContext, error::ApiError, request_context::Viewer};
use crate::rate_limit::{LeakyBucket, RetryAfter};

/// The number of bytes of a request that are read in any case: more than an ordinary query has.
const FREE_READ_BYTES: usize = 4 << 10;
/// The number of further bytes that are read for each remaining point. Reading them and checking them as
/// variables takes about three microseconds.
const READ_BYTES_PER_POINT: usize = 32;

/// The budgets that the requests of one address share.
pub type Budget = Arc<Mutex<LeakyBucket>>;

/// The budget of one request. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct CostBudget {
    spent: Arc<AtomicUsize>,
    budget: Option<Budget>,
    texts: Option<Budget>,
}

/// The rest of a budget.
#[derive(Clone, Copy, Debug)]
pub struct RemainingCost {
    /// The remaining points.
    pub points: u32,
    /// The time until the whole budget is available again.
    pub whole_in: Duration,
}

impl CostBudget {
    /// Returns the budget of a new request: the points of its address, and the bytes of text that it may
    /// store.
    #[must_use]
    pub fn new(budget: Option<Budget>, texts: Option<Budget>) -> Self {
        Self { spent: Arc::default(), budget, texts }
    }

    /// Charges the base cost of a request, whatever its result.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the budget is used up.
    pub fn charge_lookup(&self) -> Result<(), ApiError> {
        self.pay(1)
    }

    /// Checks whether a body of this size may be read. Its cost is known only after reading, and reading a
    /// large batch takes milliseconds; without this check a client with an empty budget could go on using
    /// that time. Nothing is charged, since what is read is charged later.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the remaining budget is lower than the cost of reading.
    pub fn read(&self, bytes: usize) -> Result<(), ApiError> {
        let points = points(bytes.saturating_sub(FREE_READ_BYTES) / READ_BYTES_PER_POINT);
        let Some(budget) = self.budget.as_ref().filter(|_| points > 0) else { return Ok(()) };
        let room = budget.lock().unwrap_or_else(PoisonError::into_inner).has_room(points, Instant::now());
        room.map_err(|RetryAfter(wait)| ApiError::rate_limited(wait))
    }

    /// Charges an operation before it runs; all operations of the request together may cost `most`.
    pub(crate) fn charge(&self, cost: usize, most: usize) -> Result<(), ApiError> {
        let spent = self.spent.fetch_add(cost, Ordering::Relaxed).saturating_add(cost);
        if spent > most {
            return Err(ApiError::too_costly(format!(
                "The operations of this request cost more than {most} together."
            )));
        }
        self.pay(cost)
    }

    /// Returns the remaining budget if there is one and less than half of it is left. Above that, clients do
    /// not need the figure, and a shared response is sent unchanged.
    #[must_use]
    pub fn remaining(&self) -> Option<RemainingCost> {
        let now = Instant::now();
        let budget = self.budget.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        budget
            .is_short(now)
            .then(|| RemainingCost { points: budget.remaining(now), whole_in: budget.reset_after(now) })
    }

    /// Charges text that is about to be stored for a client that is not staff. It stays charged if validation
    /// fails afterwards, since it was processed.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the budget of the address is used up.
    pub(crate) fn store(ctx: &async_graphql::Context<'_>, bytes: usize) -> Result<(), ApiError> {
        let is_staff = matches!(RequestContext::of(ctx).asker, Viewer::Staff(_));
        match ctx.data_opt::<Self>() {
            Some(allowance) if !is_staff => take(allowance.texts.as_ref(), bytes),
            _ => Ok(()),
        }
    }

    /// The same for a value that is stored as it was sent.
    pub(crate) fn store_draft(
        ctx: &async_graphql::Context<'_>,
        draft: &impl serde::Serialize,
    ) -> Result<(), ApiError> {
        let written =
            serde_json::to_string(draft).map_err(|_| ApiError::internal("a draft that is no JSON"))?;
        Self::store(ctx, written.len())
    }

    fn pay(&self, points: usize) -> Result<(), ApiError> {
        take(self.budget.as_ref(), points)
    }
}

fn take(budget: Option<&Budget>, amount: usize) -> Result<(), ApiError> {
    let Some(budget) = budget else { return Ok(()) };
    let taken =
        budget.lock().unwrap_or_else(PoisonError::into_inner).try_acquire(points(amount), Instant::now());
    taken.map_err(|RetryAfter(wait)| ApiError::rate_limited(wait))
}

fn points(amount: usize) -> u32 {
    u32::try_from(amount).unwrap_or(u32::MAX)
}
