//! Attendances: people join an event, give their place back, move up, and are ticked off at the door.
//!
//! A place is taken and given back in the database, and the order of the waiting list is a number that
//! is decided there. While somebody waits there is no free place.

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

/// Somebody who wants to come to an event.
#[derive(Clone, Debug)]
pub struct JoinEvent {
    /// The identity that the attendance gets, unless its key was used before.
    pub id: AttendanceId,
    /// The hash of the secret that will manage it.
    pub secret: SecretHash,
    /// The idempotency key it came with, or what is wrong with it.
    pub key: Result<SecretHash, ViolationKind>,
    /// Which event.
    pub event: EventId,
    /// The hash of what the organizer gave to those who are invited.
    pub invitation: Option<SecretHash>,
    /// Who comes.
    pub draft: GuestDraft,
    /// Who asks: a participant joins as themselves.
    pub viewer: Viewer,
    /// When.
    pub now: Timestamp,
}

/// An attendance, now or when its key was first used.
#[derive(Clone, Debug)]
pub struct JoinResult {
    /// The attendance as it stands now.
    pub attendance: Attendance,
    /// The event as it stands now.
    pub event: Event,
    /// Whether they had joined before, and nothing happened this time.
    pub replayed: bool,
    /// Whether it is this key that led to it; a participant may have joined with another one.
    pub is_by_this_key: bool,
}

/// Lets somebody join an event: to go there while there is room, to wait otherwise.
///
/// That somebody with this name and address has joined is said to the owner of the address alone. The
/// one who asks has a place like any other: were it none, the number of free places would give away who
/// goes.
///
/// # Errors
/// That of the database. The rules that say no are those of [`Event::check_joining`] and
/// [`GuestDraft::complete`], [`Rule::NotFound`] and [`Rule::KeyReusedWithOtherContent`].
pub async fn join(gathering: &mut UnitOfWork<'_>, asked: &JoinEvent) -> OperationResult<JoinResult> {
    let fingerprint = SecretHash::from_bytes(asked.draft.fingerprint(asked.event));
    match lookup_key(gathering, &asked.key, fingerprint).await? {
        KeyLookup::Unused => {}
        KeyLookup::Conflict => return Ok(Err(idempotency::conflict())),
        KeyLookup::Replay(IdempotencyRecord { subject, .. }) => {
            let found = attendances::find(gathering.conn(), AttendanceId::new(subject)).await?;
            return replay(gathering, found, true).await;
        }
    }
    let kept = events::find(gathering.conn(), asked.event).await?;
    let knows = |kept: &StoredEvent| access::may_join(asked.viewer, kept.facts(), asked.invitation);
    let Some(kept) = kept.filter(knows) else {
        return Ok(Err(not_found("event", EntityKind::Event)));
    };
    let (participant, holder) = asked.participant(gathering).await?.unzip();
    if let Some(participant) = &participant
        && let Some(attendance) = current_attendance(gathering, participant.id, asked.event).await?
    {
        return replay(gathering, Some(attendance), false).await;
    }
    let mut violations = Violations::default();
    violations.check("event", kept.event.check_joining(asked.now));
    let content = participant.as_ref().map(|participant| &participant.content);
    let guest = asked.draft.complete(content).map_err(|broken| violations.extend_at(&[], broken)).ok();
    let key = violations.check("idempotencyKey", asked.key.clone());
    if let Err(violations) = violations.into_result() {
        return Ok(Err(violations));
    }
    let (Some(guest), Some(key)) = (guest, key) else {
        unreachable!("a value is missing only beside a violation");
    };
    let is_known = attendances::is_known(gathering.conn(), asked.event, &guest).await?;
    if let Some(holder) = holder {
        confirmation::by_act(gathering.conn_mut(), holder, asked.now).await?;
    }
    let is_theirs = participant.as_ref().is_some_and(|participant| participant.has_proved(&guest));
    let is_vouched_for = access::may_manage_event(asked.viewer, kept.facts());
    let has_place = take_place(gathering, &kept.event, is_theirs || is_vouched_for, asked.now).await?;
    let attendance = Attendance {
        id: asked.id,
        event_id: asked.event,
        number: attendances::next_number(gathering.conn(), asked.event).await?,
        state: if has_place { AttendanceState::Going } else { AttendanceState::Waitlisted },
        participant_id: participant.map(|participant| participant.id),
        guest: Some(guest),
        joined_at: asked.now,
        changed_at: asked.now,
        confirmed_at: is_theirs.then_some(asked.now),
        is_vouched_for,
    };
    attendances::insert(gathering.conn_mut(), &attendance).await?;
    let subject = asked.id.uuid();
    let holder = TokenHolder { subject, way: TokenOrigin::Response, made_at: asked.now };
    access_tokens::insert(gathering.conn_mut(), asked.secret, holder).await?;
    database::idempotency::insert(
        gathering.conn_mut(),
        key,
        IdempotencyRecord::registered(fingerprint, subject),
    )
    .await?;
    notify_joined(gathering, &kept.event, &attendance, is_known, asked.now).await?;
    record_staff(gathering, subject, asked.viewer, "eventJoin", asked.now).await?;
    let event = reload(gathering, asked.event).await?;
    Ok(Ok(JoinResult { attendance, event, replayed: false, is_by_this_key: true }))
}

