//! iCalendar (RFC 5545) feeds.
//!
//! Each session is a `VEVENT` of its own with start and end by the wall clock in its zone, whose rules are in the
//! file. Its `UID` stays the same while the event and its other sessions change, and its `SEQUENCE` rises, so that
//! calendar applications take over changes and cancellations. Some applications show the title alone, so it says
//! what is cancelled.
//!
//! There is no `METHOD`: with one, RFC 5546 demands an `ORGANIZER` in each entry, and organizers are not public.

use std::fmt::Write as _;

use domain::{
    Event,
    address::NameLanguage,
    event::{EventAudience, EventState, Session},
};
use jiff::{Timestamp, civil::DateTime};

use super::{BoundedFeed, FeedPart};
use crate::api;
use zones::{ZoneRules, ZonedSession};

pub(super) mod zones;

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
    /// The reader's language.
    pub(super) language: NameLanguage,
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
        let language = NameLanguage::English;
        Self { event, audience, reason, status: Status::Confirmed, sequence, language }
    }
}

/// The `VEVENT`s of an event: one for each of its sessions, and a cancelled one for each that was removed.
pub(super) fn entry(entry: &Entry<'_>) -> FeedPart {
    let (mut lines, mut zoned) = (Lines::default(), Vec::new());
    let content = &entry.event.content;
    let status = match entry.event.state {
        EventState::Cancelled(_) => Status::Cancelled,
        _ => entry.status,
    };
    let about = entry.about();
    let sessions = content.numbered_sessions().map(|(number, session)| (number, session, status));
    let removed = content.session_numbers.removed().iter();
    let removed = removed.map(|removed| (removed.number, &removed.session, Status::Cancelled));
    for (number, session, status) in sessions.chain(removed) {
        zoned.extend(lines.session(entry, number, session, status, &about));
    }
    FeedPart { text: lines.0, zoned }
}

impl Entry<'_> {
    /// What there is to say of the event: the reason of its cancellation, its description, and its link, because
    /// some readers do not show a `URL` and all show the description.
    fn about(&self) -> String {
        let reason = self.reason.into_iter();
        let about: Vec<&str> = reason.chain(self.event.content.description.as_deref()).collect();
        let about = shortened(about.join("\n\n"));
        let link = self.event.online_link_for(self.audience);
        let about = Some(about.as_str()).filter(|about| !about.is_empty());
        about.into_iter().chain(link).collect::<Vec<&str>>().join("\n\n")
    }

    /// The title of an entry, which says if it is cancelled.
    fn title(&self, status: Status) -> String {
        let title = &self.event.content.title;
        match (status, self.language) {
            (Status::Confirmed | Status::Tentative, _) => title.clone(),
            (Status::Cancelled, NameLanguage::English) => format!("Cancelled: {title}"),
            (Status::Cancelled, NameLanguage::French) => format!("Annulé : {title}"),
        }
    }
}

/// A calendar with this name. If events were left out, its description gives the URL of a section's
/// calendar, below `base`, the URL of the service.
pub(super) fn of(name: &str, entries: &BoundedFeed, base: Option<&str>) -> Vec<u8> {
    let mut lines = Lines::default();
    lines.line("BEGIN", "VCALENDAR");
    lines.line("VERSION", "2.0");
    lines.line("PRODID", concat!("-//Write for Rights//w4r ", env!("CARGO_PKG_VERSION"), "//EN"));
    lines.unescaped("NAME", name);
    lines.unescaped("X-WR-CALNAME", name);
    lines.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    if let Some(base) = base.filter(|_| entries.is_truncated()) {
        let more = format!(
            "Only the events that begin last are in this calendar. Those of one section: \
             {base}/events.ics?section=CODE"
        );
        lines.unescaped("DESCRIPTION", &more);
        lines.unescaped("X-WR-CALDESC", &more);
    }
    entries.zones().write(&mut lines);
    // A calendar has to have a component (RFC 5545, 3.6). Readers show nothing for the rules of a zone.
    if entries.parts().all(str::is_empty) {
        ZoneRules::write_utc(&mut lines);
    }
    entries.parts().for_each(|part| lines.0.push_str(part));
    lines.line("END", "VCALENDAR");
    lines.0.into_bytes()
}

