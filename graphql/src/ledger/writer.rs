//! The writer: the one thread of a process that changes reports, the catalogue, events and people.
//!
//! A commit of reports takes these steps:
//!
//! 1. Take the next job from the queue, and the commands that wait behind it or come within the commit interval
//!    (group commit: one write to the disk for all of them).
//! 2. Begin a transaction and lock the editions of the commands, in the order of their ids. Read their versions, the
//!    revision of the catalogue and the idempotency keys.
//! 3. If another process has changed the catalogue, roll back, load it, and begin again at step 2.
//! 4. Load the reports, events and people that the commands name, and apply the commands one after the other. Each
//!    sees the changes of those before it.
//! 5. Write revisions, keys, budgets, counters and versions, and commit.
//! 6. Publish the revision of the events and the new totals to the readers of this process.
//! 7. Respond to each command.
//!
//! Operations, changes of the catalogue and moderations take the same way with locks of their own.
//!
//! Invariants:
//!
//! - A response follows the commit, so that no acknowledged change is lost.
//! - Totals are published before the response, so that a client reads its own report in them.
//! - Locks are taken in one order, editions before events, so that two processes cannot deadlock.
//! - A command that fails validation writes nothing. If a group cannot be committed, its parts are tried alone, so
//!   that one client does not fail the requests of another.
//! - A panic in a job ends that job: its transaction is rolled back and the next job is taken.

use std::{panic::AssertUnwindSafe, sync::Arc, thread, time::Instant};

use domain::{
    Violations,
    catalogue::{Catalogue, CatalogueEdit},
    report::ReportBudgets,
};
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::{
    apply::{self, CommandBatch},
    command::{Command, CommandResult},
    failure::Failure,
    job::{CatalogueJob, EditResult, Job},
    metrics::LedgerMetrics,
    queue::{CommandGroup, JobQueue},
    shared_state::SharedState,
    write_status::WriteStatus,
};
use crate::database::{
    self, Access, Connection, Database,
    ledger::{self, LedgerWrites},
};

pub(super) struct Writer {
    pub(super) database: Database,
    pub(super) memory: SharedState,
    budgets: ReportBudgets,
    figures: Arc<LedgerMetrics>,
    writes: watch::Sender<WriteStatus>,
}

impl Writer {
    pub(super) const fn new(
        database: Database,
        memory: SharedState,
        budgets: ReportBudgets,
        figures: Arc<LedgerMetrics>,
        writes: watch::Sender<WriteStatus>,
    ) -> Self {
        Self { database, memory, budgets, figures, writes }
    }

