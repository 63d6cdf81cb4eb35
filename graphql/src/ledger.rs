//! The ledger: the one door for everything that counts, and for every change of the catalogue, of events
//! and of people.
//!
//! Each process has one writer. It takes whatever is waiting, and while that is little what comes within
//! moments, does it in one transaction and answers only after the commit, so that nothing is
//! acknowledged that is not on disk; the cost of a commit is shared by all who wait for it.
//!
//! What holds at every moment, for every edition: the counters equal a recount of the accepted
//! revisions; the version grows by one with each commit that changes a total; a key has led to at
//! most one revision.

use std::{net::IpAddr, sync::Arc};

use domain::{
    CampaignId, EditionId, ModerationId, Report, ReportId, Violations,
    catalogue::CatalogueEdit,
    report::{EventReference, ReportBudgets, ReportSource, ReportSubmission, Review},
};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use graphql_engine::client_network;

use crate::{
    credentials::SecretHash,
    database::{self, Database},
};

mod apply;
pub mod bulk_import;
mod command_handler;
mod event_reports;
mod fair_shares;
mod heartbeat;
mod metrics;
mod moderation;
mod operation;
mod queue;
pub mod recount;
mod reporters;
mod shared_state;
mod source_budgets;
mod sync;
mod writer;

pub use crate::access::{Staff, Viewer};
use fair_shares::{FairShares, QueueSlot};
pub use heartbeat::{Heartbeats, Stuck, WriteStatus, run as write_heartbeats};
pub use metrics::LedgerMetrics;
pub use moderation::resume_unfinished;
use operation::{Operation, Pending, QueuedOperation};
pub use shared_state::SharedState;
pub use sync::{Loss, SyncStatus, refresh, run as follow_changes};

/// Something that is to be entered into the ledger.
#[derive(Clone, Debug)]
pub struct Command {
    /// The idempotency key it came with.
    pub key: SecretHash,
    /// Under which a version before this one kept the same key, if it came with a file.
    pub former_key: Option<SecretHash>,
    /// When it came in.
    pub now: Timestamp,
    /// Who says so.
    pub viewer: Viewer,
    /// From which address it came, if that is known.
    pub address: Option<IpAddr>,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Action {
    /// A new report.
    Submit {
        /// The identity it gets, unless its key was used before.
        report: ReportId,
        /// The hash of the secret that will manage it.
        secret: SecretHash,
        /// Where it belongs.
        campaign: CampaignId,
        /// The event that it tells of, if it tells of one, and who speaks.
        at: Option<EventReference>,
        /// What it says.
        submission: ReportSubmission,
        /// Whose word it is.
        author: ReportSource,
    },
    /// A correction.
    Correct {
        /// Which report.
        report: ReportId,
        /// The revision it corrects.
        expected_revision: u32,
        /// What it says now.
        submission: ReportSubmission,
        /// Why.
        reason: String,
    },
    /// Taking a report back.
    Withdraw {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// Why.
        reason: String,
    },
    /// Objecting to what a guest reports, as the host of the event.
    Object {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// Why.
        reason: String,
    },
    /// Deciding about a held report.
    Review {
        /// Which report.
        report: ReportId,
        /// The revision that was looked at.
        expected_revision: u32,
        /// The decision.
        review: Review,
        /// Why.
        reason: String,
    },
}

/// What the ledger says of a command that it took.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The report as it stands now.
    pub report: Report,
    /// The revision that the command made or decided about.
    pub revision: u32,
    /// Whether the same command had been done before, and nothing happened this time.
    pub replayed: bool,
    /// Whether the report has a secret of its own.
    pub has_secret: bool,
    /// The edition whose total has it.
    pub edition: EditionId,
    /// The version of that total.
    pub version: i64,
}

/// Why the ledger could not say anything. Nothing was done.
#[derive(Debug)]
pub enum Failure {
    /// Too many are waiting.
    Busy,
    /// Too many are waiting that came from the same address.
    ShareUsedUp,
    /// The database did not take it.
    Database(database::Error),
}

