//! What one request may still spend, in points of cost, and how much text it may have stored.
//!
//! The operations of a request share what one operation may cost, so that a batch is no way around
//! it. Where the service gives every address a budget, all requests of an address share that too.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    error::ApiError,
    rate_limit::{LeakyBucket, RetryAfter},
};

/// How many bytes of a request are read in any case: more than a person's question has.
const FREE_BYTES: usize = 4 << 10;
/// How many bytes more are read for each point that is left. Reading them and checking them as variables takes
/// about three microseconds.
const BYTES_PER_POINT: usize = 32;

/// What the requests of one address share.
pub type Budget = Arc<Mutex<LeakyBucket>>;

/// What one request may still spend. Clones are the same allowance.
#[derive(Clone, Debug, Default)]
pub struct CostBudget {
    charged: Arc<AtomicUsize>,
    budget: Option<Budget>,
    text_budget: Option<Budget>,
}

/// What is left of a budget.
#[derive(Clone, Copy, Debug)]
pub struct RemainingCost {
    /// So many points.
    pub points: u32,
    /// How long until all of it is there again.
    pub reset_after: Duration,
}

impl CostBudget {
    /// The allowance of a new request: the points of its address, and the bytes of text that it may have
    /// stored.
    #[must_use]
    pub fn new(budget: Option<Budget>, text_budget: Option<Budget>) -> Self {
        Self { charged: Arc::default(), budget, text_budget }
    }

    /// Pays for looking at a question at all, whatever comes of it.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the budget is used up.
    pub fn charge_lookup(&self) -> Result<(), ApiError> {
        self.charge_budget(1)
    }

    /// Looks whether so many bytes that were sent are to be read. What they ask for is known only then, and reading
    /// a large batch takes milliseconds: whoever has spent the points for it could go on costing the others that.
    /// Nothing is taken, since what is read pays for itself.
    ///
    /// # Errors
    /// `RATE_LIMITED` when less is left than reading them is worth.
    pub fn check_readable(&self, bytes: usize) -> Result<(), ApiError> {
        let points = points(bytes.saturating_sub(FREE_BYTES) / BYTES_PER_POINT);
        let Some(budget) = self.budget.as_ref().filter(|_| points > 0) else { return Ok(()) };
        let result = budget.lock().unwrap_or_else(PoisonError::into_inner).check(points, Instant::now());
        result.map_err(|RetryAfter(wait)| ApiError::rate_limited(wait))
    }

    /// Pays for an operation before it runs.
    ///
    /// # Errors
    /// `QUERY_TOO_COSTLY` if the operations of the request cost more than `most` together, `RATE_LIMITED`
    /// when the budget is used up.
    pub fn charge(&self, cost: usize, max_cost: usize) -> Result<(), ApiError> {
        let charged = self.charged.fetch_add(cost, Ordering::Relaxed).saturating_add(cost);
        if charged > max_cost {
            return Err(ApiError::too_costly(format!(
                "The operations of this request cost more than {max_cost} together."
            )));
        }
        self.charge_budget(cost)
    }

    /// What is left, where there is a budget and less than half of it is left. Up to there nobody has to
    /// heed it, and an answer that many are given goes out as it is.
    #[must_use]
    pub fn remaining(&self) -> Option<RemainingCost> {
        let now = Instant::now();
        let budget = self.budget.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        budget
            .is_low(now)
            .then(|| RemainingCost { points: budget.remaining(now), reset_after: budget.reset_after(now) })
    }

    /// Pays for text that is about to be stored.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the client's budget of stored text is used up.
    pub fn charge_stored_text(&self, bytes: usize) -> Result<(), ApiError> {
        acquire(self.text_budget.as_ref(), bytes)
    }

    fn charge_budget(&self, points: usize) -> Result<(), ApiError> {
        acquire(self.budget.as_ref(), points)
    }
}

fn acquire(budget: Option<&Budget>, amount: usize) -> Result<(), ApiError> {
    let Some(budget) = budget else { return Ok(()) };
    let result =
        budget.lock().unwrap_or_else(PoisonError::into_inner).try_acquire(points(amount), Instant::now());
    result.map_err(|RetryAfter(wait)| ApiError::rate_limited(wait))
}

fn points(amount: usize) -> u32 {
    u32::try_from(amount).unwrap_or(u32::MAX)
}
