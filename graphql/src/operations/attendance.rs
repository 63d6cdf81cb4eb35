//! Operations on attendances: joining an event, cancellation, promotion from the waiting list, and check-in.
//!
//! Places are counted in the database, where the position on the waiting list is assigned too. While the waiting list is
//! not empty there is no free place.

use domain::{
    Attendance, AttendanceId, Event, EventId, Participant, ParticipantId, ViolationKind, Violations,
    attendance::{AttendanceState, GuestDraft},
    violation::EntityKind,
};
use jiff::Timestamp;

use super::{OperationResult, UnitOfWork, confirmation, lookup_key, not_found, notifications, record_staff};
use crate::{
    access::{self, Viewer},
    credentials::SecretHash,
    database::{
        self,
        access_tokens::{self, TokenHolder, TokenOrigin},
        attendances, capacity,
        events::{self, StoredEvent},
        participants,
    },
    idempotency::{self, IdempotencyRecord, KeyLookup},
    mail::notice::Notice,
};

mod cancel;
mod check_in;
mod waiting_list;

pub use cancel::{CancelAttendance, EraseAttendance, cancel, erase};
pub use check_in::{CheckIn, mark};
use waiting_list::reload;
pub(super) use waiting_list::{
    cancel_all_of, change_email_of_all, confirm, confirm_all, erase_all, update_waiting_list,
};

/// A request to join an event.
#[derive(Clone, Debug)]
pub struct JoinEvent {
    /// The id of the new attendance, unless the key was used before.
    pub id: AttendanceId,
    /// The hash of the secret that will manage it.
    pub secret: SecretHash,
    /// The hash of the idempotency key, or the violation if it is no key.
    pub key: Result<SecretHash, ViolationKind>,
    /// The event.
    pub event: EventId,
    /// The hash of the invitation, if one was sent.
    pub invitation: Option<SecretHash>,
    /// The attendee.
    pub draft: GuestDraft,
    /// The viewer: with the secret of a participant, the attendance belongs to the participant.
    pub viewer: Viewer,
    /// The time of the request.
    pub now: Timestamp,
}

/// The result of joining, now or when the key was first used.
#[derive(Clone, Debug)]
pub struct JoinResult {
    /// The attendance in its present state.
    pub attendance: Attendance,
    /// The event in its present state.
    pub event: Event,
    /// Whether the person had joined before, so that nothing was changed.
    pub replayed: bool,
    /// Whether this key led to the attendance; a participant may have joined with another one.
    pub is_by_this_key: bool,
}

