//! Answers are given again while they hold, and never longer.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Client, SUBMIT, Service, at, campaign_id, case_to_change, with},
    metrics::meters,
};

const TOTAL: &str = "{ edition(year: 2021) { total { letters version } } }";

async fn report(service: &Service, campaign: &Value) -> u64 {
    let input = json!({
        "campaign": campaign,
        "idempotencyKey": Uuid::new_v4().to_string(),
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 1 }],
    });
    let payload = service.anyone().payload(SUBMIT, json!({ "input": input })).await;
    payload["version"].as_u64().expect("a version")
}

/// The data of an answer that is made the first time, found the second, and by then known by the body alone.
async fn three_times(client: &Client, question: &str) -> Value {
    let first = client.data(question, json!({})).await;
    for _ in 0..2 {
        assert_eq!(client.data(question, json!({})).await, first);
    }
    first
}

#[tokio::test]
async fn whoever_asks_after_a_report_was_acknowledged_sees_it() {
    let service = Service::with_2021().await;
    let campaign = campaign_id(&service.anyone(), "ca").await;
    for _ in 0..20 {
        let (reader, version) = (service.anyone(), report(&service, &campaign).await);
        // At the same moment, so that some of them find the answer in the making.
        let answers = futures_util::future::join_all((0..10).map(|_| reader.data(TOTAL, json!({})))).await;
        for answer in answers {
            let total = &answer["edition"]["total"];
            assert_eq!(total["version"], json!(version));
            assert_eq!(total["letters"], json!(version), "each report here has one letter");
        }
    }
}

#[tokio::test]
async fn what_the_clock_alone_changes_changes_at_its_instant() {
    let service = Service::with_2021().await;
    let phase = "{ campaign(edition: 2021, section: \"ca\") { phase total { status } } }";
    let reader = service.anyone();
    let before = reader.data(phase, json!({})).await;
    assert_eq!(before["campaign"], json!({ "phase": "OPEN", "total": { "status": "PROVISIONAL" } }));
    service.clock.set(at("2022-02-01T04:59:59.999999Z"));
    assert_eq!(reader.data(phase, json!({})).await, before);
    service.clock.set(at("2022-02-01T05:00:00Z"));
    assert_ne!(reader.data(phase, json!({})).await, before);
    service.clock.set(at("2022-02-01T04:59:59.999999Z"));
    assert_eq!(reader.data(phase, json!({})).await, before, "a clock can also be put back");
}

#[tokio::test]
async fn a_change_of_the_catalogue_shows_at_once() {
    let service = Service::with_2021().await;
    let (reader, staff) = (service.anyone(), service.administrator());
    let state =
        "{ case(edition: 2021, slug: \"rung\") { state authorities { address { lines restrictions } } } }";
    assert_eq!(three_times(&reader, state).await["case"]["state"], "PUBLISHED");
    let input = with(case_to_change(&staff, "rung").await, json!({ "reason": "A threat." }));
    staff.change("caseSuspend", "case { id }", input).await;
    let after = three_times(&reader, state).await;
    assert_eq!(after["case"]["state"], "SUSPENDED");
    assert_eq!(after["case"]["authorities"].as_array().map_or(0, Vec::len), 1);
    assert_eq!(after["case"]["authorities"][0]["address"], Value::Null);
}

