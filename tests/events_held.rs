//! How many events took place and were reported, and what those numbers keep to themselves.

use serde_json::{Value, json};

use crate::{
    events::{approved, step},
    harness::{Client, Service, at, campaign_id, user_errors},
};

/// Held and reported, in the edition, in Canada and in Poland.
async fn counts(client: &Client) -> [[u64; 2]; 3] {
    let total = "total { eventsHeld eventsReported }";
    let query = format!(
        "{{ edition(year: 2021) {{ {total} }} ca: campaign(edition: 2021, section: \"ca\") {{ {total} }}
            pl: campaign(edition: 2021, section: \"pl\") {{ {total} }}
            case(edition: 2021, slug: \"rung\") {{ {total} }} }}"
    );
    let data = client.data(&query, json!({})).await;
    assert_eq!(data["case"]["total"], json!({ "eventsHeld": null, "eventsReported": null }));
    ["edition", "ca", "pl"].map(|scope| {
        ["eventsHeld", "eventsReported"].map(|name| data[scope]["total"][name].as_u64().expect("a count"))
    })
}

async fn report(service: &Service, event: &Value, key: &str) -> Value {
    let host = service.bearer(event["secret"].as_str().expect("a secret"));
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 1 }]);
    let input = json!({ "campaign": event["campaign"], "event": event["event"]["id"], "asHost": true,
        "lines": lines, "idempotencyKey": format!("closing-report-of-{key}") });
    let done = host.change("reportSubmit", "report { id }", input).await;
    assert_eq!(user_errors(&done), [""; 0], "{key}");
    done
}

/// An event of a section, while it is on.
async fn evening(service: &Service, section: &str, key: &str, visibility: &str) -> Value {
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let campaign = campaign_id(&service.anyone(), section).await;
    let more = json!({ "campaign": campaign, "visibility": visibility });
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
    let held = step(&staff, "eventHold", &one, json!({})).await;
    assert_eq!(user_errors(&held), [""; 0]);
    assert_eq!(counts(&anyone).await, [[1, 0], [1, 0], [0, 0]]);
    let reported = report(&service, &one, "number-one").await;
    assert_eq!(counts(&anyone).await, [[1, 1], [1, 1], [0, 0]]);
    report(&service, &two, "number-two").await;
    assert_eq!(counts(&anyone).await, [[2, 2], [1, 1], [1, 1]], "what is reported took place");
    let back = json!({ "id": reported["report"]["id"], "expectedRevision": 1, "reason": "Wrong.",
        "idempotencyKey": "it-was-all-wrong" });
    staff.change("reportWithdraw", "report { id }", back).await;
    assert_eq!(counts(&anyone).await, [[2, 1], [1, 0], [1, 1]]);
    let service = service.restarted().await;
    assert_eq!(counts(&service.anyone()).await, [[2, 1], [1, 0], [1, 1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_not_everyone_may_find_are_counted_by_fives_so_that_none_is_told_from_the_number() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let public = evening(&service, "ca", "the-public-one", "PUBLIC").await;
    report(&service, &public, "the-public-one").await;
    let mut seen = Vec::new();
    for (number, section) in ["ca", "ca", "pl", "ca", "ca", "ca", "pl"].into_iter().enumerate() {
        let visibility = ["PRIVATE", "UNLISTED"][number % 2];
        let key = format!("hidden-number-{number}");
        let event = evening(&service, section, &key, visibility).await;
        report(&service, &event, &key).await;
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
