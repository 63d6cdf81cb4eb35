//! Query cost: what an operation costs, the limit of a request, and the budget of an address.

use graphql::server::{Settings, examples};
use graphql_engine::EngineSettings;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{PATIENCE, Service, campaign_id, with_engine};

/// Costs 1 for the list, and 2 for each of a hundred entries.
const HUNDRED: &str = "{ cases(first: 100) { nodes { id } } }";

fn cost(answer: &Value) -> &Value {
    &answer["extensions"]["cost"]
}

async fn is_recounted(service: &Service) -> bool {
    let meters = reqwest::get(format!("http://{}/metrics", service.address)).await.expect("an answer");
    meters.text().await.expect("text").contains("\nw4r_recount_matches{")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_has_its_cost_and_below_half_the_remaining_budget() {
    let service = Service::with_2021().await;
    let answer = service.anyone().ask(HUNDRED, json!({})).await;
    assert_eq!(cost(&answer)["limit"], 10_000);
    assert_eq!(cost(&answer).as_object().map(serde_json::Map::len), Some(2), "{answer:#}");
    let requested = cost(&answer)["requested"].as_u64().expect("a cost");

    // Half of the points are those of five such questions.
    let cost_per_minute = u32::try_from(10 * requested).expect("a number");
    let settings = with_engine(EngineSettings { cost_per_minute, ..EngineSettings::default() });
    let service = Service::with_2021_within(settings).await;
    // What is kept is made anew after the recount with which a service begins.
    timeout(PATIENCE, async { while !is_recounted(&service).await {} }).await.expect("a recount");
    let now = Timestamp::now();
    let left = |answer: &Value| cost(answer)["remaining"].as_u64();
    let plenty = service.anyone().ask(HUNDRED, json!({})).await;
    assert_eq!(left(&plenty), None, "{plenty:#}");
    let mut before = None;
    for number in 0..8 {
        let other = HUNDRED.replace("cases", &format!("a{number}: cases"));
        before = left(&service.anyone().ask(&other, json!({})).await);
    }
    let mut before = before.expect("less than half is left");
    // From the second time on the answer is at hand, and costs no more than looking at the question; the
    // third time at the body.
    for most in [1, 1, 1] {
        let answer = service.anyone().ask(HUNDRED, json!({})).await;
        assert_eq!(
            (&cost(&answer)["requested"], &cost(&answer)["limit"]),
            (&json!(requested), &json!(10_000))
        );
        let remaining = left(&answer).expect("what is left");
        assert!((before - most..=u64::from(cost_per_minute)).contains(&remaining), "{answer:#}");
        let reset_at: Timestamp =
            cost(&answer)["resetAt"].as_str().and_then(|at| at.parse().ok()).expect("when");
        assert!(reset_at.as_second() >= now.as_second(), "{answer:#}");
        before = remaining;
    }
    let refused = service.anyone().ask("{", json!({})).await;
    assert_eq!(refused.get("extensions"), None, "what did not get as far as a cost has none");
}

/// What the operation of an example costs, with 1 for being looked at.
async fn example(service: &Service, name: &str) -> u64 {
    let example = examples().into_iter().find(|example| example.query.contains(name)).expect("an example");
    let client = service.administrator();
    let variables = if name == "ReportLetters" {
        let campaign = campaign_id(&client, "ca").await;
        let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 3 }]);
        json!({ "input": { "campaign": campaign, "idempotencyKey": "a-report-of-its-own", "lines": lines } })
    } else {
        json!({})
    };
    let answer = client.ask(example.query, variables).await;
    1 + cost(&answer)["requested"].as_u64().unwrap_or_else(|| panic!("{name}: {answer:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_an_address_has_points_for_a_school_and_none_for_a_script() {
    let service = Service::with_2021().await;
    let each = example(&service, "CasesOfAnEdition").await
        + example(&service, "TheTotalInAllItsParts").await
        + example(&service, "EventsNearToronto").await
        + example(&service, "ReportLetters").await;
    let points = u64::from(EngineSettings::default().cost_per_minute);
    let people = points / each;
    assert!(people >= 200, "{people} people may read, search and report in a minute, at {each} points each");
    assert!(
        points / (EngineSettings::default().query_limits.max_cost as u64) <= 30,
        "that many times what one may ask for"
    );
    // Of what was asked before each pays for looking at it, and a report is always a new one.
    let again = 3 + example(&service, "ReportLetters").await;
    assert!(points / again >= 2_000, "{again} points each");

    let service = Service::with_2021_within(Settings::default()).await;
    let fields: String = (0..45).map(|n| format!("f{n}: slug ")).collect();
    let mut answered = 0;
    loop {
        // Another document each time: what is at hand costs little to give, and is given.
        let heavy = format!(
            "{{ a{answered}: cases(first: 100) {{ nodes {{ {fields} }} }} \
            b: cases(first: 100) {{ nodes {{ {fields} }} }} }}"
        );
        let answer = service.anyone().ask(&heavy, json!({})).await;
        if answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED" {
            break;
        }
        assert!(answer["data"].is_object(), "{answer:#}");
        answered += 1;
        assert!(answered < 1_000, "it goes on");
    }
    assert!(answered >= 30, "{answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_beyond_what_is_left_does_not_run() {
    let settings = with_engine(EngineSettings { cost_per_minute: 300, ..EngineSettings::default() });
    let service = Service::with_2021_within(settings).await;
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, "ca").await;
    anyone.data(HUNDRED, json!({})).await;
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": 3 }]);
    let report = |number: usize| json!({ "campaign": campaign, "idempotencyKey": format!("a-report-of-many-{number}"), "lines": lines });
    let reports: Vec<_> = (0..200).map(report).collect();
    let submit = "mutation($input: [ReportSubmitInput!]!) { reportSubmitBatch(input: $input) { replayed } }";
    let refused = anyone.ask(submit, json!({ "input": reports })).await;
    let error = &refused["errors"][0];
    assert_eq!(error["extensions"]["code"], "RATE_LIMITED", "{refused:#}");
    assert!(error["extensions"]["retryAfter"].as_u64().is_some_and(|wait| wait > 0));
    assert_eq!(error["message"], "The rate limit of this address is exceeded. Please wait a little.");
    let total = anyone.data("{ edition(year: 2021) { total { letters } } }", json!({})).await;
    assert_eq!(total["edition"]["total"]["letters"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operations_of_a_batch_share_what_one_may_cost() {
    let service = Service::with_2021().await;
    let heavy = |name: &str| {
        let fields: String = (0..20).map(|n| format!("{name}{n}: slug ")).collect();
        json!({ "query": format!("{{ cases(first: 100) {{ nodes {{ {fields} }} }} }}") })
    };
    let batch: Vec<_> = ["a", "b", "c", "d", "e", "f", "g"].map(heavy).into();
    let answers = service.anyone().post(&json!(batch)).await;
    let answers = answers.as_array().expect("a batch");
    let (answered, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer["data"].is_object());
    assert_eq!((answered.len(), refused.len()), (4, 3), "2,101 points each, of 10,000: {answers:#?}");
    for answer in refused {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
        assert_eq!(
            answer["errors"][0]["message"],
            "The operations of this request cost more than 10000 together."
        );
    }
    for (name, one) in ["a", "b", "c", "d", "e", "f", "g"].into_iter().zip(batch) {
        assert!(service.anyone().post(&one).await["data"].is_object(), "{name} alone");
    }
}
