//! iCalendar (RFC 5545) feeds.
//!
//! Each session is a `VEVENT` of its own with start and end in UTC: a reader needs no time zone rules
//! to show the right local time. Its `UID` stays the same while the event changes, and its `SEQUENCE`
//! rises, so that calendar applications take over changes and cancellations.

use std::fmt::Write as _;

use domain::{
    Event,
    event::{EventAudience, EventState, Session},
};
use jiff::Timestamp;

use super::BoundedFeed;
use crate::api;

pub(super) const MEDIA: &str = "text/calendar; charset=utf-8";
/// The maximum length of a line in octets, without its line break.
const MAX_LINE_OCTETS: usize = 75;
/// The maximum length of a description in characters. It is repeated for each session, and calendar
/// applications show only some lines of it.
const MAX_DESCRIPTION_CHARS: usize = 1_000;

/// An event in a calendar, as its reader may see it.
pub(super) struct Entry<'a> {
    pub(super) event: &'a Event,
    /// The reader's audience.
    pub(super) audience: EventAudience,
    /// The reason of a cancellation, if the reader may see it.
    pub(super) reason: Option<&'a str>,
    /// Whether the reader attends; a cancelled event is cancelled for every reader.
    pub(super) status: Status,
    /// The `SEQUENCE`: how often the entry has changed for its reader.
    pub(super) sequence: u32,
}

/// The `STATUS` of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Confirmed,
    Tentative,
    Cancelled,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Tentative => "TENTATIVE",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl<'a> Entry<'a> {
    /// The event for the public.
    pub(super) fn for_everyone(event: &'a Event) -> Self {
        let (audience, sequence) = (EventAudience::Everyone, event.revision.saturating_sub(1));
        let reason = event.reason_for(audience);
        Self { event, audience, reason, status: Status::Confirmed, sequence }
    }
}

/// The `VEVENT`s of an event: one for each of its sessions.
pub(super) fn entry(entry: &Entry<'_>) -> String {
    let mut calendar = Calendar::default();
    for (number, session) in (1..).zip(&entry.event.content.sessions) {
        calendar.session(entry, number, session);
    }
    calendar.0
}

/// A calendar with this name. If events were left out, its description gives the URL of a section's
/// calendar, below `base`, the URL of the service.
pub(super) fn of(name: &str, entries: &BoundedFeed, base: Option<&str>) -> Vec<u8> {
    let mut calendar = Calendar::default();
    calendar.line("BEGIN", "VCALENDAR");
    calendar.line("VERSION", "2.0");
    calendar.line("PRODID", concat!("-//Write for Rights//w4r ", env!("CARGO_PKG_VERSION"), "//EN"));
    calendar.line("METHOD", "PUBLISH");
    calendar.text("NAME", name);
    calendar.text("X-WR-CALNAME", name);
    calendar.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    if let Some(base) = base.filter(|_| entries.is_truncated()) {
        let more = format!(
            "Only the events that begin last are in this calendar. Those of one section: \
             {base}/events.ics?section=CODE"
        );
        calendar.text("DESCRIPTION", &more);
        calendar.text("X-WR-CALDESC", &more);
    }
    entries.parts().for_each(|part| calendar.0.push_str(part));
    calendar.line("END", "VCALENDAR");
    calendar.0.into_bytes()
}

#[derive(Default)]
struct Calendar(String);

