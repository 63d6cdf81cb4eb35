//! Input of a statement, as typed.

use std::collections::BTreeSet;

use super::{MAX_CONTAINED, MAX_STATED, StatementContent};
use crate::{
    StatementId,
    date::PartialDate,
    number::CountDraft,
    published::{FigureQualifier, FigureStatus},
    text,
    violation::{ViolationKind, Violations},
};

/// What a statement says, as typed.
///
/// ```
/// use domain::{published::{FigureQualifier, FigureStatus}, statement::StatementDraft};
/// let draft = StatementDraft::new(1_000, FigureQualifier::MoreThan, FigureStatus::Running);
/// assert_eq!(draft.parse().unwrap().quantity, 1_000);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StatementDraft {
    /// The figure, 0–1,000,000,000.
    pub quantity: CountDraft,
    /// How exactly it is meant.
    pub qualifier: FigureQualifier,
    /// How final it is, according to its source.
    pub status: FigureStatus,
    /// When it held: a day, a month or a year.
    pub as_of: Option<String>,
    /// Where it was announced: a web address.
    pub source: Option<String>,
    /// Whether it contains the reports of its scope that were made here.
    pub contains_reports: bool,
    /// The statements that it contains.
    pub contains: Vec<StatementId>,
}

impl StatementDraft {
    /// A statement that contains nothing.
    #[must_use]
    pub fn new(quantity: impl Into<CountDraft>, qualifier: FigureQualifier, status: FigureStatus) -> Self {
        Self {
            quantity: quantity.into(),
            qualifier,
            status,
            as_of: None,
            source: None,
            contains_reports: false,
            contains: Vec::new(),
        }
    }

    /// # Errors
    /// All broken rules: the figure, the date, the source, and a statement that is named twice.
    pub fn parse(&self) -> Result<StatementContent, Violations> {
        let mut violations = Violations::default();
        let quantity = self.quantity.whole().filter(|&quantity| quantity <= MAX_STATED);
        let quantity = quantity.ok_or(ViolationKind::FigureOutOfRange { most: MAX_STATED });
        if self.contains.len() > MAX_CONTAINED {
            violations.add("contains", ViolationKind::TooManyItems { most: MAX_CONTAINED });
        }
        let mut contains = BTreeSet::new();
        for (index, id) in self.contains.iter().enumerate() {
            if !contains.insert(*id) {
                violations.add_at(&["contains", &index.to_string()], ViolationKind::Duplicate);
            }
        }
        let content = StatementContent {
            quantity: violations.check("quantity", quantity).unwrap_or_default(),
            qualifier: self.qualifier,
            status: self.status,
            as_of: violations.check_optional("as_of", self.as_of.as_deref().map(PartialDate::parse)),
            source: violations.check_optional("source", self.source.as_deref().map(text::url)),
            contains_reports: self.contains_reports,
            contains,
        };
        violations.into_result().map(|()| content)
    }
}
