//! Receipts: offline proofs that a report revision is in the log.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    checkpoint::Checkpoint,
    consistency::hashes,
    error::ProofError,
    hash::{Hash, leaf_data},
    lines::{Lines, decimal},
    note::{SignedNote, VerifierKey},
    opening::LoggedRevision,
    tree::verify_inclusion,
};

/// The first line of the text.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof in the form of C2SP `tlog-proof@v1`, with the file extension `.tlog-proof`.
///
/// The extra line has the opening of the leaf: the salt, and the line of the report revision.
///
/// ```
/// use domain::proof::{ProofError, Receipt};
/// assert!(Receipt::recognizes("c2sp.org/tlog-proof@v1\nindex 0\n"));
/// let cut_off = Receipt::parse("c2sp.org/tlog-proof@v1\nindex 0");
/// assert!(matches!(cut_off, Err(ProofError::Malformed { line: 2, .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The bytes of the extra line: the opening of the leaf.
    pub extra: Option<Vec<u8>>,
    /// The index of the leaf, from 0.
    pub index: u64,
    /// The path from the sibling of the leaf up to the root.
    pub path: Vec<Hash>,
    /// The signed head of the log.
    pub checkpoint: SignedNote,
}

/// What a receipt proves.
///
/// ```
/// use domain::proof::VerifiedReceipt;
/// fn letters(receipt: &VerifiedReceipt) -> u64 {
///     receipt.revision.lines.iter().filter(|line| line.kind.is_letter()).map(|line| line.quantity).sum()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// The report revision that is in the log.
    pub revision: LoggedRevision,
    /// The index of its leaf, from 0.
    pub index: u64,
    /// The head of the log that has it.
    pub checkpoint: Checkpoint,
}

impl Receipt {
    /// Whether a text is a file of this kind, by its first line.
    #[must_use]
    pub fn recognizes(text: &str) -> bool {
        text.starts_with(HEADER)
    }

    /// Parses the text.
    ///
    /// # Errors
    /// [`ProofError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let mut lines = Lines::of(text);
        if lines.next(HEADER)? != HEADER {
            return Err(lines.malformed(HEADER));
        }
        let expected = "`index` and the index of the leaf";
        let mut line = lines.next(expected)?;
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            let decoded = BASE64_STANDARD.decode(encoded);
            extra = Some(decoded.map_err(|_| lines.malformed("`extra` and Base64"))?);
            line = lines.next(expected)?;
        }
        let index = line.strip_prefix("index ").and_then(decimal);
        let index = index.ok_or_else(|| lines.malformed(expected))?;
        let path = hashes(&mut lines)?;
        let checkpoint = Checkpoint::note_in(&lines)?;
        Ok(Self { extra, index, path, checkpoint })
    }

    /// Verifies signature and path, whatever the leaf is about. Returns the head of the log.
    ///
    /// # Errors
    /// Those of the signature, of the path, and [`ProofError::OpeningMissing`].
    pub fn verify_inclusion(&self, keys: &[VerifierKey]) -> Result<Checkpoint, ProofError> {
        let head = Checkpoint::verify(&self.checkpoint, keys)?;
        let opening = self.extra.as_deref().ok_or(ProofError::OpeningMissing)?;
        verify_inclusion(leaf_data(opening), self.index, &self.path, head.size, head.root)?;
        Ok(head)
    }

    /// Verifies the receipt of a report revision: a log of one of these keys has this revision.
    ///
    /// # Errors
    /// Those of [`Receipt::verify_inclusion`], and [`ProofError::LineInvalid`].
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<VerifiedReceipt, ProofError> {
        let checkpoint = self.verify_inclusion(keys)?;
        let revision = LoggedRevision::of_opening(self.extra.as_deref().unwrap_or_default())?;
        Ok(VerifiedReceipt { revision, index: self.index, checkpoint })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
