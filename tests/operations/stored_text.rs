//! Bounds on stored text and on the size of feeds.

use graphql_engine::EngineSettings;
use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, assert_done, assert_recounted, at, becomes, campaign_id,
    events::{approved, evening_at_school, register, step},
    letters, number, user_errors, with, with_engine,
};

/// The longest file of events.
const MAX_FILE: usize = 4 << 20;
/// As many sessions as an event may have.
const MAX_SESSIONS: usize = 60;

/// Canada's campaign without reviews, so that what strangers say is for everyone at once.
async fn without_reviews(service: &Service) {
    let campaign = json!({ "id": campaign_id(&service.anyone(), "ca").await, "expectedRevision": 1,
        "reviewsEvents": false, "boundsEvents": false });
    assert_done(&service.administrator().change("campaignUpdate", "campaign { id }", campaign).await);
}

/// As many sessions as there may be, each on a day of its own.
fn sessions(month: u32) -> Vec<Value> {
    let days = (0..MAX_SESSIONS).map(|number| (number / 4 + 1, 5 * (number % 4) + 3));
    let session = |(day, hour): (usize, usize)| {
        json!({ "localStart": format!("2021-{month:02}-{day:02}T{hour:02}:00"),
            "localEnd": format!("2021-{month:02}-{day:02}T{:02}:00", hour + 1) })
    };
    days.map(session).collect()
}

