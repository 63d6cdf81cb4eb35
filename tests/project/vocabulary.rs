//! The vocabulary of the source: names are standard terms, and comments speak of things.

use crate::project::docs::{files, text};

/// Folders whose words are checked.
const FOLDERS: [&str; 3] = ["domain/src", "graphql/src", "graphql/engine"];
/// Pronouns for a person in place of the thing that acts: a client, a viewer, a process.
const PRONOUNS: [&str; 5] = ["anybody", "nobody", "somebody", "whoever", "whom"];
/// Names that types had before they got the terms of `.github/CONTRIBUTING.md`, such as `ResponseCache` for
/// `Answers`. A new type with such a name would mean something else to a reader of the history.
const OLD_TYPES: [&str; 35] = [
    "Ahead",
    "Aloud",
    "Answers",
    "Aside",
    "Asked",
    "Asker",
    "Asking",
    "Bell",
    "Carrier",
    "Crowd",
    "Door",
    "Evening",
    "Gathering",
    "Glance",
    "Greeted",
    "Greeting",
    "Ground",
    "Herald",
    "House",
    "Kept",
    "Newsroom",
    "Pace",
    "Post",
    "Seat",
    "Spread",
    "Standing",
    "Stepping",
    "Tallies",
    "Tongue",
    "Traffic",
    "Trouble",
    "Verdict",
    "Whoever",
    "Whose",
    "Wish",
];

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// The name of the type that a line defines.
fn defined_type(line: &str) -> Option<&str> {
    let mut words = words(line).filter(|word| !word.is_empty());
    words.find(|word| ["struct", "enum", "trait", "type"].contains(word))?;
    words.next()
}

/// What is wrong with a line of source.
fn mistake(line: &str) -> Option<String> {
    let (code, comment) = line.split_once("//").unwrap_or((line, ""));
    if let Some(word) = words(comment).find(|word| PRONOUNS.contains(&word.to_lowercase().as_str())) {
        return Some(format!("the comment says `{word}`"));
    }
    let name = defined_type(code).filter(|name| OLD_TYPES.contains(name))?;
    Some(format!("the type `{name}` has an old name"))
}

