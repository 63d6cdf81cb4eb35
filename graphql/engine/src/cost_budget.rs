//! The cost that a request may cause, and the amount of text that it may store.
//!
//! The operations of a request share the maximum cost of one operation, so that a batch does not raise it.
//! All requests of a client also share a budget, if the service has one.

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

/// The size of a body that is read even without budget; a typical request is smaller.
const FREE_BYTES: usize = 4 << 10;
/// The number of further bytes that are read for each point of the remaining budget. Reading them and
/// checking them as variables takes about three microseconds.
const BYTES_PER_POINT: usize = 32;

/// A budget that the requests of a client share.
pub type Budget = Arc<Mutex<LeakyBucket>>;

/// The remaining cost of a request. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct CostBudget {
    charged: Arc<AtomicUsize>,
    budget: Option<Budget>,
    text_budget: Option<Budget>,
}

/// The remainder of a budget.
#[derive(Clone, Copy, Debug)]
pub struct RemainingCost {
    /// The number of points.
    pub points: u32,
    /// The time until the budget is full again.
    pub reset_after: Duration,
}

impl CostBudget {
    /// The budget of a new request: the client's budget of cost, and its budget of stored text.
    #[must_use]
    pub fn new(budget: Option<Budget>, text_budget: Option<Budget>) -> Self {
        Self { charged: Arc::default(), budget, text_budget }
    }

    /// Charges the lookup of a request, whether or not it succeeds.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the budget is used up.
    pub fn charge_lookup(&self) -> Result<(), ApiError> {
        self.charge_budget(1)
    }

    /// Checks whether a body of this size may be read. Its cost is known only after parsing, and parsing a
    /// large batch takes milliseconds; a client without budget must not cause that. Nothing is charged: the
    /// operations are charged later.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the remaining budget is less than reading the body costs.
    pub fn check_readable(&self, bytes: usize) -> Result<(), ApiError> {
        let points = points(bytes.saturating_sub(FREE_BYTES) / BYTES_PER_POINT);
        let Some(budget) = self.budget.as_ref().filter(|_| points > 0) else { return Ok(()) };
        let result = budget.lock().unwrap_or_else(PoisonError::into_inner).check(points, Instant::now());
        result.map_err(|RetryAfter(wait)| ApiError::rate_limited(wait))
    }

    /// Charges an operation before it is executed.
    ///
    /// # Errors
    /// `QUERY_TOO_COSTLY` if the operations of the request cost more than `max_cost` together, `RATE_LIMITED`
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

    /// The remainder of the budget, if less than half of it is left. Before that a client need not know it,
    /// and a shared response can be sent without a change.
    #[must_use]
    pub fn remaining(&self) -> Option<RemainingCost> {
        let now = Instant::now();
        let budget = self.budget.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        budget
            .is_low(now)
            .then(|| RemainingCost { points: budget.remaining(now), reset_after: budget.reset_after(now) })
    }

    /// Charges text that is about to be stored.
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
