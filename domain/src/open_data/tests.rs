use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    ActionKind, Catalogue, Totals,
    catalogue::fixtures::{CASE, EDITION, SECTION, stocked},
    report::{Origin, Way},
    text::{Country, Region},
    total::{Contribution, Count, CountKey, CountedFrom, Counts, Location},
};

fn catalogue() -> Catalogue {
    stocked().catalogue
}

fn place(region: Option<&str>) -> Location {
    let region = region.map(|code| Region::parse(code).expect("a region"));
    Location { section: SECTION, country: Some(Country::parse("CA").expect("a country")), region }
}

/// Two reports and a statement.
fn counts() -> Counts {
    let mut counts = Counts::default();
    let lines = BTreeMap::from([
        ((Some(CASE), ActionKind::AppealLetter), 30),
        ((None, ActionKind::AppealLetter), 90),
        ((None, ActionKind::Email), 4),
    ]);
    for (place, late) in [(place(Some("CA-ON")), false), (place(None), true)] {
        let (origin, way) = (Some(Origin::School), Some(Way::Paper));
        counts.add(&Contribution { place: &place, origin, way, lines: &lines, people: Some(12), late });
    }
    let (kind, origin) = (ActionKind::UnspecifiedLetter, Some(Origin::Section));
    let key = CountKey {
        place: place(None),
        case: None,
        kind,
        origin,
        way: None,
        counted_from: CountedFrom::Statement,
    };
    counts.change(key, Count { quantity: 1_000, ..Count::default() });
    counts
}

fn data(counts: &Counts) -> OpenData {
    let (catalogue, totals) = (catalogue(), Totals::from_cells(counts).expect("nothing is below zero"));
    OpenData::new(&catalogue, catalogue.edition(EDITION).expect("the edition"), None, 7, &totals)
}

#[test]
fn the_rows_of_totals_add_up_to_them_and_are_read_back_from_both_forms() {
    let data = data(&counts());
    let totals = data.check().expect("every breakdown adds up");
    assert_eq!((totals.letters, totals.actions, totals.people, totals.reports), (1_240, 1_248, 24, 2));
    for text in [data.to_ndjson(), data.to_csv()] {
        let read = OpenData::parse(&text).expect("it was written so");
        assert_eq!(read, data);
        assert_eq!(read.hash(), data.hash());
    }
    let rung: Vec<_> =
        data.to_csv().lines().filter(|line| line.contains(",rung,origin")).map(str::to_owned).collect();
    assert_eq!(rung, ["2021,7,ca,rung,origin,SCHOOL,actions,60", "2021,7,ca,rung,origin,SCHOOL,letters,60"]);
    let late = data
        .to_csv()
        .lines()
        .filter(|line| line.contains("late_letters"))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    assert_eq!(late, ["2021,7,ca,,all,,late_letters,120"]);
}

#[test]
fn a_text_that_was_changed_is_noticed() {
    let data = data(&counts());
    let problem = |text: &str| match OpenData::parse(text) {
        Ok(read) => read.check().expect_err("it does not add up").problem,
        Err(error) => error.problem,
    };
    for text in [data.to_ndjson(), data.to_csv()] {
        assert_eq!(problem(&text[..text.len() - 1]), OpenDataProblem::CutOff);
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let last = lines.pop().expect("a line");
        assert!(matches!(problem(&lines.concat()), OpenDataProblem::Sum { .. }), "a row is missing");
        lines.push(last);
        lines.push(last);
        assert_eq!(problem(&lines.concat()), OpenDataProblem::Order);
        lines.pop();
        let end = lines.len();
        lines.swap(end - 2, end - 1);
        assert_eq!(problem(&lines.concat()), OpenDataProblem::Order);
        assert_eq!(problem(""), OpenDataProblem::Empty);
    }
    assert_eq!(problem(&format!("{CSV_HEADER}\n")), OpenDataProblem::Empty);
    let other = data.to_csv().replacen("2021,7,", "2021,8,", 1);
    assert_eq!(OpenData::parse(&other).expect_err("two versions").problem, OpenDataProblem::Mixed);
    for bad in [
        "2021,7,ca,,all,,people,05",
        "2021,7,ca,,all,,people,+5",
        "2021,7,ca,,all,,people,0",
        "2021,7,ca,,all,,people",
    ] {
        let error = OpenData::parse(&format!("{CSV_HEADER}\n{bad}\n")).expect_err("not exact");
        assert_eq!((error.line, &error.problem), (Some(2), &OpenDataProblem::Row), "{bad}");
        assert!(error.to_string().starts_with("line 2: "));
    }
}

proptest! {
    #[test]
    fn one_digit_that_is_changed_changes_the_hash_or_is_refused(at in any::<prop::sample::Index>(), digit in 0..10_u8) {
        let data = data(&counts());
        let mut text = data.to_ndjson().into_bytes();
        let digits: Vec<_> = (0..text.len()).filter(|at| text[*at].is_ascii_digit()).collect();
        let place = digits[at.index(digits.len())];
        prop_assume!(text[place] != b'0' + digit);
        text[place] = b'0' + digit;
        let changed = String::from_utf8(text).expect("digits");
        if let Ok(read) = OpenData::parse(&changed) {
            prop_assert_ne!(read.hash(), data.hash());
        }
    }

    #[test]
    fn random_totals_add_up_row_by_row(
        reports in proptest::collection::vec((
            proptest::option::of(proptest::sample::select(&["CA-ON", "CA-QC"][..])),
            proptest::option::of(proptest::sample::select(Origin::ALL)),
            proptest::option::of(proptest::sample::select(Way::ALL)),
            proptest::collection::btree_map(
                (proptest::option::of(Just(CASE)), proptest::sample::select(ActionKind::ALL)), 1..50_u64, 1..5,
            ),
            any::<bool>(),
        ), 0..10)
    ) {
        let mut counts = Counts::default();
        for (region, origin, way, lines, late) in &reports {
            let (place, origin, way, late) = (place(*region), *origin, *way, *late);
            counts.add(&Contribution { place: &place, origin, way, lines, people: Some(1), late });
        }
        let data = data(&counts);
        let totals = data.check().expect("every breakdown adds up");
        let all: u64 = reports.iter().flat_map(|(_, _, _, lines, _)| lines.values()).sum();
        prop_assert_eq!((totals.actions, totals.people), (all, reports.len() as u64));
        if !data.rows.is_empty() {
            prop_assert_eq!(OpenData::parse(&data.to_csv()), Ok(data));
        }
    }
}
