//! By how much the total is above what was honestly reported.

use std::time::{Duration, Instant};

/// The largest excess, and for how long there was one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Excess {
    pub letters: u64,
    /// Of what was honestly reported at that time, in hundredths.
    pub percent: f64,
    pub lasted: Duration,
    since: Option<Instant>,
}

impl Excess {
    /// Takes note of a total where it may be so much at most.
    pub(super) fn look(&mut self, total: u64, most: u64) {
        let (now, excess) = (Instant::now(), total.saturating_sub(most));
        if excess > 0 {
            self.letters = self.letters.max(excess);
            self.percent = self.percent.max(excess as f64 * 100.0 / most.max(1) as f64);
            self.since.get_or_insert(now);
        }
        if let Some(since) = self.since {
            self.lasted = self.lasted.max(now - since);
        }
        if excess == 0 {
            self.since = None;
        }
    }

    /// The larger of both, number by number.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            letters: self.letters.max(other.letters),
            percent: self.percent.max(other.percent),
            lasted: self.lasted.max(other.lasted),
            since: None,
        }
    }
}
