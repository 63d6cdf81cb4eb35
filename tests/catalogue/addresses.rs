//! Postal addresses of cases: served while a case is published and its campaign open, and withheld otherwise. An
//! address that is served too long can put a person in danger.

use serde_json::{Value, json};

use crate::harness::{
    Client, SUBMIT, Service, at, campaign_id, case_to_change, user_errors, whole_schema::Everything, with,
};

/// What stands in the addresses of the case and nowhere else.
const SECRETS: [&str; 3] = ["Avenida Abancay 491", "fiscal@example.org", "Casilla Escondida 8"];

/// Every way in which a case can be asked for, each answer with every field of the case.
async fn asked(everything: &Everything, client: &Client, id: &Value) -> Vec<String> {
    let case = everything.selection("Case", &[]);
    assert!(["lines", "internationalLines", "email"].iter().all(|field| case.contains(field)), "{case}");
    let ways = [
        "case(edition: 2021, slug: \"maxima\") { ALL }",
        "node(id: $id) { ... on Case { ALL } }",
        "nodes(ids: [$id]) { ... on Case { ALL } }",
        "cases(filter: { text: \"maxima\" }, first: 1) { nodes { ALL } }",
        "cases(filter: { text: \"maxima\" }, last: 1) { edges { node { ALL } } }",
        "edition(year: 2021) { cases(filter: { text: \"maxima\" }, first: 1) { nodes { ALL } } }",
        "campaign(edition: 2021, section: \"ca\") {
                cases(filter: { text: \"maxima\" }, first: 1) { nodes { ALL } } }",
        "edition(year: 2021) { total { byCase { case {
                authorities { address { lines email restrictions } }
                solidarity { address { lines restrictions } } } } } }",
    ];
    let mut answers = Vec::new();
    for way in ways {
        // What is not used may not be declared.
        let variables = if way.contains("$id") { "query($id: ID!) " } else { "" };
        let query = format!("{variables}{{ {} }}", way.replace("ALL", &case));
        answers.push(client.data(&query, json!({ "id": id })).await.to_string());
    }
    answers
}

/// The service, with a case that has an address of every kind and a report that counts for it.
async fn with_addresses() -> (Service, Value) {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let edition = staff.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take();
    let input = json!({
        "edition": edition, "slug": "maxima", "name": "Máxima Acuña", "kind": "PERSON", "country": "PE",
        "texts": [{ "language": "es", "summary": "Defensora de la laguna." }],
        "authorities": [{ "title": "Fiscal de la Nación", "name": "Zoraida Ávalos",
            "postalAddress": ["Avenida Abancay 491", "Lima"], "email": "fiscal@example.org" }],
        "solidarity": { "channel": "POST", "restrictions": ["NO_POLITICS"],
            "address": ["Casilla Escondida 8", "Cajamarca"] },
    });
    let made = staff.change("caseCreate", "case { id expectedRevision: revision }", input).await;
    let case = made["case"].clone();
    assert!(case.is_object(), "{made:#}");
    let consent = with(case.clone(), json!({ "on": "2021-08-01", "by": "herself" }));
    staff.change("caseRecordConsent", "case { id }", consent).await;
    staff.change("casePublish", "case { id }", with(case.clone(), json!({ "expectedRevision": 2 }))).await;
    let report = letters_for(&staff, "the-letters-before-everything", &[case["id"].clone()]).await;
    assert_eq!(user_errors(&submit(&staff, &report).await), [""; 0]);
    (service, case["id"].clone())
}

async fn letters_for(client: &Client, key: &str, cases: &[Value]) -> Value {
    let line = |case: &Value| json!({ "case": case, "kind": "APPEAL_LETTER", "quantity": 5 });
    let lines: Vec<_> = cases.iter().map(line).collect();
    json!({ "campaign": campaign_id(client, "ca").await, "idempotencyKey": key, "lines": lines })
}

