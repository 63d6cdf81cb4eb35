//! What the grammar takes and refuses, and what the next parser gets to read.

use super::*;

const LIMITS: GrammarLimits = GrammarLimits { max_tokens: 1_000, max_nesting: 50 };

fn refused(document: &str) -> (usize, String) {
    match parse(document, LIMITS) {
        Err(Refusal::Syntax(error)) => (error.offset, error.message),
        other => panic!("{document}: {other:?}"),
    }
}

#[test]
fn a_document_that_breaks_the_grammar_is_refused_where_it_does() {
    for (document, offset, message) in [
        ("{ a(b: 1, test) }", 14, "Expected \":\", found \")\"."),
        ("{ a(b: { c: 1, test }) }", 20, "Expected \":\", found \"}\"."),
        ("{ a @skip(if) }", 12, "Expected \":\", found \")\"."),
        ("query ($a) { a }", 9, "Expected \":\", found \")\"."),
        ("query ($a: Int = $b) { a }", 17, "Unexpected variable \"$b\" in constant value."),
        ("query ($a: Int @b(c: $d)) { a }", 21, "Unexpected variable \"$d\" in constant value."),
        ("query () { a }", 7, "Expected \"$\", found \")\"."),
        ("query ($a: [Int) { a }", 15, "Expected \"]\", found \")\"."),
        ("{ a() }", 4, "Expected Name, found \")\"."),
        ("{ a(b: ) }", 7, "Unexpected \")\"."),
        ("{ a(b: [1) }", 9, "Unexpected \")\"."),
        ("{ }", 2, "Expected Name, found \"}\"."),
        ("{ a {} }", 5, "Expected Name, found \"}\"."),
        ("{ a: }", 5, "Expected Name, found \"}\"."),
        ("{ a: b: c }", 6, "Expected Name, found \":\"."),
        ("{ a", 3, "Expected Name, found <EOF>."),
        ("{ a } }", 6, "Unexpected \"}\"."),
        ("", 0, "Unexpected <EOF>."),
        (" # nothing", 10, "Unexpected <EOF>."),
        ("{ ... }", 6, "Expected \"{\", found \"}\"."),
        ("{ ...on }", 8, "Expected Name, found \"}\"."),
        ("{ ..F }", 2, "Unexpected character: \".\"."),
        ("fragment on on A { a }", 9, "Unexpected Name \"on\"."),
        ("fragment F A { a }", 11, "Expected \"on\", found Name \"A\"."),
        ("fragment F($a: Int) on A { a }", 10, "Expected \"on\", found \"(\"."),
        ("query a b { c }", 8, "Expected \"{\", found Name \"b\"."),
        ("SELECT * FROM a", 0, "Unexpected Name \"SELECT\"."),
        ("\"a\" { b }", 0, "Unexpected description, descriptions are not supported on shorthand queries."),
        ("\"a\" b", 0, "Unexpected description, only GraphQL definitions support descriptions."),
        ("\"a\" \"b\" query { c }", 4, "Unexpected String \"b\"."),
        ("{ \"a\" b }", 2, "Expected Name, found String \"a\"."),
        (
            "{ a(b: 'c') }",
            7,
            "Unexpected single quote character ('), did you mean to use a double quote (\")?",
        ),
        ("{ a(b: 1 & 2) }", 9, "Expected Name, found \"&\"."),
        ("{ a? }", 3, "Unexpected character: \"?\"."),
        ("{ ä }", 2, "Unexpected character: U+00E4."),
        ("{ a\u{0}b }", 3, "Unexpected character: U+0000."),
        ("{ a\u{a0}b }", 3, "Unexpected character: U+00A0."),
    ] {
        assert_eq!(refused(document), (offset, message.to_owned()), "{document}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of the grammar, row by row")]
fn numbers_and_strings_are_read_by_the_letter() {
    for value in [
        "01",
        "-",
        "-a",
        "1.",
        ".5",
        "1.a",
        "1e",
        "1e+",
        "1a",
        "1.0.0",
        "0x1",
        "1_0",
        "+1",
        "00",
        "-01",
        "1.2e3.4",
        "\"",
        "\"a",
        "\"a\nb\"",
        "\"a\rb\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u{}\"",
        "\"\\u{110000}\"",
        "\"\\u{D83D}\"",
        "\"\\uD83D\"",
        "\"\\uDE00\"",
        "\"\\uD83D\\u0041\"",
        "\"\\u+123\"",
        "\"\\u{+1}\"",
        "\"\\u{41\"",
        "\"\"\"a",
        "\"\"\"a\\\"\"\"",
        "\"\"\"\"",
        "\"\"\"\"\"",
    ] {
        refused(&format!("{{ a(b: {value}) }}"));
    }
    for value in [
        "0",
        "-0",
        "-1",
        "10",
        "0.0",
        "-0.0",
        "1.5e10",
        "1E-5",
        "0e+1",
        "\"\"",
        "\"ä 🏃\"",
        "\"\t\"",
        "\"\u{2028}\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0041\\u{1F600}\\uD83D\\uDE00\"",
        "\"\"\"\"\"\"",
        "\"\"\"a\nb\rc\"\"\"",
        "\"\"\" \\\"\"\" \\ \" \"\" \"\"\"",
        "true",
        "null",
        "A",
        "$c",
        "[]",
        "{}",
        "[1 [2] {}]",
        "{ a: { a: 1 } }",
    ] {
        let document = format!("{{ a(b: {value}) }}");
        let parsed = parse(&document, LIMITS).unwrap_or_else(|refusal| panic!("{document}: {refusal:?}"));
        assert_eq!(parsed.text, document.replace("-0)", " 0)"));
    }
}

#[test]
fn what_has_no_effect_is_blank_and_the_rest_keeps_its_place() {
    for (document, text) in [
        ("\"T\" query T { a }", "    query T { a }"),
        ("\"\"\"ä\n\"\"\" fragment F on A { a }", "          fragment F on A { a }"),
        (
            "query(\"b\" $b: Int, \"c\" $c: [Int!]! = [1, 2]) { a }",
            "query(    $b: Int      $c: [Int!]! = [1  2]) { a }",
        ),
        ("{ a, ...,on B { c } # ü\n }", "{ a  ... on B { c }       }"),
        ("\u{feff}{ a }", "   { a }"),
        ("{ a(b: -0, c: \"-0, # \") }", "{ a(b:  0  c: \"-0, # \") }"),
        ("query query { query: fragment on: on(on: on) }", "query query { query: fragment on: on(on: on) }"),
        ("{ ...F @b(c: $d) ... @e { f } ... { g } }", "{ ...F @b(c: $d) ... @e { f } ... { g } }"),
    ] {
        let parsed = parse(document, LIMITS).unwrap_or_else(|refusal| panic!("{document}: {refusal:?}"));
        assert_eq!((&*parsed.text, parsed.text.len()), (text, document.len()));
    }
}

#[test]
fn repeated_fields_of_one_object_are_found_however_deep() {
    let parsed =
        parse("{ a(b: [{ c: 1, d: { c: 2 e: 3 e: 4 }, c: 5 }, { c: 6 }]) }", LIMITS).expect("a document");
    assert_eq!(parsed.repeated_input_fields, [(31, "e".to_owned()), (39, "c".to_owned())]);
}

#[test]
fn a_definition_of_a_schema_is_not_executable() {
    for document in
        ["type A { b: Int }", "{ a } extend type A { b: Int }", "\"A\" scalar A", "schema { query: A }"]
    {
        assert!(matches!(parse(document, LIMITS), Err(Refusal::NotExecutable(_))), "{document}");
    }
}

#[test]
fn the_limits_hold_at_their_edge() {
    let wide = |names: usize| format!("{{ {}}}", "a ".repeat(names));
    assert!(parse(&wide(LIMITS.max_tokens - 3), LIMITS).is_ok());
    assert_eq!(parse(&wide(LIMITS.max_tokens - 2), LIMITS).err(), Some(Refusal::TooLarge));
    let nested = |depth: usize| format!("{{ a(b: {}{}) }}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(LIMITS.max_nesting - 1), LIMITS).is_ok());
    assert_eq!(parse(&nested(LIMITS.max_nesting), LIMITS).err(), Some(Refusal::TooLarge));
    let listed = |depth: usize| format!("query ($a: {}A{}) {{ b }}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&listed(LIMITS.max_nesting), LIMITS).is_ok());
    assert_eq!(parse(&listed(LIMITS.max_nesting + 1), LIMITS).err(), Some(Refusal::TooLarge));
}

/// The tokens of a document; of a string only that it is one, since it may be spelt in several ways.
fn tokens(document: &str) -> Vec<String> {
    let mut lexer = lexer::Lexer::new(document);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next().unwrap_or_else(|error| panic!("{document}: {error:?}"));
        match token.kind {
            lexer::TokenKind::EndOfDocument => return tokens,
            lexer::TokenKind::String => tokens.push("\"\"".to_owned()),
            _ => tokens.push(token.text(document).to_owned()),
        }
    }
}

#[test]
fn the_next_parser_drops_no_token() {
    for document in [
        "query Q($a: [Int!]! = [1 2] @d(e: 1), \"b\" $b: I = { c: { d: E } }) @f(g: $a) { h }",
        "{ a b: c(d: 1.5e3, e: \"f\", g: \"\"\"h\n  i\"\"\", j: [K, null, true], l: {}, m: -0) @n @o(p: false) { q } }",
        "mutation M { a(b: { c: [{ d: 1 }, { d: [] }] }) { ...F ... on B @skip(if: $c) { e } ... { f } } }",
        "subscription { on: fragment(query: mutation) } fragment query on subscription @a { ...true }",
        "fragment F on A { ...G @b(c: { d: $e }) } \"G\" fragment G on A { a } query null { null: true }",
        "query ($a: [[A!]!]!, $b: B! = -1.0E-7) { a(b: $a, c: [$b, [$b]], d: { e: $b, f: { g: $a } }) }",
    ] {
        let parsed = parse(document, LIMITS).unwrap_or_else(|refusal| panic!("{document}: {refusal:?}"));
        let tree = apollo_compiler::ast::Document::parse(parsed.text.as_str(), "document");
        let printed = tree.unwrap_or_else(|invalid| panic!("{document}: {}", invalid.errors)).to_string();
        let mut wanted = tokens(&parsed.text);
        let mut found = tokens(&printed);
        // An anonymous query is printed with or without its keyword.
        for tokens in [&mut wanted, &mut found] {
            tokens.retain(|token| token != "query");
        }
        assert_eq!(found, wanted, "{document}\n{printed}");
    }
}
