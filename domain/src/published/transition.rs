//! Changes of published figures: announced numbers, stored beside the count. They may be added for any year.

use super::{FigureDraft, FigureRevision, read_figures};
use crate::{
    EditionId,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{not_found, reason},
    },
    edition::Edition,
    violation::{EntityKind, Violation, ViolationKind, Violations},
};

/// Replaces all published figures of an edition, an archived one too. Those that are replaced stay as earlier revisions.
///
/// # Errors
/// The rules that the figures break, each with its position, or [`NotFound`](crate::ViolationKind::NotFound).
pub fn publish_figures(
    edit: &mut CatalogueEdit,
    id: EditionId,
    drafts: &[FigureDraft],
    typed_reason: Option<&str>,
) -> Result<Edition, Violations> {
    let edition = edit.catalogue.edition(id).ok_or_else(|| not_found("id", EntityKind::Edition))?.clone();
    let mut violations = Violations::default();
    for (index, draft) in drafts.iter().enumerate() {
        let path = ["figures", &index.to_string()];
        let at = |field: &str, noun| [Violation::at([field], ViolationKind::NotFound { noun })];
        if draft.section.is_some_and(|section| edit.catalogue.section(section).is_none()) {
            violations.extend_at(&path, at("section", EntityKind::Section));
        }
        if draft.case.is_some_and(|case| edit.catalogue.case(case).is_none_or(|case| case.edition_id != id)) {
            violations.extend_at(&path, at("case", EntityKind::Case));
        }
    }
    let reason = typed_reason.map(|typed| reason(&mut violations, typed));
    let figures = violations.collect(read_figures(drafts));
    violations.into_result()?;
    let Some(figures) = figures else { unreachable!("a value is missing only beside a violation") };
    let before = edit.catalogue.figure_revisions(id);
    let revisions = FigureRevision::publish(before, figures, reason.as_deref(), edit.now);
    edit.upsert(CatalogueChange::Figures(id, revisions));
    edit.record("editionPublishFigures", id.uuid(), reason.as_deref());
    Ok(edition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::fixtures::{EDITION, UNKNOWN_ID, archive, noted, refused, stocked};
    use crate::published::{FigureQualifier, FigureStatus, MAX_FIGURES};
    use crate::{CaseId, SectionId, number::CountDraft};

    fn world() -> FigureDraft {
        FigureDraft {
            section: None,
            case: None,
            figure: 4_657_104.into(),
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
        let mut edit = stocked();
        archive(&mut edit);
        let running = FigureDraft { status: FigureStatus::Running, ..world() };
        publish_figures(&mut edit, EDITION, &[running, world()], None).expect("two figures");
        assert_eq!(edit.catalogue.figures(EDITION).len(), 2);
        publish_figures(&mut edit, EDITION, &[world()], None).expect("one figure");
        assert_eq!(edit.catalogue.figures(EDITION)[0].figure, 4_657_104);
        assert_eq!(noted(&edit), ("editionPublishFigures", EDITION.uuid(), None));
        let more = FigureDraft { figure: 4_657_105.into(), ..world() };
        publish_figures(&mut edit, EDITION, &[more], Some("One more was found.")).expect("one figure");
        assert_eq!(noted(&edit).2, Some("One more was found."));
        let latest = &edit.catalogue.figure_revisions(EDITION)[0];
        assert_eq!((latest.revision, latest.reason.as_deref()), (2, Some("One more was found.")));
        assert_eq!(refused(publish_figures(&mut edit, EDITION, &[], Some(" "))), ["reason REASON_MISSING"]);
        publish_figures(&mut edit, EDITION, &[], None).expect("none");
        assert!(edit.catalogue.figures(EDITION).is_empty());
    }

    #[test]
    fn every_figure_at_fault_is_named_with_its_position() {
        let mut edit = stocked();
        let bad = FigureDraft {
            section: Some(SectionId::new(UNKNOWN_ID)),
            case: Some(CaseId::new(UNKNOWN_ID)),
            figure: (-1).into(),
            unit: " ".into(),
            as_of: Some("soon".into()),
            countries: Some(0),
            source: Some("a newspaper".into()),
            ..world()
        };
        assert_eq!(
            refused(publish_figures(&mut edit, EDITION, &[world(), bad, world()], None)),
            [
                "figures.1.section NOT_FOUND",
                "figures.1.case NOT_FOUND",
                "figures.1.figure FIGURE_OUT_OF_RANGE",
                "figures.1.unit REQUIRED",
                "figures.1.as_of PARTIAL_DATE_INVALID",
                "figures.1.countries QUANTITY_OUT_OF_RANGE",
                "figures.1.source URL_INVALID",
                "figures.2 DUPLICATE",
            ]
        );
        assert_eq!(
            refused(publish_figures(&mut edit, EditionId::new(UNKNOWN_ID), &[], None)),
            ["id NOT_FOUND"]
        );
    }

    #[test]
    fn a_figure_is_a_whole_number_that_can_be_counted_exactly() {
        let mut edit = stocked();
        let mut publish = |number| {
            let figure = CountDraft::from_number(number);
            publish_figures(&mut edit, EDITION, &[FigureDraft { figure, ..world() }], None)
        };
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
        assert_eq!(refused(read_figures(&figures)), ["figures TOO_MANY_ITEMS"]);
        assert!(read_figures(&figures[1..]).is_ok());
    }
}
