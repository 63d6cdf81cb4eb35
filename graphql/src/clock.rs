//! The clock: asked once for each request, and handed on.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

/// Tells the time to the microsecond, which is what both databases keep.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Shifted(SignedDuration),
    Movable(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub const fn system() -> Self {
        Self(Kind::Shifted(SignedDuration::ZERO))
    }

    /// A clock that goes like the machine's and shows another time.
    #[must_use]
    pub const fn shifted(by: SignedDuration) -> Self {
        Self(Kind::Shifted(by))
    }

    /// A clock that stands still until it is set, for tests. Clones are the same clock.
    #[must_use]
    pub fn movable(now: Timestamp) -> Self {
        Self(Kind::Movable(Arc::new(AtomicI64::new(now.as_microsecond()))))
    }

    /// Sets a movable clock; any other goes on as it did.
    pub fn set(&self, now: Timestamp) {
        if let Kind::Movable(microseconds) = &self.0 {
            microseconds.store(now.as_microsecond(), Ordering::SeqCst);
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let microseconds = match &self.0 {
            Kind::Shifted(by) => (Timestamp::now() + *by).as_microsecond(),
            Kind::Movable(microseconds) => microseconds.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
