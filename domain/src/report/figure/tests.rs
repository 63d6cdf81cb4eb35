use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    CaseId,
    number::CountDraft,
    report::{LineDraft, NumberDraft, ReportDraft},
};

fn letters(quantity: impl Into<CountDraft>) -> ReportDraft {
    let number = NumberDraft { kind: ActionKind::AppealLetter, quantity: quantity.into() };
    ReportDraft { numbers: vec![number], ..ReportDraft::default() }
}

fn of_case(case: u128, quantity: u32) -> LineDraft {
    let case = Some(CaseId::new(Uuid::from_u128(case)));
    LineDraft { case, kind: ActionKind::AppealLetter, quantity: quantity.into() }
}

fn parsed(draft: ReportDraft) -> ReportSubmission {
    ReportSubmission::parse(draft).expect("a well-formed draft")
}

fn refused(updated: Result<ReportContent, Violations>) -> Vec<String> {
    let violations = updated.expect_err("a rule says no");
    violations.iter().map(|broken| format!("{} {}", broken.path.join("."), broken.rule.code())).collect()
}

#[test]
fn a_figure_so_far_is_refused_below_the_one_before_in_any_kind_or_people() {
    let email = NumberDraft { kind: ActionKind::Email, quantity: 10.into() };
    let mut draft = ReportDraft { people: Some(40.into()), ..letters(715) };
    draft.numbers.push(email);
    let before = parsed(draft).content().clone();
    let so_far = |draft: ReportDraft| parsed(draft).update(&before, FigureBasis::SoFar);
    assert_eq!(
        refused(so_far(ReportDraft { people: Some(39.into()), ..letters(714) })),
        [
            "numbers.0.quantity FIGURE_BELOW_PREVIOUS",
            "lines FIGURE_BELOW_PREVIOUS",
            "people FIGURE_BELOW_PREVIOUS"
        ]
    );
    let mut both = ReportDraft { people: Some(40.into()), ..letters(715) };
    both.numbers.push(email);
    assert_eq!(so_far(both).expect("as many as before"), before);
    let lines = ReportDraft { lines: vec![of_case(1, 714)], numbers: vec![email], ..ReportDraft::default() };
    assert_eq!(refused(so_far(lines)), ["lines FIGURE_BELOW_PREVIOUS"]);
}

#[test]
fn a_figure_so_far_may_be_of_other_cases_than_the_one_before() {
    let before =
        parsed(ReportDraft { lines: vec![of_case(1, 50), of_case(2, 30)], ..ReportDraft::default() });
    let after = parsed(letters(80)).update(before.content(), FigureBasis::SoFar).expect("as many as before");
    assert_eq!(after.lines, [((None, ActionKind::AppealLetter), 80)].into());
}

#[test]
fn a_figure_in_addition_is_added_line_by_line_with_its_people() {
    let lines = |lines: Vec<LineDraft>, people: u32| {
        parsed(ReportDraft { lines, people: Some(people.into()), ..ReportDraft::default() })
    };
    let before = lines(vec![of_case(1, 50), of_case(2, 30)], 12);
    let more = lines(vec![of_case(2, 5), of_case(3, 7)], 3);
    let after = more.update(before.content(), FigureBasis::InAddition).expect("no rule is broken");
    assert_eq!(after, *lines(vec![of_case(1, 50), of_case(2, 35), of_case(3, 7)], 15).content());
    let unsaid = ReportDraft { lines: vec![of_case(2, 5)], ..ReportDraft::default() };
    let after = parsed(unsaid).update(before.content(), FigureBasis::InAddition).expect("no rule is broken");
    assert_eq!(after.people, Some(12), "no further people were said");
    let crowd = lines(vec![of_case(1, 1)], MAX_QUANTITY - 12);
    assert!(crowd.update(before.content(), FigureBasis::InAddition).is_ok());
    let crowd = lines(vec![of_case(1, 1)], MAX_QUANTITY - 11);
    let beyond = crowd.update(before.content(), FigureBasis::InAddition);
    assert_eq!(refused(beyond), ["people QUANTITY_OUT_OF_RANGE"]);
}

