//! What a file changes, and what it leaves unchanged.

use domain::{
    Case, Violations,
    campaign::CaseSelection,
    case::{self, CaseState, CloseReason, SolidarityChannel, WritingRestriction},
    edition,
    report::ReportSource,
};

use super::*;
use crate::{
    credentials::{self, SecretHash},
    ledger::{Action, Staff, Viewer},
};

fn rung(revising: &CatalogueEdit) -> Case {
    let edition = revising.catalogue.edition_by_year(2021).expect("the edition").id;
    revising.catalogue.case_by_slug(edition, "rung").expect("the case").clone()
}

/// The edition after a first import and a change made since.
fn after<T: std::fmt::Debug>(
    step: impl FnOnce(&mut CatalogueEdit, &Case) -> Result<T, Violations>,
) -> CatalogueEdit {
    let mut revising = empty();
    import(&edition_with(""), &mut revising);
    let case = rung(&revising);
    step(&mut revising, &case).expect("a step");
    stored(revising)
}

#[test]
fn a_first_import_takes_legal_steps_that_are_all_noted() {
    let mut revising = empty();
    let plan = import(&edition_with(""), &mut revising);
    let one = Count { added: 1, ..Count::default() };
    assert_eq!((plan.editions, plan.sections, plan.campaigns), (one, one, one));
    assert_eq!(plan.cases, Count { added: 2, ..Count::default() });
    let actions: Vec<_> = revising.actions().iter().map(|action| action.action).collect();
    assert_eq!(
        actions,
        [
            "editionCreate",
            "sectionCreate",
            "caseCreate",
            "caseRecordConsent",
            "caseAddOutcome",
            "casePublish",
            "caseCreate",
            "campaignCreate",
        ]
    );
    let rung = rung(&revising);
    assert_eq!(rung.state, CaseState::Published);
    let sphere = revising.catalogue.case_by_slug(rung.edition_id, "sphere").expect("a case");
    assert_eq!(sphere.state, CaseState::Draft, "without a state it stays a draft");
    let campaign = revising.catalogue.campaigns().next().expect("a campaign");
    assert_eq!(campaign.picks, CaseSelection::Only([rung.id].into()));
}

#[test]
fn the_same_file_again_changes_nothing_and_says_so() {
    let mut revising = after(|_, _| Ok(()));
    let plan = import(&edition_with(""), &mut revising);
    assert!(plan.leaves_catalogue());
    assert_eq!(plan.cases, Count { unchanged: 2, ..Count::default() });
    assert!(plan.notes.is_empty() && revising.entries().is_empty() && revising.actions().is_empty());
}

