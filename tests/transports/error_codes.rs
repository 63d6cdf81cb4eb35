//! Codes of top-level errors: documents, values, costs and keys.

use serde_json::{Value, json};

use crate::harness::{Service, campaign_id, report};

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_document_gets_the_code_of_its_mistake() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let deep = format!("{{ cases {}id{} }}", "{ nodes { edition { cases ".repeat(6), "} } }".repeat(6));
    let deep = deep.replacen("cases id", "cases { totalCount }", 1);
    let nested = format!("{{ {} {} }}", "... { ".repeat(100), "__typename }".repeat(100));
    let wide = "{ cases(first: 100) { nodes { edition { cases(first: 100) { nodes { id } } } } } }";
    let aliases: String =
        (0..150).map(|n| format!("a{n}: cases(first: 100) {{ nodes {{ id }} }} ")).collect();
    let long = format!("{{ service {{ name }} }} # {}", "a".repeat(1 << 16));
    let directives = format!("{{ service {{ name {} }} }}", "@include(if: true) ".repeat(50));
    for (query, variables, code) in [
        ("{ cases(", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("SELECT * FROM staff_keys", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ cases }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ case(slug: \"rung\") { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("{ service { name @nowhere } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "mutation { editionCreate(input: { yaer: 2022 }) { edition { id } } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ case(edition: \"2021\", slug: \"rung\") { id } }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        ("query($y: Int!) { edition(year: $y) { id } }", json!({}), "BAD_USER_INPUT"),
        ("query($y: Int!) { edition(year: $y) { id } }", json!({ "y": "2021" }), "BAD_USER_INPUT"),
        ("query($y: Int!) { edition(year: $y) { id } }", json!({ "y": 1e12 }), "BAD_USER_INPUT"),
        (
            "{ edition(year: 2021) { totalAt(instant: \"yesterday\") { letters } } }",
            json!({}),
            "BAD_USER_INPUT",
        ),
        ("query a { service { name } } query b { service { name } }", json!({}), "BAD_USER_INPUT"),
        (&deep, json!({}), "QUERY_TOO_COSTLY"),
        (&nested, json!({}), "QUERY_TOO_COSTLY"),
        (wide, json!({}), "QUERY_TOO_COSTLY"),
        (&long, json!({}), "QUERY_TOO_COSTLY"),
        (&format!("{{ {aliases} }}"), json!({}), "QUERY_TOO_COSTLY"),
        (&directives, json!({}), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let shown: String = query.chars().take(80).collect();
        let answer = anyone.ask(query, variables).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], code, "{shown}: {answer:#}");
        let message = error["message"].as_str().expect("a message");
        assert!(!message.is_empty(), "{shown}");
        assert!(answer.get("data").is_none_or(Value::is_null), "{shown}: {answer:#}");
    }
    assert_eq!(anyone.data("{ service { name simulated } }", json!({})).await["service"]["simulated"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_has_its_cost_and_the_limit() {
    let service = Service::with_2021().await;
    let cost = async |query: &str| {
        let answer = service.anyone().ask(query, json!({})).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        let cost = &answer["extensions"]["cost"];
        (cost["requested"].as_u64().expect("a cost"), cost["limit"].as_u64().expect("a limit"))
    };
    let (one, limit) = cost("{ cases(first: 1) { nodes { id } } }").await;
    let (ten, _) = cost("{ cases(first: 10) { nodes { id } } }").await;
    assert!(one < ten && ten < limit, "{one} {ten} {limit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_client_is_told_whether_its_key_is_missing_or_insufficient() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let done = report("a-report-of-somebody").letters(4).submit(&anyone).await;
    let owner = service.bearer(done["secret"].as_str().expect("a secret"));
    let list = "{ reportsPendingReview { nodes { id } } service { name } }";
    let made_up = service.bearer("w4r_admin_0000");
    for (client, code) in [(&anyone, "UNAUTHENTICATED"), (&made_up, "UNAUTHENTICATED"), (&owner, "FORBIDDEN")]
    {
        assert_eq!(client.fault(list, json!({})).await, code);
    }
    let answer = owner.ask(list, json!({})).await;
    assert_eq!(answer["data"]["reportsPendingReview"], Value::Null);
    assert_eq!(
        answer["data"]["service"]["name"].as_str().map(str::is_empty),
        Some(false),
        "its neighbour is answered"
    );
    assert_eq!(
        service.administrator().data(list, json!({})).await["reportsPendingReview"]["nodes"],
        json!([])
    );
    let withdraw = json!({ "id": done["report"]["id"], "expectedRevision": 1, "reason": "A mistake.",
        "idempotencyKey": "withdrawn-by-nobody" });
    let document = crate::harness::document("reportWithdraw", "report { state }");
    assert_eq!(anyone.fault(&document, json!({ "input": withdraw })).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_scalar_value_is_named_before_any_mutation_runs() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, "ca").await;
    let line = |quantity: Value| json!({ "kind": "APPEAL_LETTER", "quantity": quantity });
    let report =
        |key: &str, lines: Value| json!({ "campaign": campaign, "idempotencyKey": key, "lines": lines });
    let two = "mutation($one: ReportSubmitInput!, $two: ReportSubmitInput!) {
        one: reportSubmit(input: $one) { report { id } } two: reportSubmit(input: $two) { report { id } } }";
    let good = report("the report before a mistake", json!([line(json!(3))]));
    let bad = report("the report with a mistake", json!([line(json!(1)), line(json!("two"))]));
    let since =
        "query($since: DateTime = \"yesterday\") { cases(filter: { updatedSince: $since }) { totalCount } }";
    let written =
        "{ cases(filter: { edition: 2021, updatedSince: [\"2021-12-10T00:00:00Z\"] }) { totalCount } }";
    for (document, variables, value) in [
        (two, json!({ "one": good, "two": bad }), "`$two.lines[1].quantity` is not of the type `Count`"),
        (since, json!({}), "`$since` is not of the type `DateTime`"),
        (since, json!({ "since": "2021-12-10" }), "`$since` is not of the type `DateTime`"),
        (written, json!({}), "`filter.updatedSince` is not of the type `DateTime`"),
    ] {
        let answer = anyone.ask(document, variables).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer:#}");
        assert!(error["message"].as_str().expect("a message").contains(value), "{answer:#}");
        assert!(error["locations"][0]["line"].is_number(), "{answer:#}");
        assert!(answer.get("data").is_none(), "{answer:#}");
    }
    let total = anyone.data("{ edition(year: 2021) { total { reports } } }", json!({})).await;
    assert_eq!(total["edition"]["total"]["reports"], 0, "what stood before the mistake was not done");
    let known = "query($since: DateTime) { cases(filter: { updatedSince: $since }) { totalCount } }";
    for since in [json!(null), json!("2021-12-10T00:00:00+01:00")] {
        anyone.data(known, json!({ "since": since })).await;
    }
}
