//! Response cache: a response is reused while it is current, and never longer.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Service, at, campaign_id, case_to_change, report, scrape_metrics, with};

const TOTAL: &str = "{ edition(year: 2021) { total { letters version } } }";

/// Reports a letter: the version of the total that has it.
async fn count_a_letter(service: &Service, campaign: &Value) -> u64 {
    let one = report(&Uuid::new_v4().to_string()).letters(1).with(json!({ "campaign": campaign }));
    one.done(&service.anyone()).await["version"].as_u64().expect("a version")
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
async fn a_query_after_an_acknowledged_report_includes_it() {
    let service = Service::with_2021().await;
    let campaign = campaign_id(&service.anyone(), "ca").await;
    for _ in 0..20 {
        let (reader, version) = (service.anyone(), count_a_letter(&service, &campaign).await);
        // At the same moment, so that some of them find the answer in the making.
        let answers = futures_util::future::join_all((0..10).map(|_| reader.data(TOTAL, json!({})))).await;
        for answer in answers {
            let total = &answer["edition"]["total"];
            assert_eq!(total["version"], json!(version));
            assert_eq!(total["letters"], json!(version), "each report here has one letter");
        }
    }
}

/// How often an answer was made ahead of a count, and how often for somebody who asked.
async fn made(service: &Service) -> (f64, f64) {
    let meters = scrape_metrics(service).await;
    let asked = meters[r#"w4r_response_cache_requests_total{result="miss"}"#];
    (meters["w4r_response_cache_precomputed_total"], asked)
}

#[tokio::test]
async fn a_frequent_query_is_precomputed() {
    let service = Service::with_2021().await;
    let reader = service.anyone();
    let campaign = campaign_id(&reader, "ca").await;
    three_times(&reader, TOTAL).await;
    let counted = async || reader.data(TOTAL, json!({})).await["edition"]["total"]["version"].clone();
    // It was asked for when it was past; that somebody else cares is seen only when it is given again.
    count_a_letter(&service, &campaign).await;
    assert_eq!((counted().await, counted().await), (json!(1), json!(1)));
    let (ahead, asked) = made(&service).await;
    for version in 2..5 {
        assert_eq!(count_a_letter(&service, &campaign).await, version);
        assert_eq!(counted().await, json!(version));
    }
    assert_eq!(made(&service).await, (ahead + 3.0, asked), "nobody had to wait for it");
    // The last one was given; the one after it is not, and nobody makes a third.
    count_a_letter(&service, &campaign).await;
    count_a_letter(&service, &campaign).await;
    assert_eq!(made(&service).await, (ahead + 4.0, asked));
    assert_eq!(counted().await, json!(6));
    assert_eq!(made(&service).await, (ahead + 4.0, asked + 1.0));
}

#[tokio::test]
async fn a_short_response_is_precomputed_and_a_long_one_is_not() {
    for (times, is_short) in [(1, true), (7, false)] {
        let service = Service::with_2021().await;
        let reader = service.anyone();
        let campaign = campaign_id(&reader, "ca").await;
        let texts: String =
            (0..times).map(|time| format!("text{time}: text {{ language title summary ask }} ")).collect();
        let question = format!(
            "{{ cases(filter: {{ edition: 2021 }}, first: 10) {{ nodes {{ id slug name country state {texts} total {{ letters actions version }} }} }} }}"
        );
        let answer = three_times(&reader, &question).await.to_string();
        assert_eq!(answer.len() < 16 << 10, is_short, "{}", answer.len());
        for _ in 0..2 {
            count_a_letter(&service, &campaign).await;
            three_times(&reader, &question).await;
        }
        assert_eq!(made(&service).await.0, if is_short { 1.0 } else { 0.0 });
    }
}

#[tokio::test]
async fn eight_responses_are_precomputed_and_no_ninth() {
    let service = Service::with_2021().await;
    let reader = service.anyone();
    let campaign = campaign_id(&reader, "ca").await;
    for _ in 0..2 {
        for number in 0..9 {
            three_times(&reader, &format!("query Total{number} {TOTAL}")).await;
        }
        count_a_letter(&service, &campaign).await;
    }
    assert_eq!(made(&service).await.0, 8.0);
}

#[tokio::test]
async fn only_responses_from_memory_that_contain_totals_are_precomputed() {
    let service = Service::with_2021().await;
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let case = "{ cases(filter: { edition: 2021 }, first: 1) { nodes { name text { title } } } }";
    let events =
        "{ edition(year: 2021) { total { version } } events(filter: { edition: 2021 }) { nodes { id } } }";
    let history = "{ edition(year: 2021) { total { version } history(resolution: HOUR) { version } } }";
    for question in [case, events, history] {
        let reader = service.anyone();
        three_times(&reader, question).await;
        let (ahead, _) = made(&service).await;
        for _ in 0..3 {
            count_a_letter(&service, &campaign).await;
            three_times(&reader, question).await;
        }
        assert_eq!(made(&service).await.0, ahead, "{question}");
    }
    // It is asked for again when it is past, but not because of a count.
    let (reader, staff) = (service.anyone(), service.administrator());
    let input = with(case_to_change(&staff, "rung").await, json!({ "reason": "A threat." }));
    staff.change("caseSuspend", "case { id }", input).await;
    three_times(&reader, case).await;
    let (ahead, _) = made(&service).await;
    count_a_letter(&service, &campaign).await;
    assert_eq!(made(&service).await.0, ahead);
}

#[tokio::test]
async fn a_precomputed_response_has_no_address_of_a_case_that_was_suspended_since() {
    let service = Service::with_2021().await;
    let (reader, staff) = (service.anyone(), service.administrator());
    let campaign = campaign_id(&reader, "ca").await;
    let question = "{ case(edition: 2021, slug: \"rung\") { total { version } authorities { address { lines restrictions } } } }";
    for version in 0..3 {
        let case = three_times(&reader, question).await["case"].clone();
        assert_eq!(case["total"]["version"], version);
        assert!(case["authorities"][0]["address"]["lines"].is_array(), "{case}");
        count_a_letter(&service, &campaign).await;
    }
    assert_eq!(made(&service).await.0, 2.0, "that of the last report is ready");
    let input = with(case_to_change(&staff, "rung").await, json!({ "reason": "A threat." }));
    staff.change("caseSuspend", "case { id }", input).await;
    for version in 3..6 {
        let after = three_times(&reader, question).await;
        assert_eq!(after["case"]["total"]["version"], version);
        assert_eq!(after["case"]["authorities"][0]["address"], Value::Null);
        count_a_letter(&service, &campaign).await;
    }
    assert_eq!(made(&service).await.0, 5.0, "those of the new catalogue too");
}

#[tokio::test]
async fn a_costly_query_is_not_precomputed_even_if_its_response_is_short() {
    let price = async |times: usize| {
        let service = Service::with_2021().await;
        let reader = service.anyone();
        let campaign = campaign_id(&reader, "ca").await;
        let first = times * 2;
        let question = format!(
            "{{ cases(filter: {{ edition: 2021 }}, first: {first}) {{ nodes {{ id name country state total {{ version }} }} }} }}"
        );
        let answer = reader.ask(&question, json!({})).await;
        for _ in 0..2 {
            three_times(&reader, &question).await;
            count_a_letter(&service, &campaign).await;
        }
        (answer["extensions"]["cost"]["requested"].as_u64().expect("points"), made(&service).await.0)
    };
    let (cheap, dear) = (price(5).await, price(50).await);
    assert!(cheap.0 <= 500 && dear.0 > 500, "{cheap:?}, {dear:?}");
    assert_eq!((cheap.1, dear.1), (1.0, 0.0));
}

#[tokio::test]
async fn a_precomputed_response_is_in_the_requested_language() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let texts = json!([{ "language": "en", "title": "A" }, { "language": "fr", "title": "B" }]);
    let input = with(case_to_change(&staff, "rung").await, json!({ "texts": texts }));
    staff.change("caseUpdate", "case { id }", input).await;
    let question = "{ case(edition: 2021, slug: \"rung\") { text { title } total { version } } }";
    for version in 0..3 {
        for (language, title) in [("en", "A"), ("fr", "B")] {
            let reader = service.anyone().reading(language);
            let told = json!({ "text": { "title": title }, "total": { "version": version } });
            assert_eq!(three_times(&reader, question).await["case"], told);
        }
        count_a_letter(&service, &campaign).await;
    }
    assert_eq!(made(&service).await.0, 4.0, "those of the last two reports");
}

/// Whoever reads while reports come in sees versions that only grow, and each has its own letters.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_concurrent_reader_never_sees_a_version_go_back() {
    const REPORTS: u64 = 100;
    let service = Service::with_2021().await;
    let campaign = campaign_id(&service.anyone(), "ca").await;
    let read = async |reader: &Client| {
        let total = reader.data(TOTAL, json!({})).await["edition"]["total"].clone();
        assert_eq!(total["letters"], total["version"], "each report here has one letter");
        total["version"].as_u64().expect("a version")
    };
    let follow = async || {
        let reader = service.anyone();
        let mut seen = 0;
        while seen < REPORTS {
            let version = read(&reader).await;
            assert!(version >= seen, "{version} after {seen}");
            seen = version;
        }
    };
    let write = async {
        let reader = service.anyone();
        for _ in 0..REPORTS {
            let version = count_a_letter(&service, &campaign).await;
            assert_eq!(read(&reader).await, version, "an acknowledged report is seen");
        }
    };
    tokio::join!(write, follow(), follow(), follow(), follow());
}

#[tokio::test]
async fn a_response_that_depends_on_the_clock_changes_at_its_instant() {
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
async fn a_cached_response_is_not_shared_between_viewers_with_different_rights() {
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
    staff.change("caseUpdate", "case { id }", input).await;
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
async fn the_current_time_is_never_cached() {
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
    count_a_letter(&service, &campaign).await;
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
async fn a_cached_response_is_compressed_once_and_counts_toward_the_cache_size() {
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
    let room = async || scrape_metrics(&service).await["w4r_response_cache_bytes"];
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
