//! The task that sends the notices of the outbox, one after another. A lease ensures that at most one
//! process delivers a notice.

use std::{panic::AssertUnwindSafe, thread, time::Duration};

use domain::{
    AttendanceId, EventId, attendance::AttendanceState, catalogue::Catalogue,
    participant::CONFIRMATION_CODE_TTL,
};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    MailOptions, MailQueue, backoff, message,
    notice::Notice,
    templates,
    transport::{DeliveryError, MailTransport},
};
use crate::{
    clock::Clock,
    database::{
        self, Connection, Database,
        outbox::{self, DeliveryStatus, LeasedNotice},
        undelivered::{self, LostNotice},
    },
};

/// How often the outbox is polled for notices without a wake-up: those of a process that is gone.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// The duration of a lease. Preparing takes one minute at most and delivering two; the rest allows for
/// clocks that differ a little.
const LEASE_DURATION: SignedDuration = SignedDuration::from_mins(6);
/// The pause after a server could not be reached.
const PAUSE_AFTER_ERROR: SignedDuration = SignedDuration::from_secs(20);
/// A notice that waits longer than this raises an alarm in the log: people wait for their links.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// How long the fact that a notice was sent is stored: longer than the time after which a request of
/// one campaign could be repeated in the next.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 400);
/// How often older records are deleted.
const PURGE_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

/// Sends the notices of a database. Several workers may run on one database.
pub struct MailWorker {
    database: Database,
    clock: Clock,
    settings: MailOptions,
    mail_queue: MailQueue,
    carrier: MailTransport,
    /// The catalogue when a notice about urgent actions was last checked; read again if it has changed.
    catalogue: Catalogue,
    alarmed_at: Option<Timestamp>,
    forgot_at: Option<Timestamp>,
    has_cleaned: bool,
}

/// Why the worker waits.
enum NextWake {
    /// Nothing is due before this instant; `None` if nothing is scheduled.
    Until(Option<Timestamp>),
    /// The worker is to stop.
    Stop,
}

/// The outcome of one notice.
enum SendOutcome {
    /// The next one can be sent.
    Over,
    /// Nothing can be sent at the moment.
    Unreachable,
    /// The worker is to stop.
    Stop,
}

impl MailWorker {
    /// A worker that has not started.
    #[must_use]
    pub fn new(database: Database, clock: Clock, settings: MailOptions, mail_queue: MailQueue) -> Self {
        let carrier = MailTransport::new(&settings.url, &settings.from.0.email);
        let catalogue = Catalogue::default();
        let (alarmed_at, forgot_at, has_cleaned) = (None, None, false);
        Self { database, clock, settings, mail_queue, carrier, catalogue, alarmed_at, forgot_at, has_cleaned }
    }

