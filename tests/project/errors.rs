//! Completeness of errors: every rule and every error code is provoked by a test and documented.

use std::collections::{BTreeMap, BTreeSet};

use domain::ViolationKind;

use crate::project::{
    docs,
    test_functions::{TestFunction, test_functions},
};

/// The names that a block of the schema declares, such as the values of an enum, each with its description.
fn declared_with_descriptions(block: &str) -> Vec<(String, String)> {
    let schema = docs::text("schema.graphql");
    let (_, rest) = schema.split_once(&format!("{block} {{\n")).expect("the block");
    let (lines, _) = rest.split_once("\n}").expect("its end");
    let mut declared = Vec::new();
    let mut description = String::new();
    let mut in_description = false;
    for line in lines.lines() {
        let text = line.trim();
        if text == "\"\"\"" {
            in_description = !in_description;
        } else if in_description {
            description = format!("{description} {text}").trim().to_owned();
        } else if let Some(text) = line.strip_prefix("  \"").and_then(|text| text.strip_suffix('"')) {
            text.clone_into(&mut description);
        } else if let Some(name) = line.strip_prefix("  ")
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
        {
            let name = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            declared.push((name, std::mem::take(&mut description)));
        }
    }
    declared
}

/// How many tests the tables name for a code: enough to begin with.
const MAX_TESTS_SHOWN: usize = 5;

/// How tests expect a rule: the path of the input, a space and the code.
fn as_expected(rule: &str) -> String {
    format!(" {rule}\"")
}

/// How tests expect the code of a top-level error.
fn as_expected_code(code: &str) -> String {
    format!("\"{code}\"")
}

/// The tests that expect a text.
fn that_expect<'a>(tests: &'a [TestFunction], text: &str) -> Vec<&'a TestFunction> {
    tests.iter().filter(|test| test.source.contains(text)).collect()
}

#[test]
fn each_validation_rule_is_provoked_by_a_test() {
    let (rules, tests) = (ViolationKind::CODES, test_functions());
    assert!(rules.len() > 40 && tests.len() > 400, "{} rules, {} tests", rules.len(), tests.len());
    let missing: Vec<_> =
        rules.iter().filter(|rule| that_expect(&tests, &as_expected(rule)).is_empty()).collect();
    assert_eq!(missing, [&""; 0]);
}

#[test]
fn a_rule_that_no_test_expects_is_found() {
    let tests = test_functions();
    // In two parts, so that this test does not expect it.
    let made_up = ["NOT_A", "RULE"].join("_");
    assert!(that_expect(&tests, &as_expected(&made_up)).is_empty());
    let known = that_expect(&tests, &as_expected("SLUG_INVALID"));
    assert!(known.iter().any(|test| test.path == "tests/catalogue/refused_input.rs"));
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
fn each_error_code_is_in_the_api_guide_and_provoked_by_a_test() {
    let sources = sources_of_codes();
    let given = codes(&sources, '"');
    assert!(given.len() > 10, "{given:?}");
    let guide = docs::text("graphql/docs/api.md");
    let (_, table) = guide.split_once("<!-- faults -->").expect("the mark");
    let (table, _) = table.split_once("<!-- /faults -->").expect("the closing mark");
    assert_eq!(codes(table, '`'), given);
    let tests = test_functions();
    let missing: Vec<_> =
        given.into_iter().filter(|code| that_expect(&tests, &as_expected_code(code)).is_empty()).collect();
    assert_eq!(missing, [""; 0]);
}

/// The tests that expect a text, as links from `tests/rules.md`.
fn shown(tests: &[TestFunction], expected: &str) -> String {
    let found = that_expect(tests, expected);
    let link = |test: &&TestFunction| format!("[{}]({})", test.name, docs::target_from_tests(&test.path));
    let mut shown: Vec<_> = found.iter().take(MAX_TESTS_SHOWN).map(link).collect();
    if let Some(others @ 1..) = found.len().checked_sub(MAX_TESTS_SHOWN) {
        shown.push(format!("and {others} more"));
    }
    shown.join(", ")
}

#[test]
fn the_table_of_rules_names_the_tests_that_provoke_each() {
    let tests = test_functions();
    let described: BTreeMap<_, _> = declared_with_descriptions("enum UserErrorCode").into_iter().collect();
    let mut rules = ViolationKind::CODES.to_vec();
    rules.sort_unstable();
    let rules = rules
        .into_iter()
        .map(|rule| [format!("`{rule}`"), described[rule].clone(), shown(&tests, &as_expected(rule))]);
    let rules = docs::table(["code", "rule", "tests"], rules);
    docs::assert_generated("tests/rules.md", "rules", &rules);
    let sources = sources_of_codes();
    let errors = codes(&sources, '"')
        .into_iter()
        .map(|code| [format!("`{code}`"), shown(&tests, &as_expected_code(code))]);
    docs::assert_generated("tests/rules.md", "errors", &docs::table(["code", "tests"], errors));
}

#[test]
fn every_mutation_is_called_by_a_test() {
    let mutations = declared_with_descriptions("type Mutation").into_iter().map(|(name, _)| name);
    let mutations: Vec<_> = mutations.collect();
    assert!(mutations.len() > 20, "{mutations:?}");
    // The helpers of the harness call some of them for all tests.
    let sources: Vec<_> = docs::test_files().iter().map(|path| docs::text(path)).collect();
    let has = |text: String| sources.iter().any(|source| source.contains(&text));
    let called = |name: &String| has(format!("{name}(input: $input)")) || has(format!("\"{name}\""));
    let missing: Vec<_> = mutations.into_iter().filter(|name| !called(name)).collect();
    assert_eq!(missing, [""; 0]);
}
