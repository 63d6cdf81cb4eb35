use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::Patch;
use crate::number::CountDraft;
use crate::{
    Campaign, CampaignWindow, Edition, Section, Violation, Zone,
    campaign::{CaseSelection, PlausibilityLimits},
    edition::EditionState,
    event::{EventActor, EventPolicy},
};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// A campaign whose registration closes before its collection deadline.
struct Desk {
    edition: Edition,
    section: Section,
    campaign: Campaign,
}

impl Desk {
    fn new() -> Self {
        let zone = Zone::parse("America/Toronto").expect("a zone");
        let edition = Edition {
            id: EditionId::new(Uuid::from_u128(100)),
            year: 2021,
            letter_goal: None,
            state: EditionState::Open,
            revision: 1,
        };
        let section = Section {
            id: SectionId::new(Uuid::from_u128(200)),
            code: "ca".into(),
            name: "Canada".into(),
            country: None,
            languages: vec![],
            zone: zone.clone(),
            revision: 1,
        };
        let days = (date(2021, 11, 1), Some(date(2021, 12, 20)), date(2022, 1, 31));
        let campaign = Campaign {
            id: CampaignId::new(Uuid::from_u128(300)),
            edition_id: edition.id,
            section_id: section.id,
            window: CampaignWindow::new(days.0, days.1, days.2, 0, zone).expect("a window"),
            letter_goal: None,
            limits: PlausibilityLimits::default(),
            picks: CaseSelection::All,
            reviews_events: true,
            bounds_events: true,
            revision: 1,
        };
        Self { edition, section, campaign }
    }

    fn terms(&self, actor: EventActor) -> EventPolicy<'_> {
        static NO_CASES: BTreeMap<crate::CaseId, crate::report::CaseStatus> = BTreeMap::new();
        let Self { edition, section, campaign } = self;
        EventPolicy {
            intake: CampaignContext { edition, section, campaign, is_certified: false, cases: &NO_CASES },
            actor,
        }
    }

    fn register(&self, draft: &ParticipantDraft) -> Result<Participant, Violations> {
        let id = ParticipantId::new(Uuid::from_u128(1));
        Participant::registered(id, draft, &self.terms(EventActor::Organizer), now())
    }

    fn step(&self, expected_revision: u32) -> ParticipantTransition<'_> {
        ParticipantTransition { terms: self.terms(EventActor::Organizer), expected_revision, now: now() }
    }
}

fn now() -> Timestamp {
    "2021-12-01T12:00:00Z".parse().expect("an instant")
}

fn moses() -> ParticipantDraft {
    ParticipantDraft {
        display_name: Some("Moses".into()),
        email: Some("moses@example.org".into()),
        roles: Some(vec![ParticipantRole::Attendee, ParticipantRole::Writer, ParticipantRole::Writer]),
        letter_goal: Patch::Set(10.into()),
        ..ParticipantDraft::default()
    }
}

fn codes(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect()
}

#[test]
fn registration_is_open_to_its_last_microsecond_and_to_staff_afterwards() {
    let desk = Desk::new();
    let closes_at = desk.campaign.window.registration_closes_at();
    let register = |actor, now| {
        let id = ParticipantId::new(Uuid::from_u128(1));
        Participant::registered(id, &moses(), &desk.terms(actor), now).map(|participant| participant.revision)
    };
    assert_eq!(register(EventActor::Organizer, closes_at - MICROSECOND), Ok(1));
    for late in [closes_at, closes_at + MICROSECOND] {
        let broken = register(EventActor::Organizer, late).expect_err("it has closed");
        assert_eq!(codes(&broken), ["campaign REGISTRATION_CLOSED"]);
        assert_eq!(register(EventActor::Staff, late), Ok(1));
    }
}

#[test]
fn somebody_who_is_no_participant_hears_of_all_mistakes_at_once() {
    let broken = Desk::new()
        .register(&ParticipantDraft {
            display_name: Some(" ".into()),
            email: Some("moses".into()),
            roles: Some(vec![]),
            letter_goal: Patch::Set(1_000_001.into()),
            cases: Some(vec![crate::CaseId::new(Uuid::nil())]),
            language: Patch::Set("zz".into()),
            country: Patch::Set("PL".into()),
            region: Patch::Set("CA-ON".into()),
            age_band: Patch::Set(AgeBand::Child),
            contact_consent: Patch::Set("newsletter-2021".into()),
        })
        .expect_err("nothing is right");
    assert_eq!(
        codes(&broken),
        [
            "display_name REQUIRED",
            "email EMAIL_INVALID",
            "roles TOO_FEW_ITEMS",
            "letter_goal GOAL_OUT_OF_RANGE",
            "cases.0 CASE_NOT_IN_CAMPAIGN",
            "language LANGUAGE_UNKNOWN",
            "region REGION_OUTSIDE_COUNTRY",
            "contact_consent CONSENT_NEEDS_ADULT",
        ]
    );
}

