//! Documents that async-graphql alone would treat differently from the specification.

use serde_json::{Value, json};

use super::client::TestService;

#[tokio::test]
async fn every_string_literal_has_its_specified_value() {
    let service = TestService::start().await;
    for (written, meant) in [
        (r#""plain""#, "plain"),
        (r#""\u{1F600}""#, "😀"),
        (r#""\uD83D\uDE00""#, "😀"),
        (r#""\u0041\t\"\\\/""#, "A\t\"\\/"),
        ("\"\"\"\n    two\n      lines \\\"\"\"\n  \"\"\"", "two\n  lines \"\"\""),
        ("\"🏃 # no comment, $no {variable}\"", "🏃 # no comment, $no {variable}"),
    ] {
        let data = service.data(&format!("{{ echo(text: {written}) }}"), json!({})).await;
        assert_eq!(data, json!({ "echo": meant }), "{written}");
    }
    for written in [r#""\uD83D""#, r#""\u{110000}""#, r#""\x""#, "\"a\nb\""] {
        let (status, code, _) = service.refusal(&format!("{{ echo(text: {written}) }}"), json!({})).await;
        assert_eq!((status, &*code), (400, "GRAPHQL_PARSE_FAILED"), "{written}");
    }
}

#[tokio::test]
async fn an_invalid_document_is_rejected_with_its_position() {
    let service = TestService::start().await;
    for query in [
        "{ __typename @nope }",
        "{ unknown }",
        "{ long(bytes: \"1\") }",
        "{ long(bytes: 1, bytes: 2) }",
        "{ long(other: 1) }",
        "{ echo }",
        "{ inner }",
        "{ long { more } }",
        "{ long a: long long: lasting }",
        "query ($unused: Int) { long }",
        "query ($a: Int, $a: Int) { long(bytes: $a) }",
        "query ($a: String) { long(bytes: $a) }",
        "query ($a: Unknown) { long(bytes: $a) }",
        "{ long(bytes: $a) }",
        "{ long @skip }",
        "{ long @skip(if: true) @skip(if: true) }",
        "query @skip(if: true) { long }",
        "{ ...F } fragment F on Query { ...F }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{ ...F }",
        "{ long } fragment F on Query { long }",
        "{ ...F } fragment F on Mutation { change }",
        "{ long } { lasting }",
        "query A { long } query A { lasting }",
        "fragment F on Query { long }",
        "subscription { numbers silence }",
        "subscription { ...F } fragment F on Live { numbers ...G } fragment G on Live { silence }",
        "subscription { numbers ... on Live { a: numbers } }",
        "subscription { numbers silence @skip(if: true) }",
        "subscription { __typename }",
        "{ long } type Query { a: Int }",
        "{ repeat(input: { text: \"a\", text: \"b\" }) }",
        "query ($a: RepeatInput = { text: \"a\", text: \"b\" }) { repeat(input: $a) }",
        "{ repeat(input: { text: \"a\", times: 1, times: $a }) }",
    ] {
        let reply = service.post(&json!({ "query": query })).await;
        assert_eq!((reply.status, &*reply.code()), (400, "GRAPHQL_VALIDATION_FAILED"), "{query}");
        assert_eq!(reply.json().get("data"), None);
    }
    let reply = service.post(&json!({ "query": "{\n  long\n  \u{1F3C3}" })).await;
    assert_eq!(reply.json()["errors"][0]["locations"], json!([{ "line": 3, "column": 3 }]));
    let reply = service.post(&json!({ "query": "{\n  long\n  echo(text: \"🏃\") unknown }" })).await;
    assert_eq!(reply.json()["errors"][0]["locations"], json!([{ "line": 3, "column": 19 }]));
    let reply = service.post(&json!({ "query": "query A {\n  long\n  hole\n}" })).await;
    assert_eq!(reply.json()["errors"][0]["locations"], json!([{ "line": 3, "column": 3 }]));
}

#[tokio::test]
async fn a_name_without_its_value_is_a_syntax_error() {
    let service = TestService::start().await;
    for (query, column) in [
        ("{ long(bytes) }", 13),
        ("{ echo(text: \"a\", more) }", 23),
        ("{ repeat(input: { text: \"a\", times }) }", 36),
        ("{ long @include(if) }", 19),
        ("query ($a: RepeatInput = { text }) { repeat(input: $a) }", 33),
        ("query ($a) { long }", 10),
        ("{ long(bytes: 1 }", 17),
        ("{ long(bytes: 1,, : 2) }", 19),
        ("{ long: }", 9),
        ("{ ...F } fragment F Query { long }", 21),
        ("{ ...F } fragment on on Query { long }", 19),
    ] {
        let reply = service.post(&json!({ "query": query })).await;
        assert_eq!((reply.status, &*reply.code()), (400, "GRAPHQL_PARSE_FAILED"), "{query}");
        let locations = &reply.json()["errors"][0]["locations"];
        assert_eq!(*locations, json!([{ "line": 1, "column": column }]), "{query}");
    }
}

#[tokio::test]
async fn a_description_has_no_effect() {
    let service = TestService::start().await;
    let wanted = json!({ "long": "x", "lasting": true });
    for query in [
        "\"The query\" query Q { long(bytes: 1) lasting }",
        "\"\"\"\nThe query,\n  in a block: \\\"\"\" # 🏃\n\"\"\"\nquery { long(bytes: 1) lasting }",
        "query(\"The count\" $a: Int = 1, \"\"\"Whether\"\"\" $b: Boolean = true) { long(bytes: $a) lasting @include(if: $b) }",
        "query { ...F } \"The fields\" fragment F on Query { long(bytes: 1) lasting }",
    ] {
        assert_eq!(service.data(query, json!({})).await, wanted, "{query}");
    }
    let reply = service.post(&json!({ "query": "\"ä\n" })).await;
    assert_eq!(reply.code(), "GRAPHQL_PARSE_FAILED");
    let reply = service.post(&json!({ "query": "\"\"\"ä\n\"\"\" query Q { lnog }" })).await;
    assert_eq!(reply.json()["errors"][0]["locations"], json!([{ "line": 2, "column": 15 }]));
    let (_, code, _) = service.refusal("\"The shorthand\" { long }", json!({})).await;
    assert_eq!(code, "GRAPHQL_PARSE_FAILED");
}

#[tokio::test]
async fn spellings_without_meaning_are_accepted() {
    let service = TestService::start().await;
    let query = "query ($a: Int) { long(bytes: $a) }";
    let body = format!(r#"{{ "query": "{query}", "variables": {{ "a": -0 }} }}"#);
    let reply = service.send("POST /graphql", &["content-type: application/json"], body.as_bytes());
    assert_eq!(reply.await.json(), json!({ "data": { "long": "" } }));
    for (query, wanted) in [
        ("{ long(bytes: -0) }", json!({ "long": "" })),
        ("query ($a: Int = -0) { long(bytes: $a) }", json!({ "long": "" })),
        ("{ ..., on Query { lasting } }", json!({ "lasting": true })),
        ("{ ...,F } fragment F on Query { lasting }", json!({ "lasting": true })),
        ("\u{feff}{,,lasting,#,\n}", json!({ "lasting": true })),
        ("{ ... # why\n on Query { lasting } }", json!({ "lasting": true })),
    ] {
        assert_eq!(service.data(query, json!({})).await, wanted, "{query}");
    }
}

#[tokio::test]
async fn an_error_says_what_was_probably_meant() {
    let service = TestService::start().await;
    for (query, wanted) in [
        ("{ inner { lnog } }", "Cannot query field \"lnog\" on type \"Query\". Did you mean \"long\"?"),
        ("{ long(byte: 1) }", "Unknown argument \"byte\" on field \"Query.long\". Did you mean \"bytes\"?"),
        (
            "{ long @skip(iff: true, if: true) }",
            "Unknown argument \"iff\" on directive \"@skip\". Did you mean \"if\"?",
        ),
        ("{ long @skp(if: true) }", "Unknown directive \"@skp\". Did you mean \"@skip\"?"),
        ("query ($a: Itn) { long(bytes: $a) }", "Unknown type \"Itn\". Did you mean \"Int\"?"),
        (
            "query ($size: Int) { long(bytes: $sise) }",
            "Variable \"$sise\" is not defined. Did you mean \"$size\"?",
        ),
        (
            "{ ...Fielsd } fragment Fields on Query { long }",
            "Unknown fragment \"Fielsd\". Did you mean \"Fields\"?",
        ),
        (
            "{ repeat(input: { text: \"a\", tmies: 1 }) }",
            "Field \"tmies\" is not defined by type \"RepeatInput\". Did you mean \"times\"?",
        ),
        ("{ ... on Qeury { long } }", "Unknown type \"Qeury\". Did you mean \"Query\"?"),
        (
            "{ __schema { tpyes { name } } }",
            "Cannot query field \"tpyes\" on type \"__Schema\". Did you mean \"types\"?",
        ),
        (
            "query ($a: Int) { lnog(bytes: $a) }",
            "Cannot query field \"lnog\" on type \"Query\". Did you mean \"long\"?",
        ),
    ] {
        let reply = service.post(&json!({ "query": query })).await;
        let messages: Vec<_> = reply.json()["errors"].as_array().expect("errors").clone();
        assert_eq!(messages[0]["message"], wanted, "{query}: {messages:#?}");
        assert_eq!(messages.len(), 1, "{query}: {messages:#?}");
    }
    let (_, _, message) = service.refusal("{ zzzzzzzz }", json!({})).await;
    assert_eq!(message, "Cannot query field \"zzzzzzzz\" on type \"Query\".");
}

#[tokio::test]
async fn an_error_of_a_variable_has_the_path_of_the_value() {
    let service = TestService::start().await;
    let repeat = "query ($a: RepeatInput!) { repeat(input: $a) }";
    let choose = "query ($a: Choice!) { choose(choice: $a) }";
    for (query, variables, wanted) in [
        (
            repeat,
            json!({ "a": { "text": "a", "times": "1" } }),
            "`$a.times`: \"1\" is not of the type `Int`.",
        ),
        (
            repeat,
            json!({ "a": { "text": null } }),
            "`$a.text`: expected a value of the type `String!` and not null.",
        ),
        (repeat, json!({ "a": {} }), "`$a.text`: a field of the required type `String!` was not provided."),
        (
            repeat,
            json!({ "a": { "text": "a", "tmies": 1 } }),
            "`$a.tmies`: the type `RepeatInput` has no such field. Did you mean \"times\"?",
        ),
        (repeat, json!({}), "`$a`: a variable of the required type `RepeatInput!` was not provided."),
        (repeat, json!({ "a": "text" }), "`$a`: expected an object of the type `RepeatInput`."),
        (
            choose,
            json!({ "a": { "text": "a", "number": 1 } }),
            "`$a`: exactly one field of the type `Choice` has a value.",
        ),
        (
            choose,
            json!({ "a": { "text": null } }),
            "`$a`: exactly one field of the type `Choice` has a value.",
        ),
        (choose, json!({ "a": {} }), "`$a`: exactly one field of the type `Choice` has a value."),
    ] {
        let (status, code, message) = service.refusal(query, variables).await;
        assert_eq!((status, &*code), (400, "BAD_USER_INPUT"), "{query}");
        assert_eq!(message, format!("Invalid value: {wanted}"), "{query}");
    }
}

#[tokio::test]
async fn a_document_over_a_size_limit_is_too_costly() {
    let service = TestService::start().await;
    let deep = format!("{}long{}", "{ inner ".repeat(16), "}".repeat(16)).replacen("long", "{ long }", 1);
    let wide = format!("{{ {} }}", "long ".repeat(2_501));
    let aliased = format!("{{ {} }}", (0..201).map(|n| format!("a{n}: long ")).collect::<String>());
    let directed = format!("{{ {} }}", "... @include(if: true) { long } ".repeat(101));
    let many = (0..21).map(|n| format!("query Q{n} {{ long }} ")).collect::<String>();
    let doubling = (0..20)
        .map(|n| format!("fragment F{n} on Query {{ ...F{m} inner {{ ...F{m} }} }} ", m = n + 1))
        .collect::<String>()
        + "fragment F20 on Query { long } { ...F0 }";
    let words = format!("{{ long(bytes: {}) }}", "[".repeat(2_600) + &"]".repeat(2_600));
    let nested = format!("{{ long(bytes: {}) }}", "[".repeat(300) + &"]".repeat(300));
    let text = format!("{{ echo(text: \"{}\") }}", "x".repeat(65_536));
    for query in [deep, wide, aliased, directed, many, doubling, words, nested, text] {
        let (status, code, message) = service.refusal(&query, json!({})).await;
        assert_eq!((status, &*code), (400, "QUERY_TOO_COSTLY"), "{message}");
    }
    let deep_enough = "{ inner ".repeat(15) + "{ long" + &"}".repeat(16);
    assert!(service.data(&deep_enough, json!({})).await.is_object());
    assert!(service.data(&format!("{{ {} }}", "long ".repeat(2_000)), json!({})).await.is_object());
}

#[tokio::test]
async fn variables_are_checked_before_execution() {
    let service = TestService::start().await;
    for (query, variables) in [
        ("query ($a: String!) { echo(text: $a) }", json!({})),
        ("query ($a: String!) { echo(text: $a) }", json!({ "a": null })),
        ("query ($a: String!) { echo(text: $a) }", json!({ "a": 1 })),
        ("query ($a: Int) { long(bytes: $a) }", json!({ "a": "1" })),
        ("query ($a: Int) { long(bytes: $a) }", json!({ "a": 1.5 })),
        ("query ($a: Int) { long(bytes: $a) }", json!({ "a": 2_147_483_648_u32 })),
        ("query ($a: RepeatInput!) { repeat(input: $a) }", json!({ "a": { "text": "a", "other": 1 } })),
        ("query ($a: RepeatInput!) { repeat(input: $a) }", json!({ "a": { "times": 1 } })),
        ("query ($a: RepeatInput!) { repeat(input: $a) }", json!({ "a": "x".repeat(9_999) })),
    ] {
        let (status, code, message) = service.refusal(query, variables).await;
        assert_eq!((status, &*code), (400, "BAD_USER_INPUT"), "{query}");
        assert!(message.len() < 400, "{message}");
    }
}

#[tokio::test]
async fn a_oneof_input_has_exactly_one_field() {
    let service = TestService::start().await;
    assert_eq!(service.data("{ choose(choice: { number: 1 }) }", json!({})).await, json!({ "choose": "1" }));
    let query = "query ($a: Choice!) { choose(choice: $a) }";
    assert_eq!(service.data(query, json!({ "a": { "text": "b" } })).await, json!({ "choose": "b" }));
    for wrong in ["{ text: \"a\", number: 1 }", "{}", "{ text: null }"] {
        let reply = service.post(&json!({ "query": format!("{{ choose(choice: {wrong}) }}") })).await;
        assert_eq!((reply.status, reply.json().get("data")), (400, None), "{wrong}: {}", reply.text());
    }
}

#[tokio::test]
async fn a_custom_scalar_is_checked_by_async_graphql() {
    let service = TestService::start().await;
    assert_eq!(service.data("{ stamp(stamp: \"a\") }", json!({})).await, json!({ "stamp": "a" }));
    let reply = service.post(&json!({ "query": "{ stamp(stamp: 1) }" })).await;
    assert!(reply.json()["errors"].is_array());
}

#[tokio::test]
async fn an_absent_variable_has_its_default() {
    let service = TestService::start().await;
    for (query, variables, wanted) in [
        ("query ($a: Int) { long(bytes: $a) }", json!({}), json!({ "long": "xxxxx" })),
        ("query ($a: Int) { long(bytes: $a) }", json!({ "a": 2 }), json!({ "long": "xx" })),
        ("query ($a: Int = 1) { long(bytes: $a) }", json!({}), json!({ "long": "x" })),
        (
            "query ($a: Int) { ...F } fragment F on Query { long(bytes: $a) }",
            json!({}),
            json!({ "long": "xxxxx" }),
        ),
        (
            "query ($a: Int) { repeat(input: { text: \"a\", times: $a }) }",
            json!({}),
            json!({ "repeat": "aaa" }),
        ),
        (
            "query ($a: RepeatInput!) { repeat(input: $a) }",
            json!({ "a": { "text": "b" } }),
            json!({ "repeat": "bbb" }),
        ),
        (
            "query ($a: Boolean! = false) { long @include(if: $a) lasting }",
            json!({}),
            json!({ "lasting": true }),
        ),
        ("query ($a: Boolean! = true) { lasting @include(if: $a) }", json!({}), json!({ "lasting": true })),
        ("query ($a: Boolean = true) { long @skip(if: $a) lasting }", json!({}), json!({ "lasting": true })),
    ] {
        assert_eq!(service.data(query, variables).await, wanted, "{query}");
    }
}

#[tokio::test]
async fn the_selected_operation_is_executed_with_its_fragments() {
    let service = TestService::start().await;
    let query = "query A { ...F } query B { inner { ...G } } \
        fragment F on Query { long } fragment G on Query { ...H } fragment H on Query { lasting }";
    let execute =
        async |name: Value| service.post(&json!({ "query": query, "operationName": name })).await.json();
    assert_eq!(execute(json!("A")).await, json!({ "data": { "long": "xxxxx" } }));
    assert_eq!(execute(json!("B")).await, json!({ "data": { "inner": { "lasting": true } } }));
    for name in [json!("C"), json!(""), json!(null)] {
        assert_eq!(execute(name).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn the_schema_supports_introspection() {
    let service = TestService::start().await;
    let types = "fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name \
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }";
    let query = format!(
        "query Introspection {{ __schema {{ description queryType {{ name }} types {{ kind name specifiedByURL isOneOf \
         fields(includeDeprecated: true) {{ name args(includeDeprecated: true) {{ name type {{ ...T }} defaultValue }} \
         type {{ ...T }} isDeprecated }} inputFields {{ name type {{ ...T }} }} enumValues {{ name }} \
         possibleTypes {{ ...T }} }} directives {{ name isRepeatable locations args {{ name type {{ ...T }} }} }} }} }} {types}"
    );
    let data = service.data(&query, json!({})).await;
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
    let types = "{ a: __type(name: \"Choice\") { isOneOf } b: __type(name: \"RepeatInput\") { isOneOf } \
        c: __type(name: \"Query\") { isOneOf } }";
    let wanted = json!({ "a": { "isOneOf": true }, "b": { "isOneOf": false }, "c": { "isOneOf": null } });
    assert_eq!(service.data(types, json!({})).await, wanted);
}
