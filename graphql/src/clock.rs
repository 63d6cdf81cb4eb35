//! The clock that the service reads the time from.
//!
//! It is the system clock for a real campaign, an offset one for the demonstration, and a manual one
//! for tests, which move it and never sleep. Instants are whole microseconds, which is the precision of
//! both databases.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// The longest sleep before the clock is read again. The system clock may have been set meanwhile, or
/// the machine suspended.
const POLL_INTERVAL: Duration = Duration::from_secs(60);

/// A clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { ahead: SignedDuration },
    Still(Arc<watch::Sender<Timestamp>>),
}

impl Clock {
    /// The system clock.
    #[must_use]
    pub const fn system() -> Self {
        Self::offset(SignedDuration::ZERO)
    }

    /// The system clock plus this offset, which may be negative.
    #[must_use]
    pub const fn offset(by: SignedDuration) -> Self {
        Self(Source::System { ahead: by })
    }

    /// A clock that shows this instant until it is set.
    #[must_use]
    pub fn manual(at: Timestamp) -> Self {
        Self(Source::Still(Arc::new(watch::Sender::new(whole(at)))))
    }

    /// Sets a manual clock and all its clones. Other clocks ignore it.
    pub fn set(&self, at: Timestamp) {
        if let Source::Still(shown) = &self.0 {
            shown.send_replace(whole(at));
        }
    }

    /// The current time in whole microseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System { ahead } => {
                let now = Timestamp::now();
                whole(now.checked_add(*ahead).unwrap_or(now))
            }
            Source::Still(shown) => *shown.borrow(),
        }
    }

    /// Waits until the clock shows this instant or a later one.
    pub async fn wait_until(&self, instant: Timestamp) {
        match &self.0 {
            Source::System { .. } => {
                while let Ok(left) = Duration::try_from(instant.duration_since(self.now()))
                    && !left.is_zero()
                {
                    tokio::time::sleep(left.min(POLL_INTERVAL)).await;
                }
            }
            Source::Still(shown) => {
                // This cannot fail: a manual clock owns the sender.
                let _ = shown.subscribe().wait_for(|now| *now >= instant).await;
            }
        }
    }
}

fn whole(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(Timestamp::MAX)
}

/// An instant truncated to microseconds, as the databases store it.
pub(crate) fn microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_still_clock_moves_only_when_it_is_moved() {
        let start: Timestamp = "2021-12-10T12:00:00.1234567Z".parse().expect("an instant");
        let clock = Clock::manual(start);
        let same = clock.clone();
        assert_eq!(clock.now().to_string(), "2021-12-10T12:00:00.123456Z");
        clock.set(start + SignedDuration::from_hours(1));
        assert_eq!(same.now().to_string(), "2021-12-10T13:00:00.123456Z");
    }

    #[test]
    fn a_shifted_clock_runs_ahead_of_the_machines() {
        let before = Timestamp::now();
        let ahead = Clock::offset(SignedDuration::from_hours(24)).now();
        assert!(ahead - SignedDuration::from_hours(23) > before);
        assert_eq!(ahead.subsec_nanosecond() % 1_000, 0);
    }
    #[tokio::test]
    async fn whoever_waits_for_an_instant_is_woken_when_the_clock_is_moved_there_and_not_before() {
        let start: Timestamp = "2021-12-10T12:00:00Z".parse().expect("an instant");
        let later = start + SignedDuration::from_hours(1);
        let clock = Clock::manual(start);
        let mut waiting = std::pin::pin!(clock.wait_until(later));
        clock.set(later - SignedDuration::from_micros(1));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        clock.set(later);
        assert_eq!(waiting.as_mut().now_or_never(), Some(()));
        Clock::system().wait_until(start).await;
    }
}
