//! Refreshes the planner statistics of a database that collects none by itself: at the start of the
//! service, and every hour.

use std::time::Duration;

use crate::database::{Database, Error};

/// A busy evening fills a table in an hour. A run over unchanged tables takes microseconds.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Refreshes at once and then every hour, if the database needs it.
pub(super) async fn refresh_hourly(database: Database) {
    let mut looks = tokio::time::interval(INTERVAL);
    loop {
        looks.tick().await;
        match refresh(&database).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(cause = %error.cause(), "cannot refresh the planner's statistics")
            }
        }
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
