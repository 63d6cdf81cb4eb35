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
/// It is thrown away unless all of it is stored.
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

    /// Adds a thing, or puts it in the place of the one with its identity.
    pub fn upsert(&mut self, entry: CatalogueChange) {
        self.catalogue.apply(entry.clone());
        self.entries.push(entry);
    }

    /// Notes what staff did.
    pub fn record(&mut self, action: &'static str, subject: Uuid, reason: Option<&str>) {
        self.actions.push(StaffAction { action, subject, reason: reason.map(str::to_owned) });
    }

    /// What is to be stored, in order.
    #[must_use]
    pub fn entries(&self) -> &[CatalogueChange] {
        &self.entries
    }

    /// What is to be noted.
    #[must_use]
    pub fn actions(&self) -> &[StaffAction] {
        &self.actions
    }
}
