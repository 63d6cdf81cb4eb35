//! Changes of time or place: attendees are notified once for all changes of a short period.

use domain::{Event, event::EventState};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{UnitOfWork, notifications};
use crate::{
    credentials::SecretHash,
    database::{self, attendances, outbox},
    mail::notice::{EventLocation, Notice, ZonedInstant},
};

/// How long it is waited for further changes before one is told: organizers correct what they have just
/// typed, and an evening is hardly ever moved on the last ten minutes before it.
const MOVE_NOTICE_DELAY: SignedDuration = SignedDuration::from_mins(10);

/// Notifies attendees and waiting people if the time or the place has changed. Changes that follow each other within the
/// delay are one notice; a change that is reverted within it is none.
pub(super) async fn tell(
    unit: &mut UnitOfWork<'_>,
    before: &Event,
    after: &Event,
    now: Timestamp,
) -> Result<(), database::Error> {
    let is_over = after.content.last_session().ends_at() <= now;
    if after.state != EventState::Approved || is_over || before.whereabouts() == after.whereabouts() {
        return Ok(());
    }
    let (was, is) = (whereabouts(before)?, whereabouts(after)?);
    for attendance in attendances::open(unit.conn(), after.id).await? {
        let waiting = outbox::untried(unit.conn(), attendance.id.uuid(), Notice::EVENT_MOVED).await?;
        if let Some((id, Notice::EventMoved { before, was, .. })) = waiting {
            let notice = notice(after, before, was, &is);
            if outbox::retell(unit.conn_mut(), id, notice.as_ref(), now).await? {
                continue;
            }
        }
        if let Some(notice) = notice(after, notifications::event_summary(before).when, was.clone(), &is) {
            notifications::notify_attendee(unit, after, &attendance, &notice, now + MOVE_NOTICE_DELAY)
                .await?;
        }
    }
    Ok(())
}

/// What there is to tell of an event that was to begin then and there.
fn notice(event: &Event, before: ZonedInstant, was: EventLocation, is: &EventLocation) -> Option<Notice> {
    let is_elsewhere = was.place != is.place;
    let event = notifications::event_summary(event);
    (was != *is).then_some(Notice::EventMoved { event, before, is_elsewhere, was })
}

fn whereabouts(event: &Event) -> Result<EventLocation, database::Error> {
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
