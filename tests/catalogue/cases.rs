//! Cases: look-up, languages, search, pagination, and drafts that only administrators see.

use serde_json::{Value, json};

use crate::harness::{Client, Service, at, campaign_id, case_to_change, user_errors, with};

mod drafts;
mod pages;

/// The slugs of 2021 in the order of their names.
const BY_NAME: [&str; 10] = [
    "bernardo-caal-xol",
    "ciham-ali",
    "imoleayo-michael",
    "janna-jihad",
    "mikita-zalatarou",
    "mohamed-baker",
    "rung",
    "sphere",
    "wendy-galarza",
    "zhang-zhan",
];

const LIST: &str = "query($filter: CaseFilter, $order: CaseOrder) {
    cases(filter: $filter, orderBy: $order) { totalCount nodes { slug } } }";

/// The slugs of a list, after a look at its count.
async fn listed(client: &Client, filter: Value, order: &str) -> Vec<String> {
    let data = client.data(LIST, json!({ "filter": filter, "order": order })).await;
    let found = slugs(&data["cases"]);
    assert_eq!(data["cases"]["totalCount"], found.len(), "{filter}");
    found
}

fn slugs(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("no nodes in {page:#}"));
    nodes.iter().map(|case| case["slug"].as_str().expect("a slug").to_owned()).collect()
}

async fn edition_id(client: &Client) -> Value {
    client.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take()
}

/// Registers a case of 2021, as a draft, and says its id and revision.
async fn drafted(service: &Service, slug: &str, name: &str, more: Value) -> Value {
    let staff = service.administrator();
    let edition = edition_id(&staff).await;
    let input = json!({ "edition": edition, "slug": slug, "name": name, "kind": "PERSON", "country": "PE" });
    let made = staff.change("caseCreate", "case { id expectedRevision: revision }", with(input, more)).await;
    assert_eq!(user_errors(&made), [""; 0]);
    made["case"].clone()
}

