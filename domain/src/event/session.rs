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
    tz::AmbiguousOffset,
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
        let start = violations.check("localStart", resolve(&self.local_start, self.start_repeated, zone));
        let end = violations.check("localEnd", resolve(&self.local_end, self.end_repeated, zone));
        if let (Some((_, starts_at)), Some((_, ends_at))) = (start, end) {
            if ends_at <= starts_at {
                violations.add("localEnd", ViolationKind::SessionOutOfOrder);
            } else if ends_at.duration_since(starts_at) > SignedDuration::from_hours(24 * MAX_SESSION_DAYS) {
                violations.add("localEnd", ViolationKind::SessionTooLong { days: MAX_SESSION_DAYS });
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
                ["localStart LOCAL_TIME_SKIPPED"]
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
            ["localStart LOCAL_TIME_REPEATED", "localEnd LOCAL_TIME_REPEATED"]
        );
        let told = SessionDraft {
            start_repeated: Some(LocalTimeDisambiguation::Earlier),
            end_repeated: Some(LocalTimeDisambiguation::Later),
            ..night.clone()
        };
        let session = told.parse(&zone("America/Toronto")).expect("it is clear now");
        assert_eq!(session.starts_at().to_string(), "2021-11-07T05:00:00Z");
        assert_eq!(session.ends_at().to_string(), "2021-11-07T06:59:59Z");
        let backwards = SessionDraft {
            start_repeated: Some(LocalTimeDisambiguation::Later),
            end_repeated: Some(LocalTimeDisambiguation::Earlier),
            ..night
        };
        assert_eq!(refused(&backwards, "America/Toronto"), ["localEnd SESSION_OUT_OF_ORDER"]);
        assert!(draft("2021-11-07T00:59:59", "2021-11-07T02:00").parse(&zone("America/Toronto")).is_ok());
    }

    #[test]
    fn a_session_ends_after_it_begins_and_within_a_fortnight() {
        let order = |end| refused(&draft("2021-12-10T18:00", end), "UTC");
        assert_eq!(order("2021-12-10T18:00"), ["localEnd SESSION_OUT_OF_ORDER"]);
        assert_eq!(order("2021-12-10T17:59"), ["localEnd SESSION_OUT_OF_ORDER"]);
        assert_eq!(order("2021-12-24T18:00:01"), ["localEnd SESSION_TOO_LONG"]);
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
                ["localStart LOCAL_TIME_INVALID"],
                "{bad}"
            );
        }
    }
}
