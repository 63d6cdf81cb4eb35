//! Trees and proofs of RFC 6962 over tiles: which stored hashes a proof is made of, and how it is verified.
//!
//! A tile has up to 256 hashes, each of a full subtree of 256^level leaves. Hashes between the levels of tiles, and
//! those of the incomplete subtrees at the right edge, are computed. The indices of the nodes in a proof, and the
//! verification, are those of the crate `ct_merkle`.

use std::{collections::BTreeSet, ops::Range};

use ct_merkle::{
    ConsistencyProof, HashableLeaf, InclusionProof, RootHash, digest, indices_for_consistency_proof,
    indices_for_inclusion_proof,
};
use sha2::Sha256;

use super::{error::ProofError, hash::Hash};

/// The number of hashes of a full tile, as C2SP defines it: eight levels of the tree.
pub const TILE_WIDTH: u64 = 256;
/// The levels of the tree that a tile spans.
const TILE_HEIGHT: u32 = 8;
/// The largest number of leaves: no database counts further.
const MAX_SIZE: u64 = i64::MAX.cast_unsigned();

/// A tile: its level, and its index in that level.
///
/// ```
/// use domain::proof::{ProofPlan, TileId};
/// let tiles = ProofPlan::inclusion(3, 300).unwrap().tiles();
/// // The neighbours of leaf 3, and the leaves 256 to 299 at the right edge.
/// assert_eq!(tiles, [TileId { level: 0, index: 0 }, TileId { level: 0, index: 1 }].into());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// The level: at level 0 the hashes are those of leaves.
    pub level: u32,
    /// The index, from 0.
    pub index: u64,
}

/// The hashes of which a proof consists, as nodes of the tree: from it follows which tiles have to be read.
///
/// ```
/// use domain::proof::{Hash, ProofPlan, verify_inclusion};
/// let leaves = [Hash([1; 32]).leaf_hash(), Hash([2; 32]).leaf_hash()];
/// let root = ProofPlan::root(2).unwrap().hashes(|_| Some(leaves.to_vec())).unwrap()[0];
/// let path = ProofPlan::inclusion(1, 2).unwrap().hashes(|_| Some(leaves.to_vec())).unwrap();
/// assert_eq!(path, [leaves[0]]);
/// assert_eq!(verify_inclusion(Hash([2; 32]), 1, &path, 2, root), Ok(()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofPlan {
    // The leaves below each node.
    nodes: Vec<Range<u64>>,
}

impl ProofPlan {
    /// The plan of the root of the first `size` leaves.
    ///
    /// # Errors
    /// [`ProofError::SizeZero`]: its root is [`Hash::EMPTY_ROOT`].
    #[expect(clippy::single_range_in_vec_init, reason = "the one node of the plan has these leaves below it")]
    pub fn root(size: u64) -> Result<Self, ProofError> {
        check_size(size)?;
        Ok(Self { nodes: vec![0..size] })
    }

    /// The plan of the path from a leaf to the root of the first `size` leaves.
    ///
    /// # Errors
    /// [`ProofError::IndexBeyondLog`].
    pub fn inclusion(index: u64, size: u64) -> Result<Self, ProofError> {
        if index >= size || size > MAX_SIZE {
            return Err(ProofError::IndexBeyondLog { index, size });
        }
        Ok(Self::of(&indices_for_inclusion_proof(size, index), size))
    }

    /// The plan of the proof that the first `to` leaves extend the first `from` leaves.
    ///
    /// # Errors
    /// [`ProofError::SizeZero`] from an empty log, [`ProofError::SizeBeyondLog`] to a smaller one.
    pub fn consistency(from: u64, to: u64) -> Result<Self, ProofError> {
        check_sizes(from, to)?;
        Ok(Self::of(&indices_for_consistency_proof(from, to - from), to))
    }

    /// Nodes by their index from left to right: a node of height `h` has `h` ones at the end of its index.
    fn of(indices: &[u64], size: u64) -> Self {
        let node = |index: &u64| {
            let height = index.trailing_ones();
            let first = (index >> (height + 1)) << height;
            first..(first + (1 << height)).min(size)
        };
        Self { nodes: indices.iter().map(node).collect() }
    }

    /// The tiles that the hashes are computed from.
    #[must_use]
    pub fn tiles(&self) -> BTreeSet<TileId> {
        let mut tiles = BTreeSet::new();
        for node in &self.nodes {
            // The hash is of no use here, only which tiles it asks for.
            let _ = subtree_hash(node.clone(), &mut |tile, _| {
                tiles.insert(tile);
                Some(Hash::EMPTY_ROOT)
            });
        }
        tiles
    }

