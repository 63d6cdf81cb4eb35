//! Scheduler: notifications of urgent actions that begin or are updated, digests that fall due, reminders to organizers
//! of past events without a report, and the end of events that were reported while they ran.
//!
//! Each process runs one. On one database they take turns behind the lock that every change of events
//! and people takes. The progress is stored in the transaction that puts the notices into the outbox,
//! so that each notification is created exactly once, by any of the processes, even if one is killed.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, thread, time::Duration};

use domain::catalogue::Catalogue;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::{
    clock::Clock,
    database::{self, Access, Database, event_revision, subscriptions},
    mail::MailQueue,
    operations::{UnitOfWork, event_end, purge_unapproved, reminder, subscription, unsolicited_mail},
};

/// How often the scheduler polls for changes of other processes, such as a new subscription.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How often subscriptions that were not confirmed in time are deleted. An hour's delay has no effect
/// on the people concerned.
const PURGE_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// Finds what is due, and puts notices of it into the outbox.
pub struct Scheduler {
    database: Database,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    clock: Clock,
    mail_queue: MailQueue,
    forgot_at: Option<Timestamp>,
}

impl Scheduler {
    /// A scheduler that has not started.
    #[must_use]
    pub const fn new(
        database: Database,
        catalogue: watch::Receiver<Arc<Catalogue>>,
        clock: Clock,
        mail_queue: MailQueue,
    ) -> Self {
        Self { database, catalogue, clock, mail_queue, forgot_at: None }
    }

    /// Runs in a thread of its own until it is told to stop: its writes wait for the disk, and requests
    /// must not wait with them.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn start(self, stop: watch::Receiver<bool>) -> std::io::Result<thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("scheduler".to_owned()).spawn(move || runtime.block_on(self.run(stop)))
    }

    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut catalogue = self.catalogue.clone();
        loop {
            catalogue.mark_unchanged();
            let due = self.tick(&stop).await;
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                changed = catalogue.changed() => if changed.is_err() { return },
                () = self.clock.wait_until(due.unwrap_or(Timestamp::MAX)) => {}
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
        }
    }

    /// Runs every due task and returns when the next one is due. An error in one task does not hold
    /// back the others; then nothing is returned, and all are retried soon.
    async fn tick(&mut self, stop: &watch::Receiver<bool>) -> Option<Timestamp> {
        let now = self.clock.now();
        let catalogue = &*Arc::clone(&self.catalogue.borrow());
        let mut all_well = true;
        for task in Task::ALL {
            if *stop.borrow() {
                return None;
            }
            match attempt(task, self.run_task(task, catalogue, stop, now)).await {
                Ok(was_due) if was_due && task == Task::PurgeUnconfirmed => self.forgot_at = Some(now),
                Ok(_) => {}
                Err(TaskError::Ours) => all_well = false,
                Err(TaskError::NoDatabase) => return None,
            }
        }
        let next = attempt("what comes next", self.next_due(catalogue, now)).await.ok().flatten();
        next.filter(|_| all_well)
    }

    /// Runs a task if it is due, in one short transaction after another, so that other writers can
    /// commit between them, until nothing is left. Returns whether it was due.
    async fn run_task(
        &self,
        task: Task,
        catalogue: &Catalogue,
        stop: &watch::Receiver<bool>,
        now: Timestamp,
    ) -> Result<bool, database::Error> {
        let is_due = self.is_due(task, catalogue, now).await?;
        while is_due && !*stop.borrow() && self.run_batch(task, catalogue, now).await? > 0 {
            self.mail_queue.wake();
            tokio::task::yield_now().await;
        }
        Ok(is_due)
    }

    async fn is_due(
        &self,
        task: Task,
        catalogue: &Catalogue,
        now: Timestamp,
    ) -> Result<bool, database::Error> {
        let mut connection = self.database.connect().await?;
        let has_come = |due: Option<Timestamp>| due.is_some_and(|due| due <= now);
        Ok(match task {
            Task::RecordNews => {
                let mut gathering = UnitOfWork::new(&mut connection, catalogue);
                !subscription::unknown(&mut gathering, now).await?.is_empty()
            }
            Task::SendImmediate => {
                let newest = subscriptions::newest_news(&mut connection).await?;
                !subscriptions::behind(&mut connection, newest, 1).await?.is_empty()
            }
            Task::SendDigest => has_come(subscriptions::next_digest_at(&mut connection).await?),
            Task::SendReminders => {
                has_come(reminder::next_due(&mut UnitOfWork::new(&mut connection, catalogue), now).await?)
            }
            Task::EndEvents => {
                has_come(event_end::next_due(&mut UnitOfWork::new(&mut connection, catalogue)).await?)
            }
            Task::PurgeUnconfirmed => {
                self.forgot_at.is_none_or(|forgot| now.duration_since(forgot) >= PURGE_INTERVAL)
            }
        })
    }

    async fn next_due(
        &self,
        catalogue: &Catalogue,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, database::Error> {
        let mut connection = self.database.connect().await?;
        let begins = catalogue.urgent_actions().map(|action| action.life.issued_at());
        let next = [
            subscriptions::next_digest_at(&mut connection).await?,
            reminder::next_due(&mut UnitOfWork::new(&mut connection, catalogue), now).await?,
            event_end::next_due(&mut UnitOfWork::new(&mut connection, catalogue)).await?,
            begins.filter(|begins| *begins > now).min(),
        ];
        Ok(next.into_iter().flatten().min())
    }

    /// Runs one batch of a task and returns its size; zero when the task is finished.
    async fn run_batch(
        &self,
        task: Task,
        known: &Catalogue,
        now: Timestamp,
    ) -> Result<usize, database::Error> {
        let mut connection = self.database.connect().await?;
        connection
            .transaction(Access::Write, async |connection| {
                // One process at a time; while the lock is held, no subscription can be ended.
                event_revision::lock(connection).await?;
                if database::catalogue::revision(connection).await? == known.revision {
                    return task.some(&mut UnitOfWork::new(connection, known), now).await;
                }
                // Another process has recorded an action that this one has not read yet.
                let present = Catalogue::from(database::catalogue::load(connection).await?);
                task.some(&mut UnitOfWork::new(connection, &present), now).await
            })
            .await
    }
}

