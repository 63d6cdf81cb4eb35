//! Events that were never approved: whatever strangers hand in and staff do not want is not kept for good.

use jiff::{SignedDuration, Timestamp};

use super::{Gathering, news};
use crate::database::{self, events, gatherings, person_secrets};

/// How long after its last session an event is kept that nobody approved: whoever wants to know why has asked by
/// then.
const AFTER_END: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long one is kept that nobody has touched, whenever it ends: organizers prepare for December in summer.
const UNTOUCHED: SignedDuration = SignedDuration::from_hours(180 * 24);
/// How many are forgotten in one transaction.
const BATCH: i64 = 50;

/// Forgets some of them, with who organized them. Says how many.
///
/// # Errors
/// That of the database.
pub async fn forget_some(gathering: &mut Gathering<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let ids = events::unapproved(gathering.reading(), now - AFTER_END, now - UNTOUCHED, BATCH).await?;
    for id in &ids {
        news::drop_about(gathering, id.uuid(), now).await?;
        news::erase_files(gathering, id.uuid()).await?;
        person_secrets::forget(gathering.writing(), id.uuid()).await?;
        gatherings::forget_content(gathering.writing(), id.uuid()).await?;
        events::delete(gathering.writing(), *id).await?;
    }
    Ok(ids.len())
}
