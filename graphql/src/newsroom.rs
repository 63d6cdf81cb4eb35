//! The newsroom: what becomes news as time passes. Urgent actions begin and are updated, digests fall
//! due, events are over and have not reported.
//!
//! Each process has one. They take turns on one database, behind the same lock as every change of
//! events and people, and what was told is written down together with the notices: so each piece of
//! news is told once, whichever of them tells it, and whenever one is killed.

use std::{panic::AssertUnwindSafe, sync::Arc, thread, time::Duration};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::{
    catalogue::Catalogue,
    clock::Clock,
    database::{self, Access, Database, gatherings, subscriptions},
    gathering::{Gathering, reminder, subscription},
    mail::Post,
};

/// How often it is looked for what others have changed: somebody subscribed with another process.
const LOOK: Duration = Duration::from_secs(5);
/// How often it is looked whom nobody confirmed in time. Whether they are forgotten an hour later makes
/// no difference to them.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Finds out what is new, and puts notices of it into the outbox.
pub struct Newsroom {
    database: Database,
    catalogue: watch::Receiver<Arc<Catalogue>>,
    clock: Clock,
    post: Post,
    forgot_at: Option<Timestamp>,
}

impl Newsroom {
    /// One that has not begun.
    #[must_use]
    pub const fn new(
        database: Database,
        catalogue: watch::Receiver<Arc<Catalogue>>,
        clock: Clock,
        post: Post,
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
            let due = self.round(&stop).await;
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                changed = catalogue.changed() => if changed.is_err() { return },
                () = self.clock.reach(due.unwrap_or(Timestamp::MAX)) => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Tells what is new at this moment, and says when there will be something else. What goes wrong with
    /// one kind of news keeps back none of the others, and then nothing is said: it is tried again before
    /// long.
    async fn round(&mut self, stop: &watch::Receiver<bool>) -> Option<Timestamp> {
        let now = self.clock.now();
        let catalogue = &*Arc::clone(&self.catalogue.borrow());
        let forgets = self.forgot_at.is_none_or(|forgot| now.duration_since(forgot) >= FORGET_EVERY);
        let steps = [
            ("urgent actions", self.take_note(catalogue, now).boxed_local()),
            ("urgent actions, told at once", self.tell_at_once(catalogue, stop, now).boxed_local()),
            ("urgent actions, told weekly", self.tell_weekly(catalogue, stop, now).boxed_local()),
            ("events that owe a report", self.remind(catalogue, stop, now).boxed_local()),
            ("whom nobody confirmed", self.forget(catalogue, now, forgets).boxed_local()),
        ];
        let mut all_well = true;
        for (about, step) in steps {
            match came_of(about, step).await {
                _ if *stop.borrow() => return None,
                Came::Well => {}
                Came::Wrong => all_well = false,
                Came::NoDatabase => return None,
            }
        }
        if !all_well {
            return None;
        }
        if forgets {
            self.forgot_at = Some(now);
        }
        self.next_due(catalogue, now).await.unwrap_or_default()
    }

    async fn take_note(&self, catalogue: &Catalogue, now: Timestamp) -> Result<(), database::Error> {
        let mut connection = self.database.connect().await?;
        if subscription::unknown(&mut Gathering::new(&mut connection, catalogue), now).await?.is_empty() {
            return Ok(());
        }
        drop(connection);
        let note =
            async |gathering: &mut Gathering<'_>| subscription::take_note(gathering, now).await.map(|()| 0);
        self.write(catalogue, note).await.map(drop)
    }

    async fn tell_at_once(
        &self,
        catalogue: &Catalogue,
        stop: &watch::Receiver<bool>,
        now: Timestamp,
    ) -> Result<(), database::Error> {
        let mut connection = self.database.connect().await?;
        let newest = subscriptions::newest_news(&mut connection).await?;
        if subscriptions::behind(&mut connection, newest, 1).await?.is_empty() {
            return Ok(());
        }
        drop(connection);
        let tell =
            async |gathering: &mut Gathering<'_>| subscription::tell_some_at_once(gathering, now).await;
        self.write_all(catalogue, stop, tell).await
    }

    async fn tell_weekly(
        &self,
        catalogue: &Catalogue,
        stop: &watch::Receiver<bool>,
        now: Timestamp,
    ) -> Result<(), database::Error> {
        let mut connection = self.database.connect().await?;
        if subscriptions::next_digest_at(&mut connection).await?.is_none_or(|due| due > now) {
            return Ok(());
        }
        drop(connection);
        let tell = async |gathering: &mut Gathering<'_>| subscription::tell_some_weekly(gathering, now).await;
        self.write_all(catalogue, stop, tell).await
    }

    async fn remind(
        &self,
        catalogue: &Catalogue,
        stop: &watch::Receiver<bool>,
        now: Timestamp,
    ) -> Result<(), database::Error> {
        let mut connection = self.database.connect().await?;
        let due = reminder::next_due(&mut Gathering::new(&mut connection, catalogue), now).await?;
        if due.is_none_or(|due| due > now) {
            return Ok(());
        }
        drop(connection);
        let remind = async |gathering: &mut Gathering<'_>| reminder::remind_some(gathering, now).await;
        self.write_all(catalogue, stop, remind).await
    }

    async fn forget(
        &self,
        catalogue: &Catalogue,
        now: Timestamp,
        is_due: bool,
    ) -> Result<(), database::Error> {
        if !is_due {
            return Ok(());
        }
        let forget = async |gathering: &mut Gathering<'_>| {
            subscription::forget_unconfirmed(gathering, now).await.map(|()| 0)
        };
        self.write(catalogue, forget).await.map(drop)
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
            reminder::next_due(&mut Gathering::new(&mut connection, catalogue), now).await?,
            begins.filter(|begins| *begins > now).min(),
        ];
        Ok(next.into_iter().flatten().min())
    }

    /// Does some of the work in one short transaction after another, so that others can write between
    /// them, until nothing is left.
    async fn write_all(
        &self,
        catalogue: &Catalogue,
        stop: &watch::Receiver<bool>,
        work: impl AsyncFn(&mut Gathering<'_>) -> Result<usize, database::Error>,
    ) -> Result<(), database::Error> {
        while !*stop.borrow() && self.write(catalogue, &work).await? > 0 {
            self.post.ring();
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn write(
        &self,
        known: &Catalogue,
        work: impl AsyncFn(&mut Gathering<'_>) -> Result<usize, database::Error>,
    ) -> Result<usize, database::Error> {
        let mut connection = self.database.connect().await?;
        connection
            .transaction(Access::Write, async |connection| {
                // One at a time, and nobody ends a subscription meanwhile.
                gatherings::lock(connection).await?;
                if database::catalogue::revision(connection).await? == known.revision {
                    return work(&mut Gathering::new(connection, known)).await;
                }
                // Another process has taken note of what this one has not heard of yet.
                let present = Catalogue::from(database::catalogue::load(connection).await?);
                work(&mut Gathering::new(connection, &present)).await
            })
            .await
    }
}

/// How one step of a round ended.
enum Came {
    Well,
    Wrong,
    /// There is no use in trying another one.
    NoDatabase,
}

/// Does one step. A mistake of ours must not end the thread: the next round begins anew.
async fn came_of(about: &'static str, step: impl Future<Output = Result<(), database::Error>>) -> Came {
    match AssertUnwindSafe(step).catch_unwind().await {
        Ok(Ok(())) => Came::Well,
        Ok(Err(error)) => {
            tracing::warn!(about, cause = %error.cause(), "it could not be found out what is new");
            match error {
                database::Error::Unavailable(_) => Came::NoDatabase,
                database::Error::Broken(_) => Came::Wrong,
            }
        }
        Err(_) => {
            tracing::error!(about, "finding out what is new fell over");
            Came::Wrong
        }
    }
}
