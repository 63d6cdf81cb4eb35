//! The totals in memory, one count for each edition.

use std::sync::Arc;

use domain::{EditionId, Tally};
use jiff::Timestamp;
use tokio::sync::watch;

/// The count of one edition at one version. A newer version is a new count.
#[derive(Clone, Debug)]
pub struct Count {
    /// Grows by one with each commit that changes a total; 0 before the first.
    pub version: i64,
    /// When that commit was made.
    pub as_of: Timestamp,
    /// The sums.
    pub tally: Tally,
}

/// The counts of all editions. Clones share them.
#[derive(Clone, Debug)]
pub struct Tallies;

impl Tallies {
    /// The newest count of an edition.
    #[must_use]
    pub fn count(&self, edition: EditionId) -> Arc<Count> {
        Arc::clone(&self.watch(edition).borrow())
    }

    /// The newest count of an edition, and each that follows.
    #[must_use]
    pub fn watch(&self, edition: EditionId) -> watch::Receiver<Arc<Count>> {
        let _ = edition;
        watch::channel(Arc::new(Count { version: 0, as_of: Timestamp::UNIX_EPOCH, tally: Tally::default() }))
            .1
    }
}
