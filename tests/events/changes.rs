//! Changes of events: review, copies, states, revisions and capacity.

use serde_json::{Value, json};

use crate::harness::{
    Client, Service,
    events::{approved, evening_at_school, listed, register, step},
    run_sql, user_errors, with,
};

#[tokio::test(flavor = "multi_thread")]
async fn changes_after_the_review_are_reviewed_again() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let event = approved(&service, "an evening under review", json!({})).await;
    let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
    let same = step(&organizer, "eventUpdate", &event, json!({ "title": event["event"]["title"] })).await;
    assert_eq!(same["event"]["reviewPending"], false, "nothing new to look at");
    let changed = step(&organizer, "eventUpdate", &same, json!({ "title": "Something else" })).await;
    assert_eq!(changed["event"]["reviewPending"], true, "{changed:#}");
    assert_eq!(changed["event"]["state"], "APPROVED");
    assert_eq!(listed(&anyone, "").await, [event["event"]["id"].clone()], "it takes place meanwhile");
    let seen = step(&staff, "eventApprove", &changed, json!({})).await;
    assert_eq!(seen["event"]["reviewPending"], false);
    let by_staff = step(&staff, "eventUpdate", &seen, json!({ "title": "Staff's title" })).await;
    assert_eq!(by_staff["event"]["reviewPending"], false);

    let query = "query($id: ID!) { event(id: $id) { history { actor staffName action reason } } }";
    let history = async |client: &Client| {
        let id = json!({ "id": event["event"]["id"] });
        client.data(query, id).await["event"]["history"].take()
    };
    assert_eq!(history(&anyone).await, Value::Null);
    let noted = history(&staff).await;
    let said = |actor: &str, name: Value, action: &str| json!({ "actor": actor, "staffName": name, "action": action, "reason": null });
    let (organizers, staffs) = ((Value::Null, "ORGANIZER"), (json!("tests"), "STAFF"));
    let expected: Vec<_> = [
        ("eventRegister", &organizers),
        ("eventApprove", &staffs),
        ("eventUpdate", &organizers),
        ("eventUpdate", &organizers),
        ("eventApprove", &staffs),
        ("eventUpdate", &staffs),
    ]
    .map(|(action, (name, actor))| said(actor, name.clone(), action))
    .into();
    assert_eq!(noted, json!(expected));
    let to_organizer = history(&organizer).await;
    assert_eq!(to_organizer[1], said("STAFF", Value::Null, "eventApprove"), "by whom is for staff");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_last_year_is_copied_into_the_new_campaign() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let case = anyone.data("{ case(edition: 2021, slug: \"rung\") { id } }", json!({})).await["case"].take();
    let more = json!({ "cases": [{ "case": case["id"], "letterGoal": 50 }], "capacity": 30, "staffNote": "Once.",
        "venueKind": "HOME", "materials": ["POSTERS"], "letterGoal": 100, "accessibility": ["CAPTIONS"] });
    let last = approved(&service, "the evening of last year", more).await;
    let edition = staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    let section = anyone.data("{ section(code: \"ca\") { id } }", json!({})).await["section"]["id"].take();
    let campaign = json!({ "edition": edition["edition"]["id"], "section": section,
        "opensOn": "2022-11-01", "deadlineOn": "2023-01-31" });
    let campaign = staff.change("campaignCreate", "campaign { id }", campaign).await["campaign"]["id"].take();
    let all = "event { id state title capacity staffNote letterGoal materials accessibility copiedFrom
        cases { case { id } } campaign { edition { year } } organizer { email } sessions { startsAt }
        place { street isExact } } secret replayed";
    let input = json!({ "id": last["event"]["id"], "campaign": campaign,
        "sessions": [{ "localStart": "2022-12-10T18:00", "localEnd": "2022-12-10T21:00" }],
        "idempotencyKey": "the-evening-of-this-year" });
    let organizer = service.bearer(last["secret"].as_str().expect("a secret"));
    let copied = organizer.change("eventCopy", all, input.clone()).await;
    assert_eq!(user_errors(&copied), [""; 0]);
    let expected = json!({
        "id": copied["event"]["id"], "state": "DRAFT", "title": "Write for Rights at Elm School", "capacity": 30,
        "staffNote": null, "letterGoal": 100, "materials": ["POSTERS"], "accessibility": ["CAPTIONS"],
        "copiedFrom": last["event"]["id"], "cases": [], "campaign": { "edition": { "year": 2022 } },
        "organizer": { "email": "ada@example.org" }, "sessions": [{ "startsAt": "2022-12-10T23:00:00Z" }],
        "place": { "street": "12 Elm Street", "isExact": true },
    });
    assert_eq!(copied["event"], expected);
    assert_ne!(copied["secret"], last["secret"]);
    let again = organizer.change("eventCopy", all, input.clone()).await;
    assert_eq!((&again["replayed"], &again["secret"]), (&json!(true), &copied["secret"]));

    let strangers = [copied["secret"].as_str().expect("a secret"), "w4r_event_made-up"];
    for stranger in strangers.map(|secret| service.bearer(secret)) {
        let other = with(input.clone(), json!({ "idempotencyKey": "a-copy-by-a-stranger" }));
        assert_eq!(user_errors(&stranger.change("eventCopy", all, other).await), ["id NOT_FOUND"]);
    }
    let document = crate::harness::document("eventCopy", all);
    assert_eq!(anyone.fault(&document, json!({ "input": input })).await, "UNAUTHENTICATED");
    let more = json!({ "idempotencyKey": "the-same-evening-twice", "sessions": [
        { "localStart": "2021-12-10T18:00", "localEnd": "2021-12-10T21:00" }] });
    let old = organizer.change("eventCopy", all, with(input, more)).await;
    assert_eq!(user_errors(&old), ["sessions.0 SESSION_OUTSIDE_CAMPAIGN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_archived_edition_no_event_changes() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let event = approved(&service, "an evening of long ago", json!({})).await;
    let edition = staff.data("{ edition(year: 2021) { id expectedRevision: revision } }", json!({})).await;
    let archive = with(edition["edition"].clone(), json!({ "reason": "It is over." }));
    staff.change("editionArchive", "edition { state }", archive).await;
    let refused = step(&staff, "eventCancel", &event, json!({ "reason": "Snow." })).await;
    assert_eq!(user_errors(&refused), ["id EDITION_ARCHIVED"]);
    let late = evening_at_school(&anyone, "after the edition is over", json!({})).await;
    assert_eq!(user_errors(&register(&anyone, late).await), ["campaign EDITION_ARCHIVED"]);
    assert_eq!(listed(&anyone, "").await, [event["event"]["id"].clone()], "it can still be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_needs_the_right_state_the_present_revision_and_the_right_secret() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let event = approved(&service, "an evening with steps", json!({})).await;
    let other = approved(&service, "the evening next door", json!({})).await;
    let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
    let stranger = service.bearer(other["secret"].as_str().expect("a secret"));
    let reason = json!({ "reason": "Snow." });

    for mutation in ["eventSubmit", "eventApprove"] {
        let refused = step(&staff, mutation, &event, json!({})).await;
        assert_eq!(user_errors(&refused), ["id EVENT_STATE_INVALID"], "{mutation}");
    }
    let wrong = json!({ "event": { "id": event["event"]["id"], "revision": 1 } });
    let refused = step(&organizer, "eventCancel", &wrong, json!({ "reason": " " })).await;
    assert_eq!(user_errors(&refused), ["expectedRevision STALE_REVISION", "reason REASON_MISSING"]);
    for (client, more) in
        [(&stranger, reason.clone()), (&service.bearer("w4r_event_made_up"), reason.clone())]
    {
        let refused = step(client, "eventCancel", &event, more).await;
        assert_eq!(user_errors(&refused), ["id NOT_FOUND"]);
    }
    let cancelled = step(&organizer, "eventCancel", &event, reason.clone()).await;
    assert_eq!(cancelled["event"]["state"], "CANCELLED", "{cancelled:#}");
    let twice = step(&organizer, "eventCancel", &cancelled, reason).await;
    assert_eq!(user_errors(&twice), ["id EVENT_STATE_INVALID"]);
    let changed = step(&organizer, "eventUpdate", &cancelled, json!({ "title": "On again?" })).await;
    assert_eq!(user_errors(&changed), ["id EVENT_STATE_INVALID"]);
    assert_eq!(listed(&anyone, "").await, [other["event"]["id"].clone()]);
    let all = listed(&anyone, "(filter: { states: [CANCELLED] })").await;
    assert_eq!(all, [event["event"]["id"].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_always_room_for_those_who_are_going() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening with room", json!({ "capacity": 15 })).await;
    run_sql(&service.fresh.url, "UPDATE events SET attending = 3").await;
    let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
    let smaller = async |capacity: Value| {
        user_errors(&step(&organizer, "eventUpdate", &event, json!({ "capacity": capacity })).await)
    };
    assert_eq!(smaller(json!(2)).await, ["capacity CAPACITY_BELOW_GOING"]);
    assert_eq!(smaller(json!(3)).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_changes_of_the_same_revision_succeeds() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening that two change", json!({})).await;
    let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
    let changes = ["Earlier than thought", "Later than thought"]
        .map(|title| step(&organizer, "eventUpdate", &event, json!({ "title": title })));
    let changes = futures_util::future::join_all(changes).await;
    let mut refused: Vec<_> = changes.iter().flat_map(user_errors).collect();
    refused.sort();
    assert_eq!(refused, ["expectedRevision STALE_REVISION"]);
}
