//! The API in another axum application: the stock handlers serve the same schema.

use std::net::SocketAddr;

use graphql::{
    embed,
    server::{self, BackgroundTasks},
};
use graphql_engine::QueryLimits;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Client, SUBMIT, TestDatabase, TestMailbox, campaign_id, evening, import};

/// An application that mounts the API at the top, and its state.
async fn application() -> (Client, BackgroundTasks, TestDatabase) {
    let fresh = TestDatabase::migrated().await;
    import(&fresh, include_str!("../../graphql/data/edition-2021.json")).await;
    let clock = graphql::clock::Clock::manual(evening());
    let mail = TestMailbox::default().settings();
    let budgets = domain::report::ReportBudgets::NONE;
    let (running, _) = server::start(fresh.open(), clock, false, mail, budgets).await.expect("a service");
    let background = BackgroundTasks::start(&running).expect("threads");
    let router = embed::router(running.context.clone(), QueryLimits::DEFAULT);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (Client::to(address), background, fresh)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_api_counts_a_report_and_tells_its_subscribers() {
    let (client, background, _fresh) = application().await;
    let campaign = campaign_id(&client, "ca").await;
    let query = "subscription { total(edition: 2021) { total { letters } } }";
    let mut subscription = client.subscribe(query, json!({})).await;
    assert_eq!(subscription.next().await["total"]["total"]["letters"], 0);
    let input = json!({
        "campaign": campaign,
        "idempotencyKey": "embedded-report-1",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 5 }],
    });
    let submitted = client.data(SUBMIT, json!({ "input": input })).await;
    assert_eq!(submitted["reportSubmit"]["userErrors"], json!([]));
    assert_eq!(subscription.next().await["total"]["total"]["letters"], 5);
    background.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_api_validates_documents_and_keys() {
    let (client, background, _fresh) = application().await;
    let code = |answer: &Value| answer["errors"][0]["extensions"]["code"].clone();
    assert_eq!(code(&client.ask("{ nothing }", json!({})).await), "GRAPHQL_VALIDATION_FAILED");
    let campaign = campaign_id(&client, "ca").await;
    let report = |line: &str| {
        format!(
            "\"Letters\" mutation {{ reportSubmit(input: {{ campaign: {campaign}, idempotencyKey: \"embedded-report-2\", \
             lines: [{{ kind: APPEAL_LETTER, {line} }}] }}) {{ userErrors {{ code }} }} }}"
        )
    };
    let twice = client.ask(&report("quantity: 3, quantity: 300"), json!({})).await;
    assert_eq!(code(&twice), "GRAPHQL_VALIDATION_FAILED", "{twice:#}");
    let bare = client.ask(&report("quantity"), json!({})).await;
    assert_eq!(code(&bare), "GRAPHQL_PARSE_FAILED", "{bare:#}");
    let letters = "{ edition(year: 2021) { total { letters } } }";
    assert_eq!(client.data(letters, json!({})).await["edition"]["total"]["letters"], 0);
    client.data(&report("quantity: 3"), json!({})).await;
    assert_eq!(client.data(letters, json!({})).await["edition"]["total"]["letters"], 3);
    let unknown = client.clone().with_bearer("w4r_admin_unknown");
    assert_eq!(code(&unknown.ask("{ __typename }", json!({})).await), "UNAUTHENTICATED");
    background.stop().await;
}
