//! Events that were never approved: whatever strangers hand in and staff do not want is not kept for good. One whose host
//! reported is kept while staff have not decided about the report, or have accepted it; if they rejected it, or it was
//! withdrawn, the event goes, and the report stays without it.

use jiff::{SignedDuration, Timestamp};

use super::{UnitOfWork, notifications};
use crate::database::{self, access_tokens, events, reports};

/// How long an event that was never approved is kept after its last session, so that its organizer can ask for the
/// reason.
const AFTER_END: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long such an event is kept after its last change, whenever it ends: organizers prepare for December in summer.
const UNTOUCHED: SignedDuration = SignedDuration::from_hours(180 * 24);
/// The number of events deleted in one transaction.
const BATCH_SIZE: i64 = 50;

/// Forgets some of them, with who organized them. Says how many.
///
/// # Errors
/// Database errors.
pub async fn purge_some(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let ids = events::unapproved(unit.conn(), now - AFTER_END, now - UNTOUCHED, BATCH_SIZE).await?;
    for id in &ids {
        notifications::cancel_pending_for(unit, id.uuid(), now).await?;
        notifications::erase_files(unit, id.uuid()).await?;
        access_tokens::delete(unit.conn_mut(), id.uuid()).await?;
        database::idempotency::forget_content(unit.conn_mut(), id.uuid()).await?;
        reports::leave_event(unit.conn_mut(), *id).await?;
        events::delete(unit.conn_mut(), *id).await?;
    }
    Ok(ids.len())
}
