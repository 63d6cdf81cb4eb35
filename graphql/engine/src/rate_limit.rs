//! So much in a while, and no more: a bucket that leaks.

use std::time::{Duration, Instant};

/// How much goes into a bucket, and how long it takes to leak all of it.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// How much may come at once.
    pub most: u32,
    /// In how long the bucket empties.
    pub within: Duration,
}

/// A bucket. What is in it is told by when it will be empty.
#[derive(Clone, Copy, Debug)]
pub struct LeakyBucket {
    pace: Quota,
    empty_at: Instant,
}

/// There is no room for it, but will be after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl Quota {
    /// An empty bucket.
    #[must_use]
    pub fn bucket(self, now: Instant) -> LeakyBucket {
        LeakyBucket { pace: self, empty_at: now }
    }

    fn time_of(self, amount: u32) -> Duration {
        // A bucket for nothing takes nothing, and never leaks.
        self.within.mul_f64(f64::from(amount) / f64::from(self.most.max(1)))
    }
}

impl LeakyBucket {
    /// Puts so much in, or nothing of it.
    ///
    /// # Errors
    /// If there is no room. What is bigger than the bucket goes into one that is empty.
    pub fn try_acquire(&mut self, amount: u32, now: Instant) -> Result<(), RetryAfter> {
        self.empty_at = self.with(amount, now)?;
        Ok(())
    }

    /// Whether there is room for so much. Nothing is put in.
    ///
    /// # Errors
    /// If there is none.
    pub fn has_room(&self, amount: u32, now: Instant) -> Result<(), RetryAfter> {
        self.with(amount, now).map(drop)
    }

    /// When it would be empty with so much more in it.
    fn with(&self, amount: u32, now: Instant) -> Result<Instant, RetryAfter> {
        let begins = self.empty_at.max(now);
        let ends = begins + self.pace.time_of(amount);
        let room_until = now + self.pace.within.max(self.pace.time_of(amount));
        if ends > room_until {
            return Err(RetryAfter(ends - room_until));
        }
        Ok(ends)
    }

    /// How much more there is room for.
    #[must_use]
    pub fn remaining(&self, now: Instant) -> u32 {
        let free = self.pace.within.saturating_sub(self.reset_after(now));
        // Rounded down, but for what the division loses.
        (free.as_secs_f64() / self.pace.within.as_secs_f64() * f64::from(self.pace.most) + 1e-6) as u32
    }

    /// Whether it is more than half full.
    #[must_use]
    pub fn is_short(&self, now: Instant) -> bool {
        self.remaining(now) < self.pace.most / 2
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

    const PACE: Quota = Quota { most: 60, within: Duration::from_secs(60) };

    #[test]
    fn so_much_may_come_at_once_and_then_as_fast_as_it_leaks() {
        let start = Instant::now();
        let mut bucket = PACE.bucket(start);
        assert_eq!((bucket.remaining(start), bucket.reset_after(start)), (60, Duration::ZERO));
        bucket.try_acquire(59, start).expect("room");
        bucket.try_acquire(1, start).expect("room");
        assert_eq!(bucket.remaining(start), 0);
        assert_eq!(bucket.try_acquire(2, start), Err(RetryAfter(Duration::from_secs(2))));
        let later = start + Duration::from_secs(2);
        assert_eq!((bucket.remaining(later), bucket.reset_after(later)), (2, Duration::from_secs(58)));
        assert_eq!(bucket.has_room(3, later), Err(RetryAfter(Duration::from_secs(1))));
        bucket.has_room(2, later).expect("it has leaked");
        bucket.try_acquire(2, later).expect("asking for room takes none");
        assert!(bucket.try_acquire(1, later).is_err());
        assert_eq!(bucket.remaining(later + Duration::from_secs(3_600)), 60, "never more than it holds");
    }

    #[test]
    fn what_is_bigger_than_the_bucket_waits_until_it_is_empty() {
        let start = Instant::now();
        let mut bucket = PACE.bucket(start);
        bucket.try_acquire(90, start).expect("it is empty");
        assert_eq!(bucket.try_acquire(1, start), Err(RetryAfter(Duration::from_secs(31))));
        assert_eq!(bucket.remaining(start), 0);
    }
}
