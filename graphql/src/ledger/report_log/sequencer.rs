//! The sequencer: it gives leaves their positions in batches and signs the head of the log.
//!
//! Each process runs one. They take turns behind the lock of the head's row, and a batch is committed as a whole: a
//! process that is killed leaves either the head of before or the next one. Leaves that wait are in the database with
//! their report, so that none is lost.

use std::{io, panic::AssertUnwindSafe, sync::Arc, thread, time::Duration};

use domain::{
    catalogue::Catalogue,
    proof::{Checkpoint, Edge, Hash, SignerKey, VerifierKey},
};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::{
    backfill,
    known_heads::KnownHeads,
    origin::of_generation,
    proofs::read_tiles,
    signing_keys::{LogOptions, signers},
};
use crate::{
    clock::Clock,
    database::{
        self, Access, Connection, Database,
        report_log::{self, LogHead},
    },
};

/// How often leaves get positions. Heads are not signed for each report, since the size of the log counts reports to
/// private events too.
pub const PUBLICATION_INTERVAL: SignedDuration = SignedDuration::from_secs(60);
/// How many leaves get a position in one transaction: some tens of milliseconds, for which others wait.
const BATCH_SIZE: i64 = 1_000;
/// How soon a failed attempt is repeated, and how often it is looked whether the clock was put back.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// When the leaves that wait now get their positions: at the next full minute.
#[must_use]
pub fn next_publication(now: Timestamp) -> Timestamp {
    now - since_publication(now) + PUBLICATION_INTERVAL
}

fn since_publication(now: Timestamp) -> SignedDuration {
    let interval = PUBLICATION_INTERVAL.as_micros();
    let since = i128::from(now.as_microsecond()).rem_euclid(interval);
    SignedDuration::from_micros(i64::try_from(since).unwrap_or_default())
}

/// Gives leaves their positions and signs the head.
pub struct Sequencer {
    database: Database,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    clock: Clock,
    options: LogOptions,
    name: String,
    known: KnownHeads,
    halted: watch::Sender<bool>,
}

/// Which transaction of an attempt it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The first one: it adds leaves once a minute.
    First,
    /// One behind a full batch of the same minute.
    Next,
}

/// What one transaction did.
enum Batch {
    /// Leaves got positions, and more may wait.
    Full(LogHead),
    /// Nothing waits any more, or it is not time.
    Done(LogHead),
    /// The log is halted; whether this transaction has halted it.
    Halted(bool),
}

impl Sequencer {
    /// A sequencer that has not started. `name` is the name of a log that has none yet.
    ///
    /// # Errors
    /// If the file of heads cannot be read.
    pub fn new(
        database: Database,
        catalogue: watch::Receiver<Arc<Catalogue>>,
        clock: Clock,
        options: LogOptions,
        name: String,
    ) -> io::Result<Self> {
        let known = KnownHeads::load(options.head_file.clone())?;
        let name = options.origin.as_deref().map_or(name, str::to_owned);
        let (halted, _) = watch::channel(false);
        Ok(Self { database, catalogue, clock, options, name, known, halted })
    }

    /// Whether the log is halted, as far as this process knows by its last attempt.
    #[must_use]
    pub fn halted(&self) -> watch::Receiver<bool> {
        self.halted.subscribe()
    }

