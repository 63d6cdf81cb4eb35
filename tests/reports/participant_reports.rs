//! Reports of participants: counted beside their pledges.

use futures_util::future::join_all;

use crate::harness::{
    Client, Service, assert_done, assert_recounted, at, campaign_id, case_to_change,
    events::approved,
    letters, number,
    people::{join, mail_to, register, secret_in, step, with_secret_of},
    report, user_errors, with,
};
use serde_json::{Value, json};

mod events;

/// What the tests ask of a report.
const REPORT: &str = "report { id revision state author } replayed";

/// What somebody reported of their own.
const REPORTED: &str = "reported { letters actions reports late { letters } byKind { kind actions }
    byCase { case { slug } letters } }";

/// Corrects the first revision of the report of a payload: the next payload.
async fn correct(client: &Client, before: &Value, quantity: u32, key: &str) -> Value {
    let input = json!({ "id": before["report"]["id"], "expectedRevision": 1, "reason": "Counted again.",
        "lines": letters(quantity), "idempotencyKey": format!("a-correction-of-{key}") });
    client.change("reportCorrect", REPORT, input).await
}

/// What somebody sees of themselves.
async fn own(client: &Client) -> Value {
    let query = format!(
        "{{ participant {{ letterGoal pledged remaining released {REPORTED} reports {{ nodes {{ id state }} }} }} }}"
    );
    client.data(&query, json!({})).await["participant"].take()
}

