//! What an answer was made from, so that it can be told whether it would be made again just so.
//!
//! Four things make an answer another one: the catalogue, the counts of the editions it speaks of, the
//! revision of events where it speaks of any, and the edges of the campaigns' windows, at which phases
//! and statuses change and addresses come and go. What else a resolver reads, it has to say.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::{catalogue::Catalogue, clock::Clock, tally::Count};

/// What one answer was made from. It keeps nothing of it alive.
///
/// It is looked at for every answer that is given again, by all processors at once, so that looking takes no
/// lock and counts nothing.
#[derive(Debug)]
pub struct Ground {
    clock: Clock,
    made_at: Timestamp,
    /// The next edge of a window.
    holds_until: Option<Timestamp>,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    /// Those of which the answer speaks, while it is made.
    counts: Mutex<Vec<watch::Receiver<Arc<Count>>>>,
    /// The same, from the first look on.
    all_counts: OnceLock<Box<[watch::Receiver<Arc<Count>>]>>,
    /// The revision that was known before the first event was looked up.
    events_revision: OnceLock<watch::Receiver<i64>>,
    is_lost: AtomicBool,
}

impl Ground {
    /// The ground of an answer that is made now of the newest catalogue, which is said too.
    pub(super) fn new(
        now: Timestamp,
        clock: Clock,
        mut catalogue: watch::Receiver<Arc<Catalogue>>,
    ) -> (Self, Arc<Catalogue>) {
        let newest = Arc::clone(&catalogue.borrow_and_update());
        let ground = Self {
            clock,
            made_at: now,
            holds_until: newest.next_edge(now),
            catalogue,
            counts: Mutex::default(),
            all_counts: OnceLock::new(),
            events_revision: OnceLock::new(),
            is_lost: AtomicBool::new(false),
        };
        (ground, newest)
    }

    /// The answer speaks of the newest count of an edition, which is said.
    pub(super) fn note(&self, mut counts: watch::Receiver<Arc<Count>>) -> Arc<Count> {
        let newest = Arc::clone(&counts.borrow_and_update());
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).push(counts);
        if self.all_counts.get().is_some() {
            // It was looked at too early.
            self.lose();
        }
        newest
    }

    /// The answer speaks of events, which are going to be looked up.
    pub(super) fn note_events(&self, revisions: &watch::Receiver<i64>) {
        self.events_revision.get_or_init(|| {
            let mut revisions = revisions.clone();
            revisions.mark_unchanged();
            revisions
        });
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

    /// Whether nothing that the answer was made from has changed. It is asked when the answer is made, and not
    /// before.
    #[must_use]
    pub fn holds(&self) -> bool {
        let now = self.clock.now();
        self.is_firm()
            && self.made_at <= now
            && self.holds_until.is_none_or(|until| now < until)
            && is_the_newest(&self.catalogue)
            && self.events_revision.get().is_none_or(is_the_newest)
            && self.all_counts().iter().all(is_the_newest)
    }

    fn all_counts(&self) -> &[watch::Receiver<Arc<Count>>] {
        self.all_counts.get_or_init(|| {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *counts).into()
        })
    }
}

/// Whether what was seen here has not been replaced.
fn is_the_newest<T>(seen: &watch::Receiver<T>) -> bool {
    seen.has_changed().is_ok_and(|has_changed| !has_changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground() -> (Ground, watch::Sender<Arc<Catalogue>>) {
        let (catalogue, _) = watch::channel(Arc::new(Catalogue::default()));
        let now = Timestamp::UNIX_EPOCH;
        (Ground::new(now, Clock::still(now), catalogue.subscribe()).0, catalogue)
    }

    #[test]
    fn an_answer_holds_until_anything_it_speaks_of_is_replaced() {
        let (counts, _) = watch::channel(Arc::new(Count::nothing()));
        let (revisions, _) = watch::channel(1);
        for replaced in ["nothing", "catalogue", "count", "events"] {
            let (ground, catalogue) = ground();
            ground.note(counts.subscribe());
            ground.note_events(&revisions.subscribe());
            assert!(ground.holds(), "{replaced}");
            match replaced {
                "catalogue" => drop(catalogue.send_replace(Arc::default())),
                "count" => drop(counts.send_replace(Arc::new(Count::nothing()))),
                "events" => drop(revisions.send_replace(2)),
                _ => {}
            }
            assert_eq!(ground.holds(), replaced == "nothing", "{replaced}");
        }
    }

    #[test]
    fn what_is_noted_after_the_first_look_is_not_kept() {
        let (counts, _) = watch::channel(Arc::new(Count::nothing()));
        let (ground, _catalogue) = ground();
        assert!(ground.holds());
        ground.note(counts.subscribe());
        assert!(!ground.is_firm() && !ground.holds());
    }
}
