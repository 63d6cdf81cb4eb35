//! The ledger: the queue and the writer for every change of reports, totals, the catalogue, events and people.
//!
//! Each process has one writer, on a thread of its own. It commits the commands that wait together in one transaction
//! (group commit) and responds after the commit. `writer` describes a commit step by step.
//!
//! Invariants of every edition: the counters equal a recount of the accepted revisions; the version increases by one
//! with each commit that changes a total; an idempotency key has led to at most one revision.

use std::{net::IpAddr, sync::Arc};

use domain::{
    ModerationId, Violations, catalogue::CatalogueEdit, certification::Certification, report::ReportBudgets,
};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use graphql_engine::client_network;

use crate::database::Database;

mod apply;
mod audit;
pub mod bulk_import;
mod certification;
mod command;
mod command_handler;
mod counting;
mod event_reports;
mod failure;
mod fair_shares;
mod group_reports;
mod heartbeat;
mod job;
mod metrics;
mod moderation;
mod operation;
mod operation_group;
mod queue;
pub mod recount;
pub mod report_log;
mod reporters;
mod responder;
mod shared_state;
mod source_budgets;
mod statements;
mod sync;
mod write_status;
mod writer;

pub use crate::access::{Staff, Viewer};
pub use command::{Action, Command, CommandResult, Receipt};
pub use failure::Failure;
use failure::job_panicked;
use fair_shares::FairShares;
pub use heartbeat::run as write_heartbeats;
pub use job::CertifyTotal;
use job::{CatalogueJob, Job};
pub use metrics::LedgerMetrics;
pub use moderation::resume_unfinished;
use operation::{Operation, Pending, QueuedOperation};
use responder::Responder;
pub use shared_state::SharedState;
pub use sync::{Loss, SyncStatus, refresh, run as follow_changes};
pub use write_status::{Heartbeats, Stuck, WriteStatus};

/// The handle of the ledger. Clones share the same queue.
#[derive(Clone, Debug)]
pub struct Ledger {
    queue: mpsc::UnboundedSender<Job>,
    // Bounds the queue: one slot for each command, released with its response.
    shares: Arc<FairShares>,
    // The client address whose share of the queue is used.
    caller: Option<IpAddr>,
    figures: Arc<LedgerMetrics>,
    heartbeats: Arc<Heartbeats>,
    writes: watch::Sender<WriteStatus>,
}

