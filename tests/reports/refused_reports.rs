//! Reports that are refused: before the opening day, with several mistakes, and in a state that does not permit a review.

use serde_json::{Value, json};

use crate::harness::{Service, at, report, user_errors, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_report_before_the_opening_day_is_refused_with_the_opening_instant() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-11-01T03:59:59.999999Z"));
    for client in [&anyone, &service.administrator()] {
        let refused = report("before-it-has-opened").letters(4).submit(client).await;
        assert_eq!(user_errors(&refused), ["campaign CAMPAIGN_NOT_OPEN"]);
        let message = refused["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("2021-11-01T04:00:00Z"), "{message}");
    }
    service.clock.set(at("2021-11-01T04:00:00Z"));
    assert_eq!(user_errors(&report("before-it-has-opened").letters(4).submit(&anyone).await), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_with_a_repetition_or_a_contradiction_is_refused() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let line = json!({ "kind": "APPEAL_LETTER", "quantity": 1 });
    for (more, expected) in [
        (json!({ "lines": [] }), vec!["lines TOO_FEW_ITEMS"]),
        (json!({ "lines": null, "numbers": [] }), vec!["lines TOO_FEW_ITEMS"]),
        (json!({ "lines": vec![line.clone(); 201] }), vec!["lines TOO_MANY_ITEMS"]),
        (
            json!({ "numbers": [line, line] }),
            vec!["numbers.0.quantity LINES_EXCEED_TOTAL", "numbers.1.kind DUPLICATE"],
        ),
        (json!({ "country": "PL", "region": "CA-ON" }), vec!["region REGION_OUTSIDE_COUNTRY"]),
        (json!({ "staffNote": "a".repeat(2_001) }), vec!["staffNote TEXT_TOO_LONG"]),
        (json!({ "idempotencyKey": "with spaces in it" }), vec!["idempotencyKey IDEMPOTENCY_KEY_INVALID"]),
        (json!({ "idempotencyKey": "k".repeat(129) }), vec!["idempotencyKey IDEMPOTENCY_KEY_INVALID"]),
        (json!({ "idempotencyKey": "ключ-из-многих-букв" }), vec!["idempotencyKey IDEMPOTENCY_KEY_INVALID"]),
    ] {
        let refused = report("a-report-that-is-refused").letters(4).with(more.clone()).submit(&anyone).await;
        assert_eq!(user_errors(&refused), expected, "{more}");
    }
    let done =
        report(&"k".repeat(128)).letters(4).with(json!({ "lines": vec![line; 200] })).submit(&anyone).await;
    assert_eq!(user_errors(&done), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_about_a_report_that_is_not_held_is_refused() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let done = report("a-report-that-counts").letters(4).submit(&service.anyone()).await;
    let decide = async |more: Value| {
        let input = json!({ "id": done["report"]["id"], "expectedRevision": 1, "decision": "REJECT",
            "reason": "Too many.", "idempotencyKey": "the-decision-about-it" });
        user_errors(&staff.change("reportReview", "report { state }", with(input, more)).await)
    };
    assert_eq!(decide(json!({})).await, ["id REPORT_STATE_INVALID"]);
    assert_eq!(decide(json!({ "expectedRevision": 2 })).await, ["expectedRevision STALE_REVISION"]);
    assert_eq!(
        decide(json!({ "reason": "", "idempotencyKey": "short" })).await,
        ["reason REASON_MISSING", "idempotencyKey IDEMPOTENCY_KEY_INVALID"]
    );
    assert_eq!(
        decide(json!({ "idempotencyKey": "a-report-that-counts" })).await,
        ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]
    );
}
