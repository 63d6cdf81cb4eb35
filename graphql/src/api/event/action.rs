//! What was done with an event, by whom and why.

use async_graphql::{Enum, Object};

use crate::{api::scalar::DateTime, database::catalogue::AuditEntry};

/// Who acts on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::event::EventActor")]
pub(crate) enum EventActor {
    /// Whoever registered it.
    Organizer,
    /// Staff of its section, or an administrator.
    Staff,
}

/// Something that was done with an event.
pub(crate) struct EventAction {
    noted: AuditEntry,
    is_for_staff: bool,
}

/// Something that was done with an event.
#[Object(serial)]
impl EventAction {
    /// When.
    async fn acted_at(&self) -> DateTime {
        self.noted.acted_at.into()
    }

    /// Who did it.
    async fn actor(&self) -> EventActor {
        self.noted.actor.into()
    }

    /// The name of the key with which staff did it. For staff.
    async fn staff_name(&self) -> Option<&str> {
        self.noted.key_name.as_deref().filter(|_| self.is_for_staff)
    }

    /// What was done: the name of the mutation.
    async fn action(&self) -> &str {
        &self.noted.action
    }

    /// Why, where a reason was asked for.
    async fn reason(&self) -> Option<&str> {
        self.noted.reason.as_deref()
    }
}

impl EventAction {
    /// What was noted, as staff or an organizer reads it.
    pub(super) const fn new(noted: AuditEntry, is_for_staff: bool) -> Self {
        Self { noted, is_for_staff }
    }
}
