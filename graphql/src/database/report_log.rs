//! The transparency log: its head, its leaves and its subtrees.
//!
//! Leaves are written with the report that they are about, without a position. The sequencer gives them positions, one
//! process at a time behind the lock of the head's row. Leaves with a position, and subtrees, never change.

mod head;
mod leaves;
mod tiles;

pub use head::{Backfill, LogHead, halt, head, lock, publish, restart, set_backfill, set_signing_key};
pub use leaves::{
    LeafEntry, LeafKey, StoredLeaf, UnloggedRevision, assign, backfill, commitments, forget, missing, newest,
    pending, unlogged,
};
pub use tiles::{insert_subtrees, tile};

pub(super) use leaves::{LeafRow, next_step};
