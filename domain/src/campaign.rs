//! A campaign: an edition as one section runs it.

mod draft;
mod transition;

pub use draft::CampaignDraft;
pub use transition::{change, create, extend};

use std::collections::BTreeSet;

use crate::{
    CampaignId, CaseId, EditionId, SectionId,
    number::{CountDraft, MAX_QUANTITY, quantity},
    report::ReporterRole,
    violation::ViolationKind,
    window::CampaignWindow,
};

/// The largest goal of one participant or event: a million letters.
pub const MAX_GOAL: u64 = 1_000_000;
/// The largest goal of an edition or a campaign. The world wrote 6.6 million in 2019; this leaves room for more.
pub const MAX_WORLD_GOAL: u64 = 1_000_000_000;
/// What one person plausibly writes: ten cases, five kinds of action, ten of each.
pub const PLAUSIBLE_FOR_PERSON: u32 = 500;
/// What one event plausibly writes: a large school of a thousand pupils, five letters each.
pub const PLAUSIBLE_FOR_EVENT: u32 = 5_000;

/// Quantities beyond which a report waits for staff.
///
/// ```
/// use domain::{campaign::PlausibilityLimits, report::ReporterRole};
/// assert_eq!(PlausibilityLimits::default().of(None), 500);
/// assert_eq!(PlausibilityLimits::default().of(Some(ReporterRole::Host)), 5_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlausibilityLimits {
    /// For a report of one person.
    pub person: u32,
    /// For the report of an event by its host.
    pub event: u32,
}

impl Default for PlausibilityLimits {
    fn default() -> Self {
        Self { person: PLAUSIBLE_FOR_PERSON, event: PLAUSIBLE_FOR_EVENT }
    }
}

impl PlausibilityLimits {
    /// The limit for reports of this role at an event, or of no event. A host reports for all who were there.
    #[must_use]
    pub const fn of(&self, side: Option<ReporterRole>) -> u32 {
        match side {
            Some(ReporterRole::Host) => self.event,
            Some(ReporterRole::Attendee) | None => self.person,
        }
    }
}

/// Which cases of the edition a campaign writes for.
///
/// ```
/// use domain::{CaseId, campaign::CaseSelection};
/// let case = CaseId::new(uuid::Uuid::from_u128(1));
/// assert!(CaseSelection::All.contains(case));
/// assert!(!CaseSelection::Only(Default::default()).contains(case));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseSelection {
    /// Every case of the edition, also one that is added later.
    All,
    /// Just these.
    Only(BTreeSet<CaseId>),
}

impl CaseSelection {
    /// Whether the campaign writes for this case of its edition.
    #[must_use]
    pub fn contains(&self, case: CaseId) -> bool {
        match self {
            Self::All => true,
            Self::Only(cases) => cases.contains(&case),
        }
    }
}

/// An edition as one section runs it.
///
/// ```
/// use domain::{Campaign, CampaignId, EditionId, SectionId, CampaignWindow, Zone, campaign::{PlausibilityLimits, CaseSelection}};
/// use jiff::civil::date;
/// use uuid::Uuid;
/// let zone = Zone::parse("America/Toronto").unwrap();
/// let campaign = Campaign {
///     id: CampaignId::new(Uuid::from_u128(1)),
///     edition_id: EditionId::new(Uuid::from_u128(2)),
///     section_id: SectionId::new(Uuid::from_u128(3)),
///     window: CampaignWindow::new(date(2021, 11, 1), None, date(2022, 1, 31), 0, zone).unwrap(),
///     letter_goal: Some(50_000),
///     limits: PlausibilityLimits::default(),
///     picks: CaseSelection::All,
///     reviews_events: true,
///     bounds_events: true,
///     revision: 1,
/// };
/// assert_eq!(campaign.window.deadline_on(), date(2022, 1, 31));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its identity.
    pub id: CampaignId,
    /// The edition it runs.
    pub edition_id: EditionId,
    /// The section that runs it.
    pub section_id: SectionId,
    /// When people register, write and report.
    pub window: CampaignWindow,
    /// How many letters the section sets out to write, 1–1,000,000.
    pub letter_goal: Option<u64>,
    /// Beyond which quantity a report waits for staff.
    pub limits: PlausibilityLimits,
    /// Which cases it writes for.
    pub picks: CaseSelection,
    /// Whether staff review the content of an event before it is published.
    pub reviews_events: bool,
    /// Whether the sessions of events lie within its days.
    pub bounds_events: bool,
    /// Grows by one with each change.
    pub revision: u32,
}