impl Calendar {
    fn session(&mut self, entry: &Entry<'_>, number: u32, session: &Session) {
        let Entry { event, audience, .. } = *entry;
        let content = &event.content;
        self.line("BEGIN", "VEVENT");
        self.line("UID", &format!("{}-{number}", api::global_id(event.id).as_str()));
        self.line("SEQUENCE", &entry.sequence.to_string());
        self.instant("DTSTAMP", event.updated_at);
        self.instant("CREATED", event.registered_at);
        self.instant("LAST-MODIFIED", event.updated_at);
        self.instant("DTSTART", session.starts_at());
        self.instant("DTEND", session.ends_at());
        let status = match event.state {
            EventState::Cancelled(_) => Status::Cancelled,
            _ => entry.status,
        };
        self.line("STATUS", status.as_str());
        self.text("SUMMARY", &content.title);
        // Some readers do not show a `URL`; all show the description.
        let link = event.online_link_for(audience);
        let reason = entry.reason.into_iter();
        let about: Vec<&str> = reason.chain(content.description.as_deref()).collect();
        let about = shortened(about.join("\n\n"));
        let about: Vec<&str> =
            Some(about.as_str()).filter(|about| !about.is_empty()).into_iter().chain(link).collect();
        if !about.is_empty() {
            self.text("DESCRIPTION", &about.join("\n\n"));
        }
        if let Some(link) = link {
            self.line("URL", link);
        }
        if let Some(place) = event.place_for(audience) {
            let town: Vec<&str> = [place.postal_code, place.locality].into_iter().flatten().collect();
            let town = town.join(" ");
            let parts = [place.venue, place.street, Some(town.as_str()), Some(place.country.as_str())];
            let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
            self.text("LOCATION", &parts.join(", "));
            // An approximate point would lead people to a wrong address.
            if let Some(point) = place.coordinates.filter(|_| place.has_exact_point) {
                self.line("GEO", &format!("{};{}", point.latitude(), point.longitude()));
            }
        }
        self.line("END", "VEVENT");
    }

    fn instant(&mut self, name: &str, instant: Timestamp) {
        self.line(name, &instant.strftime("%Y%m%dT%H%M%SZ").to_string());
    }

    fn text(&mut self, name: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '\\' | ';' | ',' => escaped.extend(['\\', character]),
                '\n' => escaped.push_str("\\n"),
                _ => escaped.push(character),
            }
        }
        self.line(name, &escaped);
    }

    /// A content line, folded if it is too long, between characters.
    fn line(&mut self, name: &str, value: &str) {
        let mut line = String::with_capacity(name.len() + 1 + value.len());
        // Writing to a string cannot fail.
        let _ = write!(line, "{name}:{value}");
        let mut length = 0;
        for character in line.chars() {
            if length + character.len_utf8() > MAX_LINE_OCTETS {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(character);
            length += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// The beginning of a text that is too long for a calendar.
fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_DESCRIPTION_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_shortened_between_characters() {
        assert_eq!(shortened("é".repeat(MAX_DESCRIPTION_CHARS)), "é".repeat(MAX_DESCRIPTION_CHARS));
        assert_eq!(shortened("é".repeat(MAX_DESCRIPTION_CHARS + 1)), "é".repeat(MAX_DESCRIPTION_CHARS) + "…");
    }

    fn written(name: &str, text: &str) -> String {
        let mut calendar = Calendar::default();
        calendar.text(name, text);
        calendar.0
    }

    #[test]
    fn what_has_a_meaning_in_the_format_is_escaped() {
        assert_eq!(
            written("SUMMARY", "Tea; cake, \\ and\nletters: free"),
            "SUMMARY:Tea\\; cake\\, \\\\ and\\nletters: free\r\n"
        );
    }

    #[test]
    fn a_long_line_is_folded_between_characters() {
        let text = "Listy za prawa człowieka – każdy list się liczy. ".repeat(9);
        let folded = written("DESCRIPTION", &text);
        assert!(folded.ends_with("\r\n"));
        for line in folded.trim_end_matches("\r\n").split("\r\n") {
            assert!(line.len() <= MAX_LINE_OCTETS, "{line}");
        }
        let unfolded = folded.replace("\r\n ", "");
        assert_eq!(unfolded.trim_end_matches("\r\n"), format!("DESCRIPTION:{}", text));
        let to_the_last = written("A", &"x".repeat(MAX_LINE_OCTETS - 2));
        assert!(!to_the_last.contains("\r\n "), "a line that just fits is left alone");
    }
}