impl From<database::Error> for Failure {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

/// The answer to one command: a receipt, or all the rules that say no.
pub type CommandResult = Result<Receipt, Violations>;

/// The door. Clones lead to the same ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    queue: mpsc::UnboundedSender<Job>,
    // What bounds the queue: a place for each command, given back with its answer.
    shares: Arc<FairShares>,
    // Whose share of the queue is taken.
    caller: Option<IpAddr>,
    figures: Arc<LedgerMetrics>,
    heartbeats: Arc<Heartbeats>,
    writes: watch::Sender<WriteStatus>,
}

/// What is answered to commands that came together.
type BatchResult = Result<Vec<CommandResult>, Failure>;

/// What the writer is asked to do.
enum Job {
    Reports {
        commands: Vec<Command>,
        asker: Responder<BatchResult>,
    },
    Catalogue {
        key: Option<Uuid>,
        now: Timestamp,
        work: CatalogueJob,
        asker: Responder<EditResult>,
    },
    Operation(QueuedOperation),
    Moderate {
        act: ModerationId,
        now: Timestamp,
        asker: Responder<Result<bool, Failure>>,
    },
    /// It takes no place in the queue, so that it tells how long the others take.
    Beat {
        now: Timestamp,
        answer: oneshot::Sender<Result<(), Failure>>,
    },
}

/// Where an answer goes, and the place in the queue that is taken until then. Whoever has gone meanwhile
/// takes it all the same: what they asked for is still to be done.
struct Responder<T> {
    answer: oneshot::Sender<T>,
    place: QueueSlot,
}

impl<T> Responder<T> {
    fn new(place: QueueSlot) -> (Self, oneshot::Receiver<T>) {
        let (answer, answered) = oneshot::channel();
        (Self { answer, place }, answered)
    }

    fn respond(self, answer: T) {
        drop(self.answer.send(answer));
    }
}

type CatalogueJob = Box<dyn FnOnce(&mut CatalogueEdit) -> Result<(), Violations> + Send>;
type EditResult = Result<Result<(), Violations>, Failure>;

impl Ledger {
    /// Starts the writer of this process. It stops when the last door is gone and all that waited
    /// is done; the thread is then over.
    ///
    /// # Errors
    /// If the system gives no thread.
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

    /// Whether there is somebody behind it who writes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }

    /// The door of a writer that is no more.
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

    /// The same door for somebody at this address, who waits with a share of their own.
    #[must_use]
    pub fn of(&self, caller: Option<IpAddr>) -> Self {
        Self { caller: caller.map(client_network), ..self.clone() }
    }

    /// What it has done.
    #[must_use]
    pub fn metrics(&self) -> &LedgerMetrics {
        &self.figures
    }

    /// Whether anything can be written.
    #[must_use]
    pub fn writes(&self) -> WriteStatus {
        *self.writes.borrow()
    }

    /// How its heartbeats have ended.
    #[must_use]
    pub fn heartbeats(&self) -> &Heartbeats {
        &self.heartbeats
    }

    /// Commits a heartbeat behind all that waits.
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

    /// How many commands wait or are being done.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.shares.taken()
    }

    /// Enters commands; each gets its own answer, in order. They are committed together.
    ///
    /// # Errors
    /// [`Failure`] for all of them together.
    pub async fn submit(&self, commands: Vec<Command>) -> Result<Vec<CommandResult>, Failure> {
        let place = self.shares.acquire(self.caller, commands.len())?;
        let (asker, answered) = Responder::new(place);
        self.queue.send(Job::Reports { commands, asker }).map_err(|_| Failure::Busy)?;
        answered.await.unwrap_or_else(|_| Err(job_panicked()))
    }

    /// Goes on with an act of moderation: some of its reports are decided about. Says whether all are.
    ///
    /// # Errors
    /// [`Failure`]: none of them was.
    pub async fn moderate(&self, act: ModerationId, now: Timestamp) -> Result<bool, Failure> {
        let place = self.shares.acquire(None, 1)?;
        let (asker, answered) = Responder::new(place);
        self.queue.send(Job::Moderate { act, now, asker }).map_err(|_| Failure::Busy)?;
        answered.await.unwrap_or_else(|_| Err(job_panicked()))
    }

    /// Changes the catalogue: all that `work` decides, or nothing.
    ///
    /// # Errors
    /// [`Failure`]; the inner errors are the rules that `work` says are broken.
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

/// What is answered for a job that never ended.
fn job_panicked() -> Failure {
    Failure::Database(database::Error::Broken("a job of the ledger fell over".into()))
}
