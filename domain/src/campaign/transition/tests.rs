use std::collections::BTreeSet;

use crate::{CampaignPhase, CaseId, campaign::PLAUSIBLE_FOR_PERSON};
use jiff::SignedDuration;
use uuid::Uuid;

use super::*;
use crate::Patch;
use crate::{
    case,
    catalogue::fixtures::{
        CAMPAIGN, CASE, EDITION, SECTION, UNKNOWN_ID, archive, canada, empty, noted, refused, rung, stocked,
        the_campaign, winter,
    },
    edition::{self, EditionDraft},
};

#[test]
fn a_section_runs_an_edition_once() {
    let mut edit = stocked();
    let again = create(&mut edit, CampaignId::new(UNKNOWN_ID), EDITION, SECTION, &winter());
    assert_eq!(refused(again), ["section ALREADY_EXISTS"]);
}

#[test]
fn a_campaign_takes_the_zone_of_its_section_and_every_case_unless_it_says_otherwise() {
    let campaign = the_campaign(&stocked());
    assert_eq!(campaign.window.zone().as_str(), "America/Toronto");
    assert_eq!((campaign.window.grace_days(), campaign.picks), (0, CaseSelection::All));
    assert_eq!(campaign.limits.person, PLAUSIBLE_FOR_PERSON);
    let mut edit = stocked();
    let draft = CampaignDraft { time_zone: Some("America/Vancouver".into()), ..CampaignDraft::default() };
    let campaign = change(&mut edit, CAMPAIGN, 1, &draft).expect("a change");
    assert_eq!(campaign.window.zone().as_str(), "America/Vancouver");
}

#[test]
fn a_new_campaign_names_every_field_at_fault() {
    let nowhere = create(
        &mut empty(),
        CAMPAIGN,
        EDITION,
        SECTION,
        &CampaignDraft {
            registration_closes_on: Patch::Set("2021-02-30".into()),
            ..CampaignDraft::default()
        },
    );
    assert_eq!(
        refused(nowhere),
        [
            "edition NOT_FOUND",
            "section NOT_FOUND",
            "opens_on DATE_INVALID",
            "deadline_on DATE_INVALID",
            "registration_closes_on DATE_INVALID",
        ]
    );
    let draft = CampaignDraft {
        opens_on: Some("2022-01-31".into()),
        registration_closes_on: Patch::Set("2022-01-30".into()),
        deadline_on: Some("2022-01-30".into()),
        grace_days: Some(93),
        letter_goal: Patch::Set(1_000_000_001.into()),
        limit_person: Some(0.into()),
        limit_event: Some(1_000_001.into()),
        cases: Patch::Set(vec![]),
        ..CampaignDraft::default()
    };
    assert_eq!(
        refused(change(&mut stocked(), CAMPAIGN, 1, &draft)),
        [
            "deadline_on WINDOW_OUT_OF_ORDER",
            "registration_closes_on WINDOW_OUT_OF_ORDER",
            "grace_days GRACE_DAYS_OUT_OF_RANGE",
            "letter_goal GOAL_OUT_OF_RANGE",
            "limit_person PLAUSIBILITY_LIMIT_OUT_OF_RANGE",
            "limit_event PLAUSIBILITY_LIMIT_OUT_OF_RANGE",
            "cases TOO_FEW_ITEMS",
        ]
    );
    for (grace_days, time_zone, expected) in
        [(-1, "UTC", "grace_days GRACE_DAYS_OUT_OF_RANGE"), (0, "Nowhere", "time_zone TIME_ZONE_UNKNOWN")]
    {
        let draft = CampaignDraft {
            grace_days: Some(grace_days),
            time_zone: Some(time_zone.into()),
            ..CampaignDraft::default()
        };
        assert_eq!(refused(change(&mut stocked(), CAMPAIGN, 1, &draft)), [expected]);
    }
}

#[test]
fn a_campaign_picks_cases_of_its_own_edition_each_once() {
    let mut edit = stocked();
    let (other, foreign) = (EditionId::new(Uuid::from_u128(10)), CaseId::new(Uuid::from_u128(11)));
    let next_year = EditionDraft { year: Some(2022), ..EditionDraft::default() };
    edition::create(&mut edit, other, &next_year).expect("an edition");
    case::create(&mut edit, foreign, other, "rung", &rung()).expect("a case");
    let pick = |cases| CampaignDraft { cases, ..CampaignDraft::default() };
    let wrong = pick(Patch::Set(vec![CASE, foreign, CaseId::new(UNKNOWN_ID), CASE]));
    assert_eq!(
        refused(change(&mut edit, CAMPAIGN, 1, &wrong)),
        ["cases.1 CASE_NOT_IN_CAMPAIGN", "cases.2 NOT_FOUND", "cases.3 DUPLICATE"]
    );
    let one = change(&mut edit, CAMPAIGN, 1, &pick(Patch::Set(vec![CASE]))).expect("one case");
    assert_eq!(one.picks, CaseSelection::Only(BTreeSet::from([CASE])));
    let untouched = change(&mut edit, CAMPAIGN, 2, &CampaignDraft::default()).expect("nothing");
    assert_eq!(untouched.picks, one.picks);
    let all = change(&mut edit, CAMPAIGN, 3, &pick(Patch::Clear)).expect("all cases");
    assert_eq!(all.picks, CaseSelection::All);
}

