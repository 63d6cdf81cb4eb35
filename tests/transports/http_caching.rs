//! HTTP caching of GET requests: what browsers and CDNs may store.

use crate::harness::Service;

async fn kept(service: &Service, query: &str) -> String {
    let url = format!("http://{}/graphql", service.address);
    let answer = reqwest::Client::new().get(url).query(&[("query", query)]).send().await.expect("an answer");
    let policy = answer.headers().get("cache-control").expect("a policy").to_str().expect("text").to_owned();
    let body: serde_json::Value = answer.json().await.expect("JSON");
    assert!(body.get("errors").is_none(), "{body:#}");
    policy
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_response_may_be_cached_briefly_and_one_with_an_address_never() {
    let service = Service::with_2021().await;
    let total = "{ edition(year: 2021) { total { letters } } }";
    assert!(kept(&service, total).await.starts_with("public, max-age="));
    for address in [
        "{ cases(first: 1) { nodes { authorities { address { lines restrictions } } } } }",
        "{ cases(first: 1) { nodes { solidarity { address { lines restrictions } } } } }",
        "{ resources(first: 1) { nodes { url } } }",
        "{ urgentActions(first: 1) { nodes { authorities { address { lines restrictions } } } } }",
    ] {
        assert_eq!(kept(&service, address).await, "private, no-store");
    }
}