    /// Runs in a thread of its own until it is told to stop: its writes wait for the disk, and requests must not wait
    /// with them.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn start(mut self, mut stop: watch::Receiver<bool>) -> io::Result<thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = async move {
            let work = async {
                loop {
                    let began_at = self.clock.now();
                    match AssertUnwindSafe(self.tick()).catch_unwind().await {
                        Ok(Ok(())) => {
                            self.wait_since(began_at).await;
                            continue;
                        }
                        Ok(Err(error)) => {
                            tracing::warn!(cause = %error.cause(), "the transparency log waits");
                        }
                        Err(_) => tracing::error!("the sequencer of the transparency log panicked"),
                    }
                    tokio::time::sleep(POLL_INTERVAL).await;
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => {}
                () = work => {}
            }
        };
        thread::Builder::new().name("report-log".to_owned()).spawn(move || runtime.block_on(run))
    }

    /// Waits for the next publication after this instant, or until the clock was put back before it.
    async fn wait_since(&self, instant: Timestamp) {
        let next = next_publication(instant);
        loop {
            tokio::select! {
                () = self.clock.wait_until(next) => return,
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
            if self.clock.now() < instant {
                return;
            }
        }
    }

    /// Enters what is not in the log yet, gives positions to what waits if it is time, and signs the head.
    ///
    /// # Errors
    /// A database error; the rest is done in the next attempt.
    pub async fn tick(&mut self) -> Result<(), database::Error> {
        let mut connection = self.database.connect().await?;
        if !backfill::is_finished(&mut connection).await? {
            self.backfill(&mut connection).await?;
        }
        let mut turn = Turn::First;
        loop {
            let now = self.clock.now();
            let batch = connection
                .transaction(Access::Write, async |connection| self.batch(connection, now, turn).await)
                .await?;
            match batch {
                Batch::Full(head) => self.known.remember(&head),
                Batch::Done(head) => {
                    self.known.remember(&head);
                    self.halted.send_replace(false);
                    return Ok(());
                }
                Batch::Halted(is_new) => {
                    self.halted.send_replace(true);
                    let what = if is_new { "has been halted" } else { "is halted" };
                    tracing::error!(
                        "the transparency log {what}: the database was restored and does not have its newest \
                         head; see `w4r log restart`"
                    );
                    return Ok(());
                }
            }
            turn = Turn::Next;
            tokio::task::yield_now().await;
        }
    }

    async fn backfill(&self, connection: &mut Connection) -> Result<(), database::Error> {
        loop {
            let known = Arc::clone(&self.catalogue.borrow());
            let more = connection
                .transaction(Access::Write, async |connection| {
                    if database::catalogue::revision(connection).await? == known.revision {
                        return backfill::enter_some(connection, &known).await;
                    }
                    let present = Catalogue::from(database::catalogue::load(connection).await?);
                    backfill::enter_some(connection, &present).await
                })
                .await?;
            if !more {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
    }

    /// One transaction of the sequencer.
    async fn batch(
        &self,
        connection: &mut Connection,
        now: Timestamp,
        turn: Turn,
    ) -> Result<Batch, database::Error> {
        report_log::lock(connection).await?;
        let mut head = report_log::head(connection).await?;
        if head.is_halted {
            return Ok(Batch::Halted(false));
        }
        if !self.known.are_extended_by(connection, &head).await? {
            report_log::halt(connection).await?;
            return Ok(Batch::Halted(true));
        }
        let origin = head.origin.clone().unwrap_or_else(|| of_generation(&self.name, head.generation));
        let signers = signers(connection, &self.options, &origin, &mut head).await?;
        let keys = signers.iter().map(SignerKey::verifier_key).map(|key| VerifierKey::to_string(&key));
        let keys: Vec<_> = keys.collect();
        let published = head.published_at.map(|at| at - since_publication(at));
        let is_time = turn == Turn::Next || published != Some(now - since_publication(now));
        let added = if is_time { append(connection, &mut head).await? } else { 0 };
        let is_signed = head.checkpoint.is_some() && head.verifier_keys == keys;
        if added == 0 && is_signed {
            return Ok(Batch::Done(head));
        }
        let checkpoint = Checkpoint { origin: origin.clone(), size: head.size, root: head.root };
        let note = checkpoint.sign(&signers).map_err(|error| database::Error::Broken(Box::new(error)))?;
        head.origin = Some(origin);
        head.checkpoint = Some(note.to_string());
        head.verifier_keys = keys;
        head.published_at = if added > 0 { Some(now) } else { head.published_at.or(Some(now)) };
        report_log::publish(connection, &head).await?;
        Ok(if added == BATCH_SIZE as usize { Batch::Full(head) } else { Batch::Done(head) })
    }
}

/// Gives some leaves that wait their positions, and stores the subtrees that are full with them. Size and root of the
/// head are changed; returns the number of leaves.
async fn append(connection: &mut Connection, head: &mut LogHead) -> Result<usize, database::Error> {
    let pending = report_log::pending(connection, BATCH_SIZE).await?;
    if pending.is_empty() {
        return Ok(0);
    }
    let tiles = read_tiles(connection, &Edge::tiles(head.size).into_iter().collect()).await?;
    let edge = Edge::load(head.size, |id| tiles.get(&id).cloned()).filter(|edge| edge.root() == head.root);
    let broken = || database::Error::Broken("the stored log does not have the root of its head".into());
    let mut edge = edge.ok_or_else(broken)?;
    let (keys, data): (Vec<_>, Vec<Hash>) = pending.into_iter().unzip();
    report_log::assign(connection, &keys, head.size).await?;
    let full: Vec<_> = data.into_iter().flat_map(|data| edge.append(data.leaf_hash())).collect();
    report_log::insert_subtrees(connection, &full).await?;
    (head.size, head.root) = (edge.size(), edge.root());
    Ok(keys.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_published_at_the_next_full_minute() {
        for (now, next) in [
            ("2021-12-10T20:00:00Z", "2021-12-10T20:01:00Z"),
            ("2021-12-10T20:00:59.999999Z", "2021-12-10T20:01:00Z"),
            ("1969-12-31T23:59:30Z", "1970-01-01T00:00:00Z"),
        ] {
            let at = |instant: &str| instant.parse::<Timestamp>().expect("an instant");
            assert_eq!(next_publication(at(now)), at(next));
        }
    }
}
