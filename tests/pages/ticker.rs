//! Plain totals, the ticker element, and the page of totals.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Service, at, case_id, get, report};

async fn total(service: &Service, path: &str) -> Value {
    let answer = get(service, path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.json().await.expect("JSON")
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

/// Reports letters and an e-mail of two people in Canada, the letters for Rung.
async fn report_for_rung(service: &Service, key: &str, quantity: u32) {
    let anyone = service.anyone();
    let lines = json!([{ "kind": "APPEAL_LETTER", "quantity": quantity, "case": case_id(&anyone, "rung").await },
        { "kind": "EMAIL", "quantity": 1 }]);
    report(key).with(json!({ "lines": lines, "people": 2 })).done(&anyone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_total_equals_the_live_total() {
    let service = Service::with_2021().await;
    let before = total(&service, "/totals/2021.json").await;
    assert_eq!(before["letters"], 0);
    assert_eq!((&before["asOf"], &before["version"]), (&Value::Null, &json!(0)));
    report_for_rung(&service, "a report for Rung from Canada", 7).await;
    let live = service
        .anyone()
        .data(
            "{ edition(year: 2021) { total {
                   letters actions people goal status asOf version pendingReview { letters actions reports } stated { letters actions } } }
               case(edition: 2021, slug: \"rung\") { id } }",
            json!({}),
        )
        .await;
    let world = total(&service, "/totals/2021.json").await;
    for field in ["letters", "actions", "people", "goal", "status", "version", "pendingReview", "stated"] {
        assert_eq!(world[field], live["edition"]["total"][field], "{field}");
    }
    let instant = |total: &Value| at(total["asOf"].as_str().expect("an instant"));
    assert_eq!(instant(&world), instant(&live["edition"]["total"]));
    assert_eq!(
        world,
        json!({ "edition": 2021, "section": null, "case": null, "caseId": null, "letters": 7, "actions": 8,
            "pendingReview": { "letters": 0, "actions": 0, "reports": 0 }, "stated": { "letters": 0, "actions": 0 }, "people": 2, "late": 0, "goal": null, "status": "PROVISIONAL", "asOf": world["asOf"],
            "version": 1, "simulated": false })
    );
    let canada = total(&service, "/totals/2021/ca.json").await;
    assert_eq!((&canada["section"], &canada["letters"]), (&json!("ca"), &json!(7)));
    let poland = total(&service, "/totals/2021/pl.json").await;
    assert_eq!((&poland["letters"], &poland["version"]), (&json!(0), &json!(1)), "one version for all");
    for path in ["/totals/2021/cases/rung.json", "/totals/2021/ca/cases/rung.json"] {
        let rung = total(&service, path).await;
        assert_eq!(
            (&rung["case"], &rung["letters"], &rung["people"]),
            (&json!("rung"), &json!(7), &Value::Null)
        );
        assert_eq!(rung["caseId"], live["case"]["id"], "a ticker subscribes by it");
    }
    assert_eq!(total(&service, "/totals/2021/pl/cases/rung.json").await["letters"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goal_is_the_goal_of_whom_it_was_set_for() {
    let service = Service::with_2021().await;
    let campaign = service
        .anyone()
        .data("{ campaign(edition: 2021, section: \"ca\") { id revision } }", json!({}))
        .await["campaign"]
        .take();
    let change = "mutation($input: CampaignUpdateInput!) { campaignUpdate(input: $input) {
        campaign { letterGoal } userErrors { code path message } } }";
    let input =
        json!({ "id": campaign["id"], "expectedRevision": campaign["revision"], "letterGoal": 50_000 });
    let done = service.administrator().payload(change, json!({ "input": input })).await;
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(total(&service, "/totals/2021/ca.json").await["goal"], 50_000);
    assert_eq!(total(&service, "/totals/2021.json").await["goal"], Value::Null);
    assert_eq!(total(&service, "/totals/2021/ca/cases/rung.json").await["goal"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_may_keep_the_plain_total_and_any_page_may_read_it() {
    let service = Service::with_2021().await;
    report_for_rung(&service, "the first report of all", 1).await;
    let first = get(&service, "/totals/2021.json").await;
    assert_eq!(header(&first, "content-type"), "application/json");
    assert_eq!(header(&first, "cache-control"), "public, max-age=1, stale-while-revalidate=30");
    assert_eq!(header(&first, "access-control-allow-origin"), "*");
    let tag = header(&first, "etag").to_owned();
    assert!(!tag.starts_with("W/"), "{tag} is of these very bytes");
    let url = format!("http://{}/totals/2021.json", service.address);
    let again = async |known: &str| {
        reqwest::Client::new().get(&url).header("if-none-match", known).send().await.expect("an answer")
    };
    for known in [tag.clone(), format!("\"0\", W/{tag}"), "*".to_owned()] {
        let unchanged = again(&known).await;
        assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&unchanged, "etag"), tag);
        assert_eq!(header(&unchanged, "access-control-allow-origin"), "*");
    }
    // The same count with another status is another answer.
    service.clock.set(at("2022-03-01T00:00:00Z"));
    let complete = again(&tag).await;
    assert_eq!(complete.status(), StatusCode::OK);
    assert_eq!(complete.json::<Value>().await.expect("JSON")["status"], "COMPLETE");
    report_is_news(&service, &url).await;
}

/// A change of the count changes the tag.
async fn report_is_news(service: &Service, url: &str) {
    let before = reqwest::get(url).await.expect("an answer");
    service.clock.set(crate::harness::evening());
    report_for_rung(service, "the second report of all", 1).await;
    let after = reqwest::Client::new().get(url).header("if-none-match", header(&before, "etag")).send().await;
    let after = after.expect("an answer");
    assert_eq!(after.status(), StatusCode::OK);
    assert_ne!(header(&after, "etag"), header(&before, "etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_of_nothing_is_not_found() {
    let service = Service::with_2021().await;
    let create = "mutation($input: CaseCreateInput!) { caseCreate(input: $input) {
        case { slug state } userErrors { code path message } } }";
    let edition =
        service.anyone().data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take();
    let input = json!({ "edition": edition, "slug": "a-draft", "name": "A draft", "kind": "PERSON",
        "country": "TH" });
    let made = service.administrator().payload(create, json!({ "input": input })).await;
    assert_eq!(made["case"]["state"], "DRAFT", "{made:#}");
    for path in [
        "/totals/1999.json",
        "/totals/2021",
        "/totals/+2021.json",
        "/totals/02021.json",
        "/totals/99999999.json",
        "/totals/none.json",
        "/totals/2021/xx.json",
        "/totals/2021/cases/nobody.json",
        "/totals/2021/cases/a-draft.json",
        "/totals/2021/ca/cases/a-draft.json",
        "/totals/2021/xx/cases/rung.json",
    ] {
        let answer = get(&service, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.json::<Value>().await.expect("JSON"), json!({ "error": "NOT_FOUND" }), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_and_the_ticker_come_from_the_service_with_a_strict_policy() {
    let service = Service::empty().await;
    for (path, content_type, caching) in [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/page/page.css", "text/css; charset=utf-8", "no-cache"),
        ("/page/page.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manage", "text/html; charset=utf-8", "no-cache"),
        ("/manage/manage.css", "text/css; charset=utf-8", "no-cache"),
        ("/manage/manage.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/page/ticker.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/ticker.js", "text/javascript; charset=utf-8", "public, max-age=300"),
    ] {
        let answer = get(&service, path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&answer, "content-type"), content_type, "{path}");
        assert_eq!(header(&answer, "cache-control"), caching, "{path}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer", "{path}");
        let policy = header(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
    }
    let ticker = get(&service, "/ticker.js").await;
    assert_eq!(header(&ticker, "access-control-allow-origin"), "*", "other origins load it as a module");
    assert_eq!(header(&ticker, "cross-origin-resource-policy"), "cross-origin");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_and_not_the_ticker_either_has_anything_that_the_policy_forbids() {
    let service = Service::empty().await;
    let mut paths =
        ["/", "/ticker.js", "/page/page.js", "/manage", "/manage/manage.js"].map(str::to_owned).to_vec();
    let mut looked_at = 0;
    while let Some(path) = paths.get(looked_at).cloned() {
        looked_at += 1;
        let answer = get(&service, &path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let text = answer.text().await.expect("text");
        // What a script imports belongs to its page too.
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for word in text.split('"').filter(|word| word.ends_with(".js")) {
            let beside = word.strip_prefix("./").map(|file| format!("{folder}/{file}"));
            let other = beside.or_else(|| word.strip_prefix("..").map(str::to_owned));
            if let Some(other) = other.filter(|other| !paths.contains(other)) {
                paths.push(other);
            }
        }
        let mut forbidden =
            vec![" style=", "<style", " onclick=", "innerHTML", "eval(", "document.cookie", "localStorage"];
        if path != "/manage/manage.js" {
            // That page keeps the secret of its address, which it takes out of the address bar, for as long as
            // it is open.
            forbidden.push("sessionStorage");
        }
        for word in forbidden {
            assert!(!text.contains(word), "{path} has {word}");
        }
    }
    for script in ["/page/chart.js", "/page/service.js", "/manage/parts.js"] {
        assert!(paths.iter().any(|path| path == script), "{script} was not looked at: {paths:?}");
    }
}
