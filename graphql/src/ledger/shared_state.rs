//! What a process keeps in memory of its database, and which of two states is the newer one.
//!
//! Each part has the number that the database had when it was read or committed, and the commit that raised it. In
//! one history the higher number is the newer one. A database that was restored, or that a standby with fewer commits
//! took over, has another history: whatever number it has, its state then replaces the one in memory.

use std::sync::Arc;

use domain::{catalogue::Catalogue, revision::Revision};
use tokio::sync::watch;

use super::counting::{Counted, CountedTotals};
use crate::totals_store::TotalsStore;

/// The catalogue, the totals, and the revision of events. Clones share them.
#[derive(Clone, Debug)]
pub struct SharedState {
    /// The catalogue.
    pub catalogue: watch::Sender<Arc<Catalogue>>,
    /// The totals.
    pub totals: TotalsStore,
    /// The revision of events and of what belongs to them.
    pub events: watch::Sender<Revision>,
}

impl Default for SharedState {
    fn default() -> Self {
        Self {
            catalogue: watch::Sender::new(Arc::default()),
            totals: TotalsStore::default(),
            events: watch::Sender::new(Revision::default()),
        }
    }
}

impl SharedState {
    /// Shows the catalogue that a transaction of this process has committed. `known` is the revision that was in memory
    /// while the transaction kept others from changing the catalogue.
    pub(super) fn show_committed_catalogue(&self, catalogue: Catalogue, known: Revision) {
        let committed = catalogue.revision;
        self.show_catalogue(catalogue, |present| committed.replaces(present, known));
    }

    /// Shows a catalogue that was read, if memory still has the one that it had before; says whether it had.
    pub(super) fn show_read_catalogue(&self, catalogue: Catalogue, known: Revision) -> bool {
        self.show_catalogue(catalogue, |present| present == known)
    }

    /// Whether addresses are withheld is not for the one who brings a catalogue to say.
    fn show_catalogue(&self, mut catalogue: Catalogue, replaces: impl Fn(Revision) -> bool) -> bool {
        self.catalogue.send_if_modified(|present| {
            let is_shown = replaces(present.revision);
            if is_shown {
                catalogue.addresses_withheld = present.addresses_withheld;
                *present = Arc::new(std::mem::take(&mut catalogue));
            }
            is_shown
        })
    }

    /// Shows a revision of events that was read or committed. `known` was in memory before.
    pub(super) fn show_events(&self, events: Revision, known: Revision) {
        self.events.send_if_modified(|present| {
            let is_shown = events.replaces(*present, known);
            if is_shown {
                *present = events;
            }
            is_shown
        });
    }

    /// Shows the counts that a transaction of this process has committed.
    pub(super) fn show_counts(&self, counts: CountedTotals) {
        for (edition, Counted { count, known }) in counts {
            self.totals.publish(edition, count, known);
        }
    }
}