async fn submit(client: &Client, input: &Value) -> Value {
    client.payload(SUBMIT, json!({ "input": input })).await
}

/// Looks for the addresses in every answer that there is about the case, for anyone and for staff.
async fn assert_served(service: &Service, everything: &Everything, id: &Value, served: bool, when: &str) {
    for client in [service.anyone(), service.administrator()] {
        for answer in asked(everything, &client, id).await {
            for secret in SECRETS {
                assert_eq!(answer.contains(secret), served, "{when}: {secret} in {answer}");
            }
            let hidden = |answer: &str| !answer.contains("Cajamarca") && !answer.contains("Lima");
            assert_eq!(hidden(&answer), !served, "{when}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_served_from_the_first_instant_of_the_first_campaign_to_the_last_of_the_last() {
    let (service, id) = with_addresses().await;
    let everything = Everything::of(&service).await;
    for (instant, served) in [
        ("2021-10-31T10:59:59.999999Z", false), // 1 November begins in Auckland
        ("2021-10-31T11:00:00Z", true),
        ("2021-12-11T00:00:00Z", true),
        ("2022-02-01T04:59:59.999999Z", true), // 31 January ends in Toronto
        ("2022-02-01T05:00:00Z", false),
        ("2026-12-10T00:00:00Z", false),
    ] {
        service.clock.set(at(instant));
        assert_served(&service, &everything, &id, served, instant).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grace_days_take_reports_and_give_no_addresses() {
    let (service, id) = with_addresses().await;
    let everything = Everything::of(&service).await;
    let input =
        json!({ "id": campaign_id(&service.anyone(), "ca").await, "expectedRevision": 1, "graceDays": 5 });
    service.administrator().change("campaignUpdate", "campaign { id }", input).await;
    service.clock.set(at("2022-02-01T05:00:00Z"));
    assert_served(&service, &everything, &id, false, "in the grace days").await;
    let late = letters_for(&service.anyone(), "letters-written-in-time", &[id]).await;
    assert_eq!(submit(&service.anyone(), &late).await["report"]["late"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_of_a_suspended_case_is_served_until_it_is_resumed_and_none_of_a_closed_one() {
    let (service, id) = with_addresses().await;
    let everything = Everything::of(&service).await;
    let staff = service.administrator();
    let all = everything.selection("Case", &[]);
    let step = async |mutation: &str, more: Value| {
        let input = with(case_to_change(&staff, "maxima").await, more);
        staff.change(mutation, &format!("case {{ {all} }}"), input).await.to_string()
    };
    let served = |answer: &str| SECRETS.iter().any(|secret| answer.contains(secret));
    assert!(!served(&step("caseSuspend", json!({ "reason": "Threats." })).await));
    assert_served(&service, &everything, &id, false, "suspended").await;
    assert!(served(&step("caseResume", json!({})).await));
    assert_served(&service, &everything, &id, true, "resumed").await;
    assert!(!served(&step("caseSuspend", json!({ "reason": "Again." })).await));
    let service = service.restarted().await;
    assert_served(&service, &everything, &id, false, "suspended before a restart").await;
    let staff = service.administrator();
    let close = with(case_to_change(&staff, "maxima").await, json!({ "reason": "ASKED_TO_STOP" }));
    let closed = staff.change("caseClose", &format!("case {{ {all} }}"), close).await;
    assert_eq!(closed["case"]["closeReason"], "ASKED_TO_STOP", "{closed:#}");
    assert!(!served(&closed.to_string()));
    assert_served(&service, &everything, &id, false, "closed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_is_served_of_a_draft_or_in_an_archived_edition() {
    let (service, id) = with_addresses().await;
    let everything = Everything::of(&service).await;
    let staff = service.administrator();
    let edition = staff.data("{ edition(year: 2021) { id revision } }", json!({})).await["edition"].clone();
    let input = json!({ "edition": edition["id"], "slug": "draft", "name": "Draft", "kind": "PERSON",
        "country": "PE", "authorities": [{ "title": "Judge", "postalAddress": ["Avenida Abancay 491"] }] });
    let all = everything.selection("Case", &[]);
    let made = staff.change("caseCreate", &format!("case {{ {all} }}"), input).await;
    assert_eq!(made["case"]["authorities"][0]["title"], "Judge", "{made:#}");
    assert_eq!(made["case"]["authorities"][0]["address"], Value::Null);
    let archive = json!({ "id": edition["id"], "expectedRevision": edition["revision"], "reason": "Over." });
    let archived = staff.change("editionArchive", "edition { state }", archive).await;
    assert_eq!(archived["edition"]["state"], "ARCHIVED", "{archived:#}");
    assert_served(&service, &everything, &id, false, "archived").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_served_for_a_section_while_its_own_campaign_is_open_and_writes_for_the_case() {
    let (service, id) = with_addresses().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let input = json!({ "id": campaign_id(&staff, "pl").await, "expectedRevision": 1, "cases": [rung] });
    staff.change("campaignUpdate", "campaign { id }", input).await;
    let query = "query($id: ID!, $s: String) { node(id: $id) { ... on Case {
        solidarity { address(section: $s) { lines restrictions } }
        authorities { address(section: $s) { email restrictions } } } } }";
    let served = async |section: Value| {
        let data = anyone.data(query, json!({ "id": id, "s": section })).await;
        let (card, letter) =
            (&data["node"]["solidarity"]["address"], &data["node"]["authorities"][0]["address"]);
        assert_eq!(card.is_null(), letter.is_null());
        if !card.is_null() {
            assert_eq!(card["restrictions"], json!(["NO_POLITICS"]), "they travel with every address");
            assert_eq!(letter["restrictions"], json!(["NO_POLITICS"]));
        }
        !card.is_null()
    };
    assert!(served(json!("ca")).await && served(json!("nz")).await && served(Value::Null).await);
    assert!(!served(json!("pl")).await, "it picked other cases");
    assert!(!served(json!("nowhere")).await);
    service.clock.set(at("2021-11-21T12:00:00Z"));
    assert!(served(json!("ca")).await && !served(json!("ca-fr")).await, "ca-fr opens on 22 November");
    service.clock.set(at("2022-01-31T11:00:00Z"));
    assert!(served(json!("ca")).await && !served(json!("nz")).await, "31 January is over in Auckland");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_cannot_be_selected_without_its_restrictions() {
    let (service, _) = with_addresses().await;
    let staff = service.administrator();
    for selection in [
        "solidarity { address { lines } }",
        "authorities { address { lines } }",
        "authorities { address { email } }",
        "authorities { address { it: lines } }",
        "authorities { address { internationalLines } }",
        "solidarity { address { it: internationalLines } }",
        "authorities { address { lines restrictions @skip(if: true) } }",
        "authorities { address { lines restrictions @include(if: false) } }",
        "authorities { address { lines ... @skip(if: true) { restrictions } } }",
        "authorities { address { lines ...R @skip(if: true) } }",
        "authorities { address { lines } with: address { restrictions } }",
        "solidarity { restrictions address { lines } }",
    ] {
        let query = format!(
            "{{ case(edition: 2021, slug: \"maxima\") {{ {selection} }} }} {}",
            if selection.contains("...R") { "fragment R on PostalAddress { restrictions }" } else { "" }
        );
        for client in [&service.anyone(), &staff] {
            let answer = client.ask(&query, json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}: {answer:#}");
            let said = answer["data"].to_string();
            assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "{query}: {said}");
        }
    }
    for selection in [
        "solidarity { address { lines restrictions } }",
        "solidarity { address { restrictions } }",
        "solidarity { address { lines ... { rules: restrictions } } }",
        "solidarity { address { ...R lines } }",
    ] {
        let query = format!(
            "{{ case(edition: 2021, slug: \"maxima\") {{ {selection} }} }} {}",
            if selection.contains("...R") { "fragment R on PostalAddress { restrictions }" } else { "" }
        );
        let data = service.anyone().data(&query, json!({})).await;
        assert!(data.to_string().contains("NO_POLITICS"), "{data:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_gets_suspension_resumption_and_closing_at_once() {
    let (service, _) = with_addresses().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    let all = Everything::of(&service).await.selection("Case", &[]);
    let document = format!(
        "subscription($year: Int) {{ caseChanged(edition: $year) {{ state closeReason updatedAt case {{ {all} }} }} }}"
    );
    let mut watching = anyone.subscribe(&document, json!({})).await;
    let mut of_2021 = staff.subscribe(&document, json!({ "year": 2021 })).await;
    for subscription in [&mut watching, &mut of_2021] {
        subscription.listening(&staff).await;
    }
    let steps = [
        ("caseSuspend", json!({ "reason": "Threats." }), "SUSPENDED", Value::Null),
        ("caseResume", json!({ "reason": "They are over." }), "PUBLISHED", Value::Null),
        ("caseClose", json!({ "reason": "GOOD_NEWS" }), "CLOSED", json!("GOOD_NEWS")),
    ];
    for (minute, (mutation, more, state, reason)) in steps.into_iter().enumerate() {
        service.clock.set(at(&format!("2021-12-11T00:0{minute}:00Z")));
        let input = with(case_to_change(&staff, "maxima").await, more);
        assert_eq!(user_errors(&staff.change(mutation, "case { id }", input).await), [""; 0]);
        for subscription in [&mut watching, &mut of_2021] {
            let heard = loop {
                let heard = subscription.next().await["caseChanged"].take();
                if heard["case"]["slug"] != "rung" {
                    break heard;
                }
            };
            assert_eq!((&heard["state"], &heard["closeReason"]), (&json!(state), &reason));
            assert_eq!(heard["updatedAt"], format!("2021-12-11T00:0{minute}:00Z"));
            let case = &heard["case"];
            assert_eq!((&case["slug"], &case["state"]), (&json!("maxima"), &json!(state)));
            let answer = heard.to_string();
            for secret in SECRETS {
                assert_eq!(answer.contains(secret), state == "PUBLISHED", "{state}: {answer}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_takes_no_new_letters_once_it_is_suspended_or_closed_and_those_before_still_count() {
    let (service, id) = with_addresses().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let total = async || {
        let query = "query($id: ID!) { edition(year: 2021) { total { letters } }
            node(id: $id) { ... on Case { total { letters } } } }";
        let data = anyone.data(query, json!({ "id": id })).await;
        (data["edition"]["total"]["letters"].clone(), data["node"]["total"]["letters"].clone())
    };
    let mine = letters_for(&anyone, "my-letters-of-the-first-day", std::slice::from_ref(&id)).await;
    let done = submit(&anyone, &mine).await;
    let owner = service.bearer(done["secret"].as_str().expect("a secret"));
    assert_eq!(total().await, (json!(10), json!(10)));
    let steps = [
        ("caseSuspend", json!({ "reason": "Threats." }), "lines.1.case CASE_SUSPENDED"),
        ("caseClose", json!({ "reason": "SAFETY" }), "lines.1.case CASE_CLOSED"),
    ];
    // Of all cases, and of this one.
    let mut letters = (10, 10);
    for (revision, (mutation, more, refusal)) in (1..).zip(steps) {
        let input = with(case_to_change(&staff, "maxima").await, more);
        assert_eq!(user_errors(&staff.change(mutation, "case { id }", input).await), [""; 0]);
        let input = letters_for(&anyone, "letters-that-come-after-it", &[rung.clone(), id.clone()]).await;
        assert_eq!(user_errors(&submit(&anyone, &input).await), [refusal]);
        assert_eq!(total().await, (json!(letters.0), json!(letters.1)), "all of a report or nothing");
        // What was written before it stopped counts with its day, whenever it is reported. It stopped on the evening
        // of 10 December in Toronto.
        let stopped = "query($id: ID!) { node(id: $id) { ... on Case { writingStoppedAt } } }";
        let stopped = anyone.data(stopped, json!({ "id": id })).await;
        assert_eq!(stopped["node"]["writingStoppedAt"], "2021-12-11T00:00:00Z");
        let day_after = with(input.clone(), json!({ "writtenOn": "2021-12-11" }));
        assert_eq!(user_errors(&submit(&anyone, &day_after).await), [refusal]);
        let key = format!("written-before-{mutation}");
        let before = with(input, json!({ "writtenOn": "2021-12-10", "idempotencyKey": key }));
        assert_eq!(user_errors(&submit(&anyone, &before).await), [""; 0]);
        letters = (letters.0 + 10, letters.1 + 5);
        // What was reported before may stay in a correction, and staff enter what was written before.
        let correction = json!({ "id": done["report"]["id"], "expectedRevision": revision,
            "reason": "One more in the drawer.", "idempotencyKey": format!("correction-after-{mutation}"),
            "lines": [{ "case": id, "kind": "APPEAL_LETTER", "quantity": 5 + revision }] });
        assert_eq!(user_errors(&owner.change("reportCorrect", "report { id }", correction).await), [""; 0]);
        letters = (letters.0 + 1, letters.1 + 1);
        assert_eq!(total().await, (json!(letters.0), json!(letters.1)));
    }
    let by_post = letters_for(&staff, "a-parcel-that-came-by-post", std::slice::from_ref(&id)).await;
    assert_eq!(user_errors(&submit(&staff, &by_post).await), [""; 0]);
    assert_eq!(total().await, (json!(letters.0 + 5), json!(letters.1 + 5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_another_edition_a_draft_and_one_that_was_not_picked_are_foreign_to_a_report() {
    let (service, id) = with_addresses().await;
    let (anyone, staff) = (service.anyone(), service.administrator());
    let make = async |edition: Value, slug: &str| {
        let input =
            json!({ "edition": edition, "slug": slug, "name": slug, "kind": "GROUP", "country": "PE" });
        staff.change("caseCreate", "case { id }", input).await["case"]["id"].clone()
    };
    let other = staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    let edition = staff.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].clone();
    let elsewhere = make(other["edition"]["id"].clone(), "elsewhere").await;
    let draft = make(edition, "draft").await;
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let pick = json!({ "id": campaign_id(&staff, "ca").await, "expectedRevision": 1, "cases": [id, draft] });
    assert_eq!(user_errors(&staff.change("campaignUpdate", "campaign { id }", pick).await), [""; 0]);
    let cases =
        [id.clone(), elsewhere.clone(), draft.clone(), rung, json!("case_00000000000000000000000000000000")];
    let input = letters_for(&anyone, "letters-for-foreign-cases", &cases).await;
    let foreign = [
        "lines.1.case CASE_NOT_IN_CAMPAIGN",
        "lines.2.case CASE_NOT_IN_CAMPAIGN",
        "lines.3.case CASE_NOT_IN_CAMPAIGN",
        "lines.4.case CASE_NOT_IN_CAMPAIGN",
    ];
    let refused = submit(&anyone, &input).await;
    assert_eq!(user_errors(&refused), foreign);
    let messages: Vec<_> =
        refused["userErrors"].as_array().expect("errors").iter().map(|error| &error["message"]).collect();
    assert!(messages.iter().all(|message| *message == messages[0]), "a draft is like a case that never was");
    let by_staff = letters_for(&staff, "letters-for-foreign-cases-by-staff", &cases).await;
    assert_eq!(
        user_errors(&submit(&staff, &by_staff).await),
        foreign,
        "staff cannot count for a draft either"
    );
    assert_eq!(
        user_errors(&submit(&anyone, &letters_for(&anyone, "letters-for-its-own-case", &[id]).await).await),
        [""; 0]
    );
}
