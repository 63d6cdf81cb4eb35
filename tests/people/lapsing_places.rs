//! Places of unconfirmed addresses lapse in favour of confirmed attendees who wait.

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{
    PATIENCE, Service, assert_done, at,
    events::{approved, step},
    number,
    people::{attendances, cancel, counts, join, mail_to, register, secret_in, with_secret_of},
};

async fn evening(service: &Service, capacity: usize) -> Value {
    service.clock.set(at("2021-12-01T12:00:00Z"));
    approved(service, "an evening with few places", json!({ "capacity": capacity })).await
}

/// Somebody joins with an address of their own, which nobody has confirmed: the payload.
async fn guest(service: &Service, event: &Value, name: &str) -> Value {
    let email = json!({ "email": format!("{name}@example.org") });
    join(&service.anyone(), event, name, email).await
}

/// Confirms the address of a guest with the code of the first mail: where the place stands then.
async fn confirm(service: &Service, name: &str) -> Value {
    // More may have come since; any of it proves the address.
    let address = format!("To: {name}@example.org");
    let arrived = || service.mail.messages().into_iter().find(|message| message.contains(&address));
    let arriving = async {
        loop {
            if let Some(message) = arrived() {
                return message.replace("=\r\n", "");
            }
            tokio::task::yield_now().await;
        }
    };
    let message = timeout(PATIENCE, arriving).await.expect("mail in time");
    let code = json!({ "code": secret_in(&message) });
    let confirmed = service.anyone().change("attendanceConfirm", "attendance { state } secret", code).await;
    assert_done(&confirmed);
    confirmed["attendance"]["state"].clone()
}

