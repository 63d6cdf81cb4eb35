//! The README's examples: the documents of the IDE, run as they stand.

use std::path::Path;

use graphql::server::examples;
use serde_json::{Value, json};

use crate::harness::Service;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).expect("the README")
}

/// The part of the README between two marks.
fn part(mark: &str) -> String {
    let readme = readme();
    let (_, rest) = readme.split_once(&format!("<!-- {mark} -->")).expect("the mark");
    rest.split_once(&format!("<!-- /{mark} -->")).expect("the closing mark").0.to_owned()
}

#[test]
fn the_readme_shows_the_examples_that_the_ide_opens_with() {
    let mut expected = String::from("\n");
    for example in examples() {
        expected += &format!("{}:\n\n```graphql\n{}```\n\n", example.title, example.query);
        if !example.variables.is_empty() {
            expected += &format!("```json\n{}```\n\n", example.variables);
        }
    }
    let shown = part("examples");
    assert!(shown == expected, "the README should say:\n{expected}");
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
