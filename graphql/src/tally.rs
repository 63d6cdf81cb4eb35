//! The totals in memory: one count for each edition, and whoever waits for the next one.
//!
//! A count never changes. Each commit makes a new one with a higher version, so that a reader who
//! holds one sees all its sums at one moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{Cells, EditionId, Tally, total::Drift};
use jiff::Timestamp;
use tokio::sync::watch;

/// The count of one edition at one version.
#[derive(Clone, Debug)]
pub struct Count {
    /// Grows by one with each commit that changes a total; 0 before the first.
    pub version: i64,
    /// When that commit was made.
    pub as_of: Timestamp,
    /// The sums.
    pub tally: Tally,
}

impl Count {
    /// The count before the first report.
    #[must_use]
    pub fn nothing() -> Self {
        Self { version: 0, as_of: Timestamp::UNIX_EPOCH, tally: Tally::default() }
    }

    /// The count after a change.
    ///
    /// # Errors
    /// [`Drift`] if the change takes away what was not counted.
    pub fn after(&self, change: &Cells, now: Timestamp) -> Result<Self, Drift> {
        let mut tally = self.tally.clone();
        tally.apply(change)?;
        Ok(Self { version: self.version + 1, as_of: now.max(self.as_of), tally })
    }
}

/// The counts of all editions. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    // Held for a look-up or an insertion, never across a wait.
    editions: Arc<Mutex<HashMap<EditionId, watch::Sender<Arc<Count>>>>>,
}

impl Tallies {
    /// The newest count of an edition.
    #[must_use]
    pub fn count(&self, edition: EditionId) -> Arc<Count> {
        Arc::clone(&self.sender(edition).borrow())
    }

    /// The newest count of an edition, and each that follows.
    #[must_use]
    pub fn watch(&self, edition: EditionId) -> watch::Receiver<Arc<Count>> {
        self.sender(edition).subscribe()
    }

    /// Takes a newer count; an older one is left aside, whoever brings it.
    pub fn set(&self, edition: EditionId, count: Count) {
        self.sender(edition).send_if_modified(|present| {
            let newer = count.version > present.version;
            if newer {
                *present = Arc::new(count);
            }
            newer
        });
    }

    /// Starts over with a count of a lower version: the database is another one than before.
    pub fn reset(&self, edition: EditionId, count: Count) {
        self.sender(edition).send_replace(Arc::new(count));
    }

    fn sender(&self, edition: EditionId) -> watch::Sender<Arc<Count>> {
        let mut editions = self.editions.lock().unwrap_or_else(PoisonError::into_inner);
        editions.entry(edition).or_insert_with(|| watch::Sender::new(Arc::new(Count::nothing()))).clone()
    }
}