/// The tasks of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    /// Records that urgent actions began or were updated.
    RecordNews,
    /// Sends immediate notifications.
    SendImmediate,
    /// Sends weekly digests.
    SendDigest,
    /// Sends reminders to the organizers of events that await a report.
    SendReminders,
    /// Marks events as reported that are over and whose host reported while they ran.
    EndEvents,
    /// Deletes subscriptions that were never confirmed, events that were never approved, and the
    /// previous day's counters of unsolicited mail.
    PurgeUnconfirmed,
}

impl Task {
    /// In the order of execution: news is recorded first, then sent.
    const ALL: [Self; 6] = [
        Self::RecordNews,
        Self::SendImmediate,
        Self::SendDigest,
        Self::SendReminders,
        Self::EndEvents,
        Self::PurgeUnconfirmed,
    ];

    async fn some(self, gathering: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
        match self {
            Self::RecordNews => subscription::record_news(gathering, now).await.map(|()| 0),
            Self::SendImmediate => subscription::send_immediate(gathering, now).await,
            Self::SendDigest => subscription::send_digest(gathering, now).await,
            Self::SendReminders => reminder::remind_some(gathering, now).await,
            Self::EndEvents => event_end::report_some(gathering, now).await,
            Self::PurgeUnconfirmed => {
                subscription::purge_unconfirmed(gathering, now).await?;
                unsolicited_mail::purge(gathering, now).await?;
                purge_unapproved::purge_some(gathering, now).await
            }
        }
    }
}

/// Why a task failed.
enum TaskError {
    /// An error in this task alone, which is in the log.
    Ours,
    /// The database is unavailable, so the other tasks would fail too.
    NoDatabase,
}

/// Runs a part of a task. A panic in it must not end the thread: the next round starts anew.
async fn attempt<T>(
    what: impl fmt::Debug,
    work: impl Future<Output = Result<T, database::Error>>,
) -> Result<T, TaskError> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::warn!(?what, cause = %error.cause(), "a scheduled task failed");
            Err(match error {
                database::Error::Unavailable(_) => TaskError::NoDatabase,
                database::Error::Broken(_) => TaskError::Ours,
            })
        }
        Err(_) => {
            tracing::error!(?what, "a scheduled task panicked");
            Err(TaskError::Ours)
        }
    }
}
