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
