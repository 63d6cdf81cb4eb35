//! Attacks by documents and variables that are too large, too deep or too complex.

use serde_json::json;

use super::{Answered, Attack, refused, requests::post};

pub(super) fn all() -> Vec<Attack> {
    [sizes(), depths(), fragments(), values(), costs()].into_iter().flatten().collect()
}

fn repeated(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(part).collect()
}

fn nested(times: usize, open: &str, close: &str) -> String {
    open.repeat(times) + &close.repeat(times)
}

fn sizes() -> Vec<Attack> {
    let costly = |name, document: String| Attack::document(name, &document, "QUERY_TOO_COSTLY");
    vec![
        costly("20,000 aliases", format!("{{ {} }}", repeated(20_000, |n| format!("a{n}: __typename ")))),
        costly("100,000 tokens", format!("{{ {} }}", "a ".repeat(100_000))),
        costly("30,000 tokens in a document that is short enough", format!("{{ {} }}", "a ".repeat(30_000))),
        costly("a document of 900 kB", format!("{{ service {{ name }} }} # {}", "x".repeat(900_000))),
        costly("20,000 directives", format!("{{ __typename {} }}", "@skip(if: false)".repeat(20_000))),
        costly(
            "500 fields with directives",
            format!("{{ {} }}", "...@include(if: true) { __typename } ".repeat(500)),
        ),
        costly("1,000 operations", repeated(1_000, |n| format!("query Q{n} {{ __typename }} "))),
        Attack::document(
            "2,000 fields that are unknown",
            &format!("{{ {} }}", repeated(2_000, |n| format!("u{n} "))),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        Attack::document("2,000 signs that mean nothing", &"?".repeat(2_000), "GRAPHQL_PARSE_FAILED"),
        // The first sign that breaks the grammar ends the reading.
        Attack::document("60,000 signs that mean nothing", &"?".repeat(60_000), "GRAPHQL_PARSE_FAILED"),
        Attack::document("60,000 quotation marks", &"\"".repeat(60_000), "GRAPHQL_PARSE_FAILED"),
    ]
}

fn depths() -> Vec<Attack> {
    let costly = |name, document: String| Attack::document(name, &document, "QUERY_TOO_COSTLY");
    vec![
        costly("30,000 selections in one another", nested(30_000, "{a", "}")),
        costly("150 selections in one another", format!("{{ a {} }}", nested(150, "{a", "}"))),
        costly("1,000 fragments in one another", format!("{{ {} }}", nested(1_000, "...{", "__typename}"))),
        costly("30,000 lists in one another", format!("{{ a(b: {}) }}", nested(30_000, "[", "]"))),
        costly("15,000 objects in one another", format!("{{ a(b: {}1) }}", "{a:".repeat(15_000))),
        costly("types of 2,000 lists", format!("query($a: {}) {{ a(b: $a) }}", nested(2_000, "[", "]"))),
        Attack::document(
            "an endless block string",
            &format!("{{ a(b: {}) }}", "\"\"\"x\"\"\"".repeat(8_000)),
            "GRAPHQL_PARSE_FAILED",
        ),
    ]
}

fn fragments() -> Vec<Attack> {
    let bomb = repeated(30, |n| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1))
        + "fragment F30 on Query { __typename } { ...F0 }";
    let chain = repeated(600, |n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1))
        + "fragment F600 on Query { __typename } { ...F0 }";
    let deep_chain = repeated(8, |n| {
        format!("fragment F{n} on Query {{ {}...F{}{} }} ", "...{".repeat(150), n + 1, "}".repeat(150))
    }) + "fragment F8 on Query { __typename } { ...F0 }";
    let ring =
        repeated(500, |n| format!("fragment F{n} on Query {{ ...F{} }} ", (n + 1) % 500)) + "{ ...F0 }";
    let rings = repeated(200, |n| format!("fragment F{n} on Query {{ ...F{n} }} "))
        + &format!("{{ {} }}", repeated(200, |n| format!("...F{n} ")));
    vec![
        Attack::document("fragments that double thirty times", &bomb, "QUERY_TOO_COSTLY"),
        Attack::document("a chain of 600 fragments", &chain, "QUERY_TOO_COSTLY"),
        Attack::document("a chain of deep fragments", &deep_chain, "QUERY_TOO_COSTLY"),
        Attack::document("a ring of 500 fragments", &ring, "QUERY_TOO_COSTLY"),
        Attack::document("200 fragments in themselves", &rings, "GRAPHQL_VALIDATION_FAILED"),
        Attack::document(
            "a small ring",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table of attacks, row by row")]
fn values() -> Vec<Attack> {
    const ASK: &str = "query($year: Int!) { edition(year: $year) { year } }";
    let variables = |name, query: &str, variables: String, answered| {
        let body = format!(r#"{{ "query": {}, "variables": {variables} }}"#, json!(query));
        Attack::request(name, post(&[], &body), answered)
    };
    let input = "query($filter: CaseFilter) { cases(filter: $filter) { totalCount } }";
    let bad = || refused(400, "BAD_USER_INPUT");
    vec![
        Attack::document(
            "500 variables of one name",
            &format!("query({}) {{ edition(year: $a) {{ year }} }}", "$a: Int! ".repeat(500)),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        variables(
            "50,000 values of one variable",
            ASK,
            format!("{{ {} \"year\": 2021 }}", "\"year\": 1,".repeat(50_000)),
            Answered::Data(1),
        ),
        variables("100,000 lists in one another, as JSON", ASK, nested(100_000, "[", "]"), bad()),
        variables(
            "100,000 objects in one another, as JSON",
            ASK,
            "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000),
            bad(),
        ),
        variables(
            "a filter in 120 lists",
            input,
            format!("{{ \"filter\": {} }}", nested(120, "[", "]")),
            bad(),
        ),
        variables(
            "300,000 empty lists",
            input,
            format!("{{ \"filter\": [{}[]] }}", "[],".repeat(300_000)),
            bad(),
        ),
        variables(
            "a number of 500,000 digits",
            ASK,
            format!("{{ \"year\": {} }}", "9".repeat(500_000)),
            bad(),
        ),
        variables("a number beyond all numbers", ASK, "{ \"year\": 1e999999 }".to_owned(), bad()),
        variables(
            "a string of 900 kB for a number",
            ASK,
            json!({ "year": "9".repeat(900_000) }).to_string(),
            bad(),
        ),
        Attack::document(
            "a literal of 50,000 digits",
            &format!("{{ edition(year: {}) {{ year }} }}", "9".repeat(50_000)),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        variables(
            "an identity of 900 kB",
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": "case_".repeat(180_000) }).to_string(),
            Answered::Data(1),
        ),
    ]
}

fn costs() -> Vec<Attack> {
    let costly = |name, document: &str| Attack::document(name, document, "QUERY_TOO_COSTLY");
    let long = |name, document: String| {
        let body = json!({ "query": document }).to_string();
        Attack::request(name, post(&[], &body), refused(200, "ANSWER_TOO_LARGE"))
    };
    let of_type = format!("{}fields {{ name }}{}", "ofType { ".repeat(3), " }".repeat(3));
    vec![
        costly(
            "pages of pages of pages",
            "{ cases(first: 100) { nodes { edition { cases(first: 100) { nodes { edition { cases(first: 100) \
             { nodes { id } } } } } } } } }",
        ),
        costly(
            "the schema of the schema of the schema",
            &format!(
                "{{ __schema {{ types {{ fields {{ type {{ ofType {{ fields {{ type {{ ofType {{ fields {{ type \
                 {{ {of_type} }} }} }} }} }} }} }} }} }} }} }}"
            ),
        ),
        costly(
            "the possible types of the interfaces of the possible types",
            "{ __type(name: \"Node\") { possibleTypes { interfaces { possibleTypes { name } } } } }",
        ),
        costly(
            "the whole schema a hundred times",
            &format!(
                "{{ {} }}",
                repeated(100, |n| format!("a{n}: __schema {{ types {{ fields {{ name }} }} }} "))
            ),
        ),
        long(
            "the schema with all that its fields lead to, by a name of 4 kB",
            format!(
                "{{ {} }}",
                repeated(4, |n| {
                    format!(
                        "a{n}: __schema {{ types {{ fields {{ type {{ ...F }} args {{ type {{ ...F ofType {{ ...F \
                         }} }} }} }} }} }} "
                    )
                })
            ) + &format!(
                "fragment F on __Type {{ fields {{ name description }} inputFields {{ {}: name }} }}",
                "b".repeat(4_000)
            ),
        ),
        long(
            "a name of 60 kB for each entry of a list of lists",
            format!(
                "{{ cases(first: 10) {{ nodes {{ edition {{ cases(first: 10) {{ nodes {{ {}: name }} }} }} }} }} }}",
                "b".repeat(60_000)
            ),
        ),
    ]
}
