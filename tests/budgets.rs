//! What an operation costs, and what is left to whoever asks.

use graphql::server::Settings;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{PATIENCE, Service, campaign_id};

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
async fn an_answer_tells_its_cost_and_where_points_are_counted_what_is_left() {
    let service = Service::with_2021().await;
    let answer = service.anyone().ask(HUNDRED, json!({})).await;
    assert_eq!(cost(&answer)["limit"], 10_000);
    assert_eq!(cost(&answer).as_object().map(serde_json::Map::len), Some(2), "{answer:#}");
    let requested = cost(&answer)["requested"].as_u64().expect("a cost");

    let service =
        Service::with_2021_within(Settings { points_a_minute: 10_000, ..Settings::default() }).await;
    // What is kept is made anew after the recount with which a service begins.
    timeout(PATIENCE, async { while !is_recounted(&service).await {} }).await.expect("a recount");
    let now = Timestamp::now();
    let left = |answer: &Value| cost(answer)["remaining"].as_u64().expect("what is left");
    // Somebody asked whether the service is there, and that may not have leaked yet.
    let mut before = left(&service.anyone().ask("{ __typename }", json!({})).await);
    // From the second time on the answer is at hand, and costs no more than looking at the question; the
    // third time at the body.
    for most in [requested + 1, 1, 1] {
        let answer = service.anyone().ask(HUNDRED, json!({})).await;
        assert_eq!(
            (&cost(&answer)["requested"], &cost(&answer)["limit"]),
            (&json!(requested), &json!(10_000))
        );
        let remaining = left(&answer);
        assert!((before - most..=10_000).contains(&remaining), "{answer:#}");
        let reset_at: Timestamp =
            cost(&answer)["resetAt"].as_str().and_then(|at| at.parse().ok()).expect("when");
        assert!(reset_at.as_second() >= now.as_second(), "{answer:#}");
        before = remaining;
    }
    let refused = service.anyone().ask("{", json!({})).await;
    assert_eq!(refused.get("extensions"), None, "what did not get as far as a cost has none");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_beyond_what_is_left_does_not_run() {
    let service = Service::with_2021_within(Settings { points_a_minute: 300, ..Settings::default() }).await;
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
    assert_eq!(error["message"], "Too much was asked for from this address. Please wait a little.");
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
