//! Completeness of errors: every rule and every error code is provoked by a test and documented.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    harness::{Client, SUBMIT, Service, at, campaign_id, case_to_change, report, user_errors, with},
    project::docs,
};

/// The names that a block of the schema declares, such as the values of an enum.
fn declared(block: &str) -> Vec<String> {
    let schema = docs::text("schema.graphql");
    let (_, rest) = schema.split_once(&format!("{block} {{\n")).expect("the block");
    let (lines, _) = rest.split_once("\n}").expect("its end");
    let mut names = Vec::new();
    let mut in_description = false;
    for line in lines.lines() {
        if line.trim() == "\"\"\"" {
            in_description = !in_description;
        } else if let Some(name) = line.strip_prefix("  ").filter(|_| !in_description)
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
        {
            names.push(name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

/// How many files of tests the tables name for a code: enough to begin with.
const MAX_FILES_SHOWN: usize = 3;

/// Every file of tests in Rust, with its text.
fn tests() -> Vec<(String, String)> {
    docs::test_files().into_iter().map(|path| (path.clone(), docs::text(&path))).collect()
}

/// The files of tests that have a text in them.
fn files_with<'a>(tests: &'a [(String, String)], text: &str) -> Vec<&'a str> {
    tests.iter().filter(|(_, source)| source.contains(text)).map(|(path, _)| path.as_str()).collect()
}

/// How tests expect a rule: the path of the input, a space and the code.
fn as_expected(code: &str) -> String {
    format!(" {code}\"")
}

#[test]
fn every_rule_that_can_say_no_is_provoked_by_a_test() {
    let (codes, tests) = (declared("enum UserErrorCode"), tests());
    assert!(codes.len() > 40, "{codes:?}");
    let missing: Vec<_> =
        codes.into_iter().filter(|code| files_with(&tests, &as_expected(code)).is_empty()).collect();
    assert_eq!(missing, [""; 0]);
}

/// The codes in a text, where they stand between such marks.
fn codes(text: &str, mark: char) -> BTreeSet<&str> {
    let is_code = |word: &&str| word.len() > 4 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    text.split(mark).filter(is_code).collect()
}

/// Where `extensions.code` is given, in one text.
fn sources_of_codes() -> String {
    docs::text("graphql/src/api/error.rs") + &docs::text("graphql/engine/src/error/code.rs")
}

#[test]
fn every_kind_of_trouble_is_explained_in_the_api_guide_and_provoked_by_a_test() {
    let sources = sources_of_codes();
    let given = codes(&sources, '"');
    assert!(given.len() > 10, "{given:?}");
    let guide = docs::text("graphql/docs/api.md");
    let (_, table) = guide.split_once("<!-- faults -->").expect("the mark");
    let (table, _) = table.split_once("<!-- /faults -->").expect("the closing mark");
    assert_eq!(codes(table, '`'), given);
    let tests = tests();
    let missing: Vec<_> =
        given.into_iter().filter(|code| files_with(&tests, &format!("\"{code}\"")).is_empty()).collect();
    assert_eq!(missing, [""; 0]);
}

/// A row for each code, with the files whose tests provoke it.
fn provoked<'a>(
    tests: &[(String, String)],
    codes: impl IntoIterator<Item = &'a str>,
    expected: impl Fn(&str) -> String,
) -> String {
    let rows = codes.into_iter().map(|code| {
        let files = files_with(tests, &expected(code));
        let mut shown: Vec<_> =
            files.iter().map(|path| docs::link_from_tests(path)).take(MAX_FILES_SHOWN).collect();
        if files.len() > MAX_FILES_SHOWN {
            shown.push("and others".to_owned());
        }
        [format!("`{code}`"), shown.join(", ")]
    });
    docs::table(["code", "provoked in"], rows)
}

#[test]
fn the_tests_guide_says_where_each_code_is_provoked() {
    let tests = tests();
    let mut rules = declared("enum UserErrorCode");
    rules.sort_unstable();
    let rules = provoked(&tests, rules.iter().map(String::as_str), as_expected);
    docs::assert_generated("tests/README.md", "rules", &rules);
    let sources = sources_of_codes();
    let errors = provoked(&tests, codes(&sources, '"'), |code| format!("\"{code}\""));
    docs::assert_generated("tests/README.md", "errors", &errors);
}

#[test]
fn every_mutation_is_called_by_a_test() {
    let (mutations, tests) = (declared("type Mutation"), tests());
    assert!(mutations.len() > 20, "{mutations:?}");
    let has = |text: String| !files_with(&tests, &text).is_empty();
    let called = |name: &String| has(format!("{name}(input: $input)")) || has(format!("\"{name}\""));
    let missing: Vec<_> = mutations.into_iter().filter(|name| !called(name)).collect();
    assert_eq!(missing, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_before_the_opening_day_is_asked_to_come_again() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    service.clock.set(at("2021-11-01T03:59:59.999999Z"));
    for client in [&anyone, &service.administrator()] {
        let refused = report("before-it-has-opened").letters(4).submit(client).await;
        assert_eq!(user_errors(&refused), ["campaign CAMPAIGN_NOT_OPEN"]);
        let message = refused["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains("2021-11-01T04:00:00Z"), "{message}");
    }
    service.clock.set(at("2021-11-01T04:00:00Z"));
    assert_eq!(user_errors(&report("before-it-has-opened").letters(4).submit(&anyone).await), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_something_once_and_from_one_place() {
    let service = Service::with_2021().await;
    let anyone = service.anyone();
    let line = json!({ "kind": "APPEAL_LETTER", "quantity": 1 });
    for (more, expected) in [
        (json!({ "lines": [] }), vec!["lines TOO_FEW_ITEMS"]),
        (json!({ "lines": null, "numbers": [] }), vec!["lines TOO_FEW_ITEMS"]),
        (json!({ "lines": vec![line.clone(); 201] }), vec!["lines TOO_MANY_ITEMS"]),
        (
            json!({ "numbers": [line, line] }),
            vec!["numbers.0.quantity LINES_EXCEED_TOTAL", "numbers.1.kind DUPLICATE"],
        ),
        (json!({ "country": "PL", "region": "CA-ON" }), vec!["region REGION_OUTSIDE_COUNTRY"]),
        (json!({ "staffNote": "a".repeat(2_001) }), vec!["staffNote TEXT_TOO_LONG"]),
        (json!({ "idempotencyKey": "with spaces in it" }), vec!["idempotencyKey IDEMPOTENCY_KEY_INVALID"]),
        (json!({ "idempotencyKey": "k".repeat(129) }), vec!["idempotencyKey IDEMPOTENCY_KEY_INVALID"]),
        (json!({ "idempotencyKey": "ключ-из-многих-букв" }), vec!["idempotencyKey IDEMPOTENCY_KEY_INVALID"]),
    ] {
        let refused = report("a-report-that-is-refused").letters(4).with(more.clone()).submit(&anyone).await;
        assert_eq!(user_errors(&refused), expected, "{more}");
    }
    let done =
        report(&"k".repeat(128)).letters(4).with(json!({ "lines": vec![line; 200] })).submit(&anyone).await;
    assert_eq!(user_errors(&done), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_that_is_no_section_is_told_all_that_is_wrong() {
    let service = Service::empty().await;
    let staff = service.administrator();
    let input = json!({ "code": "Pe ru", "name": " ", "country": "ZZ", "languages": ["es", "zz", "ES"],
        "timeZone": "America/Cajamarca" });
    let refused = staff.change("sectionCreate", "section { id }", input).await;
    assert_eq!(
        user_errors(&refused),
        [
            "code SLUG_INVALID",
            "name REQUIRED",
            "country COUNTRY_UNKNOWN",
            "languages.1 LANGUAGE_UNKNOWN",
            "languages.2 DUPLICATE",
            "timeZone TIME_ZONE_UNKNOWN",
        ]
    );
    assert_eq!(refused["section"], Value::Null);
    let none = json!({ "code": "pe", "name": "Perú", "languages": [], "timeZone": "America/Lima" });
    assert_eq!(
        user_errors(&staff.change("sectionCreate", "section { id }", none).await),
        ["languages TOO_FEW_ITEMS"]
    );
    assert_eq!(staff.data("{ sections { totalCount } }", json!({})).await["sections"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_that_is_no_edition_is_told_all_that_is_wrong() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    for (year, goal) in [(1960, 0.0), (2101, 1_000_000_001.0), (-1, 0.5), (i32::MAX, -3.0)] {
        let input = json!({ "year": year, "letterGoal": goal });
        let refused = staff.change("editionCreate", "edition { id }", input).await;
        assert_eq!(user_errors(&refused), ["year YEAR_OUT_OF_RANGE", "letterGoal GOAL_OUT_OF_RANGE"]);
    }
    let edition = staff.data("{ edition(year: 2021) { id } }", json!({})).await["edition"]["id"].take();
    let figure = json!({ "figure": 4, "unit": "letters", "qualifier": "EXACT", "status": "FINAL" });
    let bad = json!({ "figure": 0.5, "asOf": "spring", "countries": 0, "source": "a newspaper" });
    let figures = [figure.clone(), with(figure.clone(), bad), figure.clone()];
    let refused = staff
        .change("editionPublishFigures", "edition { id }", json!({ "id": edition, "figures": figures }))
        .await;
    assert_eq!(
        user_errors(&refused),
        [
            "figures.1.figure FIGURE_OUT_OF_RANGE",
            "figures.1.asOf PARTIAL_DATE_INVALID",
            "figures.1.countries QUANTITY_OUT_OF_RANGE",
            "figures.1.source URL_INVALID",
            "figures.2 DUPLICATE",
        ]
    );
    let many: Vec<_> =
        (1..=201).map(|countries| with(figure.clone(), json!({ "countries": countries }))).collect();
    let refused = staff
        .change("editionPublishFigures", "edition { id }", json!({ "id": edition, "figures": many }))
        .await;
    assert_eq!(user_errors(&refused), ["figures TOO_MANY_ITEMS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_cannot_run_is_told_all_that_is_wrong() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let rung = case_to_change(&staff, "rung").await["id"].clone();
    let campaign = json!({ "id": campaign_id(&staff, "ca").await, "expectedRevision": 1 });
    let change = async |more: Value| {
        user_errors(&staff.change("campaignUpdate", "campaign { id }", with(campaign.clone(), more)).await)
    };
    assert_eq!(
        change(json!({ "opensOn": "2022-02-01", "registrationClosesOn": "2021-10-31", "graceDays": 93 }))
            .await,
        [
            "deadlineOn WINDOW_OUT_OF_ORDER",
            "registrationClosesOn WINDOW_OUT_OF_ORDER",
            "graceDays GRACE_DAYS_OUT_OF_RANGE"
        ]
    );
    assert_eq!(
        change(
            json!({ "opensOn": "2021-11-31", "graceDays": -1, "timeZone": "Toronto", "letterGoal": 1_000_001,
            "limitPerson": 0, "limitEvent": 1_000_001, "cases": [] })
        )
        .await,
        [
            "opensOn DATE_INVALID",
            "graceDays GRACE_DAYS_OUT_OF_RANGE",
            "timeZone TIME_ZONE_UNKNOWN",
            "letterGoal GOAL_OUT_OF_RANGE",
            "limitPerson PLAUSIBILITY_LIMIT_OUT_OF_RANGE",
            "limitEvent PLAUSIBILITY_LIMIT_OUT_OF_RANGE",
            "cases TOO_FEW_ITEMS",
        ]
    );
    let other = staff.change("editionCreate", "edition { id }", json!({ "year": 2022 })).await;
    let input = json!({ "edition": other["edition"]["id"], "slug": "elsewhere", "name": "Elsewhere",
        "kind": "COMMUNITY", "country": "PE" });
    let elsewhere = staff.change("caseCreate", "case { id }", input).await["case"]["id"].clone();
    assert_eq!(
        change(json!({ "cases": [rung, elsewhere, rung, "case_nonsense"] })).await,
        ["cases.1 CASE_NOT_IN_CAMPAIGN", "cases.2 DUPLICATE", "cases.3 NOT_FOUND"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_cannot_be_written_for_is_told_all_that_is_wrong() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let rung = case_to_change(&staff, "rung").await;
    let english = json!({ "language": "en", "title": "A\u{202e}B" });
    let bad = json!({
        "country": "XX",
        "texts": [{ "language": "fr" }, english, { "language": "FR" }, { "language": "klingon-x" }],
        "authorities": [{ "title": "", "country": "Peru", "email": "nobody", "postalAddress": vec!["a line"; 11] }],
        "solidarity": { "channel": "POST", "languages": ["xx"], "address": ["two\nlines"] },
        "sources": ["example.org"],
    });
    let refused = staff.change("caseUpdate", "case { id }", with(rung.clone(), bad)).await;
    let mut errors = user_errors(&refused);
    errors.sort();
    assert_eq!(
        errors,
        [
            "authorities.0.country COUNTRY_UNKNOWN",
            "authorities.0.email EMAIL_INVALID",
            "authorities.0.postalAddress TOO_MANY_ITEMS",
            "authorities.0.title REQUIRED",
            "country COUNTRY_UNKNOWN",
            "solidarity.address.0 CONTROL_CHARACTER",
            "solidarity.languages.0 LANGUAGE_UNKNOWN",
            "sources.0 URL_INVALID",
            "texts.1.title BIDIRECTIONAL_OVERRIDE",
            "texts.2.language DUPLICATE",
            "texts.3.language LANGUAGE_UNKNOWN",
        ]
    );
    let many = json!({ "topics": vec!["OTHER"; 51], "sources": vec!["https://example.org"; 51],
        "authorities": vec![json!({ "title": "Judge" }); 21],
        "texts": vec![json!({ "language": "en" }); 61] });
    let mut errors = user_errors(&staff.change("caseUpdate", "case { id }", with(rung, many)).await);
    errors.retain(|error| error.ends_with("TOO_MANY_ITEMS"));
    assert_eq!(
        errors,
        [
            "topics TOO_MANY_ITEMS",
            "texts TOO_MANY_ITEMS",
            "authorities TOO_MANY_ITEMS",
            "sources TOO_MANY_ITEMS"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_about_a_report_that_is_not_held_is_refused() {
    let service = Service::with_2021().await;
    let staff = service.administrator();
    let done = report("a-report-that-counts").letters(4).submit(&service.anyone()).await;
    let decide = async |more: Value| {
        let input = json!({ "id": done["report"]["id"], "expectedRevision": 1, "decision": "REJECT",
            "reason": "Too many.", "idempotencyKey": "the-decision-about-it" });
        user_errors(&staff.change("reportReview", "report { state }", with(input, more)).await)
    };
    assert_eq!(decide(json!({})).await, ["id REPORT_STATE_INVALID"]);
    assert_eq!(decide(json!({ "expectedRevision": 2 })).await, ["expectedRevision STALE_REVISION"]);
    assert_eq!(
        decide(json!({ "reason": "", "idempotencyKey": "short" })).await,
        ["reason REASON_MISSING", "idempotencyKey IDEMPOTENCY_KEY_INVALID"]
    );
    assert_eq!(
        decide(json!({ "idempotencyKey": "a-report-that-counts" })).await,
        ["idempotencyKey IDEMPOTENCY_KEY_CONFLICT"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_understood_has_the_code_of_what_is_wrong_with_it() {
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
async fn an_answer_tells_what_it_cost_and_what_it_may_cost() {
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
async fn whoever_may_not_is_told_whether_a_key_is_missing_or_is_the_wrong_one() {
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
async fn a_value_that_is_none_of_its_scalar_is_named_before_anything_is_done() {
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
