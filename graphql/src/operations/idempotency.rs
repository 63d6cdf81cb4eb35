//! Idempotency keys: a repeated request with the same key and content returns the first result.

use domain::{Violation, Violations, ViolationKind};
use uuid::Uuid;

use super::UnitOfWork;
use crate::{
    credentials::SecretHash,
    database::{self, event_revision},
};

/// What is known of a key.
pub(super) enum KeyLookup {
    /// Nobody has used it.
    Unused,
    /// It came with the same content and led to this.
    Replay(Uuid),
    /// It came with other content, or what it led to was erased.
    Conflict,
}

/// Looks for an earlier use of a key.
pub(super) async fn lookup_key(
    gathering: &mut UnitOfWork<'_>,
    key: &Result<SecretHash, ViolationKind>,
    fingerprint: SecretHash,
) -> Result<KeyLookup, database::Error> {
    let used = match key {
        Ok(key) => event_revision::used(gathering.conn(), *key).await?,
        Err(_) => None,
    };
    Ok(match used {
        None => KeyLookup::Unused,
        Some(used) if used.fingerprint == fingerprint => KeyLookup::Replay(used.subject),
        Some(_) => KeyLookup::Conflict,
    })
}

/// What is answered where a key came with other content before.
pub(super) fn conflict() -> Violations {
    Violations::from(Violation::at(["idempotencyKey"], ViolationKind::KeyReusedWithOtherContent))
}
