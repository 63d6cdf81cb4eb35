//! The keys that sign the head: those of the operator, or one that a process made for all processes.

use std::{fmt, path::PathBuf, sync::Arc};

use domain::proof::{Hash, ProofError, SignerKey};

use crate::{
    credentials,
    database::{
        self, Connection,
        report_log::{self, LogHead},
    },
};

/// The settings of the log.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// The name of the log; without one it follows from the public address of the service.
    pub origin: Option<Arc<str>>,
    /// The keys of the operator.
    pub keys: Vec<SigningKeyFile>,
    /// A file outside of the database that remembers the newest head.
    pub head_file: Option<PathBuf>,
}

impl LogOptions {
    /// No settings: the name follows from the address, and the key is in the database.
    pub const NONE: Self = Self { origin: None, keys: Vec::new(), head_file: None };
}

/// The content of a file with a private key, in PEM.
#[derive(Clone)]
pub struct SigningKeyFile(Arc<str>);

impl SigningKeyFile {
    /// The key with this text.
    ///
    /// # Errors
    /// [`ProofError`] if it is no Ed25519 key, or a weak one.
    pub fn parse(pem: &str) -> Result<Self, ProofError> {
        SignerKey::from_pkcs8_pem("check", pem)?;
        Ok(Self(pem.into()))
    }
}

impl fmt::Debug for SigningKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeyFile(…)")
    }
}

/// The keys that sign, with the name of the log: those of the operator first, then the one in the database. That one is
/// made if there is no other. Once it has signed, it goes on signing beside the operator's.
pub(super) async fn signers(
    connection: &mut Connection,
    options: &LogOptions,
    origin: &str,
    head: &mut LogHead,
) -> Result<Vec<SignerKey>, database::Error> {
    if head.signing_key.is_none() && options.keys.is_empty() {
        let seed = Hash(credentials::random_bytes());
        report_log::set_signing_key(connection, seed).await?;
        head.signing_key = Some(seed);
    }
    let named = |key: &SigningKeyFile| SignerKey::from_pkcs8_pem(origin, &key.0);
    let stored = head.signing_key.map(|seed| SignerKey::from_seed(origin, seed.0));
    let keys = options.keys.iter().map(named).chain(stored);
    let mut signers: Vec<SignerKey> =
        keys.collect::<Result<_, _>>().map_err(|error| database::Error::Broken(Box::new(error)))?;
    // A key that is named twice has one signature line.
    let mut known = Vec::new();
    signers.retain(|key| {
        let id = key.verifier_key().to_string();
        let is_new = !known.contains(&id);
        known.push(id);
        is_new
    });
    Ok(signers)
}