/// Registers a case of 2021 and publishes it.
async fn published(service: &Service, slug: &str, name: &str, more: Value) -> Value {
    let staff = service.administrator();
    let case = drafted(service, slug, name, more).await;
    let consent = with(case.clone(), json!({ "on": "2021-08-01", "by": "herself" }));
    staff.change("caseRecordConsent", "case { id }", consent).await;
    let input = with(case, json!({ "expectedRevision": 2 }));
    let done = staff.change("casePublish", "case { id state }", input).await;
    assert_eq!(done["case"]["state"], "PUBLISHED", "{done:#}");
    done["case"]["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_holds_the_cases_for_which_the_whole_filter_holds() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    service.clock.set(at("2021-12-12T00:00:00Z"));
    let suspend = with(case_to_change(&staff, "sphere").await, json!({ "reason": "Threats." }));
    staff.change("caseSuspend", "case { id }", suspend).await;
    let all = BY_NAME.as_slice();
    let found: [(Value, &[&str]); 16] = [
        (json!({}), all),
        (json!({ "edition": 2021 }), all),
        (json!({ "edition": 2022 }), &[]),
        (json!({ "edition": 1999 }), &[]),
        (json!({ "countries": ["TH", "BY"] }), &["mikita-zalatarou", "rung"]),
        (json!({ "countries": [] }), &[]),
        (json!({ "topics": ["HATE_CRIME", "TORTURE"] }), &["mikita-zalatarou", "mohamed-baker", "sphere"]),
        (json!({ "topics": [] }), &[]),
        (json!({ "states": ["SUSPENDED", "CLOSED"] }), &["sphere"]),
        (json!({ "states": ["DRAFT"] }), &[]),
        (json!({ "states": [] }), &[]),
        (json!({ "updatedSince": "2021-12-11T00:00:00Z" }), all),
        (json!({ "updatedSince": "2021-12-11T19:00:00-05:00" }), &["sphere"]),
        (json!({ "updatedSince": "2021-12-12T00:00:00.000001Z" }), &[]),
        (json!({ "edition": 2021, "topics": ["TORTURE"], "countries": ["EG"] }), &["mohamed-baker"]),
        (json!({ "topics": ["TORTURE"], "countries": ["TH"] }), &[]),
    ];
    for (filter, expected) in found {
        assert_eq!(listed(&anyone, filter.clone(), "NAME").await, expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_with_an_impossible_value_is_refused() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    for filter in [
        json!({ "countries": ["ZZ"] }),
        json!({ "countries": vec!["TH"; 251] }),
        json!({ "text": "a".repeat(201) }),
        json!({ "updatedSince": "yesterday" }),
        json!({ "topics": ["WEATHER"] }),
    ] {
        assert_eq!(anyone.fault(LIST, json!({ "filter": filter })).await, "BAD_USER_INPUT", "{filter}");
    }
    assert_eq!(listed(&anyone, json!({ "text": "a".repeat(200) }), "NAME").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_lists_exactly_its_cases() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let mut picks = vec![];
    for slug in ["sphere", "rung"] {
        picks.push(case_to_change(&staff, slug).await["id"].clone());
    }
    let input = json!({ "id": campaign_id(&staff, "au").await, "expectedRevision": 1, "cases": picks });
    let picked = staff.change("campaignUpdate", "campaign { picksAllCases }", input).await;
    assert_eq!(picked["campaign"]["picksAllCases"], false, "{picked:#}");
    assert_eq!(listed(&anyone, json!({ "section": "au" }), "NAME").await, ["rung", "sphere"]);
    assert_eq!(listed(&anyone, json!({ "section": "ca" }), "NAME").await, BY_NAME);
    assert_eq!(listed(&anyone, json!({ "section": "nowhere" }), "NAME").await, [""; 0]);
    let query = "{ campaign(edition: 2021, section: \"au\") { cases { totalCount nodes { slug } } }
        edition(year: 2021) { cases(filter: { section: \"au\" }) { totalCount nodes { slug } } } }";
    let data = anyone.data(query, json!({})).await;
    assert_eq!(data["campaign"]["cases"], data["edition"]["cases"]);
    assert_eq!(slugs(&data["campaign"]["cases"]), ["rung", "sphere"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_names_and_texts_without_regard_to_accents_and_never_an_address() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let more = json!({
        "texts": [{ "language": "es", "title": "Máxima y la laguna", "summary": "Defensora de Tragadero." }],
        "authorities": [{ "title": "Fiscal de la Nación", "name": "Zoraida Ávalos",
            "postalAddress": ["Avenida Abancay 491"], "email": "fiscal@example.org" }],
        "solidarity": { "channel": "POST", "address": ["Casilla Escondida 8"] },
    });
    published(&service, "maxima", "Máxima Acuña", more).await;
    for text in [
        "maxima",
        "MÁXIMA",
        "Ma\u{301}xima acun\u{303}a",
        "acuna",
        "laguna defensora",
        "  tragadero  ",
        "cuña",
    ] {
        assert_eq!(listed(&anyone, json!({ "text": text }), "NAME").await, ["maxima"], "{text}");
    }
    assert_eq!(listed(&anyone, json!({ "text": "galárza" }), "NAME").await, ["wendy-galarza"]);
    for text in [
        "abancay",
        "491",
        "avalos",
        "fiscal",
        "example.org",
        "escondida",
        "casilla",
        "Nakhon",
        "10300",
        "Ittihadia",
        "maxima nowhere",
    ] {
        for client in [&anyone, &service.administrator()] {
            assert_eq!(listed(client, json!({ "text": text }), "NAME").await, [""; 0], "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_ordered_by_name_by_country_and_by_change() {
    let service = Service::with_2021().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    for (minute, slug) in [(1, "zhang-zhan"), (2, "sphere"), (3, "ciham-ali")] {
        service.clock.set(at(&format!("2021-12-11T00:0{minute}:00Z")));
        let input = with(case_to_change(&staff, slug).await, json!({ "topics": ["OTHER"] }));
        staff.change("caseUpdate", "case { id }", input).await;
    }
    published(&service, "abel", "ábel", json!({ "country": "TH" })).await;
    let mut by_name = BY_NAME.to_vec();
    by_name.insert(0, "abel");
    assert_eq!(listed(&anyone, json!({}), "NAME").await, by_name, "neither case nor accent comes first");
    assert_eq!(listed(&anyone, Value::Null, "NAME").await, by_name);
    assert_eq!(
        listed(&anyone, json!({}), "COUNTRY").await,
        [
            "mikita-zalatarou",  // BY
            "zhang-zhan",        // CN
            "mohamed-baker",     // EG
            "ciham-ali",         // ER
            "bernardo-caal-xol", // GT
            "wendy-galarza",     // MX
            "imoleayo-michael",  // NG
            "janna-jihad",       // PS
            "abel",              // TH
            "rung",              // TH
            "sphere",            // UA
        ]
    );
    let since = json!({ "updatedSince": "2021-12-11T00:01:00Z", "states": ["PUBLISHED"] });
    let mut changed = listed(&anyone, since.clone(), "OLDEST_UPDATE_FIRST").await;
    assert_eq!(changed[..2], ["zhang-zhan", "sphere"]);
    assert_eq!(changed.len(), 4);
    let newest = listed(&anyone, json!({}), "NEWEST_UPDATE_FIRST").await;
    assert_eq!(newest[2..4], ["sphere", "zhang-zhan"]);
    changed[2..].sort();
    assert_eq!(changed[2..], ["abel", "ciham-ali"], "two of one instant, in whatever order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_falls_back_to_another_language_and_says_which_one_it_is() {
    let service = Service::with_2021().await;
    let text = |language: &str| json!({ "language": language, "title": format!("in {language}") });
    let texts = json!({ "texts": [text("pl"), text("fr-CA"), text("en"), text("es")] });
    published(&service, "in-four-languages", "In Four Languages", texts).await;
    published(&service, "in-one-language", "In One Language", json!({ "texts": [text("pl")] })).await;
    published(&service, "in-no-language", "In No Language", json!({})).await;
    let read = async |accept: &str, slug: &str, list: Value, argument: Value| {
        let query = "query($slug: String!, $list: Language, $argument: Language) {
            case(edition: 2021, slug: $slug, language: $list) { text(language: $argument) { language title } } }";
        let variables = json!({ "slug": slug, "list": list, "argument": argument });
        let mut data = service.anyone().reading(accept).data(query, variables).await;
        let text = data["case"]["text"].take();
        if text.is_object() {
            let language = text["language"].as_str().expect("a language");
            assert_eq!(text["title"], format!("in {language}"), "all of it is in one language");
        }
        text["language"].clone()
    };
    let four = "in-four-languages";
    for (accept, list, argument, given) in [
        ("", Value::Null, Value::Null, "en"),
        ("pl", Value::Null, Value::Null, "pl"),
        ("de, es;q=0.4, fr;q=0.9", Value::Null, Value::Null, "fr-CA"),
        ("de", Value::Null, Value::Null, "en"),
        ("en;q=0, nonsense", Value::Null, Value::Null, "en"),
        ("pl", json!("es"), Value::Null, "es"),
        ("pl", json!("de"), Value::Null, "pl"),
        ("pl", json!("es"), json!("FR"), "fr-CA"),
        ("pl", json!("es"), json!("es-MX"), "es"),
    ] {
        assert_eq!(
            read(accept, four, list.clone(), argument.clone()).await,
            given,
            "{accept} {list} {argument}"
        );
    }
    assert_eq!(read("fr, en", "in-one-language", Value::Null, json!("es")).await, "pl");
    assert_eq!(read("fr, en", "in-no-language", Value::Null, Value::Null).await, Value::Null);
    let query = "{ cases(language: \"es\", filter: { text: \"languages four\" }) { nodes { text { language } texts { language } } } }";
    let data = service.anyone().reading("pl").data(query, json!({})).await;
    let case = &data["cases"]["nodes"][0];
    assert_eq!(case["text"]["language"], "es", "a list passes its language on");
    assert_eq!(case["texts"].as_array().map(Vec::len), Some(4));
    let unknown = "{ case(edition: 2021, slug: \"rung\") { text(language: \"zz\") { title } } }";
    assert_eq!(service.anyone().fault(unknown, json!({})).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn equal_response_names_are_merged() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let once = "{ edition(year: 2021) {
        year total { letters version } cases(first: 2) { nodes { slug name } totalCount } } }";
    let twice = "{ edition(year: 2021) { year } ...Rest edition(year: 2021) {
        cases(first: 2) { nodes { slug } } cases(first: 2) { nodes { name slug } totalCount } } }
        fragment Rest on Query { edition(year: 2021) { total { letters } total { version } } }";
    let once = anyone.data(once, json!({})).await;
    assert_eq!(once["edition"]["cases"]["nodes"].as_array().map(Vec::len), Some(2), "{once:#}");
    assert_eq!(anyone.data(twice, json!({})).await, once);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_global_id_leads_to_its_thing_and_any_other_text_to_nothing() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let query = "{ edition(year: 2021) { id } section(code: \"ca\") { id }
        campaign(edition: 2021, section: \"ca\") { id } case(edition: 2021, slug: \"rung\") { id } }";
    let data = anyone.data(query, json!({})).await;
    let id = |field: &str| data[field]["id"].as_str().expect("an id").to_owned();
    let case = id("case");
    let digits = case.strip_prefix("case_").expect("it says what it is");
    let ids = [
        id("edition"),
        String::new(),
        id("section"),
        "case_00000000000000000000000000000000".into(),
        id("campaign"),
        format!("edition_{digits}"),
        format!("report_{digits}"),
        format!("case_{}", digits.to_uppercase()),
        digits.to_owned(),
        "rung".into(),
        case.clone(),
        case.clone(),
    ];
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let found = anyone.data(nodes, json!({ "ids": ids })).await;
    let node = |kind: &str, id: &str| json!({ "__typename": kind, "id": id });
    assert_eq!(
        found["nodes"],
        json!([
            node("Edition", &ids[0]),
            null,
            node("Section", &ids[2]),
            null,
            node("Campaign", &ids[4]),
            null,
            null,
            null,
            null,
            null,
            node("Case", &case),
            node("Case", &case),
        ])
    );
    for id in &ids {
        let found_alone = anyone.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        let found =
            found["nodes"].as_array().is_some_and(|nodes| nodes.iter().any(|node| node["id"] == **id));
        assert_eq!(found_alone["node"].is_object(), found, "{id}");
    }
    assert_eq!(anyone.fault(nodes, json!({ "ids": vec![case; 101] })).await, "BAD_USER_INPUT");
}
