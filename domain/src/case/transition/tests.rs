use jiff::{SignedDuration, civil::date};

use super::*;
use crate::catalogue::fixtures::{
    CASE, EDITION, UNKNOWN_ID, archive, empty, noted, refused, rung, stocked, the_case,
};

fn published() -> CatalogueEdit {
    let mut edit = stocked();
    record_consent(&mut edit, CASE, 1, "2021-08-01", "herself").expect("a consent");
    publish(&mut edit, CASE, 2).expect("a published case");
    edit
}

#[test]
fn a_slug_names_one_case_of_an_edition() {
    let mut edit = stocked();
    let id = CaseId::new(UNKNOWN_ID);
    assert_eq!(refused(create(&mut edit, id, EDITION, "rung", &rung())), ["slug ALREADY_EXISTS"]);
    assert!(create(&mut edit, id, EDITION, "rung-2", &rung()).is_ok());
}

#[test]
fn a_new_case_is_a_draft_and_names_every_field_at_fault() {
    let edit = stocked();
    let case = the_case(&edit);
    assert_eq!((case.state, case.revision, case.updated_at), (CaseState::Draft, 1, edit.now));
    assert_eq!(
        refused(create(&mut empty(), CASE, EDITION, "R.", &CaseDraft::default())),
        [
            "edition NOT_FOUND",
            "slug SLUG_INVALID",
            "name REQUIRED",
            "kind REQUIRED",
            "country COUNTRY_UNKNOWN",
        ]
    );
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name_and_says_when_it_was() {
    let mut edit = stocked();
    edit.now += SignedDuration::from_hours(1);
    let draft = CaseDraft { name: Some("Panusaya".into()), ..CaseDraft::default() };
    let case = change(&mut edit, CASE, 1, &draft).expect("a change");
    assert_eq!((case.content.name.as_str(), case.content.country.as_str()), ("Panusaya", "TH"));
    assert_eq!((case.revision, case.updated_at), (2, edit.now));
    assert_eq!(noted(&edit), ("caseUpdate", CASE.uuid(), None));
    let bad = CaseDraft { country: Some("ZZ".into()), ..CaseDraft::default() };
    assert_eq!(
        refused(change(&mut edit, CASE, 1, &bad)),
        ["expected_revision STALE_REVISION", "country COUNTRY_UNKNOWN"]
    );
}

#[test]
fn publishing_needs_a_recorded_consent() {
    let mut edit = stocked();
    assert_eq!(refused(publish(&mut edit, CASE, 1)), ["id CONSENT_MISSING"]);
    assert_eq!(
        refused(record_consent(&mut edit, CASE, 1, "in August", " ")),
        ["on DATE_INVALID", "by REQUIRED"]
    );
    record_consent(&mut edit, CASE, 1, "2021-08-01", "herself").expect("a consent");
    assert_eq!(noted(&edit), ("caseRecordConsent", CASE.uuid(), None));
    assert_eq!(publish(&mut edit, CASE, 2).expect("published").state, CaseState::Published);
    assert_eq!(noted(&edit), ("casePublish", CASE.uuid(), None));
    assert_eq!(refused(publish(&mut edit, CASE, 3)), ["id CASE_STATE_INVALID"]);
}

#[test]
fn a_case_is_suspended_and_resumed_with_its_reasons_noted() {
    let mut edit = published();
    assert_eq!(refused(suspend(&mut edit, CASE, 3, "\n")), ["reason REASON_MISSING"]);
    let suspended = suspend(&mut edit, CASE, 3, "Her family is threatened.").expect("suspended");
    assert_eq!((suspended.state, suspended.revision), (CaseState::Suspended, 4));
    assert_eq!(noted(&edit), ("caseSuspend", CASE.uuid(), Some("Her family is threatened.")));
    assert_eq!(
        refused(suspend(&mut edit, CASE, 3, "")),
        ["expected_revision STALE_REVISION", "id CASE_STATE_INVALID", "reason REASON_MISSING"]
    );
    assert_eq!(refused(resume(&mut edit, CASE, 4, Some(""))), ["reason REASON_MISSING"]);
    assert_eq!(resume(&mut edit, CASE, 4, None).expect("resumed").state, CaseState::Published);
    assert_eq!(noted(&edit), ("caseResume", CASE.uuid(), None));
    assert_eq!(refused(resume(&mut edit, CASE, 5, None)), ["id CASE_STATE_INVALID"]);
}

#[test]
fn a_case_is_closed_for_good_and_the_log_says_why() {
    let mut edit = published();
    assert_eq!(refused(close(&mut edit, CASE, 3, CloseReason::Other, Some(" "))), ["explanation REQUIRED"]);
    let closed = close(&mut edit, CASE, 3, CloseReason::AskedToStop, Some("By letter.")).expect("closed");
    assert_eq!(closed.state, CaseState::Closed(CloseReason::AskedToStop));
    assert_eq!(noted(&edit), ("caseClose", CASE.uuid(), Some("ASKED_TO_STOP: By letter.")));
    for again in [
        refused(close(&mut edit, CASE, 4, CloseReason::GoodNews, None)),
        refused(suspend(&mut edit, CASE, 4, "Why.")),
        refused(resume(&mut edit, CASE, 4, None)),
        refused(publish(&mut edit, CASE, 4)),
    ] {
        assert_eq!(again, ["id CASE_STATE_INVALID"]);
    }
    let mut briefly = published();
    close(&mut briefly, CASE, 3, CloseReason::GoodNews, None).expect("closed");
    assert_eq!(noted(&briefly), ("caseClose", CASE.uuid(), Some("GOOD_NEWS")));
}

#[test]
fn outcomes_stand_oldest_first_even_when_told_late_in_an_archived_edition() {
    let mut edit = published();
    archive(&mut edit);
    let mut add =
        |revision, on| add_outcome(&mut edit, CASE, revision, on, CaseOutcomeKind::Released, "Free.", None);
    add(4, "2022-03-24").expect("an outcome");
    let case = add(5, "2021-11-15").expect("an earlier one");
    let days: Vec<_> = case.outcomes.iter().map(|outcome| outcome.on).collect();
    assert_eq!(days, [date(2021, 11, 15), date(2022, 3, 24)]);
    assert_eq!((case.state, case.revision), (CaseState::Archived, 6));
    assert_eq!(refused(add(6, "2022-03-24")), ["text DUPLICATE"]);
    assert_eq!(refused(add(5, "soon")), ["expected_revision STALE_REVISION", "on DATE_INVALID"]);
    assert_eq!(noted(&edit), ("caseAddOutcome", CASE.uuid(), None));
}

#[test]
fn a_case_has_as_many_outcomes_as_fit() {
    let mut edit = stocked();
    let mut add = |number: usize| {
        let text = format!("News {number}.");
        add_outcome(&mut edit, CASE, number as u32, "2022-01-01", CaseOutcomeKind::Other, &text, None)
    };
    for number in 1..=MAX_ENTRIES {
        add(number).expect("it fits");
    }
    assert_eq!(refused(add(MAX_ENTRIES + 1)), ["id TOO_MANY_ITEMS"]);
}

#[test]
fn every_change_needs_a_case_and_an_open_edition() {
    let mut edit = published();
    archive(&mut edit);
    for (id, expected) in [
        (CaseId::new(UNKNOWN_ID), vec!["id NOT_FOUND"]),
        (CASE, vec!["id EDITION_ARCHIVED", "id CASE_STATE_INVALID"]),
    ] {
        for refusal in [
            refused(publish(&mut edit, id, 4)),
            refused(suspend(&mut edit, id, 4, "Why.")),
            refused(resume(&mut edit, id, 4, None)),
            refused(close(&mut edit, id, 4, CloseReason::Safety, None)),
        ] {
            assert_eq!(refusal, expected);
        }
        for refusal in [
            refused(change(&mut edit, id, 4, &rung())),
            refused(record_consent(&mut edit, id, 4, "2021-08-01", "herself")),
        ] {
            assert_eq!(refusal, expected[..1]);
        }
    }
    let outcome =
        add_outcome(&mut edit, CaseId::new(UNKNOWN_ID), 1, "2022-01-01", CaseOutcomeKind::Other, "x", None);
    assert_eq!(refused(outcome), ["id NOT_FOUND"]);
    let late = create(&mut edit, CaseId::new(UNKNOWN_ID), EDITION, "late", &rung());
    assert_eq!(refused(late), ["edition EDITION_ARCHIVED"]);
}

#[test]
fn writing_has_stopped_since_the_suspension_until_it_is_resumed() {
    let mut edit = published();
    assert_eq!(the_case(&edit).writing_stopped_at, None);
    let suspended_at = edit.now;
    suspend(&mut edit, CASE, 3, "Her family is threatened.").expect("suspended");
    assert_eq!(the_case(&edit).writing_stopped_at, Some(suspended_at));
    edit.now += SignedDuration::from_hours(1);
    resume(&mut edit, CASE, 4, None).expect("resumed");
    assert_eq!(the_case(&edit).writing_stopped_at, None);
    let second_suspension = edit.now;
    suspend(&mut edit, CASE, 5, "Again.").expect("suspended");
    edit.now += SignedDuration::from_hours(1);
    close(&mut edit, CASE, 6, CloseReason::Safety, None).expect("closed");
    assert_eq!(
        the_case(&edit).writing_stopped_at,
        Some(second_suspension),
        "closing a suspended case stops nothing"
    );
    edit.now += SignedDuration::from_hours(1);
    archive(&mut edit);
    assert_eq!(the_case(&edit).writing_stopped_at, Some(second_suspension));
}

#[test]
fn closing_and_archiving_stop_the_writing() {
    let mut closed = published();
    closed.now += SignedDuration::from_hours(1);
    close(&mut closed, CASE, 3, CloseReason::AskedToStop, None).expect("closed");
    assert_eq!(the_case(&closed).writing_stopped_at, Some(closed.now));
    let mut archived = published();
    archived.now += SignedDuration::from_hours(1);
    archive(&mut archived);
    assert_eq!(the_case(&archived).writing_stopped_at, Some(archived.now));
}