impl Campaign {
    /// Whether `window` may replace the present one at `now` by an ordinary change.
    ///
    /// # Errors
    /// [`ViolationKind::UseExtension`] where that would reopen a campaign that is over.
    pub fn check_change(&self, window: &CampaignWindow, now: jiff::Timestamp) -> Result<(), ViolationKind> {
        use crate::CampaignPhase::{Closed, Grace};
        let (before, after) = (self.window.phase(now), window.phase(now));
        if matches!(before, Grace | Closed) && after < before {
            return Err(ViolationKind::UseExtension);
        }
        Ok(())
    }
}

/// A letter goal of a participant or an event: 1–1,000,000.
///
/// # Errors
/// [`ViolationKind::GoalOutOfRange`].
///
/// ```
/// assert!(domain::campaign::goal(0).is_err());
/// assert_eq!(domain::campaign::goal(1_000_000), Ok(1_000_000));
/// ```
pub fn goal(typed: impl Into<CountDraft>) -> Result<u64, ViolationKind> {
    goal_up_to(MAX_GOAL, typed.into())
}

/// A letter goal of an edition or of a campaign: 1–1,000,000,000.
///
/// # Errors
/// [`ViolationKind::GoalOutOfRange`].
///
/// ```
/// assert_eq!(domain::campaign::world_goal(5_000_000), Ok(5_000_000));
/// ```
pub fn world_goal(typed: impl Into<CountDraft>) -> Result<u64, ViolationKind> {
    goal_up_to(MAX_WORLD_GOAL, typed.into())
}

fn goal_up_to(most: u64, typed: CountDraft) -> Result<u64, ViolationKind> {
    typed.whole().filter(|goal| (1..=most).contains(goal)).ok_or(ViolationKind::GoalOutOfRange { most })
}

/// A plausible limit: 1–1,000,000, like the quantity of a line.
///
/// # Errors
/// [`ViolationKind::PlausibilityLimitOutOfRange`].
///
/// ```
/// assert_eq!(domain::campaign::limit(500), Ok(500));
/// ```
pub fn limit(typed: impl Into<CountDraft>) -> Result<u32, ViolationKind> {
    quantity(typed).map_err(|_| ViolationKind::PlausibilityLimitOutOfRange { most: MAX_QUANTITY })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Zone;
    use jiff::{SignedDuration, civil::date};
    use uuid::Uuid;

    #[test]
    fn a_goal_lies_between_one_and_a_million() {
        let beyond = Err(ViolationKind::GoalOutOfRange { most: MAX_GOAL });
        assert_eq!(goal(0), beyond);
        assert_eq!(goal(1), Ok(1));
        assert_eq!(goal(1_000_000), Ok(1_000_000));
        assert_eq!(goal(1_000_001), beyond);
        assert_eq!(goal(CountDraft::from_number(1.5)), beyond);
        assert_eq!(world_goal(1_000_000_000), Ok(MAX_WORLD_GOAL));
        assert_eq!(world_goal(1_000_000_001), Err(ViolationKind::GoalOutOfRange { most: MAX_WORLD_GOAL }));
        assert_eq!(limit(0), Err(ViolationKind::PlausibilityLimitOutOfRange { most: MAX_QUANTITY }));
        assert_eq!(limit(1_000_001), Err(ViolationKind::PlausibilityLimitOutOfRange { most: MAX_QUANTITY }));
    }

    #[test]
    fn what_is_over_opens_again_only_by_an_extension() {
        let window = |deadline| {
            CampaignWindow::new(date(2021, 11, 1), None, deadline, 0, Zone::parse("UTC").expect("a zone"))
                .expect("a window")
        };
        let campaign = Campaign {
            id: CampaignId::new(Uuid::from_u128(1)),
            edition_id: EditionId::new(Uuid::from_u128(2)),
            section_id: SectionId::new(Uuid::from_u128(3)),
            window: window(date(2022, 1, 31)),
            letter_goal: None,
            limits: PlausibilityLimits::default(),
            picks: CaseSelection::All,
            reviews_events: true,
            bounds_events: true,
            revision: 1,
        };
        let end = campaign.window.deadline_at();
        let later = window(date(2022, 2, 28));
        assert_eq!(campaign.check_change(&later, end - SignedDuration::from_micros(1)), Ok(()));
        assert_eq!(campaign.check_change(&later, end), Err(ViolationKind::UseExtension));
        assert_eq!(campaign.check_change(&window(date(2022, 1, 15)), end), Ok(()));
    }
}
