//! Counts of completed and reported events, and what they must not disclose.

use serde_json::{Value, json};

use crate::harness::{
    Client, Service, at, campaign_id,
    events::{approved, step},
    people::with_secret_of,
    report, user_errors,
    whole_schema::Everything,
};

/// Held and reported, in the edition, in Canada and in Poland.
async fn counts(client: &Client) -> [[u64; 2]; 3] {
    let part = "participation { eventsCompleted eventsReported }";
    let query = format!(
        "{{ edition(year: 2021) {{ {part} }} ca: campaign(edition: 2021, section: \"ca\") {{ {part} }}
            pl: campaign(edition: 2021, section: \"pl\") {{ {part} }} }}"
    );
    let data = client.data(&query, json!({})).await;
    ["edition", "ca", "pl"].map(|scope| {
        ["eventsCompleted", "eventsReported"]
            .map(|name| data[scope]["participation"][name].as_u64().expect("a count"))
    })
}

/// The report of the host of an event, who completes it then.
async fn close(service: &Service, event: &Value, key: &str) -> Value {
    let closing = report(&format!("closing-report-of-{key}")).of_event(event).by_host().letters(1);
    let host = with_secret_of(service, event);
    let reported = closing.with(json!({ "campaign": event["campaign"] })).done(&host).await;
    if reported["report"]["event"]["state"] == "APPROVED" {
        assert_eq!(user_errors(&step(&host, "eventComplete", event, json!({})).await), [""; 0]);
    }
    reported
}

/// An event of a section, while it is on. Each has an organizer of its own.
async fn evening(service: &Service, section: &str, key: &str, visibility: &str) -> Value {
    evening_of(service, section, key, visibility, &format!("{key}@example.org")).await
}

/// An event of a section, while it is on, by somebody with this address.
async fn evening_of(service: &Service, section: &str, key: &str, visibility: &str, email: &str) -> Value {
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let campaign = campaign_id(&service.anyone(), section).await;
    let organizer = json!({ "name": "Ada Lovelace", "email": email });
    let more = json!({ "campaign": campaign, "visibility": visibility, "organizer": organizer });
    let mut event = approved(service, &format!("an evening named {key}"), more).await;
    event["campaign"] = campaign;
    service.clock.set(at("2021-12-11T01:00:00Z"));
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn public_events_are_counted_as_they_take_place_and_are_reported() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let one = evening(&service, "ca", "number-one", "PUBLIC").await;
    let two = evening(&service, "pl", "number-two", "PUBLIC").await;
    let off = evening(&service, "ca", "number-three", "PUBLIC").await;
    step(&staff, "eventCancel", &off, json!({ "reason": "Snow." })).await;
    assert_eq!(counts(&anyone).await, [[0, 0], [0, 0], [0, 0]], "it is not over, and nobody has said so");
    let held = step(&staff, "eventComplete", &one, json!({})).await;
    assert_eq!(user_errors(&held), [""; 0]);
    assert_eq!(counts(&anyone).await, [[1, 0], [1, 0], [0, 0]]);
    let reported = close(&service, &one, "number-one").await;
    assert_eq!(counts(&anyone).await, [[1, 1], [1, 1], [0, 0]]);
    close(&service, &two, "number-two").await;
    assert_eq!(counts(&anyone).await, [[2, 2], [1, 1], [1, 1]], "what is reported took place");
    let back = json!({ "id": reported["report"]["id"], "expectedRevision": 1, "reason": "Wrong.",
        "idempotencyKey": "it-was-all-wrong" });
    staff.change("reportWithdraw", "report { id }", back).await;
    assert_eq!(counts(&anyone).await, [[2, 1], [1, 0], [1, 1]]);
    let service = service.restarted().await;
    assert_eq!(counts(&service.anyone()).await, [[2, 1], [1, 0], [1, 1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_over_took_place_whether_or_not_somebody_says_so() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let one = evening(&service, "ca", "number-one", "PUBLIC").await;
    let two = evening(&service, "ca", "number-two", "PUBLIC").await;
    step(&service.administrator(), "eventCancel", &two, json!({ "reason": "Snow." })).await;
    evening(&service, "pl", "number-three", "PUBLIC").await;
    let secret = service.bearer(one["secret"].as_str().expect("a secret"));
    let end = "query($id: ID!) { event(id: $id) { sessions { endsAt } } }";
    let end = secret.data(end, json!({ "id": one["event"]["id"] })).await;
    let end = end["event"]["sessions"][0]["endsAt"].as_str().expect("an instant").to_owned();
    assert_eq!(counts(&anyone).await[0], [0, 0]);
    service.clock.set(at(&end) - jiff::SignedDuration::from_micros(1));
    assert_eq!(counts(&anyone).await[0], [0, 0]);
    service.clock.set(at(&end));
    assert_eq!(counts(&anyone).await, [[2, 0], [1, 0], [1, 0]], "one was called off");
    close(&service, &one, "number-one").await;
    assert_eq!(counts(&anyone).await, [[2, 1], [1, 1], [1, 0]], "one of two has reported");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_not_everyone_may_find_are_counted_by_fives_so_that_none_is_told_from_the_number() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let public = evening(&service, "ca", "the-public-one", "PUBLIC").await;
    close(&service, &public, "the-public-one").await;
    let mut seen = Vec::new();
    for (number, section) in ["ca", "ca", "pl", "ca", "ca", "ca", "pl"].into_iter().enumerate() {
        let visibility = ["PRIVATE", "UNLISTED"][number % 2];
        let key = format!("hidden-number-{number}");
        let event = evening(&service, section, &key, visibility).await;
        close(&service, &event, &key).await;
        seen.push(counts(&anyone).await.map(|[held, reported]| {
            assert_eq!(held, reported);
            held
        }));
    }
    // Four are not told, nor when they took place; with the fifth all are, first in the edition, where
    // it may be of any section, then in the section that has five.
    let four = [1, 1, 0];
    assert_eq!(seen, [four, four, four, four, [6, 1, 0], [6, 6, 0], [6, 6, 0]]);
    // What an organizer knows of their own event they learn from it, not from the totals of others.
    assert_eq!(counts(&service.bearer("w4r_event_made_up")).await[0], [6, 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn four_events_of_ones_own_tell_nothing_of_when_that_of_another_takes_place() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let hold = async |key: &str, email: &str| {
        let event = evening_of(&service, "ca", key, "PRIVATE", email).await;
        close(&service, &event, key).await;
        counts(&anyone).await[0]
    };
    // The same person, however they write their address.
    for (number, email) in
        ["mal@example.org", "Mal@example.org", "MAL@EXAMPLE.ORG"].iter().cycle().take(4).enumerate()
    {
        assert_eq!(hold(&format!("one-of-my-own-{number}"), email).await, [0, 0], "{number}");
    }
    for stranger in ["ada", "bea", "cid"] {
        assert_eq!(hold(&format!("that-of-{stranger}"), &format!("{stranger}@example.org")).await, [0, 0]);
    }
    assert_eq!(hold("the-ninth-of-all", "mal@example.org").await, [0, 0], "nor does one more of one's own");
    assert_eq!(
        hold("that-of-dan", "dan@example.org").await,
        [5, 5],
        "the fifth organizer brings all of them"
    );
    for (number, stranger) in ["eve", "fay", "gus"].into_iter().enumerate() {
        let own = hold(&format!("and-another-of-my-own-{number}"), "mal@example.org").await;
        let of_stranger = hold(&format!("that-of-{stranger}"), &format!("{stranger}@example.org")).await;
        assert_eq!((own, of_stranger), ([5, 5], [5, 5]), "{stranger}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_at_one_version_does_not_change_while_events_take_place() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let total = Everything::of(&service).await.selection("Total", &[]);
    // When it was compared with the ledger is told too, and a service begins with that.
    let (before, recount) = total.split_once("recount {").expect("a field");
    let total = format!("{before} {}", recount.split_once('}').expect("its end").1);
    let query = format!("{{ edition(year: 2021) {{ total {{ {total} }} }} }}");
    let before = anyone.data(&query, json!({})).await;
    let event = evening(&service, "ca", "a-public-evening", "PUBLIC").await;
    let held = step(&service.administrator(), "eventComplete", &event, json!({})).await;
    assert_eq!(user_errors(&held), [""; 0]);
    assert_eq!(counts(&anyone).await[0], [1, 0]);
    assert_eq!(anyone.data(&query, json!({})).await, before);
}
