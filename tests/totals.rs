//! Totals, their history, and whoever watches them.

use serde_json::{Value, json};

use crate::harness::{SUBMIT, Service, at};

const WATCH: &str = "subscription($after: Count) { total(edition: 2021, afterVersion: $after) {
    total { letters version } reset final } }";

async fn report(service: &Service, key: &str, section: &str, quantity: u32) {
    let anyone = service.anyone();
    let query = "query($s: String!) { campaign(edition: 2021, section: $s) { id } }";
    let campaign = anyone.data(query, json!({ "s": section })).await["campaign"]["id"].clone();
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": quantity }]);
    let input = json!({ "campaign": campaign, "idempotencyKey": key.replace(' ', "-"), "lines": lines });
    let done = anyone.payload(SUBMIT, json!({ "input": input })).await;
    assert_eq!(done["userErrors"], json!([]));
}

fn seen(update: &Value) -> (u64, u64) {
    let total = &update["total"]["total"];
    (total["version"].as_u64().expect("a version"), total["letters"].as_u64().expect("a count"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticker_hears_the_present_value_first_and_the_last_one_always() {
    let service = Service::with_2021().await;
    report(&service, "before anybody watches", "ca", 5).await;
    let mut ticker = service.anyone().subscribe(WATCH, json!({})).await;
    assert_eq!(seen(&ticker.next().await), (1, 5));
    for number in 0..30 {
        report(&service, &format!("while somebody watches {number}"), "ca", 1).await;
    }
    let mut last = (1, 5);
    let mut messages = 0;
    while last.0 < 31 {
        let next = seen(&ticker.next().await);
        assert!(next.0 > last.0, "versions only rise");
        last = next;
        messages += 1;
    }
    assert_eq!(last, (31, 35));
    assert!(messages <= 30, "never more often than there were commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticker_that_comes_back_goes_on_after_the_version_it_knew() {
    let service = Service::with_2021().await;
    report(&service, "the first of all reports", "ca", 5).await;
    let mut present = service.anyone().subscribe(WATCH, json!({ "after": 1 })).await;
    let mut behind = service.anyone().subscribe(WATCH, json!({ "after": 0 })).await;
    let mut ahead = service.anyone().subscribe(WATCH, json!({ "after": 41 })).await;
    assert_eq!(seen(&behind.next().await), (1, 5));
    let reset = ahead.next().await;
    assert_eq!((seen(&reset), &reset["total"]["reset"]), ((1, 5), &json!(true)));
    report(&service, "the second of all reports", "ca", 2).await;
    assert_eq!(seen(&present.next().await), (2, 7), "nothing came before there was something newer");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_ends_when_the_edition_is_archived() {
    let service = Service::with_2021().await;
    let mut ticker = service.anyone().subscribe(WATCH, json!({})).await;
    assert_eq!(ticker.next().await["total"]["final"], false);
    let staff = service.administrator();
    let edition = staff.data("{ edition(year: 2021) { id revision } }", json!({})).await["edition"].clone();
    let archive = "mutation($input: EditionArchiveInput!) { editionArchive(input: $input) {
        edition { state } userErrors { code } } }";
    let input =
        json!({ "id": edition["id"], "expectedRevision": edition["revision"], "reason": "It is over." });
    let archived = staff.payload(archive, json!({ "input": input })).await;
    assert_eq!(archived["edition"]["state"], "ARCHIVED", "{archived:#}");
    assert_eq!(ticker.next().await["total"]["final"], true);
    assert_eq!(ticker.message().await.0, "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_and_a_case_can_be_watched_by_themselves() {
    let service = Service::with_2021().await;
    let watch = "subscription { total(edition: 2021, section: \"ca\") { total { letters version } } }";
    let mut ticker = service.anyone().subscribe(watch, json!({})).await;
    assert_eq!(seen(&ticker.next().await), (0, 0));
    report(&service, "letters from Quebec", "ca-fr", 3).await;
    report(&service, "letters from Ontario", "ca", 4).await;
    let mut last = (0, 0);
    while last.0 < 2 {
        last = seen(&ticker.next().await);
    }
    assert_eq!(last, (2, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_total_of_any_moment_past_can_be_told() {
    let service = Service::with_2021().await;
    report(&service, "letters of the evening", "ca", 5).await;
    service.clock.set(at("2021-12-12T00:00:00Z"));
    report(&service, "letters of the next day", "ca", 7).await;
    let query = "query($at: DateTime!) { edition(year: 2021) { totalAt(instant: $at) { letters version } } }";
    let mut told = Vec::new();
    for instant in [
        "2021-12-10T23:59:59.999999Z",
        "2021-12-11T00:00:00Z",
        "2021-12-11T23:59:59Z",
        "2021-12-12T00:00:00Z",
    ] {
        let data = service.anyone().data(query, json!({ "at": instant })).await;
        told.push(data["edition"]["totalAt"]["letters"].clone());
    }
    assert_eq!(told, [Value::Null, json!(5), json!(5), json!(12)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn published_figures_stand_beside_the_count_and_never_in_it() {
    let service = Service::empty().await;
    crate::harness::import(&service.fresh, include_str!("../graphql/data/published-figures.json")).await;
    let service = service.restarted().await;
    let query = "{ edition(year: 2018) { total { letters actions }
        publishedFigures { figure unit qualifier status asOf } } }";
    let data = service.anyone().data(query, json!({})).await;
    assert_eq!(data["edition"]["total"], json!({ "letters": 0, "actions": 0 }));
    assert_eq!(
        data["edition"]["publishedFigures"],
        json!([
            { "figure": 5_796_150, "unit": "messages", "qualifier": "EXACT", "status": "CLAIMED_FINAL", "asOf": null },
            { "figure": 5_911_113, "unit": "messages", "qualifier": "EXACT", "status": "CLAIMED_FINAL", "asOf": null },
            { "figure": 5_912_113, "unit": "actions", "qualifier": "AT_LEAST", "status": "FINAL", "asOf": "2019-03" },
        ])
    );
}
