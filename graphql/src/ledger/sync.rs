//! Hearing of what other processes have done.
//!
//! A bell wakes, the database tells: the revisions of catalogue and events and each edition's version say whether
//! anything is new, and what is new is then read. Without a bell one looks every now and then all the
//! same; this is the safety net, and what an import beside a running service on SQLite relies on.
//!
//! No address is served by a process that has not heard its database for five seconds: it cannot
//! know whether a case has been suspended elsewhere.

use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};

use domain::catalogue::Catalogue;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};
use uuid::Uuid;

use super::{
    SharedState,
    counting::{self, Counted, CountedTotals},
};
use crate::database::{self, Access, Connection, Database, Refusal};

/// For how long a process goes by what it heard last.
const MAX_STALENESS: Duration = Duration::from_secs(5);
/// How long is waited before a lost database is looked for again; it doubles up to the longest.
const INITIAL_BACKOFF: Duration = Duration::from_millis(100);
/// Short enough that a database is found again before an operator has read the alarm.
const MAX_BACKOFF: Duration = Duration::from_secs(2);

/// What a process knows of its database.
#[derive(Clone, Copy, Debug)]
pub struct SyncStatus {
    heard_at: Instant,
    /// Why it could not be heard when that was last tried.
    loss: Option<Loss>,
}

/// Why a database cannot be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It does not answer as it should.
    OutOfReach,
    /// It answers, and what it says is not to be relied on.
    Refused(Refusal),
}

impl SyncStatus {
    /// It told what it held at this moment.
    #[must_use]
    pub const fn synced_at(heard_at: Instant) -> Self {
        Self { heard_at, loss: None }
    }

    /// How old the newest word is.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.heard_at.elapsed()
    }

    /// Why it is unavailable, as far as this process knows.
    #[must_use]
    pub fn loss(&self) -> Option<Loss> {
        let is_old = || Instant::now() >= self.trusted_until();
        self.loss.or_else(|| is_old().then_some(Loss::OutOfReach))
    }

    /// From when on no address is served. A connection that is lost may have been cut because another history of the
    /// database is going to take the place of this one.
    fn trusted_until(&self) -> Instant {
        if self.loss.is_some() { self.heard_at } else { self.heard_at + MAX_STALENESS }
    }
}

/// Reads what is new in the database.
///
/// # Errors
/// That of the database; what was known stays.
pub async fn refresh(database: &Database, memory: &SharedState) -> Result<(), database::Error> {
    read(&mut database.connect().await?, memory).await
}

async fn read(connection: &mut Connection, memory: &SharedState) -> Result<(), database::Error> {
    // A commit of this process may come between the reading and the showing; then it is read again.
    while !read_once(connection, memory).await? {}
    Ok(())
}

/// Reads what is new, and says whether that could be shown.
async fn read_once(connection: &mut Connection, memory: &SharedState) -> Result<bool, database::Error> {
    // Taken before the database is read: what is lower there was lower then, and is no reading of the past.
    let catalogue = Arc::clone(&memory.catalogue.borrow());
    let known_events = *memory.events.borrow();
    let known: HashMap<_, _> = catalogue
        .editions()
        .map(|edition| (edition.id, memory.totals.count(edition.id).revision()))
        .collect();
    let (newer, counts, events) = connection
        .transaction(Access::Read, async |connection| {
            let revision = database::catalogue::revision(connection).await?;
            let newer = if revision == catalogue.revision {
                None
            } else {
                Some(Catalogue::from(database::catalogue::load(connection).await?))
            };
            let mut counts = CountedTotals::new();
            for (edition, version) in database::ledger::versions(connection).await? {
                let known = known.get(&edition).copied().unwrap_or_default();
                if version != known {
                    let count = counting::load(connection, edition, version).await?;
                    counts.insert(edition, Counted { count, known });
                }
            }
            let events = database::event_revision::revision(connection).await?;
            Ok::<_, database::Error>((newer, counts, events))
        })
        .await?;
    if events.is_of_another_history_than(known_events) {
        connection.forget_events();
    }
    memory.show_events(events, known_events);
    memory.show_counts(counts);
    Ok(newer.is_none_or(|newer| memory.show_read_catalogue(newer, catalogue.revision)))
}