#[test]
fn a_changed_entry_is_changed_once_and_its_neighbours_are_not() {
    let mut revising = after(|_, _| Ok(()));
    let before = rung(&revising).revision;
    let changed = edition_with("").replace("A student leader.", "A student leader, 22.");
    let plan = import(&changed, &mut revising);
    assert_eq!(plan.cases, Count { changed: 1, unchanged: 1, ..Count::default() });
    assert_eq!((rung(&revising).revision, revising.entries().len()), (before + 1, 1));
    let cleared = changed
        .replace("5000000", "null")
        .replace(r#""Canada", "country": "CA""#, r#""Kanata", "country": null"#);
    let plan = import(&cleared.replace(r#"["rung"]"#, "null"), &mut revising);
    assert_eq!((plan.editions.changed, plan.sections.changed, plan.campaigns.changed), (1, 1, 1));
    let catalogue = &revising.catalogue;
    assert_eq!(catalogue.edition_by_year(2021).expect("the edition").letter_goal, None);
    let section = catalogue.section_by_code("ca").expect("the section");
    assert_eq!((section.country.as_ref(), section.name.as_str(), section.revision), (None, "Kanata", 2));
    assert_eq!(catalogue.campaigns().next().expect("a campaign").picks, CaseSelection::All);
}

#[test]
fn what_a_file_leaves_out_stays_as_it_is() {
    let mut revising = after(|_, _| Ok(()));
    let short = r#"{ "edition": { "year": 2021 }, "sections": [{ "code": "ca" }],
        "campaigns": [{ "section": "ca" }], "cases": [{ "slug": "rung" }] }"#;
    assert!(import(short, &mut revising).leaves_catalogue());
    assert_eq!(
        revising.catalogue.edition_by_year(2021).and_then(|edition| edition.letter_goal),
        Some(5_000_000)
    );
}

#[test]
fn a_file_never_resumes_a_case_that_was_suspended_or_closed() {
    let suspended = after(|revising, rung| case::suspend(revising, rung.id, rung.revision, "Threats."));
    let closed =
        after(|revising, rung| case::close(revising, rung.id, rung.revision, CloseReason::AskedToStop, None));
    for mut revising in [suspended, closed] {
        let state = rung(&revising).state;
        let plan = import(&edition_with(""), &mut revising);
        assert!(plan.leaves_catalogue());
        assert_eq!(rung(&revising).state, state);
        let notes: Vec<_> = plan.notes.iter().map(ToString::to_string).collect();
        assert_eq!(
            notes,
            [format!(
                "line 15: cases[0].state: The case is {state} here and stays so; the file says PUBLISHED."
            )]
        );
    }
}

#[test]
fn a_file_may_suspend_and_close_a_case_for_good() {
    let mut revising = after(|_, _| Ok(()));
    let file = |state: &str| edition_with("").replace(r#""state": "PUBLISHED""#, state);
    import(&file(r#""state": "SUSPENDED", "reason": "Threats.""#), &mut revising);
    assert_eq!(rung(&revising).state, CaseState::Suspended);
    let closing = file(r#""state": "CLOSED", "closeReason": "SAFETY""#);
    import(&closing, &mut revising);
    assert_eq!(rung(&revising).state, CaseState::Closed(CloseReason::Safety));
    assert!(import(&closing, &mut revising).notes.is_empty(), "it is closed for the same reason");
    let mut revising = empty();
    import(&closing, &mut revising);
    assert_eq!(rung(&revising).state, CaseState::Closed(CloseReason::Safety), "also a new one");
}

#[test]
fn a_file_takes_back_no_restriction_and_opens_no_channel() {
    let mut revising = after(|_, _| Ok(()));
    let other = edition_with("").replace("NO_POLITICS", "NO_RELIGIOUS_CARDS");
    let plan = import(&other, &mut revising);
    let solidarity = rung(&revising).content.solidarity;
    assert_eq!(
        solidarity.restrictions,
        [WritingRestriction::NoReligiousCards, WritingRestriction::NoPolitics]
    );
    assert_eq!(plan.notes[0].sentence, "The restriction NO_POLITICS stands here and stays.");
    assert!(import(&other, &mut revising).leaves_catalogue());
    let stop = edition_with("").replace(r#""channel": "POST""#, r#""channel": "NONE""#);
    import(&stop, &mut revising);
    let plan = import(&edition_with(""), &mut revising);
    assert_eq!(rung(&revising).content.solidarity.channel, SolidarityChannel::None);
    assert!(plan.leaves_catalogue());
    assert_eq!((plan.notes.len(), plan.notes[0].line), (1, 13));
}

#[test]
fn an_archived_edition_takes_outcomes_and_figures_and_refuses_the_rest() {
    let mut revising = after(|revising, rung| edition::archive(revising, rung.edition_id, 1, "Over."));
    let plan = import(&edition_with(""), &mut revising);
    assert!(plan.leaves_catalogue());
    assert_eq!(plan.notes.len(), 1, "the file says that the case is published");
    let later = r#"{ "edition": { "year": 2021 },
        "cases": [{ "slug": "rung", "outcomes": [{ "on": "2025-06-04", "kind": "RELEASED", "text": "Free." }] }],
        "publishedFigures": [{ "figure": 1, "unit": "letters", "qualifier": "ABOUT", "status": "RUNNING" }] }"#;
    let plan = import(later, &mut revising);
    assert_eq!((plan.cases.changed, plan.figures.added), (1, 1));
    assert_eq!(rung(&revising).outcomes.len(), 2);
    let renamed = edition_with("").replace("\"Rung\"", "\"Panusaya\"");
    assert_eq!(refused(&renamed, &mut revising), ["10:5 cases[0] EDITION_ARCHIVED"]);
}

#[test]
fn figures_are_replaced_as_a_list_and_an_empty_list_takes_them_away() {
    let mut revising = empty();
    let file =
        |figures: &str| format!(r#"{{ "edition": {{ "year": 2018 }}, "publishedFigures": [{figures}] }}"#);
    let figure = r#"{ "figure": 5911113, "unit": "messages", "qualifier": "EXACT", "status": "FINAL" }"#;
    assert_eq!(import(&file(""), &mut revising).figures, Count::default());
    assert_eq!(import(&file(figure), &mut revising).figures.added, 1);
    assert_eq!(import(&file(figure), &mut revising).figures.unchanged, 1);
    assert_eq!(import(&file(""), &mut revising).figures.changed, 1);
    let silent = r#"{ "edition": { "year": 2018 } }"#;
    assert_eq!(import(silent, &mut revising).figures, Count::default());
    assert!(revising.catalogue.figures(revising.catalogue.edition_by_year(2018).expect("it").id).is_empty());
}

#[test]
fn a_report_becomes_a_command_with_its_own_instant() {
    let more = r#",
  "reports": [
    { "key": "2021-12-10-rosnowo", "section": "ca", "people": 20, "writtenOn": "2021-12-10",
      "lines": [{ "case": "rung", "kind": "APPEAL_LETTER", "quantity": 26 }],
      "receivedAt": "2021-12-10T09:30:00.1234567+01:00" },
    { "key": "2021-12-12-another", "section": "ca",
      "numbers": [{ "kind": "EMAIL", "quantity": 3 }] }
  ]"#;
    let mut revising = empty();
    let plan = import(&edition_with(more), &mut revising);
    let [first, second] = plan.commands.as_slice() else {
        panic!("two commands: {:?}", plan.commands);
    };
    assert_eq!(
        (first.key, first.viewer),
        (credentials::derive_file_key("2021-12-10-rosnowo"), Viewer::Staff(Staff::COMMAND_LINE))
    );
    assert_eq!(first.now.to_string(), "2021-12-10T08:30:00.123456Z");
    assert_eq!(second.now, now());
    let Action::Submit { secret, campaign, at: None, submission, author, .. } = &first.action else {
        panic!("a submission: {:?}", first.action);
    };
    assert_eq!((*secret, first.former_key), (SecretHash::NONE, Some(SecretHash::of("2021-12-10-rosnowo"))));
    assert_eq!(revising.catalogue.campaigns().next().map(|campaign| campaign.id), Some(*campaign));
    assert_eq!((submission.content().quantity(), *author), (26, ReportSource::Staff));
}

#[test]
fn a_report_came_in_at_its_instant_and_not_in_the_future() {
    let received_at = |instant: &str| {
        let report = r#"{ "key": "2021-12-10-rosnowo", "section": "ca",
            "numbers": [{ "kind": "EMAIL", "quantity": 3 }], "receivedAt": "#;
        edition_with(&format!(",\n  \"reports\": [{report}\"{instant}\" }}]"))
    };
    let plan = import(&received_at("2021-12-10T12:00:00Z"), &mut empty());
    assert_eq!(plan.commands[0].now, now());
    let refused = refused(&received_at("2021-12-10T12:00:00.000001Z"), &mut empty());
    assert_eq!(refused.len(), 1);
    assert!(refused[0].ends_with("reports[0].receivedAt IN_THE_FUTURE"), "{refused:?}");
}
