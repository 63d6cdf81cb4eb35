//! The documents: every link, path and test that they name exists, and their generated tables are up to date.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

/// The longest README of the top level: a reader sees the ways in without scrolling far.
const MAX_README_LINES: usize = 150;
/// The folders of the workspace whose paths the documents name.
const ROOTS: [&str; 6] = [".ci/", ".github/", "domain/", "graphql/", "migrations/", "tests/"];
/// Folders with files that are not part of the sources.
const NOT_SOURCES: [&str; 4] = [".git", "node_modules", "target", "vendor"];

pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// The text of a file, by its path from the top of the workspace.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a folder that ends like this, by its path from the top, sorted.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![top().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() {
                if !NOT_SOURCES.iter().any(|other| name == *other) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path.strip_prefix(top()).expect("below the top").display().to_string());
            }
        }
    }
    found.sort();
    found
}

/// Every file of tests in Rust: of the service and of the engine.
pub(crate) fn test_files() -> Vec<String> {
    [files("tests", "rs"), files("graphql/engine/tests", "rs")].concat()
}

/// The target of a link to a file of tests from a document in `tests`.
pub(crate) fn target_from_tests(path: &str) -> String {
    path.strip_prefix("tests/").map_or_else(|| format!("../{path}"), str::to_owned)
}

/// A link to a file of tests from a document in `tests`.
fn link_from_tests(path: &str) -> String {
    let name = path.trim_start_matches("tests/").trim_start_matches("graphql/");
    format!("[{name}]({})", target_from_tests(path))
}

/// Checks the block `<!-- mark -->` … `<!-- /mark -->` of a document. With `UPDATE_README=1` it is written instead.
#[track_caller]
pub(crate) fn assert_generated(document: &str, mark: &str, expected: &str) {
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    // Tests run in parallel and may write the same file.
    let mut file = File::options().read(true).write(true).open(top().join(document)).expect("the document");
    file.lock().expect("a lock");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("text");
    let (before, rest) = text.split_once(&begin).expect("the mark");
    let (shown, behind) = rest.split_once(&end).expect("the closing mark");
    if shown == expected {
        return;
    }
    let update = std::env::var_os("UPDATE_README").is_some();
    assert!(update, "UPDATE_README=1 writes this into {document}:\n{begin}{expected}{end}");
    let text = format!("{before}{begin}{expected}{end}{behind}");
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .expect("written");
}

/// A table of GitHub's Markdown.
pub(crate) fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let mut table = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(COLUMNS));
    for row in rows {
        table += &format!("| {} |\n", row.join(" | "));
    }
    table
}

fn documents() -> Vec<String> {
    let documents = files("", "md");
    assert!(documents.len() > 10, "{documents:?}");
    documents
}

/// The lines of a document that are not in a block of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The anchors of the headings of a document, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let heading = |line: &str| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len()).then(|| {
            let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
            title.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
        })
    };
    prose(text).filter_map(heading).collect()
}

#[test]
fn every_relative_link_of_a_document_leads_to_a_file_and_a_heading() {
    let mut links = 0;
    for document in documents() {
        let shown = text(&document);
        let folder = Path::new(&document).parent().expect("a folder");
        for target in prose(&shown).flat_map(|line| line.split("](").skip(1)) {
            let (target, _) = target.split_once(')').expect("the end of a link");
            if target.starts_with("https://") || target.starts_with("http://") {
                continue;
            }
            links += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { PathBuf::from(&document) } else { folder.join(path) };
            assert!(top().join(&path).exists(), "{document} links to {target}, which does not exist");
            if !anchor.is_empty() {
                let target_text = fs::read_to_string(top().join(&path)).expect("a document");
                assert!(
                    anchors(&target_text).contains(anchor),
                    "{document} links to {target}: no such heading"
                );
            }
        }
    }
    assert!(links > 50, "{links}");
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut paths = 0;
    for document in documents() {
        let shown = text(&document);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "._-/{}*".contains(c);
        for path in shown.split(|c| !is_part(c)).map(|path| path.trim_end_matches('.')) {
            // What has a place for a name in it is a pattern.
            let is_pattern = path.contains(['{', '*']) || path.contains("NNNN");
            if is_pattern || !ROOTS.iter().any(|root| path.starts_with(root)) {
                continue;
            }
            paths += 1;
            let exists = top().join(path).exists() || top().join(format!("{path}.rs")).is_file();
            assert!(exists, "{document} names {path}, which does not exist");
        }
    }
    assert!(paths > 100, "{paths}");
}

