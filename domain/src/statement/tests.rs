use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    CampaignId, CatalogueEdit, Totals, campaign,
    catalogue::fixtures::{
        CAMPAIGN, CASE, EDITION, SECTION, UNKNOWN_ID, archive, canada, noted, refused, stocked, winter,
    },
    section,
    total::{Contribution, Counts, Location, TotalScope},
};

const SECRETARIAT: SectionId = SectionId::new(Uuid::from_u128(20));
const OF_SECRETARIAT: CampaignId = CampaignId::new(Uuid::from_u128(30));

fn id(number: u128) -> StatementId {
    StatementId::new(Uuid::from_u128(number))
}

/// The edition of 2021 with Canada's campaign and that of the Secretariat.
fn two_campaigns() -> CatalogueEdit {
    let mut edit = stocked();
    section::create(&mut edit, SECRETARIAT, "is", &canada()).expect("a section");
    campaign::create(&mut edit, OF_SECRETARIAT, EDITION, SECRETARIAT, &winter()).expect("a campaign");
    edit
}

const fn scope(extent: StatementExtent, kind: ActionKind) -> StatementScope {
    StatementScope { extent, case: None, kind, way: None, origin: Origin::Section }
}

const LETTERS: StatementScope = scope(StatementExtent::Section, ActionKind::UnspecifiedLetter);
const SCHOOL: StatementScope =
    StatementScope { origin: Origin::School, ..scope(StatementExtent::Part, ActionKind::UnspecifiedLetter) };
const WORLD: StatementScope = StatementScope {
    origin: Origin::Secretariat,
    ..scope(StatementExtent::World, ActionKind::UnspecifiedAction)
};

fn draft(quantity: i64) -> StatementDraft {
    StatementDraft::new(quantity, FigureQualifier::Exact, FigureStatus::Running)
}

fn containing(quantity: i64, reports: bool, contains: &[StatementId]) -> StatementDraft {
    StatementDraft { contains_reports: reports, contains: contains.to_vec(), ..draft(quantity) }
}

fn reported(quantity: u64) -> Totals {
    let place = Location { section: SECTION, country: None, region: None };
    let lines = BTreeMap::from([((Some(CASE), ActionKind::AppealLetter), quantity)]);
    let mut counts = Counts::default();
    let report = Contribution {
        place: &place,
        origin: Some(Origin::Person),
        way: None,
        lines: &lines,
        people: None,
        late: false,
    };
    counts.add(&report);
    Totals::from_cells(&counts).expect("nothing is below zero")
}

/// The totals with what the statements add.
fn counted(edit: &CatalogueEdit, mut totals: Totals) -> Totals {
    let added = counts(edit.catalogue.statements(EDITION), &totals);
    totals.apply(&added).expect("nothing is taken away");
    totals
}

fn letters(edit: &CatalogueEdit, quantity: u64) -> u64 {
    counted(edit, reported(quantity)).sums(TotalScope::Edition).all.letters
}

#[test]
fn a_statement_that_contains_the_reports_counts_as_the_larger_of_both() {
    let mut edit = stocked();
    state(&mut edit, id(1), CAMPAIGN, LETTERS, &containing(1_000, true, &[])).expect("a statement");
    assert_eq!(noted(&edit), ("statementCreate", id(1).uuid(), None));
    for (reports, total) in [(0, 1_000), (700, 1_000), (701, 1_000), (1_000, 1_000), (1_001, 1_001)] {
        assert_eq!(letters(&edit, reports), total, "{reports}");
    }
    let totals = counted(&edit, reported(700));
    let sums = totals.sums(TotalScope::Section(SECTION));
    assert_eq!((sums.all.letters, sums.stated.letters), (1_000, 300), "700 stay visible");
    assert_eq!(sums.by_case[&Some(CASE)].letters, 700);
    assert_eq!(sums.by_kind[&ActionKind::UnspecifiedLetter].letters, 300);
}

#[test]
fn a_statement_that_contains_nothing_is_added() {
    let mut edit = stocked();
    let paper = StatementScope { way: Some(Way::Paper), ..LETTERS };
    state(&mut edit, id(1), CAMPAIGN, paper, &draft(80)).expect("a statement");
    let totals = counted(&edit, reported(1_147));
    let sums = totals.sums(TotalScope::Edition);
    assert_eq!((sums.all.letters, sums.stated.letters), (1_227, 80));
    assert_eq!(sums.by_way[&Some(Way::Paper)].letters, 80);
    assert_eq!(sums.by_origin[&Some(Origin::Section)].letters, 80);
}