/// Letters of the world.
async fn world(client: &Client) -> Value {
    let query = "{ edition(year: 2021) { total { letters } } }";
    client.data(query, json!({})).await["edition"]["total"]["letters"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_a_participant_are_theirs_and_count_beside_their_pledge() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let registered = register(&anyone, "moses", json!({})).await;
    let moses = with_secret_of(&service, &registered);
    let ada = register(&anyone, "ada", json!({ "displayName": "Ada", "email": "ada@example.org" })).await;
    let ada = with_secret_of(&service, &ada);
    let nothing = json!({ "letters": 0, "actions": 0, "reports": 0, "late": { "letters": 0 }, "byKind": [],
        "byCase": [] });
    let before = json!({ "letterGoal": 10, "pledged": 0, "remaining": 10, "released": 0,
        "reported": nothing, "reports": { "nodes": [] } });
    assert_eq!(own(&moses).await, before);

    let rung = case_to_change(&anyone, "rung").await["id"].take();
    let lines = json!([{ "case": rung, "kind": "APPEAL_LETTER", "quantity": 3 },
        { "kind": "SOLIDARITY_MESSAGE", "quantity": 1 }, { "kind": "EMAIL", "quantity": 5 }]);
    let first =
        report("a-report-of-moses-first").letters(3).with(json!({ "lines": lines })).submit(&moses).await;
    assert_done(&first);
    assert_eq!(first["report"]["author"], "WRITER");
    let second = report("a-report-of-moses-second").letters(2).submit(&moses).await;
    assert_done(
        &report("a-report-of-moses-test").letters(3).with(json!({ "test": true })).submit(&moses).await,
    );
    let held = report("a-report-of-moses-held").letters(501).submit(&moses).await;
    assert_eq!(held["report"]["state"], "PENDING_REVIEW");
    // What nobody's secret came with, and what belongs to another campaign, is no part of his goal.
    for client in [&anyone, &ada, &service.bearer("w4r_participant_made_up")] {
        assert_done(
            &report("a-report-of-moses-first")
                .letters(3)
                .with(json!({ "idempotencyKey": uuid::Uuid::now_v7() }))
                .submit(client)
                .await,
        );
    }
    let elsewhere = json!({ "campaign": campaign_id(&anyone, "ca-fr").await });
    let elsewhere = report("a-report-of-moses-elsewhere").letters(3).with(elsewhere).submit(&moses).await;
    assert_done(&elsewhere);
    let seen = own(&moses).await;
    let reported = json!({ "letters": 6, "actions": 11, "reports": 2, "late": { "letters": 0 },
        "byKind": [{ "kind": "APPEAL_LETTER", "actions": 5 }, { "kind": "SOLIDARITY_MESSAGE", "actions": 1 },
            { "kind": "EMAIL", "actions": 5 }],
        "byCase": [{ "case": { "slug": "rung" }, "letters": 3 }, { "case": null, "letters": 3 }] });
    assert_eq!(seen["reported"], reported);
    assert_eq!((&seen["remaining"], &seen["pledged"]), (&json!(4), &json!(0)));
    let states: Vec<_> = seen["reports"]["nodes"].as_array().expect("nodes").iter().collect();
    assert_eq!(states.len(), 4);
    assert_eq!(states[0]["id"], first["report"]["id"], "the oldest first");
    assert_eq!(states[3], &json!({ "id": held["report"]["id"], "state": "PENDING_REVIEW" }));
    assert_eq!(own(&ada).await["reported"]["letters"], 3, "to each their own");

    // The same again, whoever sends it, brings the first answer and changes nothing of whose it is.
    let again = report("a-report-of-moses-second").letters(2).submit(&ada).await;
    assert_eq!((&again["replayed"], &again["secret"]), (&json!(true), &second["secret"]));
    assert_eq!(own(&moses).await, seen);

    let code = secret_in(&mail_to(&service, "Moses@Example.org", 1).await[0]);
    let confirmed = anyone.change("participantConfirm", "secret", json!({ "code": code })).await;
    let service = service.restarted().await;
    let moses = with_secret_of(&service, &confirmed);
    assert_eq!(own(&moses).await, with(seen, json!({ "pledged": 10 })));
    let page = "query($after: String) { participant { reports(first: 3, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } } } }";
    let one = moses.data(page, json!({ "after": null })).await["participant"]["reports"].take();
    assert_eq!(
        (one["nodes"].as_array().map(Vec::len), &one["pageInfo"]["hasNextPage"]),
        (Some(3), &json!(true))
    );
    let two = moses.data(page, json!({ "after": one["pageInfo"]["endCursor"] })).await;
    assert_eq!(two["participant"]["reports"]["nodes"], json!([{ "id": held["report"]["id"] }]));
    let export = moses.data("{ participant { export } }", json!({})).await;
    let export: Value =
        serde_json::from_str(export["participant"]["export"].as_str().expect("a text")).expect("JSON");
    assert_eq!(export["reports"][1]["id"], second["report"]["id"]);
    assert_eq!(export["reports"][1]["revisions"][0]["lines"][0]["quantity"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participants_own_secret_manages_what_they_reported_and_no_other_does() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let moses = with_secret_of(&service, &register(&anyone, "moses", json!({})).await);
    let ada = register(&anyone, "ada", json!({ "displayName": "Ada", "email": "ada@example.org" })).await;
    let ada = with_secret_of(&service, &ada);
    let first = report("a-report-of-moses-first").letters(3).submit(&moses).await;
    let elsewhere = json!({ "campaign": campaign_id(&anyone, "ca-fr").await });
    let elsewhere = report("a-report-of-moses-elsewhere").letters(3).with(elsewhere).submit(&moses).await;
    let query = "query($id: ID!) { report(id: $id) { id } node(id: $id) { id } }";
    let id = json!({ "id": first["report"]["id"] });
    assert_eq!(moses.data(query, id.clone()).await["report"]["id"], first["report"]["id"]);
    let nothing = json!({ "report": null, "node": null });
    for stranger in [&anyone, &ada, &service.bearer("w4r_participant_made_up")] {
        assert_eq!(stranger.data(query, id.clone()).await, nothing);
    }
    assert_eq!(moses.data(query, json!({ "id": elsewhere["report"]["id"] })).await, nothing);
    let refused = correct(&ada, &first, 1, "somebody-else").await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    let refused = correct(&moses, &elsewhere, 1, "what-is-not-his").await;
    assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    let corrected = correct(&moses, &first, 8, "his-own").await;
    assert_eq!(corrected["report"]["revision"], 2, "{corrected:#}");
    assert_eq!(own(&moses).await["reported"]["letters"], 8);
    let by_its_own = service.bearer(first["secret"].as_str().expect("a secret"));
    let back = |revision: u32| {
        json!({ "id": first["report"]["id"], "expectedRevision": revision, "reason": "None.",
            "idempotencyKey": "taking-it-back-again" })
    };
    assert_eq!(
        user_errors(&by_its_own.change("reportWithdraw", REPORT, back(1)).await),
        ["expectedRevision STALE_REVISION"]
    );
    assert_eq!(moses.change("reportWithdraw", REPORT, back(2)).await["report"]["state"], "WITHDRAWN");
    assert_eq!(own(&moses).await["reported"]["letters"], 0);
    assert_eq!(own(&moses).await["reports"]["nodes"][0]["state"], "WITHDRAWN");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_released_than_was_pledged_and_not_reported() {
    let service = Service::with_2021().await;
    let registered = register(&service.anyone(), "moses", json!({})).await;
    let moses = with_secret_of(&service, &registered);
    let reported = report("a-report-of-moses-first").letters(4).submit(&moses).await;
    assert_done(&reported);
    let release = |letters: u32| step(&moses, "pledgeRelease", &registered, json!({ "letters": letters }));
    let refused = release(7).await;
    assert_eq!(user_errors(&refused), ["letters RELEASE_EXCEEDS_GOAL"]);
    let message = refused["userErrors"][0]["message"].as_str().expect("a message");
    assert!(message.starts_with("6 letters of the goal are not reported"), "{message}");
    let released = release(6).await;
    assert_done(&released);
    let seen = own(&moses).await;
    assert_eq!(
        (&seen["letterGoal"], &seen["remaining"], &seen["released"]),
        (&json!(4), &json!(0), &json!(6))
    );
    let refused = step(&moses, "pledgeRelease", &released, json!({ "letters": 1 })).await;
    assert_eq!(user_errors(&refused), ["letters RELEASE_EXCEEDS_GOAL"]);
    // What turns out not to be written can be released after all.
    assert_done(&correct(&moses, &reported, 1, "one-letter-only").await);
    assert_done(&step(&moses, "pledgeRelease", &released, json!({ "letters": 3 })).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_person_clears_whose_reports_they_are_and_never_the_letters() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening of the erased", json!({})).await;
    let registered = register(&anyone, "moses", json!({})).await;
    let moses = with_secret_of(&service, &registered);
    assert_done(&join(&moses, &event, "moses-goes", json!({})).await);
    let guest = join(&anyone, &event, "a-guest-goes", json!({})).await;
    let guest_client = with_secret_of(&service, &guest);
    service.clock.set(at("2021-12-11T01:00:00Z"));
    let at_event = |quantity| json!({ "event": event["event"]["id"], "lines": letters(quantity) });
    let first = report("a-report-of-moses-first")
        .letters(3)
        .with(json!({ "staffNote": "Moses of Elm Street", "people": 1 }))
        .submit(&moses)
        .await;
    let there = report("a-report-of-moses-there").letters(3).with(at_event(20)).submit(&moses).await;
    let by_guest = report("a-report-of-the-guest")
        .letters(3)
        .with(with(at_event(5), json!({ "staffNote": "A guest" })))
        .submit(&guest_client)
        .await;
    for done in [&first, &there, &by_guest] {
        assert_done(done);
    }
    // Corrected once, it is there twice.
    assert_done(&correct(&moses, &first, 4, "moses-first").await);
    let belonging = "SELECT COUNT(*) AS number FROM report_revisions WHERE participant_id IS NOT NULL
        OR attendance_id IS NOT NULL OR staff_note IS NOT NULL OR reason IS NOT NULL";
    assert_eq!(number(&service.fresh.url, belonging).await, 4);
    let total = "{ edition(year: 2021) { total { letters actions people reports version } } }";
    let before = anyone.data(total, json!({})).await;
    let id = json!({ "id": registered["participant"]["id"] });
    let erased = moses.change("participantErase", "erased", id).await;
    assert_eq!(erased["erased"], registered["participant"]["id"], "{erased:#}");
    assert_eq!(number(&service.fresh.url, belonging).await, 1);
    let id = json!({ "id": guest["attendance"]["id"] });
    let erased = guest_client.change("attendanceErase", "erased", id).await;
    assert_eq!(erased["erased"], guest["attendance"]["id"], "{erased:#}");
    assert_eq!(number(&service.fresh.url, belonging).await, 0);
    assert_eq!(user_errors(&correct(&moses, &first, 1, "the-erased").await), ["id NOT_FOUND"]);
    assert_eq!(anyone.data(total, json!({})).await, before);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_owns_no_report_that_came_at_the_same_moment() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let anyone = service.anyone();
    let registered = register(&anyone, "moses", json!({})).await;
    let secret = registered["secret"].as_str().expect("a secret");
    let clients = [service.bearer(secret), beside.bearer(secret)];
    let reporting = (0..60).map(|turn| {
        let client = &clients[turn % 2];
        async move { report(&format!("a-report-of-moses-turn-{turn}")).letters(3).submit(client).await }
    });
    let erasing = async {
        let id = json!({ "id": registered["participant"]["id"] });
        clients[1].change("participantErase", "erased", id).await
    };
    let (reported, erased) = tokio::join!(join_all(reporting), erasing);
    reported.iter().for_each(assert_done);
    assert_done(&erased);
    let sql = "SELECT COUNT(*) AS number FROM report_revisions WHERE participant_id IS NOT NULL";
    assert_eq!(number(&service.fresh.url, sql).await, 0);
    assert_recounted(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(world(&service.anyone()).await, 180);
}
