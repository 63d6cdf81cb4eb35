//! The test functions in Rust, read from the sources, each with the helpers that it uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::project::docs::{test_files, text};

/// A test function.
pub(crate) struct TestFunction {
    pub name: String,
    pub path: String,
    /// Its source and that of the helpers that it uses: functions and constants of its file, of the files that this
    /// imports, and assertions of the harness.
    pub source: String,
}

/// An item at the top of a file.
struct Item {
    name: String,
    is_test: bool,
    source: String,
}

/// All test functions of the service and of the engine, in the order of the files.
pub(crate) fn test_functions() -> Vec<TestFunction> {
    let files: BTreeMap<String, Vec<Item>> =
        test_files().into_iter().map(|path| (path.clone(), items(&text(&path)))).collect();
    let assertions: Vec<&Item> = files
        .iter()
        .filter(|(path, _)| path.starts_with("tests/harness"))
        .flat_map(|(_, items)| items)
        .filter(|item| item.name.starts_with("assert_"))
        .collect();
    let mut functions = Vec::new();
    for (path, own) in &files {
        let imported = imported_files(path, own, &files);
        let helpers = imported.iter().flat_map(|path| &files[path]).filter(|item| !item.is_test);
        let helpers: Vec<&Item> = helpers.chain(assertions.iter().copied()).collect();
        for test in own.iter().filter(|item| item.is_test) {
            let source = with_helpers(test, &helpers);
            functions.push(TestFunction { name: test.name.clone(), path: path.clone(), source });
        }
    }
    functions
}

/// The source of a test, followed by that of each helper that it names, or that such a helper names.
fn with_helpers(test: &Item, helpers: &[&Item]) -> String {
    let mut used = BTreeSet::new();
    let mut open = vec![test];
    let mut source = String::new();
    while let Some(item) = open.pop() {
        source += &item.source;
        let words: BTreeSet<&str> = words(&item.source).collect();
        for (index, helper) in helpers.iter().enumerate() {
            if words.contains(helper.name.as_str()) && used.insert(index) {
                open.push(helper);
            }
        }
    }
    source
}

/// The file itself, its parent, its children, and the files beside it that it imports.
fn imported_files(path: &str, own: &[Item], files: &BTreeMap<String, Vec<Item>>) -> BTreeSet<String> {
    let (folder, _) = path.rsplit_once('/').expect("a folder");
    let below = |path: &str| format!("{}/", path.trim_end_matches(".rs"));
    let imports = own.iter().filter(|item| item.source.starts_with("use super::"));
    let imports: BTreeSet<&str> = imports.flat_map(|item| words(&item.source)).collect();
    let beside = files.keys().filter(|other| {
        let name = other.strip_prefix(folder).and_then(|name| name.strip_prefix('/'));
        name.and_then(|name| name.strip_suffix(".rs")).is_some_and(|name| imports.contains(name))
    });
    let roots: Vec<&str> = beside.map(String::as_str).chain([path]).collect();
    let is_imported = |other: &&String| {
        **other == format!("{folder}.rs")
            || roots.iter().any(|root| *root == **other || other.starts_with(&below(root)))
    };
    files.keys().filter(is_imported).cloned().collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// The items of a source file: each begins with a line that is not indented, after its comments and attributes.
fn items(source: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut lines = String::new();
    let is_prelude = |line: &str| line.starts_with("//") || line.starts_with("#[") || line.is_empty();
    for line in source.lines() {
        let begins = line.starts_with(|c: char| !c.is_whitespace() && !"})]\"".contains(c));
        if begins && !lines.lines().all(is_prelude) {
            items.extend(item(&std::mem::take(&mut lines)));
        }
        lines += line;
        lines.push('\n');
    }
    items.extend(item(&lines));
    items
}

/// The kind and the name of the item that a line declares.
fn declared(line: &str) -> Option<(String, String)> {
    let kinds = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod", "impl", "use"];
    let mut words = words(line).filter(|word| !word.is_empty());
    let kind = words.find(|word| kinds.contains(word))?;
    let name = words.next()?;
    // A constant function.
    let (kind, name) = if name == "fn" { (name, words.next()?) } else { (kind, name) };
    Some((kind.to_owned(), name.to_owned()))
}

fn item(lines: &str) -> Option<Item> {
    let is_comment = |line: &&str| line.starts_with("//") || line.is_empty();
    let source: String =
        lines.lines().filter(|line| !is_comment(line)).map(|line| format!("{line}\n")).collect();
    let (kind, name) = declared(source.lines().find(|line| !line.starts_with("#["))?)?;
    let is_test = kind == "fn"
        && source
            .lines()
            .take_while(|line| line.starts_with("#["))
            .any(|line| line.contains("test]") || line.contains("test("));
    Some(Item { name, is_test, source })
}

#[test]
fn a_test_function_is_read_with_the_helpers_that_it_names() {
    let source = [
        "//! A file.",
        "",
        "use super::harness;",
        "",
        "/// A limit.",
        "const LIMIT: u32 = 3;",
        "",
        "/// Says \"NEVER\".",
        "const fn unused() -> u32 {",
        "    \"UNUSED\".len()",
        "}",
        "",
        "async fn refused() -> u32 {",
        "    inner(LIMIT)",
        "}",
        "",
        "fn inner(limit: u32) -> u32 {",
        "    limit + \"INNER\".len()",
        "}",
        "",
        "#[tokio::test(flavor = \"multi_thread\")]",
        "async fn a_thing_is_refused() {",
        "    assert_eq!(refused().await, \"OUTER\");",
        "}",
    ];
    let items = items(&source.join("\n"));
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["super", "LIMIT", "unused", "refused", "inner", "a_thing_is_refused"]);
    let (tests, helpers): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| item.is_test);
    let [test] = tests[..] else { panic!("one test") };
    let read = with_helpers(test, &helpers);
    assert!(["OUTER", "INNER", "LIMIT: u32 = 3"].iter().all(|part| read.contains(part)), "{read}");
    assert!(!read.contains("UNUSED") && !read.contains("NEVER"), "{read}");
}