impl Ledger {
    /// Starts the writer of this process. It stops when the last handle is dropped and the queue is empty; the thread
    /// ends then.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn start(
        database: Database,
        memory: SharedState,
        budgets: ReportBudgets,
    ) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let (queue, jobs) = mpsc::unbounded_channel();
        let figures = Arc::default();
        let database = database.for_writing().map_err(std::io::Error::other)?;
        let writes = watch::Sender::new(WriteStatus::default());
        let writer = writer::Writer::new(database, memory, budgets, Arc::clone(&figures), writes.clone());
        let thread = writer.start(jobs)?;
        Ok((
            Self { queue, shares: Arc::default(), caller: None, figures, heartbeats: Arc::default(), writes },
            thread,
        ))
    }

    /// Whether the writer runs.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }

    /// A handle whose writer has stopped.
    #[cfg(test)]
    pub(crate) fn ended() -> Self {
        let (queue, _) = mpsc::unbounded_channel();
        Self {
            queue,
            shares: Arc::default(),
            caller: None,
            figures: Arc::default(),
            heartbeats: Arc::default(),
            writes: watch::Sender::new(WriteStatus::default()),
        }
    }

    /// Returns a handle for a client at this address, with the queue share of its network.
    #[must_use]
    pub fn of(&self, caller: Option<IpAddr>) -> Self {
        Self { caller: caller.map(client_network), ..self.clone() }
    }

    /// The metrics of the ledger.
    #[must_use]
    pub fn metrics(&self) -> &LedgerMetrics {
        &self.figures
    }

    /// Whether the database accepts writes.
    #[must_use]
    pub fn writes(&self) -> WriteStatus {
        *self.writes.borrow()
    }

    /// The counts of heartbeats by result.
    #[must_use]
    pub fn heartbeats(&self) -> &Heartbeats {
        &self.heartbeats
    }

    /// Commits a heartbeat behind the jobs that wait.
    ///
    /// # Errors
    /// [`Failure`]: nothing can be written at the moment.
    pub async fn write_heartbeat(&self, now: Timestamp) -> Result<(), Failure> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Job::Beat { now, answer }).map_err(|_| Failure::Busy)?;
        let done = answered.await.unwrap_or_else(|_| Err(job_panicked()));
        let (committed, refused) = (&self.heartbeats.committed, &self.heartbeats.refused);
        if done.is_ok() {
            committed.add(1)
        } else {
            refused.add(1)
        }
        done
    }

    /// The number of commands that wait or are being applied.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.shares.taken()
    }

    /// Submits commands. They are committed together; each gets its own result, in order.
    ///
    /// # Errors
    /// [`Failure`] for all of them together.
    pub async fn submit(&self, commands: Vec<Command>) -> Result<Vec<CommandResult>, Failure> {
        let place = self.shares.acquire(self.caller, commands.len())?;
        let (asker, answered) = Responder::new(place);
        self.queue.send(Job::Reports { commands, asker }).map_err(|_| Failure::Busy)?;
        answered.await.unwrap_or_else(|_| Err(job_panicked()))
    }

    /// Continues a moderation with a batch of its reports. Returns whether it is finished.
    ///
    /// # Errors
    /// [`Failure`]; the batch is not applied then.
    pub async fn moderate(&self, act: ModerationId, now: Timestamp) -> Result<bool, Failure> {
        let place = self.shares.acquire(None, 1)?;
        let (asker, answered) = Responder::new(place);
        self.queue.send(Job::Moderate { act, now, asker }).map_err(|_| Failure::Busy)?;
        answered.await.unwrap_or_else(|_| Err(job_panicked()))
    }

    /// Changes the catalogue: everything that `work` decides, or nothing.
    ///
    /// # Errors
    /// [`Failure`]; the inner errors are the validation errors of `work`.
    pub async fn edit_catalogue<T: Send + 'static>(
        &self,
        key: Option<Uuid>,
        now: Timestamp,
        work: impl FnOnce(&mut CatalogueEdit) -> Result<T, Violations> + Send + 'static,
    ) -> Result<Result<T, Violations>, Failure> {
        let place = self.shares.acquire(self.caller, 1)?;
        let (asker, answered) = Responder::new(place);
        // The value is sent before the commit and taken after it.
        let (decided, value) = oneshot::channel();
        let work: CatalogueJob = Box::new(|edit| {
            drop(decided.send(work(edit)?));
            Ok(())
        });
        self.queue.send(Job::Catalogue { key, now, work, asker }).map_err(|_| Failure::Busy)?;
        match answered.await.unwrap_or_else(|_| Err(job_panicked()))? {
            Ok(()) => value.await.map(Ok).map_err(|_| job_panicked()),
            Err(violations) => Ok(Err(violations)),
        }
    }

    /// Certifies a total.
    ///
    /// # Errors
    /// [`Failure`]; the inner errors are validation errors.
    pub async fn certify(&self, request: CertifyTotal) -> Result<Result<Certification, Violations>, Failure> {
        let place = self.shares.acquire(self.caller, 1)?;
        let (asker, answered) = Responder::new(place);
        self.queue.send(Job::Certify { request, asker }).map_err(|_| Failure::Busy)?;
        answered.await.unwrap_or_else(|_| Err(job_panicked()))
    }

    /// Applies an operation: everything that it decides, or nothing. It shares its transaction with others.
    ///
    /// # Errors
    /// [`Failure`]; the inner errors are validation errors.
    pub async fn run<O: Operation>(&self, operation: O) -> Result<Result<O::Output, Violations>, Failure>
    where
        QueuedOperation: From<Pending<O>>,
    {
        let place = self.shares.acquire(self.caller, 1)?;
        let (responder, response) = Responder::new(place);
        let queued = QueuedOperation::from(Pending::new(operation, responder));
        self.queue.send(Job::Operation(queued)).map_err(|_| Failure::Busy)?;
        response.await.unwrap_or_else(|_| Err(job_panicked()))
    }
}
