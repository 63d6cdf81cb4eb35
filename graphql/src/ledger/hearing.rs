//! Hearing of what other processes have done.
//!
//! The catalogue's revision and each edition's version say whether anything is new; what is new is
//! then read. This is the safety net under everything that is quicker, and it is what an import from
//! the command line relies on while the service is running.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{entering, writer::publish};
use crate::{
    catalogue::Catalogue,
    database::{self, Access, Database},
    tally::Tallies,
};

/// How often the database is asked. Others are heard of within a second.
const EVERY: Duration = Duration::from_millis(500);

/// Reads what is new in the database.
///
/// # Errors
/// That of the database; what was known stays.
pub async fn catch_up(
    database: &Database,
    catalogue: &watch::Sender<Arc<Catalogue>>,
    tallies: &Tallies,
) -> Result<(), database::Error> {
    let mut connection = database.connect().await?;
    let known_revision = catalogue.borrow().revision;
    // Taken before the database is read: whatever is lower there was lower then, and is no reading
    // of the past.
    let known: Vec<_> = catalogue
        .borrow()
        .editions()
        .map(|edition| (edition.id, tallies.count(edition.id).version))
        .collect();
    let (newer, counts) = connection
        .transaction(Access::Read, async |connection| {
            let revision = database::catalogue::revision(connection).await?;
            let newer = if revision == known_revision {
                None
            } else {
                Some(Catalogue::from(database::catalogue::load(connection).await?))
            };
            let mut counts = Vec::new();
            for (edition, version) in database::ledger::versions(connection).await? {
                let known = known.iter().find(|(id, _)| *id == edition).map_or(0, |(_, version)| *version);
                if version != known {
                    let present = tallies.count(edition);
                    let count = entering::load(connection, edition, version, present.as_of).await?;
                    counts.push((edition, count, version < known));
                }
            }
            Ok::<_, database::Error>((newer, counts))
        })
        .await?;
    if let Some(newer) = newer {
        publish(catalogue, newer);
    }
    for (edition, count, is_another) in counts {
        if is_another {
            tallies.reset(edition, count);
        } else {
            tallies.set(edition, count);
        }
    }
    Ok(())
}

/// After this long without word from the database nobody knows here whether a case has been
/// suspended elsewhere: no address is served until there is word again.
const TRUSTED_FOR: Duration = Duration::from_secs(5);

/// Keeps catching up, until it is dropped.
pub async fn follow(database: Database, catalogue: watch::Sender<Arc<Catalogue>>, tallies: Tallies) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    let mut is_there = true;
    loop {
        ticks.tick().await;
        let caught_up = timeout(TRUSTED_FOR, catch_up(&database, &catalogue, &tallies)).await;
        let trouble = match &caught_up {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.cause().to_string()),
            Err(_) => Some("it does not answer".to_owned()),
        };
        match (trouble, is_there) {
            (None, false) => tracing::info!("the database is there again"),
            (Some(cause), true) => tracing::error!(cause, "the database cannot be followed"),
            _ => {}
        }
        is_there = matches!(caught_up, Ok(Ok(())));
        if is_there {
            heard_at = Instant::now();
        }
        let withhold = heard_at.elapsed() > TRUSTED_FOR;
        catalogue.send_if_modified(|catalogue| {
            let changes = catalogue.addresses_withheld != withhold;
            if changes {
                Arc::make_mut(catalogue).addresses_withheld = withhold;
            }
            changes
        });
    }
}