async fn states(service: &Service, event: &Value, number: usize) -> Vec<String> {
    let all = attendances(service, event, number).await;
    all.iter().map(|one| one["state"].as_str().expect("a state").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_attendee_has_a_place_before_unconfirmed_ones() {
    let service = Service::with_2021().await;
    let event = evening(&service, 3).await;
    for number in 0..3 {
        let invented = guest(&service, &event, &format!("invented-{number}")).await;
        assert_eq!(invented["attendance"]["state"], "GOING");
    }
    for name in ["honest-ada", "honest-bela"] {
        assert_eq!(guest(&service, &event, name).await["attendance"]["state"], "WAITLISTED");
    }
    assert_eq!(counts(&service, &event).await, (3, 2));
    // The place that was taken last lapses first.
    assert_eq!(confirm(&service, "honest-bela").await, "GOING");
    assert_eq!(counts(&service, &event).await, (3, 2), "never more than there is room for");
    let expected = ["GOING", "GOING", "WAITLISTED", "WAITLISTED", "GOING"];
    assert_eq!(states(&service, &event, 5).await, expected);
    let told = mail_to(&service, "honest-bela@example.org", 2).await;
    assert!(told.iter().any(|message| message.contains("There is a place for you")), "{told:#?}");
    let told = mail_to(&service, "invented-2@example.org", 2).await;
    assert!(told.iter().any(|message| message.contains("on the waiting list")), "{told:#?}");

    // A guest who confirms keeps the place, or gets it back in order.
    assert_eq!(confirm(&service, "invented-0").await, "GOING");
    assert_eq!(confirm(&service, "honest-ada").await, "GOING");
    assert_eq!(states(&service, &event, 5).await, ["GOING", "WAITLISTED", "WAITLISTED", "GOING", "GOING"]);
    assert_eq!(confirm(&service, "invented-1").await, "WAITLISTED", "everybody who goes has confirmed");
    let late = guest(&service, &event, "comes-late").await;
    let all = attendances(&service, &event, 6).await;
    let joined = json!({ "attendance": all[3] });
    assert_done(&cancel(&with_secret_of(&service, &event), &joined).await);
    let expected = ["GOING", "GOING", "WAITLISTED", "CANCELLED", "GOING", "WAITLISTED"];
    assert_eq!(states(&service, &event, 6).await, expected, "before those who have not");
    assert_eq!(late["attendance"]["state"], "WAITLISTED");
    let service = service.restarted().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let more = json!({ "capacity": 4 });
    assert_done(&step(&with_secret_of(&service, &event), "eventUpdate", &event, more).await);
    let expected = ["GOING", "GOING", "GOING", "CANCELLED", "GOING", "WAITLISTED"];
    assert_eq!(states(&service, &event, 6).await, expected, "where there is room, all go in their order");
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_participants_and_people_added_by_staff_keep_their_places() {
    let service = Service::with_2021().await;
    let event = evening(&service, 2).await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let organizer = with_secret_of(&service, &event);
    let by_phone = join(&staff, &event, "by-phone", json!({})).await;
    let stranger = join(&anyone, &event, "no-address-at-all", json!({})).await;
    assert_eq!(stranger["attendance"]["state"], "GOING");
    let registered = register(&anyone, "moses", json!({})).await;
    let unproved = join(&with_secret_of(&service, &registered), &event, "moses-early", json!({})).await;
    assert_eq!(unproved["attendance"]["state"], "WAITLISTED");
    let mail = mail_to(&service, "Moses@Example.org", 2).await;
    let about = mail.iter().find(|message| message.contains("You are registered")).expect("that mail");
    let code = json!({ "code": secret_in(about) });
    assert_done(&anyone.change("participantConfirm", "secret", code).await);
    let expected = ["GOING", "WAITLISTED", "GOING"];
    assert_eq!(states(&service, &event, 3).await, expected, "all of a participant's places are confirmed");
    // The organizer's guest and staff's stay; nobody who confirmed has a place before them.
    let friend = join(&organizer, &event, "a-friend-of-the-host", json!({})).await;
    assert_eq!(friend["attendance"]["state"], "WAITLISTED", "{friend:#}");
    assert_eq!(by_phone["attendance"]["state"], "GOING");
    // Somebody who proved the address before joins: nothing is left that could lapse.
    let ada = json!({ "displayName": "Ada", "email": "ada.king@example.org" });
    assert_done(&register(&anyone, "ada", ada).await);
    let code = json!({ "code": secret_in(&mail_to(&service, "ada.king@example.org", 1).await[0]) });
    let ada = anyone.change("participantConfirm", "secret", code).await;
    let waits = join(&with_secret_of(&service, &ada), &event, "ada-comes", json!({})).await;
    assert_eq!(waits["attendance"]["state"], "WAITLISTED");
    assert_eq!(counts(&service, &event).await, (2, 3));
    let other = approved(&service, "yet another evening", json!({ "capacity": 1 })).await;
    assert_done(&join(&anyone, &other, "who-invented", json!({})).await);
    let goes = join(&with_secret_of(&service, &ada), &other, "ada-comes-there", json!({})).await;
    assert_eq!(goes["attendance"]["state"], "GOING", "at once, where a place lapses");
    assert_eq!(counts(&service, &other).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_place_lapses_after_the_event_begins() {
    let service = Service::with_2021().await;
    let event = evening(&service, 1).await;
    assert_done(&guest(&service, &event, "is-there").await);
    assert_done(&guest(&service, &event, "stands-outside").await);
    service.clock.set(at("2021-12-10T23:00:00Z"));
    assert_eq!(confirm(&service, "stands-outside").await, "WAITLISTED");
    assert_eq!(states(&service, &event, 2).await, ["GOING", "WAITLISTED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_confirmations_take_no_more_places_than_unconfirmed_attendees_hold() {
    let service = Service::with_2021().await;
    let event = evening(&service, 30).await;
    for number in 0..30 {
        assert_done(
            &join(
                &service.anyone(),
                &event,
                &format!("invented {number}"),
                json!({ "idempotencyKey": format!("an-invented-guest-{number}") }),
            )
            .await,
        );
    }
    let mut codes = Vec::new();
    for number in 0..40 {
        let name = format!("honest-{number}");
        assert_done(&guest(&service, &event, &name).await);
        codes.push(secret_in(&mail_to(&service, &format!("{name}@example.org"), 1).await[0]));
    }
    let other = service.beside().await;
    other.clock.set(service.clock.now());
    let clients = [service.anyone(), other.anyone()];
    let confirming =
        codes.iter().enumerate().map(|(number, code)| {
            let client = clients[number % 2].clone();
            async move {
                client.change("attendanceConfirm", "attendance { state }", json!({ "code": code })).await
            }
        });
    let confirmed = futures_util::future::join_all(confirming).await;
    confirmed.iter().for_each(assert_done);
    assert_eq!(counts(&service, &event).await, (30, 40));
    let sql = "SELECT COUNT(*) AS number FROM attendances WHERE state = 'GOING' AND confirmed_at IS NOT NULL";
    assert_eq!(number(&service.fresh.url, sql).await, 30);
    let went = confirmed.iter().filter(|one| one["attendance"]["state"] == "GOING").count();
    assert_eq!(went, 30, "each was told the truth at that moment");
    let all = attendances(&service, &event, 70).await;
    let going = all.iter().filter(|one| one["state"] == "GOING").count();
    assert_eq!(going, 30);
}
