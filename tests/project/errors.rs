//! Completeness of errors: every rule and every error code is provoked by a test and documented.

use std::collections::BTreeSet;

use crate::{harness::with, project::docs};

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