/// Joins an event: with a place while there are free ones, else on the waiting list.
///
/// If a person of this name and address had joined before, only the owner of the address learns it, by mail. The request
/// takes a place all the same: otherwise the number of free places would reveal who attends.
///
/// # Errors
/// Database errors. Validation errors are those of [`Event::check_joining`] and
/// [`GuestDraft::complete`], [`ViolationKind::NotFound`] and [`ViolationKind::IdempotencyKeyConflict`].
pub async fn join(unit: &mut UnitOfWork<'_>, request: &JoinEvent) -> OperationResult<JoinResult> {
    let fingerprint = SecretHash::from_bytes(request.draft.fingerprint(request.event));
    match lookup_key(unit, &request.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(IdempotencyRecord { subject, .. }) => {
            let found = attendances::find(unit.conn(), AttendanceId::new(subject)).await?;
            return replay(unit, found, true).await;
        }
    }
    let stored = events::find(unit.conn(), request.event).await?;
    let knows = |stored: &StoredEvent| access::may_join(request.viewer, stored.facts(), request.invitation);
    let Some(stored) = stored.filter(knows) else {
        return Ok(Err(not_found("event", EntityKind::Event)));
    };
    let (participant, holder) = request.participant(unit).await?.unzip();
    if let Some(participant) = &participant
        && let Some(attendance) = current_attendance(unit, participant.id, request.event).await?
    {
        return replay(unit, Some(attendance), false).await;
    }
    let mut violations = Violations::default();
    violations.check("event", stored.event.check_joining(request.now));
    let content = participant.as_ref().map(|participant| &participant.content);
    let guest = request.draft.complete(content).map_err(|broken| violations.extend_at(&[], broken)).ok();
    let key = violations.check("idempotency_key", request.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(guest), Some(key)) = (guest, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let is_known = attendances::is_known(unit.conn(), request.event, &guest).await?;
    if let Some(holder) = holder {
        confirmation::by_act(unit.conn_mut(), holder, request.now).await?;
    }
    let is_theirs = participant.as_ref().is_some_and(|participant| participant.has_proved(&guest));
    let is_vouched_for = access::may_manage_event(request.viewer, stored.facts());
    let has_place = take_place(unit, &stored.event, is_theirs || is_vouched_for, request.now).await?;
    let attendance = Attendance {
        id: request.id,
        event_id: request.event,
        number: attendances::next_number(unit.conn(), request.event).await?,
        state: if has_place { AttendanceState::Going } else { AttendanceState::Waitlisted },
        participant_id: participant.map(|participant| participant.id),
        guest: Some(guest),
        joined_at: request.now,
        updated_at: request.now,
        confirmed_at: is_theirs.then_some(request.now),
        is_vouched_for,
    };
    let subject = request.id.uuid();
    store(unit, &attendance, request.secret).await?;
    database::idempotency::insert(unit.conn_mut(), key, IdempotencyRecord::registered(fingerprint, subject))
        .await?;
    notify_joined(unit, &stored.event, &attendance, is_known, request.now).await?;
    record_staff(unit, subject, request.viewer, "eventJoin", request.now).await?;
    let event = reload(unit, request.event).await?;
    Ok(Ok(JoinResult { attendance, event, replayed: false, is_by_this_key: true }))
}

/// Stores a new attendance and the secret that manages it.
async fn store(
    unit: &mut UnitOfWork<'_>,
    attendance: &Attendance,
    secret: SecretHash,
) -> Result<(), database::Error> {
    attendances::insert(unit.conn_mut(), attendance).await?;
    let (subject, made_at) = (attendance.id.uuid(), attendance.joined_at);
    let holder = TokenHolder { subject, way: TokenOrigin::Response, made_at };
    access_tokens::insert(unit.conn_mut(), secret, holder).await
}

/// Returns the attendance of a participant at an event, unless it was cancelled.
async fn current_attendance(
    unit: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    event: EventId,
) -> Result<Option<Attendance>, database::Error> {
    let theirs = attendances::of_participant(unit.conn(), participant).await?;
    Ok(theirs.into_iter().find(|one| one.event_id == event && one.state != AttendanceState::Cancelled))
}

/// Takes a free place of the event, or a position on its waiting list, and returns whether it is a place. With
/// `has_priority` a place is taken over from an attendee whose address is not confirmed.
async fn take_place(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    has_priority: bool,
    now: Timestamp,
) -> Result<bool, database::Error> {
    let mut has_place = event.waiting == 0 && capacity::acquire(unit.conn_mut(), event.id).await?;
    if !has_place && has_priority {
        has_place = waiting_list::take_over(unit, event, now).await?;
    }
    if !has_place {
        capacity::enqueue(unit.conn_mut(), event.id).await?;
    }
    Ok(has_place)
}

/// Notifies the owner of the address. The mail alone says if a person of this name and address had joined before.
async fn notify_joined(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    attendance: &Attendance,
    is_known: bool,
    now: Timestamp,
) -> Result<(), database::Error> {
    let secret = notifications::mailed_secret(unit, attendance.id.uuid(), now).await?;
    let summary = notifications::event_summary(event);
    let notice = match (is_known, attendance.state) {
        (true, _) => Notice::EventJoinedAgain { event: summary, secret },
        (false, AttendanceState::Going) => Notice::EventJoined { event: summary, secret },
        (false, _) => Notice::EventWaiting { event: summary, secret },
    };
    notifications::notify_attendee(unit, event, attendance, &notice, now).await
}

impl JoinEvent {
    /// Returns the participant whose secret was sent, and how the secret was delivered.
    async fn participant(
        &self,
        unit: &mut UnitOfWork<'_>,
    ) -> Result<Option<(Participant, TokenHolder)>, database::Error> {
        let Some(secret) = self.viewer.secret() else { return Ok(None) };
        let Some(holder) = access_tokens::holder(unit.conn(), secret).await? else {
            return Ok(None);
        };
        let found = participants::find(unit.conn(), ParticipantId::new(holder.subject)).await?;
        let here = found.filter(|participant| participant.state.check_here().is_ok());
        Ok(here.map(|participant| (participant, holder)))
    }
}

async fn replay(
    unit: &mut UnitOfWork<'_>,
    found: Option<Attendance>,
    is_by_this_key: bool,
) -> OperationResult<JoinResult> {
    let Some(attendance) = found else {
        return Ok(Err(not_found("idempotency_key", EntityKind::Attendance)));
    };
    let event = reload(unit, attendance.event_id).await?;
    Ok(Ok(JoinResult { attendance, event, replayed: true, is_by_this_key }))
}
