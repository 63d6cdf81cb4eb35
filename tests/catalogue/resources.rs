//! Material for download or order, and the rule for material that contains an address.

use graphql::database::audit_log::staff_actions_about;
use serde_json::{Value, json};

use crate::harness::{Client, Service, at, case_to_change, user_errors, with};

const LIST: &str = "query($filter: ResourceFilter) { resources(filter: $filter, first: 100) {
    totalCount nodes { id title url } } }";

/// The titles of a list, in its order.
async fn titles(client: &Client, filter: Value) -> Vec<String> {
    let data = client.data(LIST, json!({ "filter": filter })).await;
    let nodes = data["resources"]["nodes"].as_array().expect("nodes");
    assert_eq!(data["resources"]["totalCount"], nodes.len());
    nodes.iter().map(|node| node["title"].as_str().expect("a title").to_owned()).collect()
}

/// Offers a resource and says its id.
async fn add(staff: &Client, title: &str, more: Value) -> Value {
    let url = format!("https://example.org/{}.pdf", title.to_lowercase().replace(' ', "-"));
    let input =
        json!({ "kind": "POSTER", "title": title, "language": "en", "audience": "EVERYONE", "url": url });
    let added = staff.change("resourceAdd", "resource { id revision }", with(input, more)).await;
    assert_eq!(user_errors(&added), [""; 0]);
    assert_eq!(added["resource"]["revision"], 1);
    added["resource"]["id"].clone()
}

async fn edition(client: &Client) -> Value {
    client.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_are_filtered_by_edition_case_kind_language_and_audience() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let (rung, edition) = (case_to_change(&staff, "rung").await["id"].clone(), edition(&staff).await);
    add(&staff, "Ten lessons", json!({ "kind": "EDUCATORS_GUIDE", "audience": "EDUCATORS" })).await;
    add(&staff, "Écrire", json!({ "language": "fr-CA", "edition": edition })).await;
    add(&staff, "Candle", json!({ "language": "zxx" })).await;
    add(&staff, "An evening", json!({ "kind": "EVENT_KIT", "audience": "ORGANIZERS", "edition": edition }))
        .await;
    let sheet = json!({ "kind": "CASE_SHEET", "audience": "WRITERS", "case": rung, "version": "2" });
    let sheet = add(&staff, "Rung", sheet).await;
    let all = ["Rung", "Ten lessons", "An evening", "Candle", "Écrire"];
    for (filter, expected) in [
        (json!({}), all.to_vec()),
        (json!({ "edition": 2021 }), vec!["Rung", "An evening", "Écrire"]),
        (json!({ "edition": 1999 }), vec![]),
        (json!({ "case": rung }), vec!["Rung"]),
        (json!({ "case": "case_nonsense" }), vec![]),
        (json!({ "kinds": ["POSTER", "CASE_SHEET"] }), vec!["Rung", "Candle", "Écrire"]),
        (json!({ "kinds": [] }), vec![]),
        (json!({ "languages": ["fr"] }), vec!["Candle", "Écrire"]),
        (json!({ "languages": ["fr-CA"] }), vec!["Candle", "Écrire"]),
        (json!({ "languages": ["fr-BE", "de"] }), vec!["Candle", "Écrire"]),
        (json!({ "languages": ["ca", "de"] }), vec!["Candle"]),
        (json!({ "languages": ["en-GB"] }), vec!["Rung", "Ten lessons", "An evening", "Candle"]),
        (json!({ "audiences": ["EDUCATORS"] }), vec!["Ten lessons", "Candle", "Écrire"]),
        (json!({ "audiences": ["EVERYONE"] }), vec!["Candle", "Écrire"]),
        (json!({ "audiences": ["WRITERS"], "edition": 2021, "languages": ["en"] }), vec!["Rung"]),
    ] {
        assert_eq!(titles(&anyone, filter.clone()).await, expected, "{filter}");
    }
    for filter in [json!({ "languages": ["klingon-x"] }), json!({ "kinds": vec!["POSTER"; 101] })] {
        assert_eq!(anyone.fault(LIST, json!({ "filter": filter })).await, "BAD_USER_INPUT");
    }
    let fields =
        "kind title edition { year } case { slug resources { id } } language audience url version state
        updatedAt revision";
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Resource {{ {fields} }} }} }}");
    let expected = json!({ "kind": "CASE_SHEET", "title": "Rung", "edition": { "year": 2021 },
        "case": { "slug": "rung", "resources": [{ "id": sheet }] }, "language": "en", "audience": "WRITERS",
        "url": "https://example.org/rung.pdf", "version": "2", "state": "OFFERED",
        "updatedAt": "2021-12-11T00:00:00Z", "revision": 1 });
    assert_eq!(anyone.data(&query, json!({ "id": sheet })).await["node"], expected);
    let service = service.restarted().await;
    assert_eq!(service.anyone().data(&query, json!({ "id": sheet })).await["node"], expected);
    assert_eq!(titles(&service.anyone(), json!({})).await, all);
}

