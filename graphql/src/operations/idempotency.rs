//! Once: the same key with the same content leads to the same thing, however often it is sent.

use domain::{Violation, ViolationKind};
use serde::Serialize;
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

/// What tells two registrations under one key apart.
pub(super) fn fingerprint(said: &impl Serialize) -> Result<SecretHash, database::Error> {
    let said = serde_json::to_string(said).map_err(|error| database::Error::Broken(Box::new(error)))?;
    Ok(SecretHash::of(&said))
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
pub(super) fn conflict() -> Vec<Violation> {
    vec![Violation::at(["idempotencyKey"], ViolationKind::KeyReusedWithOtherContent)]
}
