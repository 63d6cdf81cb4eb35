use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{SectionId, Totals, event::deduplication::tests::case, total::TotalScope};

/// A report of an event.
#[derive(Clone, Debug)]
struct Said {
    side: ReporterRole,
    lines: Lines,
    people: Option<u32>,
    late: bool,
}

fn place() -> Location {
    Location { section: SectionId::new(Uuid::from_u128(1)), country: None, region: None }
}

fn nothing() -> EventTally {
    EventTally::new(place(), Some(Origin::Event))
}

fn say(evening: &mut EventTally, reported: &Said, more: bool) {
    let place = place();
    let Said { lines, people, late, .. } = reported;
    let contribution = Contribution {
        place: &place,
        origin: Some(Origin::Event),
        way: None,
        lines,
        people: *people,
        late: *late,
    };
    if more {
        evening.add(reported.side, &contribution)
    } else {
        evening.subtract(reported.side, &contribution)
    }
    .expect("what is taken away had been counted");
}

fn fold<'a>(reported: impl IntoIterator<Item = &'a Said>) -> EventTally {
    let mut evening = nothing();
    for reported in reported {
        say(&mut evening, reported, true);
    }
    evening
}

fn letters(side: ReporterRole, lines: &[(Option<CaseId>, u64)], late: bool) -> Said {
    let line = |&(case, quantity)| ((case, ActionKind::AppealLetter), quantity);
    Said { side, lines: lines.iter().map(line).collect(), people: None, late }
}

fn some_said() -> impl Strategy<Value = Said> {
    let cases = prop_oneof![Just(None), (1..4_u128).prop_map(case)];
    let kinds = proptest::sample::select(
        &[ActionKind::AppealLetter, ActionKind::SolidarityMessage, ActionKind::Email][..],
    );
    (
        proptest::sample::select(ReporterRole::ALL),
        proptest::collection::btree_map((cases, kinds), 1..200_u64, 1..5),
        proptest::option::of(1..50_u32),
        any::<bool>(),
    )
        .prop_map(|(side, lines, people, late)| Said { side, lines, people, late })
}

fn some_evening() -> impl Strategy<Value = Vec<Said>> {
    proptest::collection::vec(some_said(), 0..8)
}

#[test]
fn a_late_report_that_names_cases_adds_nothing_to_the_late_part_of_the_whole() {
    let host = letters(ReporterRole::Host, &[(None, 120)], false);
    let attendee = letters(ReporterRole::Attendee, &[(case(1), 30)], true);
    let evening = fold([&host, &attendee]);
    assert_eq!(evening.counted().quantity(), 120);
    let tally = Totals::from_cells(&evening.cells()).expect("nothing is below zero");
    assert_eq!(tally.sums(TotalScope::Edition).late.letters, 0);
    let case = case(1).expect("a case");
    assert_eq!(
        tally.sums(TotalScope::Case(case)).late.letters,
        30,
        "they are for this case since it came in"
    );
}

#[test]
fn what_was_never_said_cannot_be_taken_away() {
    let place = place();
    let lines = Lines::from([((None, ActionKind::Fax), 1)]);
    let reported = Contribution {
        place: &place,
        origin: Some(Origin::Event),
        way: None,
        lines: &lines,
        people: None,
        late: false,
    };
    assert_eq!(nothing().subtract(ReporterRole::Host, &reported), Err(CountUnderflow));
}

