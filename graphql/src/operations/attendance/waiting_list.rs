//! The waiting list: free places go to waiting attendees in the order of their positions, in the transaction in which
//! the places become free.

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
    mail::notice::{Notice, PlaceCause},
    operations::{UnitOfWork, notifications},
};

/// Updates the attendances after an event has changed: free places are filled; of an event that was cancelled, or whose
/// approval was revoked, all attendees are notified and the waiting list is closed. Returns the event after that.
pub(in crate::operations) async fn update_waiting_list(
    unit: &mut UnitOfWork<'_>,
    event: Event,
    is_by_staff: bool,
    now: Timestamp,
) -> Result<Event, database::Error> {
    match &event.state {
        EventState::Approved if event.waiting > 0 => {
            promote_waiting(unit, &event, PlaceCause::MoreRoom, now).await?;
        }
        EventState::Cancelled(reason) if event.going > 0 || event.waiting > 0 => {
            // The mail quotes no text of the organizer: mail of the service must not carry the words of strangers.
            let reason = is_by_staff.then(|| reason.clone());
            let summary = notifications::event_summary(&event);
            let notice = Notice::EventCancelled { event: summary, reason };
            cancel_all_at(unit, &event, &notice, now).await?;
        }
        EventState::Rejected(reason) if event.going > 0 || event.waiting > 0 => {
            let when = notifications::event_summary(&event).when;
            let notice = Notice::EventWithdrawn { when, reason: reason.clone() };
            cancel_all_at(unit, &event, &notice, now).await?;
        }
        _ => return Ok(event),
    }
    reload(unit, event.id).await
}

/// Cancels all attendances of an event that does not take place.
async fn cancel_all_at(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::open(unit.conn(), event.id).await? {
        let after = Attendance { state: AttendanceState::Cancelled, updated_at: now, ..attendance };
        attendances::update(unit.conn_mut(), &after).await?;
        notifications::notify_attendee(unit, event, &after, notice, now).await?;
    }
    capacity::clear(unit.conn_mut(), event.id).await
}

/// Cancels all attendances of a participant that can still be used.
pub(in crate::operations) async fn cancel_all_of(
    unit: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(unit.conn(), participant).await? {
        let event = reload(unit, attendance.event_id).await?;
        if attendance.state.cancelled().is_ok() && event.check_joining(now).is_ok() {
            release_place(unit, attendance, &event, now).await?;
        }
    }
    Ok(())
}

/// Moves the attendances of a participant to the new e-mail address. Secrets that were mailed to the former address, or
/// wait to be, are revoked.
pub(in crate::operations) async fn change_email_of_all(
    unit: &mut UnitOfWork<'_>,
    before: &Participant,
    after: &Participant,
    now: Timestamp,
) -> Result<(), database::Error> {
    let former = before.content.email.folded();
    for attendance in attendances::of_participant(unit.conn(), after.id).await? {
        let Some(guest) = &attendance.guest else { continue };
        if guest.email.as_ref().is_none_or(|email| email.folded() != former) {
            continue;
        }
        let subject = attendance.id.uuid();
        let guest = Some(Guest { email: Some(after.content.email.clone()), ..guest.clone() });
        let moved = Attendance { guest, confirmed_at: None, ..attendance };
        attendances::update(unit.conn_mut(), &moved).await?;
        access_tokens::delete_from_email(unit.conn_mut(), subject).await?;
        calendar_tokens::delete(unit.conn_mut(), subject).await?;
        notifications::cancel_pending_for(unit, subject, now).await?;
    }
    Ok(())
}

/// Records that the address of an attendee is confirmed. If the attendee waits, a place may lapse in their favour.
pub(in crate::operations) async fn confirm(
    unit: &mut UnitOfWork<'_>,
    attendance: Attendance,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    let confirmed = Attendance { confirmed_at: Some(now), updated_at: now, ..attendance };
    attendances::update(unit.conn_mut(), &confirmed).await?;
    if confirmed.state != AttendanceState::Waitlisted {
        return Ok(confirmed);
    }
    let event = reload(unit, confirmed.event_id).await?;
    settle(unit, &event, now).await?;
    Ok(attendances::find(unit.conn(), confirmed.id).await?.unwrap_or(confirmed))
}

/// Does the same for all attendances of a participant.
pub(in crate::operations) async fn confirm_all(
    unit: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(unit.conn(), participant).await? {
        if attendance.confirmed_at.is_none() {
            confirm(unit, attendance, now).await?;
        }
    }
    Ok(())
}

/// Erases the person of all attendances of a participant.
pub(in crate::operations) async fn erase_all(
    unit: &mut UnitOfWork<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(unit.conn(), participant).await? {
        purge(unit, attendance, now).await?;
    }
    Ok(())
}

