//! The task that sends what is in the outbox: one notice after another, each handed over by one
//! process at most.

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

/// How often it is looked for notices that nobody rang for: those of a process that is gone.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// For how long a notice is somebody's. Announcing takes a minute at most and telling two; there is
/// room for clocks that do not quite agree.
const LEASE_DURATION: SignedDuration = SignedDuration::from_mins(6);
/// How long a server is left alone that cannot be reached.
const PAUSE_AFTER_ERROR: SignedDuration = SignedDuration::from_secs(20);
/// After this long in the outbox somebody has to look: people wait for their links.
const OVERDUE_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// For how long it is remembered that a notice was sent: longer than anybody repeats a request of one
/// campaign in the next.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 400);
/// How often what is older than that is forgotten.
const PURGE_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

/// Sends the notices of a database. Several may do so beside one another.
pub struct MailWorker {
    database: Database,
    clock: Clock,
    settings: MailOptions,
    post: MailQueue,
    carrier: MailTransport,
    /// As it was when a notice about urgent actions was last looked at; read again where it has changed.
    catalogue: Catalogue,
    alarmed_at: Option<Timestamp>,
    forgot_at: Option<Timestamp>,
    has_cleaned: bool,
}

/// Why there is nothing to do now.
enum NextWake {
    /// Nothing is due before then, if ever.
    Until(Option<Timestamp>),
    /// It is to stop.
    Stop,
}

/// What came of a notice whose turn it was.
enum SendOutcome {
    /// The next one can be sent.
    Over,
    /// Nobody can be sent anything at the moment.
    Unreachable,
    /// It is to stop.
    Stop,
}

impl MailWorker {
    /// A sender that has not begun.
    #[must_use]
    pub fn new(database: Database, clock: Clock, settings: MailOptions, post: MailQueue) -> Self {
        let carrier = MailTransport::new(&settings.url, &settings.from.0.email);
        let catalogue = Catalogue::default();
        let (alarmed_at, forgot_at, has_cleaned) = (None, None, false);
        Self { database, clock, settings, post, carrier, catalogue, alarmed_at, forgot_at, has_cleaned }
    }

