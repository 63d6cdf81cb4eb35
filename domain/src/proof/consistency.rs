//! The file of a consistency proof, in the form in which C2SP passes one to a witness.

use std::fmt;

use super::{
    checkpoint::Checkpoint,
    error::ProofError,
    hash::Hash,
    lines::{Lines, decimal},
    note::{SignedNote, VerifierKey},
    tree::verify_consistency,
};

/// The largest number of hashes of a proof: a path in a tree of 2^63 leaves, and one hash to begin with.
const MAX_HASHES: usize = 64;

/// A proof that a later log extends an earlier one, with the signed head of the later one.
///
/// The text is the body of a request to a witness (C2SP `tlog-witness`): `old` with the size of the earlier log, a hash
/// on each line, an empty line, and the checkpoint. The checkpoint may be missing and come from elsewhere.
///
/// ```
/// use domain::proof::ConsistencyFile;
/// let file = ConsistencyFile::parse("old 3\n\n").unwrap();
/// assert_eq!((file.from, file.hashes.len(), file.checkpoint), (3, 0, None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyFile {
    /// The size of the earlier log.
    pub from: u64,
    /// The hashes of the proof.
    pub hashes: Vec<Hash>,
    /// The signed head of the later log.
    pub checkpoint: Option<SignedNote>,
}

impl ConsistencyFile {
    /// Whether a text is a file of this kind, by its first word.
    #[must_use]
    pub fn recognizes(text: &str) -> bool {
        text.starts_with("old ")
    }

    /// Parses the text.
    ///
    /// # Errors
    /// [`ProofError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let mut lines = Lines::of(text);
        let expected = "`old` and the size of the earlier log";
        let from = lines.next(expected)?.strip_prefix("old ").and_then(decimal);
        let from = from.ok_or_else(|| lines.malformed(expected))?;
        let hashes = hashes(&mut lines)?;
        let checkpoint = match lines.rest() {
            "" => None,
            _ => Some(Checkpoint::note_in(&lines)?),
        };
        Ok(Self { from, hashes, checkpoint })
    }

    /// Verifies that a later head extends an earlier one, whose signature was verified before. Without `later` the head
    /// in the file is taken. Returns the later head.
    ///
    /// # Errors
    /// Those of the signature, [`ProofError::OtherOrigin`] for heads of two logs, and [`ProofError::NotConsistent`].
    pub fn verify(
        &self,
        earlier: &Checkpoint,
        later: Option<&SignedNote>,
        keys: &[VerifierKey],
    ) -> Result<Checkpoint, ProofError> {
        let missing = ProofError::Malformed { line: self.hashes.len() + 3, expected: "the later head" };
        let later = Checkpoint::verify(later.or(self.checkpoint.as_ref()).ok_or(missing)?, keys)?;
        if later.origin != earlier.origin {
            let (found, expected) = (later.origin, earlier.origin.clone());
            return Err(ProofError::OtherOrigin { found, expected });
        }
        if self.from != earlier.size {
            return Err(ProofError::NotConsistent);
        }
        verify_consistency((earlier.size, earlier.root), (later.size, later.root), &self.hashes)?;
        Ok(later)
    }
}

/// Reads hashes up to an empty line.
pub(super) fn hashes(lines: &mut Lines<'_>) -> Result<Vec<Hash>, ProofError> {
    let expected = "a hash in Base64, or an empty line behind the last one";
    let mut hashes = Vec::new();
    loop {
        let line = lines.next(expected)?;
        if line.is_empty() {
            return Ok(hashes);
        }
        let hash = Hash::from_base64(line).filter(|_| hashes.len() < MAX_HASHES);
        hashes.push(hash.ok_or_else(|| lines.malformed(expected))?);
    }
}

impl fmt::Display for ConsistencyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.from)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        writeln!(f)?;
        self.checkpoint.iter().try_for_each(|note| write!(f, "{note}"))
    }
}
