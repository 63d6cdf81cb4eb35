//! Whose turn it is: free places are filled from the waiting list in its order, in the transaction in
//! which they become free.

use domain::{
    Attendance, Event, EventId, Participant, ParticipantId,
    attendance::{AttendanceState, Guest},
    event::EventState,
};
use jiff::Timestamp;

use crate::{
    database::{
        self, access_tokens, attendances, calendar_tokens, capacity, events,
        reports::{self, ReportOwnerId},
    },
    mail::notice::Notice,
    operations::{UnitOfWork, notifications},
};

/// What follows for those who are going or wait, once an event has changed: free places are filled in
/// order; when it is called off, all are told, and nobody waits any more. Says how it stands then.
pub(in crate::operations) async fn update_waiting_list(
    gathering: &mut UnitOfWork<'_>,
    event: Event,
    is_by_staff: bool,
    now: Timestamp,
) -> Result<Event, database::Error> {
    match &event.state {
        EventState::Approved if event.waiting > 0 => promote_waiting(gathering, &event, now).await?,
        EventState::Cancelled(reason) if event.going > 0 || event.waiting > 0 => {
            // Nobody writes to strangers in our name: an organizer's words stand where the event does.
            let reason = is_by_staff.then(|| reason.clone());
            for attendance in attendances::open(gathering.conn(), event.id).await? {
                let state = AttendanceState::Cancelled;
                let after = Attendance { state, changed_at: now, ..attendance };
                attendances::update(gathering.conn_mut(), &after).await?;
                let notice = Notice::EventCancelled {
                    event: notifications::event_summary(&event),
                    reason: reason.clone(),
                };
                notifications::notify_attendee(gathering, &event, &after, &notice, now).await?;
            }
            capacity::clear(gathering.conn_mut(), event.id).await?;
        }
        _ => return Ok(event),
    }
    reload(gathering, event.id).await
}

/// Gives back all places and turns of a participant that can still be used.
pub(in crate::operations) async fn cancel_all_of(
    gathering: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(gathering.conn(), participant).await? {
        let event = reload(gathering, attendance.event_id).await?;
        if attendance.state.cancelled().is_ok() && event.check_joining(now).is_ok() {
            release_place(gathering, attendance, &event, now).await?;
        }
    }
    Ok(())
}

/// Has a participant who was at a former address reached at the new one, wherever they go, and nobody
/// else: what was mailed to the former one, or waits to be, is worth nothing any more.
pub(in crate::operations) async fn change_email_of_all(
    gathering: &mut UnitOfWork<'_>,
    before: &Participant,
    after: &Participant,
    now: Timestamp,
) -> Result<(), database::Error> {
    let former = before.content.email.folded();
    for attendance in attendances::of_participant(gathering.conn(), after.id).await? {
        let Some(guest) = &attendance.guest else { continue };
        if guest.email.as_ref().is_none_or(|email| email.folded() != former) {
            continue;
        }
        let subject = attendance.id.uuid();
        let guest = Some(Guest { email: Some(after.content.email.clone()), ..guest.clone() });
        let moved = Attendance { guest, confirmed_at: None, ..attendance };
        attendances::update(gathering.conn_mut(), &moved).await?;
        access_tokens::delete_from_email(gathering.conn_mut(), subject).await?;
        calendar_tokens::delete(gathering.conn_mut(), subject).await?;
        notifications::cancel_pending_for(gathering, subject, now).await?;
    }
    Ok(())
}

/// Takes note that the address of a guest is theirs. If they wait, a place may lapse for them.
pub(in crate::operations) async fn confirm(
    gathering: &mut UnitOfWork<'_>,
    attendance: Attendance,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    let confirmed = Attendance { confirmed_at: Some(now), changed_at: now, ..attendance };
    attendances::update(gathering.conn_mut(), &confirmed).await?;
    if confirmed.state != AttendanceState::Waitlisted {
        return Ok(confirmed);
    }
    let event = reload(gathering, confirmed.event_id).await?;
    settle(gathering, &event, now).await?;
    Ok(attendances::find(gathering.conn(), confirmed.id).await?.unwrap_or(confirmed))
}

/// The same wherever a participant goes.
pub(in crate::operations) async fn confirm_all(
    gathering: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(gathering.conn(), participant).await? {
        if attendance.confirmed_at.is_none() {
            confirm(gathering, attendance, now).await?;
        }
    }
    Ok(())
}

/// Erases who a participant was at all events.
pub(in crate::operations) async fn erase_all(
    gathering: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(gathering.conn(), participant).await? {
        purge(gathering, attendance, now).await?;
    }
    Ok(())
}

