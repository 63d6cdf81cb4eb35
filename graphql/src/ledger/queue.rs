//! The job queue of the writer: the order of the jobs, and which of them are committed together.
//!
//! Client addresses take turns (start-time fair queueing; Goyal, Vin and Cheng, 1996): each job has a start in virtual
//! time, behind the previous job of the same address by the number of its commands. A client with one report waits for
//! one group, however many commands of another address wait.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{
    command::Command,
    job::{BatchResult, Job},
    operation::QueuedOperation,
    responder::Responder,
};

/// The commands that are committed together, with the responder of each request.
pub(super) type CommandGroup = Vec<(Vec<Command>, Responder<BatchResult>)>;

/// The maximum number of commands in one commit. A larger group would delay its first command and hardly lower the
/// cost of the commit for each.
const MAX_GROUP_SIZE: usize = 512;
/// The minimum time between the starts of two commits while few commands wait. Each commit writes to the disk and
/// invalidates cached responses; the delay of a report is not noticeable.
const MIN_COMMIT_INTERVAL: Duration = Duration::from_millis(4);
/// The number of commands that are committed without waiting for more. The fixed cost of a commit is a quarter of a
/// millisecond with SQLite and one millisecond with PostgreSQL; shared by so many commands it is about the cost of a
/// command itself, or less.
const EAGER_COMMIT_SIZE: usize = 8;

/// How many reports a moderation decides about in one transaction: they take some ten milliseconds.
pub(super) const MODERATION_BATCH_SIZE: usize = 500;

pub(super) struct JobQueue {
    jobs: mpsc::UnboundedReceiver<Job>,
    /// The waiting jobs, by their start in virtual time and their number.
    turns: BTreeMap<(u64, u64), Job>,
    /// The end of the last job of each address, in virtual time.
    ends: HashMap<Option<IpAddr>, u64>,
    /// The start of the job that was taken last.
    virtual_time: u64,
    /// The number of jobs received so far.
    number: u64,
    /// The time until which a small group waits for more commands.
    due: Instant,
}

impl JobQueue {
    pub(super) fn new(jobs: mpsc::UnboundedReceiver<Job>) -> Self {
        Self {
            jobs,
            turns: BTreeMap::new(),
            ends: HashMap::new(),
            virtual_time: 0,
            number: 0,
            due: Instant::now(),
        }
    }

    /// Returns the next job; none once the queue is empty and the last handle is dropped.
    pub(super) async fn next(&mut self) -> Option<Job> {
        self.receive();
        if self.turns.is_empty() {
            let job = self.jobs.recv().await?;
            self.put(job);
            self.receive();
        }
        self.take(|_| true)
    }

    /// Receives the jobs that have been sent.
    fn receive(&mut self) {
        while let Ok(job) = self.jobs.try_recv() {
            self.put(job);
        }
    }

    fn put(&mut self, job: Job) {
        let (caller, commands) = job.share();
        let begins = self.ends.get(&caller).copied().unwrap_or_default().max(self.virtual_time);
        if self.ends.len() > 2 * (self.turns.len() + MAX_GROUP_SIZE) {
            self.ends.retain(|_, ends| *ends > self.virtual_time);
        }
        self.ends.insert(caller, begins + commands);
        self.number += 1;
        self.turns.insert((begins, self.number), job);
    }

    /// Takes the next job, if it is of the requested kind.
    fn take(&mut self, is_wanted: impl Fn(&Job) -> bool) -> Option<Job> {
        let first = self.turns.first_entry().filter(|first| is_wanted(first.get()))?;
        let ((begins, _), job) = first.remove_entry();
        self.virtual_time = begins;
        if self.turns.is_empty() {
            self.ends.clear();
            self.virtual_time = 0;
        }
        Some(job)
    }

    /// Returns these commands with those that are committed together with them.
    pub(super) async fn entering(
        &mut self,
        commands: Vec<Command>,
        asker: Responder<BatchResult>,
    ) -> CommandGroup {
        let mut size = commands.len();
        let mut group = vec![(commands, asker)];
        while size < MAX_GROUP_SIZE
            && let Some(Job::Reports { commands, asker }) = self.more(size).await
        {
            size += commands.len();
            group.push((commands, asker));
        }
        self.due = Instant::now() + MIN_COMMIT_INTERVAL;
        group
    }

    /// Returns this operation with those that wait behind it. It waits for no others.
    pub(super) fn gathering(&mut self, queued: QueuedOperation) -> Vec<QueuedOperation> {
        let mut group = vec![queued];
        while group.len() < MAX_GROUP_SIZE
            && let Some(Job::Operation(queued)) = self.take(|job| matches!(job, Job::Operation(_)))
        {
            group.push(queued);
        }
        group
    }

    /// Returns the next commands for a group of this size: those that wait behind it, or that come before the group is
    /// due unless it is large enough.
    async fn more(&mut self, size: usize) -> Option<Job> {
        self.receive();
        if self.turns.is_empty() && size < EAGER_COMMIT_SIZE {
            let job = timeout_at(self.due, self.jobs.recv()).await.ok().flatten()?;
            self.put(job);
        }
        self.take(|job| matches!(job, Job::Reports { .. }))
    }
}

impl Job {
    /// The client address whose share of the queue the job takes, and the number of its commands.
    fn share(&self) -> (Option<IpAddr>, u64) {
        match self {
            Self::Reports { commands, asker } => (asker.place.caller, commands.len() as u64),
            Self::Catalogue { asker, .. } => (asker.place.caller, 1),
            Self::Operation(queued) => (queued.caller(), 1),
            Self::Certify { asker, .. } => (asker.place.caller, 1),
            Self::Moderate { asker, .. } => (asker.place.caller, MODERATION_BATCH_SIZE as u64),
            Self::Beat { .. } => (None, 0),
        }
    }
}

#[cfg(test)]
mod tests;
