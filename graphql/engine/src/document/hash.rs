//! The hash of persisted queries.

use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256};

/// The SHA-256 hash of a document's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DocumentHash([u8; 32]);

impl DocumentHash {
    pub(super) fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Parses 64 hexadecimal digits.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}
