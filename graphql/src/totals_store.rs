//! In-memory store of totals: one snapshot for each edition, and a `watch` channel that publishes each
//! new one.
//!
//! A snapshot never changes. Each commit makes a new one with a higher version, so that all sums that a
//! reader holds are of one moment.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{
    Counts, EditionId, Totals, certification::Correction, milestone::ReachedMilestone, revision::Revision,
    total::CountUnderflow,
};
use jiff::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

/// The totals of one edition at one version.
#[derive(Clone, Debug)]
pub struct TotalsSnapshot {
    /// Grows by one with each commit that changes a total; 0 before the first.
    pub version: i64,
    /// The commit that made this version, if known.
    pub commit: Option<Uuid>,
    /// How many other histories of the database this process has published before.
    pub histories: u32,
    /// When that commit was made.
    pub as_of: Timestamp,
    /// The sums.
    pub tally: Totals,
    /// The corrections of certified totals up to this version, oldest first.
    pub corrections: Arc<[Correction]>,
    /// The milestones that were reached up to this version, in the order in which they were.
    pub reached: Arc<[ReachedMilestone]>,
}

impl TotalsSnapshot {
    /// The snapshot before the first report.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            version: 0,
            commit: None,
            histories: 0,
            as_of: Timestamp::UNIX_EPOCH,
            tally: Totals::default(),
            corrections: Arc::default(),
            reached: Arc::default(),
        }
    }

    /// The snapshot after a change.
    ///
    /// # Errors
    /// [`CountUnderflow`] if the change subtracts what was not counted.
    pub fn apply(&self, change: &Counts, now: Timestamp) -> Result<Self, CountUnderflow> {
        let mut tally = self.tally.clone();
        tally.apply(change)?;
        let Revision { number: version, commit } = self.revision().next(Uuid::new_v4());
        Ok(Self {
            version,
            commit,
            histories: self.histories,
            as_of: now.max(self.as_of),
            tally,
            corrections: Arc::clone(&self.corrections),
            reached: Arc::clone(&self.reached),
        })
    }

    /// Its version and the commit that made it.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        Revision { number: self.version, commit: self.commit }
    }
}

/// A snapshot that is about to be published, for code that prepares messages about it.
#[derive(Debug)]
pub struct PendingSnapshot {
    /// The edition.
    pub edition: EditionId,
    count: Arc<TotalsSnapshot>,
    is_spoken_of: AtomicBool,
}

impl PendingSnapshot {
    /// The next snapshot of an edition.
    #[must_use]
    pub const fn new(edition: EditionId, count: Arc<TotalsSnapshot>) -> Self {
        Self { edition, count, is_spoken_of: AtomicBool::new(false) }
    }

    /// Returns the snapshot and marks it as used.
    pub fn count(&self) -> Arc<TotalsSnapshot> {
        self.is_spoken_of.store(true, Ordering::Relaxed);
        Arc::clone(&self.count)
    }

    /// Whether [`Self::count`] was called.
    #[must_use]
    pub fn is_spoken_of(&self) -> bool {
        self.is_spoken_of.load(Ordering::Relaxed)
    }
}

/// A hook that runs before a snapshot can be read from the store, to prepare responses that will be
/// requested. The closure that it returns runs right after the publication.
pub type PrePublishHook = dyn Fn(EditionId, &Arc<TotalsSnapshot>) -> Box<dyn FnOnce()> + Send + Sync;

/// The snapshots of all editions. Clones share them.
#[derive(Clone, Default)]
pub struct TotalsStore {
    // Locked for a look-up or an insertion, never across an `await`.
    editions: Arc<Mutex<HashMap<EditionId, watch::Sender<Arc<TotalsSnapshot>>>>>,
    herald: Arc<OnceLock<Box<PrePublishHook>>>,
}

impl fmt::Debug for TotalsStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TotalsStore").field("editions", &self.editions).finish_non_exhaustive()
    }
}