    /// Runs in a thread of its own until it is told to stop: its writes wait for the disk, and requests
    /// must not wait with them.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn start(self, stop: watch::Receiver<bool>) -> std::io::Result<thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("mail".to_owned()).spawn(move || runtime.block_on(self.run(stop)))
    }

    /// Sends until it is told to stop. A delivery that has begun is finished.
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            // A panic in one notice must not hold up all others; its lease expires.
            let round = AssertUnwindSafe(self.tick(&mut stop)).catch_unwind().await;
            self.carrier.rest().await;
            let due = match round {
                Ok(Ok(NextWake::Stop)) => return,
                Ok(Ok(NextWake::Until(due))) => due,
                Ok(Err(error)) => {
                    tracing::warn!(cause = %error.cause(), "the outbox could not be read or written");
                    None
                }
                Err(_) => {
                    tracing::error!("the mail worker panicked while it sent a notice");
                    None
                }
            };
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = self.mail_queue.0.wakeup.notified() => {}
                () = self.clock.wait_until(due.unwrap_or(Timestamp::MAX)) => {}
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
        }
    }

    /// Sends what is due.
    async fn tick(&mut self, stop: &mut watch::Receiver<bool>) -> Result<NextWake, database::Error> {
        self.tidy().await?;
        loop {
            if *stop.borrow() {
                return Ok(NextWake::Stop);
            }
            let mut connection = self.database.connect().await?;
            let now = self.clock.now();
            let due = outbox::next_attempt_at(&mut connection).await?;
            if due.is_none_or(|due| due > now) {
                return Ok(NextWake::Until(due));
            }
            // Version 4: the id of a lease is only compared, so it needs no order.
            let leased = outbox::lease(&mut connection, Uuid::new_v4(), now, now + LEASE_DURATION).await?;
            drop(connection);
            let Some(leased) = leased else { continue };
            match self.send(&leased, stop).await? {
                SendOutcome::Over => {}
                SendOutcome::Unreachable => {
                    return Ok(NextWake::Until(Some(self.clock.now() + PAUSE_AFTER_ERROR)));
                }
                SendOutcome::Stop => return Ok(NextWake::Stop),
            }
        }
    }

    async fn send(
        &mut self,
        leased: &LeasedNotice,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<SendOutcome, database::Error> {
        let Some(notice) = self.present(leased).await? else {
            return self.end(leased, DeliveryStatus::Dropped, None).await;
        };
        let MailOptions { from, public_url, .. } = &self.settings;
        let text = templates::compose(&notice, &leased.language, public_url);
        let message = match message::write(leased.id, &from.0, &leased.to, text, self.clock.now()) {
            Ok(message) => message,
            Err(error) => return self.give_up(leased, DeliveryError::Rejected(error.to_string())).await,
        };
        let prepared = tokio::select! {
            biased;
            () = stopped(stop) => None,
            prepared = self.carrier.prepare(&leased.to) => Some(prepared),
        };
        match prepared {
            Some(Ok(())) => {}
            Some(Err(error)) => return self.give_up(leased, error).await,
            None => {
                outbox::release_lease(&mut self.database.connect().await?, leased, self.clock.now()).await?;
                return Ok(SendOutcome::Stop);
            }
        }
        // The server may have taken long to accept the connection: what is obsolete by now is not sent.
        if self.present(leased).await?.as_ref() != Some(&notice) {
            outbox::release_lease(&mut self.database.connect().await?, leased, self.clock.now()).await?;
            return Ok(SendOutcome::Over);
        }
        // From here on no other process may send it, even if this one dies.
        let until = self.clock.now() + LEASE_DURATION;
        let handing = self.carrier.handing();
        if !outbox::begin(&mut self.database.connect().await?, leased, handing, until).await? {
            return Ok(SendOutcome::Over);
        }
        match self.carrier.deliver(leased.id, message).await {
            Ok(()) => self.end(leased, DeliveryStatus::Sent, None).await,
            Err(error) => self.give_up(leased, error).await,
        }
    }

    /// The content of a notice at this moment. It may have become obsolete while it waited.
    async fn present(&mut self, leased: &LeasedNotice) -> Result<Option<Notice>, database::Error> {
        let notice = &leased.notice;
        if notice.is_appeal() {
            let mut connection = self.database.connect().await?;
            // Not the catalogue in this process's memory: an action may just have been withdrawn by
            // another process.
            if database::catalogue::revision(&mut connection).await? != self.catalogue.revision {
                self.catalogue = database::catalogue::load(&mut connection).await?.into();
            }
            return Ok(notice.present(&self.catalogue, &leased.language, self.clock.now()));
        }
        if let (Notice::EventOwesReport { .. }, Some(event)) = (notice, leased.subject) {
            let mut connection = self.database.connect().await?;
            let stored = database::events::find(&mut connection, EventId::new(event)).await?;
            let owes = stored.is_some_and(|stored| stored.event.is_awaiting_report(self.clock.now()));
            return Ok(owes.then(|| notice.clone()));
        }
        if let (Notice::EventMoved { .. }, Some(attendance)) = (notice, leased.subject) {
            let mut connection = self.database.connect().await?;
            let found = database::attendances::find(&mut connection, AttendanceId::new(attendance)).await?;
            // A person who has given the place back meanwhile, or was told of the cancellation, needs
            // no notice.
            let comes = [AttendanceState::Going, AttendanceState::Waitlisted];
            let comes = found.is_some_and(|found| comes.contains(&found.state));
            return Ok(comes.then(|| notice.clone()));
        }
        Ok(Some(notice.clone()))
    }

    async fn give_up(
        &self,
        leased: &LeasedNotice,
        error: DeliveryError,
    ) -> Result<SendOutcome, database::Error> {
        let (id, kind) = (leased.id, leased.notice.kind());
        let (why, turn) = match error {
            DeliveryError::Rejected(why) => {
                return self.end(leased, DeliveryStatus::Failed, Some(&why)).await;
            }
            DeliveryError::Uncertain(why) => {
                return self.end(leased, DeliveryStatus::Uncertain, Some(&why)).await;
            }
            DeliveryError::Deferred(why) => (why, SendOutcome::Over),
            DeliveryError::Unreachable(why) => (why, SendOutcome::Unreachable),
        };
        if leased.attempts >= backoff::MAX_ATTEMPTS {
            self.end(leased, DeliveryStatus::Failed, Some(&why)).await?;
            return Ok(turn);
        }
        let attempts = leased.attempts;
        tracing::warn!(%id, kind, attempts, why, "a notice is put off");
        let until = self.clock.now() + backoff::backoff(id, attempts);
        if outbox::defer(&mut self.database.connect().await?, leased, until, &why).await? {
            self.mail_queue.metrics().put_off.add(1);
        } else {
            // The subject was erased, or another process has the lease by now; then this has no effect.
            self.end(leased, DeliveryStatus::Dropped, None).await?;
        }
        Ok(turn)
    }

    async fn end(
        &self,
        leased: &LeasedNotice,
        ending: DeliveryStatus,
        why: Option<&str>,
    ) -> Result<SendOutcome, database::Error> {
        let (id, kind, attempts) = (leased.id, leased.notice.kind(), leased.attempts);
        match ending {
            DeliveryStatus::Sent | DeliveryStatus::Dropped => {
                tracing::debug!(%id, kind, attempts, ?ending, "a notice is finished")
            }
            DeliveryStatus::Failed => tracing::warn!(%id, kind, attempts, why, "a notice could not be sent"),
            DeliveryStatus::Uncertain => {
                tracing::warn!(%id, kind, attempts, why, "it is unknown whether a notice arrived")
            }
        }
        if outbox::end(&mut self.database.connect().await?, leased, ending, why, self.clock.now()).await? {
            self.mail_queue.metrics().ended(ending).add(1);
        }
        Ok(SendOutcome::Over)
    }

    /// Recovers abandoned notices, deletes old records, and warns if a notice waits too long.
    async fn tidy(&mut self) -> Result<(), database::Error> {
        let (mut connection, now) = (self.database.connect().await?, self.clock.now());
        let lost = undelivered::give_up(&mut connection, now).await?;
        if lost.uncertain > 0 {
            self.mail_queue.metrics().uncertain.add(u64::try_from(lost.uncertain).unwrap_or(u64::MAX));
            tracing::error!(
                lost = lost.uncertain,
                "a process ended while it sent notices; it is unknown whether they arrived: \
                 `outbox` lists them, and `noticeResend` sends them again"
            );
        }
        if lost.again > 0 {
            tracing::warn!(
                again = lost.again,
                "a process ended while it wrote notices to the folder; they are written again"
            );
        }
        self.clean(&mut connection, self.has_cleaned && lost == LostNotice::default()).await?;
        self.has_cleaned = true;
        if self.forgot_at.is_none_or(|forgot| now.duration_since(forgot) >= PURGE_INTERVAL) {
            outbox::purge(&mut connection, now - RETENTION).await?;
            undelivered::delete(&mut connection, now - CONFIRMATION_CODE_TTL).await?;
            self.forgot_at = Some(now);
        }
        let queue = outbox::queue(&mut connection).await?;
        self.mail_queue.0.queue.send_replace(queue);
        let is_late = queue.oldest_at.is_some_and(|oldest| now.duration_since(oldest) >= OVERDUE_AFTER);
        let was_said = self.alarmed_at.is_some_and(|alarmed| now.duration_since(alarmed) < OVERDUE_AFTER);
        if is_late && !was_said {
            self.alarmed_at = Some(now);
            let oldest_at = queue.oldest_at.map(|oldest| oldest.to_string());
            tracing::error!(
                waiting = queue.length,
                oldest_at,
                "notices wait for too long: is the mail server there?"
            );
        }
        Ok(())
    }
}

