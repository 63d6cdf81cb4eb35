//! Staff of a section: full rights in their section, none elsewhere.

use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, at, campaign_id, document,
    events::{evening_at_school, register, step},
    user_errors, with,
};

/// Something that waits for review in a campaign: a report, and an event.
async fn waiting(service: &Service, section: &str) -> (Value, Value) {
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, section).await;
    let report = json!({ "campaign": campaign, "idempotencyKey": format!("far-too-many-in-{section}"),
        "lines": [{ "kind": "EMAIL", "quantity": 501 }] });
    let report = anyone.payload(SUBMIT, json!({ "input": report })).await;
    assert_eq!(report["report"]["state"], "PENDING_REVIEW", "{report:#}");
    let more = json!({ "campaign": campaign, "submit": true });
    let event = evening_at_school(&anyone, &format!("an evening in {section}"), more).await;
    let event = register(&anyone, event).await;
    assert_eq!(event["event"]["state"], "SUBMITTED", "{event:#}");
    (report["report"]["id"].clone(), event)
}

async fn ids(client: &Client, list: &str) -> Value {
    let mut data = client.data(&format!("{{ {list} {{ nodes {{ id }} }} }}"), json!({})).await;
    let nodes = data[list]["nodes"].as_array_mut().expect("nodes");
    nodes.iter_mut().map(|node| node["id"].take()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_a_section_opens_what_is_its_sections_and_nothing_else() {
    let service = Service::with_2021().await;
    let (staff, world) = (service.staff_of("ca").await, service.administrator());
    let (report, event) = waiting(&service, "ca").await;
    let (other_report, other_event) = waiting(&service, "ca-fr").await;
    for (client, reports, events) in [
        (&staff, json!([report]), json!([event["event"]["id"]])),
        (&world, json!([report, other_report]), json!([event["event"]["id"], other_event["event"]["id"]])),
    ] {
        assert_eq!(ids(client, "reportsPendingReview").await, reports);
        let mut found = ids(client, "eventsToReview").await;
        let mut expected = events;
        // They came in at one instant.
        for list in [&mut found, &mut expected] {
            list.as_array_mut().expect("a list").sort_by_key(Value::to_string);
        }
        assert_eq!(found, expected);
    }
    for list in ["reportsPendingReview", "eventsToReview"] {
        let query = format!("{{ {list} {{ nodes {{ id }} }} }}");
        assert_eq!(service.anyone().fault(&query, json!({})).await, "UNAUTHENTICATED");
        assert_eq!(service.bearer("w4r_event_other").fault(&query, json!({})).await, "FORBIDDEN");
    }
    let query = "query($id: ID!) { node(id: $id) { id } }";
    for (id, known) in [(&report, true), (&other_report, false), (&other_event["event"]["id"], false)] {
        let node = staff.data(query, json!({ "id": id })).await["node"].take();
        assert_eq!(node.is_object(), known, "{id}");
    }

    let review = json!({ "expectedRevision": 1, "decision": "ACCEPT", "reason": "A big school.",
        "idempotencyKey": "the-decision-about-it" });
    let decide = async |id: &Value| {
        let input = with(review.clone(), json!({ "id": id }));
        user_errors(&staff.change("reportReview", "report { state }", input).await)
    };
    assert_eq!(decide(&other_report).await, ["id NOT_FOUND"]);
    assert_eq!(decide(&report).await, [""; 0]);
    for mutation in ["eventApprove", "eventSubmit", "eventComplete"] {
        let refused = step(&staff, mutation, &other_event, json!({})).await;
        assert_eq!(user_errors(&refused), ["id NOT_FOUND"], "{mutation}");
    }
    let approved = step(&staff, "eventApprove", &event, json!({})).await;
    assert_eq!(user_errors(&approved), [""; 0]);

    let edition = json!({ "input": { "year": 2031 } });
    assert_eq!(staff.fault(&document("editionCreate", "edition { id }"), edition).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_staff_are_not_held_in_their_own_section_only() {
    let service = Service::with_2021().await;
    let staff = service.staff_of("ca").await;
    service.clock.set(at("2022-02-02T05:00:00Z"));
    for (section, late, registered) in [
        ("ca", [""; 0].as_slice(), [""; 0].as_slice()),
        ("ca-fr", &["campaign DEADLINE_PASSED"], &["campaign REGISTRATION_CLOSED"]),
    ] {
        let campaign = campaign_id(&staff, section).await;
        let report = json!({ "campaign": campaign, "idempotencyKey": format!("letters-by-post-{section}"),
            "lines": [{ "kind": "EMAIL", "quantity": 501 }] });
        let report = staff.payload(SUBMIT, json!({ "input": report })).await;
        assert_eq!(user_errors(&report), late);
        let event = evening_at_school(&staff, &format!("by staff in the section {section}"), json!({})).await;
        let event = register(&staff, with(event, json!({ "campaign": campaign }))).await;
        assert_eq!(user_errors(&event), registered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn held_reports_are_paged_through_from_both_ends() {
    let service = Service::with_2021().await;
    let staff = service.staff_of("ca").await;
    let campaign = campaign_id(&staff, "ca").await;
    let mut reports = vec![];
    for number in 0..5 {
        let input = json!({ "campaign": campaign, "idempotencyKey": format!("too-many-to-believe-{number}"),
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": 501 + number }] });
        let payload = service.anyone().payload(SUBMIT, json!({ "input": input })).await;
        assert_eq!(payload["report"]["state"], "PENDING_REVIEW");
        reports.push(payload["report"]["id"].clone());
    }
    let page = async |arguments: Value| {
        let query = "query($first: Int, $after: String, $last: Int, $before: String) {
            reportsPendingReview(first: $first, after: $after, last: $last, before: $before) {
              nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        staff.data(query, arguments).await["reportsPendingReview"].take()
    };
    let ids = |page: &Value| {
        let nodes = page["nodes"].as_array().expect("nodes").iter();
        nodes.map(|node| node["id"].clone()).collect::<Vec<_>>()
    };
    let more = |page: &Value| {
        let info = &page["pageInfo"];
        [info["hasPreviousPage"].as_bool(), info["hasNextPage"].as_bool()].map(|is| is.expect("a claim"))
    };
    let end = page(json!({ "last": 2 })).await;
    assert_eq!((ids(&end).as_slice(), more(&end)), (&reports[3..], [true, false]));
    let before = &end["pageInfo"]["startCursor"];
    let middle = page(json!({ "last": 2, "before": before })).await;
    assert_eq!((ids(&middle).as_slice(), more(&middle)), (&reports[1..3], [true, true]));
    let before = &middle["pageInfo"]["startCursor"];
    let begin = page(json!({ "last": 2, "before": before })).await;
    assert_eq!((ids(&begin).as_slice(), more(&begin)), (&reports[..1], [false, true]));
    let between = page(json!({ "first": 2, "after": begin["pageInfo"]["endCursor"] })).await;
    assert_eq!(ids(&between), ids(&middle));
    let refused = "{ reportsPendingReview(first: 1, last: 1) { nodes { id } } }";
    assert_eq!(staff.fault(refused, json!({})).await, "BAD_USER_INPUT");
}
