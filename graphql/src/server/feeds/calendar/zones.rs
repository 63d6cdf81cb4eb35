//! The zone rules (`VTIMEZONE`) of a calendar.
//!
//! What was promised is the wall clock in a zone. Readers with zone rules of their own go by the name of the zone,
//! the others by the rules that are given here: those that are in force during the entries of the calendar.

use std::collections::BTreeMap;

use domain::{Zone, event::Session};
use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset},
};

use super::lines::Lines;

/// Names of UTC in the IANA database (file `etcetera` and its links). A time in UTC needs no rules.
const UTC: [&str; 8] = ["Etc/UCT", "Etc/UTC", "Etc/Universal", "Etc/Zulu", "UCT", "UTC", "Universal", "Zulu"];
/// The onset of rules that have always been in force.
const ALWAYS: &str = "19700101T000000";
/// The most onsets that are written before a session. In most zones the second one is no daylight saving time; Morocco
/// has two changes in a month of spring.
const MAX_ONSETS_BEFORE: usize = 4;
/// The most octets of an onset of a rule: its lines with the longest names and offsets.
pub(in crate::server::feeds) const MAX_ONSET_BYTES: usize = 160;

/// The rules of the zones of a calendar.
#[derive(Debug, Default)]
pub(in crate::server::feeds) struct ZoneRules(BTreeMap<Zone, BTreeMap<Timestamp, Onset>>);

/// From when an offset is in force.
#[derive(Debug)]
struct Onset {
    /// By the wall clock before it.
    at: String,
    from: Offset,
    to: Offset,
    name: String,
    is_daylight: bool,
}

/// A session that is written with its zone.
#[derive(Clone, Debug)]
pub(in crate::server::feeds) struct ZonedSession {
    zone: Zone,
    session: Session,
}

impl ZonedSession {
    /// The session by the wall clock; `None` if it is written in UTC: in a zone of UTC, and where the time occurs
    /// twice and the second one is meant, because in a calendar a wall clock means the first.
    pub(super) fn of(zone: &Zone, session: &Session) -> Option<Self> {
        let rules = zone.time_zone();
        let is_second = |local: DateTime, instant: Timestamp| {
            let meant = rules.to_ambiguous_timestamp(local);
            matches!(meant.offset(), AmbiguousOffset::Fold { .. })
                && meant.later().is_ok_and(|it| it == instant)
        };
        let is_in_utc = UTC.contains(&zone.as_str())
            || is_second(session.local_start(), session.starts_at())
            || is_second(session.local_end(), session.ends_at());
        (!is_in_utc).then(|| Self { zone: zone.clone(), session: *session })
    }
}

impl ZoneRules {
    /// Adds the rules during a session. Returns how many onsets were added.
    pub(in crate::server::feeds) fn add(&mut self, zoned: &ZonedSession) -> usize {
        let rules = zoned.zone.time_zone();
        let onsets = self.0.entry(zoned.zone.clone()).or_default();
        let before = onsets.len();
        // Rules may differ between this process and the one that stored the instants, by a day at most.
        let margin = SignedDuration::from_hours(24);
        let starts_at = zoned.session.starts_at().saturating_sub(margin).unwrap_or(Timestamp::MIN);
        let ends_at = zoned.session.ends_at().saturating_add(margin).unwrap_or(Timestamp::MAX);
        // The rule in force, and the ones before it up to the last that is no daylight saving time: dateutil, which
        // vobject reads with, fails at a zone that has none.
        let mut first = Vec::new();
        for onset in rules.preceding(starts_at).take(MAX_ONSETS_BEFORE) {
            let is_daylight = onset.dst().is_dst();
            first.push(onset);
            if !is_daylight {
                break;
            }
        }
        if first.is_empty() {
            let info = rules.to_offset_info(starts_at);
            let (offset, name) = (info.offset(), info.abbreviation().to_owned());
            onsets.entry(Timestamp::UNIX_EPOCH).or_insert_with(|| Onset {
                at: ALWAYS.to_owned(),
                from: offset,
                to: offset,
                name,
                is_daylight: false,
            });
        }
        let during = rules.following(starts_at).take_while(|onset| onset.timestamp() <= ends_at);
        for onset in first.into_iter().chain(during) {
            let at = onset.timestamp();
            onsets.entry(at).or_insert_with(|| {
                let earlier = at.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MIN);
                let from = rules.to_offset(earlier);
                Onset {
                    at: from.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string(),
                    from,
                    to: onset.offset(),
                    name: onset.abbreviation().to_owned(),
                    is_daylight: onset.dst().is_dst(),
                }
            });
        }
        onsets.len() - before
    }

    /// Writes the rules of all zones. A calendar has to have a component: without an entry it has the rules of UTC,
    /// for which no reader shows anything.
    pub(super) fn write(&self, lines: &mut Lines) {
        for (zone, onsets) in &self.0 {
            component(lines, zone.as_str(), onsets.values());
        }
    }

    /// Writes the rules of UTC.
    pub(super) fn write_utc(lines: &mut Lines) {
        let utc = Onset {
            at: ALWAYS.to_owned(),
            from: Offset::UTC,
            to: Offset::UTC,
            name: "UTC".to_owned(),
            is_daylight: false,
        };
        component(lines, "UTC", [&utc]);
    }
}

