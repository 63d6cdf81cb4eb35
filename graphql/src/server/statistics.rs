//! Refreshes the planner statistics of a database that collects none by itself: at the start of the
//! service, and every hour.

use std::time::Duration;

use crate::database::{Database, Error};

/// A busy evening fills a table in an hour. A run over unchanged tables takes microseconds.
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// A writer holds the database for seconds at most, except where migrations run.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// Refreshes at once and then every hour, if the database needs it; a minute later where a writer holds the
/// database.
pub(super) async fn refresh_hourly(database: Database) {
    loop {
        let wait = match refresh(&database).await {
            Ok(true) => INTERVAL,
            Ok(false) => return,
            Err(Error::Unavailable(cause)) => {
                tracing::debug!(%cause, "the planner's statistics are refreshed later");
                RETRY_INTERVAL
            }
            Err(error @ Error::Broken(_)) => {
                tracing::warn!(cause = %error.cause(), "cannot refresh the planner's statistics");
                INTERVAL
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Refreshes once. Returns whether the database needs it.
async fn refresh(database: &Database) -> Result<bool, Error> {
    let mut connection = database.connect().await?;
    let is_needed = connection.needs_statistics();
    if is_needed {
        connection.refresh_statistics().await?;
    }
    Ok(is_needed)
}
