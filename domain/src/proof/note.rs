//! Signed notes: a text with a signature line for each key, and the keys.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey, pkcs8::DecodePrivateKey};

use super::{error::ProofError, hash::Hash};

/// The algorithm byte of Ed25519 in key ids and verifier keys.
const ED25519: u8 = 1;
/// The largest number of signatures that are read, as Go's implementation has it.
const MAX_SIGNATURES: usize = 100;
/// What a signature line begins with: an em dash and a space.
const SIGNATURE_MARK: &str = "\u{2014} ";

/// The public key of a log, in the text form of signed notes: the name, the key id and the key.
///
/// ```
/// use domain::proof::VerifierKey;
/// let text = "w4r.example/log+6d510887+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
/// let key = VerifierKey::parse(text).unwrap();
/// assert_eq!((key.name(), key.to_string().as_str()), ("w4r.example/log", text));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// Parses the text form.
    ///
    /// # Errors
    /// [`ProofError::KeyInvalid`], or [`ProofError::WeakKey`] for a key with which anything can be signed.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let (name, id, key) = split_key(text.trim()).ok_or(ProofError::KeyInvalid)?;
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| ProofError::KeyInvalid)?;
        let (&ED25519, bytes) = bytes.split_first().ok_or(ProofError::KeyInvalid)? else {
            return Err(ProofError::KeyInvalid);
        };
        let bytes = bytes.try_into().map_err(|_| ProofError::KeyInvalid)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| ProofError::KeyInvalid)?;
        let key = Self::new(name, key)?;
        if digits(key.id()) == id { Ok(key) } else { Err(ProofError::KeyInvalid) }
    }

    fn new(name: &str, key: VerifyingKey) -> Result<Self, ProofError> {
        if !is_name(name) {
            return Err(ProofError::KeyInvalid);
        }
        if key.is_weak() {
            return Err(ProofError::WeakKey);
        }
        Ok(Self { name: name.to_owned(), key })
    }

    /// The name of the key, which is the origin of its log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key: four bytes of a hash over name, algorithm and key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let hash = Hash::of(&[self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes()]);
        let [a, b, c, d, ..] = hash.0;
        [a, b, c, d]
    }

    /// The name and the digits of the id, for people.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}+{}", self.name, digits(self.id()))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[ED25519][..], self.key.as_bytes()].concat();
        write!(f, "{}+{}", self.label(), BASE64_STANDARD.encode(bytes))
    }
}

/// The name, the digits of the id and the key of a verifier key. Only the last may have a plus sign of its own.
fn split_key(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    Some((name, id, key))
}

fn digits(id: [u8; 4]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether this is the name of a key: one word without a plus sign.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// The private key of a log. Signing needs no randomness: the same text has the same signature.
///
/// ```
/// use domain::proof::SignerKey;
/// let key = SignerKey::from_seed("w4r.example/log", [7; 32]).unwrap();
/// assert!(key.verifier_key().to_string().starts_with("w4r.example/log+6d510887+"));
/// ```
#[derive(Clone)]
pub struct SignerKey {
    verifier: VerifierKey,
    key: SigningKey,
}

impl SignerKey {
    /// The key with this name and these 32 secret bytes, which must be random.
    ///
    /// # Errors
    /// [`ProofError::KeyInvalid`] for a name with a space or a plus sign.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, ProofError> {
        Self::new(name, SigningKey::from_bytes(&seed))
    }

    /// The key in a PEM file of PKCS#8, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// [`ProofError::KeyInvalid`] or [`ProofError::WeakKey`].
    pub fn from_pkcs8_pem(name: &str, pem: &str) -> Result<Self, ProofError> {
        Self::new(name, SigningKey::from_pkcs8_pem(pem).map_err(|_| ProofError::KeyInvalid)?)
    }

    fn new(name: &str, key: SigningKey) -> Result<Self, ProofError> {
        Ok(Self { verifier: VerifierKey::new(name, key.verifying_key())?, key })
    }

    /// The name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// The public key.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.verifier.clone()
    }

    fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let bytes = [&self.verifier.id()[..], &signature].concat();
        format!("{SIGNATURE_MARK}{} {}\n", self.name(), BASE64_STANDARD.encode(bytes))
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.verifier.label())
    }
}

/// A signed note: its text, which ends with a line feed, and its signature lines, word for word.
///
/// ```
/// use domain::proof::{SignedNote, SignerKey};
/// let key = SignerKey::from_seed("w4r.example/log", [7; 32]).unwrap();
/// let note = SignedNote::sign("a text\n", &[key.clone()]);
/// let read = SignedNote::parse(&note.to_string()).unwrap();
/// assert_eq!(read.verify(&key.verifier_key()), Ok(()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NoteSignature {
    name: String,
    /// The id of the key, and the signature.
    bytes: Vec<u8>,
}

impl SignedNote {
    /// Signs a text with each of these keys.
    #[must_use]
    pub fn sign(text: &str, keys: &[SignerKey]) -> Self {
        let signed = keys.iter().filter_map(|key| NoteSignature::parse(key.sign(text).trim_end()));
        Self { text: text.to_owned(), signatures: signed.collect() }
    }

    /// Parses a note with at least one signature line.
    ///
    /// # Errors
    /// [`ProofError::Malformed`].
    pub fn parse(note: &str) -> Result<Self, ProofError> {
        let lines_of = |text: &str| text.matches('\n').count();
        let Some((text, signatures)) = note.rsplit_once("\n\n") else {
            let expected = "an empty line and a signature behind the head";
            return Err(ProofError::Malformed { line: lines_of(note) + 1, expected });
        };
        let before = lines_of(text) + 2;
        let malformed = |line| ProofError::Malformed { line: before + line, expected: "a signature line" };
        let lines = signatures.strip_suffix('\n').ok_or_else(|| malformed(lines_of(signatures) + 1))?;
        let read = |(index, line)| NoteSignature::parse(line).ok_or_else(|| malformed(index + 1));
        let signatures = lines.split('\n').enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(malformed(MAX_SIGNATURES + 1));
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The signed text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Verifies the signature of a key. Signatures of other keys are not looked at.
    ///
    /// # Errors
    /// [`ProofError::NotSignedByKey`] or [`ProofError::SignatureInvalid`].
    pub fn verify(&self, key: &VerifierKey) -> Result<(), ProofError> {
        let mut is_signed = false;
        for signature in &self.signatures {
            let Some(bytes) = signature.of_key(key) else { continue };
            let signature = Signature::from_slice(bytes).map_err(|_| ProofError::SignatureInvalid)?;
            key.key
                .verify_strict(self.text.as_bytes(), &signature)
                .map_err(|_| ProofError::SignatureInvalid)?;
            is_signed = true;
        }
        if is_signed { Ok(()) } else { Err(ProofError::NotSignedByKey { key: key.label() }) }
    }
}

impl NoteSignature {
    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(bytes).ok()?;
        (is_name(name) && bytes.len() > 4).then(|| Self { name: name.to_owned(), bytes })
    }

    /// The signature, if this line is of that key.
    fn of_key(&self, key: &VerifierKey) -> Option<&[u8]> {
        let (id, signature) = self.bytes.split_first_chunk::<4>()?;
        (self.name == key.name && *id == key.id()).then_some(signature)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for NoteSignature { name, bytes } in &self.signatures {
            writeln!(f, "{SIGNATURE_MARK}{name} {}", BASE64_STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}
