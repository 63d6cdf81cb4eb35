//! Tiles of the transparency log, from its leaves and its full subtrees.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::proof::{Hash, Subtree, TILE_WIDTH, TileId};

use super::leaves::commitments;
use crate::database::{Connection, Error, schema::report_log_subtrees, with_backend};

/// The hashes of a tile, as far as they are there. Those at level 0 are of leaves.
///
/// # Errors
/// A database error.
pub async fn tile(connection: &mut Connection, id: TileId) -> Result<Vec<Hash>, Error> {
    let Some(first) = id.index.checked_mul(TILE_WIDTH).filter(|first| *first <= i64::MAX.cast_unsigned())
    else {
        return Ok(Vec::new());
    };
    if id.level == 0 {
        let leaves = commitments(connection, first, TILE_WIDTH).await?;
        return Ok(leaves.into_iter().map(Hash::leaf_hash).collect());
    }
    let (first, end) = (first.cast_signed(), first.saturating_add(TILE_WIDTH).cast_signed());
    let rows: Vec<String> = with_backend!(connection, c => {
        report_log_subtrees::table
            .filter(report_log_subtrees::level.eq(id.level.cast_signed()))
            .filter(report_log_subtrees::position.ge(first))
            .filter(report_log_subtrees::position.lt(end))
            .order(report_log_subtrees::position)
            .select(report_log_subtrees::hash)
            .load(c)
            .await
    })?;
    let broken = || Error::broken("a stored subtree is not what it should be");
    rows.iter().map(|digits| Hash::from_hex(digits).ok_or_else(broken)).collect()
}

/// Stores subtrees that are full. The caller holds the lock of the head.
///
/// # Errors
/// A database error.
pub async fn insert_subtrees(connection: &mut Connection, subtrees: &[Subtree]) -> Result<(), Error> {
    for subtree in subtrees {
        let values = (
            report_log_subtrees::level.eq(subtree.level.cast_signed()),
            report_log_subtrees::position.eq(subtree.index.cast_signed()),
            report_log_subtrees::hash.eq(subtree.hash.to_hex()),
        );
        with_backend!(connection, c => {
            diesel::insert_into(report_log_subtrees::table).values(values).execute(c).await
        })?;
    }
    Ok(())
}