fn component<'a>(lines: &mut Lines, zone: &str, onsets: impl IntoIterator<Item = &'a Onset>) {
    lines.line("BEGIN", "VTIMEZONE");
    lines.line("TZID", zone);
    for onset in onsets {
        let kind = if onset.is_daylight { "DAYLIGHT" } else { "STANDARD" };
        lines.line("BEGIN", kind);
        lines.line("DTSTART", &onset.at);
        lines.line("TZOFFSETFROM", &offset(onset.from));
        lines.line("TZOFFSETTO", &offset(onset.to));
        lines.text("TZNAME", &onset.name);
        lines.line("END", kind);
    }
    lines.line("END", "VTIMEZONE");
}

/// `+HHMM`, with seconds if there are any.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, rest) = (seconds.abs() / 3_600, seconds.abs() % 3_600);
    let (minutes, seconds) = (rest / 60, rest % 60);
    let seconds = if seconds == 0 { String::new() } else { format!("{seconds:02}") };
    format!("{sign}{hours:02}{minutes:02}{seconds}")
}

#[cfg(test)]
mod tests {
    use domain::event::{LocalTimeDisambiguation, SessionDraft};

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).expect("a zone")
    }

    fn session(zone: &Zone, start: &str, end: &str, repeated: Option<LocalTimeDisambiguation>) -> Session {
        let draft = SessionDraft {
            local_start: start.into(),
            local_end: end.into(),
            start_repeated: repeated,
            end_repeated: repeated,
        };
        draft.parse(zone).expect("a session")
    }

    fn written(name: &str, sessions: &[(&str, &str)]) -> Vec<String> {
        let (zone, mut rules, mut lines) = (zone(name), ZoneRules::default(), Lines::default());
        for (start, end) in sessions {
            let session = session(&zone, start, end, None);
            rules.add(&ZonedSession::of(&zone, &session).expect("a zone with rules"));
        }
        rules.write(&mut lines);
        lines.0.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_zone_has_the_rules_that_are_in_force_during_its_sessions() {
        let during = [("2026-10-31T18:00", "2026-11-01T20:00"), ("2026-12-10T18:00", "2026-12-10T20:00")];
        let expected = [
            "BEGIN:VTIMEZONE",
            "TZID:America/Toronto",
            "BEGIN:STANDARD",
            "DTSTART:20251102T020000",
            "TZOFFSETFROM:-0400",
            "TZOFFSETTO:-0500",
            "TZNAME:EST",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20260308T020000",
            "TZOFFSETFROM:-0500",
            "TZOFFSETTO:-0400",
            "TZNAME:EDT",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART:20261101T020000",
            "TZOFFSETFROM:-0400",
            "TZOFFSETTO:-0500",
            "TZNAME:EST",
            "END:STANDARD",
            "END:VTIMEZONE",
        ];
        assert_eq!(written("America/Toronto", &during), expected);
    }

    #[test]
    fn a_zone_has_a_rule_that_is_no_daylight_saving_time() {
        for zone in ["Africa/Casablanca", "America/Toronto", "Europe/Dublin", "Australia/Lord_Howe"] {
            for day in ["2026-01-15", "2026-07-15"] {
                let lines = written(zone, &[(&format!("{day}T18:00"), &format!("{day}T20:00"))]);
                assert!(lines.iter().any(|line| line == "BEGIN:STANDARD"), "{zone}: {lines:?}");
            }
        }
    }

    #[test]
    fn a_zone_without_changes_has_one_rule() {
        let lines = written("Etc/GMT+5", &[("2026-12-10T18:00", "2026-12-10T20:00")]);
        assert_eq!(lines[3..6], ["DTSTART:19700101T000000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0500"]);
        assert_eq!(lines.iter().filter(|line| line.starts_with("DTSTART")).count(), 1, "{lines:?}");
    }

    #[test]
    fn what_a_wall_clock_cannot_say_is_said_in_utc() {
        let toronto = zone("America/Toronto");
        let night = |repeated| session(&toronto, "2026-11-01T01:10", "2026-11-01T01:50", Some(repeated));
        assert!(ZonedSession::of(&toronto, &night(LocalTimeDisambiguation::Earlier)).is_some());
        assert!(ZonedSession::of(&toronto, &night(LocalTimeDisambiguation::Later)).is_none());
        for name in UTC {
            let utc = zone(name);
            let session = session(&utc, "2026-12-10T18:00", "2026-12-10T20:00", None);
            assert!(ZonedSession::of(&utc, &session).is_none(), "{name}");
        }
    }

    #[test]
    fn an_onset_fits_into_what_is_counted_for_it() {
        let (zone, mut lines) = (zone("America/Argentina/ComodRivadavia"), Lines::default());
        let mut rules = ZoneRules::default();
        let session = session(&zone, "2026-12-10T18:00", "2026-12-10T20:00", None);
        let onsets = rules.add(&ZonedSession::of(&zone, &session).expect("a zone with rules"));
        assert_eq!(onsets, 1);
        rules.write(&mut lines);
        assert!(lines.0.len() <= 2 * MAX_ONSET_BYTES, "{}", lines.0);
        assert_eq!(
            [offset(Offset::UTC), offset(Offset::from_seconds(-20_705).expect("an offset"))],
            ["+0000", "-054505"]
        );
    }
}
