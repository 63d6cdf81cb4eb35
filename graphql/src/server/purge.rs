//! Hourly deletion of source marks past their retention, and of expired budgets.

use std::time::Duration;

use crate::{
    clock::Clock,
    database::{Database, Error, sources},
};

/// A mark is kept for an hour longer at most. Each run scans all marks while it holds the write lock.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Deletes what is due, every hour. It never returns.
pub(super) async fn purge_hourly(database: Database, clock: Clock) {
    let mut turns = tokio::time::interval(INTERVAL);
    loop {
        turns.tick().await;
        if let Err(error) = purge_all(&database, &clock).await {
            tracing::warn!(cause = %error.cause(), "source marks and budgets could not be deleted; the next attempt is in an hour");
        }
    }
}

async fn purge_all(database: &Database, clock: &Clock) -> Result<(), Error> {
    while sources::purge_some(&mut database.connect().await?, clock.now()).await? {}
    Ok(())
}
