//! A session of an event: its start and end, given in local time and resolved to instants.
//!
//! Clocks are put forward and back, so that some local times never come and others come twice. The
//! former are refused; of the latter the draft has to say which one is meant.
//!
//! ```
//! use domain::{Zone, event::{LocalTimeDisambiguation, SessionDraft}};
//! let zone = Zone::parse("America/Toronto").unwrap();
//! let evening = SessionDraft {
//!     local_start: "2021-12-10T19:00".into(),
//!     local_end: "2021-12-11T00:30".into(),
//!     ..SessionDraft::default()
//! };
//! let session = evening.parse(&zone).unwrap();
//! assert_eq!(session.starts_at().to_string(), "2021-12-11T00:00:00Z");
//! assert_eq!(session.last_day().to_string(), "2021-12-11");
//! // In the night of 7 November 2021 half past one comes twice.
//! let night = SessionDraft {
//!     local_start: "2021-11-07T01:30".into(),
//!     start_repeated: Some(LocalTimeDisambiguation::Later),
//!     local_end: "2021-11-07T03:00".into(),
//!     ..SessionDraft::default()
//! };
//! assert_eq!(night.parse(&zone).unwrap().starts_at().to_string(), "2021-11-07T06:30:00Z");
//! ```

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

use super::LocalTimeDisambiguation;
use crate::{
    edition::{FIRST_YEAR, LAST_YEAR},
    text::{Zone, code_as_typed},
    violation::{ViolationKind, Violations},
};

/// The most days of one session. A writing marathon lasts a day and a night, a stall a week or two. A longer
/// session is several sessions, or a mistyped year.
pub const MAX_SESSION_DAYS: i64 = 14;
/// One for each day from the opening of a campaign to the new year.
pub const MAX_SESSIONS: usize = 60;

/// A session as typed, in the local time of the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SessionDraft {
    /// When it begins: `YYYY-MM-DDTHH:MM`.
    pub local_start: String,
    /// Which of the two, where that time comes twice.
    pub start_repeated: Option<LocalTimeDisambiguation>,
    /// When it ends; later than it begins.
    pub local_end: String,
    /// Which of the two, where that time comes twice.
    pub end_repeated: Option<LocalTimeDisambiguation>,
}

/// A session in the zone of its event.
///
/// ```
/// use domain::{Zone, event::SessionDraft};
/// let typed = SessionDraft {
///     local_start: "2021-12-10T18:00".into(), local_end: "2021-12-11T00:00".into(), ..SessionDraft::default()
/// };
/// let session = typed.parse(&Zone::parse("Europe/Warsaw").unwrap()).unwrap();
/// assert_eq!(session.first_day(), session.last_day(), "midnight ends the day before");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Session {
    local_start: DateTime,
    local_end: DateTime,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

impl SessionDraft {
    /// The session in a zone.
    ///
    /// # Errors
    /// [`ViolationKind::LocalTimeInvalid`], [`ViolationKind::LocalTimeSkipped`], [`ViolationKind::LocalTimeRepeated`],
    /// [`ViolationKind::SessionOutOfOrder`] or [`ViolationKind::SessionTooLong`].
    pub fn parse(&self, zone: &Zone) -> Result<Session, Violations> {
        let mut violations = Violations::default();
        let start = violations.check("local_start", resolve(&self.local_start, self.start_repeated, zone));
        let end = violations.check("local_end", resolve(&self.local_end, self.end_repeated, zone));
        if let (Some((_, starts_at)), Some((_, ends_at))) = (start, end) {
            if ends_at <= starts_at {
                violations.add("local_end", ViolationKind::SessionOutOfOrder);
            } else if ends_at.duration_since(starts_at) > SignedDuration::from_hours(24 * MAX_SESSION_DAYS) {
                violations.add("local_end", ViolationKind::SessionTooLong { days: MAX_SESSION_DAYS });
            }
        }
        violations.into_result()?;
        let (Some((local_start, starts_at)), Some((local_end, ends_at))) = (start, end) else {
            unreachable!("a time is missing only beside a violation");
        };
        Ok(Session { local_start, local_end, starts_at, ends_at })
    }
}