#[test]
fn a_school_in_a_section_in_the_world_counts_once_at_each_level() {
    let mut edit = two_campaigns();
    state(&mut edit, id(1), CAMPAIGN, SCHOOL, &draft(443)).expect("a school");
    state(&mut edit, id(2), CAMPAIGN, LETTERS, &containing(147_839, true, &[id(1)])).expect("a section");
    state(&mut edit, id(3), OF_SECRETARIAT, WORLD, &containing(4_660_774, true, &[id(2)]))
        .expect("the world");
    let totals = counted(&edit, reported(700));
    let actions = |scope| totals.sums(scope).all.actions;
    assert_eq!(actions(TotalScope::Section(SECTION)), 147_839);
    assert_eq!(actions(TotalScope::Edition), 4_660_774);
    assert_eq!(totals.sums(TotalScope::Edition).by_origin[&Some(Origin::School)].actions, 443);
    let sections: u64 = totals.sums(TotalScope::Edition).by_section.values().map(|part| part.actions).sum();
    assert_eq!(sections, 4_660_774, "the sections add up to the world");
    let stated: Vec<_> = edit.catalogue.statements(EDITION).collect();
    let parts = StatementCounts::new(stated.iter().copied(), &reported(700));
    assert_eq!((parts.contained(id(2)), parts.added(id(2))), (1_143, 146_696));
    assert_eq!(overlaps(&stated), []);
}

#[test]
fn reports_that_two_statements_of_a_tree_contain_are_taken_off_once() {
    let mut edit = two_campaigns();
    state(&mut edit, id(2), CAMPAIGN, LETTERS, &containing(100, true, &[])).expect("a section");
    state(&mut edit, id(3), OF_SECRETARIAT, WORLD, &containing(500, true, &[id(2)])).expect("the world");
    let totals = counted(&edit, reported(70));
    assert_eq!(totals.sums(TotalScope::Edition).all.actions, 500);
    assert_eq!(totals.sums(TotalScope::Section(SECTION)).all.actions, 100);
}

#[test]
fn a_later_figure_of_a_scope_replaces_the_earlier_one_and_its_history_stays() {
    let mut edit = two_campaigns();
    state(&mut edit, id(1), OF_SECRETARIAT, WORLD, &draft(2_600_000)).expect("a running figure");
    revise(&mut edit, id(1), 1, &draft(4_660_774), "The final figure.").expect("a later one");
    let statement = edit.catalogue.statement(id(1)).expect("it is stored");
    assert_eq!(
        statement.revisions.iter().map(|one| one.content.quantity).collect::<Vec<_>>(),
        [2_600_000, 4_660_774]
    );
    assert_eq!(statement.latest().reason.as_deref(), Some("The final figure."));
    assert_eq!(counted(&edit, Totals::default()).sums(TotalScope::Edition).all.actions, 4_660_774);
    withdraw(&mut edit, id(1), 2, "It was the figure of another year.").expect("withdrawn");
    assert_eq!(counted(&edit, Totals::default()), Totals::default());
    let again = |edit: &mut CatalogueEdit| withdraw(edit, id(1), 3, "Again.");
    assert_eq!(refused(again(&mut edit)), ["id STATEMENT_WITHDRAWN"]);
    let revised = revise(&mut edit, id(1), 2, &draft(1), " ");
    assert_eq!(
        refused(revised),
        ["expected_revision STALE_REVISION", "id STATEMENT_WITHDRAWN", "reason REASON_MISSING"]
    );
}

#[test]
fn two_statements_of_one_scope_cannot_hold_at_once() {
    let mut edit = stocked();
    let mut make = |number, scope| state(&mut edit, id(number), CAMPAIGN, scope, &draft(5));
    make(1, LETTERS).expect("the first");
    assert_eq!(refused(make(2, LETTERS)), ["campaign STATEMENT_EXISTS"]);
    make(3, StatementScope { way: Some(Way::Sms), ..LETTERS }).expect("another scope");
    make(4, SCHOOL).expect("a school");
    make(5, SCHOOL).expect("another school");
    withdraw(&mut edit, id(1), 1, "Wrong.").expect("withdrawn");
    state(&mut edit, id(6), CAMPAIGN, LETTERS, &draft(5)).expect("the scope is free");
}

#[test]
fn the_same_request_again_changes_nothing_and_another_one_of_its_key_is_refused() {
    let mut edit = stocked();
    let mut make = |quantity| state(&mut edit, id(1), CAMPAIGN, SCHOOL, &draft(quantity));
    assert!(!make(5).expect("the first").replayed);
    assert!(make(5).expect("the same").replayed);
    assert_eq!(refused(make(6)), ["idempotency_key IDEMPOTENCY_KEY_CONFLICT"]);
    let stated = edit.catalogue.statements(EDITION).map(|one| one.revisions.len()).collect::<Vec<_>>();
    assert_eq!(stated, [1]);
}

