//! Pages of cases: forward, backward, and while cases are added.

use serde_json::{Value, json};

use super::{BY_NAME, published, slugs};
use crate::harness::{Client, Service};

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $order: CaseOrder) {
    cases(filter: { edition: 2021 }, first: $first, after: $after, last: $last, before: $before,
            orderBy: $order) {
        totalCount nodes { slug } edges { cursor node { slug } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn page(client: &Client, arguments: Value) -> Value {
    client.data(PAGE, arguments).await["cases"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_right_while_cases_are_added_on_both_sides_of_the_cursor() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let one = page(&anyone, json!({ "first": 4 })).await;
    assert_eq!(slugs(&one), BY_NAME[..4]);
    assert_eq!(one["totalCount"], 10);
    assert_eq!(
        (&one["pageInfo"]["hasNextPage"], &one["pageInfo"]["hasPreviousPage"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(one["edges"][3]["cursor"], one["pageInfo"]["endCursor"]);
    assert_eq!(one["edges"][0]["cursor"], one["pageInfo"]["startCursor"]);
    published(&service, "aaron", "Aaron", json!({})).await;
    published(&service, "nobody-yet", "Nobody Yet", json!({})).await;
    let two = page(&anyone, json!({ "first": 4, "after": one["pageInfo"]["endCursor"] })).await;
    assert_eq!(slugs(&two), ["mikita-zalatarou", "mohamed-baker", "nobody-yet", "rung"]);
    assert_eq!((&two["totalCount"], &two["pageInfo"]["hasPreviousPage"]), (&json!(12), &json!(true)));
    let three = page(&anyone, json!({ "first": 4, "after": two["pageInfo"]["endCursor"] })).await;
    assert_eq!(slugs(&three), ["sphere", "wendy-galarza", "zhang-zhan"]);
    assert_eq!(three["pageInfo"]["hasNextPage"], false);
    let end = page(&anyone, json!({ "after": three["pageInfo"]["endCursor"] })).await;
    assert_eq!(
        (slugs(&end).len(), &end["pageInfo"]["endCursor"], &end["totalCount"]),
        (0, &Value::Null, &json!(12))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_backwards_from_the_end_and_meet_the_beginning() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let mut seen = Vec::new();
    let mut before = Value::Null;
    loop {
        let page = page(&anyone, json!({ "last": 3, "before": before })).await;
        let mut slugs = slugs(&page);
        assert_eq!(page["pageInfo"]["hasNextPage"], !seen.is_empty());
        slugs.append(&mut seen);
        seen = slugs;
        before = page["pageInfo"]["startCursor"].clone();
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(seen, BY_NAME);
    let between = page(&anyone, json!({ "first": 3 })).await;
    let between = json!({ "after": between["edges"][0]["cursor"], "before": between["edges"][2]["cursor"] });
    assert_eq!(slugs(&page(&anyone, between).await), ["ciham-ali"]);
    assert_eq!(slugs(&page(&anyone, json!({})).await), BY_NAME, "20 fit on a page unless it is said");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_page_is_refused() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let by_name = page(&anyone, json!({ "first": 1 })).await["pageInfo"]["endCursor"].clone();
    for arguments in [
        json!({ "first": -1 }),
        json!({ "first": -1 }),
        json!({ "first": 101 }),
        json!({ "last": 101 }),
        json!({ "first": 1, "last": 1 }),
        json!({ "after": "nonsense" }),
        json!({ "before": "" }),
        json!({ "after": by_name, "order": "COUNTRY" }),
    ] {
        assert_eq!(anyone.fault(PAGE, arguments.clone()).await, "BAD_USER_INPUT", "{arguments}");
    }
}