/// In how many of the ways to find a resource about the case `rung` it is found, and in how many with
/// its address.
async fn found(client: &Client, id: &Value) -> (usize, usize) {
    let ways = [
        "node(id: $id) { ... on Resource { ALL } }",
        "nodes(ids: [$id]) { ... on Resource { ALL } }",
        "resources { nodes { ALL } }",
        "resources(last: 100) { edges { node { ALL } } }",
        "resources(filter: { edition: 2021 }) { nodes { ALL } }",
        "case(edition: 2021, slug: \"rung\") { resources { ALL } }",
        "edition(year: 2021) { cases(first: 100) { nodes { resources { ALL } } } }",
    ];
    let (mut found, mut served) = (0, 0);
    for way in ways {
        let variables = if way.contains("$id") { "query($id: ID!) " } else { "" };
        let query = format!("{variables}{{ {} }}", way.replace("ALL", "id title url"));
        let answer = client.data(&query, json!({ "id": id })).await.to_string();
        found += usize::from(answer.contains(id.as_str().expect("an id")));
        served += usize::from(answer.contains("https://example.org/"));
    }
    (found, served)
}

#[tokio::test(flavor = "multi_thread")]
async fn material_with_an_address_is_served_exactly_as_long_as_the_address() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let labels = add(&staff, "Labels", json!({ "kind": "ADDRESS_LABELS", "case": rung })).await;
    for (instant, served) in [
        ("2021-10-31T10:59:59.999999Z", false), // 1 November begins in Auckland
        ("2021-10-31T11:00:00Z", true),
        ("2022-02-01T04:59:59.999999Z", true), // 31 January ends in Toronto
        ("2022-02-01T05:00:00Z", false),
        ("2021-12-11T00:00:00Z", true),
    ] {
        service.clock.set(at(instant));
        let everywhere = if served { (7, 7) } else { (0, 0) };
        assert_eq!(found(&anyone, &labels).await, everywhere, "{instant}");
        assert_eq!(found(&staff, &labels).await, (7, everywhere.1), "{instant}");
    }
    let steps = [
        ("caseSuspend", json!({ "reason": "Threats." }), false),
        ("caseResume", json!({}), true),
        ("caseClose", json!({ "reason": "ASKED_TO_STOP" }), false),
    ];
    for (mutation, more, served) in steps {
        let input = with(case_to_change(&staff, "rung").await, more);
        assert_eq!(user_errors(&staff.change(mutation, "case { id }", input).await), [""; 0]);
        let everywhere = if served { (7, 7) } else { (0, 0) };
        assert_eq!(found(&anyone, &labels).await, everywhere, "{mutation}");
        assert_eq!(found(&staff, &labels).await, (7, everywhere.1), "{mutation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poster_of_a_case_is_served_while_the_case_is_published() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let rung = case_to_change(&staff, "rung").await;
    let poster = add(&staff, "Rung", json!({ "case": rung["id"] })).await;
    service.clock.set(at("2021-06-01T00:00:00Z"));
    assert_eq!(found(&anyone, &poster).await, (7, 7), "before anybody writes");
    let suspend = with(rung, json!({ "reason": "Threats." }));
    staff.change("caseSuspend", "case { id }", suspend).await;
    assert_eq!(found(&anyone, &poster).await, (0, 0));
    // A draft is nobody's business yet.
    let edition = edition(&staff).await;
    let draft = json!({ "edition": edition, "slug": "draft", "name": "A", "kind": "GROUP", "country": "PE" });
    let draft = staff.change("caseCreate", "case { id }", draft).await["case"]["id"].clone();
    add(&staff, "Of a draft", json!({ "case": draft })).await;
    assert_eq!(titles(&anyone, json!({ "case": draft })).await, [""; 0]);
    assert_eq!(titles(&staff, json!({ "case": draft })).await, ["Of a draft"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_resource_is_not_served_and_the_audit_log_has_the_reason() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let id = add(&staff, "Rung", json!({ "case": rung })).await;
    let retire = json!({ "id": id, "expectedRevision": 1, "reason": "An old picture." });
    for (client, code) in [(&anyone, "UNAUTHENTICATED"), (&service.bearer("w4r_report_x"), "FORBIDDEN")] {
        let document = crate::harness::document("resourceRetire", "resource { id }");
        assert_eq!(client.fault(&document, json!({ "input": retire })).await, code);
    }
    let retired = staff.change("resourceRetire", "resource { state url revision }", retire.clone()).await;
    assert_eq!(retired["resource"], json!({ "state": "RETIRED", "url": null, "revision": 2 }));
    assert_eq!(found(&anyone, &id).await, (0, 0));
    assert_eq!(found(&staff, &id).await, (7, 0));
    let again =
        staff.change("resourceRetire", "resource { id }", with(retire, json!({ "reason": "" }))).await;
    assert_eq!(
        user_errors(&again),
        ["expectedRevision STALE_REVISION", "id RESOURCE_RETIRED", "reason REASON_MISSING"]
    );
    let uuid = id.as_str().and_then(|id| id.strip_prefix("resource_")).expect("an id");
    let mut connection = service.fresh.open().connect().await.expect("a connection");
    let actions = staff_actions_about(&mut connection, uuid.parse().expect("a UUID")).await.expect("a log");
    let expected = [("resourceAdd", None), ("resourceRetire", Some("An old picture."))];
    assert_eq!(actions, expected.map(|(action, why)| (action.to_owned(), why.map(str::to_owned))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_with_several_mistakes_gets_all_of_them() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let input = json!({ "kind": "ADDRESS_LABELS", "title": " ", "language": "xx", "audience": "WRITERS",
        "url": "http://example.org/labels.pdf", "edition": "edition_nonsense" });
    let refused = staff.change("resourceAdd", "resource { id }", input).await;
    assert_eq!(
        user_errors(&refused),
        [
            "title REQUIRED",
            "edition NOT_FOUND",
            "case CASE_MISSING",
            "language LANGUAGE_UNKNOWN",
            "url URL_NOT_SECURE",
        ]
    );
    assert_eq!(refused["resource"], Value::Null);
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let other = staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    let id = add(&staff, "Rung", json!({ "case": rung })).await;
    let change = async |more: Value| {
        let input = with(json!({ "id": id, "expectedRevision": 1 }), more);
        user_errors(&staff.change("resourceUpdate", "resource { id }", input).await)
    };
    assert_eq!(change(json!({ "edition": other["edition"]["id"] })).await, ["case CASE_NOT_IN_CAMPAIGN"]);
    assert_eq!(change(json!({ "kind": "CASE_SHEET", "case": null })).await, ["case CASE_MISSING"]);
    assert_eq!(change(json!({ "id": rung })).await, ["id NOT_FOUND"]);
    assert_eq!(change(json!({ "title": "Rung, a poster", "version": "3" })).await, [""; 0]);
    assert_eq!(change(json!({ "title": "Rung" })).await, ["expectedRevision STALE_REVISION"]);
    assert_eq!(titles(&service.anyone(), json!({})).await, ["Rung, a poster"]);
    let same = json!({ "kind": "POSTER", "title": "Another", "language": "en", "audience": "EVERYONE",
        "url": "https://example.org/rung.pdf", "case": rung });
    let refused = staff.change("resourceAdd", "resource { id }", same).await;
    assert_eq!(user_errors(&refused), ["url ALREADY_EXISTS"]);
}
