//! What waits for the writer, and what of it is committed together.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{Asker, Changed, Command, Entered, Job, gathering};

/// What is entered together, and where each answer goes.
pub(super) type Group = Vec<(Vec<Command>, Asker<Entered>)>;

/// How many commands are committed together. More would make the first of them wait for the last
/// without sharing the cost of the commit much further.
const GROUP_MOST: usize = 512;
/// How long after one commit of commands began the next one begins, where few of them wait. Each is a write to the
/// disk and leaves no answer as it was, and nobody sees that a report took so much longer.
const APART: Duration = Duration::from_millis(4);
/// How many commands do not wait for more: what a commit takes however many it has, a quarter of a millisecond with
/// SQLite and a whole one with PostgreSQL, is then for each of them about what it takes by itself, or less.
const ENOUGH: usize = 8;

pub(super) struct Waiting {
    jobs: mpsc::UnboundedReceiver<Job>,
    /// What came behind a group and is of another kind.
    put_back: Option<Job>,
    /// Until when a small group waits for more.
    due: Instant,
}

impl Waiting {
    pub(super) fn new(jobs: mpsc::UnboundedReceiver<Job>) -> Self {
        Self { jobs, put_back: None, due: Instant::now() }
    }

    /// The next job; none, once nobody is left who could bring one.
    pub(super) async fn next(&mut self) -> Option<Job> {
        match self.put_back.take() {
            Some(job) => Some(job),
            None => self.jobs.recv().await,
        }
    }

    /// What is entered together with these commands.
    pub(super) async fn entering(&mut self, commands: Vec<Command>, asker: Asker<Entered>) -> Group {
        let mut size = commands.len();
        let mut group = vec![(commands, asker)];
        while size < GROUP_MOST
            && let Some(job) = self.more(size).await
        {
            let Job::Enter { commands, asker } = job else {
                self.put_back = Some(job);
                break;
            };
            size += commands.len();
            group.push((commands, asker));
        }
        self.due = Instant::now() + APART;
        group
    }

    /// What is gathered together with this. It waits for nobody.
    pub(super) fn gathering(
        &mut self,
        work: gathering::Work,
        asker: Asker<Changed>,
    ) -> Vec<gathering::Asked> {
        let mut group = vec![(work, asker)];
        while group.len() < GROUP_MOST
            && let Ok(job) = self.jobs.try_recv()
        {
            let Job::Gather { work, asker } = job else {
                self.put_back = Some(job);
                break;
            };
            group.push((work, asker));
        }
        group
    }

    /// What waits behind a group of this size, or comes before the group is due, unless that is large enough.
    async fn more(&mut self, size: usize) -> Option<Job> {
        match self.jobs.try_recv() {
            Ok(job) => Some(job),
            Err(_) if size < ENOUGH => timeout_at(self.due, self.jobs.recv()).await.ok().flatten(),
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
