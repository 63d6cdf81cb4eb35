//! The time window of a campaign: three different closings, and a phase that follows from the clock alone.
//!
//! All days are days in the campaign's own zone, and a last day is included: a deadline of 31 January
//! ends with the first instant of 1 February there. All intervals are half-open: that instant itself is
//! outside.
//!
//! ```
//! use domain::{CampaignPhase, CampaignWindow, Zone};
//! use jiff::{SignedDuration, civil::date};
//!
//! let zone = Zone::parse("America/Toronto").unwrap();
//! let window = CampaignWindow::new(date(2021, 11, 1), None, date(2022, 1, 31), 3, zone).unwrap();
//! let end = window.deadline_at();
//! assert_eq!(window.phase(end - SignedDuration::from_micros(1)), CampaignPhase::Open);
//! assert_eq!(window.phase(end), CampaignPhase::Grace);
//! assert_eq!(window.phase(window.closes_at()), CampaignPhase::Closed);
//! ```

use jiff::{Span, Timestamp, civil::Date};

use crate::{
    string_enum::string_enum,
    text::Zone,
    violation::{ViolationKind, Violations},
};

/// The most grace days a campaign may give: a quarter of a year. Later letters belong to staff.
pub const MAX_GRACE_DAYS: u16 = 92;

string_enum! {
    /// The phase of a campaign at an instant.
    ///
    /// ```
    /// assert_eq!(domain::CampaignPhase::Grace.as_str(), "GRACE");
    /// ```
    pub enum CampaignPhase {
        /// Before the opening day.
        Upcoming = "UPCOMING",
        /// People write and report.
        Open = "OPEN",
        /// Writing is over; reports are still taken and marked late.
        Grace = "GRACE",
        /// Only staff may enter a report.
        Closed = "CLOSED",
    }
}

/// The days of a campaign in its zone, and the instants at which they begin and end.
///
/// ```
/// use domain::{CampaignWindow, Zone};
/// use jiff::civil::date;
/// let zone = Zone::parse("Europe/Warsaw").unwrap();
/// let window = CampaignWindow::new(date(2021, 11, 1), None, date(2021, 12, 31), 0, zone).unwrap();
/// assert!(window.takes_letters_of(date(2021, 12, 31)));
/// assert!(!window.takes_letters_of(date(2022, 1, 1)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignWindow {
    opens_on: Date,
    registration_closes_on: Option<Date>,
    deadline_on: Date,
    grace_days: u16,
    zone: Zone,
    // Worked out once: a report asks for its phase, and zone arithmetic costs more than the rest.
    opens_at: Timestamp,
    registration_closes_at: Timestamp,
    deadline_at: Timestamp,
    closes_at: Timestamp,
}

impl CampaignWindow {
    /// Checks whether reports are accepted at `now`; in the grace period they are.
    ///
    /// # Errors
    /// [`ViolationKind::CampaignNotOpen`] or [`ViolationKind::DeadlinePassed`].
    pub fn check_open(&self, now: Timestamp) -> Result<(), ViolationKind> {
        match self.phase(now) {
            CampaignPhase::Upcoming => Err(ViolationKind::CampaignNotOpen { opens_at: self.opens_at }),
            CampaignPhase::Open | CampaignPhase::Grace => Ok(()),
            CampaignPhase::Closed => Err(ViolationKind::DeadlinePassed { ended_at: self.closes_at }),
        }
    }

