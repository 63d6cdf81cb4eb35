//! The urgent actions of a catalogue, and which of them people may write for.

use crate::{UrgentAction, UrgentActionId};
use jiff::Timestamp;

use super::Catalogue;

impl Catalogue {
    /// Every urgent action, those that are still to be issued among them.
    pub fn urgent_actions(&self) -> impl Iterator<Item = &UrgentAction> {
        self.urgent_actions.values()
    }

    /// The urgent action with this identity.
    #[must_use]
    pub fn urgent_action(&self, id: UrgentActionId) -> Option<&UrgentAction> {
        self.urgent_actions.get(&id)
    }

    /// The urgent actions that people may write for at `now`, the oldest first.
    #[must_use]
    pub fn open_actions(&self, now: Timestamp) -> Vec<&UrgentAction> {
        let mut open: Vec<_> = self.urgent_actions().filter(|action| action.is_writable(now)).collect();
        open.sort_by_key(|action| (action.life.issued_at(), action.id));
        open
    }

    /// Whether an address of the action may be served at `now`. Never while the database is out of
    /// reach: it may have been withdrawn elsewhere.
    #[must_use]
    pub fn serves_action(&self, action: &UrgentAction, now: Timestamp) -> bool {
        action.is_writable(now) && !self.addresses_withheld
    }
}
