//! So much in a while, and no more: a bucket that leaks.

use std::time::{Duration, Instant};

/// How much goes into a bucket, and how long it takes to leak all of it.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// How much may come at once.
    pub limit: u32,
    /// In how long the bucket empties.
    pub period: Duration,
}

/// A bucket. What is in it is told by when it will be empty.
#[derive(Clone, Copy, Debug)]
pub struct LeakyBucket {
    quota: Quota,
    empty_at: Instant,
}

/// There is no room for it, but will be after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl Quota {
    /// An empty bucket.
    #[must_use]
    pub fn bucket(self, now: Instant) -> LeakyBucket {
        LeakyBucket { quota: self, empty_at: now }
    }

    fn drain_time(self, amount: u32) -> Duration {
        // A bucket for nothing takes nothing, and never leaks.
        self.period.mul_f64(f64::from(amount) / f64::from(self.limit.max(1)))
    }
}

impl LeakyBucket {
    /// Puts so much in, or nothing of it.
    ///
    /// # Errors
    /// If there is no room. What is bigger than the bucket goes into one that is empty.
    pub fn try_acquire(&mut self, amount: u32, now: Instant) -> Result<(), RetryAfter> {
        self.empty_at = self.empty_at_after(amount, now)?;
        Ok(())
    }

    /// Whether there is room for so much. Nothing is put in.
    ///
    /// # Errors
    /// If there is none.
    pub fn check(&self, amount: u32, now: Instant) -> Result<(), RetryAfter> {
        self.empty_at_after(amount, now).map(drop)
    }

    /// When it would be empty with so much more in it.
    fn empty_at_after(&self, amount: u32, now: Instant) -> Result<Instant, RetryAfter> {
        let start = self.empty_at.max(now);
        let empty_at = start + self.quota.drain_time(amount);
        let latest_empty_at = now + self.quota.period.max(self.quota.drain_time(amount));
        if empty_at > latest_empty_at {
            return Err(RetryAfter(empty_at - latest_empty_at));
        }
        Ok(empty_at)
    }

    /// How much more there is room for.
    #[must_use]
    pub fn remaining(&self, now: Instant) -> u32 {
        let free = self.quota.period.saturating_sub(self.reset_after(now));
        // Rounded down, but for what the division loses.
        (free.as_secs_f64() / self.quota.period.as_secs_f64() * f64::from(self.quota.limit) + 1e-6) as u32
    }

    /// Whether it is more than half full.
    #[must_use]
    pub fn is_low(&self, now: Instant) -> bool {
        self.remaining(now) < self.quota.limit / 2
    }

    /// How long until it is empty.
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
    fn so_much_may_come_at_once_and_then_as_fast_as_it_leaks() {
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
        bucket.check(2, later).expect("it has leaked");
        bucket.try_acquire(2, later).expect("asking for room takes none");
        assert!(bucket.try_acquire(1, later).is_err());
        assert_eq!(bucket.remaining(later + Duration::from_secs(3_600)), 60, "never more than it holds");
    }

    #[test]
    fn what_is_bigger_than_the_bucket_waits_until_it_is_empty() {
        let start = Instant::now();
        let mut bucket = QUOTA.bucket(start);
        bucket.try_acquire(90, start).expect("it is empty");
        assert_eq!(bucket.try_acquire(1, start), Err(RetryAfter(Duration::from_secs(31))));
        assert_eq!(bucket.remaining(start), 0);
    }
}
