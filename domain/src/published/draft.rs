//! Input of a published figure, as typed.

use super::{FigureQualifier, FigureStatus, PublishedFigure, figure};
use crate::{
    CaseId, SectionId,
    date::PartialDate,
    number::{CountDraft, MAX_QUANTITY},
    text,
    violation::{Violation, ViolationKind, Violations},
};

/// An edition is announced a few times by the world and once by many a section.
pub const MAX_FIGURES: usize = 200;

/// A published figure as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureDraft {
    /// The section that it was announced for.
    pub section: Option<SectionId>,
    /// The case that it was announced for.
    pub case: Option<CaseId>,
    /// The number.
    pub figure: CountDraft,
    /// What was counted, in the words of the source.
    pub unit: String,
    /// How exactly it is meant.
    pub qualifier: FigureQualifier,
    /// How final it is.
    pub status: FigureStatus,
    /// When it held: a day, a month or a year.
    pub as_of: Option<String>,
    /// From how many countries and territories.
    pub countries: Option<i64>,
    /// Where it was announced.
    pub source: Option<String>,
}

impl FigureDraft {
    fn parse(&self) -> Result<PublishedFigure, Violations> {
        let mut violations = Violations::default();
        let countries = |typed: i64| {
            u16::try_from(typed)
                .ok()
                .filter(|&countries| countries > 0)
                .ok_or(ViolationKind::QuantityOutOfRange { most: MAX_QUANTITY })
        };
        let figure = PublishedFigure {
            section: self.section,
            case: self.case,
            figure: violations.check("figure", figure(self.figure)).unwrap_or_default(),
            unit: violations.check("unit", text::line(&self.unit)).unwrap_or_default(),
            qualifier: self.qualifier,
            status: self.status,
            as_of: violations.check_optional("as_of", self.as_of.as_deref().map(PartialDate::parse)),
            countries: violations.check_optional("countries", self.countries.map(countries)),
            source: violations.check_optional("source", self.source.as_deref().map(text::url)),
        };
        violations.into_result().map(|()| figure)
    }
}

/// Figures as typed, in their order.
///
/// # Errors
/// The rules that they break, below the path `figures`.
pub fn read_figures(drafts: &[FigureDraft]) -> Result<Vec<PublishedFigure>, Violations> {
    let mut violations = Violations::default();
    if drafts.len() > MAX_FIGURES {
        violations.add("figures", ViolationKind::TooManyItems { most: MAX_FIGURES });
    }
    let mut figures = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        let path = ["figures", &index.to_string()];
        match draft.parse() {
            Ok(figure) if figures.contains(&figure) => {
                violations.extend_at(&path, [Violation { path: vec![], rule: ViolationKind::Duplicate }]);
            }
            Ok(figure) => figures.push(figure),
            Err(broken) => violations.extend_at(&path, broken),
        }
    }
    violations.into_result().map(|()| figures)
}