impl Session {
    /// When it begins, by the clock on the wall.
    #[must_use]
    pub const fn local_start(&self) -> DateTime {
        self.local_start
    }

    /// When it ends, by the clock on the wall.
    #[must_use]
    pub const fn local_end(&self) -> DateTime {
        self.local_end
    }

    /// The instant at which it begins.
    #[must_use]
    pub const fn starts_at(&self) -> Timestamp {
        self.starts_at
    }

    /// The first instant after it.
    #[must_use]
    pub const fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    /// The day on which it begins, in the zone of the event.
    #[must_use]
    pub fn first_day(&self) -> Date {
        self.local_start.date()
    }

    /// The last day that has a part of it. What ends at midnight ends the day before.
    #[must_use]
    pub fn last_day(&self) -> Date {
        let last = self.local_end.saturating_sub(SignedDuration::from_micros(1)).date();
        // Where clocks go back over midnight, the wall may show an earlier time than at the start.
        last.max(self.first_day())
    }
}

impl Session {
    /// The session with the instants that its local times mean by these rules, which may have changed since it
    /// was stored: the clock on the wall is what people were told. A time that the zone skips or repeats by
    /// the new rules is read as RFC 5545 reads it; where the stored instant is one of two, it stays.
    #[must_use]
    pub fn recomputed_in(&self, rules: &TimeZone) -> Self {
        let starts_at = present_instant(self.local_start, self.starts_at, rules);
        let ends_at = present_instant(self.local_end, self.ends_at, rules);
        // A session that the new rules would turn around keeps its length.
        let length = self.ends_at.duration_since(self.starts_at);
        let ends_at = if ends_at > starts_at {
            ends_at
        } else {
            starts_at.saturating_add(length).unwrap_or(self.ends_at)
        };
        Self { starts_at, ends_at, ..*self }
    }
}

/// The instant of a local time by these rules.
fn present_instant(time: DateTime, stored: Timestamp, rules: &TimeZone) -> Timestamp {
    let meant = rules.to_ambiguous_timestamp(time);
    if let AmbiguousOffset::Fold { before, after } = meant.offset()
        && [before, after]
            .iter()
            .any(|offset| offset.to_timestamp(time).is_ok_and(|instant| instant == stored))
    {
        return stored;
    }
    meant.compatible().unwrap_or(stored)
}

/// A local time as typed, and the instant it means in the zone.
fn resolve(
    typed: &str,
    repeated: Option<LocalTimeDisambiguation>,
    zone: &Zone,
) -> Result<(DateTime, Timestamp), ViolationKind> {
    let time = local_time(typed)?;
    let meant = zone.time_zone().to_ambiguous_timestamp(time);
    let instant = match (meant.offset(), repeated) {
        (AmbiguousOffset::Gap { .. }, _) => return Err(ViolationKind::LocalTimeSkipped { time }),
        (AmbiguousOffset::Fold { .. }, None) => return Err(ViolationKind::LocalTimeRepeated { time }),
        (AmbiguousOffset::Fold { .. }, Some(LocalTimeDisambiguation::Earlier)) => meant.earlier(),
        (AmbiguousOffset::Fold { .. }, Some(LocalTimeDisambiguation::Later)) => meant.later(),
        // Saying which one of one does no harm.
        (AmbiguousOffset::Unambiguous { .. }, _) => meant.unambiguous(),
    };
    instant.map(|instant| (time, instant)).map_err(|_| ViolationKind::LocalTimeInvalid)
}