/// Content lines.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Writes an entry. Returns its session if it is by the wall clock of a zone.
    fn session(
        &mut self,
        entry: &Entry<'_>,
        number: u32,
        session: &Session,
        status: Status,
        about: &str,
    ) -> Option<ZonedSession> {
        let Entry { event, audience, language, .. } = *entry;
        self.line("BEGIN", "VEVENT");
        self.line("UID", &format!("{}-{number}", api::global_id(event.id).as_str()));
        self.line("SEQUENCE", &entry.sequence.to_string());
        self.instant("DTSTAMP", event.updated_at);
        self.instant("CREATED", event.registered_at);
        self.instant("LAST-MODIFIED", event.updated_at);
        let zone = &event.content.zone;
        let zoned = ZonedSession::of(zone, session);
        if zoned.is_some() {
            self.local("DTSTART", zone.as_str(), session.local_start());
            self.local("DTEND", zone.as_str(), session.local_end());
        } else {
            self.instant("DTSTART", session.starts_at());
            self.instant("DTEND", session.ends_at());
        }
        self.line("STATUS", status.as_str());
        self.text("SUMMARY", &entry.title(status));
        if !about.is_empty() {
            self.text("DESCRIPTION", about);
        }
        if let Some(link) = event.online_link_for(audience) {
            self.line("URL", link);
        }
        if let Some(place) = event.place_for(audience) {
            self.text("LOCATION", &place.address_lines(language).join(", "));
            // An approximate point would lead people to a wrong address.
            if let Some(point) = place.coordinates.filter(|_| place.has_exact_point) {
                self.line("GEO", &format!("{};{}", point.latitude(), point.longitude()));
            }
        }
        self.line("END", "VEVENT");
        zoned
    }

    fn instant(&mut self, name: &str, instant: Timestamp) {
        self.line(name, &instant.strftime("%Y%m%dT%H%M%SZ").to_string());
    }

    /// A time by the wall clock.
    fn local(&mut self, name: &str, zone: &str, time: DateTime) {
        self.line(&format!("{name};TZID={zone}"), &time.strftime("%Y%m%dT%H%M%S").to_string());
    }

    fn text(&mut self, name: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '\\' | ';' | ',' => escaped.extend(['\\', character]),
                // Some readers end a line at each of these, and lose what is behind it.
                '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => escaped.push_str("\\n"),
                '\t' => escaped.push(character),
                _ if character.is_control() => {}
                _ => escaped.push(character),
            }
        }
        self.line(name, &escaped);
    }

    /// A text that has nothing to escape: many readers show the name of a calendar with its backslashes. What would
    /// be escaped is replaced.
    fn unescaped(&mut self, name: &str, text: &str) {
        let plain = text.replace([',', ';'], " –").replace('\\', "/");
        self.text(name, &plain);
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
        let mut lines = Lines::default();
        lines.text(name, text);
        lines.0
    }

    #[test]
    fn what_has_a_meaning_in_the_format_is_escaped() {
        assert_eq!(
            written("SUMMARY", "Tea; cake, \\ and\nletters: free"),
            "SUMMARY:Tea\\; cake\\, \\\\ and\\nletters: free\r\n"
        );
    }

    #[test]
    fn every_separator_of_lines_is_a_line_break_of_the_format() {
        for separator in ['\n', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'] {
            assert_eq!(written("DESCRIPTION", &format!("a{separator}b")), "DESCRIPTION:a\\nb\r\n");
        }
        assert_eq!(written("DESCRIPTION", "a\r\nb\u{0}\tc"), "DESCRIPTION:a\\nb\tc\r\n");
    }

    #[test]
    fn the_name_of_a_calendar_has_nothing_to_escape() {
        let mut lines = Lines::default();
        lines.unescaped("X-WR-CALNAME", "Hong Kong, China; North\\South");
        assert_eq!(lines.0, "X-WR-CALNAME:Hong Kong – China – North/South\r\n");
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