#[test]
fn names_are_standard_terms_and_comments_speak_of_things() {
    let mut mistakes = Vec::new();
    for path in FOLDERS.iter().flat_map(|folder| files(folder, "rs")) {
        let source = text(&path);
        let found = source.lines().enumerate().filter_map(|(index, line)| Some((index + 1, mistake(line)?)));
        mistakes.extend(found.map(|(number, what)| format!("{path}:{number}: {what}")));
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn an_old_name_and_a_pronoun_are_found() {
    for bad in [
        "pub(crate) struct Door<E> {",
        "enum Kept {",
        "    x(); // Whoever waits.",
        "/// For nobody in particular.",
    ] {
        assert!(mistake(bad).is_some(), "{bad}");
    }
    for good in
        ["struct DoorKeeper;", "let kept = 1; // An enum.", "fn whoever_waits() {}", "/// The client."]
    {
        assert_eq!(mistake(good), None, "{good}");
    }
}

/// Names that locals, fields and functions had before, such as `request` for `asking` and `stored` for `kept`.
const OLD_NAMES: [&str; 11] =
    ["asked", "asking", "bell", "door", "evenings", "kept", "numbered", "said", "tallies", "told", "trouble"];
/// Names that a mail queue and a status had before. In other places they are standard terms: the method of HTTP, which
/// the engine's tests declare, and the words of a text.
const OLD_DECLARATIONS: [&str; 2] = ["post", "word"];
/// A field of the schema.
const SCHEMA_FIELD: &str = "async fn asked(&self)";

/// The code of a source without comments and the text in quotation marks, line by line.
fn code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let raw =
            rest.strip_prefix('r').map(|raw| raw.trim_start_matches('#')).filter(|raw| raw.starts_with('"'));
        let is_raw = raw.is_some() && !code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = raw.filter(|_| is_raw) {
            let opening = rest.len() - raw.len() + 1;
            let closing = format!("\"{}", "#".repeat(opening - 2));
            rest[opening..].find(&closing).map_or(rest.len(), |end| opening + end + closing.len())
        } else if first == '"' {
            let mut is_escaped = false;
            let end = rest[1..].find(|c: char| {
                let ends = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.extend(rest[..length].chars().filter(|c| *c == '\n'));
        rest = &rest[length..];
    }
    code
}

/// The old name that a line of code has.
fn old_name(line: &str) -> Option<&'static str> {
    let used = OLD_NAMES.into_iter().find(|name| words(line).any(|word| word == *name));
    used.filter(|_| !line.contains(SCHEMA_FIELD))
}

/// The old name that a line of code declares, or uses as a field.
fn old_declaration(line: &str) -> Option<&'static str> {
    let is_declared = |name: &str| {
        ["let ", "let mut ", "fn "].iter().any(|before| line.contains(&format!("{before}{name}")))
            && words(line).any(|word| word == name)
            || words(line.split_once(':').map_or("", |(before, _)| before)).last() == Some(name)
            || words(line).zip(words(line).skip(1)).any(|pair| pair == ("self", name))
    };
    OLD_DECLARATIONS.into_iter().find(|name| is_declared(name))
}

#[test]
fn locals_and_fields_have_plain_names() {
    let mut mistakes = Vec::new();
    for path in FOLDERS.iter().flat_map(|folder| files(folder, "rs")) {
        let code = code(&text(&path));
        let is_engine = path.starts_with("graphql/engine");
        let name = |line| old_name(line).or_else(|| old_declaration(line).filter(|_| !is_engine));
        let found = code.lines().enumerate().filter_map(|(index, line)| Some((index + 1, name(line)?)));
        mistakes.extend(found.map(|(number, name)| format!("{path}:{number}: `{name}` is an old name")));
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn an_old_name_is_found_in_code_and_not_in_text() {
    for bad in [
        "let kept = find(id)?;",
        "    self.tallies.count()",
        "fn said(error: &Error) -> String {",
        "    pub post: MailQueue,",
        "let word = watch();",
        "self.word.borrow()",
        "let quoted = '\"'; kept();",
    ] {
        let found = code(bad).lines().find_map(|line| old_name(line).or_else(|| old_declaration(line)));
        assert!(found.is_some(), "{bad}");
    }
    for good in [
        "let sql = \"SELECT \n told.version\";",
        "r#\"a \" said\"#.len()",
        "Router::new().route(path, post(execute))",
        "words.iter().all(|word| text.contains(word))",
        "client.post(&body).await; // It is kept.",
        "    async fn asked(&self) -> bool {",
    ] {
        let found = code(good).lines().find_map(|line| old_name(line).or_else(|| old_declaration(line)));
        assert_eq!(found, None, "{good}");
    }
}

/// Names that the schema had before, as the changelog lists them. A client of today reads none of them.
const OLD_SCHEMA_NAMES: [&str; 32] = [
    "Amount",
    "BeingChecked",
    "CaseChange",
    "HELD",
    "HeldFor",
    "KEY_REUSED_WITH_OTHER_CONTENT",
    "KitItem",
    "Limits",
    "Mark",
    "OwnTotal",
    "PastTotal",
    "Phase",
    "Qualifier",
    "Repeated",
    "Restriction",
    "Role",
    "TEXT_EMPTY",
    "TOO_MANY",
    "Topic",
    "Window",
    "beingChecked",
    "calendarIssue",
    "changedAt",
    "eventHold",
    "eventsHeld",
    "eventsOwingReport",
    "goalRelease",
    "heldReports",
    "kit",
    "managed",
    "owesReport",
    "setAside",
];

/// The names that the schema declares: what is followed by its arguments, its type or a block, and enum values.
fn declared(sdl: &str) -> impl Iterator<Item = &str> {
    let mut is_text = false;
    let code = sdl.lines().filter(move |line| {
        let marks = line.matches("\"\"\"").count();
        let was_text = is_text;
        is_text ^= marks % 2 == 1;
        !was_text && marks == 0 && !line.trim_start().starts_with('"')
    });
    code.flat_map(words).filter(|word| !word.is_empty())
}

#[test]
fn the_schema_has_none_of_its_old_names() {
    let sdl = text("schema.graphql");
    let old: Vec<_> = declared(&sdl)
        .filter(|name| OLD_SCHEMA_NAMES.contains(name) || name.ends_with("ChangePayload"))
        .collect();
    assert_eq!(old, [""; 0]);
    assert_eq!(declared("type Kit {\n  kit: [Int]\n}").collect::<Vec<_>>(), ["type", "Kit", "kit", "Int"]);
}
