//! A unit of work on the catalogue: a working copy, its changes and its audit entries.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Catalogue, CatalogueChange};

/// An administrative change of the catalogue, for the audit log: what was done, to what, and why.
#[derive(Clone, Debug)]
pub struct StaffAction {
    /// The name of the mutation, or of the command.
    pub action: &'static str,
    /// What was changed.
    pub subject: Uuid,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

/// A catalogue that is being changed: what was decided so far, and what is to be stored for it.
///
/// It is discarded unless all of it is stored.
#[derive(Debug)]
pub struct CatalogueEdit {
    /// The catalogue with the changes made so far.
    pub catalogue: Catalogue,
    /// When this is happening.
    pub now: Timestamp,
    entries: Vec<CatalogueChange>,
    actions: Vec<StaffAction>,
}

impl CatalogueEdit {
    /// Begins to change a catalogue.
    #[must_use]
    pub const fn new(catalogue: Catalogue, now: Timestamp) -> Self {
        Self { catalogue, now, entries: Vec::new(), actions: Vec::new() }
    }

    /// Inserts an object, or replaces the one with the same identifier.
    pub fn upsert(&mut self, entry: CatalogueChange) {
        self.catalogue.apply(entry.clone());
        self.entries.push(entry);
    }

    /// Records an action of staff for the audit log.
    pub fn record(&mut self, action: &'static str, subject: Uuid, reason: Option<&str>) {
        self.actions.push(StaffAction { action, subject, reason: reason.map(str::to_owned) });
    }

    /// The changes to store, in order.
    #[must_use]
    pub fn entries(&self) -> &[CatalogueChange] {
        &self.entries
    }

    /// The entries for the audit log.
    #[must_use]
    pub fn actions(&self) -> &[StaffAction] {
        &self.actions
    }
}
