use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    ActionKind, CaseId, Patch,
    catalogue::fixtures::{CAMPAIGN, SECTION, archive, refused, stocked},
    event::{EventActor, EventPolicy},
    report::ReporterRole,
    total::{Contribution, Lines, Location},
};

fn registration_closes() -> Timestamp {
    // The campaign names no other day: registration closes with the collection deadline.
    "2022-02-01T05:00:00Z".parse().expect("an instant")
}

fn id(number: u128) -> GroupId {
    GroupId::new(Uuid::from_u128(number))
}

fn school() -> GroupDraft {
    GroupDraft {
        kind: Some(GroupKind::School),
        name: Some("  École Jeanne-Mance ".into()),
        size: Patch::Set(300.into()),
        region: Some("CA-QC".into()),
        is_public: Some(true),
        ..GroupDraft::default()
    }
}

fn registered(
    actor: EventActor,
    draft: &GroupDraft,
    parent: GroupParent,
    now: Timestamp,
) -> Result<Group, Violations> {
    let edit = stocked();
    let terms = EventPolicy { intake: edit.catalogue.intake(CAMPAIGN).expect("the campaign"), actor };
    Group::registered(id(1), draft, parent, &terms, now)
}

fn made(actor: EventActor) -> Group {
    registered(actor, &school(), GroupParent::default(), Timestamp::UNIX_EPOCH).expect("a group")
}

