//! Input of a new urgent action, as typed.

use super::{UrgentActionDraft, Validity, ZONE};
use crate::{date::day, text::Zone, violation::Violations};

/// A new urgent action as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueDraft {
    /// The number that it is known by.
    pub number: String,
    /// The first day.
    pub issued_on: String,
    /// The last day.
    pub expires_on: String,
    /// The zone of both, if it is not that of London.
    pub time_zone: Option<String>,
    /// The content.
    pub content: UrgentActionDraft,
}

impl IssueDraft {
    pub(super) fn life(&self, violations: &mut Violations) -> Option<Validity> {
        let issued_on = violations.check("issued_on", day(&self.issued_on));
        let expires_on = violations.check("expires_on", day(&self.expires_on));
        let zone = self.time_zone.as_deref().unwrap_or(ZONE);
        let zone = violations.check("time_zone", Zone::parse(zone));
        let life = Validity::new(issued_on?, expires_on?, zone?);
        life.map_err(|broken| violations.extend_at(&[], broken)).ok()
    }
}
