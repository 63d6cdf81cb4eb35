use proptest::prelude::*;
use uuid::Uuid;

use super::*;

#[derive(Clone, Debug)]
struct Entry {
    place: Location,
    origin: Option<Origin>,
    way: Option<Way>,
    lines: BTreeMap<(Option<CaseId>, ActionKind), u64>,
    people: Option<u32>,
    late: bool,
}

impl Entry {
    fn contribution(&self) -> Contribution<'_> {
        Contribution {
            place: &self.place,
            origin: self.origin,
            way: self.way,
            lines: &self.lines,
            people: self.people,
            late: self.late,
        }
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    let case =
        prop_oneof![Just(None), (1..5_u128).prop_map(|number| Some(CaseId::new(Uuid::from_u128(number))))];
    let kind = proptest::sample::select(ActionKind::ALL);
    let place = (
        1..4_u128,
        proptest::option::of(proptest::sample::select(&["CA-ON", "CA-QC", "PL-32"][..])),
        any::<bool>(),
    )
        .prop_map(|(section, region, with_country)| {
            let region = region.map(|code| Region::parse(code).expect("a region"));
            Location {
                section: SectionId::new(Uuid::from_u128(section)),
                country: region.as_ref().filter(|_| with_country).map(Region::country),
                region,
            }
        });
    (
        place,
        (
            proptest::option::of(proptest::sample::select(Origin::ALL)),
            proptest::option::of(proptest::sample::select(Way::ALL)),
        ),
        proptest::collection::btree_map((case, kind), 1..1_000_u64, 1..6),
        proptest::option::of(1..100_u32),
        any::<bool>(),
    )
        .prop_map(|(place, (origin, way), lines, people, late)| Entry {
            place,
            origin,
            way,
            lines,
            people,
            late,
        })
}

fn fold(entries: &[Entry]) -> Counts {
    let mut cells = Counts::default();
    for entry in entries {
        cells.add(&entry.contribution());
    }
    cells
}

fn tally(cells: &Counts) -> Totals {
    Totals::from_cells(cells).expect("nothing is below zero")
}

fn sum<K>(breakdown: &BTreeMap<K, LetterCounts>) -> LetterCounts {
    breakdown.values().fold(LetterCounts::default(), |sum, amount| LetterCounts {
        letters: sum.letters + amount.letters,
        actions: sum.actions + amount.actions,
    })
}

