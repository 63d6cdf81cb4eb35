//! Tests of the data files of the service.

use domain::{
    Totals,
    case::{CaseState, SolidarityChannel, WritingRestriction},
    statement,
    total::TotalScope,
};

use super::*;

const EDITION: &str = include_str!("../../../data/edition-2021.json");
const README: &str = include_str!("../../../data/README.md");
const STATEMENTS: &str = include_str!("../../../data/statements-2021.json");
const FIGURES: &str = include_str!("../../../data/published-figures.json");

#[test]
fn the_example_in_the_description_is_a_file_in_order() {
    let (_, rest) = README.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let plan = import(example, &mut empty());
    assert_eq!((plan.cases.added, plan.figures.added, plan.commands.len()), (1, 1, 1));
}

#[test]
fn the_edition_of_2021_has_its_ten_cases_six_sections_and_no_reports() {
    let mut revising = empty();
    let plan = import(EDITION, &mut revising);
    assert_eq!((plan.editions.added, plan.sections.added, plan.campaigns.added), (1, 6, 6));
    assert_eq!((plan.cases.added, plan.figures.added, plan.commands.len()), (10, 3, 0));
    let catalogue = &revising.catalogue;
    let edition = catalogue.edition_by_year(2021).expect("the edition");
    assert!(catalogue.cases().all(|case| case.state == CaseState::Published && case.consent.is_some()));
    let mikita = catalogue.case_by_slug(edition.id, "mikita-zalatarou").expect("a case");
    assert_eq!(mikita.content.solidarity.channel, SolidarityChannel::SectionForwards);
    assert!(mikita.content.solidarity.restrictions.contains(&WritingRestriction::DoNotMentionAmnesty));
    let rung = catalogue.case_by_slug(edition.id, "rung").expect("a case");
    assert_eq!(rung.outcomes.len(), 2);
}

#[test]
fn canada_takes_letters_until_the_end_of_january_in_its_own_zone() {
    let mut revising = empty();
    import(EDITION, &mut revising);
    let catalogue = &revising.catalogue;
    let edition = catalogue.edition_by_year(2021).expect("the edition").id;
    let ends = |code| {
        let section = catalogue.section_by_code(code).expect("a section").id;
        catalogue.campaign_of(edition, section).expect("a campaign").window.deadline_at().to_string()
    };
    assert_eq!(ends("ca"), "2022-02-01T05:00:00Z");
    assert_eq!(ends("nz"), "2022-01-31T11:00:00Z");
}

#[test]
fn the_figures_from_2001_to_2023_stand_in_their_order() {
    let mut revising = empty();
    let plan = import(FIGURES, &mut revising);
    assert_eq!((plan.editions.added, plan.figures.added), (16, 55));
    let figures = |year| {
        let edition = revising.catalogue.edition_by_year(year).expect("an edition").id;
        let figures = revising.catalogue.figures(edition).iter().filter(|figure| figure.section.is_none());
        figures.map(|figure| (figure.figure, figure.status.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(
        figures(2018),
        [(5_796_150, "CLAIMED_FINAL"), (5_911_113, "CLAIMED_FINAL"), (5_912_113, "FINAL")]
    );
    assert_eq!(figures(2016).len(), 3);
    assert_eq!(figures(2001), [(2_326, "FINAL")]);
}

#[test]
fn what_australia_and_new_zealand_stated_of_2021_counts_as_actions_and_its_people_and_events_do_not() {
    let mut revising = empty();
    import(EDITION, &mut revising);
    let plan = import(STATEMENTS, &mut revising);
    assert_eq!(plan.statements.added, 2);
    let catalogue = &revising.catalogue;
    let edition = catalogue.edition_by_year(2021).expect("the edition").id;
    let mut totals = Totals::default();
    totals
        .apply(&statement::counts(catalogue.statements(edition), &Totals::default()))
        .expect("nothing is taken away");
    let actions = |code| {
        let section = catalogue.section_by_code(code).expect("a section").id;
        totals.sums(TotalScope::Section(section)).all.actions
    };
    assert_eq!((actions("au"), actions("nz")), (275_000, 17_222));
    let world = totals.sums(TotalScope::Edition);
    assert_eq!((world.all.actions, world.all.letters, world.people), (292_222, 0, 0));
    let again = import(STATEMENTS, &mut revising);
    assert!(again.leaves_catalogue(), "{again:?}");
    let later = STATEMENTS.replace("17222", "17223");
    assert_eq!(import(&later, &mut revising).statements.changed, 1);
}

#[test]
fn both_files_end_in_one_state_in_either_order_and_as_often_as_one_likes() {
    let state = |files: [&str; 2]| {
        let mut revising = empty();
        for file in files {
            import(file, &mut revising);
        }
        for file in files {
            revising = stored(revising);
            let again = import(file, &mut revising);
            assert!(again.leaves_catalogue() && again.notes.is_empty(), "{again:?}");
            assert!(revising.entries().is_empty() && revising.actions().is_empty());
        }
        let catalogue = revising.catalogue;
        let mut editions: Vec<_> = catalogue
            .editions()
            .map(|edition| {
                // The ids of sections are drawn anew by each import.
                let code = |figure: &domain::PublishedFigure| {
                    figure.section.and_then(|id| catalogue.section(id)).map(|section| section.code.clone())
                };
                let figures = catalogue.figures(edition.id).iter();
                let figures: Vec<_> = figures
                    .map(|figure| (code(figure), domain::PublishedFigure { section: None, ..figure.clone() }))
                    .collect();
                (edition.year, edition.revision, figures)
            })
            .collect();
        editions.sort_by_key(|(year, ..)| *year);
        (editions, catalogue.cases().count(), catalogue.campaigns().count())
    };
    let one = state([EDITION, FIGURES]);
    let other = state([FIGURES, EDITION]);
    assert_eq!(one, other);
    assert_eq!(one.0.len(), 17);
    assert_eq!(one.0.iter().map(|(.., figures)| figures.len()).sum::<usize>(), 58, "2021 stands there once");
}
