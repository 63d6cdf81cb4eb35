//! New rules of time zones: the local times of an event stay as they were promised, and its instants follow.

use domain::EventId;
use jiff::Timestamp;

use super::{UnitOfWork, relocation};
use crate::database::{
    self,
    events::{self, StoredEvent},
};

/// Works the instants of an event out by the present rules of its zone, and tells its people if they have moved.
/// Returns whether they have.
///
/// # Errors
/// Database errors.
pub async fn recompute(
    unit: &mut UnitOfWork<'_>,
    id: EventId,
    now: Timestamp,
) -> Result<bool, database::Error> {
    let Some(StoredEvent { event, secret }) = events::find(unit.conn(), id).await? else { return Ok(false) };
    let Some(present) = event.recomputed(now) else { return Ok(false) };
    let after = StoredEvent { event: present, secret };
    events::update(unit.conn_mut(), &event, &after).await?;
    relocation::tell(unit, &event, &after.event, now).await?;
    Ok(true)
}
