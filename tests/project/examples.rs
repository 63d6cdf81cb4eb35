//! The examples of the documents: those of the IDE in the API guide, and the short ones of the README, run as they
//! stand.

use graphql::server::examples;
use serde_json::{Value, json};

use crate::{
    harness::{Service, campaign_id},
    project::docs,
};

#[test]
fn the_api_guide_shows_the_examples_that_the_ide_opens_with() {
    let mut expected = String::new();
    for example in examples() {
        expected += &format!("{}:\n\n```graphql\n{}```\n\n", example.title, example.query);
        if !example.variables.is_empty() {
            expected += &format!("```json\n{}```\n\n", example.variables);
        }
    }
    docs::assert_generated("graphql/docs/api.md", "examples", &expected);
}

/// The blocks of code in a part of the README: the language and the text of each.
fn blocks(mark: &str) -> Vec<(String, String)> {
    let readme = docs::text("README.md");
    let (_, rest) = readme.split_once(&format!("<!-- {mark} -->")).expect("the mark");
    let (part, _) = rest.split_once(&format!("<!-- /{mark} -->")).expect("the closing mark");
    let code = part.split("```").skip(1).step_by(2);
    code.filter_map(|block| block.split_once('\n'))
        .map(|(one, other)| (one.to_owned(), other.to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_examples_of_the_readme_run_as_they_stand() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let blocks = blocks("short-examples");
    let languages: Vec<_> = blocks.iter().map(|(language, _)| language.as_str()).collect();
    assert_eq!(languages, ["graphql", "graphql", "json", "graphql"]);
    let [(_, query), (_, mutation), (_, variables), (_, subscription)] = blocks.as_slice() else {
        panic!("{languages:?}");
    };
    let total = anyone.data(query, json!({})).await;
    assert_eq!(total["edition"]["total"]["letters"], 0, "{total:#}");
    // What the example says to put in is put in.
    let mut variables: Value = serde_json::from_str(variables).expect("JSON");
    variables["campaign"] = json!(campaign_id(&anyone, "ca").await);
    variables["key"] = json!("b64f4f0c-3d0b-4f0e-9d59-6d3a55f1c0de");
    let report = anyone.data(mutation, variables).await;
    assert_eq!(report["reportSubmit"]["userErrors"], json!([]), "{report:#}");
    assert!(report["reportSubmit"]["secret"].is_string(), "{report:#}");
    let update = anyone.subscribe(subscription, json!({})).await.next().await;
    assert_eq!(update["total"]["total"]["letters"], 3, "{update:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_runs_as_it_stands() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let data = anyone
        .data("{ campaign(edition: 2021, section: \"ca\") { id } case(edition: 2021, slug: \"rung\") { id revision } }", json!({}))
        .await;
    let mut registered = Value::Null;
    for example in examples() {
        let mut variables: Value = match example.variables {
            "" => json!({}),
            text => serde_json::from_str(text).expect("JSON"),
        };
        if example.query.starts_with("subscription") {
            let update = anyone.subscribe(example.query, variables).await.next().await;
            assert!(update["total"]["total"]["letters"].is_u64(), "{update:#}");
            continue;
        }
        // Where the example says what to put in, this puts it in.
        if example.query.starts_with("mutation ReportLetters") {
            variables["input"]["campaign"] = data["campaign"]["id"].clone();
            variables["input"]["idempotencyKey"] = json!("6f7cbd54-6eb6-4a3d-b0ef-0a6a8a2c5b71");
        }
        if example.query.starts_with("mutation RegisterAnEvent") {
            variables["input"]["campaign"] = data["campaign"]["id"].clone();
            variables["input"]["idempotencyKey"] = json!("0b9d9d2f-6f4e-4d8c-8f0f-2f6a2f6f1a55");
        }
        if example.query.starts_with("mutation ApproveAnEvent") {
            variables["input"]["id"] = registered["event"]["id"].clone();
            variables["input"]["expectedRevision"] = registered["event"]["revision"].clone();
        }
        if example.query.starts_with("mutation DecideAboutManyReports") {
            variables["input"]["selection"]["campaign"] = data["campaign"]["id"].clone();
            variables["input"]["idempotencyKey"] = json!("5e1c0a2e-7f43-4b7c-9a51-3a2f0d3f9f10");
        }
        if example.query.starts_with("mutation SuspendACase") {
            variables["input"]["id"] = data["case"]["id"].clone();
            variables["input"]["expectedRevision"] = data["case"]["revision"].clone();
        }
        let has_key = ["Administrator", "Section's staff"].iter().any(|who| example.title.starts_with(who));
        let asker = if has_key { service.administrator() } else { service.anyone() };
        let answer = asker.data(example.query, variables).await;
        if let Some(payload) = answer.get("eventRegister") {
            registered = payload.clone();
        }
        for payload in answer.as_object().expect("data").values() {
            assert_eq!(payload.get("userErrors").unwrap_or(&json!([])), &json!([]), "{}", example.title);
            assert!(!payload.is_null(), "{}", example.title);
        }
    }
}
