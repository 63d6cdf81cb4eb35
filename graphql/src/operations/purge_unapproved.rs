//! Events that were never approved: whatever strangers hand in and staff do not want is not kept for good.

use jiff::{SignedDuration, Timestamp};

use super::{UnitOfWork, notifications};
use crate::database::{self, access_tokens, events};

/// How long after its last session an event is kept that nobody approved: whoever wants to know why has asked by
/// then.
const AFTER_END: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long one is kept that nobody has touched, whenever it ends: organizers prepare for December in summer.
const UNTOUCHED: SignedDuration = SignedDuration::from_hours(180 * 24);
/// How many are forgotten in one transaction.
const BATCH_SIZE: i64 = 50;

/// Forgets some of them, with who organized them. Says how many.
///
/// # Errors
/// That of the database.
pub async fn purge_some(gathering: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let ids = events::unapproved(gathering.conn(), now - AFTER_END, now - UNTOUCHED, BATCH_SIZE).await?;
    for id in &ids {
        notifications::cancel_pending_for(gathering, id.uuid(), now).await?;
        notifications::erase_files(gathering, id.uuid()).await?;
        access_tokens::delete(gathering.conn_mut(), id.uuid()).await?;
        database::idempotency::forget_content(gathering.conn_mut(), id.uuid()).await?;
        events::delete(gathering.conn_mut(), *id).await?;
    }
    Ok(ids.len())
}