/// The event as it stands in this transaction.
pub(super) async fn reload(gathering: &mut UnitOfWork<'_>, id: EventId) -> Result<Event, database::Error> {
    let kept = events::find(gathering.conn(), id).await?;
    kept.map(|kept| kept.event)
        .ok_or_else(|| database::Error::Broken("an attendance without its event".into()))
}

/// Cancels an attendance, and lets the next one move up.
pub(super) async fn release_place(
    gathering: &mut UnitOfWork<'_>,
    before: Attendance,
    event: &Event,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    let had_place = before.state.has_place();
    let after = Attendance { state: AttendanceState::Cancelled, changed_at: now, ..before };
    attendances::update(gathering.conn_mut(), &after).await?;
    if had_place {
        capacity::release(gathering.conn_mut(), event.id).await?;
        promote_waiting(gathering, event, now).await?;
    } else {
        capacity::leave_queue(gathering.conn_mut(), event.id).await?;
    }
    Ok(after)
}

/// Has places lapse for those who are known to come and wait, in the order of the waiting list, for as long as
/// somebody has a place who is not.
async fn settle(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    while let Some(next) = attendances::next_firm(gathering.conn(), event.id).await? {
        if !lapse(gathering, event, now).await? {
            break;
        }
        promote(gathering, event, next, now).await?;
    }
    Ok(())
}

/// Has a place lapse for somebody who joins and is known to come, unless another one of those waits for it.
pub(super) async fn take_over(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<bool, database::Error> {
    Ok(attendances::next_firm(gathering.conn(), event.id).await?.is_none()
        && lapse(gathering, event, now).await?)
}

/// Has the place lapse that was taken last of those whose address nobody confirmed, and has that guest wait
/// under the same number. Nobody loses a place once the event has begun. `true` if one lapsed; as
/// many are counted as going as before, since it goes to somebody else at once.
async fn lapse(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<bool, database::Error> {
    if event.check_joining(now).is_err() || event.check_begun(now).is_ok() {
        return Ok(false);
    }
    let Some(last) = attendances::last_loose(gathering.conn(), event.id).await? else { return Ok(false) };
    let after = Attendance { state: AttendanceState::Waitlisted, changed_at: now, ..last };
    attendances::update(gathering.conn_mut(), &after).await?;
    capacity::enqueue(gathering.conn_mut(), event.id).await?;
    let secret = notifications::mailed_secret(gathering, after.id.uuid(), now).await?;
    let notice = Notice::EventWaiting { event: notifications::event_summary(event), secret };
    notifications::notify_attendee(gathering, event, &after, &notice, now).await?;
    Ok(true)
}

/// Gives a place to somebody who waits.
async fn promote(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    next: Attendance,
    now: Timestamp,
) -> Result<(), database::Error> {
    capacity::leave_queue(gathering.conn_mut(), event.id).await?;
    let after = Attendance { state: AttendanceState::Going, changed_at: now, ..next };
    attendances::update(gathering.conn_mut(), &after).await?;
    let secret = Some(notifications::mailed_secret(gathering, after.id.uuid(), now).await?);
    let notice = Notice::EventPlace { event: notifications::event_summary(event), secret };
    notifications::notify_attendee(gathering, event, &after, &notice, now).await
}

/// Fills free places from the waiting list: first with those who are known to come, each in their order.
async fn promote_waiting(
    gathering: &mut UnitOfWork<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    if event.check_joining(now).is_err() {
        return Ok(());
    }
    while let Some(next) = attendances::next_in_turn(gathering.conn(), event.id).await? {
        if !capacity::acquire(gathering.conn_mut(), event.id).await? {
            break;
        }
        promote(gathering, event, next, now).await?;
    }
    Ok(())
}

/// Forgets who it was. That there was somebody stays.
pub(super) async fn purge(
    gathering: &mut UnitOfWork<'_>,
    attendance: Attendance,
    now: Timestamp,
) -> Result<(), database::Error> {
    let event = reload(gathering, attendance.event_id).await?;
    let is_usable = attendance.state.cancelled().is_ok() && event.check_joining(now).is_ok();
    let left = if is_usable { release_place(gathering, attendance, &event, now).await? } else { attendance };
    let nobody = Attendance { guest: None, participant_id: None, ..left };
    attendances::update(gathering.conn_mut(), &nobody).await?;
    reports::forget(gathering.conn_mut(), ReportOwnerId::Attendance(nobody.id)).await?;
    calendar_tokens::delete(gathering.conn_mut(), nobody.id.uuid()).await?;
    notifications::purge(gathering, nobody.id.uuid(), now).await?;
    database::idempotency::forget_content(gathering.conn_mut(), nobody.id.uuid()).await
}