proptest! {
    #[test]
    fn what_is_counted_elsewhere_is_as_much_as_before(evening in some_evening(), others in some_evening()) {
        let (evening, others) = (fold(&evening), fold(&others));
        let nowhere = Location { region: None, ..place() };
        let ontario = Location { region: crate::text::Region::parse("CA-ON").ok(), ..place() };
        let public = evening.moved(ontario, Some(Origin::Event));
        let hidden = public.clone().moved(nowhere, Some(Origin::Person));
        let mut cells = public.cells();
        cells.merge(&others.cells());
        let before = Totals::from_cells(&cells).expect("nothing is below zero");
        let mut change = hidden.cells();
        change.subtract_all(&public.cells());
        let mut after = before.clone();
        after.apply(&change).expect("nothing is below zero");
        cells.merge(&change);
        prop_assert_eq!(&after, &Totals::from_cells(&cells).expect("nothing is below zero"));
        let (before, after) = (before.sums(TotalScope::Edition), after.sums(TotalScope::Edition));
        prop_assert_eq!((before.all, before.late), (after.all, after.late));
        prop_assert_eq!((before.people, before.reports), (after.people, after.reports));
        prop_assert_eq!((&before.by_case, &before.by_kind), (&after.by_case, &after.by_kind));
        prop_assert!(after.by_region.keys().all(Option::is_none));
    }
}

proptest! {
    #[test]
    fn an_evening_counts_no_less_than_either_side_and_no_more_than_both(reported in some_evening()) {
        let counted = fold(&reported).counted();
        for &kind in ActionKind::ALL {
            let of = |side: ReporterRole| -> u64 {
                let reported = reported.iter().filter(|reported| reported.side == side);
                reported.flat_map(|reported| &reported.lines).filter(|((_, of), _)| *of == kind).map(|(_, q)| q).sum()
            };
            let (host, attendees) = (of(ReporterRole::Host), of(ReporterRole::Attendee));
            let total: u64 =
                counted.lines.iter().filter(|((_, of), _)| *of == kind).map(|(_, quantity)| quantity).sum();
            prop_assert!((host.max(attendees)..=host + attendees).contains(&total));
            let deduplicated = counted.deduplicated.get(&kind).copied().unwrap_or(0);
            prop_assert_eq!(total + deduplicated, host + attendees, "the parts add up");
        }
    }

    #[test]
    fn order_does_not_matter_and_what_is_taken_back_leaves_no_trace(
        remaining in some_evening(), taken_back in some_evening()
    ) {
        let mut evening = fold(remaining.iter().chain(&taken_back));
        for reported in &taken_back {
            say(&mut evening, reported, false);
        }
        prop_assert_eq!(&evening, &fold(remaining.iter().rev()));
        prop_assert_eq!(evening.is_empty(), remaining.is_empty());
    }

    #[test]
    fn the_late_part_is_what_counts_beyond_what_came_in_time(reported in some_evening()) {
        let evening = fold(&reported);
        let in_time = fold(reported.iter().filter(|reported| !reported.late));
        let tally = Totals::from_cells(&evening.cells()).expect("no late part is below zero");
        let sums = tally.sums(TotalScope::Edition);
        prop_assert_eq!(sums.all.actions, evening.counted().quantity());
        prop_assert_eq!(sums.late.actions, evening.counted().quantity() - in_time.counted().quantity());
        prop_assert_eq!(evening.counted_in_time(), in_time.counted());
    }

    #[test]
    fn counters_kept_by_differences_equal_a_recount(
        events in proptest::collection::vec(some_evening(), 1..4), order in any::<proptest::sample::Index>()
    ) {
        // Reports come in, and every other one is taken back, over several evenings in turn.
        let mut present = vec![nothing(); events.len()];
        let mut running = Totals::default();
        let mut steps: Vec<(usize, &Said, bool)> = Vec::new();
        for (index, reported) in events.iter().enumerate() {
            steps.extend(reported.iter().map(|reported| (index, reported, true)));
        }
        if !steps.is_empty() {
            let turn = order.index(steps.len());
            steps.rotate_left(turn);
        }
        let taken_back: Vec<_> =
            steps.iter().step_by(2).map(|&(index, reported, _)| (index, reported, false)).collect();
        for (index, reported, more) in steps.into_iter().chain(taken_back) {
            let mut change = Counts::default();
            change.subtract_all(&present[index].cells());
            say(&mut present[index], reported, more);
            change.merge(&present[index].cells());
            running.apply(&change).expect("no count falls below zero on the way");
        }
        let mut recount = Counts::default();
        for evening in &present {
            recount.merge(&evening.cells());
        }
        prop_assert_eq!(running, Totals::from_cells(&recount).expect("a count"));
    }
}
