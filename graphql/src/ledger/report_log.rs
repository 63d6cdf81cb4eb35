//! The transparency log: a leaf for each revision of a report, written in the transaction of the report, and the
//! sequencer that gives leaves their positions and signs the head of the log.
//!
//! Leaves are of all reports but tests, also of those to private events. The log tells nothing of a report to a reader
//! without its salt. It grows once a minute, so that its size does not tell when a single report came in.

mod backfill;
mod entries;
mod known_heads;
mod origin;
mod proofs;
mod sequencer;
mod signing_keys;

pub use origin::{OriginConflict, check_origin, default_origin};
pub use proofs::{ReceiptState, agrees, consistency, entry_bundle, receipt, tile_bytes};
pub use sequencer::{PUBLICATION_INTERVAL, Sequencer, next_publication};
pub use signing_keys::{LogOptions, SigningKeyFile};

pub(super) use entries::of_change;
