//! Reports of an event: when they are accepted, and how they change its state.

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
    /// Checks that this campaign accepts a report in one role at `now`. A test report may be about an event
    /// that has been reported.
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
        let mut violations = Violations::default();
        if campaign != self.campaign_id {
            violations.add("event", ViolationKind::EventNotInCampaign);
        }
        match &self.state {
            EventState::Approved | EventState::Completed => {
                violations.check("event", self.check_begun(now));
            }
            EventState::Reported => {
                if side == ReporterRole::Host && !is_test {
                    violations.add("event", ViolationKind::EventReported);
                }
            }
            state => violations.add("event", ViolationKind::EventStateInvalid { state: state.as_str() }),
        }
        violations.into_result()
    }

    /// How much its guests may report together before their reports are held. It is twice as much as its host
    /// reported, who was there too and may have counted others. Before the host has reported it is ten things for
    /// each person who is expected, and as much as one person may report where no number is known. It is never more
    /// than one event may report.
    #[must_use]
    pub fn guests_most(&self, limits: PlausibilityLimits) -> u64 {
        let by_host = self.tally.as_ref().map_or(0, |tally| tally.reported(ReporterRole::Host));
        let most = if by_host > 0 {
            MIN_GUESTS.max(2 * by_host)
        } else {
            let expected = self.content.expected_attendance.max(self.content.capacity).unwrap_or_default();
            u64::from(limits.person).max(GUESTS_PER_PERSON * u64::from(expected))
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

    /// The event after one of its reports has changed. The closing report of the host moves it to
    /// `REPORTED`; a withdrawal of that report reopens it, so that the report is due again. `None` if nothing changes.
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
        let stood = before.is_some_and(Report::is_active);
        let state = match (at.side, stood, after.is_active()) {
            (ReporterRole::Host, false, true) if self.state == EventState::Reported => {
                return Err(ViolationKind::EventReported);
            }
            (ReporterRole::Host, false, true) => self.state.reported()?,
            (ReporterRole::Host, true, false) => self.state.reopened()?,
            _ => return Ok(None),
        };
        let event = Self {
            state,
            review_pending: self.has_unread_words(),
            updated_at: now,
            revision: self.revision + 1,
            ..self.clone()
        };
        Ok(Some(event.noting_request(self, now)))
    }

    /// Whether it took place, or is over, and its host has not reported.
    #[must_use]
    pub fn is_awaiting_report(&self, now: Timestamp) -> bool {
        match self.state {
            EventState::Completed => true,
            EventState::Approved => self.content.last_session().ends_at() <= now,
            EventState::Draft
            | EventState::Submitted
            | EventState::Rejected(_)
            | EventState::Cancelled(_)
            | EventState::Reported => false,
        }
    }
}

#[cfg(test)]
mod tests;
