//! iCalendar (RFC 5545) feeds.
//!
//! Each session is a `VEVENT` of its own with start and end by the wall clock in its zone, whose rules are in the
//! file. Its `UID` stays the same while the event and its other sessions change, and its `SEQUENCE` rises, so that
//! calendar applications take over changes and cancellations. Some applications show the title alone, so it says
//! what is cancelled.
//!
//! There is no `METHOD`: with one, RFC 5546 demands an `ORGANIZER` in each entry, and organizers are not public.

use domain::{
    Event,
    address::NameLanguage,
    event::{EventAudience, EventState, Session},
};

use super::bounded::{BoundedFeed, FeedPart};
use crate::api;
use lines::Lines;
use zones::{ZoneRules, ZonedSession};

mod lines;
pub(super) mod zones;

pub(super) const MEDIA: &str = "text/calendar; charset=utf-8";
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
}