proptest! {
    #[test]
    fn every_breakdown_adds_up_to_the_total(entries in proptest::collection::vec(entry(), 0..20)) {
        let tally = tally(&fold(&entries));
        for sums in tally.scopes.values() {
            prop_assert_eq!(sum(&sums.by_kind), sums.all);
            prop_assert_eq!(sum(&sums.by_case), sums.all);
            prop_assert_eq!(sum(&sums.by_section), sums.all);
            prop_assert_eq!(sum(&sums.by_country), sums.all);
            prop_assert_eq!(sum(&sums.by_region), sums.all);
            prop_assert_eq!(sum(&sums.by_origin), sums.all);
            prop_assert_eq!(sum(&sums.by_way), sums.all);
            prop_assert!(sums.late.actions <= sums.all.actions);
            prop_assert!(sums.all.letters <= sums.all.actions);
        }
    }

    #[test]
    fn the_total_is_what_was_reported(entries in proptest::collection::vec(entry(), 0..20)) {
        let tally = tally(&fold(&entries));
        let sums = tally.sums(TotalScope::Edition);
        let actions: u64 = entries.iter().flat_map(|entry| entry.lines.values()).sum();
        let late: u64 =
            entries.iter().filter(|entry| entry.late).flat_map(|entry| entry.lines.values()).sum();
        let people: u64 = entries.iter().filter_map(|entry| entry.people).map(u64::from).sum();
        prop_assert_eq!(sums.all.actions, actions);
        prop_assert_eq!(sums.late.actions, late);
        prop_assert_eq!(sums.people, people);
        prop_assert_eq!(sums.reports, entries.len() as u64);
    }

    #[test]
    fn order_does_not_matter(
        entries in proptest::collection::vec(entry(), 0..20).prop_shuffle(),
        other in proptest::collection::vec(entry(), 0..5),
    ) {
        let mut reversed = entries.clone();
        reversed.reverse();
        prop_assert_eq!(fold(&entries), fold(&reversed));
        let (mut one, mut two) = (fold(&entries), fold(&other));
        one.merge(&fold(&other));
        two.merge(&fold(&entries));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn a_tally_kept_while_changes_come_in_equals_a_recount(
        remaining in proptest::collection::vec(entry(), 0..12),
        taken_back in proptest::collection::vec(entry(), 0..12),
    ) {
        let mut running = Totals::default();
        for entry in remaining.iter().chain(&taken_back) {
            running.apply(&fold(std::slice::from_ref(entry))).expect("a growing count");
        }
        for entry in &taken_back {
            let mut change = Counts::default();
            change.subtract(&entry.contribution());
            running.apply(&change).expect("it had been counted");
        }
        prop_assert_eq!(running, tally(&fold(&remaining)));
    }

    #[test]
    fn a_section_and_the_total_without_it_are_the_whole_in_every_part(
        entries in proptest::collection::vec(entry(), 0..20),
        held in proptest::collection::vec(entry(), 0..4),
        number in 1..5_u128,
    ) {
        let mut cells = fold(&entries);
        for entry in &held {
            cells.add_pending_review(entry.place.section, &entry.lines);
        }
        let tally = tally(&cells);
        let section = SectionId::new(Uuid::from_u128(number));
        let (all, mine) = (tally.sums(TotalScope::Edition), tally.sums(TotalScope::Section(section)));
        let others = tally.without(section);
        fn both<K: Ord + Clone>(
            one: &BTreeMap<K, LetterCounts>,
            other: &BTreeMap<K, LetterCounts>,
        ) -> BTreeMap<K, LetterCounts> {
            let mut both = one.clone();
            for (key, counts) in other {
                let sum = both.entry(key.clone()).or_default();
                sum.letters += counts.letters;
                sum.actions += counts.actions;
            }
            both
        }
        let add = |one: LetterCounts, other: LetterCounts| LetterCounts {
            letters: one.letters + other.letters,
            actions: one.actions + other.actions,
        };
        prop_assert_eq!(add(mine.all, others.all), all.all);
        prop_assert_eq!(add(mine.late, others.late), all.late);
        prop_assert_eq!(add(mine.pending_review, others.pending_review), all.pending_review);
        prop_assert_eq!(add(mine.stated, others.stated), all.stated);
        prop_assert_eq!(mine.people + others.people, all.people);
        prop_assert_eq!(mine.reports + others.reports, all.reports);
        prop_assert_eq!(mine.reports_pending_review + others.reports_pending_review, all.reports_pending_review);
        prop_assert_eq!(both(&mine.by_kind, &others.by_kind), all.by_kind.clone());
        prop_assert_eq!(both(&mine.by_case, &others.by_case), all.by_case.clone());
        prop_assert_eq!(both(&mine.by_section, &others.by_section), all.by_section.clone());
        prop_assert_eq!(both(&mine.by_country, &others.by_country), all.by_country.clone());
        prop_assert_eq!(both(&mine.by_region, &others.by_region), all.by_region.clone());
        prop_assert_eq!(both(&mine.by_origin, &others.by_origin), all.by_origin.clone());
        prop_assert_eq!(both(&mine.by_way, &others.by_way), all.by_way.clone());
        prop_assert!(!others.by_section.contains_key(&section));
    }

    #[test]
    fn sections_and_cases_are_parts_of_the_edition(entries in proptest::collection::vec(entry(), 0..20)) {
        let tally = tally(&fold(&entries));
        let world = tally.sums(TotalScope::Edition);
        for (&section, &amount) in &world.by_section {
            prop_assert_eq!(tally.sums(TotalScope::Section(section)).all, amount);
        }
        for (&case, &amount) in &world.by_case {
            if let Some(case) = case {
                prop_assert_eq!(tally.sums(TotalScope::Case(case)).all, amount);
                let by_section = tally.sums(TotalScope::Case(case)).by_section.iter();
                for (&section, &part) in by_section {
                    prop_assert_eq!(tally.sums(TotalScope::SectionCase(section, case)).all, part);
                }
            }
        }
    }
}

#[test]
fn taking_away_what_was_never_counted_is_noticed() {
    let place = Location { section: SectionId::new(Uuid::from_u128(1)), country: None, region: None };
    let lines = BTreeMap::from([((None, ActionKind::Fax), 1)]);
    let mut change = Counts::default();
    change.subtract(&Contribution {
        place: &place,
        origin: Some(Origin::Person),
        way: None,
        lines: &lines,
        people: None,
        late: false,
    });
    assert_eq!(Totals::default().apply(&change), Err(CountUnderflow));
}

#[test]
fn a_total_is_complete_once_every_window_is_over() {
    let window = |deadline| {
        let zone = crate::Zone::parse("UTC").expect("a zone");
        CampaignWindow::new(jiff::civil::date(2021, 11, 1), None, deadline, 0, zone).expect("a window")
    };
    let (first, last) = (window(jiff::civil::date(2021, 12, 31)), window(jiff::civil::date(2022, 1, 31)));
    let both = [&first, &last];
    let microsecond = jiff::SignedDuration::from_micros(1);
    assert_eq!(TotalStatus::at(both, first.closes_at()), TotalStatus::Provisional);
    assert_eq!(TotalStatus::at(both, last.closes_at() - microsecond), TotalStatus::Provisional);
    assert_eq!(TotalStatus::at(both, last.closes_at()), TotalStatus::Complete);
    assert_eq!(
        TotalStatus::at([], last.closes_at()),
        TotalStatus::Provisional,
        "a campaign may still be added"
    );
}

proptest! {
    #[test]
    fn what_is_held_is_told_apart_and_leaves_nothing_behind(
        entries in proptest::collection::vec(entry(), 0..20), pending_review in proptest::collection::vec(entry(), 0..20)
    ) {
        let counted = fold(&entries);
        let mut cells = counted.clone();
        for entry in &pending_review {
            cells.add_pending_review(entry.place.section, &entry.lines);
        }
        let (before, tally) = (Totals::from_cells(&counted).unwrap(), Totals::from_cells(&cells).unwrap());
        let (sums, expected) = (tally.sums(TotalScope::Edition), before.sums(TotalScope::Edition));
        let nothing = LetterCounts::default();
        prop_assert_eq!(&ScopeTotals { pending_review: nothing, reports_pending_review: 0, ..sums.clone() }, expected, "it is in nothing else");
        prop_assert_eq!(sums.pending_review.actions, pending_review.iter().flat_map(|entry| entry.lines.values()).sum::<u64>());
        prop_assert_eq!(sums.reports_pending_review, pending_review.len() as u64);
        let of_sections: u64 = (1..4_u128)
            .map(|section| tally.sums(TotalScope::Section(SectionId::new(Uuid::from_u128(section)))).pending_review.actions)
            .sum();
        prop_assert_eq!(of_sections, sums.pending_review.actions, "the sections add up");
        for entry in pending_review.iter().rev() {
            cells.remove_pending_review(entry.place.section, &entry.lines);
        }
        prop_assert_eq!(cells, counted);
    }
}
