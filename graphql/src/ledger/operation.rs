//! Operations: changes of events, people and subscriptions, as plain data in the queue of the writer.
//!
//! The operations that wait together share one transaction, and each gets its own result after the commit. The enum is
//! closed, so that every kind of change is listed in one place and has a name. The type of the result follows from the
//! type of the operation; no value is cast.

use std::net::IpAddr;

use domain::{Attendance, EventId, Participant, Subscription, Violations};
use futures_util::{FutureExt, future::LocalBoxFuture};

use super::{
    failure::{Failure, job_panicked},
    responder::Responder,
};
use crate::{
    database::{self, events::StoredEvent, groups::StoredGroup},
    operations::{
        OperationResult, UnitOfWork, attendance, calendar, confirmation, event, group, participant, resend,
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
            pub(super) const fn name(&self) -> &'static str {
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

            pub(super) fn counted_event(&self) -> Option<EventId> {
                match self {
                    $(Self::$name(pending) => pending.operation.counted_event(),)+
                }
            }

            pub(super) fn apply<'q>(
                &'q mut self,
                unit: &'q mut UnitOfWork<'_>,
            ) -> LocalBoxFuture<'q, Result<bool, database::Error>> {
                match self {
                    $(Self::$name(pending) => pending.apply(unit).boxed_local(),)+
                }
            }

            pub(super) fn respond(self, committed: Result<(), Failure>) {
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
    RegisterGroup: group::RegisterGroup => group::register, group::RegisteredGroup;
    ChangeGroup: group::ChangeGroup => group::step, StoredGroup;
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
