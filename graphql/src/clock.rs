//! The clock that the service is told the time by.
//!
//! The system's own for a real campaign, a shifted one for the demonstration, a still one for tests:
//! they move it and never sleep. Whoever asks gets whole microseconds, which is what both databases
//! keep.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

/// A clock. Clones tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { ahead: SignedDuration },
    Still(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub const fn system() -> Self {
        Self::shifted(SignedDuration::ZERO)
    }

    /// The clock of the machine, put forward by this much, or back.
    #[must_use]
    pub const fn shifted(by: SignedDuration) -> Self {
        Self(Source::System { ahead: by })
    }

    /// A clock that stands still until it is moved.
    #[must_use]
    pub fn still(at: Timestamp) -> Self {
        Self(Source::Still(Arc::new(AtomicI64::new(at.as_microsecond()))))
    }

    /// Moves a still clock, and all its clones. Any other clock goes on as before.
    pub fn set(&self, at: Timestamp) {
        if let Source::Still(microseconds) = &self.0 {
            microseconds.store(at.as_microsecond(), Ordering::SeqCst);
        }
    }

    /// What time it is, in whole microseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let microseconds = match &self.0 {
            Source::System { ahead } => {
                let now = Timestamp::now();
                now.checked_add(*ahead).unwrap_or(now).as_microsecond()
            }
            Source::Still(microseconds) => microseconds.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_clock_moves_only_when_it_is_moved() {
        let start: Timestamp = "2021-12-10T12:00:00.1234567Z".parse().expect("an instant");
        let clock = Clock::still(start);
        let same = clock.clone();
        assert_eq!(clock.now().to_string(), "2021-12-10T12:00:00.123456Z");
        clock.set(start + SignedDuration::from_hours(1));
        assert_eq!(same.now().to_string(), "2021-12-10T13:00:00.123456Z");
    }

    #[test]
    fn a_shifted_clock_runs_ahead_of_the_machines() {
        let before = Timestamp::now();
        let ahead = Clock::shifted(SignedDuration::from_hours(24)).now();
        assert!(ahead - SignedDuration::from_hours(23) > before);
        assert_eq!(ahead.subsec_nanosecond() % 1_000, 0);
    }
}
