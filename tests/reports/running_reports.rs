//! Running reports: a host reports day by day while the event goes on, with figures so far or in addition.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    Client, Service, assert_recounted, at, becomes,
    events::{approved, evening_at_school, listed, register, step},
    people::{join, with_secret_of},
    report, user_errors, with,
};

/// What the tests ask of a report that was updated or corrected.
const UPDATED: &str =
    "report { id revision state reviewReason basis people lines { quantity } } replayed version
    warnings { code path message }";

/// A school that writes for three days in a row.
async fn week_at_school(service: &Service, key: &str) -> Value {
    let day = |day: u32| json!({ "localStart": format!("2021-12-{day}T09:00"), "localEnd": format!("2021-12-{day}T15:00") });
    approved(service, key, json!({ "sessions": [day(10), day(11), day(12)] })).await
}

/// The first figure of a host: the payload.
async fn first_figure(host: &Client, event: &Value, key: &str, letters: u32) -> Value {
    report(key).of_event(event).by_host().with(numbers(letters)).done(host).await
}

fn numbers(letters: u32) -> Value {
    json!({ "numbers": [{ "kind": "APPEAL_LETTER", "quantity": letters }] })
}

/// A later figure: the payload.
async fn update(client: &Client, before: &Value, basis: &str, key: &str, figure: Value) -> Value {
    let revised = json!({ "id": before["report"]["id"], "expectedRevision": before["report"]["revision"],
        "basis": basis, "idempotencyKey": format!("later-figure-{}", key.replace(' ', "-")) });
    client.change("reportUpdate", UPDATED, with(revised, figure)).await
}

/// Letters of the edition, how many await review, its events that took place, and those that were reported.
async fn world(client: &Client) -> [u64; 4] {
    let query = "{ edition(year: 2021) { total { letters pendingReview { letters } }
        participation { events { tookPlace reported } } } }";
    let edition = client.data(query, json!({})).await["edition"].take();
    let (total, events) = (&edition["total"], &edition["participation"]["events"]);
    [&total["letters"], &total["pendingReview"]["letters"], &events["tookPlace"], &events["reported"]]
        .map(|count| count.as_u64().expect("a count"))
}

/// The state of an event, whether it owes a report, and the revision and letters of the report by its host.
async fn standing(client: &Client, event: &Value) -> Value {
    let query = "query($id: ID!) { event(id: $id) { state awaitingReport hostReport { revision } } }";
    let event = client.data(query, json!({ "id": event["event"]["id"] })).await["event"].take();
    json!([event["state"], event["awaitingReport"], event["hostReport"]["revision"]])
}

