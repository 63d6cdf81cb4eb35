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
        self, attendances, calendars, events, gatherings, person_secrets, places,
        reports::{self, Owner},
    },
    gathering::{Gathering, news},
    mail::notice::Notice,
};

/// What follows for those who are going or wait, once an event has changed: free places are filled in
/// order; when it is called off, all are told, and nobody waits any more. Says how it stands then.
pub(in crate::gathering) async fn follow(
    gathering: &mut Gathering<'_>,
    event: Event,
    is_by_staff: bool,
    now: Timestamp,
) -> Result<Event, database::Error> {
    match &event.state {
        EventState::Approved if event.waiting > 0 => fill(gathering, &event, now).await?,
        EventState::Cancelled(reason) if event.going > 0 || event.waiting > 0 => {
            // Nobody writes to strangers in our name: an organizer's words stand where the event does.
            let reason = is_by_staff.then(|| reason.clone());
            for attendance in attendances::open(gathering.reading(), event.id).await? {
                let state = AttendanceState::Cancelled;
                let after = Attendance { state, changed_at: now, ..attendance };
                attendances::update(gathering.writing(), &after).await?;
                let notice = Notice::EventCancelled { event: news::meeting(&event), reason: reason.clone() };
                news::tell_guest(gathering, &event, &after, &notice, now).await?;
            }
            places::clear(gathering.writing(), event.id).await?;
        }
        _ => return Ok(event),
    }
    present(gathering, event.id).await
}

/// Gives back all places and turns of a participant that can still be used.
pub(in crate::gathering) async fn give_back_all(
    gathering: &mut Gathering<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(gathering.reading(), participant).await? {
        let event = present(gathering, attendance.event_id).await?;
        if attendance.state.cancelled().is_ok() && event.check_joining(now).is_ok() {
            free(gathering, attendance, &event, now).await?;
        }
    }
    Ok(())
}

/// Has a participant who was at a former address reached at the new one, wherever they go, and nobody
/// else: what was mailed to the former one, or waits to be, is worth nothing any more.
pub(in crate::gathering) async fn readdress_all(
    gathering: &mut Gathering<'_>,
    before: &Participant,
    after: &Participant,
    now: Timestamp,
) -> Result<(), database::Error> {
    let former = before.content.email.folded();
    for attendance in attendances::of_participant(gathering.reading(), after.id).await? {
        let Some(guest) = &attendance.guest else { continue };
        if guest.email.as_ref().is_none_or(|email| email.folded() != former) {
            continue;
        }
        let subject = attendance.id.uuid();
        let guest = Some(Guest { email: Some(after.content.email.clone()), ..guest.clone() });
        let moved = Attendance { guest, confirmed_at: None, ..attendance };
        attendances::update(gathering.writing(), &moved).await?;
        person_secrets::forget_mailed(gathering.writing(), subject).await?;
        calendars::forget(gathering.writing(), subject).await?;
        news::drop_about(gathering, subject, now).await?;
    }
    Ok(())
}

/// Takes note that the address of a guest is theirs. If they wait, a place may lapse for them.
pub(in crate::gathering) async fn confirm(
    gathering: &mut Gathering<'_>,
    attendance: Attendance,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    let confirmed = Attendance { confirmed_at: Some(now), changed_at: now, ..attendance };
    attendances::update(gathering.writing(), &confirmed).await?;
    if confirmed.state != AttendanceState::Waitlisted {
        return Ok(confirmed);
    }
    let event = present(gathering, confirmed.event_id).await?;
    settle(gathering, &event, now).await?;
    Ok(attendances::find(gathering.reading(), confirmed.id).await?.unwrap_or(confirmed))
}

/// The same wherever a participant goes.
pub(in crate::gathering) async fn confirm_all(
    gathering: &mut Gathering<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(gathering.reading(), participant).await? {
        if attendance.confirmed_at.is_none() {
            confirm(gathering, attendance, now).await?;
        }
    }
    Ok(())
}

/// Erases who a participant was at all events.
pub(in crate::gathering) async fn erase_all(
    gathering: &mut Gathering<'_>,
    participant: ParticipantId,
    now: Timestamp,
) -> Result<(), database::Error> {
    for attendance in attendances::of_participant(gathering.reading(), participant).await? {
        forget(gathering, attendance, now).await?;
    }
    Ok(())
}

/// The event as it stands in this transaction.
pub(super) async fn present(gathering: &mut Gathering<'_>, id: EventId) -> Result<Event, database::Error> {
    let kept = events::find(gathering.reading(), id).await?;
    kept.map(|kept| kept.event)
        .ok_or_else(|| database::Error::Broken("an attendance without its event".into()))
}

