//! What waits for the writer, in which order it is done, and what of it is committed together.
//!
//! The addresses that something waits for take turns (start-time fair queueing; Goyal, Vin and Cheng, 1996): each job
//! has a place in virtual time, which is behind the job before it of the same address and as far on as that one has
//! commands. Who brings one report waits for one group, however much another address has waiting.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{BatchResult, Command, Job, Responder, moderation, operation::QueuedOperation};

/// What is entered together, and where each answer goes.
pub(super) type CommandGroup = Vec<(Vec<Command>, Responder<BatchResult>)>;

/// How many commands are committed together. More would make the first of them wait for the last
/// without sharing the cost of the commit much further.
const MAX_GROUP_SIZE: usize = 512;
/// How long after one commit of commands began the next one begins, where few of them wait. Each is a write to the
/// disk and leaves no answer as it was, and nobody sees that a report took so much longer.
const MIN_COMMIT_INTERVAL: Duration = Duration::from_millis(4);
/// How many commands do not wait for more: what a commit takes however many it has, a quarter of a millisecond with
/// SQLite and a whole one with PostgreSQL, is then for each of them about what it takes by itself, or less.
const EAGER_COMMIT_SIZE: usize = 8;

pub(super) struct JobQueue {
    jobs: mpsc::UnboundedReceiver<Job>,
    /// What has come, by when it begins in virtual time and by its number.
    turns: BTreeMap<(u64, u64), Job>,
    /// When the last job of each address ends.
    ends: HashMap<Option<IpAddr>, u64>,
    /// When the job that was taken last began.
    virtual_time: u64,
    /// How many jobs have come.
    number: u64,
    /// Until when a small group waits for more.
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

    /// The next job; none, once nobody is left who could bring one.
    pub(super) async fn next(&mut self) -> Option<Job> {
        self.receive();
        if self.turns.is_empty() {
            let job = self.jobs.recv().await?;
            self.put(job);
            self.receive();
        }
        self.take(|_| true)
    }

    /// Takes over what has come.
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

    /// The job whose turn it is, if it is of the kind that is wanted.
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

    /// What is entered together with these commands.
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

    /// What is entered with a group of this size: what waits behind it, or comes before the group is due, unless that
    /// is large enough.
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
    /// Whose share of the writer it takes, and how much of it.
    fn share(&self) -> (Option<IpAddr>, u64) {
        match self {
            Self::Reports { commands, asker } => (asker.place.caller, commands.len() as u64),
            Self::Catalogue { asker, .. } => (asker.place.caller, 1),
            Self::Operation(queued) => (queued.caller(), 1),
            Self::Moderate { asker, .. } => (asker.place.caller, moderation::BATCH_SIZE as u64),
            Self::Beat { .. } => (None, 0),
        }
    }
}

#[cfg(test)]
mod tests;