async fn owing(service: &Service) -> Vec<Value> {
    let query = "{ eventsAwaitingReport(edition: 2021, section: \"ca\") { nodes { id } } }";
    let data = service.administrator().data(query, json!({})).await;
    let nodes = data["eventsAwaitingReport"]["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_reports_day_by_day_while_its_event_goes_on() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = week_at_school(&service, "a school for three days").await;
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-10T20:00:00Z"));
    let monday = first_figure(&host, &event, "the school on monday", 715).await;
    assert_eq!(monday["report"]["event"]["state"], "APPROVED");
    assert_eq!(
        (world(&anyone).await, standing(&host, &event).await),
        ([715, 0, 0, 0], json!(["APPROVED", false, 1]))
    );
    let joined = join(&anyone, &event, "somebody-on-tuesday", json!({})).await;
    assert_eq!(joined["attendance"]["state"], "GOING");
    let changed = step(&host, "eventUpdate", &event, json!({ "capacity": 900 })).await;
    assert_eq!(user_errors(&changed), [""; 0]);
    let next = "(filter: { edition: 2021, from: \"2021-12-10\", states: [APPROVED] })";
    assert_eq!(listed(&anyone, next).await, [event["event"]["id"].clone()]);

    service.clock.set(at("2021-12-11T20:00:00Z"));
    let guest = report("a pupil on tuesday").of_event(&event).letters(40).done(&anyone).await;
    assert_eq!(world(&anyone).await[0], 715, "the host counted these, too");
    let again = report("the school on tuesday").of_event(&event).by_host().with(numbers(996));
    assert_eq!(user_errors(&again.submit(&host).await), ["event EVENT_REPORTED"]);
    let tuesday = update(&host, &monday, "SO_FAR", "tuesday so far", numbers(996)).await;
    assert_eq!((user_errors(&tuesday), &tuesday["warnings"]), (vec![], &json!([])));
    assert_eq!(world(&anyone).await[0], 996);
    service.clock.set(at("2021-12-12T19:00:00Z"));
    let more = with(numbers(279), json!({ "people": 12 }));
    let wednesday = update(&host, &tuesday, "IN_ADDITION", "wednesday in addition", more.clone()).await;
    assert_eq!(wednesday["report"]["lines"], json!([{ "quantity": 1275 }]));
    assert_eq!(world(&anyone).await, [1_275, 0, 0, 0]);
    let version = |payload: &Value| payload["version"].as_u64().expect("a version");
    let versions = [&monday, &guest, &tuesday, &wednesday].map(version);
    // The guest's letters change the number of reports, and so the total.
    assert!(versions.windows(2).all(|pair| pair[1] == pair[0] + 1), "{versions:?}");
    let replayed = update(&host, &tuesday, "IN_ADDITION", "wednesday in addition", more).await;
    assert_eq!((&replayed["replayed"], world(&anyone).await[0]), (&json!(true), 1_275));
    let query =
        "query($id: ID!) { report(id: $id) { history { revision basis reason state lines { quantity } } } }";
    let report = host.data(query, json!({ "id": monday["report"]["id"] })).await;
    let entry = |revision: u32, basis: Value, state: &str, letters: u32| json!({ "revision": revision, "basis": basis, "reason": null, "state": state, "lines": [{ "quantity": letters }] });
    assert_eq!(
        report["report"]["history"],
        json!([
            entry(1, Value::Null, "SUPERSEDED", 715),
            entry(2, "SO_FAR".into(), "SUPERSEDED", 996),
            entry(3, "IN_ADDITION".into(), "ACCEPTED", 1_275)
        ])
    );
    assert_recounted(&service.fresh).await;

    let closed = step(&host, "eventComplete", &changed, json!({})).await;
    assert_eq!(closed["event"]["state"], "REPORTED", "{closed:#}");
    assert_eq!((world(&anyone).await, owing(&service).await), ([1_275, 0, 1, 1], vec![]));
    let late = join(&anyone, &event, "somebody-too-late", json!({})).await;
    assert_eq!(user_errors(&late), ["event EVENT_STATE_INVALID"]);
    let found = update(&host, &wednesday, "IN_ADDITION", "a pile that was found", numbers(5)).await;
    assert_eq!(user_errors(&found), [""; 0], "letters are reported until the deadline");
    let service = service.restarted().await;
    let host = with_secret_of(&service, &event);
    assert_eq!(
        (world(&host).await, standing(&host, &event).await),
        ([1_280, 0, 1, 1], json!(["REPORTED", false, 4]))
    );
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_that_looks_like_the_other_kind_counts_as_said_with_a_warning() {
    let service = Service::with_2021().await;
    let event = week_at_school(&service, "a school that mistakes its figures").await;
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-10T20:00:00Z"));
    let first = with(numbers(715), json!({ "people": 40 }));
    let first = report("the first figure of all").of_event(&event).by_host().with(first).done(&host).await;
    let below = with(numbers(281), json!({ "people": 39 }));
    let below = update(&host, &first, "SO_FAR", "not so far at all", below).await;
    let refused = ["numbers.0.quantity FIGURE_BELOW_PREVIOUS", "people FIGURE_BELOW_PREVIOUS"];
    assert_eq!(user_errors(&below), refused);
    assert_eq!((&below["report"], world(&host).await[0]), (&Value::Null, 715), "nothing is half done");
    assert_eq!(standing(&host, &event).await[2], 1);
    let lines = json!({ "lines": [{ "kind": "APPEAL_LETTER", "quantity": 714 }] });
    let below = update(&host, &first, "SO_FAR", "not so far by one", lines).await;
    assert_eq!(user_errors(&below), ["lines FIGURE_BELOW_PREVIOUS"]);
    let equal = update(&host, &first, "SO_FAR", "as many as before", numbers(715)).await;
    assert_eq!((&equal["report"]["people"], &equal["warnings"]), (&json!(40), &json!([])));

    let added = update(&host, &equal, "IN_ADDITION", "perhaps so far", numbers(996)).await;
    assert_eq!((user_errors(&added), world(&host).await[0]), (vec![], 1_711));
    let warning = json!([{ "code": "LOOKS_CUMULATIVE", "path": ["numbers", "0", "quantity"],
        "message": "996 in addition to 715 makes 1711. If 996 is the figure so far, please correct the report." }]);
    assert_eq!(added["warnings"], warning);
    let replayed = update(&host, &added, "IN_ADDITION", "perhaps so far", numbers(996)).await;
    assert_eq!((&replayed["replayed"], &replayed["warnings"]), (&json!(true), &warning));
    let correction = with(
        json!({ "id": first["report"]["id"], "expectedRevision": 3, "reason": "It was the figure so far.",
            "idempotencyKey": "it-was-the-figure-so-far" }),
        numbers(996),
    );
    let corrected = host.change("reportCorrect", UPDATED, correction).await;
    assert_eq!((world(&host).await[0], &corrected["report"]["basis"]), (996, &Value::Null));
    assert_eq!(corrected["warnings"][0]["code"], "LOOKS_ADDITIONAL");
    let crowd = with(numbers(1), json!({ "people": 1_000_000 }));
    let first = with(corrected.clone(), json!({}));
    let people = with(numbers(1), json!({ "people": 2 }));
    let some = update(&host, &first, "IN_ADDITION", "two people more", people).await;
    let beyond = update(&host, &some, "IN_ADDITION", "a million people", crowd).await;
    assert_eq!(user_errors(&beyond), ["people QUANTITY_OUT_OF_RANGE"]);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_figure_is_idempotent_and_of_the_revision_that_was_read() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let event = week_at_school(&service, "a school with two counters").await;
    for service in [&service, &beside] {
        service.clock.set(at("2021-12-10T20:00:00Z"));
    }
    let host = with_secret_of(&service, &event);
    let first = first_figure(&host, &event, "the figure of the first day", 100).await;
    let hosts = [with_secret_of(&service, &event), with_secret_of(&beside, &event)];
    // The same figure by the same key, twice by each of two processes: it is added once.
    let same =
        (0..4).map(|turn| update(&hosts[turn % 2], &first, "IN_ADDITION", "one pile sent often", numbers(7)));
    let done = join_all(same).await;
    assert!(done.iter().all(|done| user_errors(done).is_empty()), "{done:#?}");
    assert_eq!(done.iter().filter(|done| done["replayed"] == false).count(), 1);
    becomes(async || world(&hosts[1]).await[0], 107).await;
    let second = with(done[0].clone(), json!({}));
    for (basis, quantity) in [("SO_FAR", 7), ("IN_ADDITION", 8)] {
        let other = update(&host, &first, basis, "one pile sent often", numbers(quantity)).await;
        assert_eq!(user_errors(&other), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"], "{basis}");
    }
    // Two who add at once to the same revision: one is told to look again.
    let keys = ["one-of-two-piles", "two-of-two-piles"];
    let both =
        hosts.iter().zip(keys).map(|(host, key)| update(host, &second, "IN_ADDITION", key, numbers(10)));
    let mut refused: Vec<_> = join_all(both).await.iter().flat_map(user_errors).collect();
    refused.dedup();
    assert_eq!(refused, ["expectedRevision STALE_REVISION"]);
    becomes(async || world(&hosts[0]).await[0], 117).await;
    let missing = json!({ "lines": [], "idempotencyKey": "short" });
    assert_eq!(
        user_errors(&update(&host, &second, "SO_FAR", "nothing at all", missing).await),
        ["lines TOO_FEW_ITEMS", "idempotencyKey IDEMPOTENCY_KEY_INVALID"]
    );
    for stranger in
        [service.bearer("w4r_event_made-up"), with_secret_of(&service, &json!({ "secret": "w4r_x" }))]
    {
        let none = update(&stranger, &second, "IN_ADDITION", "a pile of a stranger", numbers(1)).await;
        assert_eq!(user_errors(&none), ["id NOT_FOUND"]);
    }
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_hosts_who_report_a_running_event_at_once_is_taken() {
    let service = Service::with_2021().await;
    let beside = service.beside().await;
    let event = week_at_school(&service, "a school with two hosts").await;
    for service in [&service, &beside] {
        service.clock.set(at("2021-12-10T20:00:00Z"));
    }
    let hosts = [with_secret_of(&service, &event), with_secret_of(&beside, &event)];
    let racing = (0..6_usize).map(|number| {
        let first = report(&format!("first figure number {number}")).of_event(&event).by_host();
        let host = &hosts[number % 2];
        async move { first.with(numbers(100)).submit(host).await }
    });
    let refused: Vec<_> = join_all(racing).await.iter().flat_map(user_errors).collect();
    assert_eq!(refused, ["event EVENT_REPORTED"; 5]);
    assert_recounted(&service.fresh).await;
    let service = service.restarted().await;
    assert_eq!(world(&service.anyone()).await, [100, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_in_addition_to_one_that_is_held_is_held_with_it_and_never_goes_on_from_a_rejected_one() {
    let service = Service::with_2021().await;
    let (staff, event) = (service.administrator(), week_at_school(&service, "a school with a slip").await);
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-10T20:00:00Z"));
    let first = first_figure(&host, &event, "the figure before the slip", 715).await;
    let slip = update(&host, &first, "IN_ADDITION", "a slip of the pen", numbers(5_000)).await;
    assert_eq!(slip["report"]["reviewReason"], "QUANTITY");
    assert_eq!(world(&host).await[..2], [715, 5_715], "what was accepted goes on counting");
    let more = update(&host, &slip, "IN_ADDITION", "ten more while it waits", numbers(10)).await;
    assert_eq!((&more["report"]["state"], world(&host).await[1]), (&json!("PENDING_REVIEW"), 5_725));
    let review = async |before: &Value, decision: &str, key: &str| {
        let input = json!({ "id": before["report"]["id"], "expectedRevision": before["report"]["revision"],
            "decision": decision, "reason": "We asked.", "idempotencyKey": key });
        user_errors(&staff.change("reportReview", "report { id }", input).await)
    };
    assert_eq!(review(&more, "REJECT", "reject-the-slip-of-the-pen").await, [""; 0]);
    assert_eq!(world(&host).await[..2], [715, 0]);
    let tuesday = update(&host, &more, "IN_ADDITION", "the second day at last", numbers(281)).await;
    assert_eq!((&tuesday["report"]["state"], world(&host).await[0]), (&json!("ACCEPTED"), 996));
    assert_recounted(&service.fresh).await;

    let own = report("one person writes too many").letters(501).done(&service.anyone()).await;
    let writer = with_secret_of(&service, &own);
    assert_eq!(review(&own, "REJECT", "reject-the-one-person").await, [""; 0]);
    let refused = update(&writer, &own, "IN_ADDITION", "in addition to nothing", numbers(3)).await;
    assert_eq!(user_errors(&refused), ["id REPORT_STATE_INVALID"]);
    let correction = with(
        json!({ "id": own["report"]["id"], "expectedRevision": 1, "reason": "It was five.",
            "idempotencyKey": "it-was-only-five-letters" }),
        numbers(5),
    );
    let corrected = writer.change("reportCorrect", UPDATED, correction).await;
    let done = update(&writer, &corrected, "IN_ADDITION", "and three in addition", numbers(3)).await;
    assert_eq!((user_errors(&done), world(&writer).await[0]), (vec![], 996 + 8), "anyone's report may grow");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_whose_report_the_host_objects_to_does_not_get_it_counted_by_a_later_figure() {
    let service = Service::with_2021().await;
    let event = week_at_school(&service, "a school with an odd guest").await;
    service.clock.set(at("2021-12-10T20:00:00Z"));
    let guest =
        report("the letters of an odd guest").of_event(&event).letters(30).done(&service.anyone()).await;
    let objection = json!({ "id": guest["report"]["id"], "expectedRevision": 1, "reason": "Not here.",
        "idempotencyKey": "nobody-of-that-name" });
    let host = with_secret_of(&service, &event);
    assert_eq!(user_errors(&host.change("reportObject", "version", objection).await), [""; 0]);
    let writer = with_secret_of(&service, &guest);
    for (basis, letters) in [("IN_ADDITION", 1), ("SO_FAR", 31)] {
        let before = json!({ "report": { "id": guest["report"]["id"],
            "revision": if basis == "SO_FAR" { 2 } else { 1 } } });
        let later =
            update(&writer, &before, basis, &format!("a later figure {basis}"), numbers(letters)).await;
        let expected = (&json!("PENDING_REVIEW"), &json!("OBJECTION"));
        assert_eq!((&later["report"]["state"], &later["report"]["reviewReason"]), expected);
    }
    assert_eq!(world(&host).await[..2], [0, 31]);
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_in_addition_for_a_suspended_case_are_new_ones() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let case = crate::harness::case_id(&anyone, "rung").await;
    let of_case =
        |quantity: u32| json!({ "lines": [{ "case": case, "kind": "APPEAL_LETTER", "quantity": quantity }] });
    let own = report("letters before the bad news").with(of_case(3)).done(&anyone).await;
    let writer = with_secret_of(&service, &own);
    let suspension =
        with(crate::harness::case_to_change(&anyone, "rung").await, json!({ "reason": "Threats." }));
    assert_eq!(user_errors(&staff.change("caseSuspend", "case { id }", suspension).await), [""; 0]);
    service.clock.set(at("2021-12-02T12:00:00Z"));
    let more = update(&writer, &own, "IN_ADDITION", "letters after the bad news", of_case(2)).await;
    assert_eq!(user_errors(&more), ["lines.0.case CASE_SUSPENDED"]);
    let before = with(of_case(2), json!({ "writtenOn": "2021-12-01" }));
    let before = update(&writer, &own, "IN_ADDITION", "letters of the day before", before).await;
    assert_eq!((user_errors(&before), world(&writer).await[0]), (vec![], 5));
    let kept = update(&writer, &before, "SO_FAR", "the same letters so far", of_case(5)).await;
    assert_eq!(user_errors(&kept), [""; 0], "what was reported before may stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_over_is_reported_without_a_word_of_its_host_and_due_again_after_a_withdrawal() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let event = week_at_school(&service, "a school that forgets to close").await;
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-10T20:00:00Z"));
    let first = first_figure(&host, &event, "the figure of the only day", 120).await;
    let end = at("2021-12-12T20:00:00Z");
    service.clock.set(end - jiff::SignedDuration::from_micros(1));
    assert_eq!(world(&anyone).await, [120, 0, 0, 0]);
    service.clock.set(end);
    // The numbers follow from the instant; the state is written soon after.
    assert_eq!((world(&anyone).await, owing(&service).await), ([120, 0, 1, 1], vec![]));
    becomes(async || standing(&host, &event).await, json!(["REPORTED", false, 1])).await;
    let reported = "(filter: { edition: 2021, states: [REPORTED] })";
    becomes(async || listed(&anyone, reported).await, vec![event["event"]["id"].clone()]).await;
    let late = join(&anyone, &event, "somebody-too-late", json!({})).await;
    assert_eq!(user_errors(&late), ["event EVENT_STATE_INVALID"]);
    let back = json!({ "id": first["report"]["id"], "expectedRevision": 1, "reason": "All wrong.",
        "idempotencyKey": "the-host-takes-it-back" });
    assert_eq!(user_errors(&host.change("reportWithdraw", "report { id }", back).await), [""; 0]);
    assert_eq!(standing(&host, &event).await, json!(["COMPLETED", true, null]));
    assert_eq!(
        (world(&anyone).await, owing(&service).await),
        ([0, 0, 1, 0], vec![event["event"]["id"].clone()])
    );
    let service = service.restarted().await;
    let host = with_secret_of(&service, &event);
    let anew = first_figure(&host, &event, "the figure once more", 100).await;
    assert_eq!(anew["report"]["event"]["state"], "REPORTED");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_while_the_event_goes_on_leaves_it_open_for_another_report() {
    let service = Service::with_2021().await;
    let event = week_at_school(&service, "a school that begins anew").await;
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-10T20:00:00Z"));
    let first = first_figure(&host, &event, "the figure of another school", 120).await;
    let back = json!({ "id": first["report"]["id"], "expectedRevision": 1, "reason": "Another school.",
        "idempotencyKey": "the-host-takes-it-back" });
    assert_eq!(user_errors(&host.change("reportWithdraw", "report { id }", back).await), [""; 0]);
    assert_eq!(standing(&host, &event).await, json!(["APPROVED", false, null]));
    let refused = update(&host, &first, "IN_ADDITION", "in addition to none", numbers(1)).await;
    assert_eq!(user_errors(&refused), ["expectedRevision REPORT_STATE_INVALID"]);
    first_figure(&host, &event, "the figure of this school", 30).await;
    let cancelled = step(&host, "eventCancel", &event, json!({ "reason": "Snow from tomorrow on." })).await;
    assert_eq!(cancelled["event"]["state"], "CANCELLED", "a report does not hinder that");
    assert_eq!(world(&host).await, [30, 0, 0, 0], "they were written before");
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_nobody_reviewed_in_time_is_seen_by_staff_and_its_report_waits_for_them() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let input = evening_at_school(&anyone, "an evening without review", json!({ "submit": true })).await;
    let event = register(&anyone, input).await;
    let host = with_secret_of(&service, &event);
    let id = event["event"]["id"].clone();
    service.clock.set(at("2021-12-11T01:59:59.999999Z"));
    assert_eq!(owing(&service).await, [Value::Null; 0]);
    service.clock.set(at("2021-12-11T02:00:00Z"));
    assert_eq!(owing(&service).await, std::slice::from_ref(&id));
    assert_eq!(standing(&host, &event).await, json!(["SUBMITTED", true, null]));
    let before = anyone.data("{ edition(year: 2021) { total { byRegion { region } } } }", json!({})).await;
    let hosted = first_figure(&host, &event, "the letters of that evening", 120).await;
    assert_eq!(
        (&hosted["report"]["state"], &hosted["report"]["reviewReason"]),
        (&json!("PENDING_REVIEW"), &json!("EVENT_NOT_APPROVED"))
    );
    assert_eq!((world(&anyone).await, owing(&service).await), ([0, 120, 0, 0], vec![]));
    let more = update(&host, &hosted, "IN_ADDITION", "five more of that evening", numbers(5)).await;
    assert_eq!(more["report"]["reviewReason"], "EVENT_NOT_APPROVED");
    let guest = report("the letters of a guest").of_event(&event).letters(3).submit(&anyone).await;
    assert_eq!(user_errors(&guest), ["event NOT_FOUND"], "it does not exist for others");
    let query = "query($id: ID!) { event(id: $id) { id } eventsToReview { nodes { id endsAt } } }";
    let seen = staff.data(query, json!({ "id": id })).await;
    assert_eq!(seen["eventsToReview"]["nodes"], json!([{ "id": id, "endsAt": "2021-12-11T02:00:00Z" }]));
    assert_eq!(
        anyone.data("query($id: ID!) { event(id: $id) { id } }", json!({ "id": id })).await["event"],
        Value::Null
    );

    let review = json!({ "id": hosted["report"]["id"], "expectedRevision": 2, "decision": "ACCEPT",
        "reason": "They were there.", "idempotencyKey": "accept-that-evening" });
    assert_eq!(user_errors(&staff.change("reportReview", "report { id }", review).await), [""; 0]);
    let total = "{ edition(year: 2021) { total { letters byRegion { region letters } byOrigin { origin letters } } } }";
    let as_hidden = json!({ "letters": 125, "byRegion": [{ "region": null, "letters": 125 }],
        "byOrigin": [{ "origin": "PERSON", "letters": 125 }] });
    assert_eq!(anyone.data(total, json!({})).await["edition"]["total"], as_hidden, "{before}");
    assert_eq!(world(&anyone).await, [125, 0, 0, 0]);
    let approved = step(&staff, "eventApprove", &event, json!({})).await;
    assert_eq!(user_errors(&approved), [""; 0]);
    becomes(async || standing(&host, &event).await, json!(["REPORTED", false, 2])).await;
    becomes(async || world(&anyone).await, [125, 0, 1, 1]).await;
    assert_eq!(
        anyone.data(total, json!({})).await["edition"]["total"],
        as_hidden,
        "where it counts is settled"
    );
    assert_recounted(&service.fresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_database_knows_the_reports_of_its_hosts() {
    let service = Service::with_2021().await;
    let event = week_at_school(&service, "a school before the upgrade").await;
    let host = with_secret_of(&service, &event);
    service.clock.set(at("2021-12-10T20:00:00Z"));
    let first = first_figure(&host, &event, "the figure before the upgrade", 50).await;
    let begin = if service.fresh.url.starts_with("sqlite:") { "BEGIN IMMEDIATE" } else { "BEGIN" };
    let up = include_str!("../../migrations/2026-12-01-000120_running_reports/up.sql");
    let down = include_str!("../../migrations/2026-12-01-000120_running_reports/down.sql");
    crate::harness::run_sql(&service.fresh.url, &format!("{begin}; {down} {up} COMMIT")).await;
    let service = service.restarted().await;
    let host = with_secret_of(&service, &event);
    assert_eq!(standing(&host, &event).await, json!(["REPORTED", false, 1]), "as the version before has it");
    let twice = report("a second report of the host").of_event(&event).by_host().with(numbers(60));
    assert_eq!(user_errors(&twice.submit(&host).await), ["event EVENT_REPORTED"]);
    let later = update(&host, &first, "SO_FAR", "a figure after the upgrade", numbers(60)).await;
    assert_eq!((user_errors(&later), world(&host).await[0]), (vec![], 60));
    assert_recounted(&service.fresh).await;
}
