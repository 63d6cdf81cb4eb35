//! Changes of time or place: attendees are notified once for all changes of a short period.

use domain::{
    Attendance, Event,
    event::{EventAudience, EventState, PlaceSeen},
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{UnitOfWork, notifications};
use crate::{
    credentials::SecretHash,
    database::{self, attendances, outbox},
    mail::notice::{EventLocation, EventMove, EventSchedule, Notice, ZonedInstant},
};

/// How long it is quiet after a change before its people are told: organizers correct what they have just typed,
/// and look at it once more. Longer would leave people on their way to the former place.
const QUIET_PERIOD: SignedDuration = SignedDuration::from_mins(1);
/// The latest time after the first of several changes, however many follow.
const MAX_DELAY: SignedDuration = SignedDuration::from_mins(10);

/// Notifies attendees and waiting people if the time or the place has changed. Changes that follow each other within
/// the quiet period are one notice, with what was told before the first; changes that are taken back are none.
pub(super) async fn tell(
    unit: &mut UnitOfWork<'_>,
    before: &Event,
    after: &Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let is_over = after.content.last_session().ends_at() <= now;
    if after.state != EventState::Approved || is_over {
        return Ok(());
    }
    // Instants that new rules of the zone have moved are news of another kind.
    let present = before.recomputed(now);
    if present.is_some() && when(before) == when(after) {
        tell_new_rules(unit, after, now).await?;
    }
    let before = present.as_ref().unwrap_or(before);
    if before.whereabouts() == after.whereabouts() {
        return Ok(());
    }
    let (was, is) = (location(before)?, location(after)?);
    for attendance in attendances::open(unit.conn(), after.id).await? {
        let audience = audience(&attendance);
        let (former, current) = (schedule(before, audience), schedule(after, audience));
        let waiting = outbox::untried(unit.conn(), attendance.id.uuid(), Notice::EVENT_MOVED).await?;
        if let Some((id, Notice::EventMoved { before, was, change, .. })) = waiting {
            let (since, former) =
                change.map_or((now, former.clone()), |earlier| (earlier.since, earlier.before));
            let due = (now + QUIET_PERIOD).min(since + MAX_DELAY);
            let change = EventMove { since, before: former, now: current.clone() };
            let notice = notice(after, before, was, &is, change);
            if outbox::retell(unit.conn_mut(), id, notice.as_ref(), due, now).await? {
                continue;
            }
        }
        let change = EventMove { since: now, before: former, now: current };
        let begins = notifications::event_summary(before).when;
        if let Some(notice) = notice(after, begins, was.clone(), &is, change) {
            notifications::notify_attendee(unit, after, &attendance, &notice, now + QUIET_PERIOD).await?;
        }
    }
    Ok(())
}

/// Tells that the local times stay while their instants move.
async fn tell_new_rules(
    unit: &mut UnitOfWork<'_>,
    event: &Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let notice = Notice::EventClockChanged { event: notifications::event_summary(event) };
    for attendance in attendances::open(unit.conn(), event.id).await? {
        notifications::notify_attendee(unit, event, &attendance, &notice, now).await?;
    }
    let key = format!("event-clock-changed:{}", event.revision);
    notifications::notify_organizer(unit, event, &key, &notice, now).await
}

/// What there is to tell of an event that was to begin then and there.
fn notice(
    event: &Event,
    before: ZonedInstant,
    was: EventLocation,
    is: &EventLocation,
    change: EventMove,
) -> Option<Notice> {
    let is_elsewhere = was.place != is.place;
    let (event, change) = (notifications::event_summary(event), Some(change));
    (was != *is).then_some(Notice::EventMoved { event, before, is_elsewhere, was, change })
}

/// What a mail may tell this person of the place: the exact one only to the owner of a confirmed address who goes.
fn audience(attendance: &Attendance) -> EventAudience {
    if attendance.state.has_place() && attendance.confirmed_at.is_some() {
        EventAudience::Going
    } else {
        EventAudience::Everyone
    }
}

/// The times and the place of an event in a mail. Words that wait for review are not in it: mail of the service must
/// not carry the words of strangers.
fn schedule(event: &Event, audience: EventAudience) -> EventSchedule {
    let content = &event.content;
    let sessions = content.sessions.iter().map(|session| (session.local_start(), session.local_end()));
    EventSchedule {
        zone: content.zone.clone(),
        sessions: sessions.collect(),
        place: event.approved_place_for(audience).map(|place| line(&place)),
    }
}

/// A place on one line.
fn line(place: &PlaceSeen<'_>) -> String {
    let town = [place.postal_code, place.locality].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let town = Some(town).filter(|town| !town.is_empty());
    let land = place.region.map_or(place.country.as_str(), domain::Region::as_str);
    [place.venue, place.street, town.as_deref(), Some(land)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// The local times of an event.
fn when(event: &Event) -> EventSchedule {
    EventSchedule { place: None, ..schedule(event, EventAudience::Everyone) }
}

fn location(event: &Event) -> Result<EventLocation, database::Error> {
    let seen = event.whereabouts();
    Ok(EventLocation {
        times: fingerprint(&(seen.zone, seen.sessions))?,
        place: fingerprint(&(seen.format, seen.place, seen.online_link))?,
    })
}

fn fingerprint(seen: &impl Serialize) -> Result<String, database::Error> {
    let seen = serde_json::to_string(seen).map_err(|error| database::Error::Broken(Box::new(error)))?;
    Ok(SecretHash::of(&seen).to_string())
}
