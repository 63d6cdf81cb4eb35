//! A rate limit: the leaky bucket algorithm.

use std::time::{Duration, Instant};

/// The size of a bucket, and the time in which a full bucket drains.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// The amount that fits into the bucket.
    pub limit: u32,
    /// The time in which a full bucket drains.
    pub period: Duration,
}

/// A leaky bucket. Its level is stored as the time at which it will be empty.
#[derive(Clone, Copy, Debug)]
pub struct LeakyBucket {
    quota: Quota,
    empty_at: Instant,
}

/// The amount does not fit now, but will after this duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl Quota {
    /// An empty bucket.
    #[must_use]
    pub fn bucket(self, now: Instant) -> LeakyBucket {
        LeakyBucket { quota: self, empty_at: now }
    }

    fn drain_time(self, amount: u32) -> Duration {
        // A bucket without a limit of its own accepts nothing and never drains.
        self.period.mul_f64(f64::from(amount) / f64::from(self.limit.max(1)))
    }
}

impl LeakyBucket {
    /// Adds an amount, or nothing of it.
    ///
    /// # Errors
    /// If the amount does not fit. An amount above the limit fits into an empty bucket.
    pub fn try_acquire(&mut self, amount: u32, now: Instant) -> Result<(), RetryAfter> {
        self.empty_at = self.empty_at_after(amount, now)?;
        Ok(())
    }

    /// Checks whether an amount fits, without adding it.
    ///
    /// # Errors
    /// If the amount does not fit.
    pub fn check(&self, amount: u32, now: Instant) -> Result<(), RetryAfter> {
        self.empty_at_after(amount, now).map(drop)
    }

    /// The time at which the bucket would be empty after adding an amount.
    fn empty_at_after(&self, amount: u32, now: Instant) -> Result<Instant, RetryAfter> {
        let start = self.empty_at.max(now);
        let empty_at = start + self.quota.drain_time(amount);
        let latest_empty_at = now + self.quota.period.max(self.quota.drain_time(amount));
        if empty_at > latest_empty_at {
            return Err(RetryAfter(empty_at - latest_empty_at));
        }
        Ok(empty_at)
    }

    /// The remaining amount.
    #[must_use]
    pub fn remaining(&self, now: Instant) -> u32 {
        let free = self.quota.period.saturating_sub(self.reset_after(now));
        // Rounded down, apart from the error of the division.
        (free.as_secs_f64() / self.quota.period.as_secs_f64() * f64::from(self.quota.limit) + 1e-6) as u32
    }

    /// Whether less than half of the limit remains.
    #[must_use]
    pub fn is_low(&self, now: Instant) -> bool {
        self.remaining(now) < self.quota.limit / 2
    }

    /// The time until the bucket is empty.
    #[must_use]
    pub fn reset_after(&self, now: Instant) -> Duration {
        self.empty_at.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { limit: 60, period: Duration::from_secs(60) };

    #[test]
    fn a_bucket_accepts_its_limit_at_once_and_then_at_its_rate() {
        let start = Instant::now();
        let mut bucket = QUOTA.bucket(start);
        assert_eq!((bucket.remaining(start), bucket.reset_after(start)), (60, Duration::ZERO));
        bucket.try_acquire(59, start).expect("room");
        bucket.try_acquire(1, start).expect("room");
        assert_eq!(bucket.remaining(start), 0);
        assert_eq!(bucket.try_acquire(2, start), Err(RetryAfter(Duration::from_secs(2))));
        let later = start + Duration::from_secs(2);
        assert_eq!((bucket.remaining(later), bucket.reset_after(later)), (2, Duration::from_secs(58)));
        assert_eq!(bucket.check(3, later), Err(RetryAfter(Duration::from_secs(1))));
        bucket.check(2, later).expect("room after draining");
        bucket.try_acquire(2, later).expect("a check adds nothing");
        assert!(bucket.try_acquire(1, later).is_err());
        assert_eq!(bucket.remaining(later + Duration::from_secs(3_600)), 60, "at most the limit");
    }

    #[test]
    fn an_amount_above_the_limit_needs_an_empty_bucket() {
        let start = Instant::now();
        let mut bucket = QUOTA.bucket(start);
        bucket.try_acquire(90, start).expect("an empty bucket");
        assert_eq!(bucket.try_acquire(1, start), Err(RetryAfter(Duration::from_secs(31))));
        assert_eq!(bucket.remaining(start), 0);
    }
}
