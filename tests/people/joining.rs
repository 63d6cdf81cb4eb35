//! Joining an event: capacity, waiting list, promotion and cancellation.

use serde_json::{Value, json};

use crate::harness::{
    Service, assert_done, at,
    events::{approved, step},
    number,
    people::{attendances, cancel, counts, join, mail_to, secret_in, with_secret_of},
    user_errors, with,
};

/// An event that people join at noon of 1 December, with so many places.
async fn evening_with_places(service: &Service, capacity: Value) -> Value {
    service.clock.set(at("2021-12-01T12:00:00Z"));
    approved(service, "an evening with places", json!({ "capacity": capacity })).await
}

fn states(attendances: &[Value]) -> Vec<&str> {
    attendances.iter().map(|one| one["state"].as_str().expect("a state")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_race_for_fifteen_places_and_the_others_wait_in_order() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(15)).await;
    let (anyone, other) = (service.anyone(), service.beside().await);
    let clients = [&anyone, &other.anyone()];
    other.clock.set(service.clock.now());
    let joining = (0..200).map(|guest| {
        let (client, event) = (clients[guest % 2].clone(), &event);
        async move {
            join(
                &client,
                event,
                &format!("guest {guest}"),
                json!({ "idempotencyKey": format!("a-place-for-guest-{guest}") }),
            )
            .await
        }
    });
    let joined = futures_util::future::join_all(joining).await;
    joined.iter().for_each(assert_done);
    assert_eq!(counts(&service, &event).await, (15, 185));
    let all = attendances(&service, &event, 200).await;
    let numbers: Vec<_> = all.iter().map(|one| one["number"].as_i64().expect("a number")).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>(), "each has one number of its own");
    assert_eq!(states(&all), [vec!["GOING"; 15], vec!["WAITLISTED"; 185]].concat());
    let mut names: Vec<_> = all.iter().map(|one| one["displayName"].as_str().expect("a name")).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 200, "none is there twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_two_of_fifteen_cancel_the_first_two_of_five_move_up() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(15)).await;
    let mut joined = Vec::new();
    for guest in 0..20 {
        let name = format!("guest-{guest}");
        let email = json!({ "email": format!("{name}@example.org") });
        joined.push(join(&service.anyone(), &event, &name, email).await);
    }
    assert_eq!(counts(&service, &event).await, (15, 5));
    for guest in [3, 7] {
        let done = cancel(&with_secret_of(&service, &joined[guest]), &joined[guest]).await;
        assert_eq!(done["attendance"]["state"], "CANCELLED", "{done:#}");
    }
    assert_eq!(counts(&service, &event).await, (15, 3));
    let service = service.restarted().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let all = attendances(&service, &event, 20).await;
    let mut expected = [vec!["GOING"; 17], vec!["WAITLISTED"; 3]].concat();
    expected[3] = "CANCELLED";
    expected[7] = "CANCELLED";
    assert_eq!(states(&all), expected);
    for guest in [15, 16] {
        let mail = mail_to(&service, &format!("guest-{guest}@example.org"), 2).await;
        assert!(mail.iter().any(|message| message.contains("There is a place for you")), "{mail:#?}");
    }
    mail_to(&service, "guest-17@example.org", 1).await;
    // One who waits goes; nobody moves up for that.
    let done = cancel(&with_secret_of(&service, &joined[17]), &joined[17]).await;
    assert_eq!(done["attendance"]["state"], "CANCELLED", "{done:#}");
    assert_eq!(counts(&service, &event).await, (15, 2));
    let again = cancel(&with_secret_of(&service, &joined[17]), &joined[17]).await;
    assert_eq!(user_errors(&again), ["id ATTENDANCE_STATE_INVALID"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_room_is_for_those_who_wait_and_there_is_never_less_than_those_who_go() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(2)).await;
    for name in ["Ada", "Bela", "Ciwang", "Dorota"] {
        assert_done(&join(&service.anyone(), &event, &format!("{name}-{name}"), json!({})).await);
    }
    let organizer = with_secret_of(&service, &event);
    let refused = step(&organizer, "eventUpdate", &event, json!({ "capacity": 1 })).await;
    assert_eq!(user_errors(&refused), ["capacity CAPACITY_BELOW_GOING"]);
    let more = step(&organizer, "eventUpdate", &event, json!({ "capacity": 3 })).await;
    assert_done(&more);
    assert_eq!(counts(&service, &event).await, (3, 1));
    let any = step(&organizer, "eventUpdate", &more, json!({ "capacity": null })).await;
    assert_done(&any);
    assert_eq!(counts(&service, &event).await, (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_event_tells_those_who_go_and_those_who_wait_and_nobody_waits_any_more() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(1)).await;
    let mut joined = Vec::new();
    for name in ["goes-there", "waits-there"] {
        let email = json!({ "email": format!("{name}@example.org"), "language": "fr" });
        joined.push(join(&service.anyone(), &event, name, email).await);
    }
    let organizer = with_secret_of(&service, &event);
    let cancelled = step(&organizer, "eventCancel", &event, json!({ "reason": "Snow." })).await;
    assert_done(&cancelled);
    for name in ["goes-there", "waits-there"] {
        let mail = mail_to(&service, &format!("{name}@example.org"), 2).await;
        // "Annulé", as a header has it.
        assert!(mail.iter().any(|message| message.contains("QW5udWzDqQ==")), "{mail:#?}");
        assert!(
            !mail.iter().any(|message| message.contains("Snow.")),
            "an organizer writes to nobody: {mail:#?}"
        );
    }
    assert_eq!(counts(&service, &event).await, (0, 0));
    assert_eq!(states(&attendances(&service, &event, 2).await), ["CANCELLED"; 2]);
    let refused = cancel(&with_secret_of(&service, &joined[0]), &joined[0]).await;
    assert_eq!(user_errors(&refused), ["id ATTENDANCE_STATE_INVALID"]);
    let late = join(&service.anyone(), &event, "comes-too-late", json!({})).await;
    assert_eq!(user_errors(&late), ["event EVENT_STATE_INVALID"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attendance_with_several_mistakes_gets_all_of_them() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(15)).await;
    let anyone = service.anyone();
    let bad = json!({ "displayName": " ", "email": "nobody", "language": "zz", "idempotencyKey": "short" });
    service.clock.set(at("2021-12-11T02:00:00Z"));
    let refused = join(&anyone, &event, "all-is-wrong", bad).await;
    assert_eq!(
        user_errors(&refused),
        [
            "event EVENT_OVER",
            "displayName REQUIRED",
            "email EMAIL_INVALID",
            "language LANGUAGE_UNKNOWN",
            "idempotencyKey IDEMPOTENCY_KEY_INVALID",
        ]
    );
    let nameless = join(&anyone, &event, "without-a-name", json!({ "displayName": null })).await;
    assert_eq!(user_errors(&nameless), ["event EVENT_OVER", "displayName REQUIRED"]);
    service.clock.set(at("2021-12-11T01:59:59.999999Z"));
    let joined = join(&anyone, &event, "in-the-last-moment", json!({})).await;
    assert_eq!(joined["attendance"]["state"], "GOING");
    service.clock.set(at("2021-12-11T02:00:00Z"));
    let refused = cancel(&with_secret_of(&service, &joined), &joined).await;
    assert_eq!(user_errors(&refused), ["id EVENT_OVER"]);
    let nobody = json!({ "event": { "id": "event_00000000000000000000000000000000" } });
    assert_eq!(user_errors(&join(&anyone, &nobody, "no-event", json!({})).await), ["event NOT_FOUND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_brings_the_same_place_and_a_participant_has_one() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(15)).await;
    let anyone = service.anyone();
    let both = [join(&anyone, &event, "ada-twice", json!({})), join(&anyone, &event, "ada-twice", json!({}))];
    let both = futures_util::future::join_all(both).await;
    assert_eq!(both[0]["attendance"], both[1]["attendance"]);
    assert_eq!(both[0]["secret"], both[1]["secret"]);
    let other = join(&anyone, &event, "ada-twice", json!({ "displayName": "Somebody else" })).await;
    assert_eq!(user_errors(&other), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);

    let registered = crate::harness::people::register(&anyone, "moses", json!({})).await;
    let moses = with_secret_of(&service, &registered);
    let silent = json!({ "displayName": null });
    let first = join(&moses, &event, "moses-once", silent.clone()).await;
    assert_eq!(first["attendance"]["displayName"], "Moses Akatugba");
    assert_eq!(first["attendance"]["email"], "Moses@Example.org");
    let again = join(&moses, &event, "moses-again", silent).await;
    assert_eq!((&again["attendance"], &again["replayed"]), (&first["attendance"], &json!(true)));
    assert_eq!(again["secret"], Value::Null, "his own secret manages it");
    assert_eq!(counts(&service, &event).await, (2, 0));
    let query = "{ participant { attendances { id event { title onlineLink } } } }";
    let own = moses.data(query, json!({})).await;
    assert_eq!(own["participant"]["attendances"][0]["id"], first["attendance"]["id"]);
    assert_eq!(user_errors(&cancel(&moses, &first).await), [""; 0]);
    assert_eq!(counts(&service, &event).await, (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_under_a_known_address_discloses_nothing_and_its_owner_gets_a_mail() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(15)).await;
    let anyone = service.anyone();
    let ada = |key: &str, email: &str| {
        let who = json!({ "displayName": "Ada", "email": email });
        let (anyone, event, key) = (anyone.clone(), event.clone(), key.to_owned());
        async move { join(&anyone, &event, &key, who).await }
    };
    let first = ada("ada-herself", "ada.king@example.org").await;
    let stranger = ada("a-stranger", "ADA.king@example.org").await;
    let unknown = ada("somebody-new", "new@example.org").await;
    let without_identity = |payload: &Value| {
        let more = json!({ "id": null, "number": null, "email": null });
        (
            with(payload["attendance"].clone(), more),
            payload["replayed"].clone(),
            payload["userErrors"].clone(),
        )
    };
    assert_eq!(without_identity(&stranger), without_identity(&unknown));
    assert_eq!(counts(&service, &event).await, (3, 0), "the number of places gives nothing away either");
    mail_to(&service, "ada.king@example.org", 1).await;
    let told = mail_to(&service, "ADA.king@example.org", 1).await;
    assert!(told[0].contains("Twice on the list"), "{told:#?}");
    // With the mail the owner gives back what the stranger took, and keeps her own.
    assert_done(&cancel(&service.bearer(&secret_in(&told[0])), &stranger).await);
    let own = with_secret_of(&service, &first);
    let kept = own.data("{ attendance { state } }", json!({})).await;
    assert_eq!(kept["attendance"]["state"], "GOING");
    // A brother who shares the address is somebody else.
    let brother = json!({ "displayName": "Bela", "email": "ada.king@example.org" });
    assert_done(&join(&anyone, &event, "her-brother", brother).await);
    let mail = mail_to(&service, "ada.king@example.org", 2).await;
    assert!(mail.iter().all(|message| message.contains("You are going")), "{mail:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_join_for_a_caller_and_the_audit_log_has_it() {
    let service = Service::with_2021().await;
    let event = evening_with_places(&service, json!(15)).await;
    let staff = service.administrator();
    let joined = join(&staff, &event, "by-phone", json!({})).await;
    assert_done(&joined);
    assert_done(&cancel(&staff, &joined).await);
    assert_eq!(crate::harness::people::audit_log(&service, "eventJoin").await, 1);
    assert_eq!(crate::harness::people::audit_log(&service, "attendanceCancel").await, 1);
    let sql = "SELECT COUNT(*) AS number FROM attendances WHERE state = 'CANCELLED'";
    assert_eq!(number(&service.fresh.url, sql).await, 1);
}
