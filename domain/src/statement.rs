//! Statements: figures that a section, a partner or the Secretariat states for itself, and how they are counted beside
//! the reports made here.
//!
//! A statement says what it already contains: the reports of its scope, other statements, or both. What it contains is
//! counted once: the statement adds what it says beyond that. Containment is a forest: a statement lies in at most one
//! other, never in itself.
//!
//! ```
//! use domain::{ActionKind, CampaignId, EditionId, SectionId, StatementId, Totals, statement::{self, Statement, StatementContent, StatementExtent, StatementRevision, StatementScope}};
//! use domain::{published::{FigureQualifier, FigureStatus}, report::Origin};
//!
//! let section = SectionId::new(uuid::Uuid::from_u128(1));
//! let stated = Statement {
//!     id: StatementId::new(uuid::Uuid::from_u128(2)),
//!     edition_id: EditionId::new(uuid::Uuid::from_u128(3)),
//!     section_id: section,
//!     country: None,
//!     scope: StatementScope {
//!         extent: StatementExtent::Section, case: None, kind: ActionKind::AppealLetter, way: None, origin: Origin::Section,
//!     },
//!     revisions: vec![StatementRevision {
//!         number: 1,
//!         content: StatementContent {
//!             quantity: 1_000, qualifier: FigureQualifier::Exact, status: FigureStatus::Running, as_of: None, source: None,
//!             contains_reports: true, contains: Default::default(),
//!         },
//!         reason: None,
//!         stated_at: jiff::Timestamp::UNIX_EPOCH,
//!     }],
//!     withdrawn_at: None,
//! };
//! // No report was made here yet: all of it is added.
//! let added = statement::counts([&stated], &Totals::default());
//! assert_eq!(added.lines.values().next().unwrap().quantity, 1_000);
//! ```

mod counting;
mod draft;
mod transition;

pub use counting::{StatementCounts, counts, overlaps};
pub use draft::StatementDraft;
pub use transition::{revise, state, withdraw};

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    ActionKind, CaseId, Country, EditionId, SectionId, StatementId,
    date::PartialDate,
    published::{FigureQualifier, FigureStatus},
    report::{Origin, Way},
    string_enum::string_enum,
};

/// The largest quantity of a statement. The largest figure that was ever announced for the world is below ten million.
pub const MAX_STATED: u64 = 1_000_000_000;
/// How many statements one statement contains at most: one of each section, with room for groups.
pub const MAX_CONTAINED: usize = 500;

string_enum! {
    /// The body that a statement is about.
    ///
    /// ```
    /// assert_eq!(domain::statement::StatementExtent::World.as_str(), "WORLD");
    /// ```
    pub enum StatementExtent {
        /// A part of the section: one school, one partner, what came in on paper. Any number of them may stand side
        /// by side.
        Part = "PART",
        /// The whole section.
        Section = "SECTION",
        /// The whole edition.
        World = "WORLD",
    }
}

/// What a statement counts. It never changes: a figure of another scope is another statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementScope {
    /// The body that it is about.
    pub extent: StatementExtent,
    /// The case it is for; `None` is all cases together.
    pub case: Option<CaseId>,
    /// What was counted.
    pub kind: ActionKind,
    /// How it was collected; `None` is in every way.
    pub way: Option<Way>,
    /// Who states it.
    pub origin: Origin,
}

/// What a statement says, in one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatementContent {
    /// The figure, 0–1,000,000,000.
    pub quantity: u64,
    /// How exactly it is meant.
    pub qualifier: FigureQualifier,
    /// How final it is, according to its source.
    pub status: FigureStatus,
    /// When it held.
    pub as_of: Option<PartialDate>,
    /// Where it was announced.
    pub source: Option<String>,
    /// Whether it contains the reports of its scope that were made here.
    pub contains_reports: bool,
    /// The statements that it contains.
    pub contains: BTreeSet<StatementId>,
}

/// A revision of a statement: its content from one moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StatementRevision {
    /// 1 for the first one.
    pub number: u32,
    /// What it says.
    pub content: StatementContent,
    /// Why it replaces the one before.
    pub reason: Option<String>,
    /// When it was stated here.
    pub stated_at: Timestamp,
}

/// A statement with its revisions, oldest first. The last one holds, unless the statement is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its identity.
    pub id: StatementId,
    /// The edition.
    pub edition_id: EditionId,
    /// The section that states it, where what it adds is counted.
    pub section_id: SectionId,
    /// The country that it counts in: that of the section, when it was stated. `None` is unknown.
    pub country: Option<Country>,
    /// What it counts.
    pub scope: StatementScope,
    /// Every revision, oldest first.
    pub revisions: Vec<StatementRevision>,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Timestamp>,
}

/// A statement after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The statement.
    pub statement: Statement,
    /// Whether an earlier request had made it, so that this one changed nothing.
    pub replayed: bool,
}

impl Stated {
    /// A statement that the request has made or changed.
    #[must_use]
    pub const fn new(statement: Statement) -> Self {
        Self { statement, replayed: false }
    }
}

impl Statement {
    /// The latest revision.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a statement is never without a revision")]
    pub fn latest(&self) -> &StatementRevision {
        self.revisions.last().expect("a statement has a revision from its first moment")
    }

    /// What it says; `None` once it is withdrawn.
    #[must_use]
    pub fn content(&self) -> Option<&StatementContent> {
        self.withdrawn_at.is_none().then(|| &self.latest().content)
    }

    /// Whether reports of this section, case and kind are in its scope. A part of a section speaks of letters that no
    /// report here can be told apart by, so it covers none.
    #[must_use]
    pub fn covers(&self, section: SectionId, case: Option<CaseId>, kind: ActionKind) -> bool {
        let is_of_extent = match self.scope.extent {
            StatementExtent::Part => false,
            StatementExtent::Section => section == self.section_id,
            StatementExtent::World => true,
        };
        is_of_extent
            && (self.scope.case.is_none() || self.scope.case == case)
            && self.scope.kind.contains(kind)
    }

    /// Whether everything in the scope of `other` is in the scope of this one.
    #[must_use]
    pub fn may_contain(&self, other: &Self) -> bool {
        let (scope, inner) = (&self.scope, &other.scope);
        let is_wider = match scope.extent {
            StatementExtent::World => true,
            StatementExtent::Section | StatementExtent::Part => {
                self.section_id == other.section_id && inner.extent <= scope.extent
            }
        };
        self.edition_id == other.edition_id
            && is_wider
            && (scope.case.is_none() || scope.case == inner.case)
            && (scope.way.is_none() || scope.way == inner.way)
            && scope.kind.contains(inner.kind)
    }

    /// Whether something may be in both scopes.
    #[must_use]
    pub fn may_overlap(&self, other: &Self) -> bool {
        let (one, two) = (&self.scope, &other.scope);
        let is_shared = self.section_id == other.section_id
            || one.extent == StatementExtent::World
            || two.extent == StatementExtent::World;
        // Two parts are two bodies, and were stated as such.
        let are_parts = one.extent == StatementExtent::Part && two.extent == StatementExtent::Part;
        let meet = |same: bool, any: bool| same || any;
        self.edition_id == other.edition_id
            && is_shared
            && !are_parts
            && meet(one.case == two.case, one.case.is_none() || two.case.is_none())
            && meet(one.way == two.way, one.way.is_none() || two.way.is_none())
            && (one.kind.contains(two.kind) || two.kind.contains(one.kind))
    }
}

#[cfg(test)]
mod tests;