#[test]
fn a_goal_and_a_registration_close_can_be_set_and_taken_away() {
    let mut edit = stocked();
    let draft = |goal, day: Option<&str>| CampaignDraft {
        letter_goal: Patch::from(goal),
        registration_closes_on: day.map(str::to_owned).into(),
        ..CampaignDraft::default()
    };
    let set =
        change(&mut edit, CAMPAIGN, 1, &draft(Some(50_000.into()), Some("2021-12-05"))).expect("a change");
    assert_eq!(set.letter_goal, Some(50_000));
    assert_eq!(set.window.registration_closes_on(), Some(jiff::civil::date(2021, 12, 5)));
    let unchanged = change(&mut edit, CAMPAIGN, 2, &CampaignDraft::default()).expect("nothing");
    assert_eq!((unchanged.letter_goal, &unchanged.window), (Some(50_000), &set.window));
    let taken = change(&mut edit, CAMPAIGN, 3, &draft(None, None)).expect("a change");
    assert_eq!((taken.letter_goal, taken.window.registration_closes_on()), (None, None));
    assert_eq!(noted(&edit), ("campaignUpdate", CAMPAIGN.uuid(), None));
}

#[test]
fn what_is_over_opens_again_only_by_an_extension_with_a_reason() {
    let mut edit = stocked();
    let end = the_campaign(&edit).window.deadline_at();
    let february = CampaignDraft { deadline_on: Some("2022-02-28".into()), ..CampaignDraft::default() };
    edit.now = end;
    assert_eq!(refused(change(&mut edit, CAMPAIGN, 1, &february)), ["deadline_on USE_EXTENSION"]);
    for (day, reason, expected) in [
        ("2022-01-31", "Late post.", vec!["deadline_on NOT_AN_EXTENSION"]),
        ("2022-02-30", "", vec!["deadline_on DATE_INVALID", "reason REASON_MISSING"]),
        ("9999-12-31", "For ever.", vec!["deadline_on DATE_INVALID"]),
    ] {
        assert_eq!(refused(extend(&mut edit, CAMPAIGN, 1, day, reason)), expected, "{day}");
    }
    let extended = extend(&mut edit, CAMPAIGN, 1, "2022-02-01", "Late post.").expect("an extension");
    assert_eq!((extended.window.phase(end), extended.revision), (CampaignPhase::Open, 2));
    assert_eq!(noted(&edit), ("campaignExtend", CAMPAIGN.uuid(), Some("Late post.")));
}

#[test]
fn the_deadline_of_an_open_campaign_moves_by_a_change_up_to_its_last_microsecond() {
    let mut edit = stocked();
    edit.now = the_campaign(&edit).window.deadline_at() - SignedDuration::from_micros(1);
    let february = CampaignDraft { deadline_on: Some("2022-02-28".into()), ..CampaignDraft::default() };
    assert!(change(&mut edit, CAMPAIGN, 1, &february).is_ok());
}

#[test]
fn a_change_needs_a_campaign_its_present_revision_and_an_open_edition() {
    let mut edit = stocked();
    let nobody = CampaignId::new(UNKNOWN_ID);
    assert_eq!(refused(change(&mut edit, nobody, 1, &winter())), ["id NOT_FOUND"]);
    assert_eq!(refused(extend(&mut edit, nobody, 1, "2022-02-01", "Why.")), ["id NOT_FOUND"]);
    assert_eq!(refused(change(&mut edit, CAMPAIGN, 2, &winter())), ["expected_revision STALE_REVISION"]);
    archive(&mut edit);
    let archived = ["id EDITION_ARCHIVED", "expected_revision STALE_REVISION"];
    assert_eq!(refused(change(&mut edit, CAMPAIGN, 2, &winter())), archived);
    assert_eq!(refused(extend(&mut edit, CAMPAIGN, 2, "2022-02-01", "Why.")), archived);
    let section = SectionId::new(UNKNOWN_ID);
    crate::section::create(&mut edit, section, "ca-fr", &canada()).expect("a section");
    let late = create(&mut edit, CampaignId::new(UNKNOWN_ID), EDITION, section, &winter());
    assert_eq!(refused(late), ["edition EDITION_ARCHIVED"]);
}
