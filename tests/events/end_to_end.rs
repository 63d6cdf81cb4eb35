//! End-to-end: one event from its registration to its reported letters, with all participants.

use serde_json::{Value, json};

use crate::harness::{
    Client, Service, assert_recounted, at, campaign_id, case_id,
    events::{evening_at_school, listed, register, step},
    user_errors, with,
};

const REPORT: &str = "report { id revision state asHost event { state } }";

/// What an answer says, if all was done.
#[track_caller]
fn done(payload: Value) -> Value {
    assert_eq!(user_errors(&payload), [""; 0], "{payload:#}");
    payload
}

/// Letters of the world, in all and for each case, and what the events among them are.
async fn world(client: &Client) -> Value {
    let query =
        "{ edition(year: 2021) { participation { events { tookPlace reported } } total { letters people reports
        byCase { case { slug } letters } byRegion { region letters } byOrigin { origin letters } } } }";
    let mut edition = client.data(query, json!({})).await["edition"].take();
    with(edition["total"].take(), edition["participation"].take())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_from_its_registration_to_its_reported_letters() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.staff_of("ca").await);
    service.clock.set(at("2021-11-15T12:00:00Z"));
    // Somebody else has written before, so that the evening is told from the rest.
    let campaign = campaign_id(&anyone, "ca").await;
    let rung = case_id(&anyone, "rung").await;
    let lines = json!([{ "case": rung, "kind": "APPEAL_LETTER", "quantity": 7 }]);
    let alone = json!({ "campaign": campaign, "people": 1, "lines": lines,
        "idempotencyKey": "somebody-at-their-desk" });
    done(anyone.change("reportSubmit", REPORT, alone).await);

    let more = json!({ "capacity": 15, "submit": true, "letterGoal": 100 });
    let event = done(register(&anyone, evening_at_school(&anyone, "one whole evening", more).await).await);
    let id = event["event"]["id"].clone();
    let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
    assert_eq!(listed(&anyone, "(filter: { edition: 2021 })").await, [Value::Null; 0]);
    done(step(&staff, "eventApprove", &event, json!({})).await);
    assert_eq!(
        listed(&anyone, "(filter: { edition: 2021, section: \"ca\" })").await,
        std::slice::from_ref(&id)
    );
    let feed = reqwest::get(format!("http://{}/events.ics?section=ca", service.address)).await;
    let feed = feed.expect("an answer").text().await.expect("text");
    assert!(
        feed.contains("DTSTART;TZID=America/Toronto:20211210T180000"),
        "six in the evening in Toronto: {feed}"
    );

    let mut places = Vec::new();
    for guest in 1..=20 {
        let input = json!({ "event": id, "displayName": format!("Guest {guest}"),
            "idempotencyKey": format!("the-place-of-guest-{guest}") });
        let place = anyone.change("eventJoin", "attendance { id state number } secret", input).await;
        let expected = if guest <= 15 { "GOING" } else { "WAITLISTED" };
        assert_eq!(place["attendance"]["state"], expected, "{place:#}");
        places.push(done(place));
    }
    let guest = |number: usize| service.bearer(places[number - 1]["secret"].as_str().expect("a secret"));
    for number in [4, 9] {
        let input = json!({ "id": places[number - 1]["attendance"]["id"] });
        done(guest(number).change("attendanceCancel", "attendance { state }", input).await);
    }
    let query = "{ attendance { state } }";
    for (number, state) in [(4, "CANCELLED"), (15, "GOING"), (16, "GOING"), (17, "GOING"), (18, "WAITLISTED")]
    {
        let seen = guest(number).data(query, json!({})).await;
        assert_eq!(seen["attendance"]["state"], state, "guest {number}");
    }

    service.clock.set(at("2021-12-11T01:30:00Z"));
    let before = world(&anyone).await;
    let (sphere, wendy) = (case_id(&anyone, "sphere").await, case_id(&anyone, "wendy-galarza").await);
    // 62 letters over three cases.
    for (number, case, quantity) in [(1, &rung, 20), (2, &wendy, 12), (16, &wendy, 10), (17, &sphere, 20)] {
        let own = json!({ "campaign": campaign, "event": id, "people": 1,
            "lines": [{ "case": case, "kind": "APPEAL_LETTER", "quantity": quantity }],
            "idempotencyKey": format!("the-letters-of-guest-{number}") });
        done(guest(number).change("reportSubmit", REPORT, own).await);
    }
    assert_eq!(world(&anyone).await["letters"], 69);
    assert_recounted(&service.fresh).await;
    let grid = |rung_letters: u32, sphere_letters: u32, all: u32| {
        json!({ "people": 40, "numbers": [{ "kind": "APPEAL_LETTER", "quantity": all }],
            "lines": [{ "case": rung, "kind": "APPEAL_LETTER", "quantity": rung_letters },
                { "case": sphere, "kind": "APPEAL_LETTER", "quantity": sphere_letters }] })
    };
    let closing = json!({ "campaign": campaign, "event": id, "asHost": true,
        "idempotencyKey": "the-host-counts-the-evening" });
    let hosted = done(organizer.change("reportSubmit", REPORT, with(grid(50, 30, 120), closing)).await);
    assert_eq!(hosted["report"]["event"]["state"], "APPROVED", "people may still come");
    let query = "query($id: ID!) { event(id: $id) { id revision } }";
    let read = organizer.data(query, json!({ "id": id })).await;
    let closed = done(step(&organizer, "eventComplete", &read, json!({})).await);
    assert_eq!(closed["event"]["state"], "REPORTED");

    // The rule: 50 (host) for Rung, 30 (host) for Sphere, 22 (attendees) for Wendy, 18 for none: 120.
    let after = world(&anyone).await;
    let expected = |wendy: u32, sphere: u32, rung: u32, none: u32| {
        let mut parts: Vec<_> = [("wendy-galarza", wendy), ("sphere", sphere), ("rung", rung)]
            .into_iter()
            .map(|(slug, letters)| json!({ "case": { "slug": slug }, "letters": letters }))
            .collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part["letters"].as_u64()));
        if none > 0 {
            parts.push(json!({ "case": null, "letters": none }));
        }
        json!(parts)
    };
    assert_eq!((&before["letters"], &after["letters"]), (&json!(7), &json!(7 + 120)));
    assert_eq!(after["byCase"], expected(22, 30, 7 + 50, 18));
    assert_eq!((&after["people"], &after["reports"]), (&json!(1 + 40), &json!(1 + 5)));
    assert_eq!(
        after["byRegion"],
        json!([{ "region": "CA-ON", "letters": 120 }, { "region": null, "letters": 7 }])
    );
    assert_eq!(
        after["byOrigin"],
        json!([{ "origin": "EVENT", "letters": 120 }, { "origin": "PERSON", "letters": 7 }])
    );
    assert_eq!(after["events"], json!({ "tookPlace": 1, "reported": 1 }));
    assert_recounted(&service.fresh).await;

    // The host counts again: 130 in all, of them 10 for Rung, where the attendees know of 20.
    let correction = json!({ "id": hosted["report"]["id"], "expectedRevision": 1, "reason": "Counted again.",
        "idempotencyKey": "the-host-counts-again" });
    done(organizer.change("reportCorrect", REPORT, with(grid(10, 30, 130), correction)).await);
    let corrected = world(&anyone).await;
    assert_eq!(corrected["letters"], 7 + 130);
    assert_eq!(corrected["byCase"], expected(22, 30, 7 + 20, 130 - 22 - 30 - 20));
    assert_recounted(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(world(&service.anyone()).await, corrected);
}