#[test]
fn a_figure_keeps_what_it_does_not_say_and_a_day_only_if_all_was_written_then() {
    let (monday, tuesday) = (Some("2021-12-06".to_owned()), Some("2021-12-07".to_owned()));
    let first = ReportDraft {
        written_on: monday.clone(),
        country: Some("CA".into()),
        region: Some("CA-ON".into()),
        staff_note: Some("The first pile.".into()),
        ..letters(10)
    };
    let before = parsed(first).content().clone();
    let update = |written_on: &Option<String>, basis| {
        let later = ReportDraft { written_on: written_on.clone(), ..letters(10) };
        parsed(later).update(&before, basis).expect("no rule is broken")
    };
    for basis in FigureBasis::ALL {
        let after = update(&None, *basis);
        assert_eq!((&after.country, &after.region), (&before.country, &before.region));
        assert_eq!((&after.staff_note, after.written_on), (&before.staff_note, None));
    }
    assert_eq!(update(&monday, FigureBasis::InAddition).written_on, Some(date(2021, 12, 6)));
    assert_eq!(update(&tuesday, FigureBasis::InAddition).written_on, None);
    assert_eq!(update(&tuesday, FigureBasis::SoFar).written_on, Some(date(2021, 12, 7)));
}

#[test]
fn a_figure_that_looks_like_the_other_kind_brings_a_warning_from_its_very_edge() {
    let before = parsed(letters(715)).content().clone();
    let warned = |quantity: u32| {
        let more = parsed(letters(quantity));
        let after = more.update(&before, FigureBasis::InAddition).expect("no rule is broken");
        more.warnings_of_addition(&after)
    };
    assert_eq!(warned(714), []);
    let path = || vec!["numbers".to_owned(), "0".to_owned(), "quantity".to_owned()];
    let kind = FigureWarningKind::LooksCumulative;
    assert_eq!(warned(715), [FigureWarning { kind, path: path(), figure: 715, previous: 715 }]);
    assert_eq!(warned(996), [FigureWarning { kind, path: path(), figure: 996, previous: 715 }]);
    let other_kind = NumberDraft { kind: ActionKind::Email, quantity: 900.into() };
    let other_kind = parsed(ReportDraft { numbers: vec![other_kind], ..ReportDraft::default() });
    let after = other_kind.update(&before, FigureBasis::InAddition).expect("no rule is broken");
    assert_eq!(other_kind.warnings_of_addition(&after), [], "there was none of that kind before");

    assert_eq!(parsed(letters(715)).warnings_of_correction(&before), []);
    let kind = FigureWarningKind::LooksAdditional;
    let expected = FigureWarning { kind, path: path(), figure: 714, previous: 715 };
    assert_eq!(parsed(letters(714)).warnings_of_correction(&before), [expected]);
}

proptest! {
    /// In whatever order and however often figures come in addition, the report says their sum; and the sum, said as a
    /// figure so far, changes nothing.
    #[test]
    fn figures_in_addition_make_their_sum(
        first in 1..2_000_u32,
        more in proptest::collection::vec((1..4_u128, 1..2_000_u32), 0..8),
    ) {
        let mut content = parsed(letters(first)).content().clone();
        for (case, quantity) in &more {
            let draft = ReportDraft { lines: vec![of_case(*case, *quantity)], ..ReportDraft::default() };
            content = parsed(draft).update(&content, FigureBasis::InAddition).expect("no rule is broken");
        }
        let sum = u64::from(first) + more.iter().map(|(_, quantity)| u64::from(*quantity)).sum::<u64>();
        prop_assert_eq!(content.quantity(), sum);
        let mut reversed = parsed(letters(first)).content().clone();
        for (case, quantity) in more.iter().rev() {
            let draft = ReportDraft { lines: vec![of_case(*case, *quantity)], ..ReportDraft::default() };
            reversed = parsed(draft).update(&reversed, FigureBasis::InAddition).expect("no rule is broken");
        }
        prop_assert_eq!(&content, &reversed);
        let lines = content.lines.iter().map(|(&(case, kind), &quantity)| LineDraft {
            case, kind, quantity: quantity.cast_signed().into(),
        });
        let so_far = parsed(ReportDraft { lines: lines.collect(), ..ReportDraft::default() });
        prop_assert_eq!(so_far.update(&content, FigureBasis::SoFar).expect("as many as before"), content);
    }
}
