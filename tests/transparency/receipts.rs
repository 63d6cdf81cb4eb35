//! Receipts: what a reporter gets as proof, who gets none, and what an erasure leaves.

use domain::report::ReportState;
use serde_json::{Value, json};

use crate::harness::{
    Service, assert_done, at,
    events::approved,
    letters, number,
    people::{self, mail_to, secret_in},
    report,
    transparency::{log_head, published, receipt_of, verified},
    user_errors,
};

fn of(service: &Service, payload: &Value) -> crate::harness::Client {
    service.bearer(payload["secret"].as_str().expect("a secret"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reporter_proves_offline_that_their_letters_are_in_the_log() {
    let service = Service::with_2021().await;
    let case = crate::harness::case_id(&service.anyone(), "rung").await;
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 12, "case": case },
        { "kind": "EMAIL", "quantity": 3 }]);
    let done = report("a report with a receipt").with(json!({ "lines": lines, "people": 2 }));
    let done = done.done(&service.anyone()).await;
    let (reporter, id) = (of(&service, &done), &done["report"]["id"]);
    let waiting = receipt_of(&reporter, id).await;
    let expected = json!({ "revision": 1, "state": "ACCEPTED", "index": null, "proof": null,
        "expectedAt": waiting["expectedAt"] });
    assert_eq!(waiting, expected);
    let due: jiff::Timestamp =
        waiting["expectedAt"].as_str().and_then(|at| at.parse().ok()).expect("an instant");
    assert!(due > service.clock.now() && due <= service.clock.now() + jiff::SignedDuration::from_mins(1));
    let head = published(&service, 1).await;
    let receipt = receipt_of(&reporter, id).await;
    assert_eq!((&receipt["index"], &receipt["expectedAt"]), (&json!(0), &Value::Null));
    let proven = verified(&receipt, &head).revision;
    assert_eq!((proven.edition, proven.section.as_str(), proven.revision), (2021, "ca", 1));
    assert_eq!(
        (json!(proven.report), proven.state, proven.people),
        (id.clone(), ReportState::Accepted, Some(2))
    );
    let lines: Vec<_> =
        proven.lines.iter().map(|line| (line.case.as_deref(), line.kind.as_str(), line.quantity)).collect();
    assert_eq!(lines, [(None, "EMAIL", 3), (Some("rung"), "APPEAL_LETTER", 12)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_what_counts_is_another_leaf() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let done = report("a report that changes").letters(12).done(&service.anyone()).await;
    let (reporter, id) = (of(&service, &done), &done["report"]["id"]);
    published(&service, 1).await;
    // A correction is one leaf, and what it supersedes another one.
    let input = json!({ "id": id, "expectedRevision": 1, "lines": letters(700), "reason": "More.",
        "idempotencyKey": "a-correction-that-is-held" });
    assert_done(&reporter.change("reportCorrect", "report { id }", input).await);
    let head = published(&service, 2).await;
    assert_eq!(verified(&receipt_of(&reporter, id).await, &head).revision.state, ReportState::PendingReview);
    let input = json!({ "id": id, "expectedRevision": 2, "decision": "ACCEPT", "reason": "A school.",
        "idempotencyKey": "a-review-that-accepts" });
    assert_done(&staff.change("reportReview", "report { id }", input).await);
    let head = published(&service, 4).await;
    let proven = verified(&receipt_of(&reporter, id).await, &head).revision;
    assert_eq!((proven.revision, proven.state), (2, ReportState::Accepted));
    let input = json!({ "id": id, "expectedRevision": 2, "reason": "A mistake.",
        "idempotencyKey": "a-withdrawal-of-a-report" });
    assert_done(&reporter.change("reportWithdraw", "report { id }", input).await);
    let head = published(&service, 5).await;
    assert_eq!(verified(&receipt_of(&reporter, id).await, &head).revision.state, ReportState::Withdrawn);
    let said = crate::harness::w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(said.code, 0, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_has_no_receipt_and_no_leaf() {
    let service = Service::with_2021().await;
    let test = report("a test of a partner").letters(12).with(json!({ "test": true }));
    let test = test.done(&service.anyone()).await;
    report("a report beside the test").letters(1).done(&service.anyone()).await;
    published(&service, 1).await;
    assert_eq!(receipt_of(&of(&service, &test), &test["report"]["id"]).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_for_those_who_may_see_the_report() {
    let service = Service::with_2021().await;
    let done = report("a report of one person").letters(12).done(&service.anyone()).await;
    let other = report("a report of another").letters(5).done(&service.anyone()).await;
    published(&service, 2).await;
    let query = "query($id: ID!) { report(id: $id) { receipt { proof } } }";
    for stranger in [service.anyone(), of(&service, &other), service.staff_of("pl").await] {
        let seen = stranger.data(query, json!({ "id": done["report"]["id"] })).await;
        assert_eq!(seen, json!({ "report": null }));
    }
    for reader in [service.administrator(), service.staff_of("ca").await] {
        assert!(receipt_of(&reader, &done["report"]["id"]).await["proof"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_a_stranger_nothing_of_a_private_event_and_a_guest_nothing_of_others() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = approved(&service, "a very quiet evening", json!({ "visibility": "PRIVATE" })).await;
    let host = of(&service, &event);
    let invitation = host
        .data("query($id: ID!) { event(id: $id) { invitation } }", json!({ "id": event["event"]["id"] }))
        .await["event"]["invitation"]
        .take();
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let hosted = report("the host of the evening").letters(40).of_event(&event).by_host().done(&host).await;
    let guest = service.bearer(invitation.as_str().expect("an invitation"));
    let reported = report("a guest of the evening").letters(3).of_event(&event).done(&guest).await;
    let head = published(&service, 2).await;
    let own = receipt_of(&of(&service, &reported), &reported["report"]["id"]).await;
    let proven = verified(&own, &head).revision;
    assert_eq!((proven.section.as_str(), proven.lines.len(), proven.lines[0].quantity), ("ca", 1, 3));
    // What the guest has, and all that is public.
    let mut told = vec![own["proof"].as_str().expect("text").to_owned(), head.to_string()];
    told.extend(proven.opening([0; 32]).map(|line| String::from_utf8_lossy(&line).into_owned()));
    for path in [
        "/log/checkpoint",
        "/log/tile/0/000.p/2",
        "/log/tile/entries/000.p/2",
        "/log/proof/consistency?from=1",
    ] {
        let (status, text) = anyone.get(path).await;
        assert_eq!(status, 200, "{path}");
        told.push(text);
    }
    let ids = [&event["event"]["id"], &hosted["report"]["id"]].map(|id| id.as_str().expect("an id"));
    let digits = ids.map(|id| id.split_once('_').expect("a prefix").1);
    for secret in ids.iter().chain(&digits).chain(&["quiet", "event", "PRIVATE", "\"quantity\":40"]) {
        assert!(told.iter().all(|text| !text.contains(secret)), "{secret} is told: {told:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_person_removes_the_salt_and_never_the_leaf() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let who = json!({ "displayName": "Zebulon", "email": "zebulon@example.org" });
    let registered = people::register(&service.anyone(), "one-who-goes", who).await;
    let mails = mail_to(&service, "zebulon@example.org", 1).await;
    let zebulon = service.bearer(&secret_in(&mails[0]));
    let done = report("letters of a person who goes").letters(7).done(&zebulon).await;
    let head = published(&service, 1).await;
    let id = &done["report"]["id"];
    let before = receipt_of(&zebulon, id).await;
    let openings = "SELECT COUNT(*) AS number FROM report_log_leaves WHERE opening IS NOT NULL";
    assert_eq!(number(&service.fresh.url, openings).await, 1);
    let input = json!({ "id": registered["participant"]["id"] });
    assert_eq!(user_errors(&zebulon.change("participantErase", "erased", input).await), [""; 0]);
    assert_eq!(number(&service.fresh.url, openings).await, 0);
    assert_eq!(receipt_of(&service.administrator(), id).await, Value::Null);
    // The receipt of before stays valid, and the letters count.
    let later = log_head(&service.anyone()).await;
    assert_eq!(later, head);
    assert_eq!(verified(&before, &later).revision.lines[0].quantity, 7);
    let said = crate::harness::w4r(&service.fresh.url, &["recount"]).await;
    assert_eq!(said.code, 0, "{said:?}");
}
