//! Events: registration, changes, states and permissions.

use serde_json::{Value, json};

use crate::harness::{
    Service, at, campaign_id,
    events::{evening_at_school, listed, register, step},
    people::{mail_to, secret_in},
    user_errors, with,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_registered_reviewed_listed_and_completed() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let input = evening_at_school(&anyone, "the evening at elm school", json!({})).await;
    let draft = register(&anyone, input).await;
    assert_eq!(user_errors(&draft), [""; 0]);
    let event = &draft["event"];
    assert_eq!((&event["state"], &event["revision"]), (&json!("DRAFT"), &json!(1)));
    assert_eq!(
        event["sessions"],
        json!([{ "startsAt": "2021-12-10T23:00:00Z", "endsAt": "2021-12-11T02:00:00Z",
            "localStart": "2021-12-10T18:00:00", "localEnd": "2021-12-10T21:00:00" }])
    );
    let organizer = service.bearer(draft["secret"].as_str().expect("a secret"));
    assert_eq!(listed(&anyone, "").await, [Value::Null; 0]);

    let submitted = step(&organizer, "eventSubmit", &draft, json!({})).await;
    assert_eq!(submitted["event"]["state"], "SUBMITTED", "{submitted:#}");
    assert_eq!(submitted["event"]["reviewPending"], true);
    let rejected = step(&staff, "eventReject", &submitted, json!({ "reason": "In which room?" })).await;
    assert_eq!(rejected["event"]["state"], "REJECTED");
    assert_eq!(rejected["event"]["stateReason"], "In which room?");
    let changed = step(&organizer, "eventUpdate", &rejected, json!({ "title": "Room 5, Elm School" })).await;
    let again = step(&organizer, "eventSubmit", &changed, json!({})).await;
    let approved = step(&staff, "eventApprove", &again, json!({})).await;
    assert_eq!(approved["event"]["state"], "APPROVED", "{approved:#}");
    assert_eq!(approved["event"]["title"], "Room 5, Elm School");
    assert_eq!(listed(&anyone, "").await, [event["id"].clone()]);

    let early = step(&organizer, "eventComplete", &approved, json!({})).await;
    assert_eq!(user_errors(&early), ["id EVENT_NOT_BEGUN"]);
    service.clock.set(at("2021-12-10T23:00:00Z"));
    let held = step(&organizer, "eventComplete", &approved, json!({})).await;
    assert_eq!(held["event"]["state"], "COMPLETED", "{held:#}");
    assert_eq!(held["event"]["revision"], 7);
    let service = service.restarted().await;
    let query = "query($id: ID!) { event(id: $id) { state revision } node(id: $id) { id } }";
    let kept = service.anyone().data(query, json!({ "id": event["id"] })).await;
    assert_eq!(kept["event"], json!({ "state": "COMPLETED", "revision": 7 }));
    assert_eq!(kept["node"]["id"], event["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organizer_gets_the_secret_and_each_review_by_mail() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let (anyone, staff) = (service.anyone(), service.administrator());
    let french = json!({ "languages": ["fr-CA"] });
    let input = evening_at_school(&anyone, "an evening told of by mail", french).await;
    let registered = register(&anyone, input.clone()).await;
    assert_eq!(register(&anyone, input).await["replayed"], true);
    let told = mail_to(&service, "ada@example.org", 1).await;
    assert!(told[0].contains("Content-Language: fr"), "{}", told[0]);
    assert!(!told[0].contains("Elm"), "no stranger's words go to an address that anybody may have typed");
    let code = json!({ "code": secret_in(&told[0]) });
    let confirmed = anyone.change("eventConfirm", "event { id revision } secret", code).await;
    let ada = service.bearer(confirmed["secret"].as_str().expect("a secret"));
    assert_eq!(confirmed["event"]["id"], registered["event"]["id"]);
    let submitted = step(&ada, "eventSubmit", &confirmed, json!({})).await;
    let rejected = step(&staff, "eventReject", &submitted, json!({ "reason": "Room 101?" })).await;
    let told = mail_to(&service, "ada@example.org", 2).await;
    assert!(told[1].contains("Room 101?") && !told[1].contains("Elm"), "{}", told[1]);
    let again = step(&ada, "eventSubmit", &rejected, json!({})).await;
    let approved = step(&staff, "eventApprove", &again, json!({})).await;
    assert_eq!(user_errors(&approved), [""; 0]);
    let told = mail_to(&service, "ada@example.org", 3).await;
    assert!(told[2].contains("Elm School") && !told[2].contains("/manage#"), "{}", told[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_registration_again_brings_the_same_event_and_its_secret() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let input = evening_at_school(&anyone, "sent once too often", json!({})).await;
    let both = [register(&anyone, input.clone()), register(&anyone, input.clone())];
    let both = futures_util::future::join_all(both).await;
    assert_eq!(both[0]["event"]["id"], both[1]["event"]["id"]);
    assert_eq!(both[0]["secret"], both[1]["secret"]);
    let replays = both.iter().filter(|payload| payload["replayed"] == true).count();
    assert_eq!(replays, 1, "two at the same moment make one event");
    let other = register(&anyone, with(input, json!({ "title": "Another evening" }))).await;
    assert_eq!(user_errors(&other), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_several_mistakes_gets_all_of_them() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let more = json!({
        "title": " ",
        "venueKind": "ONLINE",
        "timeZone": "America/New_York",
        "sessions": [
            { "localStart": "2021-12-10T18:00", "localEnd": "2021-12-10T17:00" },
            { "localStart": "2022-03-13T02:30", "localEnd": "2022-03-13T04:00" },
            { "localStart": "2021-11-07T01:30", "localEnd": "2021-11-07T03:00" },
            { "localStart": "tonight", "localEnd": "2021-12-10T21:00" },
            { "localStart": "2021-12-01T18:00", "localEnd": "2021-12-30T18:00" },
            { "localStart": "2021-12-12T18:00", "localEnd": "2021-12-12T21:00" },
            { "localStart": "2021-12-12T20:59", "localEnd": "2021-12-12T22:00" },
            { "localStart": "2022-01-31T20:00", "localEnd": "2022-02-01T00:01" },
            { "localStart": "2021-10-31T18:00", "localEnd": "2021-10-31T21:00" },
            { "localStart": "2022-01-31T18:00", "localEnd": "2022-01-31T20:00" },
        ],
        "place": { "locality": "Toronto", "coordinates": { "latitude": 91.0, "longitude": 0.0 } },
        "organizer": { "name": "Ada", "email": "ada" },
        "onlineLink": "javascript:alert(1)",
        "capacity": 0,
        "expectedAttendance": 100_001,
        "languages": ["en", "EN", "zz"],
        "cases": [{ "case": "case_00000000000000000000000000000000", "letterGoal": 11 }],
        "letterGoal": 10,
        "idempotencyKey": "short",
    });
    let refused = register(&anyone, evening_at_school(&anyone, "full of mistakes", more).await).await;
    assert_eq!(
        user_errors(&refused),
        [
            "title REQUIRED",
            "venueKind VENUE_CONTRADICTS_FORMAT",
            "sessions.0.localEnd SESSION_OUT_OF_ORDER",
            "sessions.1.localStart LOCAL_TIME_SKIPPED",
            "sessions.2.localStart LOCAL_TIME_REPEATED",
            "sessions.3.localStart LOCAL_TIME_INVALID",
            "sessions.4.localEnd SESSION_TOO_LONG",
            "sessions.7 SESSION_OUTSIDE_CAMPAIGN",
            "sessions.8 SESSION_OUTSIDE_CAMPAIGN",
            "sessions.6 SESSIONS_OVERLAP",
            "place.country PLACE_MISSING",
            "place.coordinates COORDINATES_OUT_OF_RANGE",
            "onlineLink URL_INVALID",
            "capacity HEADCOUNT_OUT_OF_RANGE",
            "expectedAttendance HEADCOUNT_OUT_OF_RANGE",
            "languages.1 DUPLICATE",
            "languages.2 LANGUAGE_UNKNOWN",
            "cases.0.case CASE_NOT_IN_CAMPAIGN",
            "letterGoal CASE_GOALS_EXCEED_GOAL",
            "organizer.email EMAIL_INVALID",
            "idempotencyKey IDEMPOTENCY_KEY_INVALID",
        ]
    );
    for (more, expected) in [
        (json!({ "timeZone": "Mars/Olympus" }), "timeZone TIME_ZONE_UNKNOWN"),
        (json!({ "place": null }), "place PLACE_MISSING"),
        (json!({ "sessions": [] }), "sessions TOO_FEW_ITEMS"),
        (json!({ "campaign": "campaign_00000000000000000000000000000000" }), "campaign NOT_FOUND"),
        (json!({ "idempotencyKey": "short" }), "idempotencyKey IDEMPOTENCY_KEY_INVALID"),
        (
            json!({ "venueKind": "HOME", "place": { "country": "CA", "exactFor": "EVERYONE" } }),
            "place.exactFor HOME_LOCATION_PUBLIC",
        ),
    ] {
        let input = evening_at_school(&anyone, "one mistake at a time", more).await;
        assert_eq!(user_errors(&register(&anyone, input).await), [expected]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_closes_for_all_but_staff_who_may_also_go_outside_of_the_campaign() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    service.clock.set(at("2022-02-01T05:00:00Z"));
    let input = evening_at_school(&anyone, "a whole week too late", json!({})).await;
    assert_eq!(user_errors(&register(&anyone, input.clone()).await), ["campaign REGISTRATION_CLOSED"]);
    let outside = json!({ "submit": true, "idempotencyKey": "by-staff-a-week-too-late",
        "sessions": [{ "localStart": "2022-02-10T18:00", "localEnd": "2022-02-10T21:00" }] });
    let done = register(&staff, with(input, outside)).await;
    assert_eq!(user_errors(&done), [""; 0]);
    assert_eq!(done["event"]["state"], "APPROVED", "staff are taken at their word");
    let organizer = service.bearer(done["secret"].as_str().expect("a secret"));
    let changed = step(&organizer, "eventUpdate", &done, json!({ "title": "A late evening" })).await;
    assert_eq!(user_errors(&changed), [""; 0], "a session that was there may stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_may_leave_out_the_review_and_let_events_lie_outside_of_it() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let campaign = json!({ "id": campaign_id(&anyone, "ca").await, "expectedRevision": 1,
        "reviewsEvents": false, "boundsEvents": false });
    let selection = "campaign { reviewsEvents boundsEvents }";
    let changed = staff.change("campaignUpdate", selection, campaign).await;
    assert_eq!(changed["campaign"], json!({ "reviewsEvents": false, "boundsEvents": false }));
    let more = json!({ "submit": true,
        "sessions": [{ "localStart": "2022-02-10T18:00", "localEnd": "2022-02-10T21:00" }] });
    let done = register(&anyone, evening_at_school(&anyone, "without any review", more).await).await;
    assert_eq!(done["event"]["state"], "APPROVED", "{done:#}");
    let organizer = service.bearer(done["secret"].as_str().expect("a secret"));
    let changed = step(&organizer, "eventUpdate", &done, json!({ "title": "Another title" })).await;
    assert_eq!(changed["event"]["reviewPending"], false);
}
