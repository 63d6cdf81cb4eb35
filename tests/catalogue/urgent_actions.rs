//! Urgent actions: lifetime, updates, withdrawal, and addresses within the lifetime only.

use graphql::database::audit_log::staff_actions_about;
use serde_json::{Value, json};

use crate::harness::{
    Client, Service, at, document,
    urgent_actions::{issue, water},
    user_errors, with,
};

/// What stands in the addresses of the action and nowhere else.
const SECRETS: [&str; 2] = ["Jirón Azángaro 468", "juez@example.org"];

/// In how many of the ways to find an action it is found, is writable, and has its addresses.
async fn found(client: &Client, id: &Value) -> [usize; 3] {
    let ways = [
        "urgentAction(id: $id) { ALL }",
        "node(id: $id) { ... on UrgentAction { ALL } }",
        "nodes(ids: [$id]) { ... on UrgentAction { ALL } }",
        "urgentActions { nodes { ALL } }",
        "urgentActions(filter: { countries: [\"PE\"] }, last: 100) { edges { node { ALL } } }",
        "urgentActions(filter: { topics: [ENVIRONMENT] }) { nodes { ALL } }",
    ];
    let all = "id writable text { title text } authorities { title address { lines email restrictions } }";
    let mut counts = [0; 3];
    for way in ways {
        let variables = if way.contains("$id") { "query($id: ID!) " } else { "" };
        let query = format!("{variables}{{ {} }}", way.replace("ALL", all));
        let answer = client.data(&query, json!({ "id": id })).await.to_string();
        let has_id = answer.contains(id.as_str().expect("an id"));
        let has_address = SECRETS.iter().all(|secret| answer.contains(secret));
        assert_eq!(has_address, SECRETS.iter().any(|secret| answer.contains(secret)), "{answer}");
        assert_eq!(has_address, answer.contains("NO_POLITICS"), "{answer}");
        let claims = [has_id, answer.contains("\"writable\":true"), has_address];
        for (count, claim) in counts.iter_mut().zip(claims) {
            *count += usize::from(claim);
        }
    }
    counts
}

const NOWHERE: [usize; 3] = [0, 0, 0];
const TO_READ: [usize; 3] = [6, 0, 0];
const TO_WRITE: [usize; 3] = [6, 6, 6];

