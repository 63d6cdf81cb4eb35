//! A group: a body that writes together, such as a school, a class, a parish or a venue of an event.
//!
//! A group belongs to a campaign, to an event or to another group. Its report is one figure that grows, like that of
//! the host of an event. What it counts is what its own report, and the groups below it, say together: each letter
//! once, by the event rule ([`event::deduplication`](crate::event::deduplication)). A group of an event counts within
//! the event.
//!
//! ```
//! use domain::{group::GroupKind, report::Origin};
//! assert_eq!(GroupKind::Class.origin(), Origin::School);
//! assert_eq!(GroupKind::Parish.origin(), Origin::Group);
//! ```

use jiff::Timestamp;

use crate::{
    CampaignId, EditionId, EventId, GroupId, Report, ReportId, SectionId,
    event::EventTally,
    report::Origin,
    string_enum::string_enum,
    text::Region,
    violation::{ViolationKind, Violations},
};

mod draft;
#[cfg(test)]
mod tests;
mod transition;

pub use draft::GroupDraft;
pub use transition::{GroupParent, GroupReview, GroupTransition};

/// How many groups may lie above each other: school, year, class.
pub const MAX_GROUP_DEPTH: u8 = 3;
/// The most groups that one event or one group has: a school has a hundred classes.
pub const MAX_GROUPS: usize = 500;

string_enum! {
    /// The kind of a group.
    ///
    /// ```
    /// assert_eq!(domain::group::GroupKind::School.as_str(), "SCHOOL");
    /// ```
    pub enum GroupKind {
        /// A school or university.
        School = "SCHOOL",
        /// A class or course.
        Class = "CLASS",
        /// A parish or another religious community.
        Parish = "PARISH",
        /// A team or club.
        Team = "TEAM",
        /// A workplace.
        Workplace = "WORKPLACE",
        /// A local group of a section.
        LocalGroup = "LOCAL_GROUP",
        /// A venue of an event.
        Venue = "VENUE",
        /// Any other group.
        Other = "OTHER",
    }
}

impl GroupKind {
    /// Who hands the letters of such a group in.
    #[must_use]
    pub const fn origin(self) -> Origin {
        match self {
            Self::School | Self::Class => Origin::School,
            Self::LocalGroup => Origin::LocalGroup,
            Self::Parish | Self::Team | Self::Workplace | Self::Venue | Self::Other => Origin::Group,
        }
    }
}

/// The content of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupContent {
    /// Its kind.
    pub kind: GroupKind,
    /// Its name.
    pub name: String,
    /// How many people belong to it.
    pub size: Option<u32>,
    /// The goal that they share, in letters.
    pub letter_goal: Option<u64>,
    /// The region in which its letters are counted. Settled when it is registered.
    pub region: Option<Region>,
    /// Whether its people wish it to be listed for everyone.
    pub is_public: bool,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its identity.
    pub id: GroupId,
    /// The campaign that it writes for.
    pub campaign_id: CampaignId,
    /// The edition of that campaign.
    pub edition_id: EditionId,
    /// The section that runs it.
    pub section_id: SectionId,
    /// The group that it is a part of.
    pub parent: Option<GroupId>,
    /// The event that it writes at, itself or with the groups above it.
    pub event: Option<EventId>,
    /// 1 for one of a campaign or an event, 2 for one of such a group, and so on.
    pub depth: u8,
    /// The same group in an earlier campaign.
    pub previous: Option<GroupId>,
    /// Its content.
    pub content: GroupContent,
    /// The name under which everyone may see it, once staff have approved one.
    pub approved_name: Option<String>,
    /// Why staff rejected the wish to be listed.
    pub rejection_reason: Option<String>,
    /// Its own report, if one is active.
    pub report: Option<ReportId>,
    /// The sums of its report and of the groups below it.
    pub tally: EventTally,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Grows by one with each change of its content.
    pub revision: u32,
}

impl Group {
    /// Whether everyone may see it. A group of an event is visible to those who may see the event.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        self.approved_name.is_some()
    }

    /// Whether staff have to look at the name that everyone is to see.
    #[must_use]
    pub fn review_pending(&self) -> bool {
        self.content.is_public
            && self.rejection_reason.is_none()
            && self.approved_name.as_ref() != Some(&self.content.name)
    }

    /// Checks that this campaign accepts a new report of the group.
    ///
    /// # Errors
    /// All broken rules, at `group`: [`ViolationKind::GroupNotInCampaign`] and, for a report that may count,
    /// [`ViolationKind::GroupReported`].
    pub fn check_report(&self, campaign: CampaignId, is_test: bool) -> Result<(), Violations> {
        let mut violations = Violations::default();
        if campaign != self.campaign_id {
            violations.add("group", ViolationKind::GroupNotInCampaign);
        }
        if !is_test && self.report.is_some() {
            violations.add("group", ViolationKind::GroupReported);
        }
        violations.into_result()
    }

    /// The group after its report has changed; `None` if nothing of the group changes.
    ///
    /// # Errors
    /// [`ViolationKind::GroupReported`] where another report is active.
    pub fn after_report(
        &self,
        before: Option<&Report>,
        after: &Report,
    ) -> Result<Option<Self>, ViolationKind> {
        let was_active = before.is_some_and(Report::is_active);
        if was_active == after.is_active() {
            return Ok(None);
        }
        if !was_active && self.report.is_some() {
            return Err(ViolationKind::GroupReported);
        }
        Ok(Some(Self { report: (!was_active).then_some(after.id), ..self.clone() }))
    }

    /// How many letters count.
    #[must_use]
    pub fn letters(&self) -> u64 {
        let counted = self.tally.counted();
        counted.lines.iter().filter(|((_, kind), _)| kind.is_letter()).map(|(_, quantity)| quantity).sum()
    }

    /// How many letters count for each thousand of its people. Unknown without a size.
    #[must_use]
    pub fn letters_per_thousand(&self) -> Option<u64> {
        let size = u64::from(self.content.size?);
        self.letters().saturating_mul(1000).checked_div(size)
    }
}