/// Keeps catching up, and says in `status` how that goes, until it is dropped.
pub async fn run(database: Database, memory: SharedState, status: watch::Sender<SyncStatus>) {
    let withholding = withhold_addresses_when_stale(memory.catalogue.clone(), status.subscribe());
    let following = async {
        let mut losses = 0;
        loop {
            let began_at = Instant::now();
            let Err(error) = listen_for_changes(&database, &memory, &status).await;
            let cause = error.cause();
            let loss = error.refusal().map_or(Loss::OutOfReach, Loss::Refused);
            status.send_modify(|status| status.loss = Some(loss));
            if status.borrow().heard_at >= began_at {
                // A connection can be cut while the database is there; another one is soon had.
                losses = 0;
                tracing::warn!(%cause, "the connection that hears of other processes was lost");
            } else {
                if losses == 0 {
                    tracing::error!(%cause, "the database cannot be followed");
                }
                losses += 1;
            }
            sleep(backoff(losses)).await;
        }
    };
    tokio::join!(withholding, following);
}

/// Hears the bell and reads what is new, until there is trouble.
async fn listen_for_changes(
    database: &Database,
    memory: &SharedState,
    status: &watch::Sender<SyncStatus>,
) -> Result<Infallible, database::Error> {
    let mut listener = in_time(database.change_listener()).await?;
    loop {
        // It tells what it holds now, however long it takes to tell.
        let requested_at = Instant::now();
        in_time(read(listener.connection(), memory)).await?;
        if status.send_replace(SyncStatus::synced_at(requested_at)).loss.is_some() {
            tracing::info!("the database is there again");
        }
        listener.wait().await?;
    }
}

/// Has addresses withheld from the moment at which the newest word is too old, until there is another.
async fn withhold_addresses_when_stale(
    catalogue: watch::Sender<Arc<Catalogue>>,
    mut status: watch::Receiver<SyncStatus>,
) {
    loop {
        let trusted_until = status.borrow_and_update().trusted_until();
        let withhold = Instant::now() >= trusted_until;
        catalogue.send_if_modified(|catalogue| {
            let changes = catalogue.addresses_withheld != withhold;
            if changes {
                Arc::make_mut(catalogue).addresses_withheld = withhold;
            }
            changes
        });
        tokio::select! {
            changed = status.changed() => if changed.is_err() { return },
            () = sleep_until(trusted_until), if !withhold => {}
        }
    }
}

/// An answer that takes longer than one may go by it is none.
async fn in_time<T>(answer: impl Future<Output = Result<T, database::Error>>) -> Result<T, database::Error> {
    timeout(MAX_STALENESS, answer)
        .await
        .unwrap_or_else(|_| Err(database::Error::Unavailable("it does not answer".into())))
}

/// Longer each time, and never quite the same, so that those who lost it together do not all come back
/// together.
fn backoff(losses: u32) -> Duration {
    let whole = INITIAL_BACKOFF.saturating_mul(2_u32.saturating_pow(losses)).min(MAX_BACKOFF);
    let [dice, ..] = *Uuid::new_v4().as_bytes();
    whole / 2 + whole / 2 * u32::from(dice) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_database_is_looked_for_less_and_less_often_but_never_seldom() {
        for (losses, longest) in [(0, 100), (1, 200), (4, 1_600), (5, 2_000), (40, 2_000)] {
            let longest = Duration::from_millis(longest);
            let pauses: Vec<_> = (0..100).map(|_| backoff(losses)).collect();
            assert!(pauses.iter().all(|pause| (longest / 2..longest).contains(pause)), "{pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "they are not all the same");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_are_withheld_five_seconds_after_the_last_word_and_not_before() {
        let (catalogue, _) = watch::channel(Arc::new(Catalogue::default()));
        let (status, _) = watch::channel(SyncStatus::synced_at(Instant::now()));
        tokio::spawn(withhold_addresses_when_stale(catalogue.clone(), status.subscribe()));
        let mut seen = catalogue.subscribe();
        let heard_at = Instant::now();
        seen.changed().await.expect("a catalogue");
        assert!(seen.borrow_and_update().addresses_withheld);
        assert_eq!(status.borrow().loss(), Some(Loss::OutOfReach));
        let late = heard_at.elapsed();
        assert!((MAX_STALENESS..MAX_STALENESS + Duration::from_millis(2)).contains(&late), "{late:?}");
        // An answer that took four seconds is worth one more.
        status.send_replace(SyncStatus::synced_at(Instant::now() - Duration::from_secs(4)));
        seen.changed().await.expect("a catalogue");
        assert!(!seen.borrow_and_update().addresses_withheld);
        let shown_at = Instant::now();
        seen.changed().await.expect("a catalogue");
        assert!(seen.borrow_and_update().addresses_withheld);
        assert!(shown_at.elapsed() < Duration::from_millis(1_002), "{:?}", shown_at.elapsed());
    }
}
