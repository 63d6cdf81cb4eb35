//! Stored events: an event beside what is kept of it, and how its JSON columns are read.

use domain::{Event, event::EventAudience};

use crate::{access::EventFacts, credentials::SecretHash, database::Error};

/// An event with the hash of its secret.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// The event.
    pub event: Event,
    /// The hash of the secret that manages it.
    pub secret: SecretHash,
}

impl StoredEvent {
    /// What access to it depends on.
    #[must_use]
    pub fn facts(&self) -> EventFacts {
        EventFacts {
            id: self.event.id,
            section: self.event.section_id,
            secret: self.secret,
            is_public: self.event.is_known_to(EventAudience::Everyone),
            was_approved: self.event.is_known_to(EventAudience::Going),
        }
    }
}

pub(super) fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Broken(Box::new(error)))
}

pub(super) fn broken() -> Error {
    Error::broken("a stored event is not what it should be")
}
