//! Lets a planner that never looks by itself look at the tables: when the service starts, and as they grow.

use std::time::Duration;

use crate::database::{Database, Error};

/// A busy evening fills a table in an hour. A look at tables that are as they were takes microseconds.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Looks at once and then every hour, for as long as the database needs that.
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

/// Says whether the database needs it.
async fn refresh(database: &Database) -> Result<bool, Error> {
    let mut connection = database.connect().await?;
    let is_needed = connection.needs_statistics();
    if is_needed {
        connection.refresh_statistics().await?;
    }
    Ok(is_needed)
}