#[test]
fn containment_is_a_forest_of_scopes_that_fit() {
    let mut edit = two_campaigns();
    let of_case = StatementScope { case: Some(CASE), ..LETTERS };
    state(&mut edit, id(1), CAMPAIGN, of_case, &draft(5)).expect("of a case");
    state(&mut edit, id(2), CAMPAIGN, LETTERS, &containing(50, false, &[id(1)])).expect("of all cases");
    let mut ring = |number, contains: &[StatementId]| {
        refused(revise(&mut edit, id(number), 1, &containing(5, false, contains), "A ring."))
    };
    assert_eq!(ring(2, &[id(2)]), ["contains.0 STATEMENT_RING"], "itself");
    assert_eq!(ring(1, &[id(2)]), ["contains.0 STATEMENT_RING"], "through another");
    assert_eq!(ring(2, &[id(1), id(1)]), ["contains.1 DUPLICATE"]);
    assert_eq!(ring(2, &[id(99)]), ["contains.0 NOT_FOUND"]);
    let mut emails = |contains: &[StatementId]| {
        let scope = scope(StatementExtent::Section, ActionKind::Email);
        refused(state(&mut edit, id(3), CAMPAIGN, scope, &containing(9, false, contains)))
    };
    assert_eq!(emails(&[id(1)]), ["contains.0 STATEMENT_TOO_WIDE"], "letters are no e-mails");
    let world = state(&mut edit, id(4), OF_SECRETARIAT, WORLD, &containing(99, false, &[id(1)]));
    assert_eq!(refused(world), ["contains.0 STATEMENT_CONTAINED"], "it lies in the statement of the section");
    withdraw(&mut edit, id(2), 1, "Wrong.").expect("withdrawn");
    let world = state(&mut edit, id(4), OF_SECRETARIAT, WORLD, &containing(99, false, &[id(1), id(2)]));
    assert_eq!(refused(world), ["contains.1 STATEMENT_WITHDRAWN"]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let mut edit = stocked();
    let bad = StatementDraft {
        as_of: Some("soon".into()),
        source: Some("a newspaper".into()),
        contains_reports: true,
        ..draft(1_000_000_001)
    };
    let unknown = StatementScope { case: Some(CaseId::new(UNKNOWN_ID)), origin: Origin::Person, ..LETTERS };
    assert_eq!(
        refused(state(&mut edit, id(1), CAMPAIGN, unknown, &bad)),
        [
            "case NOT_FOUND",
            "origin ORIGIN_NOT_ALLOWED",
            "quantity FIGURE_OUT_OF_RANGE",
            "as_of PARTIAL_DATE_INVALID",
            "source URL_INVALID"
        ]
    );
    let paper = StatementScope { way: Some(Way::Paper), ..LETTERS };
    for scope in [SCHOOL, paper] {
        let stated = state(&mut edit, id(1), CAMPAIGN, scope, &containing(1, true, &[]));
        assert_eq!(refused(stated), ["contains_reports REPORTS_NOT_TOLD"]);
    }
    let campaign = CampaignId::new(UNKNOWN_ID);
    assert_eq!(refused(state(&mut edit, id(1), campaign, LETTERS, &draft(1))), ["campaign NOT_FOUND"]);
    assert_eq!(refused(revise(&mut edit, id(1), 1, &draft(1), "Why?")), ["id NOT_FOUND"]);
    state(&mut edit, id(1), CAMPAIGN, LETTERS, &draft(1)).expect("a statement");
    archive(&mut edit);
    assert_eq!(refused(revise(&mut edit, id(1), 1, &draft(2), "Late.")), ["id EDITION_ARCHIVED"]);
}

#[test]
fn what_overlaps_without_being_declared_is_found() {
    let mut edit = two_campaigns();
    let make = |edit: &mut CatalogueEdit, number, campaign, scope| {
        state(edit, id(number), campaign, scope, &draft(5)).expect("a statement");
    };
    make(&mut edit, 1, CAMPAIGN, LETTERS);
    make(&mut edit, 2, CAMPAIGN, StatementScope { case: Some(CASE), ..LETTERS });
    make(&mut edit, 3, CAMPAIGN, scope(StatementExtent::Section, ActionKind::Email));
    make(&mut edit, 4, CAMPAIGN, SCHOOL);
    make(&mut edit, 5, CAMPAIGN, SCHOOL);
    let pairs = |edit: &CatalogueEdit| overlaps(&edit.catalogue.statements(EDITION).collect::<Vec<_>>());
    let expected = [(1, 2), (1, 4), (1, 5), (2, 4), (2, 5)].map(|(one, two)| (id(one), id(two)));
    assert_eq!(pairs(&edit), expected, "e-mails are no letters, and two schools are two");
    let all = containing(50, false, &[id(2), id(4), id(5)]);
    revise(&mut edit, id(1), 1, &all, "It contains them.").expect("declared");
    assert_eq!(pairs(&edit), [(id(2), id(4)), (id(2), id(5))]);
    make(&mut edit, 6, OF_SECRETARIAT, WORLD);
    assert_eq!(
        pairs(&edit).iter().filter(|(_, two)| *two == id(6)).count(),
        5,
        "the world overlaps with all"
    );
}

/// A statement as a random tree has it: the index of the one around it, its quantity, and whether it contains reports.
fn some_tree() -> impl Strategy<Value = Vec<(Option<usize>, u64, bool)>> {
    let node = (proptest::option::of(any::<prop::sample::Index>()), 0..3_000_u64, any::<bool>());
    proptest::collection::vec(node, 1..8).prop_map(|nodes| {
        let place =
            |(index, (around, quantity, reports)): (usize, (Option<prop::sample::Index>, u64, bool))| {
                (around.filter(|_| index > 0).map(|around| around.index(index)), quantity, reports)
            };
        nodes.into_iter().enumerate().map(place).collect()
    })
}

fn tree(nodes: &[(Option<usize>, u64, bool)]) -> Vec<Statement> {
    let statement = |(index, &(_, quantity, contains_reports)): (usize, &(Option<usize>, u64, bool))| {
        let inner = nodes.iter().enumerate().filter(|(_, (around, ..))| *around == Some(index));
        let content = StatementContent {
            quantity,
            qualifier: FigureQualifier::Exact,
            status: FigureStatus::Running,
            as_of: None,
            source: None,
            contains_reports,
            contains: inner.map(|(inner, _)| id(inner as u128)).collect::<BTreeSet<_>>(),
        };
        Statement {
            id: id(index as u128),
            edition_id: EDITION,
            section_id: SECTION,
            country: None,
            scope: LETTERS,
            revisions: vec![StatementRevision {
                number: 1,
                content,
                reason: None,
                stated_at: jiff::Timestamp::UNIX_EPOCH,
            }],
            withdrawn_at: None,
        }
    };
    nodes.iter().enumerate().map(statement).collect()
}

proptest! {
    #[test]
    fn a_statement_never_counts_less_than_it_says_and_its_part_never_more_than_all(
        nodes in some_tree(), reports in 0..2_000_u64
    ) {
        let (statements, totals) = (tree(&nodes), reported(reports));
        let counts = StatementCounts::new(&statements, &totals);
        for statement in &statements {
            let content = statement.content().expect("it holds");
            let (added, contained) = (counts.added(statement.id), counts.contained(statement.id));
            prop_assert_eq!(added + contained, content.quantity.max(contained));
            for inner in &content.contains {
                let of_inner = counts.added(*inner) + counts.contained(*inner);
                prop_assert!(contained >= of_inner, "all that a part counts lies in the whole");
            }
        }
        let added: u64 = statements.iter().map(|statement| counts.added(statement.id)).sum();
        prop_assert!(added <= nodes.iter().map(|(_, quantity, _)| quantity).sum());
        let mut whole = totals;
        whole.apply(&counts.counts()).expect("nothing is taken away");
        let sums = whole.sums(TotalScope::Edition);
        prop_assert_eq!((sums.all.letters, sums.stated.letters), (reports + added, added));
        prop_assert_eq!(sums.by_section.values().map(|part| part.letters).sum::<u64>(), sums.all.letters);
    }

    #[test]
    fn one_more_report_never_makes_a_total_smaller(mut nodes in some_tree(), reports in 0..2_000_u64) {
        // Side by side, two statements that contain the same reports have at least these in common: there the total
        // may fall. Here those that contain them lie in one another.
        nodes.iter_mut().skip(1).take(1).for_each(|(around, ..)| *around = Some(0));
        nodes.iter_mut().skip(2).for_each(|(.., contains_reports)| *contains_reports = false);
        let statements = tree(&nodes);
        let total = |reports| {
            let mut totals = reported(reports);
            totals.apply(&counts(&statements, &reported(reports))).expect("nothing is taken away");
            totals.sums(TotalScope::Edition).all.letters
        };
        let (before, after) = (total(reports), total(reports + 1));
        prop_assert!(before <= after && after <= before + 1);
    }
}