/// How many files are removed at once.
const MAX_REMOVED_AT_ONCE: i64 = 100;

impl MailWorker {
    /// Removes from the mail folder the files of erased subjects, and incomplete files that an ended
    /// process left; the latter only if there may be any.
    async fn clean(&self, connection: &mut Connection, is_whole: bool) -> Result<(), database::Error> {
        if !self.carrier.keeps() {
            return Ok(());
        }
        if !is_whole {
            let parts = self.carrier.not_whole().await;
            let written = outbox::being_sent(connection, &parts).await?;
            let left = parts.into_iter().filter(|part| !written.contains(part)).collect();
            self.remove(left).await;
        }
        loop {
            let erased = outbox::to_be_erased(connection, MAX_REMOVED_AT_ONCE).await?;
            if erased.is_empty() || !self.remove(erased.clone()).await {
                return Ok(());
            }
            outbox::mark_files_erased(connection, &erased).await?;
        }
    }

    async fn remove(&self, notices: Vec<Uuid>) -> bool {
        let removed = self.carrier.remove(notices).await;
        if let Err(error) = &removed {
            tracing::warn!(?error, "files could not be removed from the mail folder");
        }
        removed.is_ok()
    }
}

/// Returns when the worker is to stop, also when the sender of the signal was dropped.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
