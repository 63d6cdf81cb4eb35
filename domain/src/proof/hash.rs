//! SHA-256 hashes of leaves and nodes.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// A SHA-256 hash: of a leaf, of a subtree, or of a whole log.
///
/// ```
/// use domain::proof::Hash;
/// // The root of a log without leaves is the hash of nothing.
/// assert!(Hash::EMPTY_ROOT.to_hex().starts_with("e3b0c442"));
/// assert_eq!(Hash::from_base64(&Hash::EMPTY_ROOT.to_base64()), Some(Hash::EMPTY_ROOT));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The root of a log without leaves.
    pub const EMPTY_ROOT: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// The hash of a leaf with these bytes as its data (RFC 6962: a zero byte before the data).
    #[must_use]
    pub fn leaf_hash(self) -> Self {
        Self::of(&[&[0], &self.0])
    }

    /// The hash of a node above two others (RFC 6962: a byte of one before both).
    #[must_use]
    pub fn parent(left: Self, right: Self) -> Self {
        Self::of(&[&[1], &left.0, &right.0])
    }

    /// The hash of these bytes, one after the other.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        parts.iter().for_each(|part| hash.update(part));
        Self(hash.finalize().into())
    }

    /// The 44 characters of Base64.
    #[must_use]
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Parses Base64 with its padding.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Parses hexadecimal digits.
    #[must_use]
    pub fn from_hex(digits: &str) -> Option<Self> {
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

/// The data of a leaf: the SHA-256 hash of its opening, which is 32 bytes of salt and a line. Without the salt nothing
/// can be learned of the line, and no other line has the same hash.
///
/// ```
/// let data = domain::proof::leaf_data(b"the salt and the line");
/// assert_ne!(data, data.leaf_hash());
/// ```
#[must_use]
pub fn leaf_data(opening: &[u8]) -> Hash {
    Hash::of(&[opening])
}
