//! Checkpoints: the head of a log as the text of a signed note.

use std::fmt;

use super::{
    error::ProofError,
    hash::Hash,
    lines::{Lines, decimal},
    note::{SignedNote, SignerKey, VerifierKey},
};

/// The head of a log, as C2SP defines the text of a checkpoint.
///
/// ```
/// use domain::proof::{Checkpoint, Hash};
/// let head = Checkpoint { origin: "w4r.example/log".into(), size: 0, root: Hash::EMPTY_ROOT };
/// assert_eq!(head.to_string(), "w4r.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// The number of its leaves.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Checkpoint {
    /// Parses the text of a note. Lines behind the third one are ignored, as the specification asks for.
    ///
    /// # Errors
    /// [`ProofError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let mut lines = Lines::of(text);
        let origin = lines.next("the origin of the log")?;
        if origin.is_empty() {
            return Err(lines.malformed("the origin of the log"));
        }
        let expected = "the size of the log";
        let size = lines.next(expected)?;
        let size = decimal(size).ok_or_else(|| lines.malformed(expected))?;
        let expected = "the root of the log in Base64";
        let root = lines.next(expected)?;
        let root = Hash::from_base64(root).ok_or_else(|| lines.malformed(expected))?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Signs the head with each of these keys. There are no extension lines.
    ///
    /// # Errors
    /// [`ProofError::OtherOrigin`] for a key with another name: readers look for a key by the origin.
    pub fn sign(&self, keys: &[SignerKey]) -> Result<SignedNote, ProofError> {
        keys.iter().try_for_each(|key| self.check_origin(key.name()))?;
        Ok(SignedNote::sign(&self.to_string(), keys))
    }

    /// The head in a note that is signed by one of these keys.
    ///
    /// # Errors
    /// Those of the last key that the note should be signed with.
    pub fn verify(note: &SignedNote, keys: &[VerifierKey]) -> Result<Self, ProofError> {
        let head = Self::parse(note.text())?;
        let mut refused = ProofError::KeyInvalid;
        for key in keys {
            match head.check_origin(key.name()).and_then(|()| note.verify(key)) {
                Ok(()) => return Ok(head),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// The note with a head in the lines that are left of a text.
    pub(super) fn note_in(lines: &Lines<'_>) -> Result<SignedNote, ProofError> {
        let read = SignedNote::parse(lines.rest()).and_then(|note| Self::parse(note.text()).map(|_| note));
        read.map_err(|error| lines.behind(error))
    }

    fn check_origin(&self, name: &str) -> Result<(), ProofError> {
        if self.origin == name {
            return Ok(());
        }
        Err(ProofError::OtherOrigin { found: self.origin.clone(), expected: name.to_owned() })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}
