//! Lists of events: filters, orders and pagination.

use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, at, campaign_id,
    events::{approved, listed, step},
    people::join,
    run_sql, user_errors,
};

/// What is told apart in these tests: the titles of the events in a list.
async fn titles(client: &Client, arguments: &str) -> Vec<String> {
    let query = format!("{{ events{arguments} {{ nodes {{ title }} }} }}");
    let data = client.data(&query, json!({})).await;
    let nodes = data["events"]["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["title"].as_str().expect("a title").to_owned()).collect()
}

/// Where a test has its events: Toronto, Hamilton (58 km away), Montréal (505 km), and nowhere at all.
fn place(locality: &str, latitude: f64, longitude: f64) -> Value {
    json!({ "country": "CA", "region": if locality == "Montréal" { "CA-QC" } else { "CA-ON" },
        "locality": locality, "coordinates": { "latitude": latitude, "longitude": longitude } })
}

fn session(day: &str) -> Value {
    json!([{ "localStart": format!("{day}T18:00"), "localEnd": format!("{day}T21:00") }])
}

async fn with_five() -> Service {
    let service = Service::with_2021().await;
    for more in [
        json!({ "title": "Toronto", "sessions": session("2021-12-10"), "venueKind": "SCHOOL",
            "place": place("Toronto", 43.65, -79.38), "languages": ["en"], "capacity": 10 }),
        json!({ "title": "Hamilton", "sessions": session("2021-12-09"), "venueKind": "LIBRARY",
            "place": place("Hamilton", 43.26, -79.87), "languages": ["en-CA", "es"] }),
        json!({ "title": "Montréal", "sessions": session("2021-12-11"), "venueKind": "CAFE_OR_PUB",
            "place": place("Montréal", 45.5, -73.57), "languages": ["fr-CA"], "capacity": 3,
            "description": "50 % letters, 50 % music_and \\ cake" }),
        json!({ "title": "On the internet", "sessions": session("2021-12-10"), "venueKind": "ONLINE",
            "format": "ONLINE", "place": null, "languages": ["fr"] }),
        json!({ "title": "Twice", "venueKind": "OUTDOOR", "place": { "country": "US", "locality": "Buffalo" },
            "sessions": [session("2021-12-01")[0], session("2021-12-20")[0]] }),
    ] {
        let key = format!("the event that is called {}", more["title"]).replace(['"', 'é'], "");
        approved(&service, &key, more).await;
    }
    service
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_everything_that_everyone_may_know() {
    let service = with_five().await;
    let anyone = service.anyone();
    run_sql(&service.fresh.url, "UPDATE events SET attending = 3 WHERE capacity IS NOT NULL").await;
    for (filter, expected) in [
        ("{}", vec!["Twice", "Hamilton", "Toronto", "On the internet", "Montréal"]),
        ("{ edition: 2021, section: \"ca\", venueKinds: [SCHOOL, LIBRARY] }", vec!["Hamilton", "Toronto"]),
        ("{ edition: 2022 }", vec![]),
        ("{ section: \"pl\" }", vec![]),
        ("{ section: \"nowhere\" }", vec![]),
        ("{ countries: [\"US\"] }", vec!["Twice"]),
        ("{ countries: [] }", vec![]),
        ("{ region: \"CA-QC\" }", vec!["Montréal"]),
        ("{ formats: [ONLINE] }", vec!["On the internet"]),
        ("{ language: \"en\" }", vec!["Twice", "Hamilton", "Toronto"]),
        ("{ language: \"en-CA\" }", vec!["Twice", "Hamilton", "Toronto"]),
        ("{ language: \"fr\", venueKinds: [CAFE_OR_PUB] }", vec!["Montréal"]),
        ("{ hasFreePlaces: true, venueKinds: [SCHOOL, CAFE_OR_PUB, LIBRARY] }", vec!["Hamilton", "Toronto"]),
        ("{ from: \"2021-12-10\", until: \"2021-12-10\" }", vec!["Toronto", "On the internet"]),
        ("{ from: \"2021-12-02\", until: \"2021-12-08\" }", vec![]),
        ("{ from: \"2021-12-11\" }", vec!["Twice", "Montréal"]),
        ("{ until: \"2021-12-01\" }", vec!["Twice"]),
        ("{ text: \"MONTREAL\" }", vec!["Montréal"]),
        ("{ text: \"50 % music_and \\\\\" }", vec!["Montréal"]),
        ("{ text: \"5_0 %\" }", vec!["Montréal"]),
        ("{ text: \"51_ %\" }", vec![]),
        ("{ states: [CANCELLED] }", vec![]),
    ] {
        let mut found = titles(&anyone, &format!("(filter: {filter})")).await;
        let mut expected = expected;
        if filter != "{}" {
            found.sort();
            expected.sort_unstable();
        } else {
            // Those that begin together come in the order of their ids.
            found[2..4].sort();
            expected[2..4].sort_unstable();
        }
        assert_eq!(found, expected, "{filter}");
    }
    for filter in [
        "{ countries: [\"ZZ\"] }",
        "{ region: \"CA\" }",
        "{ language: \"zz\" }",
        "{ from: \"tomorrow\" }",
        "{ near: { latitude: 91, longitude: 0, radiusKm: 1 } }",
        "{ near: { latitude: 0, longitude: 0, radiusKm: 0 } }",
        "{ near: { latitude: 0, longitude: 0, radiusKm: 501 } }",
    ] {
        let query = format!("{{ events(filter: {filter}) {{ nodes {{ id }} }} }}");
        assert_eq!(anyone.fault(&query, json!({})).await, "BAD_USER_INPUT", "{filter}");
    }
    let unordered = "{ events(orderBy: DISTANCE) { nodes { id } } }";
    assert_eq!(anyone.fault(unordered, json!({})).await, "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_nearby_are_ordered_by_distance_or_by_start() {
    let service = with_five().await;
    let anyone = service.anyone();
    let near = async |radius: u32, order: &str| {
        let near = format!("near: {{ latitude: 43.65, longitude: -79.38, radiusKm: {radius} }}");
        titles(&anyone, &format!("(filter: {{ {near} }}, orderBy: {order})")).await
    };
    assert_eq!(near(500, "DISTANCE").await, ["Toronto", "Hamilton"]);
    assert_eq!(near(500, "START").await, ["Hamilton", "Toronto"]);
    assert_eq!(near(58, "DISTANCE").await, ["Toronto"]);
    assert_eq!(near(59, "DISTANCE").await, ["Toronto", "Hamilton"]);
    let over_the_date_line = "(filter: { near: { latitude: -17, longitude: 180, radiusKm: 100 } })";
    assert_eq!(titles(&anyone, over_the_date_line).await, [""; 0]);
    for (number, longitude) in [(1, 179.9), (2, -179.9)] {
        let more = json!({ "title": format!("Fiji {number}"), "place": place("Suva", -17.0, longitude) });
        approved(&service, &format!("an evening on Fiji {number}"), more).await;
    }
    assert_eq!(titles(&anyone, over_the_date_line).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_right_while_events_come_and_go() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut ids = Vec::new();
    for day in 1..=6 {
        let more = json!({ "title": format!("Day {day}"), "sessions": session(&format!("2021-12-0{day}")),
            "place": place("Toronto", 43.0 + f64::from(day) / 100.0, -79.38) });
        let event = approved(&service, &format!("an evening on day {day}"), more).await;
        ids.push(event["event"]["id"].clone());
    }
    let near = "near: { latitude: 43, longitude: -79.38, radiusKm: 100 }";
    for (order, filter) in [("START", "{}"), ("START", near), ("DISTANCE", near)] {
        let filter = if filter == near { format!("{{ {near} }}") } else { filter.to_owned() };
        let page = async |window: String| {
            let query = format!(
                "{{ events(filter: {filter}, orderBy: {order}, {window}) {{ nodes {{ id }} edges {{ cursor }}
                    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
            );
            anyone.data(&query, json!({})).await["events"].take()
        };
        let named = |page: &Value| {
            let nodes = page["nodes"].as_array().expect("nodes").iter();
            nodes.map(|node| node["id"].clone()).collect::<Vec<_>>()
        };
        let first = page("first: 2".into()).await;
        assert_eq!(named(&first), ids[..2], "{order} {filter}");
        let info = &first["pageInfo"];
        assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(true), &json!(false)));
        let after = info["endCursor"].as_str().expect("a cursor");
        // Something comes in before the page; what follows it stays what it was.
        let early = json!({ "title": "Earlier", "sessions": session("2021-11-20"),
            "place": place("Toronto", 43.001, -79.38) });
        let new = approved(&service, &format!("one that comes {order} {}", filter.len()), early).await;
        let second = page(format!("first: 3, after: \"{after}\"")).await;
        assert_eq!(named(&second), ids[2..5], "{order} {filter}");
        let before = second["pageInfo"]["startCursor"].as_str().expect("a cursor");
        let back = page(format!("last: 1, before: \"{before}\"")).await;
        assert_eq!(named(&back), ids[1..2], "{order} {filter}");
        assert_eq!(back["pageInfo"]["hasPreviousPage"], true);
        assert_eq!(back["pageInfo"]["hasNextPage"], true);
        let end = page("last: 2".into()).await;
        assert_eq!(named(&end), ids[4..], "{order} {filter}");
        assert_eq!(end["pageInfo"]["hasNextPage"], false);
        let beyond = page(format!("first: 5, after: {}", end["pageInfo"]["endCursor"])).await;
        assert_eq!(named(&beyond), [Value::Null; 0]);
        let gone = step(&service.administrator(), "eventCancel", &new, json!({ "reason": "Snow." })).await;
        assert_eq!(user_errors(&gone), [""; 0]);
    }
    let foreign = "{ sections(first: 1) { pageInfo { endCursor } } }";
    let foreign = anyone.data(foreign, json!({})).await["sections"]["pageInfo"]["endCursor"].take();
    for window in
        [format!("after: {foreign}"), "after: \"!\"".into(), "first: -1".into(), "first: 1, last: 1".into()]
    {
        let query = format!("{{ events({window}) {{ nodes {{ id }} }} }}");
        assert_eq!(anyone.fault(&query, json!({})).await, "BAD_USER_INPUT", "{window}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_asked_for_before_has_what_was_approved_since() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    assert_eq!(listed(&anyone, "").await, [Value::Null; 0]);
    let event = approved(&service, "an evening that comes late", json!({})).await;
    assert_eq!(listed(&anyone, "").await, [event["event"]["id"].clone()]);
    let private =
        step(&service.administrator(), "eventUpdate", &event, json!({ "visibility": "PRIVATE" })).await;
    assert_eq!(user_errors(&private), [""; 0]);
    assert_eq!(listed(&anyone, "").await, [Value::Null; 0]);
}

/// What a list says of its only event, asked for so that no answer of before can be given again, and both as
/// it is read the first time and as it is known then.
async fn shown(client: &Client) -> Value {
    let ask = async || {
        let label = uuid::Uuid::new_v4().simple();
        let query = format!(
            "{{ events {{ nodes {{ title going freePlaces total {{ letters }} }} }} n{label}: __typename }}"
        );
        client.data(&query, json!({})).await["events"]["nodes"].take()
    };
    let (first, again) = (ask().await, ask().await);
    assert_eq!(first, again);
    again
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_read_before_says_in_a_list_what_it_says_now() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event =
        approved(&service, "an evening that is shown", json!({ "title": "Elm", "capacity": 3 })).await;
    let is = |title: &str, going: u32, letters: u32| {
        let free = 3 - going;
        json!([{ "title": title, "going": going, "freePlaces": free, "total": { "letters": letters } }])
    };
    assert_eq!(shown(&anyone).await, is("Elm", 0, 0));
    let joined = join(&anyone, &event, "ada-lovelace", json!({})).await;
    assert_eq!(user_errors(&joined), [""; 0]);
    assert_eq!(shown(&anyone).await, is("Elm", 1, 0));
    let changed = step(&service.administrator(), "eventUpdate", &event, json!({ "title": "Oak" })).await;
    assert_eq!(user_errors(&changed), [""; 0]);
    assert_eq!(shown(&anyone).await, is("Oak", 1, 0));
    service.clock.set(at("2021-12-11T02:00:00Z"));
    let guest = service.bearer(joined["secret"].as_str().expect("a secret"));
    let report = json!({ "campaign": campaign_id(&anyone, "ca").await, "event": event["event"]["id"],
        "idempotencyKey": "letters-of-the-evening", "lines": [{ "kind": "APPEAL_LETTER", "quantity": 4 }] });
    let reported = guest.payload(SUBMIT, json!({ "input": report })).await;
    assert_eq!(user_errors(&reported), [""; 0]);
    assert_eq!(shown(&anyone).await, is("Oak", 1, 4));
    let off = step(&service.administrator(), "eventCancel", &changed, json!({ "reason": "A flood." })).await;
    assert_eq!(user_errors(&off), [""; 0]);
    assert_eq!(shown(&anyone).await, json!([]));
}