/// Loads the event as of this transaction.
pub(super) async fn reload(unit: &mut UnitOfWork<'_>, id: EventId) -> Result<Event, database::Error> {
    let stored = events::find(unit.conn(), id).await?;
    stored
        .map(|stored| stored.event)
        .ok_or_else(|| database::Error::Broken("an attendance without its event".into()))
}

/// Cancels an attendance and promotes the next one.
pub(super) async fn release_place(
    unit: &mut UnitOfWork<'_>,
    before: Attendance,
    event: &Event,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    let had_place = before.state.has_place();
    let after = Attendance { state: AttendanceState::Cancelled, updated_at: now, ..before };
    attendances::update(unit.conn_mut(), &after).await?;
    if had_place {
        capacity::release(unit.conn_mut(), event.id).await?;
        promote_waiting(unit, event, PlaceCause::GivenBack, now).await?;
    } else {
        capacity::leave_queue(unit.conn_mut(), event.id).await?;
    }
    Ok(after)
}

/// Passes places to waiting attendees with a confirmed address, in the order of the waiting list, as long as an attendee
/// without one has a place.
async fn settle(unit: &mut UnitOfWork<'_>, event: &Event, now: Timestamp) -> Result<(), database::Error> {
    while let Some(next) = attendances::next_firm(unit.conn(), event.id).await? {
        if !lapse(unit, event, now).await? {
            break;
        }
        promote(unit, event, next, None, now).await?;
    }
    Ok(())
}

/// Passes a place to a person who joins with a confirmed address, unless another such person waits for it.
pub(super) async fn take_over(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<bool, database::Error> {
    Ok(attendances::next_firm(unit.conn(), event.id).await?.is_none() && lapse(unit, event, now).await?)
}

/// Moves the last attendee without a confirmed address back to the waiting list, under the same position. No place
/// lapses once the event has begun. Returns whether one lapsed; the count of attendees stays, since the place is passed
/// on at once.
async fn lapse(unit: &mut UnitOfWork<'_>, event: &Event, now: Timestamp) -> Result<bool, database::Error> {
    if event.check_joining(now).is_err() || event.check_begun(now).is_ok() {
        return Ok(false);
    }
    let Some(last) = attendances::last_loose(unit.conn(), event.id).await? else { return Ok(false) };
    let after = Attendance { state: AttendanceState::Waitlisted, updated_at: now, ..last };
    attendances::update(unit.conn_mut(), &after).await?;
    capacity::enqueue(unit.conn_mut(), event.id).await?;
    let secret = notifications::mailed_secret(unit, after.id.uuid(), now).await?;
    let notice = Notice::EventWaiting { event: notifications::event_summary(event), secret };
    notifications::notify_attendee(unit, event, &after, &notice, now).await?;
    Ok(true)
}

/// Gives a place to a waiting attendee.
async fn promote(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    next: Attendance,
    cause: Option<PlaceCause>,
    now: Timestamp,
) -> Result<(), database::Error> {
    capacity::leave_queue(unit.conn_mut(), event.id).await?;
    let after = Attendance { state: AttendanceState::Going, updated_at: now, ..next };
    attendances::update(unit.conn_mut(), &after).await?;
    let secret = Some(notifications::mailed_secret(unit, after.id.uuid(), now).await?);
    let notice = Notice::EventPlace { event: notifications::event_summary(event), secret, cause };
    notifications::notify_attendee(unit, event, &after, &notice, now).await
}

/// Fills free places from the waiting list: first with attendees whose address is confirmed, each in order.
async fn promote_waiting(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    cause: PlaceCause,
    now: Timestamp,
) -> Result<(), database::Error> {
    if event.check_joining(now).is_err() {
        return Ok(());
    }
    while let Some(next) = attendances::next_in_turn(unit.conn(), event.id).await? {
        if !capacity::acquire(unit.conn_mut(), event.id).await? {
            break;
        }
        promote(unit, event, next, Some(cause), now).await?;
    }
    Ok(())
}

/// Erases the person of an attendance. The attendance itself stays.
pub(super) async fn purge(
    unit: &mut UnitOfWork<'_>,
    attendance: Attendance,
    now: Timestamp,
) -> Result<(), database::Error> {
    let event = reload(unit, attendance.event_id).await?;
    let is_usable = attendance.state.cancelled().is_ok() && event.check_joining(now).is_ok();
    let left = if is_usable { release_place(unit, attendance, &event, now).await? } else { attendance };
    let nobody = Attendance { guest: None, participant_id: None, ..left };
    attendances::update(unit.conn_mut(), &nobody).await?;
    reports::forget(unit.conn_mut(), ReportOwnerId::Attendance(nobody.id)).await?;
    calendar_tokens::delete(unit.conn_mut(), nobody.id.uuid()).await?;
    notifications::purge(unit, nobody.id.uuid(), now).await?;
    database::idempotency::forget_content(unit.conn_mut(), nobody.id.uuid()).await
}
