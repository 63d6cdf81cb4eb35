//! What one request may still spend, in points of cost.
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

use super::error::Fault;
use crate::pace::{Bucket, Overflow};

/// What the requests of one address share.
pub type Budget = Arc<Mutex<Bucket>>;

/// What one request may still spend. Clones are the same allowance.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    spent: Arc<AtomicUsize>,
    budget: Option<Budget>,
}

/// What is left of a budget.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// So many points.
    pub points: u32,
    /// How long until all of it is there again.
    pub whole_in: Duration,
}

impl Allowance {
    /// The allowance of a new request.
    #[must_use]
    pub fn new(budget: Option<Budget>) -> Self {
        Self { spent: Arc::default(), budget }
    }

    /// Pays for looking at a question at all, whatever comes of it.
    ///
    /// # Errors
    /// `RATE_LIMITED` when the budget is used up.
    pub fn look(&self) -> Result<(), Fault> {
        self.pay(1)
    }

    /// Pays for an operation before it runs; all of the request together may cost `most`.
    pub(crate) fn spend(&self, cost: usize, most: usize) -> Result<(), Fault> {
        let spent = self.spent.fetch_add(cost, Ordering::Relaxed).saturating_add(cost);
        if spent > most {
            return Err(Fault::too_costly(format!(
                "The operations of this request cost more than {most} together."
            )));
        }
        self.pay(cost)
    }

    /// What is left, where there is a budget and less than half of it is left. Up to there nobody has to
    /// heed it, and an answer that many are given goes out as it is.
    #[must_use]
    pub fn left(&self) -> Option<Left> {
        let now = Instant::now();
        let budget = self.budget.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        budget.is_short(now).then(|| Left { points: budget.room(now), whole_in: budget.empty_in(now) })
    }

    fn pay(&self, points: usize) -> Result<(), Fault> {
        let Some(budget) = &self.budget else { return Ok(()) };
        let points = u32::try_from(points).unwrap_or(u32::MAX);
        let paid = budget.lock().unwrap_or_else(PoisonError::into_inner).take(points, Instant::now());
        paid.map_err(|Overflow(wait)| Fault::rate_limited(wait))
    }
}
