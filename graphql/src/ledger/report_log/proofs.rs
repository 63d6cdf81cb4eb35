//! Proofs from the stored hashes: receipts, consistency, tiles, and the recomputation of the whole log.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    EditionId, ReportId,
    proof::{ConsistencyFile, Edge, Hash, ProofError, ProofPlan, Receipt, SignedNote, TILE_WIDTH, TileId},
    report::ReportState,
};

use crate::database::{
    self, Connection,
    report_log::{self, Backfill, LogHead, StoredLeaf},
};

/// How many leaves a recomputation reads at once.
const PAGE_SIZE: u64 = 5_000;

/// The receipt of a revision, as far as there is one.
pub struct ReceiptState {
    /// The state of the revision that the leaf says.
    pub state: ReportState,
    /// The index of the leaf; none while it waits.
    pub index: Option<u64>,
    /// The text of the proof; none while the leaf waits, or while the log is halted.
    pub proof: Option<String>,
    /// Whether the log is halted, so that it is not known when a leaf is published.
    pub is_halted: bool,
}

/// Reads these tiles.
pub(super) async fn read_tiles(
    connection: &mut Connection,
    tiles: &BTreeSet<TileId>,
) -> Result<BTreeMap<TileId, Vec<Hash>>, database::Error> {
    let mut read = BTreeMap::new();
    for &id in tiles {
        read.insert(id, report_log::tile(connection, id).await?);
    }
    Ok(read)
}

fn hashes_missing() -> database::Error {
    // A restart of the log, or a restore, came between two queries.
    database::Error::Unavailable("hashes of the log are missing".into())
}

/// The hashes of a proof.
async fn hashes(connection: &mut Connection, plan: &ProofPlan) -> Result<Vec<Hash>, database::Error> {
    let tiles = read_tiles(connection, &plan.tiles()).await?;
    plan.hashes(|id| tiles.get(&id).cloned()).ok_or_else(hashes_missing)
}

/// The signed head that is served: none before the first one, and while the log is halted.
fn served(head: &LogHead) -> Option<SignedNote> {
    let checkpoint = head.checkpoint.as_deref().filter(|_| !head.is_halted)?;
    SignedNote::parse(checkpoint).ok()
}

/// The receipt of the newest leaf about a revision. None for a test, for a revision that is not entered yet, and for one
/// whose salt was removed.
///
/// # Errors
/// A database error.
pub async fn receipt(
    connection: &mut Connection,
    report: ReportId,
    revision: u32,
) -> Result<Option<ReceiptState>, database::Error> {
    let Some(leaf) = report_log::newest(connection, report, revision).await? else { return Ok(None) };
    let StoredLeaf { state, opening: Some(opening), position: index } = leaf else { return Ok(None) };
    let head = report_log::head(connection).await?;
    let (Some(index_in_log), Some(checkpoint)) = (index, served(&head)) else {
        return Ok(Some(ReceiptState { state, index, proof: None, is_halted: head.is_halted }));
    };
    let Ok(plan) = ProofPlan::inclusion(index_in_log, head.size) else { return Err(hashes_missing()) };
    let path = hashes(connection, &plan).await?;
    let extra = BASE64_STANDARD
        .decode(opening)
        .map_err(|_| database::Error::Broken("a stored leaf is not what it should be".into()))?;
    let proof = Receipt { extra: Some(extra), index: index_in_log, path, checkpoint }.to_string();
    Ok(Some(ReceiptState { state, index, proof: Some(proof), is_halted: false }))
}