#[tokio::test]
async fn what_one_reader_is_given_is_not_given_to_another_who_may_see_something_else() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let create = json!({
        "edition": service.anyone().data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"],
        "slug": "draft", "name": "A Draft", "country": "PL", "kind": "PERSON",
    });
    let count = "{ cases(filter: { edition: 2021 }, first: 100) { nodes { id } } }";
    let number = |data: Value| data["cases"]["nodes"].as_array().map(Vec::len);
    assert_eq!(number(three_times(&service.anyone(), count).await), Some(10));
    staff.change("caseCreate", "case { id }", create).await;
    let texts = json!([{ "language": "en", "title": "A" }, { "language": "fr", "title": "B" }]);
    let input = with(case_to_change(&staff, "rung").await, json!({ "texts": texts }));
    staff.change("caseChange", "case { id }", input).await;
    let text = "{ case(edition: 2021, slug: \"rung\") { text { language } } }";
    let french = three_times(&service.anyone().reading("fr"), text).await;
    let english = three_times(&service.anyone().reading("en"), text).await;
    assert_eq!(
        [&french["case"]["text"]["language"], &english["case"]["text"]["language"]],
        [&json!("fr"), &json!("en")]
    );
    for _ in 0..2 {
        assert_eq!(number(three_times(&staff, count).await), Some(11));
        assert_eq!(number(three_times(&service.anyone(), count).await), Some(10));
    }
}

#[tokio::test]
async fn the_time_is_told_anew_to_each_who_asks() {
    let service = Service::with_2021().await;
    let now = "{ service { now } }";
    let before = service.anyone().data(now, json!({})).await;
    service.clock.set(at("2021-12-11T00:00:01Z"));
    assert_eq!(service.anyone().data(now, json!({})).await["service"]["now"], "2021-12-11T00:00:01Z");
    assert_ne!(service.anyone().data(now, json!({})).await, before);
}

#[tokio::test]
async fn fields_come_in_the_order_in_which_they_are_asked_for() {
    let service = Service::with_2021().await;
    let campaign = campaign_id(&service.anyone(), "ca").await;
    report(&service, &campaign).await;
    // What is looked up in the database takes longer than what is in memory.
    let query = "query($now: DateTime!) {
        first: edition(year: 2021) { slow: totalAt(instant: $now) { version letters } year quick: year }
        second: service { name }
        ...Rest
        second: service { version }
      }
      fragment Rest on Query { third: edition(year: 2021) { total { recount { checkedAt } letters } id } }";
    let answer = reqwest::Client::new()
        .post(format!("http://{}/graphql", service.address))
        .json(&json!({ "query": query, "variables": { "now": "2021-12-11T00:00:00Z" } }))
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    let places: Vec<_> = [
        "\"first\"",
        "\"slow\"",
        "\"version\"",
        "\"letters\"",
        "\"year\"",
        "\"quick\"",
        "\"second\"",
        "\"name\"",
        "\"third\"",
        "\"recount\"",
    ]
    .map(|field| answer.find(field).unwrap_or_else(|| panic!("no {field} in {answer}")))
    .into();
    assert!(places.is_sorted(), "{places:?} in {answer}");
}

#[tokio::test]
async fn what_is_kept_is_packed_once_and_takes_room_for_it() {
    let service = Service::with_2021().await;
    let query = "{ cases(filter: { edition: 2021 }) { nodes { name text { summary background ask } } } }";
    let http = reqwest::Client::new();
    let ask = async |coding: &str| {
        let url = format!("http://{}/graphql", service.address);
        let request = http.post(url).json(&json!({ "query": query })).header("accept-encoding", coding);
        let answer = request.send().await.expect("an answer");
        let coded = answer.headers().get("content-encoding").map(|coding| coding.as_bytes().to_vec());
        (coded, answer.bytes().await.expect("a body"))
    };
    let room = async || meters(&service).await["w4r_kept_answers_bytes"];
    let (coding, whole) = ask("identity").await;
    assert_eq!(coding, None);
    let before = room().await;
    let (coding, packed) = ask("gzip").await;
    assert_eq!(coding.as_deref(), Some(b"gzip".as_slice()));
    assert!(packed.len() < whole.len() * 2 / 3);
    assert_eq!(room().await - before, packed.len() as f64);
    assert_eq!(ask("gzip").await.1, packed);
    assert_eq!(ask("identity").await.1, whole);
    assert_eq!(room().await - before, packed.len() as f64);
}