#[test]
fn nobody_is_on_a_mailing_list_who_is_a_child_or_has_not_said_so_or_is_not_confirmed() {
    let desk = Desk::new();
    let agreeing = |age_band: Option<AgeBand>| ParticipantDraft {
        age_band: age_band.into(),
        contact_consent: Patch::Set("newsletter-2021".into()),
        ..moses()
    };
    for age_band in [None, Some(AgeBand::Child), Some(AgeBand::Teenager)] {
        let broken = desk.register(&agreeing(age_band)).expect_err("not of age");
        assert_eq!(codes(&broken), ["contact_consent CONSENT_NEEDS_ADULT"]);
    }
    let silent = desk.register(&ParticipantDraft { age_band: Patch::Set(AgeBand::Senior), ..moses() });
    let silent = silent.and_then(|silent| silent.confirm(now(), now())).expect("a participant");
    assert!(!silent.may_be_contacted());
    let ada = desk.register(&agreeing(Some(AgeBand::Adult))).expect("a participant");
    assert_eq!(ada.content.consent.as_ref().map(|consent| consent.given_at), Some(now()));
    assert!(!ada.may_be_contacted(), "the address may be somebody else's");
    let ada = ada.confirm(now(), now()).expect("a good code");
    assert!(ada.may_be_contacted());
    let younger = ParticipantDraft { age_band: Patch::Set(AgeBand::Teenager), ..Default::default() };
    let broken = ada.change(&younger, &desk.step(2)).expect_err("a child has not agreed");
    assert_eq!(codes(&broken), ["contact_consent CONSENT_NEEDS_ADULT"]);
    let silent = ParticipantDraft { contact_consent: Patch::Clear, ..younger };
    assert!(!ada.change(&silent, &desk.step(2)).expect("a change").may_be_contacted());
    assert!(!ada.leave(&desk.step(2)).expect("it may").may_be_contacted());
}

#[test]
fn a_code_confirms_for_thirty_days_and_another_address_has_to_be_confirmed_anew() {
    let desk = Desk::new();
    let moses = desk.register(&moses()).expect("a participant");
    assert_eq!(moses.pledged(), 0, "anybody could have typed that");
    let end = now() + CONFIRMATION_CODE_TTL;
    let confirmed = moses.confirm(now(), end - MICROSECOND).expect("just in time");
    assert_eq!((confirmed.pledged(), confirmed.revision), (10, 2));
    let broken = moses.confirm(now(), end).expect_err("too late");
    assert_eq!(codes(&broken), ["code CODE_EXPIRED"]);
    assert_eq!(confirmed.confirm(now(), end), Ok(confirmed.clone()), "twice is once");
    let typed = |email: &str| ParticipantDraft { email: Some(email.into()), ..Default::default() };
    let same = confirmed.change(&typed("Moses@Example.org"), &desk.step(2)).expect("a change");
    assert_eq!(same.state, ParticipantState::Confirmed);
    let other = confirmed.change(&typed("akatugba@example.org"), &desk.step(2)).expect("a change");
    assert_eq!((other.state, other.pledged()), (ParticipantState::Registered, 0));
}

#[test]
fn what_cannot_be_finished_is_released_and_no_more_than_that() {
    let desk = Desk::new();
    let moses = desk.register(&moses()).expect("a participant");
    for (letters, expected) in [
        (0.0, "QUANTITY_OUT_OF_RANGE"),
        (0.5, "QUANTITY_NOT_WHOLE"),
        (-1.0, "QUANTITY_NOT_WHOLE"),
        (1e16, "QUANTITY_NOT_WHOLE"),
        (11.0, "RELEASE_EXCEEDS_GOAL"),
    ] {
        let broken = moses.release(CountDraft::from_number(letters), 0, &desk.step(1)).expect_err(expected);
        assert_eq!(codes(&broken), [format!("letters {expected}")]);
    }
    let some = moses.release(4, 0, &desk.step(1)).expect("a release");
    assert_eq!((some.content.letter_goal, some.released), (Some(6), 4));
    let all = some.release(6, 0, &desk.step(2)).expect("a release");
    assert_eq!((all.content.letter_goal, all.released), (None, 10));
}

#[test]
fn what_is_reported_is_not_released() {
    let desk = Desk::new();
    let moses = desk.register(&moses()).expect("a participant");
    for (reported, remaining) in [(0, 10), (3, 7), (9, 1), (10, 0), (11, 0_u32)] {
        assert_eq!(moses.remaining(reported), u64::from(remaining));
        let beyond = moses.release(remaining + 1, reported, &desk.step(1));
        assert_eq!(codes(&beyond.expect_err("too many")), ["letters RELEASE_EXCEEDS_GOAL"]);
    }
    let rest = moses.release(7, 3, &desk.step(1)).expect("a release");
    assert_eq!((rest.content.letter_goal, rest.released, rest.remaining(3)), (Some(3), 7, 0));
}

proptest! {
    #[test]
    fn goal_and_released_add_up_and_the_goal_stays_at_what_is_reported_or_above(
        goal in proptest::option::of(1..200_u32), reported in 0..300_u64, letters in 0..300_u32
    ) {
        let desk = Desk::new();
        let draft = ParticipantDraft { letter_goal: goal.map(CountDraft::from).into(), ..moses() };
        let before = desk.register(&draft).expect("a participant");
        let goal = u64::from(goal.unwrap_or(0));
        let released = before.release(letters, reported, &desk.step(1));
        let may = letters >= 1 && u64::from(letters) <= goal.saturating_sub(reported);
        prop_assert_eq!(released.is_ok(), may);
        if let Ok(after) = released {
            let left = after.content.letter_goal.unwrap_or(0);
            prop_assert_eq!(left + after.released, goal);
            prop_assert!(left >= reported);
        }
    }
}

#[test]
fn whoever_left_takes_no_further_step() {
    let desk = Desk::new();
    let gone = desk.register(&moses()).and_then(|moses| moses.leave(&desk.step(1))).expect("it may");
    let forbidden = "PARTICIPANT_STATE_INVALID";
    let broken = gone.change(&ParticipantDraft::default(), &desk.step(2)).expect_err(forbidden);
    assert_eq!(codes(&broken), [format!("id {forbidden}")]);
    let broken = gone.confirm(now(), now()).expect_err(forbidden);
    assert_eq!(codes(&broken), [format!("code {forbidden}")]);
    let broken = gone.leave(&desk.step(1)).expect_err(forbidden);
    assert_eq!(codes(&broken), [format!("id {forbidden}"), "expected_revision STALE_REVISION".into()]);
}