    /// A window from its first day of writing to its last, both included.
    ///
    /// # Errors
    /// [`ViolationKind::WindowOutOfOrder`] where a closing lies before the opening, [`ViolationKind::GraceDaysOutOfRange`],
    /// [`ViolationKind::DateInvalid`] for days at the very end of the calendar.
    pub fn new(
        opens_on: Date,
        registration_closes_on: Option<Date>,
        deadline_on: Date,
        grace_days: u16,
        zone: Zone,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        if deadline_on < opens_on {
            violations.add("deadline_on", ViolationKind::WindowOutOfOrder);
        }
        if registration_closes_on.is_some_and(|closes_on| closes_on < opens_on) {
            violations.add("registration_closes_on", ViolationKind::WindowOutOfOrder);
        }
        if grace_days > MAX_GRACE_DAYS {
            violations.add("grace_days", ViolationKind::GraceDaysOutOfRange { most: MAX_GRACE_DAYS });
        }
        let registration_until = registration_closes_on.unwrap_or(deadline_on);
        let instants = violations.check("opens_on", start_of(&zone, opens_on, 0)).zip(
            violations
                .check("registration_closes_on", start_of(&zone, registration_until, 1))
                .zip(violations.check("deadline_on", start_of(&zone, deadline_on, 1)))
                .zip(violations.check("grace_days", start_of(&zone, deadline_on, 1 + i64::from(grace_days)))),
        );
        violations.into_result()?;
        let Some((opens_at, ((registration_closes_at, deadline_at), closes_at))) = instants else {
            unreachable!("an instant is missing only beside a violation");
        };
        Ok(Self {
            opens_on,
            registration_closes_on,
            deadline_on,
            grace_days,
            zone,
            opens_at,
            registration_closes_at,
            deadline_at,
            closes_at,
        })
    }

    /// The first day of writing.
    #[must_use]
    pub const fn opens_on(&self) -> Date {
        self.opens_on
    }

    /// The last day of registration, where it differs from the collection deadline.
    #[must_use]
    pub const fn registration_closes_on(&self) -> Option<Date> {
        self.registration_closes_on
    }

    /// The collection deadline: the last day of writing and, without grace, of reporting.
    #[must_use]
    pub const fn deadline_on(&self) -> Date {
        self.deadline_on
    }

    /// For how many days after the deadline reports are still taken, as late ones.
    #[must_use]
    pub const fn grace_days(&self) -> u16 {
        self.grace_days
    }

    /// The zone whose days these are.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The first instant of the opening day.
    #[must_use]
    pub const fn opens_at(&self) -> Timestamp {
        self.opens_at
    }

    /// The first instant at which registration is closed.
    #[must_use]
    pub const fn registration_closes_at(&self) -> Timestamp {
        self.registration_closes_at
    }

    /// The first instant after the collection deadline.
    #[must_use]
    pub const fn deadline_at(&self) -> Timestamp {
        self.deadline_at
    }

    /// The first instant after the grace days, from which only staff may enter reports.
    #[must_use]
    pub const fn closes_at(&self) -> Timestamp {
        self.closes_at
    }

    /// The phase of the campaign at `now`.
    #[must_use]
    pub fn phase(&self, now: Timestamp) -> CampaignPhase {
        if now < self.opens_at {
            CampaignPhase::Upcoming
        } else if now < self.deadline_at {
            CampaignPhase::Open
        } else if now < self.closes_at {
            CampaignPhase::Grace
        } else {
            CampaignPhase::Closed
        }
    }

    /// Whether letters written on `day` belong to the campaign.
    #[must_use]
    pub fn takes_letters_of(&self, day: Date) -> bool {
        self.opens_on <= day && day <= self.deadline_on
    }
}

