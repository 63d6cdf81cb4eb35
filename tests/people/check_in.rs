//! Check-in: the organizer marks who came.

use serde_json::{Value, json};

use crate::harness::{
    Client, Service, at,
    events::{approved, step},
    people::{attendances, join, with_secret_of},
    user_errors,
};

async fn mark(client: &Client, event: &Value, marks: Value) -> Value {
    let input = json!({ "event": event["event"]["id"], "marks": marks });
    client.change("attendanceMark", "attendances { id state }", input).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organizer_marks_all_attendees_at_once_and_may_correct_it() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening to tick off", json!({ "capacity": 2 })).await;
    let anyone = service.anyone();
    let mut ids = Vec::new();
    for name in ["ada-came", "bela-did-not", "ciwang-waits"] {
        ids.push(join(&anyone, &event, name, json!({})).await["attendance"]["id"].take());
    }
    let organizer = with_secret_of(&service, &event);
    let both =
        json!([{ "attendance": ids[0], "mark": "ATTENDED" }, { "attendance": ids[1], "mark": "NO_SHOW" }]);
    service.clock.set(at("2021-12-10T22:59:59.999999Z"));
    let early = mark(&organizer, &event, both.clone()).await;
    assert_eq!(user_errors(&early), ["event EVENT_NOT_BEGUN"]);
    service.clock.set(at("2021-12-10T23:00:00Z"));
    let wrong = json!([
        { "attendance": ids[0], "mark": "ATTENDED" },
        { "attendance": ids[0], "mark": "NO_SHOW" },
        { "attendance": ids[2], "mark": "ATTENDED" },
        { "attendance": event["event"]["id"], "mark": "ATTENDED" },
    ]);
    let refused = mark(&organizer, &event, wrong).await;
    assert_eq!(
        user_errors(&refused),
        [
            "marks.1.attendance DUPLICATE",
            "marks.2.attendance ATTENDANCE_STATE_INVALID",
            "marks.3.attendance NOT_FOUND",
        ]
    );
    let none = mark(&organizer, &event, json!([])).await;
    assert_eq!(user_errors(&none), ["marks TOO_FEW_ITEMS"]);
    let many: Vec<_> = (0..501).map(|_| json!({ "attendance": ids[0], "mark": "ATTENDED" })).collect();
    assert_eq!(user_errors(&mark(&organizer, &event, json!(many)).await), ["marks TOO_MANY_ITEMS"]);
    let states = async || {
        let all = attendances(&service, &event, 3).await;
        all.iter().map(|one| one["state"].as_str().expect("a state").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states().await, ["GOING", "GOING", "WAITLISTED"], "nothing was half done");

    let done = mark(&organizer, &event, both).await;
    assert_eq!(
        done["attendances"],
        json!([{ "id": ids[0], "state": "ATTENDED" }, { "id": ids[1], "state": "NO_SHOW" }])
    );
    let held = step(&organizer, "eventComplete", &event, json!({})).await;
    assert_eq!(held["event"]["state"], "COMPLETED", "{held:#}");
    let corrected = json!([{ "attendance": ids[1], "mark": "ATTENDED" }]);
    assert_eq!(user_errors(&mark(&service.administrator(), &event, corrected).await), [""; 0]);
    assert_eq!(states().await, ["ATTENDED", "ATTENDED", "WAITLISTED"]);
    assert_eq!(crate::harness::people::audit_log(&service, "attendanceMark").await, 1);
    let stranger = service.bearer("w4r_event_made_up");
    assert_eq!(user_errors(&mark(&stranger, &event, json!([])).await), ["event NOT_FOUND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_attendee_is_marked_at_an_event_that_does_not_take_place() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening that was off", json!({})).await;
    let joined = join(&service.anyone(), &event, "somebody-or-other", json!({})).await;
    let organizer = with_secret_of(&service, &event);
    step(&organizer, "eventCancel", &event, json!({ "reason": "Snow." })).await;
    let marks = json!([{ "attendance": joined["attendance"]["id"], "mark": "NO_SHOW" }]);
    let refused = mark(&organizer, &event, marks).await;
    assert_eq!(
        user_errors(&refused),
        ["event EVENT_STATE_INVALID", "marks.0.attendance ATTENDANCE_STATE_INVALID"]
    );
}
