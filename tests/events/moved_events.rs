//! An event that moves tells its people: once, with old and new, and nothing that they may not know.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{
    Service, assert_done, at, campaign_id,
    events::{approved, step},
    number,
    people::{cancel, counts, join, mail_to, secret_in, with_secret_of},
};

/// A noon some days before the evening.
const NOON: &str = "2021-12-01T12:00:00Z";
/// The quiet time after which a move is told.
const QUIET: SignedDuration = SignedDuration::from_mins(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// An evening in Toronto on 5 December for one, whose words need no review.
async fn evening_for_one(service: &Service, more: Value) -> Value {
    service.clock.set(at(NOON));
    let campaign = json!({ "id": campaign_id(&service.anyone(), "ca").await, "expectedRevision": 1,
        "reviewsEvents": false });
    assert_done(&service.administrator().change("campaignUpdate", "campaign { id }", campaign).await);
    let evening = json!({ "capacity": 1,
        "sessions": [{ "localStart": "2021-12-05T19:00", "localEnd": "2021-12-05T21:00" }] });
    let input = crate::harness::with(evening, more);
    let anyone = service.anyone();
    let input = crate::harness::events::evening_at_school(
        &anyone,
        "an evening for one",
        crate::harness::with(input, json!({ "submit": true })),
    )
    .await;
    let registered = crate::harness::events::register(&anyone, input).await;
    assert_done(&registered);
    assert_eq!(registered["event"]["state"], "APPROVED");
    registered
}

fn address(name: &str) -> String {
    format!("{name}@example.org")
}

/// Joins with an address, and waits for the mail about that.
async fn joined(service: &Service, event: &Value, name: &str) -> Value {
    let payload = join(&service.anyone(), event, name, json!({ "email": address(name) })).await;
    assert_done(&payload);
    mail_to(service, &address(name), 1).await;
    payload
}

/// Lets the time pass in which further changes belong to the same notice.
fn wait_quietly(service: &Service) {
    service.clock.set(service.clock.now() + QUIET);
}

/// How many notices of a move wait.
async fn pending(service: &Service) -> i64 {
    let sql = "SELECT COUNT(*) AS number FROM outbox WHERE kind = 'EVENT_MOVED' AND ended_at IS NULL";
    number(&service.fresh.url, sql).await
}

fn in_ottawa() -> Value {
    json!({
        "sessions": [{ "localStart": "2021-12-06T10:00", "localEnd": "2021-12-06T12:00" }],
        "place": { "country": "CA", "region": "CA-ON", "locality": "Ottawa", "venue": "City Hall",
            "street": "110 Laurier Avenue" },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn attendees_and_the_waiting_list_get_old_and_new_time_and_place() {
    let service = Service::with_2021().await;
    let event = evening_for_one(&service, json!({})).await;
    for name in ["goes", "first", "second", "third"] {
        joined(&service, &event, name).await;
    }
    let organizer = with_secret_of(&service, &event);
    assert_done(&step(&organizer, "eventUpdate", &event, in_ottawa()).await);
    assert_eq!(pending(&service).await, 4, "they wait for a quiet time");
    wait_quietly(&service);
    for name in ["goes", "first", "second", "third"] {
        let told = mail_to(&service, &address(name), 2).await.remove(1);
        for word in [
            "Subject: Changed: Write for Rights at Elm School",
            "Monday, 6 December 2021, 10:00 to 12:00 (America/Toronto)",
            "Sunday, 5 December 2021, 19:00 to 21:00 (America/Toronto)",
            "City Hall, 110 Laurier Avenue, Ottawa, CA-ON",
            "Elm School, 12 Elm Street, Toronto, CA-ON",
        ] {
            assert!(told.contains(word), "{word} is not in {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consecutive_changes_are_one_mail_after_ten_minutes_at_most() {
    let service = Service::with_2021().await;
    let event = evening_for_one(&service, json!({})).await;
    joined(&service, &event, "goes").await;
    let organizer = with_secret_of(&service, &event);
    let on = |day: &str| json!({ "sessions": [{ "localStart": format!("{day}T10:00"), "localEnd": format!("{day}T12:00") }] });
    let mut changed = event;
    // Each of them comes before the quiet time after the one before is over.
    for number in 0..11 {
        if number > 0 {
            service.clock.set(service.clock.now() + MINUTE - SignedDuration::from_secs(1));
        }
        changed = step(&organizer, "eventUpdate", &changed, on(&format!("2021-12-{:02}", 6 + number))).await;
        assert_done(&changed);
        assert_eq!(pending(&service).await, 1);
        assert_eq!(service.mail.messages().iter().filter(|mail| mail.contains("Changed:")).count(), 0);
    }
    // Ten minutes after the first change.
    service.clock.set(at(NOON) + 10 * MINUTE);
    let told = mail_to(&service, &address("goes"), 2).await.remove(1);
    assert!(told.contains("16 December 2021") && told.contains("5 December 2021"), "{told}");
    assert!(!told.contains("15 December"), "{told}");
    // The same process is not needed: what waits is in the database.
    assert_done(&step(&organizer, "eventUpdate", &changed, on("2021-12-08")).await);
    let service = service.restarted().await;
    let told = mail_to(&service, &address("goes"), 3).await.remove(2);
    assert!(told.contains("8 December 2021") && told.contains("16 December 2021"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_are_reverted_and_cancelled_events_are_not_mailed_as_moves() {
    let service = Service::with_2021().await;
    let event = evening_for_one(&service, json!({ "capacity": null })).await;
    joined(&service, &event, "goes").await;
    let leaves = joined(&service, &event, "leaves").await;
    let organizer = with_secret_of(&service, &event);
    let changed = step(&organizer, "eventUpdate", &event, in_ottawa()).await;
    assert_eq!(pending(&service).await, 2);
    let back = json!({
        "sessions": [{ "localStart": "2021-12-05T19:00", "localEnd": "2021-12-05T21:00" }],
        "place": { "country": "CA", "region": "CA-ON", "locality": "Toronto", "venue": "Elm School",
            "street": "12 Elm Street", "coordinates": { "latitude": 43.657123, "longitude": -79.383456 } },
    });
    let changed = step(&organizer, "eventUpdate", &changed, back).await;
    assert_done(&changed);
    assert_eq!(pending(&service).await, 0, "all is as it was told");
    let changed = step(&organizer, "eventUpdate", &changed, in_ottawa()).await;
    assert_done(&cancel(&with_secret_of(&service, &leaves), &leaves).await);
    assert_done(&step(&organizer, "eventCancel", &changed, json!({ "reason": "Snow." })).await);
    wait_quietly(&service);
    let told = mail_to(&service, &address("goes"), 2).await.remove(1);
    assert!(told.contains("Subject: Cancelled:"), "{told}");
    crate::harness::becomes(async || pending(&service).await, 0).await;
    mail_to(&service, &address("goes"), 2).await;
    mail_to(&service, &address("leaves"), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exact_place_is_mailed_to_confirmed_attendees_only_and_no_link_is() {
    let service = Service::with_2021().await;
    let home = json!({ "format": "HYBRID", "onlineLink": "https://meet.example/first",
        "place": { "country": "CA", "region": "CA-ON", "locality": "Toronto", "street": "12 Elm Street", "exactFor": "GOING" } });
    let event = evening_for_one(&service, crate::harness::with(home, json!({ "capacity": 2 }))).await;
    for name in ["confirmed", "unconfirmed", "waits"] {
        joined(&service, &event, name).await;
    }
    let code = secret_in(&mail_to(&service, &address("confirmed"), 1).await[0]);
    let confirmed = service.anyone().change("attendanceConfirm", "secret", json!({ "code": code })).await;
    assert_done(&confirmed);
    let moved = json!({ "onlineLink": "https://meet.example/second",
        "place": { "country": "CA", "region": "CA-ON", "locality": "Ottawa", "street": "5 Oak Street", "exactFor": "GOING" } });
    assert_done(&step(&with_secret_of(&service, &event), "eventUpdate", &event, moved).await);
    wait_quietly(&service);
    for (name, sees) in [("confirmed", true), ("unconfirmed", false), ("waits", false)] {
        let told = mail_to(&service, &address(name), 2).await.remove(1);
        for exact in ["12 Elm Street", "5 Oak Street"] {
            assert_eq!(told.contains(exact), sees, "{exact} to {name}: {told}");
        }
        assert!(told.contains("Ottawa, CA-ON") && told.contains("Toronto, CA-ON"), "{told}");
        assert!(!told.contains("meet.example"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_awaits_review_is_in_no_mail() {
    let service = Service::with_2021().await;
    service.clock.set(at(NOON));
    let event = approved(&service, "a reviewed evening", json!({})).await;
    joined(&service, &event, "goes").await;
    let spam = json!({ "place": { "country": "CA", "region": "CA-QC", "locality": "Buy tablets", "venue": "Tablets and Sons" } });
    assert_done(&step(&with_secret_of(&service, &event), "eventUpdate", &event, spam).await);
    wait_quietly(&service);
    let told = mail_to(&service, &address("goes"), 2).await.remove(1);
    assert!(told.contains("The place has changed") && told.contains("CA-QC"), "{told}");
    assert!(!told.to_lowercase().contains("tablets"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn promotions_are_mailed_with_their_cause() {
    let service = Service::with_2021().await;
    let event = evening_for_one(&service, json!({})).await;
    let goes = joined(&service, &event, "goes").await;
    for name in ["first", "second", "third"] {
        joined(&service, &event, name).await;
    }
    let organizer = with_secret_of(&service, &event);
    assert_done(&step(&organizer, "eventUpdate", &event, json!({ "capacity": 3 })).await);
    for name in ["first", "second"] {
        let told = mail_to(&service, &address(name), 2).await.remove(1);
        assert!(told.contains("There is room for more people now."), "{told}");
        assert!(!told.contains("cancelled") && !told.contains("given back."), "{told}");
    }
    mail_to(&service, &address("third"), 1).await;
    assert_done(&cancel(&with_secret_of(&service, &goes), &goes).await);
    let told = mail_to(&service, &address("third"), 2).await.remove(1);
    assert!(told.contains("A place has been given back.") && !told.contains("more people"), "{told}");
    assert_eq!(counts(&service, &event).await, (3, 0));
}
