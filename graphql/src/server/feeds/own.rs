//! The private calendar of the events that a person joined, at a secret URL.
//!
//! A calendar application cannot send credentials, so the URL contains a secret that opens nothing
//! else. It is neither logged nor cached. The response to an unknown secret is the same as for an
//! unknown path.

use std::collections::BTreeMap;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Attendance, AttendanceId, EventId, Language, ParticipantId, address::NameLanguage,
    attendance::AttendanceState, event::EventAudience,
};
use uuid::Uuid;

use super::{
    bounded::BoundedFeed,
    calendar::{self, Entry, Status},
};
use crate::{
    credentials::SecretHash,
    database::{self, Connection, Database, attendances, calendar_tokens, events, participants},
    mail::templates::MailLanguage,
    server::static_response,
};

/// The largest number of events in a calendar: those that were joined last. It is more than a person
/// attends in a lifetime.
const MAX_EVENTS: usize = 500;

/// The content is for one person, so no cache may store it.
const PRIVATE: [(HeaderName, HeaderValue); 2] = [
    (header::CONTENT_TYPE, HeaderValue::from_static(calendar::MEDIA)),
    (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
];

/// The response with the calendar of this file name.
pub(super) async fn calendar(database: &Database, file: &str) -> Result<Response, database::Error> {
    let Some(secret) = file.strip_suffix(".ics") else { return Ok(no_location()) };
    Ok(match content(database, SecretHash::of(secret)).await? {
        Some(body) => static_response::private((PRIVATE, body).into_response()),
        None => no_location(),
    })
}

/// The response for an unknown path.
fn no_location() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// A person's attendances of one event: the latest one, and their number.
struct OwnEvents {
    latest: Attendance,
    times: u32,
}

/// The calendar that this secret opens.
async fn content(database: &Database, secret: SecretHash) -> Result<Option<Vec<u8>>, database::Error> {
    let mut connection = database.connect().await?;
    let Some(subject) = calendar_tokens::subject(&mut connection, secret).await? else { return Ok(None) };
    let language = match language(&mut connection, subject).await?.as_ref().map(MailLanguage::of) {
        Some(MailLanguage::French) => NameLanguage::French,
        Some(MailLanguage::English) | None => NameLanguage::English,
    };
    let mut parts: BTreeMap<EventId, OwnEvents> = BTreeMap::new();
    for attendance in joined(&mut connection, subject).await? {
        let times = parts.get(&attendance.event_id).map_or(0, |part| part.times);
        // Attendances are in order of creation, so the last one stays.
        parts.insert(attendance.event_id, OwnEvents { latest: attendance, times: times + 1 });
    }
    let mut parts: Vec<OwnEvents> = parts.into_values().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.latest.joined_at));
    let mut file = BoundedFeed::default();
    for part in parts.iter().take(MAX_EVENTS) {
        let Some(stored) = events::find(&mut connection, part.latest.event_id).await? else { continue };
        // The person has joined it and knows of it, whether or not the place was given up.
        if stored.event.state.was_approved()
            && !file.push(calendar::entry(&part.entry(&stored.event, language)))
        {
            break;
        }
    }
    let name = match language {
        NameLanguage::French => "Écrire pour les droits : mes événements",
        NameLanguage::English => "Write for Rights: my events",
    };
    Ok(Some(calendar::of(name, &file, None)))
}

impl OwnEvents {
    fn entry<'a>(&self, event: &'a domain::Event, language: NameLanguage) -> Entry<'a> {
        let (audience, status, step) = match self.latest.state {
            AttendanceState::Waitlisted => (EventAudience::Everyone, Status::Tentative, 0),
            AttendanceState::Going | AttendanceState::Attended | AttendanceState::NoShow => {
                (EventAudience::Going, Status::Confirmed, 1)
            }
            AttendanceState::Cancelled => (EventAudience::Everyone, Status::Cancelled, 2),
            // As without a place, which shows no more than the public may see.
            _ => (EventAudience::Everyone, Status::Tentative, 0),
        };
        // Grows with each change of the event and with each change of the attendance.
        let steps = 3 * self.times.saturating_sub(1) + step;
        let sequence = event.revision.saturating_sub(1).saturating_add(steps);
        // The person has joined the event and may see the reason of a cancellation, even without a
        // place.
        Entry { event, audience, reason: event.state.reason(), status, sequence, language }
    }
}

/// The attendances of a participant, or the single one.
async fn joined(connection: &mut Connection, subject: Uuid) -> Result<Vec<Attendance>, database::Error> {
    let mut joined = attendances::of_participant(connection, ParticipantId::new(subject)).await?;
    joined.extend(attendances::find(connection, AttendanceId::new(subject)).await?);
    Ok(joined)
}

/// The language of the participant, if it is known.
async fn language(connection: &mut Connection, subject: Uuid) -> Result<Option<Language>, database::Error> {
    let participant = participants::find(connection, ParticipantId::new(subject)).await?;
    Ok(participant.and_then(|participant| participant.content.language))
}
