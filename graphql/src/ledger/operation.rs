//! Operations: changes of events, people and subscriptions, as plain data in the queue of the writer.
//!
//! The operations that wait together share one transaction, and each gets its own result after the commit. The enum is
//! closed, so that every kind of change is listed in one place and has a name. The type of the result follows from the
//! type of the operation; no value is cast.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    slice,
};

use domain::{Attendance, EditionId, EventId, Participant, Subscription, Violations, revision::Revision};
use futures_util::{FutureExt, future::LocalBoxFuture};

use super::{Failure, Responder, apply::CommandBatch, job_panicked, writer::Writer};
use crate::{
    database::{self, Access, Connection, events::StoredEvent},
    operations::{
        OperationResult, UnitOfWork, attendance, calendar, confirmation, event, participant, resend,
        subscription,
    },
};

/// A change that the writer applies in a transaction. Applying takes the operation by reference, because it may be
/// done twice: if a group cannot be committed, it is rolled back and each operation is tried alone.
pub trait Operation: Send + 'static {
    /// What the operation decides.
    type Output: Send + 'static;

    /// The event whose part in the totals may change.
    fn counted_event(&self) -> Option<EventId>;

    /// Applies the operation: everything that it decides, or nothing.
    fn apply(&self, unit: &mut UnitOfWork<'_>) -> impl Future<Output = OperationResult<Self::Output>>;
}

/// An operation that waits for the writer, then for the commit with its outcome.
pub struct Pending<O: Operation> {
    operation: O,
    outcome: Option<Result<O::Output, Violations>>,
    responder: Responder<Result<Result<O::Output, Violations>, Failure>>,
}

impl<O: Operation> Pending<O> {
    pub(super) const fn new(
        operation: O,
        responder: Responder<Result<Result<O::Output, Violations>, Failure>>,
    ) -> Self {
        Self { operation, outcome: None, responder }
    }

    /// Applies the operation and returns whether it passed validation. The outcome of an earlier attempt is replaced.
    async fn apply(&mut self, unit: &mut UnitOfWork<'_>) -> Result<bool, database::Error> {
        let outcome = self.operation.apply(unit).await?;
        let is_valid = outcome.is_ok();
        self.outcome = Some(outcome);
        Ok(is_valid)
    }

    fn respond(self, committed: Result<(), Failure>) {
        let outcome = committed.and_then(|()| self.outcome.ok_or_else(job_panicked));
        self.responder.respond(outcome);
    }
}

/// Declares the operations: the variant, its data, the function that applies it and the type that this returns.
macro_rules! operations {
    ($($name:ident: $data:ty => $apply:path, $output:ty $(, counts $counted_event:path)?;)+) => {
        /// A queued operation.
        pub enum QueuedOperation {
            $(
                #[doc = concat!("[`", stringify!($data), "`].")]
                $name(Box<Pending<$data>>),
            )+
        }

        $(
            impl Operation for $data {
                type Output = $output;

                fn counted_event(&self) -> Option<EventId> {
                    None$(.or_else(|| $counted_event(self)))?
                }

                fn apply(&self, unit: &mut UnitOfWork<'_>) -> impl Future<Output = OperationResult<$output>> {
                    $apply(unit, self)
                }
            }

            impl From<Pending<$data>> for QueuedOperation {
                fn from(pending: Pending<$data>) -> Self {
                    Self::$name(Box::new(pending))
                }
            }
        )+

        impl QueuedOperation {
            /// The name of the operation, for logs.
            const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)+
                }
            }

            /// The client address whose share of the queue the operation takes.
            pub(super) fn caller(&self) -> Option<IpAddr> {
                match self {
                    $(Self::$name(pending) => pending.responder.place.caller,)+
                }
            }

            fn counted_event(&self) -> Option<EventId> {
                match self {
                    $(Self::$name(pending) => pending.operation.counted_event(),)+
                }
            }

            fn apply<'q>(
                &'q mut self,
                unit: &'q mut UnitOfWork<'_>,
            ) -> LocalBoxFuture<'q, Result<bool, database::Error>> {
                match self {
                    $(Self::$name(pending) => pending.apply(unit).boxed_local(),)+
                }
            }

            fn respond(self, committed: Result<(), Failure>) {
                match self {
                    $(Self::$name(pending) => pending.respond(committed),)+
                }
            }
        }
    };
}