/// The proof that a log extends its first `from` leaves: up to `to` leaves, or up to the head, which is then in the file.
///
/// # Errors
/// A database error; the inner error is about the sizes.
pub async fn consistency(
    connection: &mut Connection,
    from: u64,
    to: Option<u64>,
) -> Result<Result<Option<ConsistencyFile>, ProofError>, database::Error> {
    let head = report_log::head(connection).await?;
    let Some(checkpoint) = served(&head) else { return Ok(Ok(None)) };
    let to = to.unwrap_or(head.size);
    if to > head.size {
        return Ok(Err(ProofError::SizeBeyondLog { from: to, to: head.size }));
    }
    let plan = match ProofPlan::consistency(from, to) {
        Ok(plan) => plan,
        Err(refused) => return Ok(Err(refused)),
    };
    let hashes = hashes(connection, &plan).await?;
    let checkpoint = (to == head.size).then_some(checkpoint);
    Ok(Ok(Some(ConsistencyFile { from, hashes, checkpoint })))
}

/// The bytes of a tile, with this many hashes. None if the published log does not have them.
///
/// # Errors
/// A database error.
pub async fn tile_bytes(
    connection: &mut Connection,
    id: TileId,
    width: u64,
) -> Result<Option<Vec<u8>>, database::Error> {
    let head = report_log::head(connection).await?;
    if served(&head).is_none() || !has_entries(&head, id, width) {
        return Ok(None);
    }
    let tile = report_log::tile(connection, id).await?;
    let tile = usize::try_from(width).ok().and_then(|width| tile.get(..width)).ok_or_else(hashes_missing)?;
    Ok(Some(tile.iter().flat_map(|hash| hash.0).collect()))
}

/// The bytes of a bundle of entries: each with its length in two bytes before it. None if the published log does not have
/// them.
///
/// # Errors
/// A database error.
pub async fn entry_bundle(
    connection: &mut Connection,
    index: u64,
    width: u64,
) -> Result<Option<Vec<u8>>, database::Error> {
    let head = report_log::head(connection).await?;
    if served(&head).is_none() || !has_entries(&head, TileId { level: 0, index }, width) {
        return Ok(None);
    }
    let entries = report_log::commitments(connection, index * TILE_WIDTH, width).await?;
    if entries.len() as u64 != width {
        return Err(hashes_missing());
    }
    let length = (size_of::<Hash>() as u16).to_be_bytes();
    Ok(Some(entries.iter().flat_map(|data| [&length[..], &data.0].concat()).collect()))
}

/// Whether the published log has so many hashes in a tile.
fn has_entries(head: &LogHead, id: TileId, width: u64) -> bool {
    let entries = head.size.checked_shr(8 * id.level).unwrap_or(0);
    let end = id.index.checked_mul(TILE_WIDTH).and_then(|first| first.checked_add(width));
    (1..=TILE_WIDTH).contains(&width) && end.is_some_and(|end| end <= entries)
}

/// Whether every revision of an edition that is no test has a leaf that says its state, and the root of the log is that
/// of its leaves. Before the revisions of former versions are entered, nothing is compared.
///
/// # Errors
/// A database error.
pub async fn agrees(connection: &mut Connection, edition: EditionId) -> Result<bool, database::Error> {
    if report_log::head(connection).await?.backfill != Backfill::Finished {
        return Ok(true);
    }
    Ok(report_log::missing(connection, edition).await? == 0 && verify_log(connection).await?)
}

/// Whether the stored subtrees and the root are those of the stored leaves. It reads all leaves, a page at a time.
async fn verify_log(connection: &mut Connection) -> Result<bool, database::Error> {
    let head = report_log::head(connection).await?;
    let (mut edge, mut full) = (Edge::default(), BTreeMap::<TileId, Vec<Hash>>::new());
    while edge.size() < head.size {
        let page = report_log::commitments(connection, edge.size(), PAGE_SIZE.min(head.size - edge.size()));
        let page = page.await?;
        if page.is_empty() {
            return Ok(false);
        }
        for data in page {
            for subtree in edge.append(data.leaf_hash()) {
                let id = TileId { level: subtree.level, index: subtree.index / TILE_WIDTH };
                full.entry(id).or_default().push(subtree.hash);
            }
        }
    }
    for (id, hashes) in &full {
        if report_log::tile(connection, *id).await? != *hashes {
            return Ok(false);
        }
    }
    Ok(edge.root() == head.root)
}
