//! The newsroom: what becomes news as time passes. Urgent actions begin and are updated, digests fall
//! due, events are over and have not reported.
//!
//! Each process has one. They take turns on one database, behind the same lock as every change of
//! events and people, and what was told is written down together with the notices: so each piece of
//! news is told once, whichever of them tells it, and whenever one is killed.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, thread, time::Duration};

use domain::catalogue::Catalogue;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::{
    clock::Clock,
    database::{self, Access, Database, event_revision, subscriptions},
    mail::MailQueue,
    operations::{UnitOfWork, purge_unapproved, reminder, subscription, unsolicited_mail},
};

/// How often it is looked for what others have changed: somebody subscribed with another process.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is looked whom nobody confirmed in time. Whether they are forgotten an hour later makes
/// no difference to them.
const PURGE_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// Finds out what is new, and puts notices of it into the outbox.
pub struct Scheduler {
    database: Database,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    clock: Clock,
    post: MailQueue,
    forgot_at: Option<Timestamp>,
}

impl Scheduler {
    /// One that has not begun.
    #[must_use]
    pub const fn new(
        database: Database,
        catalogue: watch::Receiver<Arc<Catalogue>>,
        clock: Clock,
        post: MailQueue,
    ) -> Self {
        Self { database, catalogue, clock, post, forgot_at: None }
    }

    /// Works in a thread of its own until it is told to stop: what it writes waits for the disk, and
    /// requests must not wait with it.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(self, stop: watch::Receiver<bool>) -> std::io::Result<thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("newsroom".to_owned()).spawn(move || runtime.block_on(self.run(stop)))
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

    /// Tells what is new at this moment, and says when there will be something else. What goes wrong with
    /// one kind of news keeps back none of the others, and then nothing is said: it is tried again before
    /// long.
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

    /// Does a task if it is due, in one short transaction after another, so that others can write between
    /// them, until nothing is left. Says whether it was due.
    async fn run_task(
        &self,
        task: Task,
        catalogue: &Catalogue,
        stop: &watch::Receiver<bool>,
        now: Timestamp,
    ) -> Result<bool, database::Error> {
        let is_due = self.is_due(task, catalogue, now).await?;
        while is_due && !*stop.borrow() && self.run_batch(task, catalogue, now).await? > 0 {
            self.post.wake();
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
            begins.filter(|begins| *begins > now).min(),
        ];
        Ok(next.into_iter().flatten().min())
    }

    /// Does some of a task. Says how much; it is all done where that is nothing.
    async fn run_batch(
        &self,
        task: Task,
        known: &Catalogue,
        now: Timestamp,
    ) -> Result<usize, database::Error> {
        let mut connection = self.database.connect().await?;
        connection
            .transaction(Access::Write, async |connection| {
                // One at a time, and nobody ends a subscription meanwhile.
                event_revision::lock(connection).await?;
                if database::catalogue::revision(connection).await? == known.revision {
                    return task.some(&mut UnitOfWork::new(connection, known), now).await;
                }
                // Another process has taken note of what this one has not heard of yet.
                let present = Catalogue::from(database::catalogue::load(connection).await?);
                task.some(&mut UnitOfWork::new(connection, &present), now).await
            })
            .await
    }
}

/// What a round attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    /// That urgent actions began or were updated.
    RecordNews,
    /// Whoever wants to hear of them at once.
    SendImmediate,
    /// Whoever wants to hear of them once a week.
    SendDigest,
    /// Whoever organized an event that owes a report.
    SendReminders,
    /// Whoever never confirmed that they want to hear of anything, events that were never approved, and how much mail
    /// went where on the day before.
    PurgeUnconfirmed,
}

impl Task {
    /// In the order in which they are attended to: what was noted is then told.
    const ALL: [Self; 5] = [
        Self::RecordNews,
        Self::SendImmediate,
        Self::SendDigest,
        Self::SendReminders,
        Self::PurgeUnconfirmed,
    ];

    async fn some(self, gathering: &mut UnitOfWork<'_>, now: Timestamp) -> Result<usize, database::Error> {
        match self {
            Self::RecordNews => subscription::record_news(gathering, now).await.map(|()| 0),
            Self::SendImmediate => subscription::send_immediate(gathering, now).await,
            Self::SendDigest => subscription::send_digest(gathering, now).await,
            Self::SendReminders => reminder::remind_some(gathering, now).await,
            Self::PurgeUnconfirmed => {
                subscription::purge_unconfirmed(gathering, now).await?;
                unsolicited_mail::purge(gathering, now).await?;
                purge_unapproved::purge_some(gathering, now).await
            }
        }
    }
}

/// Why something was not done.
enum TaskError {
    /// With this alone; it is in the log.
    Ours,
    /// There is no use in trying anything else.
    NoDatabase,
}

/// Tries something. A mistake of ours must not end the thread: the next round begins anew.
async fn attempt<T>(
    what: impl fmt::Debug,
    work: impl Future<Output = Result<T, database::Error>>,
) -> Result<T, TaskError> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            tracing::warn!(?what, cause = %error.cause(), "it could not be found out what is new");
            Err(match error {
                database::Error::Unavailable(_) => TaskError::NoDatabase,
                database::Error::Broken(_) => TaskError::Ours,
            })
        }
        Err(_) => {
            tracing::error!(?what, "finding out what is new fell over");
            Err(TaskError::Ours)
        }
    }
}
