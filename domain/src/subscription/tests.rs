use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::{
    UrgentActionId, Zone,
    urgent_action::{UrgentActionDraft, UrgentActionState, UrgentActionTextDraft, Validity},
};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

fn now() -> Timestamp {
    "2022-03-01T12:00:00Z".parse().expect("an instant")
}

fn ada() -> SubscriptionDraft {
    SubscriptionDraft {
        email: "ada@example.org".into(),
        wishes: SubscriptionPreferencesDraft {
            topics: Some(vec![CaseTopic::Torture, CaseTopic::Children, CaseTopic::Torture]),
            ..Default::default()
        },
        age_band: Some(AgeBand::Adult),
        contact_consent: "urgent-actions-2022".into(),
    }
}

fn requested(draft: &SubscriptionDraft) -> Result<Subscription, Violations> {
    Subscription::requested(SubscriptionId::new(Uuid::from_u128(1)), draft, now())
}

fn codes(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|v| format!("{} {}", v.path.join("."), v.rule.code())).collect()
}

fn about(topics: &[CaseTopic]) -> UrgentAction {
    let texts = vec![UrgentActionTextDraft { language: "en".into(), title: "Water".into(), text: None }];
    let draft = UrgentActionDraft {
        country: Some("PE".into()),
        topics: Some(topics.to_vec()),
        texts: Some(texts),
        ..Default::default()
    };
    UrgentAction {
        id: UrgentActionId::new(Uuid::from_u128(2)),
        number: "15/22".into(),
        update: 0,
        life: Validity::new(date(2022, 3, 1), date(2022, 4, 12), Zone::parse("UTC").expect("a zone"))
            .expect("days"),
        content: draft.complete(None).expect("an action"),
        state: UrgentActionState::Issued,
        updated_at: now(),
        revision: 1,
    }
}

#[test]
fn consent_is_of_those_who_are_of_age_and_dated() {
    for age_band in [None, Some(AgeBand::Child), Some(AgeBand::Teenager)] {
        let broken = requested(&SubscriptionDraft { age_band, ..ada() }).expect_err("not of age");
        assert_eq!(codes(&broken), ["age_band CONSENT_NEEDS_ADULT"]);
    }
    let subscription = requested(&ada()).expect("a subscription");
    assert_eq!(subscription.content.consent.given_at, now());
    assert_eq!(subscription.content.wishes.topics, [CaseTopic::Children, CaseTopic::Torture], "each once");
    assert_eq!(
        subscription.content.wishes.frequency,
        DigestFrequency::Weekly,
        "nobody is written to more often unasked"
    );
    let broken = requested(&SubscriptionDraft {
        email: "ada".into(),
        wishes: SubscriptionPreferencesDraft {
            topics: Some(vec![CaseTopic::Torture; 51]),
            language: Some("zz".into()),
            frequency: None,
        },
        age_band: None,
        contact_consent: " ".into(),
    });
    assert_eq!(
        codes(&broken.expect_err("nothing is right")),
        [
            "email EMAIL_INVALID",
            "topics TOO_MANY_ITEMS",
            "language LANGUAGE_UNKNOWN",
            "contact_consent REQUIRED",
            "age_band CONSENT_NEEDS_ADULT",
        ]
    );
}

#[test]
fn a_code_is_good_for_thirty_days_and_twice_is_once() {
    let requested = requested(&ada()).expect("a subscription");
    let end = now() + CONFIRMATION_CODE_TTL;
    let confirmed = requested.confirm(end - MICROSECOND).expect("just in time");
    assert_eq!((confirmed.confirmed_at, confirmed.revision), (Some(end - MICROSECOND), 2));
    assert_eq!(codes(&requested.confirm(end).expect_err("too late")), ["code CODE_EXPIRED"]);
    assert_eq!(confirmed.confirm(end + CONFIRMATION_CODE_TTL), Ok(confirmed.clone()));
}

#[test]
fn what_a_change_leaves_out_stays_as_it_is() {
    let before = requested(&ada()).expect("a subscription");
    let draft =
        SubscriptionPreferencesDraft { frequency: Some(DigestFrequency::AtOnce), ..Default::default() };
    let broken = before.change(
        &SubscriptionPreferencesDraft { language: Some("zz".into()), ..draft.clone() },
        2,
        now(),
    );
    let broken = broken.expect_err("stale, and no language");
    assert_eq!(codes(&broken), ["expected_revision STALE_REVISION", "language LANGUAGE_UNKNOWN"]);
    let after = before.change(&draft, 1, now() + MICROSECOND).expect("a change");
    assert_eq!(after.content.wishes.topics, before.content.wishes.topics);
    assert_eq!((after.content.wishes.frequency, after.revision), (DigestFrequency::AtOnce, 2));
    assert_eq!(after.content.consent, before.content.consent);
}

#[test]
fn whoever_names_no_topic_hears_of_all_and_others_of_theirs() {
    let some = requested(&ada()).expect("a subscription");
    let nothing_named = SubscriptionPreferencesDraft { topics: Some(vec![]), ..Default::default() };
    let all = some.change(&nothing_named, 1, now()).expect("a change");
    for (topics, wanted) in [
        (vec![CaseTopic::Torture, CaseTopic::Health], true),
        (vec![CaseTopic::Health], false),
        (vec![], false),
    ] {
        assert_eq!(some.wants(&about(&topics)), wanted, "{topics:?}");
        assert!(all.wants(&about(&topics)), "{topics:?}");
    }
}

#[test]
fn a_digest_keeps_its_rhythm_and_missed_weeks_are_not_made_up_for() {
    let due = now();
    for (late, weeks) in [
        (SignedDuration::ZERO, 1),
        (DIGEST_INTERVAL - MICROSECOND, 1),
        (DIGEST_INTERVAL, 2),
        (DIGEST_INTERVAL * 10 + MICROSECOND, 11),
    ] {
        assert_eq!(next_digest_at(due, due + late), due + DIGEST_INTERVAL * weeks, "{late:?}");
    }
}