async fn get(service: &Service, path: &str) -> String {
    let answer = reqwest::get(format!("http://{}{path}", service.address)).await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_events_is_never_longer_than_its_bound_and_has_those_that_begin_last() {
    let service = Service::with_2021().await;
    without_reviews(&service).await;
    let anyone = service.anyone();
    // Each of them is 60 entries of 4 kB, or was 60 of 80 kB.
    for number in 0..20 {
        let (month, description) = (1 + number / 2, "🕯".repeat(20_000));
        let more = json!({ "title": format!("The long event {number:02}"), "description": description,
            "sessions": sessions(month), "submit": true });
        let key = format!("the longest event of all {number}");
        assert_done(&register(&anyone, evening_at_school(&anyone, &key, more).await).await);
    }
    let calendar = get(&service, "/events.ics").await.replace("\r\n ", "");
    assert!(calendar.len() <= MAX_FILE && calendar.len() > MAX_FILE / 2, "{}", calendar.len());
    let has = |number: u32| calendar.contains(&format!("SUMMARY:The long event {number:02}"));
    assert!(has(19) && has(18) && !has(0), "those that begin last are there");
    let more = "Those of one section: https://w4r.example/events.ics?section=CODE";
    assert!(calendar.contains(more) && calendar.contains("🕯…"), "{}", &calendar[..1_000]);
    assert!(calendar.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    let of_section = get(&service, "/events.ics?section=pl").await;
    assert!(!of_section.contains("Those of one section"), "nothing is left out of that");
    let map: Value = serde_json::from_str(&get(&service, "/events.geojson").await).expect("JSON");
    assert_eq!(map["features"].as_array().expect("features").len(), 20);
    assert_eq!((&map["complete"], &map["more"]), (&Value::Null, &Value::Null));
    let listed = anyone.data("{ events(first: 1) { nodes { id } } }", json!({})).await;
    let id = listed["events"]["nodes"][0]["id"].as_str().expect("an id").to_owned();
    assert!(get(&service, &format!("/events/{id}.ics")).await.len() < 400_000);
}

/// Somebody behind a proxy, at this address.
async fn ask_from(service: &Service, address: &str, input: &Value, mutation: &str) -> Value {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document =
        format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code path }} }} }}");
    let body = json!({ "query": document, "variables": { "input": input } });
    let request = reqwest::Client::new()
        .post(format!("http://{}/graphql", service.address))
        .header("x-forwarded-for", address)
        .json(&body);
    request.send().await.expect("an answer").json().await.expect("JSON")
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("NONE")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_a_daily_budget_of_stored_text() {
    let client_ip_header = Some("x-forwarded-for".parse().expect("a header"));
    let settings = with_engine(EngineSettings {
        stored_text_bytes_per_day: 10_000,
        client_ip_header,
        ..EngineSettings::default()
    });
    let service = Service::with_2021_within(settings).await;
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, "ca").await;
    let note = "🕯".repeat(500);
    let report = |key: usize, more: Value| {
        let report = json!({ "campaign": campaign, "idempotencyKey": format!("a-report-with-a-note-{key}"),
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": 3 }] });
        with(report, more)
    };
    for key in 0..5 {
        let answer =
            ask_from(&service, "192.0.2.1", &report(key, json!({ "staffNote": note })), "reportSubmit").await;
        assert_eq!(code(&answer), "NONE", "{answer:#}");
    }
    let refused =
        ask_from(&service, "192.0.2.1", &report(5, json!({ "staffNote": note })), "reportSubmit").await;
    assert_eq!(code(&refused), "RATE_LIMITED", "{refused:#}");
    assert!(refused["errors"][0]["extensions"]["retryAfter"].as_u64().is_some_and(|wait| wait > 60));
    // Whatever it is that has text; letters without a note are counted as ever.
    let event = evening_at_school(&anyone, "one text too many", json!({})).await;
    assert_eq!(code(&ask_from(&service, "192.0.2.1", &event, "eventRegister").await), "RATE_LIMITED");
    let person = json!({ "campaign": campaign, "idempotencyKey": "a-person-too-many-1", "displayName": "Ada",
        "email": "ada@example.org", "roles": ["WRITER"] });
    assert_eq!(code(&ask_from(&service, "192.0.2.1", &person, "participantRegister").await), "RATE_LIMITED");
    let plain = ask_from(&service, "192.0.2.1", &report(6, json!({})), "reportSubmit").await;
    assert_eq!(plain["data"]["reportSubmit"]["userErrors"], json!([]), "{plain:#}");
    // Another address, and staff, are others.
    let elsewhere =
        ask_from(&service, "192.0.2.2", &report(7, json!({ "staffNote": note })), "reportSubmit").await;
    assert_eq!(elsewhere["data"]["reportSubmit"]["userErrors"], json!([]));
    let staff: Client = service.administrator();
    for key in 10..20 {
        let input = report(key, json!({ "staffNote": note }));
        let payload = staff.payload(SUBMIT, json!({ "input": input })).await;
        assert_eq!(user_errors(&payload), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_charged_as_a_whole() {
    let settings =
        with_engine(EngineSettings { stored_text_bytes_per_day: 10_000, ..EngineSettings::default() });
    let service = Service::with_2021_within(settings).await;
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, "ca").await;
    let report = |key: usize| {
        json!({ "campaign": campaign, "idempotencyKey": format!("a-report-of-a-batch-{key}"),
            "lines": [{ "kind": "APPEAL_LETTER", "quantity": 3 }], "staffNote": "a".repeat(2_000) })
    };
    let document = "mutation($input: [ReportSubmitInput!]!) { reportSubmitBatch(input: $input) { secret } }";
    let batch = |keys: std::ops::Range<usize>| json!({ "input": keys.map(report).collect::<Vec<_>>() });
    anyone.data(document, batch(0..3)).await;
    assert_eq!(anyone.fault(document, batch(3..6)).await, "RATE_LIMITED");
    anyone.data(document, batch(6..8)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_charged_like_its_original() {
    let settings =
        with_engine(EngineSettings { stored_text_bytes_per_day: 50_000, ..EngineSettings::default() });
    let service = Service::with_2021_within(settings).await;
    let anyone = service.anyone();
    let long = json!({ "description": "a".repeat(20_000) });
    let event = register(&anyone, evening_at_school(&anyone, "a long one to copy", long).await).await;
    assert_done(&event);
    let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
    let campaign = campaign_id(&anyone, "ca").await;
    let copy = |number: u32| {
        json!({ "id": event["event"]["id"], "campaign": campaign,
            "sessions": [{ "localStart": "2021-12-10T18:00", "localEnd": "2021-12-10T21:00" }],
            "idempotencyKey": format!("a-copy-of-a-long-one-{number}") })
    };
    assert_done(&organizer.change("eventCopy", "event { id }", copy(1)).await);
    let document = crate::harness::document("eventCopy", "event { id }");
    assert_eq!(organizer.fault(&document, json!({ "input": copy(2) })).await, "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_never_approved_is_deleted_a_month_after_its_end() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let (anyone, staff) = (service.anyone(), service.administrator());
    let mut all = Vec::new();
    for key in ["a draft", "one that was handed in", "one that was refused"] {
        let submit = json!({ "submit": key != "a draft" });
        let event =
            register(&anyone, evening_at_school(&anyone, &format!("of those, it is {key}"), submit).await)
                .await;
        assert_done(&event);
        if key == "one that was refused" {
            assert_done(&step(&staff, "eventReject", &event, json!({ "reason": "No." })).await);
        }
        all.push(event);
    }
    let kept = approved(&service, "one that was approved", json!({})).await;
    let count = async || number(&service.fresh.url, "SELECT COUNT(*) AS number FROM events").await;
    // The evening ends on 11 December at 2.
    service.clock.set(at("2022-01-10T01:59:59Z"));
    let late = register(&staff, evening_at_school(&anyone, "it is a late draft", json!({})).await).await;
    assert_done(&late);
    assert_eq!(count().await, 5);
    service.clock.set(at("2022-01-10T03:00:00Z"));
    becomes(count, 1).await;
    let query = "query($id: ID!) { event(id: $id) { id } }";
    for event in &all {
        let organizer = service.bearer(event["secret"].as_str().expect("a secret"));
        let data = organizer.data(query, json!({ "id": event["event"]["id"] })).await;
        assert_eq!(data["event"], Value::Null);
        let again = evening_at_school(&anyone, "of those, it is a draft", json!({ "submit": false })).await;
        assert_eq!(user_errors(&register(&anyone, again).await), ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]);
    }
    assert_eq!(
        anyone.data(query, json!({ "id": kept["event"]["id"] })).await["event"]["id"],
        kept["event"]["id"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unapproved_event_whose_host_reported_is_deleted_once_staff_have_rejected_the_report() {
    let service = Service::with_2021().await;
    service.clock.set(at("2021-12-01T12:00:00Z"));
    let (anyone, staff) = (service.anyone(), service.administrator());
    let campaign = campaign_id(&anyone, "ca").await;
    let mut events = Vec::new();
    for key in ["one of a rejected report", "one that waits for staff", "one of a report that counts"] {
        let input = evening_at_school(&anyone, key, json!({ "submit": true })).await;
        events.push(register(&anyone, input).await);
    }
    service.clock.set(at("2021-12-11T03:00:00Z"));
    let mut reports = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let host = service.bearer(event["secret"].as_str().expect("a secret"));
        let input = json!({ "campaign": campaign, "event": event["event"]["id"], "asHost": true,
            "lines": letters(5), "idempotencyKey": format!("the-report-of-the-host-{number}") });
        let reported = host.change("reportSubmit", "report { id state }", input).await;
        assert_eq!(reported["report"]["state"], "PENDING_REVIEW");
        reports.push(reported["report"]["id"].clone());
    }
    let review = async |report: &Value, decision: &str| {
        let input = json!({ "id": report, "expectedRevision": 1, "decision": decision, "reason": "We asked.",
            "idempotencyKey": format!("the-review-by-{decision}") });
        staff.change("reportReview", "report { state }", input).await
    };
    assert_done(&review(&reports[2], "ACCEPT").await);
    let ids = "SELECT COUNT(*) AS number FROM events";
    let count = async || number(&service.fresh.url, ids).await;
    service.clock.set(at("2022-01-12T12:00:00Z"));
    let another = evening_at_school(&anyone, "a draft that goes", json!({ "submit": false })).await;
    assert_done(&register(&staff, another).await);
    becomes(count, 3).await;
    assert_done(&review(&reports[0], "REJECT").await);
    service.clock.set(at("2022-01-12T13:00:01Z"));
    becomes(count, 2).await;
    let query = "query($id: ID!) { event(id: $id) { id } }";
    for (event, is_kept) in events.iter().zip([false, true, true]) {
        let id = &event["event"]["id"];
        let found = staff.data(query, json!({ "id": id })).await["event"].take();
        assert_eq!(found.is_null(), !is_kept, "{id}");
    }
    let query = "query($id: ID!) { report(id: $id) { state asHost event { id } } }";
    let left = staff.data(query, json!({ "id": reports[0] })).await["report"].take();
    assert_eq!(left, json!({ "state": "REJECTED", "asHost": false, "event": null }));
    assert_recounted(&service.fresh).await;
}
