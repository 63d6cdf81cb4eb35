//! Documents and what graphql-js answers to them, by the table `tests/documents/cases.json`; `tests/npm` holds the table
//! against graphql-js itself, and tries mutants of it.

use serde_json::{Value, json};

use crate::{
    harness::{Client, Service, campaign_id},
    project::docs,
};

fn cases() -> Vec<Value> {
    let table: Value = serde_json::from_str(&docs::text("tests/documents/cases.json")).expect("JSON");
    table["cases"].as_array().expect("cases").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_document_of_the_table_is_answered_as_by_graphql_js() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let cases = cases();
    assert!(cases.len() > 60, "{}", cases.len());
    for case in &cases {
        let document = case["document"].as_str().expect("a document");
        let answer = anyone.ask(document, json!({})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        match case["answer"].as_str().expect("an answer") {
            "accepted" => assert!(answer.get("errors").is_none(), "{document}: {answer:#}"),
            "syntax" => assert_eq!(code, "GRAPHQL_PARSE_FAILED", "{document}: {answer:#}"),
            "validation" => assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{document}: {answer:#}"),
            other => panic!("{other}"),
        }
        if let Some(data) = case.get("data") {
            assert_eq!(&answer["data"], data, "{document}");
        }
    }
    let reports = anyone.data("{ edition(year: 2021) { total { reports } } }", json!({})).await;
    assert_eq!(reports["edition"]["total"]["reports"], 0, "no report of the table counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_with_a_name_without_its_value_or_with_two_values_does_not_count() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let campaign = campaign_id(&anyone, "ca").await;
    let report = |lines: &str, more: &str| {
        format!(
            "mutation {{ reportSubmit(input: {{ campaign: {campaign}, idempotencyKey: \"a-report-of-two-values\", \
             lines: [{{ {lines} }}] {more} }}) {{ report {{ id }} userErrors {{ code }} }} }}"
        )
    };
    let line = "kind: APPEAL_LETTER, quantity: 3";
    for (document, code) in [
        (report(line, ", test"), "GRAPHQL_PARSE_FAILED"),
        (report("kind: APPEAL_LETTER, quantity", ""), "GRAPHQL_PARSE_FAILED"),
        (report("kind: APPEAL_LETTER, quantity: 3, quantity: 300", ""), "GRAPHQL_VALIDATION_FAILED"),
        (report(line, ", people: 1, people: 2"), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        assert_eq!(anyone.fault(&document, json!({})).await, code, "{document}");
    }
    let letters = "{ edition(year: 2021) { total { letters reports } } }";
    assert_eq!(
        anyone.data(letters, json!({})).await["edition"]["total"],
        json!({ "letters": 0, "reports": 0 })
    );
    let done = anyone.data(&report(line, ""), json!({})).await;
    assert_eq!(done["reportSubmit"]["userErrors"], json!([]));
    assert_eq!(
        anyone.data(letters, json!({})).await["edition"]["total"],
        json!({ "letters": 3, "reports": 1 })
    );
}

async fn errors(client: &Client, document: &str, variables: Value) -> Vec<String> {
    let answer = client.ask(document, variables).await;
    assert!(answer.get("data").is_none(), "{answer:#}");
    let errors = answer["errors"].as_array().expect("errors");
    errors.iter().map(|error| error["message"].as_str().expect("a message").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_error_is_the_likeliest_and_says_what_would_have_been_right() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    for (document, wanted) in [
        (
            "{ edition(year: 2021) { yeer } }",
            "Cannot query field \"yeer\" on type \"Edition\". Did you mean \"year\"?",
        ),
        (
            "query($year: Int!) { editon(year: $year) { ...F } } fragment F on Edition { year }",
            "Cannot query field \"editon\" on type \"Query\". Did you mean \"edition\", \"editions\" or \"section\"?",
        ),
        (
            "{ edition(yaer: 2021) { year } }",
            "Unknown argument \"yaer\" on field \"Query.edition\". Did you mean \"year\"?",
        ),
        (
            "{ cases(orderBy: CONTRY) { totalCount } }",
            "Value \"CONTRY\" does not exist in \"CaseOrder\" enum. Did you mean the enum value \"COUNTRY\"? \
             The values of \"CaseOrder\" are NAME, COUNTRY, NEWEST_UPDATE_FIRST, OLDEST_UPDATE_FIRST.",
        ),
        (
            "{ cases(orderBy: \"NAME\") { totalCount } }",
            "Enum \"CaseOrder\" cannot represent non-enum value: \"NAME\". Did you mean the enum value \"NAME\"? \
             The values of \"CaseOrder\" are NAME, COUNTRY, NEWEST_UPDATE_FIRST, OLDEST_UPDATE_FIRST.",
        ),
        (
            "{ node(id: \"a\") { letters title } }",
            "Cannot query field \"title\" on type \"Node\". Did you mean to use an inline fragment on \"Event\"",
        ),
        (
            "{ cases(filter: { editoin: 2021 }) { totalCount } }",
            "Field \"editoin\" is not defined by type \"CaseFilter\". Did you mean \"edition\"",
        ),
    ] {
        let errors = errors(&anyone, document, json!({})).await;
        let found =
            errors.iter().find(|error| error.starts_with(wanted.split(". ").next().expect("a sentence")));
        assert!(found.is_some_and(|found| found.starts_with(wanted)), "{document}: {errors:#?}");
        assert!(errors.iter().all(|error| !error.contains("never used")), "{document}: {errors:#?}");
    }
    assert_eq!(errors(&anyone, "{ edition(year: 2021) { yeer } }", json!({})).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_a_variable_leads_into_it() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let submit = "mutation($input: ReportSubmitInput!) { reportSubmit(input: $input) { report { id } } }";
    let input = |line: Value| json!({ "input": { "campaign": "a", "idempotencyKey": "a", "lines": [line] } });
    for (line, wanted) in [
        (
            json!({ "kind": "APPEAL_LETER", "quantity": 1 }),
            "Invalid value: `$input.lines[0].kind`: \"APPEAL_LETER\" is no value of the enum `ActionKind`. \
             Did you mean the enum value \"APPEAL_LETTER\"",
        ),
        (
            json!({ "kind": "APPEAL_LETTER", "quantty": 1 }),
            "Invalid value: `$input.lines[0].quantty`: the type `ReportLineInput` has no such field. \
             Did you mean \"quantity\"?",
        ),
        (
            json!({ "kind": "APPEAL_LETTER" }),
            "Invalid value: `$input.lines[0].quantity`: a field of the required type `Count!` was not provided.",
        ),
        (
            json!("APPEAL_LETTER"),
            "Invalid value: `$input.lines[0]`: expected an object of the type `ReportLineInput`.",
        ),
        (
            json!(null),
            "Invalid value: `$input.lines[0]`: expected a value of the type `ReportLineInput!` and not null.",
        ),
    ] {
        let errors = errors(&anyone, submit, input(line)).await;
        assert!(errors[0].starts_with(wanted), "{wanted}: {errors:#?}");
    }
    let missing = errors(&anyone, submit, json!({})).await;
    assert_eq!(
        missing,
        ["Invalid value: `$input`: a variable of the required type `ReportSubmitInput!` was not provided."]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_describes_the_schema_and_says_of_inputs_whether_one_field_has_a_value() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let query = "{ __schema { description } __type(name: \"ReportSubmitInput\") { isOneOf } }";
    let data = anyone.data(query, json!({})).await;
    assert_eq!(data["__type"]["isOneOf"], false);
    let description = data["__schema"]["description"].as_str().expect("a description");
    assert!(description.starts_with("The API of Write for Rights"), "{description}");
    assert!(docs::text("schema.graphql").contains(&format!("\n\"{description}\"\nschema {{")));
}
