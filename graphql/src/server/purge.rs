//! Erases, every hour, from where reports came when that is no longer needed, and budgets of hours that are over.

use std::time::Duration;

use crate::{
    clock::Clock,
    database::{Database, Error, sources},
};

/// A mark is kept for an hour longer at most. Each turn looks through all marks, behind the lock for writing.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Erases what is due, again and again. It never ends.
pub(super) async fn purge_daily(database: Database, clock: Clock) {
    let mut turns = tokio::time::interval(INTERVAL);
    loop {
        turns.tick().await;
        if let Err(error) = purge_all(&database, &clock).await {
            tracing::warn!(cause = %error.cause(), "from where reports came is kept for another hour");
        }
    }
}

async fn purge_all(database: &Database, clock: &Clock) -> Result<(), Error> {
    while sources::purge_some(&mut database.connect().await?, clock.now()).await? {}
    Ok(())
}
