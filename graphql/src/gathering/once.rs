//! Once: the same key with the same content leads to the same thing, however often it is sent.

use domain::{Rule, Violation};
use serde::Serialize;
use uuid::Uuid;

use super::Gathering;
use crate::{
    database::{self, gatherings},
    secret::Hash,
};

/// What is known of a key.
pub(super) enum Before {
    /// Nobody has used it.
    New,
    /// It came with the same content and led to this.
    Same(Uuid),
    /// It came with other content, or what it led to was erased.
    Other,
}

/// What tells two registrations under one key apart.
pub(super) fn fingerprint(said: &impl Serialize) -> Result<Hash, database::Error> {
    let said = serde_json::to_string(said).map_err(|error| database::Error::Broken(Box::new(error)))?;
    Ok(Hash::of(&said))
}

/// Looks for an earlier use of a key.
pub(super) async fn before(
    gathering: &mut Gathering<'_>,
    key: &Result<Hash, Rule>,
    fingerprint: Hash,
) -> Result<Before, database::Error> {
    let used = match key {
        Ok(key) => gatherings::used(gathering.reading(), *key).await?,
        Err(_) => None,
    };
    Ok(match used {
        None => Before::New,
        Some(used) if used.fingerprint == fingerprint => Before::Same(used.subject),
        Some(_) => Before::Other,
    })
}

/// What is answered where a key came with other content before.
pub(super) fn reused() -> Vec<Violation> {
    vec![Violation::at(["idempotencyKey"], Rule::KeyReusedWithOtherContent)]
}
