//! Published figures: announced numbers, kept beside the count. History may be told of any year.

use domain::{
    Edition, EditionId, PublishedFigure, Violation, ViolationKind, Violations,
    published::{self, FigureQualifier, FigureStatus, PartialDate},
    text,
    violation::EntityKind,
};

use super::not_found;
use crate::catalogue::{CatalogueChange, CatalogueEdit};

/// An edition is announced a few times by the world and once by many a section.
pub const MAX_FIGURES: usize = 200;

/// A published figure as typed.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FigureDraft {
    /// The number.
    pub figure: f64,
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
    fn parse(&self) -> Result<PublishedFigure, Vec<Violation>> {
        let mut violations = Violations::default();
        let countries = |typed: i64| {
            u16::try_from(typed)
                .ok()
                .filter(|&countries| countries > 0)
                .ok_or(ViolationKind::QuantityOutOfRange)
        };
        let figure = PublishedFigure {
            figure: violations.check("figure", published::figure(self.figure)).unwrap_or_default(),
            unit: violations.check("unit", text::line(&self.unit)).unwrap_or_default(),
            qualifier: self.qualifier,
            status: self.status,
            as_of: violations.check_optional("asOf", self.as_of.as_deref().map(PartialDate::parse)),
            countries: violations.check_optional("countries", self.countries.map(countries)),
            source: violations.check_optional("source", self.source.as_deref().map(text::url)),
        };
        violations.into_result().map(|()| figure)
    }
}

/// Replaces all published figures of an edition, an archived one too.
///
/// # Errors
/// The rules that the figures break, each with its position, or [`Rule::NotFound`].
pub fn publish_figures(
    revising: &mut CatalogueEdit,
    id: EditionId,
    drafts: &[FigureDraft],
) -> Result<Edition, Vec<Violation>> {
    let edition = revising.catalogue.edition(id).ok_or_else(|| not_found("id", EntityKind::Edition))?.clone();
    let figures = read(drafts)?;
    revising.upsert(CatalogueChange::Figures(id, figures));
    revising.record("editionPublishFigures", id.uuid(), None);
    Ok(edition)
}

/// Figures as typed, in their order.
///
/// # Errors
/// The rules that they break, below the path `figures`.
pub fn read(drafts: &[FigureDraft]) -> Result<Vec<PublishedFigure>, Vec<Violation>> {
    let mut violations = Violations::default();
    if drafts.len() > MAX_FIGURES {
        violations.add("figures", ViolationKind::TooMany { most: MAX_FIGURES });
    }
    let mut figures = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        let path = ["figures", &index.to_string()];
        match draft.parse() {
            Ok(figure) if figures.contains(&figure) => {
                violations.extend_at(&path, [Violation { path: vec![], rule: ViolationKind::Repeated }]);
            }
            Ok(figure) => figures.push(figure),
            Err(broken) => violations.extend_at(&path, broken),
        }
    }
    violations.into_result().map(|()| figures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::administration::tests::{EDITION, NOBODY, archive, noted, refused, stocked};

    fn world() -> FigureDraft {
        FigureDraft {
            figure: 4_657_104.0,
            unit: "letters, postcards and signatures".into(),
            qualifier: FigureQualifier::Exact,
            status: FigureStatus::Final,
            as_of: None,
            countries: Some(120),
            source: None,
        }
    }

    #[test]
    fn figures_are_replaced_all_at_once_even_of_an_archived_edition() {
        let mut revising = stocked();
        archive(&mut revising);
        let running = FigureDraft { status: FigureStatus::Running, ..world() };
        publish_figures(&mut revising, EDITION, &[running, world()]).expect("two figures");
        assert_eq!(revising.catalogue.figures(EDITION).len(), 2);
        publish_figures(&mut revising, EDITION, &[world()]).expect("one figure");
        assert_eq!(revising.catalogue.figures(EDITION)[0].figure, 4_657_104);
        assert_eq!(noted(&revising), ("editionPublishFigures", EDITION.uuid(), None));
        publish_figures(&mut revising, EDITION, &[]).expect("none");
        assert!(revising.catalogue.figures(EDITION).is_empty());
    }

    #[test]
    fn every_figure_at_fault_is_named_with_its_position() {
        let mut revising = stocked();
        let bad = FigureDraft {
            figure: -1.0,
            unit: " ".into(),
            as_of: Some("soon".into()),
            countries: Some(0),
            source: Some("a newspaper".into()),
            ..world()
        };
        assert_eq!(
            refused(publish_figures(&mut revising, EDITION, &[world(), bad, world()])),
            [
                "figures.1.figure FIGURE_OUT_OF_RANGE",
                "figures.1.unit TEXT_EMPTY",
                "figures.1.asOf PARTIAL_DATE_INVALID",
                "figures.1.countries QUANTITY_OUT_OF_RANGE",
                "figures.1.source URL_INVALID",
                "figures.2 REPEATED",
            ]
        );
        assert_eq!(refused(publish_figures(&mut revising, EditionId::new(NOBODY), &[])), ["id NOT_FOUND"]);
    }

    #[test]
    fn a_figure_is_a_whole_number_that_can_be_counted_exactly() {
        let mut revising = stocked();
        let mut publish =
            |figure| publish_figures(&mut revising, EDITION, &[FigureDraft { figure, ..world() }]);
        assert!(publish(0.0).is_ok());
        assert!(publish(9_007_199_254_740_991.0).is_ok());
        for bad in [9_007_199_254_740_992.0, 0.5, f64::NAN, f64::INFINITY] {
            assert_eq!(refused(publish(bad)), ["figures.0.figure FIGURE_OUT_OF_RANGE"], "{bad}");
        }
    }

    #[test]
    fn more_figures_than_fit_are_refused() {
        let figures: Vec<_> =
            (0..=MAX_FIGURES).map(|n| FigureDraft { countries: Some(n as i64 + 1), ..world() }).collect();
        assert_eq!(refused(read(&figures)), ["figures TOO_MANY"]);
        assert!(read(&figures[1..]).is_ok());
    }
}
