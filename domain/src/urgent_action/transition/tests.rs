use crate::urgent_action::UrgentActionTextDraft;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;
use crate::catalogue::fixtures::{UNKNOWN_ID, empty, noted, refused};

const ACTION: UrgentActionId = UrgentActionId::new(Uuid::from_u128(6));

fn water() -> IssueDraft {
    let text = UrgentActionTextDraft { language: "en".into(), title: "Water".into(), text: None };
    IssueDraft {
        number: "89/21".into(),
        issued_on: "2021-12-01".into(),
        expires_on: "2022-01-12".into(),
        time_zone: None,
        content: UrgentActionDraft {
            country: Some("PE".into()),
            texts: Some(vec![text]),
            ..UrgentActionDraft::default()
        },
    }
}

fn issued() -> CatalogueEdit {
    let mut edit = empty();
    issue(&mut edit, ACTION, &water()).expect("an action");
    edit
}

#[test]
fn an_action_is_issued_under_its_number_with_days_of_london() {
    let mut edit = issued();
    let action = edit.catalogue.urgent_action(ACTION).expect("the action").clone();
    assert_eq!((action.update, action.revision, action.updated_at), (0, 1, edit.now));
    assert_eq!(action.life.expires_at(), "2022-01-13T00:00:00Z".parse::<Timestamp>().expect("an instant"));
    assert_eq!(noted(&edit), ("urgentActionIssue", ACTION.uuid(), None));
    let other = UrgentActionId::new(UNKNOWN_ID);
    assert_eq!(refused(issue(&mut edit, other, &water())), ["number ALREADY_EXISTS"]);
}

#[test]
fn a_new_action_names_every_field_at_fault() {
    let bad = IssueDraft {
        number: "UA".into(),
        issued_on: "soon".into(),
        expires_on: "2021-02-30".into(),
        time_zone: Some("London".into()),
        content: UrgentActionDraft::default(),
    };
    assert_eq!(
        refused(issue(&mut empty(), ACTION, &bad)),
        [
            "number URGENT_ACTION_NUMBER_INVALID",
            "issued_on DATE_INVALID",
            "expires_on DATE_INVALID",
            "time_zone TIME_ZONE_UNKNOWN",
            "country COUNTRY_UNKNOWN",
            "texts TOO_FEW_ITEMS",
        ]
    );
    let backwards = IssueDraft { expires_on: "2021-11-30".into(), ..water() };
    assert_eq!(refused(issue(&mut empty(), ACTION, &backwards)), ["expires_on EXPIRES_BEFORE_ISSUE"]);
}

#[test]
fn an_update_is_numbered_and_leaves_the_days_alone() {
    let mut edit = issued();
    edit.now += SignedDuration::from_hours(1);
    let draft = UrgentActionDraft { country: Some("EC".into()), ..UrgentActionDraft::default() };
    let action = update(&mut edit, ACTION, 1, &draft).expect("an update");
    assert_eq!((action.update, action.revision, action.updated_at), (1, 2, edit.now));
    assert_eq!((action.content.country.as_str(), action.content.texts.len()), ("EC", 1));
    assert_eq!(action.life.expires_on().to_string(), "2022-01-12");
    let bad = UrgentActionDraft { country: Some("ZZ".into()), ..UrgentActionDraft::default() };
    assert_eq!(
        refused(update(&mut edit, ACTION, 1, &bad)),
        ["expected_revision STALE_REVISION", "country COUNTRY_UNKNOWN"]
    );
    assert_eq!(refused(update(&mut edit, UrgentActionId::new(UNKNOWN_ID), 1, &bad)), ["id NOT_FOUND"]);
}

#[test]
fn an_extension_alone_moves_the_last_day_and_opens_what_has_expired() {
    let mut edit = issued();
    let expired = "2022-01-13T00:00:00Z".parse().expect("an instant");
    assert!(edit.catalogue.open_actions(expired).is_empty());
    let mut extend_to = |day: &str, reason: &str| extend(&mut edit, ACTION, 1, day, reason);
    assert_eq!(refused(extend_to("2022-01-12", "More time.")), ["expires_on NOT_AN_EXTENSION"]);
    assert_eq!(
        refused(extend_to("2022-01-11", " ")),
        ["expires_on NOT_AN_EXTENSION", "reason REASON_MISSING"]
    );
    assert_eq!(refused(extend_to("2022-12-03", "More time.")), ["expires_on EXPIRY_TOO_FAR"]);
    assert_eq!(refused(extend_to("later", "More time.")), ["expires_on DATE_INVALID"]);
    let action = extend_to("2022-01-13", "More time.").expect("an extension");
    assert_eq!((action.update, action.revision), (0, 2));
    assert_eq!(noted(&edit), ("urgentActionExtend", ACTION.uuid(), Some("More time.")));
    assert_eq!(edit.catalogue.open_actions(expired).len(), 1);
}

#[test]
fn what_is_withdrawn_stays_so() {
    let mut edit = issued();
    let now = edit.now;
    assert_eq!(edit.catalogue.open_actions(now).len(), 1);
    assert_eq!(refused(withdraw(&mut edit, ACTION, 1, "")), ["reason REASON_MISSING"]);
    withdraw(&mut edit, ACTION, 1, "Her family asks to stop.").expect("it is withdrawn");
    assert!(edit.catalogue.open_actions(now).is_empty());
    assert_eq!(noted(&edit).2, Some("Her family asks to stop."));
    assert_eq!(refused(withdraw(&mut edit, ACTION, 2, "Again.")), ["id URGENT_ACTION_WITHDRAWN"]);
    let nothing = UrgentActionDraft::default();
    assert_eq!(refused(update(&mut edit, ACTION, 2, &nothing)), ["id URGENT_ACTION_WITHDRAWN"]);
    assert_eq!(
        refused(extend(&mut edit, ACTION, 2, "2022-02-01", "More time.")),
        ["id URGENT_ACTION_WITHDRAWN"]
    );
}

#[test]
fn an_answer_stands_until_an_action_begins_or_expires() {
    let edit = issued();
    let action = edit.catalogue.urgent_action(ACTION).expect("the action");
    let (begins, ends) = (action.life.issued_at(), action.life.expires_at());
    let edge = |now| edit.catalogue.next_transition_at(now);
    assert_eq!(edge(begins - SignedDuration::from_micros(1)), Some(begins));
    assert_eq!(edge(begins), Some(ends));
    assert_eq!(edge(ends), None);
    let mut withheld = edit.catalogue.clone();
    assert!(withheld.serves_action(action, begins));
    withheld.addresses_withheld = true;
    assert!(!withheld.serves_action(action, begins), "nobody knows whether it was withdrawn elsewhere");
}