fn stepped<T>(actor: EventActor, revision: u32, step: impl FnOnce(&GroupTransition<'_>) -> T) -> T {
    let edit = stocked();
    let terms = EventPolicy { intake: edit.catalogue.intake(CAMPAIGN).expect("the campaign"), actor };
    step(&GroupTransition { terms, expected_revision: revision, now: Timestamp::UNIX_EPOCH })
}

#[test]
fn a_group_is_counted_where_it_was_registered_and_by_its_kind() {
    let group = made(EventActor::Organizer);
    assert_eq!(group.content.name, "École Jeanne-Mance");
    assert_eq!(group.tally.origin, Some(Origin::School));
    assert_eq!(group.tally.place.region.as_ref().map(ToString::to_string).as_deref(), Some("CA-QC"));
    assert_eq!(group.tally.place.section, SECTION);
    let draft =
        GroupDraft { kind: Some(GroupKind::Team), region: Some("CA-ON".into()), ..GroupDraft::default() };
    let changed = stepped(EventActor::Organizer, 1, |step| group.change(&draft, step)).expect("a change");
    assert_eq!(changed.content.kind, GroupKind::Team);
    assert_eq!(changed.tally, group.tally, "what is counted does not move");
    assert_eq!(changed.content.region, group.content.region);
}

#[test]
fn every_broken_rule_of_a_new_group_is_reported_at_once() {
    let draft = GroupDraft {
        name: Some(" ".into()),
        size: Patch::Set(0.into()),
        letter_goal: Patch::Set(0.into()),
        region: Some("FR-75C".into()),
        ..GroupDraft::default()
    };
    let parent =
        GroupParent { group: Some(id(9)), event: None, depth: MAX_GROUP_DEPTH, siblings: MAX_GROUPS };
    let late = registration_closes();
    assert_eq!(
        refused(registered(EventActor::Organizer, &draft, parent, late)),
        [
            "campaign DEADLINE_PASSED",
            "parent GROUP_TOO_DEEP",
            "parent TOO_MANY_ITEMS",
            "kind REQUIRED",
            "name REQUIRED",
            "size HEADCOUNT_OUT_OF_RANGE",
            "letter_goal GOAL_OUT_OF_RANGE",
            "region REGION_OUTSIDE_COUNTRY",
        ]
    );
    let within = GroupParent { depth: MAX_GROUP_DEPTH - 1, siblings: MAX_GROUPS - 1, ..parent };
    let before = late - SignedDuration::from_micros(1);
    assert!(registered(EventActor::Organizer, &school(), within, before).is_ok(), "at the very edge");
}

#[test]
fn a_group_of_a_campaign_registers_until_registration_closes_and_staff_later() {
    let late = registration_closes();
    let early = late - SignedDuration::from_micros(1);
    let alone = GroupParent::default();
    assert!(registered(EventActor::Organizer, &school(), alone, early).is_ok());
    assert_eq!(
        refused(registered(EventActor::Organizer, &school(), alone, late)),
        ["campaign REGISTRATION_CLOSED"]
    );
    assert!(registered(EventActor::Staff, &school(), alone, late).is_ok());
    let mut edit = stocked();
    archive(&mut edit);
    let intake = edit.catalogue.intake(CAMPAIGN).expect("the campaign");
    let terms = EventPolicy { intake, actor: EventActor::Staff };
    assert_eq!(
        refused(Group::registered(id(1), &school(), alone, &terms, early)),
        ["campaign EDITION_ARCHIVED"]
    );
}

#[test]
fn everyone_sees_the_name_that_staff_approved() {
    let waits = made(EventActor::Organizer);
    assert!(!waits.is_listed() && waits.review_pending());
    let approve = |group: &Group| {
        stepped(EventActor::Staff, group.revision, |step| group.review(&GroupReview::Approve, step))
    };
    let listed = approve(&waits).expect("an approval");
    assert_eq!(listed.approved_name.as_deref(), Some("École Jeanne-Mance"));
    assert!(!listed.review_pending());
    let renamed = GroupDraft { name: Some("Nonsense".into()), ..GroupDraft::default() };
    let renamed = stepped(EventActor::Organizer, 2, |step| listed.change(&renamed, step)).expect("a change");
    assert_eq!(renamed.approved_name.as_deref(), Some("École Jeanne-Mance"), "the new one waits");
    assert!(renamed.review_pending());
    let reject = GroupReview::Reject("It is no school.".into());
    let hidden = stepped(EventActor::Staff, 3, |step| renamed.review(&reject, step)).expect("a rejection");
    assert!(!hidden.is_listed() && !hidden.review_pending());
    assert_eq!(hidden.rejection_reason.as_deref(), Some("It is no school."));
    let private = GroupDraft { is_public: Some(false), ..GroupDraft::default() };
    let private = stepped(EventActor::Organizer, 2, |step| listed.change(&private, step)).expect("a change");
    assert!(!private.is_listed(), "at once");
    assert_eq!(refused(approve(&private)), ["id GROUP_NOT_PUBLIC"]);
    assert!(made(EventActor::Staff).is_listed(), "staff need no review");
}

#[test]
fn a_change_of_another_revision_and_a_rejection_without_reason_are_refused() {
    let group = made(EventActor::Organizer);
    assert_eq!(
        refused(stepped(EventActor::Organizer, 2, |step| group.change(&GroupDraft::default(), step))),
        ["expected_revision STALE_REVISION"]
    );
    let reject = GroupReview::Reject(" ".into());
    assert_eq!(
        refused(stepped(EventActor::Staff, 1, |step| group.review(&reject, step))),
        ["reason REASON_MISSING"]
    );
}

#[test]
fn a_group_that_counts_something_cannot_be_removed() {
    let mut group = made(EventActor::Organizer);
    let remove = |group: &Group, revision, in_use| {
        stepped(EventActor::Organizer, revision, |step| group.remove(in_use, step))
    };
    assert!(remove(&group, 1, (false, false)).is_ok());
    assert_eq!(refused(remove(&group, 1, (true, false))), ["id GROUP_IN_USE"]);
    assert_eq!(
        refused(remove(&group, 2, (false, true))),
        ["expected_revision STALE_REVISION", "id GROUP_IN_USE"]
    );
    report_of(&mut group.tally, &[(None, 12)], false);
    assert_eq!(refused(remove(&group, 1, (false, false))), ["id GROUP_IN_USE"]);
}

#[test]
fn letters_for_each_thousand_people_make_groups_of_different_size_comparable() {
    let mut group = made(EventActor::Organizer);
    report_of(&mut group.tally, &[(None, 450)], false);
    assert_eq!(group.letters_per_thousand(), Some(1500));
    group.content.size = None;
    assert_eq!(group.letters_per_thousand(), None);
}

fn case(number: u128) -> Option<CaseId> {
    Some(CaseId::new(Uuid::from_u128(number)))
}

fn tally() -> EventTally {
    let place = Location { section: SECTION, country: None, region: None };
    EventTally::new(place, Some(Origin::School))
}

fn contribute(
    tally: &mut EventTally,
    side: ReporterRole,
    lines: &[(Option<CaseId>, u64)],
    (late, more): (bool, bool),
) {
    let place = tally.place.clone();
    let lines: Lines =
        lines.iter().map(|(case, quantity)| ((*case, ActionKind::AppealLetter), *quantity)).collect();
    let contribution =
        Contribution { place: &place, origin: None, way: None, lines: &lines, people: Some(3), late };
    let done = if more { tally.add(side, &contribution) } else { tally.subtract(side, &contribution) };
    done.expect("what is taken away had been counted");
}

fn report_of(tally: &mut EventTally, lines: &[(Option<CaseId>, u64)], late: bool) {
    contribute(tally, ReporterRole::Host, lines, (late, true));
}

fn of(lines: &[(Option<CaseId>, u64)]) -> EventTally {
    let mut tally = tally();
    report_of(&mut tally, lines, false);
    tally
}

#[test]
fn venues_and_cases_are_two_views_of_the_same_letters() {
    let mut event = tally();
    for letters in [703, 80, 47, 20] {
        event.change_group(&tally(), &of(&[(None, letters)])).expect("a group");
    }
    assert_eq!(event.counted().quantity(), 850, "by venue alone");
    report_of(
        &mut event,
        &[(case(1), 300), (case(2), 200), (case(3), 150), (case(4), 120), (case(5), 80)],
        false,
    );
    let counted = event.counted();
    assert_eq!(counted.quantity(), 850, "by venue and by case, each letter once");
    assert_eq!(counted.lines[&(case(1), ActionKind::AppealLetter)], 300);
    assert_eq!(counted.deduplicated[&ActionKind::AppealLetter], 850);
    assert_eq!(event.counted_by_groups(), 850);
}

#[test]
fn classes_count_within_their_school() {
    let mut school = of(&[(None, 400)]);
    school.change_group(&tally(), &of(&[(case(1), 250)])).expect("a class");
    assert_eq!(school.counted().quantity(), 400);
    school.change_group(&tally(), &of(&[(case(2), 193)])).expect("another class");
    assert_eq!(school.counted().quantity(), 443, "the classes together know of more");
    school.change_group(&of(&[(case(2), 193)]), &tally()).expect("it was withdrawn");
    assert_eq!(school.counted().quantity(), 400);
    assert!(school.change_group(&of(&[(case(2), 1)]), &tally()).is_err(), "what was never counted");
}

type Reported = (Vec<(Option<CaseId>, u64)>, bool);

fn some_report() -> impl Strategy<Value = Reported> {
    let cases = prop_oneof![Just(None), (1..4_u128).prop_map(case)];
    let lines = proptest::collection::btree_map(cases, 1..200_u64, 1..4);
    (lines.prop_map(|lines: BTreeMap<_, _>| lines.into_iter().collect()), any::<bool>())
}

proptest! {
    /// Reports of the host, of guests and of groups, each letter once: never less than any of the three, never more
    /// than all of them, whatever is late, and the parts add up.
    #[test]
    fn the_total_lies_between_the_largest_source_and_the_sum_of_all(
        host in proptest::option::of(some_report()),
        guests in proptest::collection::vec(some_report(), 0..4),
        groups in proptest::collection::vec(some_report(), 0..4),
    ) {
        let quantity = |report: &Reported| report.0.iter().map(|(_, quantity)| quantity).sum::<u64>();
        let mut event = tally();
        if let Some((lines, late)) = &host {
            report_of(&mut event, lines, *late);
        }
        for (lines, late) in &guests {
            contribute(&mut event, ReporterRole::Attendee, lines, (*late, true));
        }
        for (lines, late) in &groups {
            let mut group = tally();
            report_of(&mut group, lines, *late);
            event.change_group(&tally(), &group).expect("a group");
        }
        let sources = [
            host.iter().map(quantity).sum::<u64>(),
            guests.iter().map(quantity).sum(),
            groups.iter().map(quantity).sum(),
        ];
        let counted = event.counted();
        prop_assert!(counted.quantity() >= sources.into_iter().max().unwrap_or_default());
        prop_assert!(counted.quantity() <= sources.iter().sum());
        let deduplicated: u64 = counted.deduplicated.values().sum();
        prop_assert_eq!(counted.quantity() + deduplicated, sources.iter().sum::<u64>());
        prop_assert!(event.counted_in_time().quantity() <= counted.quantity());
        let cells = event.cells();
        let (all, late) = cells.lines.values().fold((0, 0), |(all, late), count| {
            (all + count.quantity, late + count.late)
        });
        prop_assert_eq!(u64::try_from(all).ok(), Some(counted.quantity()));
        let in_time = event.counted_in_time().quantity();
        prop_assert_eq!(u64::try_from(late).ok(), Some(counted.quantity() - in_time));
    }

    /// A group of a group: whatever is reported and taken back, what the upper one says is what a new count says.
    #[test]
    fn changes_of_a_group_leave_what_a_new_count_says(
        own in some_report(), first in some_report(), second in some_report(), other in some_report(),
    ) {
        let one = |(lines, late): &Reported| { let mut tally = tally(); report_of(&mut tally, lines, *late); tally };
        let mut changed = one(&own);
        changed.change_group(&tally(), &one(&first)).expect("a group");
        changed.change_group(&tally(), &one(&other)).expect("another group");
        changed.change_group(&one(&first), &one(&second)).expect("a later figure");
        let mut anew = one(&own);
        anew.change_group(&tally(), &one(&other)).expect("a group");
        anew.change_group(&tally(), &one(&second)).expect("another group");
        prop_assert_eq!(changed, anew);
    }
}
