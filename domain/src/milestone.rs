//! Milestones: numbers of letters or actions that staff set for an edition or for one campaign in it. Each is reached
//! once.
//!
//! A milestone is reached by the first commit that finds the total at its threshold. That is recorded with the version of
//! the total, and stays so when the total falls again: what was announced is not taken back.
//!
//! ```
//! use domain::milestone::MilestoneUnit;
//! assert_eq!(MilestoneUnit::parse("LETTERS"), Some(MilestoneUnit::Letters));
//! ```

mod transition;

pub use transition::{create, reached, withdraw};

use jiff::Timestamp;

use crate::{
    EditionId, MilestoneId, SectionId,
    number::CountDraft,
    string_enum::string_enum,
    total::{TotalScope, Totals},
};

/// The most milestones of an edition or of a campaign that hold at a time. A longer list is not read.
pub const MAX_MILESTONES: usize = 100;

string_enum! {
    /// What the threshold of a milestone counts.
    ///
    /// ```
    /// assert_eq!(domain::milestone::MilestoneUnit::Actions.as_str(), "ACTIONS");
    /// ```
    pub enum MilestoneUnit {
        /// Appeal letters and messages of solidarity.
        Letters = "LETTERS",
        /// All actions, including letters.
        Actions = "ACTIONS",
    }
}

/// A number that a total is to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Its identity.
    pub id: MilestoneId,
    /// The edition.
    pub edition_id: EditionId,
    /// The section whose campaign it is of; `None` for the whole edition.
    pub section_id: Option<SectionId>,
    /// What its threshold counts.
    pub unit: MilestoneUnit,
    /// The number, 1–1,000,000,000.
    pub threshold: u64,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Whether only staff know of it until it is reached.
    pub is_hidden: bool,
    /// When it was set.
    pub created_at: Timestamp,
    /// When it was withdrawn, if it was. It is not reached any more.
    pub withdrawn_at: Option<Timestamp>,
}

/// The record that a milestone was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachedMilestone {
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The version of the edition at which it was reached.
    pub version: u64,
    /// When that version was committed.
    pub reached_at: Timestamp,
    /// The number at that version, which may be larger than the threshold.
    pub quantity: u64,
}

/// A milestone, as typed.
///
/// ```
/// use domain::milestone::{MilestoneDraft, MilestoneUnit};
/// let draft = MilestoneDraft::new(1_000_000, MilestoneUnit::Letters);
/// assert_eq!(draft.title, None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MilestoneDraft {
    /// What its threshold counts.
    pub unit: MilestoneUnit,
    /// The number, 1–1,000,000,000.
    pub threshold: CountDraft,
    /// Its title.
    pub title: Option<String>,
    /// Whether only staff know of it until it is reached.
    pub is_hidden: bool,
}

impl MilestoneDraft {
    /// A milestone without a title that is not hidden.
    #[must_use]
    pub fn new(threshold: impl Into<CountDraft>, unit: MilestoneUnit) -> Self {
        Self { unit, threshold: threshold.into(), title: None, is_hidden: false }
    }
}

impl Milestone {
    /// The total that reaches it.
    #[must_use]
    pub fn scope(&self) -> TotalScope {
        self.section_id.map_or(TotalScope::Edition, TotalScope::Section)
    }

    /// The number that its threshold is compared with.
    #[must_use]
    pub fn quantity(&self, totals: &Totals) -> u64 {
        let all = totals.sums(self.scope()).all;
        match self.unit {
            MilestoneUnit::Letters => all.letters,
            MilestoneUnit::Actions => all.actions,
        }
    }
}

#[cfg(test)]
mod tests;
