//! The committed schema equals the served one, and every part of it is described.

#[cfg(not(feature = "faults"))]
fn committed() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql")
}

// A build with `faults` has more fields, which are not part of the public schema.
#[cfg(not(feature = "faults"))]
#[test]
fn schema_graphql_is_what_the_service_serves() {
    let served = graphql::api::sdl();
    // A change of the schema is deliberate: `UPDATE_SCHEMA=1 cargo test` writes the file.
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(committed(), &served).expect("schema.graphql can be written");
    }
    let kept = std::fs::read_to_string(committed()).expect("schema.graphql");
    assert!(
        kept == served,
        "schema.graphql differs from the served schema; review the change, then UPDATE_SCHEMA=1 cargo test"
    );
}

/// A description precedes each type, field, argument and value.
#[test]
fn everything_in_the_contract_is_described() {
    let sdl = graphql::api::sdl();
    let mut described = false;
    let mut inside_text = false;
    let mut bare = Vec::new();
    let mut owner = String::new();
    for (number, line) in sdl.lines().enumerate() {
        let line = line.trim();
        if inside_text {
            inside_text = !line.ends_with("\"\"\"");
            described = true;
        } else if line.starts_with("\"\"\"") {
            inside_text = !(line.len() > 5 && line.ends_with("\"\"\""));
            described = true;
        } else if line.starts_with('"') {
            described = true;
        } else if !line.is_empty() && !line.starts_with([')', '}', ']']) {
            if let Some(kind) = line
                .split(' ')
                .next()
                .filter(|word| ["type", "input", "enum", "interface", "scalar", "union"].contains(word))
            {
                owner = format!("{kind} {line}");
            }
            // Directives, the schema block and the cursor fields of Relay are the specification's.
            let foreign =
                line.starts_with("directive") || line.starts_with("schema") || owner.contains("PageInfo");
            if !described
                && !foreign
                && !["query:", "mutation:", "subscription:"].iter().any(|root| line.starts_with(root))
            {
                bare.push(format!("{}: {line}", number + 1));
            }
            described = false;
        }
    }
    assert_eq!(bare, [""; 0]);
}

/// Returns all descriptions of the schema, each on one line.
fn descriptions(sdl: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block: Option<Vec<&str>> = None;
    for line in sdl.lines().map(str::trim) {
        match (&mut block, line) {
            (Some(lines), "\"\"\"") => {
                found.push(lines.join(" "));
                block = None;
            }
            (Some(lines), line) => lines.push(line),
            (None, "\"\"\"") => block = Some(Vec::new()),
            (None, line) => {
                let text = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                found.extend(text.map(|text| text.replace("\\\"", "\"")));
            }
        }
    }
    assert_eq!(block, None, "a description without an end");
    found
}

/// Returns whether a text consists of full sentences: a capital letter, a digit or a quoted word at the
/// beginning, and a full stop at the end.
fn is_sentence(text: &str) -> bool {
    text.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit() || first == '`')
        && text.ends_with('.')
        && !text.contains("..")
}

/// Returns the words of a text that describe persons where a description names the thing: a client, a viewer,
/// an organizer, a value.
fn vague_words(text: &str) -> Vec<&str> {
    const VAGUE: [&str; 8] =
        ["anybody", "anyone", "nobody", "somebody", "someone", "whoever", "whom", "whomever"];
    let words = text.split(|character: char| !character.is_alphabetic());
    let mut found: Vec<_> =
        words.filter(|word| VAGUE.iter().any(|vague| vague.eq_ignore_ascii_case(word))).collect();
    found.extend(text.strip_prefix("What ").map(|_| "What"));
    found
}

#[test]
fn every_description_is_a_full_sentence_about_a_thing() {
    let descriptions = descriptions(&graphql::api::sdl());
    assert!(descriptions.len() > 1_000, "only {} descriptions were read", descriptions.len());
    let fragments: Vec<_> = descriptions.iter().filter(|text| !is_sentence(text)).collect();
    assert_eq!(fragments, [""; 0]);
    let vague: Vec<_> = descriptions.iter().filter(|text| !vague_words(text).is_empty()).collect();
    assert_eq!(vague, [""; 0]);
}

#[test]
fn a_fragment_and_a_vague_word_are_found_in_every_form_of_a_description() {
    let sdl = "\"What it is\"\ntype A {\n  \"\"\"\n  It is for\n  Whoever asks.\n  \"\"\"\n  a(\n    \"Such as \\\"a\\\".\"\n    b: Int\n  ): Int\n}";
    let found = descriptions(sdl);
    assert_eq!(found, ["What it is", "It is for Whoever asks.", "Such as \"a\"."]);
    assert_eq!(found.iter().map(|text| is_sentence(text)).collect::<Vec<_>>(), [false, true, true]);
    let vague: Vec<_> = found.iter().map(|text| vague_words(text)).collect();
    assert_eq!(vague, [vec!["What"], vec!["Whoever"], vec![]]);
}
