//! The right edge of a log: the incomplete tiles, to which leaves are appended.

use super::{
    hash::Hash,
    tree::{ProofPlan, TILE_WIDTH, TileId, complete_hash},
};

/// A full subtree of 256 to the power of `level` leaves, which is never changed any more.
///
/// ```
/// use domain::proof::{Edge, Hash};
/// let mut edge = Edge::default();
/// let full: Vec<_> = (0..256).flat_map(|_| edge.append(Hash([1; 32]))).collect();
/// assert_eq!((full.len(), full[0].level, full[0].index), (1, 1, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// The level of tiles at which its hash stands, from 1.
    pub level: u32,
    /// Its position in that level, from 0.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// The right edge of a log: its size, and of each level of tiles the hashes of the one that is not full.
///
/// ```
/// use domain::proof::{Edge, Hash};
/// let mut edge = Edge::default();
/// assert_eq!(edge.root(), Hash::EMPTY_ROOT);
/// edge.append(Hash([1; 32]));
/// assert_eq!((edge.size(), edge.root()), (1, Hash([1; 32])));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The tiles that [`Edge::load`] needs of a log with this size. Each has as many hashes as
    /// [`Edge::width`] says.
    #[must_use]
    pub fn tiles(size: u64) -> Vec<TileId> {
        let mut tiles = Vec::new();
        let (mut level, mut entries) = (0, size);
        while entries > 0 {
            tiles.push(TileId { level, index: entries / TILE_WIDTH });
            (level, entries) = (level + 1, entries / TILE_WIDTH);
        }
        tiles
    }

    /// The number of hashes of the incomplete tile at a level, for a log with this size. It may be none.
    #[must_use]
    pub fn width(size: u64, level: u32) -> u64 {
        size.checked_shr(8 * level).unwrap_or(0) % TILE_WIDTH
    }

    /// The edge of a log with this size, from its stored hashes. `None` if one of them is missing.
    pub fn load(size: u64, mut tile: impl FnMut(TileId) -> Option<Vec<Hash>>) -> Option<Self> {
        let mut levels = Vec::new();
        for id in Self::tiles(size) {
            let mut hashes = tile(id).unwrap_or_default();
            let width = usize::try_from(Self::width(size, id.level)).ok()?;
            if hashes.len() < width {
                return None;
            }
            hashes.truncate(width);
            levels.push(hashes);
        }
        Some(Self { size, levels })
    }

    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash, and returns the subtrees that are full with it.
    pub fn append(&mut self, leaf: Hash) -> Vec<Subtree> {
        self.size += 1;
        let (mut full, mut hash, mut entries) = (Vec::new(), leaf, self.size);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let tile = &mut self.levels[level];
            tile.push(hash);
            entries /= TILE_WIDTH;
            if tile.len() < TILE_WIDTH as usize {
                break;
            }
            if let Some(above) = complete_hash(tile) {
                hash = above;
            }
            tile.clear();
            full.push(Subtree { level: level as u32 + 1, index: entries - 1, hash });
        }
        full
    }

    /// The root of the log.
    #[must_use]
    pub fn root(&self) -> Hash {
        let tile = |id: TileId| self.levels.get(id.level as usize).cloned();
        let root = ProofPlan::root(self.size).ok().and_then(|plan| plan.hashes(tile));
        root.and_then(|hashes| hashes.first().copied()).unwrap_or(Hash::EMPTY_ROOT)
    }
}
