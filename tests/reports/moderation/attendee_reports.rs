//! Reports of attendees: counted within limits relative to the host, who may object.

use super::*;

use crate::harness::people::with_secret_of;

/// An evening at a school which has begun.
async fn evening(service: &Service, more: Value) -> Value {
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(service, "an-evening-of-guests", more).await;
    service.clock.set(at("2021-12-11T23:30:00Z"));
    event
}

async fn guest(client: &Client, event: &Value, key: &str, quantity: u32) -> Value {
    let done = report(&format!("{key}-0123456789")).of_event(event).letters(quantity).done(client).await;
    json!([done["report"]["state"], done["report"]["reviewReason"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_attendees_count_up_to_twice_the_number_of_the_host() {
    let service = Service::with_2021().await;
    let event = evening(&service, json!({})).await;
    let anyone = service.anyone();
    let done = report("the-whole-evening-0123456789")
        .of_event(&event)
        .letters(80)
        .by_host()
        .done(&with_secret_of(&service, &event))
        .await;
    assert_eq!(done["report"]["state"], "ACCEPTED");
    assert_eq!(guest(&anyone, &event, "a guest", 100).await, accepted());
    assert_eq!(guest(&anyone, &event, "another guest", 60).await, accepted());
    assert_eq!(guest(&anyone, &event, "one letter too many", 1).await, held("GUESTS"));
    for number in 0..20 {
        assert_eq!(guest(&anyone, &event, &format!("a stranger {number}"), 500).await, held("GUESTS"));
    }
    assert_eq!(counted(&anyone).await, json!([160, 10_001, 21]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_host_reports_attendees_count_up_to_ten_actions_for_each_expected_person() {
    let service = Service::with_2021().await;
    let event = evening(&service, json!({ "capacity": null, "expectedAttendance": 60 })).await;
    let anyone = service.anyone();
    assert_eq!(guest(&anyone, &event, "a guest", 500).await, accepted());
    let another = report("another-guest-0123456789").of_event(&event).letters(100).done(&anyone).await;
    assert_eq!(another["report"]["state"], "ACCEPTED");
    assert_eq!(guest(&anyone, &event, "one letter too many", 1).await, held("GUESTS"));
    // What one guest says less makes room for others.
    let less = json!({ "id": another["report"]["id"], "expectedRevision": 1, "reason": "They were ninety.",
        "idempotencyKey": "a-correction-of-a-guest", "lines": [{ "kind": "APPEAL_LETTER", "quantity": 90 }] });
    let owner = service.bearer(another["secret"].as_str().expect("a secret"));
    assert_eq!(user_errors(&owner.change("reportCorrect", "report { state }", less).await), [""; 0]);
    assert_eq!(guest(&anyone, &event, "eleven more", 11).await, held("GUESTS"));
    assert_eq!(guest(&anyone, &event, "ten more", 10).await, accepted());
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_sees_attendee_reports_and_may_object_until_staff_decide() {
    let service = Service::with_2021().await;
    let event = evening(&service, json!({})).await;
    let anyone = service.anyone();
    let stranger = report("a-stranger-0123456789")
        .of_event(&event)
        .letters(90)
        .with(json!({ "staffNote": "For staff alone." }))
        .done(&anyone)
        .await;
    let query = "query($id: ID!) { event(id: $id) { guestReports { nodes {
        id revision state reviewReason lines { kind quantity } people receivedAt } } } }";
    let variables = json!({ "id": event["event"]["id"] });
    let hidden = anyone.data(query, variables.clone()).await;
    assert_eq!(hidden["event"]["guestReports"], Value::Null);
    let organizer = with_secret_of(&service, &event);
    let seen = organizer.data(query, variables).await["event"]["guestReports"]["nodes"].take();
    assert_eq!(seen.as_array().expect("reports").len(), 1);
    assert_eq!(
        json!([seen[0]["id"], seen[0]["state"], seen[0]["lines"][0]["quantity"]]),
        json!([stranger["report"]["id"], "ACCEPTED", 90])
    );

    let object = async |client: &Client, revision: u32, key: &str| {
        let input = json!({ "id": stranger["report"]["id"], "expectedRevision": revision,
            "reason": "Nobody wrote 90.", "idempotencyKey": key });
        client.change("reportObject", "guestReport { state reviewReason } replayed version", input).await
    };
    for other in
        [service.bearer("another secret"), service.bearer(stranger["secret"].as_str().expect("a secret"))]
    {
        assert_eq!(user_errors(&object(&other, 1, "an-objection-of-nobody").await), ["id NOT_FOUND"]);
    }
    let stale = object(&organizer, 2, "an-objection-of-old").await;
    assert_eq!(user_errors(&stale), ["expectedRevision STALE_REVISION"]);
    let done = object(&organizer, 1, "the-objection-itself").await;
    assert_eq!(done["guestReport"], json!({ "state": "PENDING_REVIEW", "reviewReason": "OBJECTION" }));
    assert_eq!(object(&organizer, 1, "the-objection-itself").await["replayed"], true);
    assert_eq!(counted(&anyone).await, json!([0, 90, 1]));
    let review = json!({ "id": stranger["report"]["id"], "expectedRevision": 1, "decision": "ACCEPT",
        "reason": "There is a photograph.", "idempotencyKey": "the-review-of-an-objection" });
    service.administrator().change("reportReview", "report { state }", review).await;
    let again = object(&organizer, 1, "the-second-objection").await;
    assert_eq!(user_errors(&again), ["id REPORT_STATE_INVALID"]);
    assert_eq!(counted(&anyone).await, json!([90, 0, 0]));
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_attendee_reports_never_exceed_the_plausible_total() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let event = evening(&service, json!({})).await;
    beside.clock.set(at("2021-12-11T23:30:00Z"));
    report("the-whole-evening-0123456789")
        .of_event(&event)
        .letters(50)
        .by_host()
        .done(&with_secret_of(&service, &event))
        .await;
    let racing: Vec<_> = (0..40)
        .map(|number| {
            let client = if number % 2 == 0 { service.anyone() } else { beside.anyone() };
            let event = event.clone();
            tokio::spawn(async move { guest(&client, &event, &format!("racing guest {number}"), 10).await })
        })
        .collect();
    let mut counting = 0;
    for report in racing {
        counting += u32::from(report.await.expect("no panic") == accepted());
    }
    assert_eq!(counting, 10, "a hundred letters");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_surge_at_an_event_is_held_too() {
    let service = Service::with_2021_within(budgets(3, 1_000)).await;
    let event = evening(&service, json!({})).await;
    let one = service.anyone().at_address("192.0.2.1");
    for number in 0..3 {
        assert_eq!(guest(&one, &event, &format!("guest {number}"), 10).await, accepted());
    }
    assert_eq!(counted(&one).await, json!([30, 0, 0]));
    assert_eq!(guest(&one, &event, "guest 4", 10).await, held("ADDRESS"));
    assert_eq!(counted(&one).await, json!([0, 40, 4]));
    assert_recounted(&service.fresh).await;
    // What the host says of the evening counts whatever comes from that address.
    let hosting = with_secret_of(&service, &event).at_address("192.0.2.1");
    let done =
        report("the-whole-evening-0123456789").of_event(&event).letters(25).by_host().done(&hosting).await;
    assert_eq!(done["report"]["state"], "ACCEPTED");
    assert_eq!(counted(&one).await, json!([25, 40, 4]));
    assert_recounted(&service.fresh).await;
}
