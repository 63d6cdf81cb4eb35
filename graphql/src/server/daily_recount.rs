//! The daily recount of every edition. A difference raises an alarm in the log, and is visible in the
//! API and the metrics.

use std::{collections::BTreeMap, time::Duration};

use domain::EditionId;
use tokio::sync::watch;

use crate::{
    api,
    database::{
        self,
        edition_versions::{self, RecountResult},
    },
    ledger,
};

/// How often the recounts are checked for being due.
const POLL_INTERVAL: Duration = Duration::from_secs(15 * 60);
/// A recount is due a day after the last one, made by any process or command.
const INTERVAL: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The last recount of each edition, as far as this process has read it.
pub(super) type Recounts = BTreeMap<EditionId, RecountResult>;

/// Compares the counters of every edition with its ledger once a day, and publishes the last results.
pub(super) async fn run_daily(context: api::AppState, recounts: watch::Sender<Recounts>) {
    let mut looks = tokio::time::interval(POLL_INTERVAL);
    loop {
        looks.tick().await;
        let editions: Vec<_> = context.catalogue.borrow().editions().map(|edition| edition.id).collect();
        for edition in editions {
            match last(&context, edition).await {
                Ok(last) => recounts.send_modify(|recounts| {
                    recounts.insert(edition, last);
                }),
                Err(error) => tracing::warn!(cause = %error.cause(), "the daily recount failed"),
            }
        }
    }
}

/// The last recount of an edition, after a new one if that is due.
async fn last(context: &api::AppState, edition: EditionId) -> Result<RecountResult, database::Error> {
    let mut connection = context.database.connect().await?;
    let now = context.clock.now();
    let last = edition_versions::recount(&mut connection, edition).await?;
    if let Some(last) = last.filter(|last| now.duration_since(last.checked_at) < INTERVAL) {
        return Ok(last);
    }
    let shown = context.totals.count(edition);
    let comparison = ledger::recount::check(&mut connection, edition, Some(&shown), now, |_| {}).await?;
    let (version, matches) = (comparison.version.number, comparison.matches());
    for part in &comparison.differs {
        tracing::error!(version, "{part}");
    }
    Ok(RecountResult { version, matches, checked_at: now })
}
