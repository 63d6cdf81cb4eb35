//! The audit log of an event.

use async_graphql::Object;

use crate::api::domain_enum::domain_enum;
use crate::{api::scalar::DateTime, database::audit_log::AuditEntry};

domain_enum! {
    /// The role of an acting person.
    pub(crate) enum EventActor = domain::event::EventActor {
        /// An organizer of the event.
        Organizer,
        /// Staff of its section, or an administrator.
        Staff,
    }
}

/// An entry of an event's audit log.
pub(crate) struct EventAction {
    noted: AuditEntry,
    is_for_staff: bool,
}

/// An entry of an event's audit log.
#[Object(serial)]
impl EventAction {
    /// When it happened.
    async fn acted_at(&self) -> DateTime {
        self.noted.acted_at.into()
    }

    /// The role of the acting person.
    async fn actor(&self) -> EventActor {
        self.noted.actor.into()
    }

    /// The name of the staff key that was used. Visible to staff.
    async fn staff_name(&self) -> Option<&str> {
        self.noted.key_name.as_deref().filter(|_| self.is_for_staff)
    }

    /// The name of the mutation.
    async fn action(&self) -> &str {
        &self.noted.action
    }

    /// The reason, if one was required.
    async fn reason(&self) -> Option<&str> {
        self.noted.reason.as_deref()
    }
}

impl EventAction {
    /// Returns an entry as seen by staff or an organizer.
    pub(super) const fn new(noted: AuditEntry, is_for_staff: bool) -> Self {
        Self { noted, is_for_staff }
    }
}