/// The first instant of the day that comes `days_later` than `day`; in zones that skip midnight
/// this is not 00:00.
pub(crate) fn start_of(zone: &Zone, day: Date, days_later: i64) -> Result<Timestamp, ViolationKind> {
    day.checked_add(Span::new().days(days_later))
        .and_then(|day| day.to_zoned_datetime(zone.time_zone()))
        .map(|start| start.timestamp())
        .map_err(|_| ViolationKind::DateInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{SignedDuration, civil::date};

    const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

    fn zone(name: &str) -> Zone {
        Zone::parse(name).expect("a zone")
    }

    fn canada(grace_days: u16, zone_name: &str) -> CampaignWindow {
        CampaignWindow::new(
            date(2021, 11, 1),
            Some(date(2021, 12, 5)),
            date(2022, 1, 31),
            grace_days,
            zone(zone_name),
        )
        .expect("a window")
    }

    fn at(instant: &str) -> Timestamp {
        instant.parse().expect("an instant")
    }

    #[test]
    fn the_last_day_belongs_to_the_campaign_in_its_own_zone() {
        let toronto = canada(0, "America/Toronto");
        assert_eq!(toronto.deadline_at(), at("2022-02-01T05:00:00Z"));
        assert_eq!(canada(0, "America/Vancouver").deadline_at(), at("2022-02-01T08:00:00Z"));
        assert_eq!(toronto.phase(toronto.deadline_at() - MICROSECOND), CampaignPhase::Open);
        assert_eq!(toronto.phase(toronto.deadline_at()), CampaignPhase::Closed);
        assert_eq!(toronto.phase(toronto.deadline_at() + MICROSECOND), CampaignPhase::Closed);
    }

    #[test]
    fn a_campaign_opens_with_the_first_instant_of_its_day() {
        let window = canada(0, "America/Toronto");
        assert_eq!(window.opens_at(), at("2021-11-01T04:00:00Z"), "still daylight-saving time");
        assert_eq!(window.phase(window.opens_at() - MICROSECOND), CampaignPhase::Upcoming);
        assert_eq!(window.phase(window.opens_at()), CampaignPhase::Open);
    }

    #[test]
    fn grace_days_are_whole_days_after_the_deadline() {
        let window = canada(2, "America/Toronto");
        assert_eq!(window.closes_at(), at("2022-02-03T05:00:00Z"));
        assert_eq!(window.phase(window.deadline_at()), CampaignPhase::Grace);
        assert_eq!(window.phase(window.closes_at() - MICROSECOND), CampaignPhase::Grace);
        assert_eq!(window.phase(window.closes_at()), CampaignPhase::Closed);
    }

    #[test]
    fn grace_days_across_a_daylight_saving_change_end_at_local_midnight() {
        let window =
            CampaignWindow::new(date(2022, 2, 1), None, date(2022, 3, 12), 1, zone("America/Toronto"))
                .expect("a window");
        assert_eq!(window.deadline_at(), at("2022-03-13T05:00:00Z"));
        assert_eq!(window.closes_at(), at("2022-03-14T04:00:00Z"), "a day of 23 hours");
    }

    #[test]
    fn a_day_without_midnight_begins_when_it_begins() {
        // Clocks in Beirut went from 24:00 on 26 March 2022 to 01:00 on the 27th.
        let window = CampaignWindow::new(date(2022, 3, 1), None, date(2022, 3, 26), 0, zone("Asia/Beirut"))
            .expect("a window");
        assert_eq!(window.deadline_at(), at("2022-03-26T22:00:00Z"));
    }

    #[test]
    fn registration_closes_on_its_own_day() {
        let window = canada(0, "America/Toronto");
        assert_eq!(window.registration_closes_at(), at("2021-12-06T05:00:00Z"));
        let without =
            CampaignWindow::new(date(2021, 11, 1), None, date(2022, 1, 31), 0, zone("America/Toronto"))
                .expect("a window");
        assert_eq!(without.registration_closes_at(), without.deadline_at());
    }

    #[test]
    fn letters_are_written_from_the_opening_day_to_the_deadline() {
        let window = canada(2, "America/Toronto");
        assert!(!window.takes_letters_of(date(2021, 10, 31)));
        assert!(window.takes_letters_of(date(2021, 11, 1)));
        assert!(window.takes_letters_of(date(2022, 1, 31)));
        assert!(!window.takes_letters_of(date(2022, 2, 1)), "grace is for reporting, not for writing");
    }

    #[test]
    fn a_window_out_of_order_names_every_day_at_fault() {
        let broken = CampaignWindow::new(
            date(2022, 1, 1),
            Some(date(2021, 12, 31)),
            date(2021, 12, 31),
            MAX_GRACE_DAYS + 1,
            zone("UTC"),
        )
        .expect_err("out of order");
        let paths: Vec<_> = broken.iter().map(|violation| violation.path.join(".")).collect();
        assert_eq!(paths, ["deadline_on", "registration_closes_on", "grace_days"]);
        assert!(
            CampaignWindow::new(date(2022, 1, 1), None, date(2022, 1, 1), MAX_GRACE_DAYS, zone("UTC"))
                .is_ok()
        );
    }
}