/// Cancels an attendance, and lets the next one move up.
pub(super) async fn free(
    gathering: &mut Gathering<'_>,
    before: Attendance,
    event: &Event,
    now: Timestamp,
) -> Result<Attendance, database::Error> {
    let had_place = before.state.has_place();
    let after = Attendance { state: AttendanceState::Cancelled, changed_at: now, ..before };
    attendances::update(gathering.writing(), &after).await?;
    if had_place {
        places::give_back(gathering.writing(), event.id).await?;
        fill(gathering, event, now).await?;
    } else {
        places::leave_queue(gathering.writing(), event.id).await?;
    }
    Ok(after)
}

/// Has places lapse for those who are known to come and wait, in the order of the waiting list, for as long as
/// somebody has a place who is not.
async fn settle(gathering: &mut Gathering<'_>, event: &Event, now: Timestamp) -> Result<(), database::Error> {
    while let Some(next) = attendances::next_firm(gathering.reading(), event.id).await? {
        if !lapse(gathering, event, now).await? {
            break;
        }
        move_up(gathering, event, next, now).await?;
    }
    Ok(())
}

/// Has a place lapse for somebody who joins and is known to come, unless another one of those waits for it.
pub(super) async fn take_over(
    gathering: &mut Gathering<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<bool, database::Error> {
    Ok(attendances::next_firm(gathering.reading(), event.id).await?.is_none()
        && lapse(gathering, event, now).await?)
}

/// Has the place lapse that was taken last of those whose address nobody confirmed, and has that guest wait
/// under the same number. Nobody loses a place once the event has begun. `true` if one lapsed; as
/// many are counted as going as before, since it goes to somebody else at once.
async fn lapse(
    gathering: &mut Gathering<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<bool, database::Error> {
    if event.check_joining(now).is_err() || event.check_begun(now).is_ok() {
        return Ok(false);
    }
    let Some(last) = attendances::last_loose(gathering.reading(), event.id).await? else { return Ok(false) };
    let after = Attendance { state: AttendanceState::Waitlisted, changed_at: now, ..last };
    attendances::update(gathering.writing(), &after).await?;
    places::queue(gathering.writing(), event.id).await?;
    let secret = news::mailed_secret(gathering, after.id.uuid(), now).await?;
    let notice = Notice::EventWaiting { event: news::meeting(event), secret };
    news::tell_guest(gathering, event, &after, &notice, now).await?;
    Ok(true)
}

/// Gives a place to somebody who waits.
async fn move_up(
    gathering: &mut Gathering<'_>,
    event: &Event,
    next: Attendance,
    now: Timestamp,
) -> Result<(), database::Error> {
    places::leave_queue(gathering.writing(), event.id).await?;
    let after = Attendance { state: AttendanceState::Going, changed_at: now, ..next };
    attendances::update(gathering.writing(), &after).await?;
    let secret = Some(news::mailed_secret(gathering, after.id.uuid(), now).await?);
    let notice = Notice::EventPlace { event: news::meeting(event), secret };
    news::tell_guest(gathering, event, &after, &notice, now).await
}

/// Fills free places from the waiting list: first with those who are known to come, each in their order.
async fn fill(gathering: &mut Gathering<'_>, event: &Event, now: Timestamp) -> Result<(), database::Error> {
    if event.check_joining(now).is_err() {
        return Ok(());
    }
    while let Some(next) = attendances::next_in_turn(gathering.reading(), event.id).await? {
        if !places::take(gathering.writing(), event.id).await? {
            break;
        }
        move_up(gathering, event, next, now).await?;
    }
    Ok(())
}

/// Forgets who it was. That there was somebody stays.
pub(super) async fn forget(
    gathering: &mut Gathering<'_>,
    attendance: Attendance,
    now: Timestamp,
) -> Result<(), database::Error> {
    let event = present(gathering, attendance.event_id).await?;
    let is_usable = attendance.state.cancelled().is_ok() && event.check_joining(now).is_ok();
    let left = if is_usable { free(gathering, attendance, &event, now).await? } else { attendance };
    let nobody = Attendance { guest: None, participant_id: None, ..left };
    attendances::update(gathering.writing(), &nobody).await?;
    reports::forget(gathering.writing(), Owner::Attendance(nobody.id)).await?;
    calendars::forget(gathering.writing(), nobody.id.uuid()).await?;
    news::forget(gathering, nobody.id.uuid(), now).await?;
    gatherings::forget_content(gathering.writing(), nobody.id.uuid()).await
}
