//! Input of a campaign, as typed.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Campaign, CaseSelection, PlausibilityLimits, limit, world_goal};
use crate::{
    CampaignWindow, CaseId, EditionId, Zone,
    catalogue::Catalogue,
    date::day,
    draft::Patch,
    number::CountDraft,
    violation::{EntityKind, ViolationKind, Violations},
    window::MAX_GRACE_DAYS,
};

/// A campaign as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignDraft {
    /// The first day of writing; needed for a new one.
    pub opens_on: Option<String>,
    /// The last day of registration; [`Patch::Clear`] for the collection deadline.
    pub registration_closes_on: Patch<String>,
    /// The collection deadline; needed for a new one.
    pub deadline_on: Option<String>,
    /// For how many days afterwards reports are accepted as late ones; 0 by default.
    pub grace_days: Option<i64>,
    /// The zone of the days; that of the section by default.
    pub time_zone: Option<String>,
    /// How many letters the section sets out to write.
    pub letter_goal: Patch<CountDraft>,
    /// Beyond which quantity the report of a person waits for staff.
    pub limit_person: Option<CountDraft>,
    /// Beyond which quantity the report of an event waits for staff.
    pub limit_event: Option<CountDraft>,
    /// The cases it writes for; [`Patch::Clear`], like nothing for a new one, for all of the edition.
    pub cases: Patch<Vec<CaseId>>,
    /// Whether staff review events before they are published; true by default.
    pub reviews_events: Option<bool>,
    /// Whether events must lie within its days; true by default.
    pub bounds_events: Option<bool>,
}

impl CampaignDraft {
    /// Whether this would change the campaign. An invalid draft counts as a change, which then reports the violations.
    pub fn changes(&self, catalogue: &Catalogue, campaign: &Campaign) -> bool {
        let (mut violations, mut after) = (Violations::default(), campaign.clone());
        self.apply(&mut violations, catalogue, &mut after);
        !violations.is_empty() || after != *campaign
    }

    pub(super) fn apply(&self, violations: &mut Violations, catalogue: &Catalogue, campaign: &mut Campaign) {
        if let Some(window) = self.window(violations, WindowDays::of(&campaign.window)) {
            campaign.window = window;
        }
        campaign.letter_goal = self.goal(violations, campaign.letter_goal);
        campaign.limits = self.limits(violations, campaign.limits);
        campaign.reviews_events = self.reviews_events.unwrap_or(campaign.reviews_events);
        campaign.bounds_events = self.bounds_events.unwrap_or(campaign.bounds_events);
        campaign.picks = self.picks(violations, catalogue, campaign.edition_id, campaign.picks.clone());
    }

    /// The window that this draft makes of the days before. Without a zone (the section that would
    /// propose one is not there) the days are checked one by one.
    pub(super) fn window(&self, violations: &mut Violations, mut days: WindowDays) -> Option<CampaignWindow> {
        let mut whole = true;
        let mut needed = |field, typed: &Option<String>, before: Option<Date>| {
            let typed = typed.as_deref().map(day);
            let day = typed.unwrap_or_else(|| before.ok_or(ViolationKind::DateInvalid));
            whole &= day.is_ok();
            violations.check(field, day)
        };
        days.opens_on = needed("opens_on", &self.opens_on, days.opens_on);
        days.deadline_on = needed("deadline_on", &self.deadline_on, days.deadline_on);
        let mut parsed = |typed: &String| {
            let day = day(typed);
            whole &= day.is_ok();
            day
        };
        let before = days.registration_closes_on;
        days.registration_closes_on =
            self.registration_closes_on.complete(violations, "registration_closes_on", &mut parsed, before);
        if let Some(typed) = self.grace_days {
            let grace_days =
                u16::try_from(typed).map_err(|_| ViolationKind::GraceDaysOutOfRange { most: MAX_GRACE_DAYS });
            whole &= grace_days.is_ok();
            days.grace_days = violations.check("grace_days", grace_days).unwrap_or_default();
        }
        if let Some(typed) = &self.time_zone {
            days.zone = violations.check("time_zone", Zone::parse(typed));
        }
        if whole { days.window(violations) } else { None }
    }

    pub(super) fn goal(&self, violations: &mut Violations, before: Option<u64>) -> Option<u64> {
        self.letter_goal.complete(violations, "letter_goal", |typed| world_goal(*typed), before)
    }

    pub(super) fn limits(
        &self,
        violations: &mut Violations,
        before: PlausibilityLimits,
    ) -> PlausibilityLimits {
        let mut of = |field, typed: Option<CountDraft>, before| {
            violations.check_optional(field, typed.map(limit)).unwrap_or(before)
        };
        PlausibilityLimits {
            person: of("limit_person", self.limit_person, before.person),
            event: of("limit_event", self.limit_event, before.event),
        }
    }

    pub(super) fn picks(
        &self,
        violations: &mut Violations,
        catalogue: &Catalogue,
        edition: EditionId,
        before: CaseSelection,
    ) -> CaseSelection {
        let typed = match &self.cases {
            Patch::Keep => return before,
            Patch::Clear => return CaseSelection::All,
            Patch::Set(typed) => typed,
        };
        if typed.is_empty() {
            violations.add("cases", ViolationKind::TooFewItems);
        }
        let mut picked = BTreeSet::new();
        violations.check_each(
            "cases",
            typed.iter().map(|&id| match catalogue.case(id) {
                None => Err(ViolationKind::NotFound { noun: EntityKind::Case }),
                Some(case) if case.edition_id != edition => Err(ViolationKind::CaseNotInCampaign),
                Some(_) if !picked.insert(id) => Err(ViolationKind::Duplicate),
                Some(_) => Ok(()),
            }),
        );
        CaseSelection::Only(picked)
    }
}

/// What a window is made of, as far as it is known.
#[derive(Default)]
pub(super) struct WindowDays {
    pub(super) opens_on: Option<Date>,
    pub(super) registration_closes_on: Option<Date>,
    pub(super) deadline_on: Option<Date>,
    pub(super) grace_days: u16,
    pub(super) zone: Option<Zone>,
}

impl WindowDays {
    pub(super) fn of(window: &CampaignWindow) -> Self {
        Self {
            opens_on: Some(window.opens_on()),
            registration_closes_on: window.registration_closes_on(),
            deadline_on: Some(window.deadline_on()),
            grace_days: window.grace_days(),
            zone: Some(window.zone().clone()),
        }
    }

    /// The window, if all of it is known and in order.
    pub(super) fn window(self, violations: &mut Violations) -> Option<CampaignWindow> {
        let (opens_on, deadline_on, zone) = (self.opens_on?, self.deadline_on?, self.zone?);
        CampaignWindow::new(opens_on, self.registration_closes_on, deadline_on, self.grace_days, zone)
            .map_err(|broken| violations.extend_at(&[], broken))
            .ok()
    }
}
