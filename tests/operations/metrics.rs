//! Metrics in the text format of Prometheus.

use std::collections::BTreeMap;

use graphql::server::{MetricsAt, Settings};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    harness::{
        PATIENCE, SUBMIT, Service, TestDatabase, TestMailbox, campaign_id,
        mail_server::{MailServer, Moment, Whim},
        mail_settings,
        outbox::put,
        scrape_metrics,
    },
    project::docs,
};

/// How much each sample has grown.
fn growth(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let grown = after.iter().map(|(name, value)| (name.clone(), value - before.get(name).unwrap_or(&0.0)));
    // Time passes, and the database is looked at, whether somebody asks or not.
    let goes_on = |name: &str| name.contains("seconds") || name.contains("statements");
    grown.filter(|(name, value)| *value != 0.0 && !goes_on(name)).collect()
}

fn these(samples: &[(&str, f64)]) -> BTreeMap<String, f64> {
    samples.iter().map(|(name, value)| (format!("w4r_{name}"), *value)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_count_requests_by_transport_and_result() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, "ca").await;
    let before = scrape_metrics(&service).await;

    anyone.ask("{ service { version } }", json!({})).await;
    anyone.ask("{ nonsense }", json!({})).await;
    service.bearer("w4r_admin_of_nobody").ask("{ service { name } }", json!({})).await;
    let refused = reqwest::Client::new().post(format!("http://{}/graphql", service.address)).body("?");
    assert_eq!(refused.send().await.expect("an answer").status(), 415);
    let stream = format!("http://{}/graphql/stream", service.address);
    let streamed = reqwest::Client::new().get(&stream).query(&[("query", "{ __typename }")]);
    streamed.send().await.expect("an answer").text().await.expect("its end");
    let mut socket = anyone.subscribe("{ __typename }", json!({})).await;
    socket.next().await;
    let after = scrape_metrics(&service).await;
    let grown = growth(&before, &after);
    assert_eq!(grown[r#"w4r_graphql_requests_total{transport="http",outcome="ok"}"#], 1.0);
    assert_eq!(grown[r#"w4r_graphql_requests_total{transport="http",outcome="client_error"}"#], 3.0);
    assert_eq!(grown[r#"w4r_graphql_requests_total{transport="sse",outcome="ok"}"#], 1.0);
    assert_eq!(grown[r#"w4r_graphql_requests_total{transport="websocket",outcome="ok"}"#], 1.0);
    assert_eq!(grown[r#"w4r_open_streams{transport="websocket"}"#], 1.0);
    drop(socket);

    let before = scrape_metrics(&service).await;
    for _ in 0..3 {
        anyone.ask("{ edition(year: 2021) { year } }", json!({})).await;
        service.administrator().ask("{ edition(year: 2021) { year } }", json!({})).await;
    }
    let grown = growth(&before, &scrape_metrics(&service).await);
    // Cached or not, each response has a duration.
    let durations = |samples: &BTreeMap<String, f64>| samples["w4r_graphql_request_duration_seconds_count"];
    assert_eq!(durations(&scrape_metrics(&service).await) - durations(&before), 6.0);
    assert_eq!(grown[r#"w4r_response_cache_requests_total{result="miss"}"#], 1.0);
    assert_eq!(grown[r#"w4r_response_cache_requests_total{result="hit"}"#], 2.0);

    let submit = async |key: &str, quantity: f64| {
        let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": quantity }]);
        let input = json!({ "campaign": campaign, "idempotencyKey": key, "lines": lines });
        anyone.payload(SUBMIT, json!({ "input": input })).await
    };
    let before = scrape_metrics(&service).await;
    submit("a-report-on-the-meters", 3.0).await;
    submit("a-report-on-the-meters", 3.0).await;
    submit("a-report-on-the-meters", 4.0).await;
    let grown = growth(&before, &scrape_metrics(&service).await);
    for (name, value) in these(&[
        (r#"ledger_commands_total{outcome="ok"}"#, 1.0),
        (r#"ledger_commands_total{outcome="replayed"}"#, 1.0),
        (r#"ledger_commands_total{outcome="rejected"}"#, 1.0),
        (r#"ledger_commits_total{outcome="ok"}"#, 3.0),
        (r#"ledger_commit_batch_size_bucket{le="1.0"}"#, 3.0),
        (r#"ledger_commit_batch_size_bucket{le="+Inf"}"#, 3.0),
        ("ledger_commit_batch_size_sum", 3.0),
        ("ledger_commit_batch_size_count", 3.0),
        (r#"edition_version{edition="2021"}"#, 1.0),
    ]) {
        assert_eq!(grown.get(&name), Some(&value), "{name} in {grown:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_count_open_connections() {
    let service = Service::with_2021().await;
    let watch = "subscription { total(edition: 2021) { total { letters } } }";
    let mut tickers = Vec::new();
    for _ in 0..3 {
        let mut ticker = service.anyone().subscribe(watch, json!({})).await;
        ticker.next().await;
        tickers.push(ticker);
    }
    let mut stream = reqwest::Client::new()
        .get(format!("http://{}/graphql/stream", service.address))
        .query(&[("query", watch)])
        .send()
        .await
        .expect("a stream");
    stream.chunk().await.expect("a stream").expect("an event");
    let present = scrape_metrics(&service).await;
    assert_eq!(present[r#"w4r_open_streams{transport="websocket"}"#], 3.0);
    assert_eq!(present[r#"w4r_open_streams{transport="sse"}"#], 1.0);
    assert_eq!(present["w4r_subscriptions"], 4.0);
    drop((tickers, stream));
    let gone = async {
        loop {
            let present = scrape_metrics(&service).await;
            let left = present.iter().filter(|(name, _)| name.starts_with("w4r_open_streams"));
            if left.map(|(_, number)| number).sum::<f64>() + present["w4r_subscriptions"] == 0.0 {
                break;
            }
        }
    };
    timeout(PATIENCE, gone).await.expect("they are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_show_the_recount_and_the_contact_with_the_database() {
    let service = Service::with_2021().await;
    let recounted = async {
        loop {
            let present = scrape_metrics(&service).await;
            assert!(present["w4r_database_last_contact_seconds"] >= 0.0);
            if let Some(matches) = present.get(r#"w4r_recount_matches{edition="2021"}"#) {
                assert_eq!(*matches, 1.0);
                let at = present[r#"w4r_recount_timestamp_seconds{edition="2021"}"#];
                assert_eq!(at, service.clock.now().as_second() as f64);
                break;
            }
        }
    };
    timeout(PATIENCE, recounted).await.expect("the first recount is made at the start");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_count_mail_by_result() {
    let server = MailServer::start().await;
    let settings = mail_settings(&server.url());
    let service = Service::mailing(TestDatabase::migrated().await, TestMailbox::default(), settings).await;
    for whim in ["450 not now", "550 nobody here"] {
        server.whim(Moment::Recipient, Whim::Answer(whim)).await;
    }
    server.whim(Moment::Content, Whim::HangUp).await;
    let mut connection = service.fresh.open().connect().await.expect("a connection");
    for name in ["put-off", "failed", "uncertain", "sent"] {
        put(&mut connection, name, &format!("{name}@example.org"), service.clock.now()).await;
    }
    let expected = [("sent", 1.0), ("deferred", 1.0), ("failed", 1.0), ("uncertain", 1.0), ("dropped", 0.0)];
    let counted = async {
        loop {
            let present = scrape_metrics(&service).await;
            let of = |outcome| present[&format!("w4r_mail_deliveries_total{{outcome=\"{outcome}\"}}")];
            if expected.iter().all(|(outcome, number)| of(outcome) == *number)
                && present["w4r_outbox_pending"] == 1.0
            {
                assert_eq!(present["w4r_outbox_oldest_seconds"], 0.0, "the clock stands still");
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, counted).await.expect("all of them were tried");
}

/// The name of a metric as it is queried: the samples of a counter end with `_total`.
fn declared_name(declaration: &str) -> String {
    match declaration.split_once(' ').expect("a name and a type") {
        (name, "counter") => format!("{name}_total"),
        (name, _) => name.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_guide_names_every_metric_and_no_other() {
    let service = Service::with_2021().await;
    let page = reqwest::get(format!("http://{}/metrics", service.address)).await.expect("an answer");
    let page = page.text().await.expect("text");
    let mut shown: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("# TYPE ")).map(declared_name).collect();
    let guide = docs::text("graphql/README.md");
    let table =
        guide.split("<!-- metrics -->").nth(1).and_then(|rest| rest.split("<!-- /metrics -->").next());
    let mut named: Vec<String> = table
        .expect("a table")
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|names| names.split('`').filter(|name| name.starts_with("w4r_")))
        .map(str::to_owned)
        .collect();
    shown.sort_unstable();
    named.sort_unstable();
    assert_eq!(shown, named);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_read_the_metrics() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    for (metrics, here, there) in [
        (MetricsAt::Address(free), 404, Some(200)),
        (MetricsAt::Off, 404, None),
        (MetricsAt::Public, 200, None),
    ] {
        let mut service = Service::with_2021_within(Settings { metrics, ..Settings::default() }).await;
        let status = async |address| {
            let answer = reqwest::get(format!("http://{address}/metrics")).await.ok()?;
            Some(answer.status().as_u16())
        };
        assert_eq!(status(service.address).await, Some(here), "{metrics:?}");
        assert_eq!(status(free).await, there, "{metrics:?}");
        service.stop();
        service.stopped().await;
    }
}
