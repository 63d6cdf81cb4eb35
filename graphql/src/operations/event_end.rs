//! The end of events: an event whose host reported while it ran is reported once its last session is over.
//!
//! Counts of events and lists of those that owe a report follow from the instant alone; this writes the state down,
//! which ends joins and changes and is what lists of events filter by.

use jiff::Timestamp;

use super::UnitOfWork;
use crate::database::{
    self, event_revision,
    events::{self, StoredEvent},
};

/// The number of events in one transaction.
const BATCH_SIZE: i64 = 50;

/// Reports some of the events that are over. Says how many.
///
/// # Errors
/// Database errors.
pub async fn report_some(unit: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
    let mut reported = 0;
    for StoredEvent { event: before, secret } in
        events::reported_and_over(unit.conn(), now, BATCH_SIZE).await?
    {
        if let Some(event) = before.reported_at_end(now) {
            events::update(unit.conn_mut(), &before, &StoredEvent { event, secret }).await?;
            reported += 1;
        }
    }
    if reported > 0 {
        event_revision::raise_revision(unit.conn_mut()).await?;
    }
    Ok(reported)
}

/// When the first of them ends, as far as is known.
///
/// # Errors
/// Database errors.
pub async fn next_due(unit: &mut UnitOfWork<'_>) -> Result<Option<Timestamp>, database::Error> {
    events::next_reported_to_end(unit.conn()).await
}
