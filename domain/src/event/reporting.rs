//! Reports of an event: when they are accepted, and how they change its state.
//!
//! A school writes for days and reports each day. So the report of the host is one report with a figure that grows; it
//! counts at once, and the event goes on until its organizer completes it or its last session is over.

use jiff::Timestamp;

use super::{Event, EventState, EventTally, EventVisibility};
use crate::{
    CampaignId, Section,
    campaign::PlausibilityLimits,
    report::{EventReference, Origin, Report, ReporterRole},
    total::Location,
    violation::{ViolationKind, Violations},
};

/// The least that the guests of an event may report: some of them were not counted by the host.
const MIN_GUESTS: u64 = 100;
/// How much each person who is expected plausibly writes or does: one thing for each of ten cases.
const GUESTS_PER_PERSON: u64 = 10;

impl Event {
    /// Checks that this campaign accepts a new report in one role at `now`. The host may report an event that still
    /// waits for its first review. A test report may be about an event that has been reported.
    ///
    /// # Errors
    /// All broken rules, at `event`: [`ViolationKind::EventNotInCampaign`]; [`ViolationKind::EventStateInvalid`] unless it was
    /// approved and not cancelled; [`ViolationKind::EventNotBegun`]; for the host, [`ViolationKind::EventReported`].
    pub fn check_report(
        &self,
        campaign: CampaignId,
        side: ReporterRole,
        is_test: bool,
        now: Timestamp,
    ) -> Result<(), Violations> {
        let is_by_host = side == ReporterRole::Host;
        let mut violations = Violations::default();
        if campaign != self.campaign_id {
            violations.add("event", ViolationKind::EventNotInCampaign);
        }
        match &self.state {
            EventState::Approved | EventState::Completed => {
                violations.check("event", self.check_begun(now));
            }
            EventState::Submitted if is_by_host => {
                violations.check("event", self.check_begun(now));
            }
            EventState::Reported => {}
            state => violations.add("event", ViolationKind::EventStateInvalid { state: state.as_str() }),
        }
        if is_by_host && !is_test && self.host_report.is_some() {
            violations.add("event", ViolationKind::EventReported);
        }
        violations.into_result()
    }

    /// How much its guests may report together before their reports are held. It is twice as much as its host
    /// reported, who was there too and may have counted others. Before the host has reported it is ten things for
    /// each person who is expected, and as much as one person may report where no number is known. While the event
    /// goes on, the host has counted a part, and the larger of the two holds. It is never more than one event may
    /// report.
    #[must_use]
    pub fn guests_most(&self, limits: PlausibilityLimits) -> u64 {
        let by_host = self.tally.as_ref().map_or(0, |tally| tally.reported(ReporterRole::Host));
        let expected = self.content.expected_attendance.max(self.content.capacity).unwrap_or_default();
        let by_expectation = u64::from(limits.person).max(GUESTS_PER_PERSON * u64::from(expected));
        let most = match by_host {
            0 => by_expectation,
            _ if self.state == EventState::Approved => by_expectation.max(2 * by_host),
            _ => MIN_GUESTS.max(2 * by_host),
        };
        most.min(u64::from(limits.event))
    }

    /// The tally of its reports so far.
    ///
    /// No part of a total may reveal an event that is not public. Its letters are counted in the country of
    /// the section, in no region, and among those of persons. The letters of a public event are counted
    /// where it takes place.
    #[must_use]
    pub fn tally_in(&self, section: &Section) -> EventTally {
        if let Some(tally) = &self.tally {
            return tally.clone();
        }
        let (place, origin) = self.place_in(section);
        EventTally::new(place, Some(origin))
    }

    /// The event after a change of its content or state. The place where its letters are counted stays the same,
    /// unless it was public and is no longer: from then on they are counted like those of any hidden event,
    /// and stay so.
    #[must_use]
    pub fn withdrawn_in(self, section: &Section) -> Self {
        let (place, origin) = self.place_in(section);
        let was_public = |tally: &EventTally| tally.origin == Some(Origin::Event);
        let tally = self.tally.clone().map(|tally| {
            if !self.is_open_to_all() && was_public(&tally) {
                tally.moved(place, Some(origin))
            } else {
                tally
            }
        });
        Self { tally, ..self }
    }

    fn place_in(&self, section: &Section) -> (Location, Origin) {
        let is_public = self.is_open_to_all();
        let place = self.content.place.as_ref().filter(|_| is_public);
        let country = place.map(|place| place.country.clone()).or_else(|| section.country.clone());
        let region = place.and_then(|place| place.region.clone());
        let origin = if is_public { Origin::Event } else { Origin::Person };
        (Location { section: self.section_id, country, region }, origin)
    }

    /// Whether a part of a total may reveal it.
    fn is_open_to_all(&self) -> bool {
        self.content.visibility == EventVisibility::Public && self.state.was_approved()
    }

    /// The event after one of its reports has changed; `None` if nothing of the event changes.
    ///
    /// A report by the host leaves a running event open: it goes on with joins and changes. Once the event was
    /// completed or is over, the report moves it to `REPORTED`. A withdrawal of that report makes a report due again.
    ///
    /// # Errors
    /// [`ViolationKind::EventReported`] where another report of the host is active, and [`ViolationKind::EventStateInvalid`].
    pub fn after_report(
        &self,
        at: EventReference,
        before: Option<&Report>,
        after: &Report,
        now: Timestamp,
    ) -> Result<Option<Self>, ViolationKind> {
        let was_active = before.is_some_and(Report::is_active);
        if at.side != ReporterRole::Host || was_active == after.is_active() {
            return Ok(None);
        }
        if !was_active && self.host_report.is_some() {
            return Err(ViolationKind::EventReported);
        }
        let state = match (&self.state, was_active) {
            (EventState::Approved, false) if !self.is_over(now) => self.state.clone(),
            // It waits for review; its report waits with it.
            (EventState::Submitted, false) => self.state.clone(),
            (state, false) => state.reported()?,
            (EventState::Reported, true) => self.state.reopened()?,
            (state, true) => state.clone(),
        };
        let event = Self { host_report: (!was_active).then_some(after.id), ..self.clone() };
        Ok(Some(event.in_state(state, now)))
    }

    /// The event as reported, if it is over, was not completed by its organizer, and its host reported while it ran.
    #[must_use]
    pub fn reported_at_end(&self, now: Timestamp) -> Option<Self> {
        let is_due = self.state == EventState::Approved && self.host_report.is_some() && self.is_over(now);
        is_due.then(|| self.clone().in_state(EventState::Reported, now))
    }

    /// The event in a state that a report leads to. Another state is a new revision.
    fn in_state(self, state: EventState, now: Timestamp) -> Self {
        if state == self.state {
            return Self { updated_at: now, ..self };
        }
        let before = self.clone();
        let mut event = Self { state, updated_at: now, revision: self.revision + 1, ..self };
        event.review_pending = event.has_unread_words();
        event.noting_request(&before, now)
    }

    /// Whether its last session is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.content.last_session().ends_at() <= now
    }

    /// Whether a report of its host is due: it took place, or is over, and no report of the host is active. It may
    /// still wait for its first review.
    #[must_use]
    pub fn is_awaiting_report(&self, now: Timestamp) -> bool {
        match self.state {
            EventState::Completed => true,
            EventState::Approved | EventState::Submitted => self.host_report.is_none() && self.is_over(now),
            EventState::Draft | EventState::Rejected(_) | EventState::Cancelled(_) | EventState::Reported => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
