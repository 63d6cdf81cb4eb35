//! Reports of events: host and attendees report, and each letter counts once.

use crate::harness::{
    Client, Service, assert_recounted, at, campaign_id, case_id, case_to_change,
    events::{approved, evening_at_school, register, step},
    letters,
    people::with_secret_of,
    report, run_sql, user_errors, w4r, with,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

mod random_order;

/// What the tests ask of a report.
const REPORT: &str = "report { id revision state author origin asHost region event { id state } }
    replayed version";

/// What the tests ask of an event's total.
const TOTAL: &str = "total { letters actions people reports lateActions goal deduplicated { letters actions }
    lines { case { slug } kind quantity } byKind { kind quantity unallocated deduplicated }
    byCase { case { slug } letters actions goal } }";

async fn lines(client: &Client, lines: &[(&str, u32)]) -> Value {
    let mut said = Vec::new();
    for (slug, quantity) in lines {
        let case = case_id(client, slug).await;
        said.push(json!({ "case": case, "kind": "APPEAL_LETTER", "quantity": quantity }));
    }
    json!(said)
}

/// Letters of the world, of the section, of its people and of its events.
async fn world(client: &Client) -> [u64; 4] {
    let query = "{ edition(year: 2021) { total { letters } }
        campaign(edition: 2021, section: \"ca\") { total { letters byOrigin { origin letters } } } }";
    let data = client.data(query, json!({})).await;
    let section = &data["campaign"]["total"];
    let through = |origin: &str| {
        let parts = section["byOrigin"].as_array().expect("parts");
        let part = parts.iter().find(|part| part["origin"] == origin);
        part.map_or(0, |part| part["letters"].as_u64().expect("a count"))
    };
    let count = |total: &Value| total["letters"].as_u64().expect("a count");
    [count(&data["edition"]["total"]), count(section), through("PERSON"), through("EVENT")]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letters_of_an_evening_during_which_a_case_is_suspended_are_counted() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let evening = approved(&service, "an evening with bad news", json!({})).await;
    let later = json!([{ "localStart": "2021-12-12T18:00", "localEnd": "2021-12-12T21:00" }]);
    let later = approved(&service, "an evening two days later", json!({ "sessions": later })).await;
    // The evening of 10 December lasts from 23:00 to 02:00.
    service.clock.set(at("2021-12-11T00:00:00Z"));
    let suspension = with(case_to_change(&anyone, "rung").await, json!({ "reason": "Threats." }));
    assert_eq!(user_errors(&staff.change("caseSuspend", "case { id }", suspension).await), [""; 0]);
    service.clock.set(at("2021-12-13T02:00:00Z"));
    let (host, other) = (with_secret_of(&service, &evening), with_secret_of(&service, &later));
    let of_both = lines(&anyone, &[("zhang-zhan", 40), ("rung", 30)]).await;
    let refused = report("letters of the later evening").of_event(&later).by_host();
    let refused = refused.with(json!({ "lines": of_both })).submit(&other).await;
    assert_eq!(user_errors(&refused), ["lines.1.case CASE_SUSPENDED"]);
    let before = lines(&anyone, &[("zhang-zhan", 40)]).await;
    let done = report("letters of the evening").of_event(&evening).by_host();
    let done = done.with(json!({ "lines": before })).done(&host).await;
    let correction = json!({ "id": done["report"]["id"], "expectedRevision": 1, "lines": of_both,
        "reason": "The second pile.", "idempotencyKey": "with-the-second-pile" });
    assert_eq!(user_errors(&host.change("reportCorrect", "report { id }", correction).await), [""; 0]);
    assert_eq!(world(&anyone).await, [70, 70, 0, 70]);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_raises_the_total_by_exactly_what_the_event_rule_says() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let more = json!({ "letterGoal": 100, "cases": [
        { "case": case_id(&anyone, "rung").await, "letterGoal": 60 },
        { "case": case_id(&anyone, "zhang-zhan").await, "letterGoal": 10 },
    ] });
    let event = approved(&service, "an evening for an organizer", more).await;
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-11T02:00:00Z"));
    let owing = |client: &Client| {
        let query = "{ eventsAwaitingReport(edition: 2021, section: \"ca\") { nodes { id } } }";
        client.data(query, json!({}))
    };
    let owed = owing(&service.administrator()).await;
    assert_eq!(owed["eventsAwaitingReport"]["nodes"], json!([{ "id": event["event"]["id"] }]));
    let query = format!(
        "query($id: ID!) {{ event(id: $id) {{ state awaitingReport hostReport {{ id }} {TOTAL} }} }}"
    );
    let ask = async |client: &Client| {
        client.data(&query, json!({ "id": event["event"]["id"] })).await["event"].take()
    };
    assert_eq!(ask(&host).await["awaitingReport"], true);
    assert_eq!(ask(&anyone).await["awaitingReport"], Value::Null);

    let said = json!({
        "asHost": true, "people": 40, "lines": lines(&anyone, &[("rung", 50), ("sphere", 30)]).await,
        "numbers": [{ "kind": "APPEAL_LETTER", "quantity": 120 }],
    });
    let hosted = report("what the host counted").of_event(&event).with(said.clone()).submit(&host).await;
    assert_eq!(user_errors(&hosted), [""; 0]);
    let expected = json!({ "id": hosted["report"]["id"], "revision": 1, "state": "ACCEPTED", "author": "HOST",
        "origin": "EVENT", "asHost": true, "late": false, "region": null, "reviewReason": null, "way": null,
        "event": { "id": event["event"]["id"], "state": "REPORTED" } });
    assert_eq!(hosted["report"], expected);
    assert_eq!(world(&anyone).await, [120, 120, 0, 120]);
    assert_recounted(&service.fresh).await;

    for (number, (slug, quantity)) in
        [("rung", 20), ("wendy-galarza", 22), ("sphere", 20)].into_iter().enumerate()
    {
        let own = json!({ "people": 1, "lines": lines(&anyone, &[(slug, quantity)]).await });
        let done =
            report(&format!("an attendee number {number}")).of_event(&event).with(own).submit(&anyone).await;
        assert_eq!(user_errors(&done), [""; 0]);
        assert_eq!(done["report"]["author"], "WRITER");
    }
    // 50 and 30 of the host, 22 that only an attendee knew of, and 18 for no case in particular.
    assert_eq!(world(&anyone).await, [120, 120, 0, 120]);
    let seen = ask(&anyone).await;
    let line = |slug: Value, quantity: u32| {
        let case = if slug.is_null() { Value::Null } else { json!({ "slug": slug }) };
        json!({ "case": case, "kind": "APPEAL_LETTER", "quantity": quantity })
    };
    let mut said_lines = seen["total"]["lines"].as_array().expect("lines").clone();
    said_lines.sort_by_key(|line| line["quantity"].as_u64());
    assert_eq!(
        said_lines,
        [
            line(Value::Null, 18),
            line("wendy-galarza".into(), 22),
            line("sphere".into(), 30),
            line("rung".into(), 50)
        ]
    );
    assert_eq!(seen["total"]["deduplicated"], json!({ "letters": 62, "actions": 62 }));
    assert_eq!(seen["total"]["people"], 40);
    assert_eq!(seen["total"]["reports"], 4);
    assert_eq!(seen["total"]["goal"], 100);
    let kind = json!({ "kind": "APPEAL_LETTER", "quantity": 120, "unallocated": 18, "deduplicated": 62 });
    assert_eq!(seen["total"]["byKind"], json!([kind]));
    let by_case = seen["total"]["byCase"].as_array().expect("cases");
    let of = |slug: &str| by_case.iter().find(|part| part["case"]["slug"] == slug).expect("a case");
    assert_eq!((&of("rung")["letters"], &of("rung")["goal"]), (&json!(50), &json!(60)));
    assert_eq!((&of("zhang-zhan")["letters"], &of("zhang-zhan")["goal"]), (&json!(0), &json!(10)));
    assert_eq!(by_case.last().expect("the rest")["case"], Value::Null);
    assert_eq!(seen["hostReport"], Value::Null, "it is not for everyone");
    assert_eq!(ask(&host).await["hostReport"]["id"], hosted["report"]["id"]);
    assert_eq!(owing(&service.administrator()).await["eventsAwaitingReport"]["nodes"], json!([]));

    // Now the attendees know of more than the host for two cases.
    let correction = json!({
        "id": hosted["report"]["id"], "expectedRevision": 1, "reason": "A pile was counted twice.",
        "lines": lines(&anyone, &[("rung", 10), ("sphere", 5)]).await,
        "numbers": [{ "kind": "APPEAL_LETTER", "quantity": 50 }], "idempotencyKey": "the-host-counts-again",
    });
    let corrected = host.change("reportCorrect", REPORT, correction.clone()).await;
    assert_eq!(user_errors(&corrected), [""; 0], "the secret of the event manages the host's report");
    assert_eq!(world(&anyone).await, [62, 62, 0, 62]);
    let again = host.change("reportCorrect", REPORT, correction).await;
    assert_eq!((&again["replayed"], world(&anyone).await), (&json!(true), [62, 62, 0, 62]));
    assert_recounted(&service.fresh).await;

    let service = service.restarted().await;
    let (anyone, host) = (service.anyone(), with_secret_of(&service, &event));
    assert_eq!(world(&anyone).await, [62, 62, 0, 62]);
    assert_eq!(ask(&anyone).await["total"]["letters"], 62);
    let replayed = report("what the host counted").of_event(&event).with(said).submit(&host).await;
    assert_eq!((&replayed["replayed"], &replayed["secret"]), (&json!(true), &hosted["secret"]));
    let back = json!({ "id": hosted["report"]["id"], "expectedRevision": 2, "reason": "All wrong.",
        "idempotencyKey": "the-host-takes-it-back" });
    let withdrawn = host.change("reportWithdraw", REPORT, back).await;
    assert_eq!(withdrawn["report"]["event"]["state"], "COMPLETED", "it owes a report again: {withdrawn:#}");
    assert_eq!(ask(&host).await["awaitingReport"], true);
    assert_eq!(world(&anyone).await, [62, 62, 0, 62]);
    let anew = report("the host counts anew").of_event(&event).by_host().letters(70).submit(&host);
    assert_eq!(anew.await["report"]["event"]["state"], "REPORTED");
    assert_eq!(world(&anyone).await, [70, 70, 0, 70]);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_concurrent_closing_reports_is_taken() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let event = approved(&service, "an evening with two hosts", json!({})).await;
    for service in [&service, &beside] {
        service.clock.set(at("2021-12-11T02:00:00Z"));
    }
    // The other process hears of the event by then.
    let hosts =
        [with_secret_of(&service, &event), with_secret_of(&beside, &event), with_secret_of(&service, &event)];
    let racing = hosts.iter().enumerate().map(|(number, host)| {
        let key = format!("closing report number {number}");
        let said = json!({ "asHost": true, "lines": letters(100) });
        let event = &event;
        async move { report(&key).of_event(event).with(said).submit(host).await }
    });
    let mut refused: Vec<_> = join_all(racing).await.iter().flat_map(user_errors).collect();
    refused.sort();
    assert_eq!(refused, ["event EVENT_REPORTED", "event EVENT_REPORTED"]);
    assert_recounted(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(world(&service.anyone()).await, [100, 100, 0, 100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_an_event_says_why_it_is_not_taken() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let event = approved(&service, "an evening to be refused", json!({})).await;
    let host = with_secret_of(&service, &event);
    let other = approved(&service, "the evening next door", json!({})).await;
    let as_host = || json!({ "asHost": true, "lines": letters(10) });
    let own = || json!({ "lines": letters(10) });

    service.clock.set(at("2021-12-10T22:59:59.999999Z"));
    for (client, said) in [(&host, as_host()), (&staff, as_host()), (&anyone, own())] {
        let early = report("before it has begun").of_event(&event).with(said).submit(client).await;
        assert_eq!(user_errors(&early), ["event EVENT_NOT_BEGUN"]);
    }
    service.clock.set(at("2021-12-10T23:00:00Z"));
    let begun = report("it has begun just now").of_event(&event).with(own()).submit(&anyone).await;
    assert_eq!(user_errors(&begun), [""; 0]);

    for client in [&anyone, &with_secret_of(&service, &other), &service.bearer("w4r_event_made_up")] {
        let stranger = report("by somebody else").of_event(&event).with(as_host()).submit(client).await;
        assert_eq!(user_errors(&stranger), ["event NOT_FOUND"]);
    }
    let nowhere = json!({ "event": { "id": "event_00000000000000000000000000000000" } });
    assert_eq!(
        user_errors(&report("an event that never was").of_event(&nowhere).with(own()).submit(&staff).await),
        ["event NOT_FOUND"]
    );
    let nameless = json!({ "event": { "id": null } });
    assert_eq!(
        user_errors(&report("the host of nothing").of_event(&nameless).with(as_host()).submit(&host).await),
        ["event NOT_FOUND"]
    );
    let elsewhere = with(as_host(), json!({ "campaign": campaign_id(&anyone, "ca-fr").await }));
    assert_eq!(
        user_errors(&report("to another campaign").of_event(&event).with(elsewhere).submit(&host).await),
        ["event EVENT_NOT_IN_CAMPAIGN"]
    );
    let wrong = with(as_host(), json!({ "writtenOn": "2021-10-31" }));
    let broken = report("wrong in two ways at once").of_event(&nowhere).with(wrong).submit(&host).await;
    assert_eq!(user_errors(&broken), ["event NOT_FOUND", "writtenOn WRITTEN_OUTSIDE_WINDOW"]);

    let tried = report("only trying it out")
        .of_event(&event)
        .with(with(as_host(), json!({ "test": true })))
        .submit(&host)
        .await;
    assert_eq!(tried["report"]["event"]["state"], "APPROVED", "a test closes nothing");
    let closed = report("the closing report").of_event(&event).with(as_host()).submit(&host).await;
    assert_eq!(user_errors(&closed), [""; 0]);
    for client in [&host, &staff] {
        let twice = report("the closing report again").of_event(&event).with(as_host()).submit(client).await;
        assert_eq!(user_errors(&twice), ["event EVENT_REPORTED"]);
    }
    let real = json!({ "id": tried["report"]["id"], "expectedRevision": 1, "reason": "In earnest.",
        "lines": letters(10), "idempotencyKey": "no-longer-a-test" });
    let twice = host.change("reportCorrect", REPORT, real).await;
    assert_eq!(user_errors(&twice), ["id EVENT_REPORTED"]);

    let cancelled = step(&staff, "eventCancel", &other, json!({ "reason": "Snow." })).await;
    assert_eq!(user_errors(&cancelled), [""; 0]);
    let refused = report("it did not take place").of_event(&other).with(own()).submit(&anyone).await;
    assert_eq!(user_errors(&refused), ["event EVENT_STATE_INVALID"]);
    let input = evening_at_school(&anyone, "nobody has approved it", json!({})).await;
    let draft = register(&anyone, input).await;
    let refused = report("not approved yet")
        .of_event(&draft)
        .with(as_host())
        .submit(&with_secret_of(&service, &draft))
        .await;
    assert_eq!(user_errors(&refused), ["event EVENT_STATE_INVALID"]);
    let refused = report("unknown to a stranger").of_event(&draft).with(own()).submit(&anyone).await;
    assert_eq!(user_errors(&refused), ["event NOT_FOUND"]);
    assert_eq!(world(&anyone).await, [10, 10, 0, 10], "host and attendee told of the same ten");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_may_report_more_than_one_person_could() {
    let service = Service::with_2021().await;
    let event = approved(&service, "an evening of thousands", json!({})).await;
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-11T02:00:00Z"));
    let own = report("one very busy writer").of_event(&event).letters(501).submit(&service.anyone()).await;
    assert_eq!(own["report"]["state"], "PENDING_REVIEW");
    let hosted = report("a whole stadium full").of_event(&event).by_host().letters(5_001).submit(&host).await;
    assert_eq!(hosted["report"]["state"], "PENDING_REVIEW");
    assert_eq!(hosted["report"]["event"]["state"], "REPORTED", "it owes no report: staff have yet to look");
    assert_eq!(world(&host).await, [0, 0, 0, 0]);
    let staff = service.administrator();
    let review = |payload: &Value, decision: &str, key: &str| {
        let input = json!({ "id": payload["report"]["id"], "expectedRevision": 1, "decision": decision,
            "reason": "We asked.", "idempotencyKey": key });
        staff.change("reportReview", REPORT, input)
    };
    assert_eq!(user_errors(&review(&hosted, "ACCEPT", "accept-the-stadium").await), [""; 0]);
    assert_eq!(world(&host).await, [5_001, 5_001, 0, 5_001]);
    assert_eq!(user_errors(&review(&own, "REJECT", "reject-the-writer").await), [""; 0]);
    assert_eq!(world(&host).await, [5_001, 5_001, 0, 5_001]);
    assert_recounted(&service.fresh).await;
    run_sql(&service.fresh.url, "UPDATE events SET tally = NULL").await;
    assert_eq!(w4r(&service.fresh.url, &["recount"]).await.code, 1, "an event has lost its sums");
    assert_eq!(w4r(&service.fresh.url, &["recount", "--repair"]).await.code, 0);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_part_of_a_total_tells_of_an_event_that_not_everyone_may_find() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut events = Vec::new();
    for visibility in ["PRIVATE", "UNLISTED"] {
        let place = json!({ "country": "MC", "locality": "Monaco" });
        let more = json!({ "visibility": visibility, "place": place });
        events.push(approved(&service, &format!("an evening that is {visibility}"), more).await);
    }
    service.clock.set(at("2021-12-11T02:00:00Z"));
    let [private, unlisted] = &events[..] else { panic!("two events") };
    let own = || json!({ "lines": letters(5), "country": "MC" });
    let refused = report("nobody invited me").of_event(private).with(own()).submit(&anyone).await;
    let never_was = json!({ "event": { "id": "event_00000000000000000000000000000000" } });
    let unknown = report("nobody invited me").of_event(&never_was).with(own()).submit(&anyone).await;
    assert_eq!(refused["userErrors"], unknown["userErrors"], "a private event does not exist to a stranger");
    assert_eq!(user_errors(&refused), ["event NOT_FOUND"]);
    for (event, quantity) in [(private, 20), (unlisted, 30)] {
        let said = json!({ "asHost": true, "lines": letters(quantity) });
        let (host, key) = (with_secret_of(&service, event), format!("a closing report of {quantity}"));
        assert_eq!(user_errors(&report(&key).of_event(event).with(said).submit(&host).await), [""; 0]);
    }
    assert_eq!(
        user_errors(&report("they sent me the link").of_event(unlisted).with(own()).submit(&anyone).await),
        [""; 0]
    );
    let query = "{ edition(year: 2021) { total { letters byCountry { country letters }
        byRegion { region letters } byOrigin { origin letters } } } }";
    let data = anyone.data(query, json!({})).await;
    assert_eq!(
        data["edition"]["total"],
        json!({ "letters": 50, "byCountry": [{ "country": "CA", "letters": 50 }],
            "byRegion": [{ "region": null, "letters": 50 }],
            "byOrigin": [{ "origin": "PERSON", "letters": 50 }] })
    );
    let query = "query($id: ID!) { event(id: $id) { total { letters } } }";
    let ask = async |client: &Client, event: &Value| {
        client.data(query, json!({ "id": event["event"]["id"] })).await["event"].take()
    };
    assert_eq!(ask(&anyone, private).await, Value::Null);
    assert_eq!(ask(&with_secret_of(&service, private), private).await["total"]["letters"], 20);
    assert_eq!(ask(&anyone, unlisted).await["total"]["letters"], 30);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_without_a_closing_report_are_listed_for_staff_by_their_end() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let mut ids = Vec::new();
    for day in 10..14 {
        let sessions = json!([{ "localStart": format!("2021-12-{day}T18:00"), "localEnd": format!("2021-12-{day}T21:00") }]);
        let event =
            approved(&service, &format!("the evening of the {day}th"), json!({ "sessions": sessions })).await;
        ids.push(event["event"]["id"].clone());
    }
    // The last one is on: it has begun and is not over.
    service.clock.set(at("2021-12-14T01:59:59.999999Z"));
    let query =
        "query($after: String) { eventsAwaitingReport(edition: 2021, section: \"ca\", first: 2, after: $after) {
        nodes { id } pageInfo { endCursor hasNextPage } } }";
    let page = async |after: Value| {
        let data = staff.data(query, json!({ "after": after })).await["eventsAwaitingReport"].take();
        let nodes = data["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].clone());
        (nodes.collect::<Vec<_>>(), data["pageInfo"].clone())
    };
    let (first, info) = page(Value::Null).await;
    assert_eq!((first, &info["hasNextPage"]), (ids[..2].to_vec(), &json!(true)));
    let (rest, info) = page(info["endCursor"].clone()).await;
    assert_eq!((rest, &info["hasNextPage"]), (ids[2..3].to_vec(), &json!(false)));
    service.clock.set(at("2021-12-14T02:00:00Z"));
    let (rest, _) = page(info["endCursor"].clone()).await;
    assert_eq!(rest, ids[3..]);
    let elsewhere = "{ eventsAwaitingReport(edition: 2021, section: \"pl\") { nodes { id } } }";
    assert_eq!(staff.data(elsewhere, json!({})).await["eventsAwaitingReport"]["nodes"], json!([]));
    assert_eq!(service.anyone().fault(elsewhere, json!({})).await, "UNAUTHENTICATED");
}