/// Returns the attendance of a participant at an event, unless it was cancelled.
async fn current_attendance(
    gathering: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    event: EventId,
) -> Result<Option<Attendance>, database::Error> {
    let theirs = attendances::of_participant(gathering.conn(), participant).await?;
    Ok(theirs.into_iter().find(|one| one.event_id == event && one.state != AttendanceState::Cancelled))
}

/// Takes a free place of the event, or a position on its waiting list, and returns whether it is a place. With
/// `has_priority` a place is taken over from an attendee whose address is not confirmed.
async fn take_place(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    has_priority: bool,
    now: Timestamp,
) -> Result<bool, database::Error> {
    let mut has_place = event.waiting == 0 && capacity::acquire(gathering.conn_mut(), event.id).await?;
    if !has_place && has_priority {
        has_place = waiting_list::take_over(gathering, event, now).await?;
    }
    if !has_place {
        capacity::enqueue(gathering.conn_mut(), event.id).await?;
    }
    Ok(has_place)
}

/// Notifies the owner of the address. The mail alone says if a person of this name and address had joined before.
async fn notify_joined(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    attendance: &Attendance,
    is_known: bool,
    now: Timestamp,
) -> Result<(), database::Error> {
    let secret = notifications::mailed_secret(gathering, attendance.id.uuid(), now).await?;
    let summary = notifications::event_summary(event);
    let notice = match (is_known, attendance.state) {
        (true, _) => Notice::EventJoinedAgain { event: summary, secret },
        (false, AttendanceState::Going) => Notice::EventJoined { event: summary, secret },
        (false, _) => Notice::EventWaiting { event: summary, secret },
    };
    notifications::notify_attendee(gathering, event, attendance, &notice, now).await
}

impl JoinEvent {
    /// The participant who joins, if their secret was sent, and how that got to them.
    async fn participant(
        &self,
        gathering: &mut UnitOfWork<'_>,
    ) -> Result<Option<(Participant, TokenHolder)>, database::Error> {
        let Some(secret) = self.viewer.secret() else { return Ok(None) };
        let Some(holder) = access_tokens::holder(gathering.conn(), secret).await? else {
            return Ok(None);
        };
        let found = participants::find(gathering.conn(), ParticipantId::new(holder.subject)).await?;
        let here = found.filter(|participant| participant.state.check_here().is_ok());
        Ok(here.map(|participant| (participant, holder)))
    }
}

async fn replay(
    gathering: &mut UnitOfWork<'_>,
    found: Option<Attendance>,
    is_by_this_key: bool,
) -> OperationResult<JoinResult> {
    let Some(attendance) = found else {
        return Ok(Err(not_found("idempotencyKey", EntityKind::Attendance)));
    };
    let event = reload(gathering, attendance.event_id).await?;
    Ok(Ok(JoinResult { attendance, event, replayed: true, is_by_this_key }))
}
