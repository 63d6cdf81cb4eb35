//! The event that a report is about, and the role of the reporter.

use super::ReporterRole;
use crate::EventId;

/// The event that a report is about, and the role of the reporter.
///
/// ```
/// use domain::{EventId, report::{EventReference, ReporterRole}};
/// let event = EventId::new(uuid::Uuid::nil());
/// assert!(EventReference { event, side: ReporterRole::Host }.is_by_host());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventReference {
    /// Which event.
    pub event: EventId,
    /// The role of the reporter.
    pub side: ReporterRole,
}

impl EventReference {
    /// Whether it is the host's word, for all who were there.
    #[must_use]
    pub fn is_by_host(self) -> bool {
        self.side == ReporterRole::Host
    }
}
