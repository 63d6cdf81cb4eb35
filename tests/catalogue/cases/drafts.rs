//! Drafts and consent: only administrators see them.

use serde_json::{Value, json};

use super::drafted;
use crate::harness::{Client, SUBMIT, Service, campaign_id, case_to_change, evening, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_in_no_field_no_list_no_count_and_no_stream_for_anyone_but_administrators() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let mut changes =
        anyone.subscribe("subscription { caseChanged { case { slug } state } }", json!({})).await;
    changes.listening(&staff).await;
    let case = drafted(&service, "in-preparation", "Somebody in Hiding", json!({})).await;
    let by_staff = json!({ "campaign": campaign_id(&staff, "ca").await, "idempotencyKey": "staff-know-of-the-draft",
        "lines": [{ "kind": "APPEAL_LETTER", "quantity": 3 }] });
    let reported = anyone.payload(SUBMIT, json!({ "input": by_staff })).await;
    let bearer = service.bearer(reported["secret"].as_str().expect("a secret"));
    let query = "query($id: ID!) {
        case(edition: 2021, slug: \"in-preparation\") { id }
        node(id: $id) { id }
        nodes(ids: [$id]) { id }
        cases(filter: { text: \"hiding\" }) { totalCount nodes { id name } edges { cursor } }
        drafts: cases(filter: { states: [DRAFT] }) { totalCount nodes { id name } edges { cursor } }
        edition(year: 2021) { cases { totalCount nodes { id name } } total { byCase { case { id name } } } }
        campaign(edition: 2021, section: \"ca\") { cases { totalCount nodes { id name } } } }";
    let seen = async |client: &Client| client.data(query, json!({ "id": case["id"] })).await;
    for client in [&anyone, &bearer] {
        let data = seen(client).await;
        let answer = data.to_string();
        assert!(!answer.contains("Hiding") && !answer.contains("in-preparation"), "{data:#}");
        assert!(!answer.contains(case["id"].as_str().expect("an id")), "{data:#}");
        assert_eq!(
            (&data["case"], &data["node"], &data["nodes"]),
            (&Value::Null, &Value::Null, &json!([null]))
        );
        assert_eq!((&data["cases"]["totalCount"], &data["drafts"]["totalCount"]), (&json!(0), &json!(0)));
        assert_eq!(data["edition"]["cases"]["totalCount"], 10);
        assert_eq!(data["campaign"]["cases"]["totalCount"], 10);
    }
    let data = seen(&staff).await;
    for found in [
        &data["case"],
        &data["node"],
        &data["nodes"][0],
        &data["cases"]["nodes"][0],
        &data["drafts"]["nodes"][0],
    ] {
        assert_eq!(found["id"], case["id"], "{data:#}");
    }
    assert_eq!(data["edition"]["cases"]["totalCount"], 11);
    assert_eq!(data["campaign"]["cases"]["totalCount"], 11);

    // The stream says nothing of a draft either: all that it says is of another case.
    let input = with(case.clone(), json!({ "name": "Somebody Else in Hiding" }));
    staff.change("caseUpdate", "case { id }", input).await;
    let suspend = with(case_to_change(&staff, "rung").await, json!({ "reason": "Threats." }));
    staff.change("caseSuspend", "case { id }", suspend).await;
    loop {
        let heard = changes.next().await["caseChanged"].take();
        assert_eq!(heard["case"]["slug"], "rung");
        if heard["state"] == "SUSPENDED" {
            break;
        }
    }
    let watch = "subscription($case: ID!) { total(edition: 2021, case: $case) { final } }";
    let variables = json!({ "case": case["id"] });
    let (_, payload) = anyone.subscribe(watch, variables.clone()).await.message().await;
    assert_eq!(payload["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{payload:#}");
    assert_eq!(staff.subscribe(watch, variables).await.next().await["total"]["final"], false);
    assert_eq!(service.clock.now(), evening());
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_is_shown_to_administrators_only() {
    let service = Service::with_2021().await;
    let query = "{ case(edition: 2021, slug: \"rung\") { consent { on by } } }";
    assert_eq!(service.anyone().data(query, json!({})).await["case"]["consent"], Value::Null);
    let data = service.administrator().data(query, json!({})).await;
    assert_eq!(data["case"]["consent"]["on"], "2021-11-01");
}