    /// The hashes, in the order of the proof. `tile` gives the hashes of a tile; one that is not complete has those that
    /// exist. `None` if one of them is missing.
    pub fn hashes(&self, mut tile: impl FnMut(TileId) -> Option<Vec<Hash>>) -> Option<Vec<Hash>> {
        let mut in_tile = |id, entries: Range<u64>| {
            let tile = tile(id)?;
            let entries =
                tile.get(usize::try_from(entries.start).ok()?..usize::try_from(entries.end).ok()?)?;
            complete_hash(entries)
        };
        self.nodes.iter().map(|node| subtree_hash(node.clone(), &mut in_tile)).collect()
    }
}

/// The hash of a node, which has these leaves below it: as RFC 6962 defines it, with `in_tile` for complete subtrees,
/// each of which consists of neighbouring entries of one tile.
fn subtree_hash(
    leaves: Range<u64>,
    in_tile: &mut impl FnMut(TileId, Range<u64>) -> Option<Hash>,
) -> Option<Hash> {
    let size = leaves.end - leaves.start;
    if size.is_power_of_two() {
        let height = size.trailing_zeros();
        let level = height / TILE_HEIGHT;
        let first = leaves.start >> (TILE_HEIGHT * level);
        let (index, entry) = (first / TILE_WIDTH, first % TILE_WIDTH);
        return in_tile(TileId { level, index }, entry..entry + (1 << (height % TILE_HEIGHT)));
    }
    // The left part is the largest complete subtree.
    let middle = leaves.start + (1 << size.ilog2());
    let left = subtree_hash(leaves.start..middle, in_tile);
    let right = subtree_hash(middle..leaves.end, in_tile);
    Some(Hash::parent(left?, right?))
}

/// The hash above some neighbouring subtrees of one height; their number is a power of two.
pub(super) fn complete_hash(entries: &[Hash]) -> Option<Hash> {
    match entries {
        [] => None,
        [entry] => Some(*entry),
        _ => {
            let (left, right) = entries.split_at(entries.len() / 2);
            Some(Hash::parent(complete_hash(left)?, complete_hash(right)?))
        }
    }
}

const fn check_size(size: u64) -> Result<(), ProofError> {
    match size {
        0 => Err(ProofError::SizeZero),
        1..=MAX_SIZE => Ok(()),
        _ => Err(ProofError::SizeBeyondLog { from: size, to: MAX_SIZE }),
    }
}

fn check_sizes(from: u64, to: u64) -> Result<(), ProofError> {
    check_size(from)?;
    if from > to {
        return Err(ProofError::SizeBeyondLog { from, to });
    }
    check_size(to)
}

/// The data of a leaf as `ct_merkle` hashes it.
struct LeafData(Hash);

impl HashableLeaf for LeafData {
    fn hash<H: digest::Update>(&self, hasher: &mut H) {
        hasher.update(&self.0.0);
    }
}

fn root_hash(root: Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

fn joined(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Verifies that a leaf with this data is in a log.
///
/// # Errors
/// [`ProofError::IndexBeyondLog`] or [`ProofError::LeafNotInLog`].
pub fn verify_inclusion(
    data: Hash,
    index: u64,
    path: &[Hash],
    size: u64,
    root: Hash,
) -> Result<(), ProofError> {
    // Beyond the tree `ct_merkle` panics.
    if index >= size || size > MAX_SIZE {
        return Err(ProofError::IndexBeyondLog { index, size });
    }
    let proof = InclusionProof::try_from_bytes(joined(path)).map_err(|_| ProofError::LeafNotInLog)?;
    root_hash(root, size)
        .verify_inclusion(&LeafData(data), index, &proof)
        .map_err(|_| ProofError::LeafNotInLog)
}

/// Verifies that a log extends another one; each is given by its size and its root.
///
/// # Errors
/// [`ProofError::SizeZero`], [`ProofError::SizeBeyondLog`] or [`ProofError::NotConsistent`].
pub fn verify_consistency(
    (from, old_root): (u64, Hash),
    (to, new_root): (u64, Hash),
    hashes: &[Hash],
) -> Result<(), ProofError> {
    check_sizes(from, to)?;
    let proof = ConsistencyProof::try_from_bytes(joined(hashes)).map_err(|_| ProofError::NotConsistent)?;
    root_hash(new_root, to)
        .verify_consistency(&root_hash(old_root, from), &proof)
        .map_err(|_| ProofError::NotConsistent)
}