#[tokio::test(flavor = "multi_thread")]
async fn people_write_from_the_first_instant_of_the_first_day_to_the_last_of_the_last() {
    let service = Service::empty().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let id = issue(&staff, json!({})).await;
    for (instant, expected) in [
        ("2021-11-30T23:59:59.999999Z", NOWHERE),
        ("2021-12-01T00:00:00Z", TO_WRITE),
        ("2021-12-01T00:00:00.000001Z", TO_WRITE),
        ("2022-01-12T23:59:59.999999Z", TO_WRITE),
        ("2022-01-13T00:00:00Z", TO_READ),
        ("2022-01-13T00:00:00.000001Z", TO_READ),
    ] {
        service.clock.set(at(instant));
        assert_eq!(found(&anyone, &id).await, expected, "{instant}");
        let staff_finds = if expected == NOWHERE { TO_READ } else { expected };
        assert_eq!(found(&staff, &id).await, staff_finds, "{instant}");
    }
    let input =
        json!({ "id": id, "expectedRevision": 1, "expiresOn": "2022-01-13", "reason": "She is still ill." });
    let extended = staff.change("urgentActionExtend", "urgentAction { writable expiresAt }", input).await;
    assert_eq!(extended["urgentAction"], json!({ "writable": true, "expiresAt": "2022-01-14T00:00:00Z" }));
    assert_eq!(found(&anyone, &id).await, TO_WRITE);
    let service = service.restarted().await;
    service.clock.set(at("2022-01-13T23:59:59.999999Z"));
    assert_eq!(found(&service.anyone(), &id).await, TO_WRITE);
    service.clock.set(at("2022-01-14T00:00:00Z"));
    assert_eq!(found(&service.anyone(), &id).await, TO_READ);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_urgent_action_has_no_address_at_once_and_the_audit_log_has_the_reason() {
    let service = Service::empty().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let id = issue(&staff, json!({})).await;
    assert_eq!(found(&anyone, &id).await, TO_WRITE);
    let input = json!({ "id": id, "expectedRevision": 1, "reason": "Her family asks to stop." });
    for (client, code) in [(&anyone, "UNAUTHENTICATED"), (&service.bearer("w4r_urgent_x"), "FORBIDDEN")] {
        for (mutation, more) in [
            ("urgentActionWithdraw", input.clone()),
            ("urgentActionExtend", with(input.clone(), json!({ "expiresOn": "2022-02-01" }))),
            ("urgentActionUpdate", json!({ "id": id, "expectedRevision": 1 })),
            ("urgentActionIssue", water()),
        ] {
            let document = document(mutation, "urgentAction { id }");
            assert_eq!(client.fault(&document, json!({ "input": more })).await, code);
        }
    }
    let selection = "urgentAction { state writable authorities { address { lines restrictions } } }";
    let withdrawn = staff.change("urgentActionWithdraw", selection, input).await;
    let expected = json!({ "state": "WITHDRAWN", "writable": false, "authorities": [{ "address": null }] });
    assert_eq!(withdrawn["urgentAction"], expected);
    assert_eq!(found(&anyone, &id).await, TO_READ);
    let more = json!({ "id": id, "expectedRevision": 2, "reason": "Again.", "expiresOn": "2022-02-01" });
    let extended = staff.change("urgentActionExtend", "urgentAction { id }", more).await;
    assert_eq!(user_errors(&extended), ["id URGENT_ACTION_WITHDRAWN"]);
    let uuid = id.as_str().and_then(|id| id.strip_prefix("action_")).expect("an id");
    let mut connection = service.fresh.open().connect().await.expect("a connection");
    let actions = staff_actions_about(&mut connection, uuid.parse().expect("a UUID")).await.expect("a log");
    let expected = [("urgentActionIssue", None), ("urgentActionWithdraw", Some("Her family asks to stop."))];
    assert_eq!(actions, expected.map(|(action, why)| (action.to_owned(), why.map(str::to_owned))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_an_urgent_action_cannot_be_selected_without_its_restrictions() {
    let service = Service::empty().await;
    let id = issue(&service.administrator(), json!({})).await;
    let query = "query($id: ID!) { urgentAction(id: $id) { authorities { address { lines } } } }";
    assert_eq!(service.anyone().fault(query, json!({ "id": id })).await, "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_says_something_else_and_is_numbered() {
    let service = Service::empty().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let id = issue(&staff, json!({})).await;
    let read = async |language: &str| {
        let query = "query($id: ID!, $l: Language) { urgentAction(id: $id) { number update country topics
            issuedOn expiresOn timeZone text(language: $l) { language title text } texts { language } } }";
        anyone.data(query, json!({ "id": id, "l": language })).await["urgentAction"].take()
    };
    assert_eq!(
        read("fr-CA").await,
        json!({ "number": "89/21", "update": 0, "country": "PE", "topics": ["ENVIRONMENT", "INDIGENOUS_RIGHTS"],
            "issuedOn": "2021-12-01", "expiresOn": "2022-01-12", "timeZone": "Europe/London",
            "text": { "language": "fr", "title": "De l'eau pour Espinar", "text": null },
            "texts": [{ "language": "en" }, { "language": "fr" }] })
    );
    assert_eq!(read("es").await["text"]["title"], "Water for Espinar");
    let input = json!({ "id": id, "expectedRevision": 1, "topics": ["HEALTH"] });
    let updated = staff.change("urgentActionUpdate", "urgentAction { update revision }", input).await;
    assert_eq!(updated["urgentAction"], json!({ "update": 1, "revision": 2 }));
    assert_eq!(read("en").await["topics"], json!(["HEALTH"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_finds_urgent_actions_by_topic_and_country_and_whether_people_may_write() {
    let service = Service::empty().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    issue(&staff, json!({})).await;
    let old =
        json!({ "number": "70/21", "issuedOn": "2021-10-01", "expiresOn": "2021-11-12", "country": "EC" });
    issue(&staff, old).await;
    let next =
        json!({ "number": "90/21", "issuedOn": "2021-12-12", "expiresOn": "2022-01-20", "topics": [] });
    issue(&staff, next).await;
    let numbers = async |client: &Client, filter: Value| -> Vec<String> {
        let query =
            "query($f: UrgentActionFilter) { urgentActions(filter: $f) { totalCount nodes { number } } }";
        let data = client.data(query, json!({ "f": filter })).await;
        let nodes = data["urgentActions"]["nodes"].as_array().expect("nodes");
        assert_eq!(data["urgentActions"]["totalCount"], nodes.len());
        nodes.iter().map(|node| node["number"].as_str().expect("a number").to_owned()).collect()
    };
    for (filter, expected) in [
        (json!({}), vec!["89/21", "70/21"]),
        (json!({ "writable": true }), vec!["89/21"]),
        (json!({ "writable": false }), vec!["70/21"]),
        (json!({ "countries": ["EC"] }), vec!["70/21"]),
        (json!({ "countries": [] }), vec![]),
        (json!({ "topics": ["ENVIRONMENT", "TORTURE"] }), vec!["89/21", "70/21"]),
        (json!({ "topics": ["TORTURE"] }), vec![]),
    ] {
        assert_eq!(numbers(&anyone, filter.clone()).await, expected, "{filter}");
    }
    assert_eq!(numbers(&staff, json!({})).await, ["90/21", "89/21", "70/21"]);
    service.clock.set(at("2021-12-12T00:00:00Z"));
    assert_eq!(numbers(&anyone, json!({ "writable": true })).await, ["90/21", "89/21"]);
    let bad = json!({ "f": { "countries": ["ZZ"] } });
    let query = "query($f: UrgentActionFilter) { urgentActions(filter: $f) { totalCount } }";
    assert_eq!(anyone.fault(query, bad).await, "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_action_with_several_mistakes_gets_all_of_them() {
    let service = Service::empty().await;
    let staff = service.administrator();
    let refused = async |mutation: &str, input: Value| {
        user_errors(&staff.change(mutation, "urgentAction { id }", input).await)
    };
    let bad = json!({ "number": "UA 89", "issuedOn": "2021-12-32", "timeZone": "London", "country": "ZZ",
        "texts": [{ "language": "en", "title": "a\nb" }, { "language": "EN", "title": "Water" }],
        "authorities": [{ "title": "", "email": "nobody" }] });
    assert_eq!(
        refused("urgentActionIssue", with(water(), bad)).await,
        [
            "number URGENT_ACTION_NUMBER_INVALID",
            "issuedOn DATE_INVALID",
            "timeZone TIME_ZONE_UNKNOWN",
            "country COUNTRY_UNKNOWN",
            "texts.0.title CONTROL_CHARACTER",
            "texts.1.language DUPLICATE",
            "authorities.0.title REQUIRED",
            "authorities.0.email EMAIL_INVALID",
        ]
    );
    for (more, expected) in [
        (json!({ "expiresOn": "2021-11-30" }), "expiresOn EXPIRES_BEFORE_ISSUE"),
        (json!({ "expiresOn": "2022-12-03" }), "expiresOn EXPIRY_TOO_FAR"),
        (json!({ "texts": [] }), "texts TOO_FEW_ITEMS"),
    ] {
        assert_eq!(refused("urgentActionIssue", with(water(), more)).await, [expected]);
    }
    let id = issue(&staff, json!({ "expiresOn": "2022-12-02" })).await;
    assert_eq!(refused("urgentActionIssue", water()).await, ["number ALREADY_EXISTS"]);
    let extend = json!({ "id": id, "expectedRevision": 7, "expiresOn": "2022-12-02", "reason": " " });
    assert_eq!(
        refused("urgentActionExtend", extend).await,
        ["expectedRevision STALE_REVISION", "expiresOn NOT_AN_EXTENSION", "reason REASON_MISSING"]
    );
    let update = json!({ "id": "action_nonsense", "expectedRevision": 1, "country": "PE" });
    assert_eq!(refused("urgentActionUpdate", update).await, ["id NOT_FOUND"]);
}
