use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    ActionKind, CatalogueEdit, Counts, Violations,
    campaign::MAX_WORLD_GOAL,
    catalogue::fixtures::{EDITION, SECTION, UNKNOWN_ID, stocked},
    report::Origin,
    total::{Contribution, Location},
};

fn id(number: u128) -> MilestoneId {
    MilestoneId::new(Uuid::from_u128(number))
}

/// The totals after so many letters, and signatures beside them, in the section.
fn totals(letters: u64, signatures: u64) -> Totals {
    let place = Location { section: SECTION, country: None, region: None };
    let lines = [(ActionKind::AppealLetter, letters), (ActionKind::PetitionSignature, signatures)];
    let lines: BTreeMap<_, _> = lines
        .into_iter()
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(kind, quantity)| ((None, kind), quantity))
        .collect();
    let mut counts = Counts::default();
    counts.add(&Contribution {
        place: &place,
        origin: Some(Origin::Person),
        way: None,
        lines: &lines,
        people: None,
        late: false,
    });
    Totals::from_cells(&counts).expect("nothing is below zero")
}

fn set(
    edit: &mut CatalogueEdit,
    number: u128,
    section: Option<SectionId>,
    draft: &MilestoneDraft,
) -> Result<Milestone, Vec<String>> {
    create(edit, id(number), (EDITION, section), draft, &totals(50, 0)).map_err(|broken| codes(&broken))
}

fn codes(broken: &Violations) -> Vec<String> {
    broken.into_iter().map(|one| format!("{} {}", one.path.join("."), one.rule.code())).collect()
}

#[test]
fn a_milestone_is_refused_at_the_edges_of_its_threshold() {
    let mut edit = stocked();
    let mut refused = |threshold: u64, unit| {
        let draft = MilestoneDraft::new(threshold, unit);
        create(&mut edit, id(1), (EDITION, None), &draft, &totals(50, 3))
            .map_err(|broken| codes(&broken))
            .err()
    };
    use MilestoneUnit::{Actions, Letters};
    let [out_of_range, reached] = ["threshold GOAL_OUT_OF_RANGE", "threshold MILESTONE_REACHED"]
        .map(|code| Some(vec![code.to_owned()]));
    assert_eq!(refused(0, Letters), out_of_range);
    assert_eq!(refused(MAX_WORLD_GOAL + 1, Letters), out_of_range);
    assert_eq!(refused(50, Letters), reached);
    assert_eq!(refused(53, Actions), reached);
    assert_eq!(refused(54, Actions), None);
    assert_eq!(refused(51, Letters), None);
    assert_eq!(refused(51, Letters), Some(vec!["threshold MILESTONE_EXISTS".to_owned()]));
    assert_eq!(refused(MAX_WORLD_GOAL, Letters), None);
}

#[test]
fn a_milestone_is_set_for_an_edition_or_a_campaign_of_it() {
    let mut edit = stocked();
    let draft = MilestoneDraft::new(100, MilestoneUnit::Letters);
    assert!(set(&mut edit, 1, None, &draft).is_ok());
    assert!(set(&mut edit, 2, Some(SECTION), &draft).is_ok(), "the same number of a campaign is another");
    let unknown = EditionId::new(UNKNOWN_ID);
    let broken = create(&mut edit, id(3), (unknown, None), &draft, &totals(0, 0)).expect_err("no edition");
    assert_eq!(codes(&broken), ["scope NOT_FOUND"]);
    let stranger = SectionId::new(UNKNOWN_ID);
    let broken =
        create(&mut edit, id(3), (EDITION, Some(stranger)), &draft, &totals(0, 0)).expect_err("no campaign");
    assert_eq!(codes(&broken), ["scope NOT_FOUND"]);
}

#[test]
fn a_withdrawn_milestone_is_not_reached_and_makes_room_for_another() {
    let mut edit = stocked();
    let draft = MilestoneDraft::new(100, MilestoneUnit::Letters);
    set(&mut edit, 1, None, &draft).expect("a milestone");
    assert_eq!(codes(&withdraw(&mut edit, id(1), " ").expect_err("no reason")), ["reason REASON_MISSING"]);
    withdraw(&mut edit, id(1), "A typing mistake.").expect("withdrawn");
    assert_eq!(codes(&withdraw(&mut edit, id(1), "Again.").expect_err("gone")), ["id NOT_FOUND"]);
    let at = (7, edit.now);
    assert_eq!(reached(&edit.catalogue, EDITION, &totals(100, 0), &[], at), []);
    set(&mut edit, 2, None, &draft).expect("another one of the same number");
    let found = reached(&edit.catalogue, EDITION, &totals(100, 0), &[], at);
    assert_eq!(found.iter().map(|one| one.milestone_id).collect::<Vec<_>>(), [id(2)]);
}

#[test]
fn a_title_is_one_line_and_a_list_has_an_end() {
    let mut edit = stocked();
    let titled =
        MilestoneDraft { title: Some("a\nb".into()), ..MilestoneDraft::new(100, MilestoneUnit::Letters) };
    assert!(set(&mut edit, 1, None, &titled).is_err());
    for number in 0..MAX_MILESTONES as u64 {
        let draft = MilestoneDraft::new(100 + number, MilestoneUnit::Letters);
        set(&mut edit, u128::from(number), None, &draft).expect("a milestone");
    }
    let draft = MilestoneDraft::new(MAX_WORLD_GOAL, MilestoneUnit::Letters);
    assert!(set(&mut edit, 1_000, None, &draft).is_err());
    assert!(set(&mut edit, 1_000, Some(SECTION), &draft).is_ok());
}

proptest! {
    /// Whatever way a total takes, up and down, each milestone is reached by the first version that has its threshold,
    /// and never again.
    #[test]
    fn each_milestone_is_reached_once_by_the_first_version_at_its_threshold(
        thresholds in proptest::collection::btree_set(51..200_u64, 1..8),
        course in proptest::collection::vec(0..200_u64, 1..30),
    ) {
        let mut edit = stocked();
        for (number, &threshold) in (0..).zip(&thresholds) {
            set(&mut edit, number, None, &MilestoneDraft::new(threshold, MilestoneUnit::Letters)).expect("a milestone");
        }
        let mut record: Vec<ReachedMilestone> = Vec::new();
        for (version, &letters) in (1..).zip(&course) {
            let more = reached(&edit.catalogue, EDITION, &totals(letters, 0), &record, (version, edit.now));
            record.extend(more);
        }
        for (number, &threshold) in (0..).zip(&thresholds) {
            let of_this: Vec<_> = record.iter().filter(|one| one.milestone_id == id(number)).collect();
            let first = (1..).zip(&course).find(|(_, letters)| **letters >= threshold);
            prop_assert_eq!(of_this.len(), usize::from(first.is_some()));
            if let Some((version, &letters)) = first {
                prop_assert_eq!((of_this[0].version, of_this[0].quantity), (version, letters));
            }
        }
    }
}
