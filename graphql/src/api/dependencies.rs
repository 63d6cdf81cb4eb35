//! The dependencies of a response, which tell whether computing it again would give the same result.
//!
//! A response depends on four things: the catalogue, the counts of the editions in it, the events revision if
//! it contains events, and the boundaries of the campaigns' windows, at which phases and statuses change and
//! addresses appear and disappear. A resolver that reads anything else must record it.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use domain::{catalogue::Catalogue, revision::Revision};
use jiff::Timestamp;
use tokio::sync::watch;

use crate::{clock::Clock, totals_store::TotalsSnapshot};

/// The dependencies of one response. They keep no old state alive.
///
/// They are checked for every reuse of a cached response, by all threads at once, so that the check takes no
/// lock and changes no counter.
#[derive(Debug)]
pub struct Dependencies {
    clock: Clock,
    made_at: Timestamp,
    /// The next boundary of a window.
    holds_until: Option<Timestamp>,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    /// The totals that the response depends on, while it is computed.
    counts: Mutex<Vec<TrackedTotal>>,
    /// The same, from the first check on.
    all_counts: OnceLock<Box<[watch::Receiver<Arc<TotalsSnapshot>>]>>,
    /// The revision that was known before the first event was looked up.
    events_revision: OnceLock<watch::Receiver<Revision>>,
    is_lost: AtomicBool,
}

/// The count of an edition that a response depends on.
#[derive(Debug)]
struct TrackedTotal {
    counts: watch::Receiver<Arc<TotalsSnapshot>>,
    /// The count that it depends on, if it was not published yet.
    coming: Option<Arc<TotalsSnapshot>>,
}

impl TrackedTotal {
    /// The same, with the count of the response as the one last seen.
    fn seen(mut self) -> watch::Receiver<Arc<TotalsSnapshot>> {
        if let Some(coming) = self.coming {
            let came = Arc::ptr_eq(&self.counts.borrow_and_update(), &coming);
            if !came {
                self.counts.mark_changed();
            }
        }
        self.counts
    }
}

impl Dependencies {
    /// Returns the dependencies of a response that is computed from the newest catalogue, and that catalogue.
    pub(super) fn new(
        now: Timestamp,
        clock: Clock,
        mut catalogue: watch::Receiver<Arc<Catalogue>>,
    ) -> (Self, Arc<Catalogue>) {
        let newest = Arc::clone(&catalogue.borrow_and_update());
        let ground = Self {
            clock,
            made_at: now,
            holds_until: newest.next_transition_at(now),
            catalogue,
            counts: Mutex::default(),
            all_counts: OnceLock::new(),
            events_revision: OnceLock::new(),
            is_lost: AtomicBool::new(false),
        };
        (ground, newest)
    }

    /// Records a dependency on the newest count of an edition, and returns the count.
    pub(super) fn track(&self, mut counts: watch::Receiver<Arc<TotalsSnapshot>>) -> Arc<TotalsSnapshot> {
        let newest = Arc::clone(&counts.borrow_and_update());
        self.add(TrackedTotal { counts, coming: None });
        newest
    }

    /// Records a dependency on a count of an edition that is about to be published; the response is valid
    /// from then on.
    pub(super) fn track_pending(
        &self,
        counts: watch::Receiver<Arc<TotalsSnapshot>>,
        coming: &Arc<TotalsSnapshot>,
    ) {
        self.add(TrackedTotal { counts, coming: Some(Arc::clone(coming)) });
    }

    fn add(&self, noted: TrackedTotal) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
        if self.all_counts.get().is_some() {
            // Checked too early.
            self.mark_uncacheable();
        }
    }

    /// Records a dependency on events, before they are looked up.
    pub(super) fn track_events(&self, revisions: &watch::Receiver<Revision>) {
        self.events_revision.get_or_init(|| {
            let mut revisions = revisions.clone();
            revisions.mark_unchanged();
            revisions
        });
    }

    /// Records a dependency on data whose changes are not tracked.
    pub(super) fn mark_uncacheable(&self) {
        self.is_lost.store(true, Ordering::Relaxed);
    }

    /// Returns whether the validity of the response can be determined at all.
    #[must_use]
    pub fn is_cacheable(&self) -> bool {
        !self.is_lost.load(Ordering::Relaxed)
    }

    /// Returns whether nothing that the response depends on has changed. It may be called only after the
    /// response is complete, and after the pending count was published.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let now = self.clock.now();
        self.is_cacheable()
            && self.made_at <= now
            && self.holds_until.is_none_or(|until| now < until)
            && is_latest(&self.catalogue)
            && self.events_revision.get().is_none_or(is_latest)
            && self.all_counts().iter().all(is_latest)
    }

    fn all_counts(&self) -> &[watch::Receiver<Arc<TotalsSnapshot>>] {
        self.all_counts.get_or_init(|| {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *counts).into_iter().map(TrackedTotal::seen).collect()
        })
    }
}

/// Returns whether the value seen here is still the current one.
fn is_latest<T>(seen: &watch::Receiver<T>) -> bool {
    seen.has_changed().is_ok_and(|has_changed| !has_changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground() -> (Dependencies, watch::Sender<Arc<Catalogue>>) {
        let (catalogue, _) = watch::channel(Arc::new(Catalogue::default()));
        let now = Timestamp::UNIX_EPOCH;
        (Dependencies::new(now, Clock::manual(now), catalogue.subscribe()).0, catalogue)
    }

    #[test]
    fn an_answer_holds_until_anything_it_speaks_of_is_replaced() {
        let (counts, _) = watch::channel(Arc::new(TotalsSnapshot::empty()));
        let (revisions, _) = watch::channel(Revision::default());
        for replaced in ["nothing", "catalogue", "count", "events"] {
            let (ground, catalogue) = ground();
            ground.track(counts.subscribe());
            ground.track_events(&revisions.subscribe());
            assert!(ground.is_current(), "{replaced}");
            match replaced {
                "catalogue" => drop(catalogue.send_replace(Arc::default())),
                "count" => drop(counts.send_replace(Arc::new(TotalsSnapshot::empty()))),
                "events" => drop(revisions.send_replace(Revision { number: 2, commit: None })),
                _ => {}
            }
            assert_eq!(ground.is_current(), replaced == "nothing", "{replaced}");
        }
    }

    #[test]
    fn what_was_made_ahead_holds_if_what_came_is_what_was_coming() {
        for (came, holds) in
            [("it", true), ("it, and another", false), ("another", false), ("nothing", false)]
        {
            let (counts, _) = watch::channel(Arc::new(TotalsSnapshot::empty()));
            let (ground, _catalogue) = ground();
            let coming = Arc::new(TotalsSnapshot { version: 1, ..TotalsSnapshot::empty() });
            ground.track_pending(counts.subscribe(), &coming);
            if came.starts_with("it") {
                counts.send_replace(coming);
            }
            if came.ends_with("another") {
                counts.send_replace(Arc::new(TotalsSnapshot { version: 2, ..TotalsSnapshot::empty() }));
            }
            assert_eq!(ground.is_current(), holds, "{came}");
            counts.send_replace(Arc::new(TotalsSnapshot { version: 3, ..TotalsSnapshot::empty() }));
            assert!(!ground.is_current(), "{came}");
        }
    }

    #[test]
    fn what_is_noted_after_the_first_look_is_not_kept() {
        let (counts, _) = watch::channel(Arc::new(TotalsSnapshot::empty()));
        let (ground, _catalogue) = ground();
        assert!(ground.is_current());
        ground.track(counts.subscribe());
        assert!(!ground.is_cacheable() && !ground.is_current());
    }
}