    /// Sends in a thread of its own until it is told to stop: what it writes waits for the disk, and
    /// requests must not wait with it.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(self, stop: watch::Receiver<bool>) -> std::io::Result<thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("mail".to_owned()).spawn(move || runtime.block_on(self.run(stop)))
    }

    /// Sends until it is told to stop. A notice that is being handed over then is finished.
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            // A mistake of ours in one notice must not hold up all others; its lease runs out.
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
                    tracing::error!("sending a notice fell over");
                    None
                }
            };
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = self.post.0.bell.notified() => {}
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
            // Version 4: what tells two leases apart need not be in order.
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
            Some(Err(trouble)) => return self.give_up(leased, trouble).await,
            None => {
                outbox::release_lease(&mut self.database.connect().await?, leased, self.clock.now()).await?;
                return Ok(SendOutcome::Stop);
            }
        }
        // However long the server took to listen: what is over by now is not told.
        if self.present(leased).await?.as_ref() != Some(&notice) {
            outbox::release_lease(&mut self.database.connect().await?, leased, self.clock.now()).await?;
            return Ok(SendOutcome::Over);
        }
        // From here on nobody else may send it, whatever becomes of this process.
        let until = self.clock.now() + LEASE_DURATION;
        let handing = self.carrier.handing();
        if !outbox::begin(&mut self.database.connect().await?, leased, handing, until).await? {
            return Ok(SendOutcome::Over);
        }
        match self.carrier.deliver(leased.id, message).await {
            Ok(()) => self.end(leased, DeliveryStatus::Sent, None).await,
            Err(trouble) => self.give_up(leased, trouble).await,
        }
    }

    /// What is left to tell of a notice at this moment. What it says may have ceased to be true while it
    /// waited.
    async fn present(&mut self, leased: &LeasedNotice) -> Result<Option<Notice>, database::Error> {
        let notice = &leased.notice;
        if notice.is_appeal() {
            let mut connection = self.database.connect().await?;
            // Not what the process heard last: an action may have been withdrawn elsewhere just now.
            if database::catalogue::revision(&mut connection).await? != self.catalogue.revision {
                self.catalogue = database::catalogue::load(&mut connection).await?.into();
            }
            return Ok(notice.present(&self.catalogue, &leased.language, self.clock.now()));
        }
        if let (Notice::EventOwesReport { .. }, Some(event)) = (notice, leased.subject) {
            let mut connection = self.database.connect().await?;
            let kept = database::events::find(&mut connection, EventId::new(event)).await?;
            let owes = kept.is_some_and(|kept| kept.event.is_awaiting_report(self.clock.now()));
            return Ok(owes.then(|| notice.clone()));
        }
        if let (Notice::EventMoved { .. }, Some(attendance)) = (notice, leased.subject) {
            let mut connection = self.database.connect().await?;
            let found = database::attendances::find(&mut connection, AttendanceId::new(attendance)).await?;
            // Whoever has given the place back meanwhile, or heard that all is off, need not know.
            let comes = [AttendanceState::Going, AttendanceState::Waitlisted];
            let comes = found.is_some_and(|found| comes.contains(&found.state));
            return Ok(comes.then(|| notice.clone()));
        }
        Ok(Some(notice.clone()))
    }

    async fn give_up(
        &self,
        leased: &LeasedNotice,
        trouble: DeliveryError,
    ) -> Result<SendOutcome, database::Error> {
        let (id, kind) = (leased.id, leased.notice.kind());
        let (why, turn) = match trouble {
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
            self.post.metrics().put_off.add(1);
        } else {
            // Whoever it was for is gone, or somebody else has it by now; then this changes nothing.
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
                tracing::debug!(%id, kind, attempts, ?ending, "a notice is done")
            }
            DeliveryStatus::Failed => tracing::warn!(%id, kind, attempts, why, "a notice could not be sent"),
            DeliveryStatus::Uncertain => {
                tracing::warn!(%id, kind, attempts, why, "a notice may or may not have arrived")
            }
        }
        if outbox::end(&mut self.database.connect().await?, leased, ending, why, self.clock.now()).await? {
            self.post.metrics().ended(ending).add(1);
        }
        Ok(SendOutcome::Over)
    }

    /// Takes care of what was lost, forgets what is old, and says so if something waits for too long.
    async fn tidy(&mut self) -> Result<(), database::Error> {
        let (mut connection, now) = (self.database.connect().await?, self.clock.now());
        let lost = undelivered::give_up(&mut connection, now).await?;
        if lost.uncertain > 0 {
            self.post.metrics().uncertain.add(u64::try_from(lost.uncertain).unwrap_or(u64::MAX));
            tracing::error!(
                lost = lost.uncertain,
                "notices were being sent when a process ended; they may or may not have arrived: \
                 `outbox` lists them, and `noticeResend` sends them again"
            );
        }
        if lost.again > 0 {
            tracing::warn!(again = lost.again, "notices were being written when a process ended");
        }
        self.clean(&mut connection, self.has_cleaned && lost == LostNotice::default()).await?;
        self.has_cleaned = true;
        if self.forgot_at.is_none_or(|forgot| now.duration_since(forgot) >= PURGE_INTERVAL) {
            outbox::purge(&mut connection, now - RETENTION).await?;
            undelivered::delete(&mut connection, now - CONFIRMATION_CODE_TTL).await?;
            self.forgot_at = Some(now);
        }
        let queue = outbox::queue(&mut connection).await?;
        self.post.0.queue.send_replace(queue);
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
const REMOVE_TIMEOUT: i64 = 100;

impl MailWorker {
    /// Removes from the mail folder what was written to whoever is erased, and what was never finished because
    /// a process ended; the latter only where there may be any.
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
            let erased = outbox::to_be_erased(connection, REMOVE_TIMEOUT).await?;
            if erased.is_empty() || !self.remove(erased.clone()).await {
                return Ok(());
            }
            outbox::mark_files_erased(connection, &erased).await?;
        }
    }

    async fn remove(&self, notices: Vec<Uuid>) -> bool {
        let removed = self.carrier.remove(notices).await;
        if let Err(trouble) = &removed {
            tracing::warn!(?trouble, "files could not be removed from the mail folder");
        }
        removed.is_ok()
    }
}

/// Ends when it is time to stop; also when nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
