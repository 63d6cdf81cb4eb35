//! What an answer was made from, so that it can be told whether it would be made again just so.
//!
//! Four things make an answer another one: the catalogue, the counts of the editions it speaks of, the
//! revision of events where it speaks of any, and the edges of the campaigns' windows, at which phases
//! and statuses change and addresses come and go. What else a resolver reads, it has to say.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use domain::EditionId;
use jiff::Timestamp;

use super::Context;
use crate::{catalogue::Catalogue, tally::Count};

/// What one answer was made from. It keeps nothing of it alive.
#[derive(Debug)]
pub struct Ground {
    made_at: Timestamp,
    /// The next edge of a window.
    holds_until: Option<Timestamp>,
    catalogue: Weak<Catalogue>,
    counts: Mutex<Vec<(EditionId, Weak<Count>)>>,
    /// The revision of events that was known before the first of them was looked up.
    events_revision: OnceLock<i64>,
    is_lost: AtomicBool,
}

impl Ground {
    pub(super) fn new(now: Timestamp, catalogue: &Arc<Catalogue>) -> Self {
        Self {
            made_at: now,
            holds_until: catalogue.next_edge(now),
            catalogue: Arc::downgrade(catalogue),
            counts: Mutex::default(),
            events_revision: OnceLock::new(),
            is_lost: AtomicBool::new(false),
        }
    }

    /// The answer speaks of this count.
    pub(super) fn note(&self, edition: EditionId, count: &Arc<Count>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.push((edition, Arc::downgrade(count)));
    }

    /// The answer speaks of events, which were at least at this revision when they were looked up.
    pub(super) fn note_events(&self, revision: i64) {
        self.events_revision.get_or_init(|| revision);
    }

    /// The answer speaks of something that nobody watches.
    pub(super) fn lose(&self) {
        self.is_lost.store(true, Ordering::Relaxed);
    }

    /// Whether it can be told at all how the answer stands.
    #[must_use]
    pub fn is_firm(&self) -> bool {
        !self.is_lost.load(Ordering::Relaxed)
    }

    /// Whether nothing that the answer was made from has changed.
    #[must_use]
    pub fn holds(&self, context: &Context) -> bool {
        let now = context.clock.now();
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_firm()
            && self.made_at <= now
            && self.holds_until.is_none_or(|until| now < until)
            && is_same(&self.catalogue, &context.catalogue.borrow())
            && self.events_revision.get().is_none_or(|known| *known == *context.events_revision.borrow())
            && counts.iter().all(|(edition, count)| is_same(count, &context.tallies.count(*edition)))
    }
}

/// Whether it is the very same, not only one of the same version.
fn is_same<T>(noted: &Weak<T>, present: &Arc<T>) -> bool {
    std::ptr::eq(noted.as_ptr(), Arc::as_ptr(present))
}
