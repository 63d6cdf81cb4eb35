//! Response headers that hold for every path and every client.

use reqwest::Method;

use crate::harness::Service;

/// An address of each kind, and some that do not exist.
const ADDRESSES: [&str; 24] = [
    "/",
    "/page/page.js",
    "/ticker.js",
    "/graphql",
    "/graphql?query=%7B__typename%7D",
    "/graphql/stream?query=%7B__typename%7D",
    "/graphql/ws",
    "/ide/",
    "/schema.graphql",
    "/healthz",
    "/readyz",
    "/metrics",
    "/totals/2021.json",
    "/totals/2021/ca.json",
    "/totals/1961.json",
    "/events.ics",
    "/events.ics?edition=many",
    "/events.geojson",
    "/events/event_0.ics",
    "/calendars/w4r_calendar_made-up.ics",
    "/unsubscribe/w4r_end_made-up",
    "/manage",
    "/nowhere",
    "/%FF",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_browser_guesses_the_content_type() {
    let service = Service::with_2021().await;
    let client = reqwest::Client::new();
    for address in ADDRESSES {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS, Method::DELETE] {
            let url = format!("http://{}{address}", service.address);
            let answer = client.request(method.clone(), url).body("body").send().await.expect("an answer");
            let said = answer.headers().get_all("x-content-type-options").iter().collect::<Vec<_>>();
            assert_eq!(said, ["nosniff"], "{method} {address}: {}", answer.status());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_with_a_secret_is_sent_to_no_other_site_and_stored_in_no_cache() {
    let service = Service::with_2021().await;
    let client = reqwest::Client::new();
    // A calendar that is none is answered like any address that does not exist: see `links`.
    for address in ["/unsubscribe/w4r_end_made-up", "/unsubscribe/none"] {
        for method in [Method::GET, Method::POST] {
            let url = format!("http://{}{address}", service.address);
            let answer = client.request(method.clone(), url).send().await.expect("an answer");
            let said = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text"));
            assert_eq!(said("referrer-policy"), Some("no-referrer"), "{method} {address}");
            assert!(
                said("cache-control").is_some_and(|kept| kept.contains("no-store")),
                "{method} {address}"
            );
            assert_eq!(said("x-robots-tag"), Some("noindex"), "{method} {address}");
        }
    }
}