/// A local time: `YYYY-MM-DDTHH:MM`, perhaps with `:SS`.
fn local_time(typed: &str) -> Result<DateTime, ViolationKind> {
    let typed = code_as_typed(typed);
    let time: DateTime = typed.parse().map_err(|_| ViolationKind::LocalTimeInvalid)?;
    // The parser also takes other forms of ISO 8601; one form is enough for everybody.
    let written = time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let is_one_form = written == typed || written.strip_suffix(":00") == Some(typed);
    let is_sensible = (FIRST_YEAR..=LAST_YEAR).contains(&time.year());
    if is_one_form && is_sensible { Ok(time) } else { Err(ViolationKind::LocalTimeInvalid) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).expect("a zone")
    }

    fn draft(start: &str, end: &str) -> SessionDraft {
        SessionDraft { local_start: start.into(), local_end: end.into(), ..SessionDraft::default() }
    }

    fn refused(draft: &SessionDraft, zone_name: &str) -> Vec<String> {
        let broken = draft.parse(&zone(zone_name)).expect_err("it is against the rules");
        broken.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect()
    }

    #[test]
    fn a_time_that_the_zone_skips_is_refused() {
        // Clocks in Toronto went from 02:00 to 03:00 on 13 March 2022.
        for skipped in ["2022-03-13T02:00", "2022-03-13T02:59:59"] {
            assert_eq!(
                refused(&draft(skipped, "2022-03-13T04:00"), "America/Toronto"),
                ["local_start LOCAL_TIME_SKIPPED"]
            );
        }
        let around = draft("2022-03-13T01:59:59", "2022-03-13T03:00").parse(&zone("America/Toronto"));
        let around = around.expect("both of them come");
        assert_eq!(around.ends_at().duration_since(around.starts_at()), SignedDuration::from_secs(1));
    }

    #[test]
    fn a_time_that_comes_twice_needs_a_word_on_which_one() {
        // Clocks in Toronto went from 02:00 to 01:00 on 7 November 2021.
        let night = draft("2021-11-07T01:00", "2021-11-07T01:59:59");
        assert_eq!(
            refused(&night, "America/Toronto"),
            ["local_start LOCAL_TIME_REPEATED", "local_end LOCAL_TIME_REPEATED"]
        );
        let explicit = SessionDraft {
            start_repeated: Some(LocalTimeDisambiguation::Earlier),
            end_repeated: Some(LocalTimeDisambiguation::Later),
            ..night.clone()
        };
        let session = explicit.parse(&zone("America/Toronto")).expect("it is clear now");
        assert_eq!(session.starts_at().to_string(), "2021-11-07T05:00:00Z");
        assert_eq!(session.ends_at().to_string(), "2021-11-07T06:59:59Z");
        let backwards = SessionDraft {
            start_repeated: Some(LocalTimeDisambiguation::Later),
            end_repeated: Some(LocalTimeDisambiguation::Earlier),
            ..night
        };
        assert_eq!(refused(&backwards, "America/Toronto"), ["local_end SESSION_OUT_OF_ORDER"]);
        assert!(draft("2021-11-07T00:59:59", "2021-11-07T02:00").parse(&zone("America/Toronto")).is_ok());
    }

    #[test]
    fn a_session_ends_after_it_begins_and_within_a_fortnight() {
        let order = |end| refused(&draft("2021-12-10T18:00", end), "UTC");
        assert_eq!(order("2021-12-10T18:00"), ["local_end SESSION_OUT_OF_ORDER"]);
        assert_eq!(order("2021-12-10T17:59"), ["local_end SESSION_OUT_OF_ORDER"]);
        assert_eq!(order("2021-12-24T18:00:01"), ["local_end SESSION_TOO_LONG"]);
        assert!(draft("2021-12-10T18:00", "2021-12-10T18:00:01").parse(&zone("UTC")).is_ok());
        assert!(draft("2021-12-10T18:00", "2021-12-24T18:00").parse(&zone("UTC")).is_ok());
    }

    #[test]
    fn a_session_belongs_to_every_day_that_has_a_part_of_it() {
        let days = |start, end| {
            let session = draft(start, end).parse(&zone("Europe/Warsaw")).expect("a session");
            (session.first_day().to_string(), session.last_day().to_string())
        };
        let one = ("2021-12-10".to_owned(), "2021-12-10".to_owned());
        assert_eq!(days("2021-12-10T18:00", "2021-12-10T22:00"), one);
        assert_eq!(days("2021-12-10T18:00", "2021-12-11T00:00"), one);
        assert_eq!(days("2021-12-10T18:00", "2021-12-11T00:01").1, "2021-12-11");
    }

    /// A session as it was stored by other rules.
    fn stored(local: (&str, &str), instants: (&str, &str)) -> Session {
        Session {
            local_start: local.0.parse().expect("a local time"),
            local_end: local.1.parse().expect("a local time"),
            starts_at: instants.0.parse().expect("an instant"),
            ends_at: instants.1.parse().expect("an instant"),
        }
    }

    fn recomputed(session: &Session, zone_name: &str) -> [String; 2] {
        let present = session.recomputed_in(&zone(zone_name).time_zone());
        assert_eq!((present.local_start, present.local_end), (session.local_start, session.local_end));
        assert_eq!(present.recomputed_in(&zone(zone_name).time_zone()), present, "once is enough");
        [present.starts_at.to_string(), present.ends_at.to_string()]
    }

    #[test]
    fn a_session_that_was_stored_by_older_rules_keeps_its_local_time() {
        // British Columbia has UTC-7 all the year since tz 2026b.
        let vancouver = stored(
            ("2026-12-01T19:00", "2026-12-01T21:00"),
            ("2026-12-02T03:00:00Z", "2026-12-02T05:00:00Z"),
        );
        assert_eq!(
            recomputed(&vancouver, "America/Vancouver"),
            ["2026-12-02T02:00:00Z", "2026-12-02T04:00:00Z"]
        );
        // In Toronto, where nothing changed, neither does the session.
        let toronto =
            draft("2026-12-01T19:00", "2026-12-01T21:00").parse(&zone("America/Toronto")).expect("one");
        assert_eq!(toronto.recomputed_in(&zone("America/Toronto").time_zone()), toronto);
    }

    #[test]
    fn a_session_in_an_hour_that_new_rules_skip_or_repeat_is_moved_and_not_lost() {
        // Clocks in Toronto went from 02:00 to 03:00 on 13 March 2022.
        let skipped = stored(
            ("2022-03-13T02:10", "2022-03-13T02:50"),
            ("2022-03-13T08:10:00Z", "2022-03-13T08:50:00Z"),
        );
        assert_eq!(recomputed(&skipped, "America/Toronto"), ["2022-03-13T07:10:00Z", "2022-03-13T07:50:00Z"]);
        // Its end is shown by the clock before its beginning is: it keeps its length.
        let turned = stored(
            ("2022-03-13T02:50", "2022-03-13T03:20"),
            ("2022-03-13T08:50:00Z", "2022-03-13T09:20:00Z"),
        );
        assert_eq!(recomputed(&turned, "America/Toronto"), ["2022-03-13T07:50:00Z", "2022-03-13T08:20:00Z"]);
        // Clocks there went from 02:00 to 01:00 on 7 November 2021: the choice between the two stays.
        for (start, end) in [
            ("2021-11-07T05:10:00Z", "2021-11-07T05:50:00Z"),
            ("2021-11-07T06:10:00Z", "2021-11-07T06:50:00Z"),
        ] {
            let repeated = stored(("2021-11-07T01:10", "2021-11-07T01:50"), (start, end));
            assert_eq!(recomputed(&repeated, "America/Toronto"), [start, end]);
        }
        let new = stored(
            ("2021-11-07T01:10", "2021-11-07T01:50"),
            ("2021-11-07T04:10:00Z", "2021-11-07T04:50:00Z"),
        );
        assert_eq!(recomputed(&new, "America/Toronto"), ["2021-11-07T05:10:00Z", "2021-11-07T05:50:00Z"]);
    }

    #[test]
    fn other_forms_and_other_centuries_are_no_local_times() {
        for bad in [
            "",
            "2021-12-10",
            "2021-12-10 18:00",
            "2021-12-10T18",
            "20211210T1800",
            "2021-12-10T18:00Z",
            "2021-12-10T18:00-05:00",
            "2021-12-10T18:00:00.5",
            "2021-12-10T24:00",
            "2021-02-29T18:00",
            "1960-12-10T18:00",
            "2101-12-10T18:00",
            "12021-12-10T18:00",
        ] {
            assert_eq!(
                refused(&draft(bad, "2021-12-10T22:00"), "UTC"),
                ["local_start LOCAL_TIME_INVALID"],
                "{bad}"
            );
        }
    }
}
