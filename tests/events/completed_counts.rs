//! Counts of completed and reported events, and what they must not disclose.

use serde_json::{Value, json};

use crate::harness::{
    Client, Service, at, campaign_id,
    events::{approved, evening_at_school, register, step},
    people::with_secret_of,
    report, user_errors,
    whole_schema::Everything,
    with,
};

/// Held and reported, in the edition, in Canada and in Poland.
async fn counts(client: &Client) -> [[u64; 2]; 3] {
    let part = "participation { events { tookPlace reported awaited } }";
    let query = format!(
        "{{ edition(year: 2021) {{ {part} }} ca: campaign(edition: 2021, section: \"ca\") {{ {part} }}
            pl: campaign(edition: 2021, section: \"pl\") {{ {part} }} }}"
    );
    let data = client.data(&query, json!({})).await;
    ["edition", "ca", "pl"].map(|scope| {
        let events = &data[scope]["participation"]["events"];
        let [took_place, reported, awaited] =
            ["tookPlace", "reported", "awaited"].map(|name| events[name].as_u64().expect("a count"));
        assert_eq!(awaited, took_place - reported, "{scope}");
        [took_place, reported]
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

/// The breakdowns of counted events in one scope: the parts as `[key, took place, reported]`, in their order.
async fn breakdowns(client: &Client, scope: &str) -> [Value; 2] {
    let query = format!(
        "{{ of: {scope} {{ participation {{ events {{ tookPlace reported awaited
            byRegion {{ region tookPlace reported awaited }}
            byVenueKind {{ venueKind tookPlace reported awaited }} }} }} }} }}"
    );
    let events = client.data(&query, json!({})).await["of"]["participation"]["events"].take();
    [("byRegion", "region"), ("byVenueKind", "venueKind")].map(|(breakdown, key)| {
        let parts = events[breakdown].as_array().expect("parts");
        for name in ["tookPlace", "reported", "awaited"] {
            let sum: u64 = parts.iter().map(|part| part[name].as_u64().expect("a count")).sum();
            assert_eq!(json!(sum), events[name], "{breakdown} adds up: {events:#}");
        }
        parts.iter().map(|part| json!([part[key], part["tookPlace"], part["reported"]])).collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_broken_down_by_region_and_venue_and_hidden_ones_are_in_no_part() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let place = |country: &str, region: Value| json!({ "country": country, "region": region, "locality": "Somewhere", "venue": "Elm House" });
    let campaign = campaign_id(&anyone, "ca").await;
    let hold = async |key: &str, more: Value| {
        service.clock.set(at("2021-12-01T12:00:00Z"));
        let organizer = json!({ "name": "Ada Lovelace", "email": format!("{key}@example.org") });
        let more = with(json!({ "campaign": campaign, "organizer": organizer }), more);
        let mut event = approved(&service, key, more).await;
        event["campaign"] = campaign.clone();
        service.clock.set(at("2021-12-11T03:00:00Z"));
        event
    };
    let school = hold("a-school-in-ontario", json!({})).await;
    close(&service, &school, "a-school-in-ontario").await;
    hold("another-in-ontario", json!({ "venueKind": "LIBRARY" })).await;
    hold("a-library-in-quebec", json!({ "venueKind": "LIBRARY", "place": place("CA", json!("CA-QC")) }))
        .await;
    hold("one-in-no-known-region", json!({ "place": place("CA", Value::Null) })).await;
    let cancelled = hold("one-that-was-cancelled", json!({ "place": place("CA", json!("CA-NS")) })).await;
    step(&service.administrator(), "eventCancel", &cancelled, json!({ "reason": "Snow." })).await;
    // Four organizers of hidden events change no part, the fifth changes the part without a key alone.
    let [in_ontario, in_quebec] = [json!(["CA-ON", 2, 1]), json!(["CA-QC", 1, 0])];
    let [schools, libraries] = [json!(["SCHOOL", 2, 1]), json!(["LIBRARY", 2, 0])];
    for number in 1..=5 {
        let visibility = ["PRIVATE", "UNLISTED"][number % 2];
        let hidden =
            json!({ "visibility": visibility, "venueKind": "HOME", "place": place("CA", json!("CA-YT")) });
        hold(&format!("a-hidden-event-{number}"), hidden).await;
        for scope in ["edition(year: 2021)", "campaign(edition: 2021, section: \"ca\")"] {
            let [by_region, by_venue] = breakdowns(&anyone, scope).await;
            let unknown = if number == 5 { json!([null, 6, 0]) } else { json!([null, 1, 0]) };
            assert_eq!(by_region, json!([in_ontario, in_quebec, unknown]), "{number} in {scope}");
            let mut kinds = vec![schools.clone(), libraries.clone()];
            kinds.extend((number == 5).then(|| json!([null, 5, 0])));
            assert_eq!(by_venue, json!(kinds), "{number} in {scope}");
        }
    }
    assert_eq!(breakdowns(&anyone, "campaign(edition: 2021, section: \"pl\")").await, [json!([]), json!([])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_several_sessions_awaits_a_report_once_the_last_one_is_over_and_an_unreviewed_one_never()
{
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let sessions = json!([
        { "localStart": "2021-12-08T18:00", "localEnd": "2021-12-08T21:00" },
        { "localStart": "2021-12-10T18:00", "localEnd": "2021-12-10T21:00" },
    ]);
    let running = approved(&service, "an event of two evenings", json!({ "sessions": sessions })).await;
    let organizer = json!({ "name": "Bea", "email": "bea@example.org" });
    let unreviewed = evening_at_school(&anyone, "one that waits for review", json!({ "submit": true })).await;
    let unreviewed = register(&anyone, with(unreviewed, json!({ "organizer": organizer }))).await;
    assert_eq!(unreviewed["event"]["state"], "SUBMITTED");
    let end = at("2021-12-11T02:00:00Z");
    for (now, expected) in [
        (at("2021-12-09T02:00:00Z"), [0, 0]),
        (end - jiff::SignedDuration::from_secs(1), [0, 0]),
        (end, [1, 0]),
        (end + jiff::SignedDuration::from_secs(1), [1, 0]),
    ] {
        service.clock.set(now);
        assert_eq!(counts(&anyone).await, [expected, expected, [0, 0]], "{now}");
    }
    // It takes place once staff have approved it, though late; its report was never due to the public before.
    let done = step(&service.administrator(), "eventApprove", &unreviewed, json!({})).await;
    assert_eq!(user_errors(&done), [""; 0]);
    assert_eq!(counts(&anyone).await[0], [2, 0]);
    let running = with(running, json!({ "campaign": campaign_id(&anyone, "ca").await }));
    close(&service, &running, "an-event-of-two-evenings").await;
    assert_eq!(counts(&anyone).await[0], [2, 1]);
}
