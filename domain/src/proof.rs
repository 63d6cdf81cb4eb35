//! The transparency log: an append-only log of report revisions, and proofs that are checked without the service.
//!
//! Each revision of a report, and each later change of its state, is a leaf of a Merkle tree. The leaf is a salted
//! hash, so that the published log tells nothing of a report. A [`Checkpoint`] is the signed head of the log. A
//! [`Receipt`] has the salt and the line of one leaf, its path to the root and a checkpoint: with a [`VerifierKey`] it
//! proves offline that these letters are in the log. A [`ConsistencyFile`] proves that a later log extends an earlier
//! one.
//!
//! The forms are standard: trees and paths of RFC 6962, signed notes, checkpoints, tiles and proofs of C2SP, canonical
//! JSON of RFC 8785.
//!
//! ```
//! use domain::proof::{Checkpoint, Edge, Receipt, SignerKey, leaf_data};
//!
//! // A log with one leaf, and its signed head.
//! let key = SignerKey::from_seed("w4r.example/log", [7; 32]).unwrap();
//! let opening = [&[1; 32][..], br#"{"revision":1}"#].concat();
//! let mut edge = Edge::default();
//! edge.append(leaf_data(&opening).leaf_hash());
//! let checkpoint = Checkpoint { origin: key.name().into(), size: edge.size(), root: edge.root() };
//! let note = checkpoint.sign(&[key.clone()]).unwrap();
//!
//! // The receipt of that leaf. It has a path without hashes, since the leaf is the root.
//! let receipt = Receipt { extra: Some(opening), index: 0, path: vec![], checkpoint: note };
//! let read = Receipt::parse(&receipt.to_string()).unwrap();
//! assert!(read.verify_inclusion(&[key.verifier_key()]).is_ok());
//! ```

mod checkpoint;
mod consistency;
mod edge;
mod error;
mod hash;
mod lines;
mod note;
mod opening;
mod receipt;
mod tree;

pub use checkpoint::Checkpoint;
pub use consistency::ConsistencyFile;
pub use edge::{Edge, Subtree};
pub use error::ProofError;
pub use hash::{Hash, leaf_data};
pub use note::{SignedNote, SignerKey, VerifierKey};
pub use opening::{LoggedLine, LoggedRevision, REVISION_TYPE, SALT_BYTES};
pub use receipt::{Receipt, VerifiedReceipt};
pub use tree::{ProofPlan, TILE_WIDTH, TileId, verify_consistency, verify_inclusion};

#[cfg(test)]
mod tests;
