//! Why a proof is refused.

use std::fmt;

/// Why a proof, a key or a signed head is refused.
///
/// ```
/// use domain::proof::{ProofError, ProofPlan};
/// assert_eq!(ProofPlan::consistency(0, 5).unwrap_err().code(), "SIZE_ZERO");
/// assert_eq!(ProofPlan::inclusion(5, 5), Err(ProofError::IndexBeyondLog { index: 5, size: 5 }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofError {
    /// The text has not the form that it should have, or a part of it is missing.
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// There is no leaf with this index.
    IndexBeyondLog {
        /// The index, from 0.
        index: u64,
        /// The number of leaves.
        size: u64,
    },
    /// The earlier log is larger than the later one.
    SizeBeyondLog {
        /// The size of the earlier log.
        from: u64,
        /// The size of the later one.
        to: u64,
    },
    /// The earlier log is empty: every log extends it, so that there is nothing to prove.
    SizeZero,
    /// The head is of another log.
    OtherOrigin {
        /// The origin of the head.
        found: String,
        /// The origin that the key is for.
        expected: String,
    },
    /// The head has no signature of the key.
    NotSignedByKey {
        /// The key, as its name and the digits of its id.
        key: String,
    },
    /// The head has a signature of the key that is wrong: head or signature were changed.
    SignatureInvalid,
    /// The key is one with which anything can be signed.
    WeakKey,
    /// The key cannot be read.
    KeyInvalid,
    /// The path does not lead from the leaf to the root: the leaf is not in this log at this index.
    LeafNotInLog,
    /// The later log does not extend the earlier one.
    NotConsistent,
    /// The proof has no extra line, so that the data of its leaf is not known.
    OpeningMissing,
    /// The line of the leaf is not the canonical JSON of a report revision.
    LineInvalid,
}

impl ProofError {
    /// The code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "MALFORMED",
            Self::IndexBeyondLog { .. } => "INDEX_BEYOND_LOG",
            Self::SizeBeyondLog { .. } => "SIZE_BEYOND_LOG",
            Self::SizeZero => "SIZE_ZERO",
            Self::OtherOrigin { .. } => "OTHER_ORIGIN",
            Self::NotSignedByKey { .. } => "NOT_SIGNED_BY_KEY",
            Self::SignatureInvalid => "SIGNATURE_INVALID",
            Self::WeakKey => "WEAK_KEY",
            Self::KeyInvalid => "KEY_INVALID",
            Self::LeafNotInLog => "LEAF_NOT_IN_LOG",
            Self::NotConsistent => "NOT_CONSISTENT",
            Self::OpeningMissing => "OPENING_MISSING",
            Self::LineInvalid => "LINE_INVALID",
        }
    }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { line, expected } => {
                write!(f, "line {line} should be {expected}; the file was cut off or changed")
            }
            Self::IndexBeyondLog { index, size } => {
                write!(f, "there is no leaf {index} in a log of {size}")
            }
            Self::SizeBeyondLog { from, to } => {
                write!(f, "the log of {from} leaves is larger than the one of {to}, which should extend it")
            }
            Self::SizeZero => f.write_str("a log without leaves needs no proof; give a size from 1"),
            Self::OtherOrigin { found, expected } => {
                write!(f, "the head is of the log {found}, and the key of the log {expected}")
            }
            Self::NotSignedByKey { key } => {
                write!(f, "the head is not signed by the key {key}, only by others")
            }
            Self::SignatureInvalid => f.write_str("the signature is wrong: the head was changed"),
            Self::WeakKey => f.write_str("the key is weak: anything can be signed with it"),
            Self::KeyInvalid => f.write_str("this is no Ed25519 key in the form that is expected"),
            Self::LeafNotInLog => {
                f.write_str("the leaf is not in the log: a digit was changed, or it never was")
            }
            Self::NotConsistent => {
                f.write_str("the later log does not extend the earlier one: leaves were changed or removed")
            }
            Self::OpeningMissing => f.write_str("the proof has no extra line with the salt and the report"),
            Self::LineInvalid => {
                f.write_str("the extra line has no report revision in canonical JSON behind the salt")
            }
        }
    }
}

impl std::error::Error for ProofError {}
