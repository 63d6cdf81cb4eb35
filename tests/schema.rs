//! The committed schema equals the served one, and every part of it is described.

#[cfg(not(feature = "faults"))]
fn committed() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql")
}

// A build with `faults` has more, which is not part of the contract.
#[cfg(not(feature = "faults"))]
#[test]
fn schema_graphql_is_what_the_service_serves() {
    let served = graphql::api::sdl();
    // Whoever changes the contract says so: `UPDATE_SCHEMA=1 cargo test` writes the file.
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(committed(), &served).expect("schema.graphql can be written");
    }
    let kept = std::fs::read_to_string(committed()).expect("schema.graphql");
    assert!(
        kept == served,
        "schema.graphql is not what is served; look at the change, then UPDATE_SCHEMA=1 cargo test"
    );
}

/// A description before each type, field, argument and value.
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