impl TotalsStore {
    /// The newest snapshot of an edition.
    #[must_use]
    pub fn count(&self, edition: EditionId) -> Arc<TotalsSnapshot> {
        Arc::clone(&self.sender(edition).borrow())
    }

    /// A receiver of an edition's snapshots: the newest, and each that follows.
    #[must_use]
    pub fn watch(&self, edition: EditionId) -> watch::Receiver<Arc<TotalsSnapshot>> {
        self.sender(edition).subscribe()
    }

    /// Sets the hook that runs before each publication. There is one at most; a second call has no
    /// effect. The hook must not keep alive the engine that reads this store.
    pub fn set_pre_publish_hook(
        &self,
        herald: impl Fn(EditionId, &Arc<TotalsSnapshot>) -> Box<dyn FnOnce()> + Send + Sync + 'static,
    ) {
        self.herald.get_or_init(|| Box::new(herald));
    }

    /// Publishes a newer snapshot, or one of another history than `known`, the revision in the store
    /// when the snapshot was read or committed. An older snapshot is ignored.
    pub fn publish(&self, edition: EditionId, count: TotalsSnapshot, known: Revision) {
        let sender = self.sender(edition);
        let revision = count.revision();
        loop {
            let present = Arc::clone(&sender.borrow());
            if !revision.replaces(present.revision(), known) {
                return;
            }
            let is_another = revision.is_of_another_history_than(present.revision());
            let histories = present.histories + u32::from(is_another);
            let next = Arc::new(TotalsSnapshot { histories, ..count.clone() });
            let prepared = self.herald.get().map(|herald| herald(edition, &next));
            let is_taken = sender.send_if_modified(|newest| {
                // Another snapshot may have been published meanwhile.
                let is_taken = Arc::ptr_eq(newest, &present);
                if is_taken {
                    *newest = next;
                }
                is_taken
            });
            if is_taken {
                if let Some(tell) = prepared {
                    tell();
                }
                return;
            }
        }
    }

    fn sender(&self, edition: EditionId) -> watch::Sender<Arc<TotalsSnapshot>> {
        let mut editions = self.editions.lock().unwrap_or_else(PoisonError::into_inner);
        editions
            .entry(edition)
            .or_insert_with(|| watch::Sender::new(Arc::new(TotalsSnapshot::empty())))
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDITION: EditionId = EditionId::new(Uuid::nil());

    fn count(version: i64) -> TotalsSnapshot {
        TotalsSnapshot { version, ..TotalsSnapshot::empty() }
    }

    #[test]
    fn a_herald_hears_of_each_newer_count_before_all_others_and_again_when_it_was_told() {
        let totals = TotalsStore::default();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (observed, written) = (totals.clone(), Arc::clone(&heard));
        totals.set_pre_publish_hook(move |edition, count| {
            let (observed, written, version) = (observed.clone(), Arc::clone(&written), count.version);
            let write = move |what: &str| {
                let present = observed.count(edition).version;
                written.lock().expect("no panic").push(format!("{version} {what}, {present} is told"));
            };
            write("is coming");
            Box::new(move || write("came"))
        });
        for version in [1, 3, 3] {
            totals.publish(EDITION, count(version), totals.count(EDITION).revision());
        }
        assert_eq!(
            *heard.lock().expect("no panic"),
            ["1 is coming, 0 is told", "1 came, 1 is told", "3 is coming, 1 is told", "3 came, 3 is told"]
        );
    }

    #[test]
    fn a_count_that_was_read_before_a_newer_one_came_is_left_aside() {
        let totals = TotalsStore::default();
        let nothing = Revision::default();
        for (version, known) in [(3, nothing), (2, nothing), (3, nothing)] {
            totals.publish(EDITION, count(version), known);
            assert_eq!(totals.count(EDITION).version, 3);
        }
        totals.publish(EDITION, count(2), count(3).revision());
        assert_eq!(totals.count(EDITION).version, 2, "the database went back");
    }
}
