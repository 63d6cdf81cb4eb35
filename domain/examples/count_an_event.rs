//! The letters of one event, reported by its host and by two attendees: each letter counts once.
//!
//! Run it with `cargo run -p write-for-rights --example count_an_event`.

use std::collections::BTreeMap;

use domain::{
    ActionKind, CaseId, Counts, SectionId, Totals,
    event::EventTally,
    report::{Origin, ReporterRole},
    total::{Contribution, CountUnderflow, Location, TotalScope},
};
use uuid::Uuid;

fn main() -> Result<(), CountUnderflow> {
    let section = SectionId::new(Uuid::from_u128(1));
    let case = CaseId::new(Uuid::from_u128(2));
    let place = Location { section, country: None, region: None };
    let mut tally = EventTally::new(place.clone(), Some(Origin::Event));

    // The host counted 120 letters without cases; two attendees tell for which case they wrote.
    for (role, case, quantity, people) in [
        (ReporterRole::Host, None, 120, Some(40)),
        (ReporterRole::Attendee, Some(case), 20, Some(1)),
        (ReporterRole::Attendee, Some(case), 10, Some(1)),
    ] {
        let lines = BTreeMap::from([((case, ActionKind::AppealLetter), quantity)]);
        let contribution = Contribution {
            place: &place,
            origin: Some(Origin::Event),
            way: None,
            lines: &lines,
            people,
            late: false,
        };
        tally.add(role, &contribution)?;
    }

    let counted = tally.counted();
    println!("letters: {}, people: {}", counted.quantity(), counted.people);
    assert_eq!((counted.quantity(), counted.people), (120, 40));

    let mut counts = Counts::default();
    counts.merge(&tally.cells());
    let totals = Totals::from_cells(&counts)?;
    println!("for the case: {}", totals.sums(TotalScope::Case(case)).all.letters);
    assert_eq!(totals.sums(TotalScope::Edition).all.letters, 120);
    assert_eq!(totals.sums(TotalScope::Case(case)).all.letters, 30);
    Ok(())
}