operations! {
    RegisterEvent: event::RegisterEvent => event::register, event::RegisteredEvent;
    ChangeEvent: event::ChangeEvent => event::step, StoredEvent, counts event::ChangeEvent::counts;
    ConfirmEvent: confirmation::ConfirmEvent
        => confirmation::event, confirmation::ConfirmedAddress<StoredEvent>;
    RegisterParticipant: participant::RegisterParticipant
        => participant::register, participant::RegisteredParticipant;
    ChangeParticipant: participant::ChangeParticipant => participant::step, Participant;
    ConfirmParticipant: confirmation::ConfirmParticipant
        => confirmation::participant, confirmation::ConfirmedAddress<Participant>;
    EraseParticipant: participant::EraseParticipant => participant::erase, ();
    JoinEvent: attendance::JoinEvent => attendance::join, attendance::JoinResult;
    ConfirmAttendance: confirmation::ConfirmAttendance
        => confirmation::place, confirmation::ConfirmedAddress<Attendance>;
    CancelAttendance: attendance::CancelAttendance => attendance::cancel, Attendance;
    EraseAttendance: attendance::EraseAttendance => attendance::erase, ();
    CheckIn: attendance::CheckIn => attendance::mark, Vec<Attendance>;
    IssueCalendar: calendar::IssueCalendar => calendar::issue, ();
    Subscribe: subscription::Subscribe => subscription::subscribe, bool;
    ConfirmSubscription: subscription::ConfirmSubscription => subscription::confirm, Subscription;
    ChangeSubscription: subscription::ChangeSubscription => subscription::change, Subscription;
    EndSubscription: subscription::EndSubscription => subscription::end, ();
    Unsubscribe: subscription::Unsubscribe => subscription::end_by_token, ();
    ResendNotices: resend::ResendNotices => resend::resend, ();
}

/// Locks the editions whose totals may change, in the order in which reports lock them, before the lock of the events.
/// Returns their versions.
async fn lock_editions(
    connection: &mut Connection,
    group: &[QueuedOperation],
) -> Result<BTreeMap<EditionId, Revision>, database::Error> {
    let mut editions = BTreeSet::new();
    for event in group.iter().filter_map(QueuedOperation::counted_event) {
        editions.extend(database::events::edition(connection, event).await?);
    }
    let mut locked = BTreeMap::new();
    for edition in editions {
        locked.insert(edition, database::ledger::lock(connection, edition).await?);
    }
    Ok(locked)
}

/// Why a transaction is rolled back.
enum Rollback {
    /// There is nothing to commit. The outcomes hold.
    NoChanges,
    /// A database error, or a defect.
    Database(database::Error),
}

impl From<database::Error> for Rollback {
    fn from(error: database::Error) -> Self {
        Self::Database(error)
    }
}

impl Writer {
    /// Applies a group in one transaction. If it cannot be committed, each operation is tried alone, so that one
    /// operation does not fail the others; except if the database is unavailable.
    pub(super) async fn run(&self, mut group: Vec<QueuedOperation>) {
        match self.run_together(&mut group).await {
            Ok(()) => group.into_iter().for_each(|queued| queued.respond(Ok(()))),
            Err(database::Error::Unavailable(cause)) => {
                for queued in group {
                    let cause = cause.to_string().into();
                    queued.respond(Err(Failure::Database(database::Error::Unavailable(cause))));
                }
            }
            Err(database::Error::Broken(_)) => {
                for mut queued in group {
                    let committed = self.run_together(slice::from_mut(&mut queued)).await;
                    if committed.is_err() {
                        tracing::warn!(operation = queued.name(), "an operation could not be committed");
                    }
                    queued.respond(committed.map_err(Failure::from));
                }
            }
        }
    }

    async fn run_together(&self, group: &mut [QueuedOperation]) -> Result<(), database::Error> {
        let mut connection = self.database.connect().await?;
        let done = connection
            .transaction(Access::Write, async |connection| {
                let locked = lock_editions(connection, group).await?;
                let revision = database::event_revision::raise_revision(connection).await?;
                let known = *self.memory.events.borrow();
                let catalogue = self.current_catalogue(connection).await?;
                let mut unit = UnitOfWork::new(connection, &catalogue);
                if !apply_all(group, &mut unit).await? {
                    return Err(Rollback::NoChanges);
                }
                let changes = unit.into_changes();
                let batch = CommandBatch::with_changes(&catalogue, locked, changes);
                let counts = batch.write(connection, &self.memory.tallies).await?;
                Ok((revision, known, counts))
            })
            .await;
        match done {
            Ok((revision, known, counts)) => {
                self.memory.show_events(revision, known);
                self.memory.show_counts(counts);
                self.note_commit();
                Ok(())
            }
            Err(Rollback::NoChanges) => Ok(()),
            Err(Rollback::Database(error)) => {
                self.note_refusal(&error);
                Err(error)
            }
        }
    }
}

/// Applies the operations of a group, one after the other, and returns whether there is anything to commit.
async fn apply_all(group: &mut [QueuedOperation], unit: &mut UnitOfWork<'_>) -> Result<bool, Rollback> {
    let (is_alone, mut has_written) = (group.len() == 1, false);
    for queued in group {
        let is_valid = queued.apply(unit).await?;
        let wrote = unit.take_written();
        if wrote && !is_valid {
            // A rejected operation must leave no trace. Alone it is rolled back; in a group all are tried again.
            return Err(if is_alone {
                Rollback::NoChanges
            } else {
                let defect = format!("a rejected {} had written", queued.name());
                database::Error::Broken(defect.into()).into()
            });
        }
        has_written |= wrote;
    }
    Ok(has_written)
}
