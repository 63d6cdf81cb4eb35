//! The calendar of the events that a person joined, at an address that nobody else knows.
//!
//! A calendar application sends no secret, so the address holds one that opens nothing else. It stands in
//! no log and in no cache. One that opens nothing is answered like any address that does not exist.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Attendance, AttendanceId, EventId, Language, ParticipantId, attendance::AttendanceState,
    event::EventAudience,
};
use uuid::Uuid;

use super::{
    BoundedFeed, Feeds,
    calendar::{self, Entry, Status},
    failed,
};
use crate::{
    credentials::SecretHash,
    database::{self, Connection, attendances, calendar_tokens, events, participants},
    mail::templates::MailLanguage,
    server::static_response,
};

/// How many events a calendar has: those that were joined last. Nobody has been at so many in their life.
const MAX_EVENTS: usize = 500;

/// Who sees it may be anywhere, and what it says is for one person.
const PRIVATE: [(HeaderName, HeaderValue); 2] = [
    (header::CONTENT_TYPE, HeaderValue::from_static(calendar::MEDIA)),
    (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
];

pub(super) async fn calendar(State(feeds): State<Feeds>, Path(file): Path<String>) -> Response {
    let Some(secret) = file.strip_suffix(".ics") else { return no_location() };
    match feeds.own(SecretHash::of(secret)).await {
        Ok(Some(body)) => static_response::not_modified((PRIVATE, body).into_response()),
        Ok(None) => no_location(),
        Err(error) => static_response::not_modified(failed(&error)),
    }
}

/// What is said where no route leads.
fn no_location() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// What somebody has to do with an event: how they stand there now, and how often they joined it.
struct OwnEvents {
    latest: Attendance,
    times: u32,
}

impl Feeds {
    /// The calendar that this secret opens.
    async fn own(&self, secret: SecretHash) -> Result<Option<Vec<u8>>, database::Error> {
        let mut connection = self.context.database.connect().await?;
        let Some(subject) = calendar_tokens::subject(&mut connection, secret).await? else { return Ok(None) };
        let language = language(&mut connection, subject).await?;
        let mut parts: BTreeMap<EventId, OwnEvents> = BTreeMap::new();
        for attendance in joined(&mut connection, subject).await? {
            let times = parts.get(&attendance.event_id).map_or(0, |part| part.times);
            // They come in the order in which they joined.
            parts.insert(attendance.event_id, OwnEvents { latest: attendance, times: times + 1 });
        }
        let mut parts: Vec<OwnEvents> = parts.into_values().collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.latest.joined_at));
        let mut file = BoundedFeed::default();
        for part in parts.iter().take(MAX_EVENTS) {
            let Some(kept) = events::find(&mut connection, part.latest.event_id).await? else { continue };
            // Whoever joined it knows of it, whatever became of their place.
            if kept.event.state.was_approved() && !file.push(calendar::entry(&part.entry(&kept.event))) {
                break;
            }
        }
        let name = match language.as_ref().map(MailLanguage::of) {
            Some(MailLanguage::French) => "Écrire pour les droits : mes événements",
            Some(MailLanguage::English) | None => "Write for Rights: my events",
        };
        Ok(Some(calendar::of(name, &file, None)))
    }
}

impl OwnEvents {
    fn entry<'a>(&self, event: &'a domain::Event) -> Entry<'a> {
        let (audience, status, step) = match self.latest.state {
            AttendanceState::Waitlisted => (EventAudience::Everyone, Status::Tentative, 0),
            AttendanceState::Going | AttendanceState::Attended | AttendanceState::NoShow => {
                (EventAudience::Going, Status::Confirmed, 1)
            }
            AttendanceState::Cancelled => (EventAudience::Everyone, Status::Cancelled, 2),
        };
        // Grows with each change of the event and with each step of their own.
        let steps = 3 * self.times.saturating_sub(1) + step;
        let sequence = event.revision.saturating_sub(1).saturating_add(steps);
        // They joined it: why it is off is for them, whether they still had a place or not.
        Entry { event, audience, reason: event.state.reason(), status, sequence }
    }
}

/// What a participant joined, or the one attendance.
async fn joined(connection: &mut Connection, subject: Uuid) -> Result<Vec<Attendance>, database::Error> {
    let mut joined = attendances::of_participant(connection, ParticipantId::new(subject)).await?;
    joined.extend(attendances::find(connection, AttendanceId::new(subject)).await?);
    Ok(joined)
}

/// What the participant reads, where they said so.
async fn language(connection: &mut Connection, subject: Uuid) -> Result<Option<Language>, database::Error> {
    let participant = participants::find(connection, ParticipantId::new(subject)).await?;
    Ok(participant.and_then(|participant| participant.content.language))
}