    /// Starts the thread of the writer. A commit waits for the disk, and other requests must not wait with it.
    pub(super) fn start(self, jobs: mpsc::UnboundedReceiver<Job>) -> std::io::Result<thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("ledger".to_owned()).spawn(move || runtime.block_on(self.work(jobs)))
    }

    async fn work(self, jobs: mpsc::UnboundedReceiver<Job>) {
        let mut waiting = JobQueue::new(jobs);
        while let Some(job) = waiting.next().await {
            match job {
                Job::Catalogue { key, now, work, asker } => {
                    catch_panic(async { asker.respond(self.change(key, now, work).await) }).await;
                }
                Job::Reports { commands, asker } => {
                    let group = waiting.entering(commands, asker).await;
                    catch_panic(self.apply_group(group)).await;
                }
                Job::Operation(queued) => {
                    let group = waiting.gathering(queued);
                    catch_panic(self.run(group)).await;
                }
                Job::Moderate { act, now, asker } => {
                    catch_panic(async {
                        asker.respond(self.moderate(act, now).await.map_err(Failure::from))
                    })
                    .await;
                }
                Job::Certify { request, asker } => {
                    catch_panic(async { asker.respond(self.certify(request).await) }).await;
                }
                Job::Beat { now, answer } => {
                    // Sending fails if the sender of the heartbeat has stopped waiting.
                    catch_panic(async { drop(answer.send(self.beat(now).await.map_err(Failure::from))) })
                        .await;
                }
            }
        }
    }

    /// Commits the commands of a group together. If that fails, the commands of each request are tried alone, so that
    /// one request does not fail the others; except if the database is unavailable.
    async fn apply_group(&self, group: CommandGroup) {
        let commands: Vec<Command> = group.iter().flat_map(|(commands, _)| commands).cloned().collect();
        match self.commit(&commands).await {
            Ok(mut answers) => {
                for (commands, asker) in group {
                    let rest = answers.split_off(commands.len());
                    asker.respond(Ok(std::mem::replace(&mut answers, rest)));
                }
            }
            Err(database::Error::Unavailable(cause)) => {
                for (_, asker) in group {
                    let cause = cause.to_string().into();
                    asker.respond(Err(Failure::Database(database::Error::Unavailable(cause))));
                }
            }
            Err(database::Error::Broken(_)) => {
                for (commands, asker) in group {
                    asker.respond(self.commit(&commands).await.map_err(Failure::from));
                }
            }
        }
    }

    async fn commit(&self, commands: &[Command]) -> Result<Vec<CommandResult>, database::Error> {
        let began_at = Instant::now();
        let result = self.commit_batch(commands).await;
        match &result {
            Ok(answers) => {
                self.figures.committed(answers, began_at.elapsed());
                self.note_commit();
            }
            Err(error) => {
                self.figures.failures.add(1);
                self.note_refusal(error);
            }
        }
        result
    }

    async fn commit_batch(&self, commands: &[Command]) -> Result<Vec<CommandResult>, database::Error> {
        let mut connection = self.database.connect().await?;
        let mut catalogue = Arc::clone(&self.memory.catalogue.borrow());
        let keys = apply::keys(commands);
        let (mut answers, counts, events) = loop {
            let editions = apply::editions(&mut connection, &catalogue, commands).await?;
            let entered =
                ledger::transaction(&mut connection, &editions, &keys, async |connection, locked| {
                    let mut entering = CommandBatch::new(&catalogue, self.budgets);
                    let Some(answers) = entering.apply(connection, commands, locked).await? else {
                        return Ok((None, LedgerWrites::default()));
                    };
                    let known = *self.memory.events.borrow();
                    let events = entering.events_revision.map(|revision| (revision, known));
                    let (counts, entries) = entering.count(connection, &self.memory.totals).await?;
                    Ok((Some((answers, counts, events)), entries))
                });
            match entered.await? {
                Some(entered) => break entered,
                None => {
                    let newer = connection.transaction(Access::Read, database::catalogue::load).await?;
                    catalogue = Arc::new(newer.into());
                }
            }
        };
        if let Some((revision, known)) = events {
            self.memory.show_events(revision, known);
        }
        for receipt in answers.iter_mut().flatten() {
            if let Some(counted) = counts.get(&receipt.edition) {
                receipt.version = counted.count.version;
            }
        }
        self.memory.show_counts(counts);
        Ok(answers)
    }

    /// Records a commit in the write status.
    pub(super) fn note_commit(&self) {
        self.writes.send_if_modified(WriteStatus::committed);
    }

    /// Records in the write status that the disk is full. Heartbeats find every other cause.
    pub(super) fn note_refusal(&self, error: &database::Error) {
        if error.is_without_room() {
            self.writes.send_modify(WriteStatus::found_no_room);
        }
    }

    /// Returns the catalogue as of this transaction. Another process may have changed it.
    pub(super) async fn current_catalogue(
        &self,
        connection: &mut Connection,
    ) -> Result<Arc<Catalogue>, database::Error> {
        let known = Arc::clone(&self.memory.catalogue.borrow());
        if database::catalogue::revision(connection).await? == known.revision {
            return Ok(known);
        }
        Ok(Arc::new(database::catalogue::load(connection).await?.into()))
    }

    async fn beat(&self, now: Timestamp) -> Result<(), database::Error> {
        database::heartbeats::write(&mut self.database.connect().await?, now).await
    }

    async fn change(&self, key: Option<Uuid>, now: Timestamp, work: CatalogueJob) -> EditResult {
        let mut connection = self.database.connect().await?;
        let mut changed = None;
        let result = connection
            .transaction(Access::Write, async |connection| {
                let before = begin_change(connection).await?;
                let known = self.memory.catalogue.borrow().revision;
                let mut revising = CatalogueEdit::new(before.clone(), now);
                work(&mut revising).map_err(CommitError::Rules)?;
                store(connection, key, &revising).await?;
                let mut batch = CommandBatch::new(&revising.catalogue, ReportBudgets::NONE);
                batch.count_statements(connection, &before, &self.memory.totals, now).await?;
                if let Some(reason) = revising.actions().iter().find_map(|action| action.reason.as_deref()) {
                    revising.catalogue.editions().for_each(|edition| batch.explain(edition.id, None, reason));
                }
                let counts = batch.write(connection, &self.memory.totals).await?;
                changed = Some((revising.catalogue, known, counts));
                Ok(())
            })
            .await;
        match result {
            Ok(()) => {
                if let Some((catalogue, known, counts)) = changed {
                    self.memory.show_committed_catalogue(catalogue, known);
                    self.memory.show_counts(counts);
                }
                self.note_commit();
                Ok(Ok(()))
            }
            Err(CommitError::Rules(violations)) => Ok(Err(violations)),
            Err(CommitError::Database(error)) => {
                self.note_refusal(&error);
                Err(Failure::Database(error))
            }
        }
    }
}

/// Catches the panic of a job. Dropping the job closes its response channels and its connection, which rolls the
/// transaction back; the writer then takes the next job.
async fn catch_panic(job: impl Future<Output = ()>) {
    if AssertUnwindSafe(job).catch_unwind().await.is_err() {
        tracing::error!("a job of the ledger panicked");
    }
}

/// Why a transaction is rolled back.
pub(super) enum CommitError {
    Rules(Violations),
    Database(database::Error),
}

impl From<database::Error> for CommitError {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

/// Locks the catalogue against other changes until the transaction ends, and loads it.
pub(super) async fn begin_change(connection: &mut Connection) -> Result<Catalogue, database::Error> {
    database::catalogue::raise_revision(connection).await?;
    Ok(database::catalogue::load(connection).await?.into())
}

/// Stores the changes of the catalogue and their entries in the audit log.
pub(super) async fn store(
    connection: &mut Connection,
    key: Option<Uuid>,
    revising: &CatalogueEdit,
) -> Result<(), database::Error> {
    for entry in revising.entries() {
        database::catalogue::store(connection, entry).await?;
    }
    for action in revising.actions() {
        database::audit_log::insert(connection, Uuid::now_v7(), key, action, revising.now).await?;
    }
    Ok(())
}