/// Whether a text has a word in it, which is not a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

#[test]
fn every_name_of_the_code_that_a_guide_for_contributors_uses_exists() {
    let mut guides = files("graphql/docs/decisions", "md");
    guides.extend([".github/CONTRIBUTING.md", "graphql/docs/architecture.md"].map(str::to_owned));
    let sources = ["rs", "graphql", "toml", "sql", "js"].iter().flat_map(|extension| files("", extension));
    let sources: Vec<_> =
        sources.filter(|path| path != "tests/project/docs.rs").map(|path| text(&path)).collect();
    let mut names = 0;
    for guide in guides {
        let shown = text(&guide);
        for code in prose(&shown).flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let name = code.trim_end_matches("()").trim_end_matches('!');
            let name = name.rsplit("::").next().unwrap_or_default();
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_name {
                names += 1;
                assert!(sources.iter().any(|source| has_word(source, name)), "{guide}: there is no `{code}`");
            }
        }
    }
    assert!(names > 50, "{names}");
}

/// The names of all test functions in Rust.
fn test_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in ["domain", "graphql", "tests"].iter().flat_map(|folder| files(folder, "rs")) {
        let source = text(&path);
        let mut is_test = false;
        for line in source.lines().map(str::trim) {
            if line.starts_with("#[") {
                is_test |= line.contains("test]") || line.contains("test(");
            } else if let Some((_, rest)) = line.split_once("fn ") {
                if is_test {
                    names.extend(rest.split('(').next().map(str::to_owned));
                }
                is_test = false;
            }
        }
    }
    names
}

#[test]
fn every_guarantee_names_tests_that_exist() {
    let known = test_names();
    assert!(known.len() > 500, "{}", known.len());
    let guide = text("graphql/docs/guarantees.md");
    let mut guarantees = 0;
    for guarantee in guide.split("\n### ").skip(1) {
        let (title, body) = guarantee.split_once('\n').expect("a title");
        let (_, proof) = body.split_once("\nTests: ").unwrap_or_else(|| panic!("{title} names no test"));
        let proof = proof.split("\n\n").next().unwrap_or_default();
        let named: Vec<_> = proof.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{title} names no test");
        let missing: Vec<_> = named.iter().filter(|name| !known.contains(**name)).collect();
        assert!(missing.is_empty(), "{title}: there is no test {missing:?}");
        guarantees += 1;
    }
    assert!(guarantees > 20, "{guarantees}");
}

#[test]
fn the_readme_is_short() {
    let lines = text("README.md").lines().count();
    assert!(lines <= MAX_README_LINES, "{lines}");
}

#[test]
fn the_tests_guide_says_what_each_folder_protects() {
    let main = text("tests/main.rs");
    let mut rows = Vec::new();
    let mut about = "";
    for line in main.lines() {
        if let Some(comment) = line.strip_prefix("/// ") {
            about = comment.trim_end_matches('.');
        } else if let Some(folder) = line.strip_prefix("mod ").and_then(|line| line.strip_suffix(" {")) {
            assert!(!about.is_empty(), "{folder} does not say what it protects");
            rows.push([format!("[{folder}]({folder})"), std::mem::take(&mut about).to_owned()]);
        }
    }
    assert!(rows.len() > 10, "{rows:?}");
    assert_generated("tests/README.md", "folders", &table(["folder", "what it protects"], rows));
}

#[test]
fn the_tests_guide_lists_every_file_with_its_first_sentence() {
    let rows = test_files().into_iter().map(|path| {
        let source = text(&path);
        let about: Vec<_> =
            source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let about = about.join(" ");
        let sentence = about.split_inclusive(". ").next().unwrap_or_default().trim();
        assert!(!sentence.is_empty(), "{path} does not say what it is about");
        [link_from_tests(&path), sentence.trim_end_matches([':', '.']).to_owned()]
    });
    assert_generated("tests/README.md", "files", &table(["file", "what"], rows));
}
