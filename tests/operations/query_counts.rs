//! Number of SQL statements of a query: constant in the number of events.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde_json::json;

use crate::harness::{Client, Service, events::approved, number, run_sql};

/// A page of events with what a partner site shows of each.
const PAGE: &str = "nodes { id title startsAt going freePlaces organizerName
    place { locality region country coordinates { latitude longitude } }
    sessions { startsAt endsAt } campaign { section { code name } }
    cases { case { id name country total { letters } } letterGoal }
    total { letters } } pageInfo { hasNextPage endCursor }";
/// As many events as one country had in 2017.
const EVENTS: i64 = 1_500;

/// How many statements the service has given to its database.
async fn statements(service: &Service) -> u64 {
    let page = reqwest::get(format!("http://{}/metrics", service.address)).await.expect("an answer");
    let page = page.text().await.expect("text");
    let line = page.lines().find_map(|line| line.strip_prefix("w4r_database_statements_total "));
    line.expect("a meter").parse().expect("a number")
}

/// How many statements something takes. The service also looks at its database by itself, so that only
/// the least of several tries is that alone.
async fn taken(service: &Service, ask: impl AsyncFn(usize)) -> u64 {
    let mut least = u64::MAX;
    for turn in 0..8 {
        let before = statements(service).await;
        ask(turn).await;
        least = least.min(statements(service).await - before);
    }
    least
}

/// Gives every event a twin until there are so many.
async fn multiply(service: &Service, events: i64) {
    let url = &service.fresh.url;
    let fresh_id = if url.starts_with("sqlite:") { "randomblob(16)" } else { "gen_random_uuid()" };
    loop {
        let there = number(url, "SELECT COUNT(*) AS number FROM events").await;
        if there >= events {
            return;
        }
        let more = there.min(events - there);
        run_sql(
            url,
            &format!(
                "CREATE TABLE twins AS SELECT * FROM events LIMIT {more};
                 UPDATE twins SET id = {fresh_id};
                 INSERT INTO events SELECT * FROM twins;
                 INSERT INTO event_sessions (event_id, starts_at, starts_on, ends_on)
                     SELECT id, starts_at, '2021-12-10', '2021-12-10' FROM twins;
                 INSERT INTO report_reminders SELECT id, starts_at FROM twins;
                 DROP TABLE twins;"
            ),
        )
        .await;
    }
}

/// What is asked: a name, who asks, and the question.
fn questions(service: &Service) -> Vec<(&'static str, Client, String)> {
    let (anyone, staff) = (service.anyone(), service.administrator());
    let near = "near: { latitude: 43.65, longitude: -79.38, radiusKm: 50 }";
    vec![
        ("a page", anyone.clone(), format!("events(first: 20) {{ {PAGE} }}")),
        (
            "a search",
            anyone.clone(),
            format!(
                "events(first: 20, filter: {{ edition: 2021, section: \"ca\", from: \"2021-12-10\",
                    language: \"en\", venueKinds: [SCHOOL], hasFreePlaces: true, text: \"elm\" }}) {{ {PAGE} }}"
            ),
        ),
        (
            "near, by distance",
            anyone.clone(),
            format!("events(first: 20, orderBy: DISTANCE, filter: {{ {near} }}) {{ {PAGE} }}"),
        ),
        ("near, by start", anyone, format!("events(first: 20, filter: {{ {near} }}) {{ {PAGE} }}")),
        ("to review", staff.clone(), format!("eventsToReview(first: 20) {{ {PAGE} }}")),
        ("owing a report", staff, format!("eventsAwaitingReport(edition: 2021, first: 20) {{ {PAGE} }}")),
    ]
}

/// The statements of each question, and how many events its page had. Each document is a new one: an
/// answer that is kept costs nothing.
async fn measured(service: &Service) -> Vec<(&'static str, u64, usize)> {
    let all = number(&service.fresh.url, "SELECT COUNT(*) AS number FROM events").await;
    let mut measured = Vec::new();
    for (name, client, question) in questions(service) {
        let shown = AtomicUsize::new(0);
        let statements = taken(service, async |turn| {
            let page =
                client.data(&format!("{{ page: {question} a{all}x{turn}: __typename }}"), json!({})).await;
            shown.store(page["page"]["nodes"].as_array().expect("a page").len(), Relaxed);
        })
        .await;
        measured.push((name, statements, shown.into_inner()));
    }
    measured
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_takes_as_many_statements_of_1500_events_as_of_five() {
    let service = Service::with_2021().await;
    let cases =
        service.anyone().data("{ cases(filter: { edition: 2021 }, first: 3) { nodes { id } } }", json!({}));
    let cases = cases.await["cases"]["nodes"].take();
    let about: Vec<_> =
        cases.as_array().expect("cases").iter().map(|case| json!({ "case": case["id"] })).collect();
    for event in 0..5 {
        let more = json!({ "cases": about, "capacity": 20 + event });
        approved(&service, &format!("the event with number {event}"), more).await;
    }
    let url = &service.fresh.url;
    // One waits for review, and two were held. Whoever owes a report has been reminded: the service would
    // be busy with that for as long as this looks.
    run_sql(
        url,
        "UPDATE events SET review_pending = TRUE, review_requested_at = updated_at WHERE capacity = 20;
         UPDATE events SET state = 'COMPLETED' WHERE capacity IN (21, 22);
         INSERT INTO report_reminders SELECT id, starts_at FROM events;",
    )
    .await;
    service.clock.set(crate::harness::at("2021-12-20T12:00:00Z"));
    let of_few = measured(&service).await;
    multiply(&service, EVENTS).await;
    let of_many = measured(&service).await;
    for ((name, few, _), (_, many, shown)) in of_few.into_iter().zip(of_many) {
        assert_eq!(shown, 20, "{name}");
        assert_eq!(few, many, "{name}");
        assert!(many <= 3, "{name} takes {many} statements");
    }
}
