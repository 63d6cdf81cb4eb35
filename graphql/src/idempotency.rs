//! Idempotency keys: a repeated request with the same key and the same content replays the first result; the same key
//! with other content is a conflict.
//!
//! A key is stored as a hash, with a fingerprint of the content that it came with and the thing that it led to. The
//! decision is a pure function; [`crate::database::idempotency`] has the rows.

use domain::{Violation, ViolationKind, Violations};
use uuid::Uuid;

use crate::credentials::SecretHash;

/// What an idempotency key was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The fingerprint of the content that the key came with.
    pub fingerprint: SecretHash,
    /// The report, or the thing that was registered.
    pub subject: Uuid,
    /// The revision of it that the request made; 1 for a registration.
    pub revision: u32,
}

impl IdempotencyRecord {
    /// The record of a registration.
    #[must_use]
    pub const fn registered(fingerprint: SecretHash, subject: Uuid) -> Self {
        Self { fingerprint, subject, revision: 1 }
    }
}

/// The result of looking up a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLookup {
    /// The key was not used before.
    Unused,
    /// The key came with the same content before, and led to this.
    Replay(IdempotencyRecord),
    /// The key came with other content before, or the thing that it led to was erased.
    Conflict,
}

impl KeyLookup {
    /// Decides by the stored record of a key, if there is one, and the fingerprint of the present content.
    #[must_use]
    pub fn of(record: Option<IdempotencyRecord>, fingerprint: SecretHash) -> Self {
        match record {
            None => Self::Unused,
            Some(record) if record.fingerprint == fingerprint => Self::Replay(record),
            Some(_) => Self::Conflict,
        }
    }
}

/// The violation of a key that came with other content before.
#[must_use]
pub fn conflict() -> Violations {
    Violations::from(Violation::at(["idempotency_key"], ViolationKind::IdempotencyKeyConflict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_replayed_with_the_same_content_and_conflicts_with_other_content() {
        let (one, other) = (SecretHash::of("one"), SecretHash::of("other"));
        let record = IdempotencyRecord::registered(one, Uuid::nil());
        assert_eq!(KeyLookup::of(None, one), KeyLookup::Unused);
        assert_eq!(KeyLookup::of(Some(record), one), KeyLookup::Replay(record));
        assert_eq!(KeyLookup::of(Some(record), other), KeyLookup::Conflict);
    }
}
