//! Secrets: shown once, kept as hashes.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::ReportId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The SHA-256 hash of a secret or of an idempotency key. The secrets are random and long, so that
/// nothing slower is needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash written as 64 hexadecimal digits.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let pairs = digits.as_bytes().chunks_exact(2);
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// The secret that manages a report, worked out from the idempotency key it was submitted with.
///
/// So that a client whose first answer was lost gets the same secret again when it repeats its
/// submission, although only the secret's hash is kept. Whoever does not know the key cannot work it
/// out, and the key is kept as a hash too.
#[must_use]
pub fn of_report(report: ReportId, idempotency_key: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(idempotency_key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(b"write for rights: secret of a report");
    mac.update(report.uuid().as_bytes());
    format!("w4r_report_{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A fresh administrator's key: 244 random bits.
#[must_use]
pub fn administrator_key() -> String {
    let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    format!("w4r_admin_{}", BASE64_URL_SAFE_NO_PAD.encode(random))
}
