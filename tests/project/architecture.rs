//! Architecture: the imports that each module must not have, read from the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

mod imports;

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Every Rust file below a folder, or the one file, with its text.
fn sources(place: &str) -> Vec<(PathBuf, String)> {
    let path = top().join(place);
    if path.is_file() {
        return vec![(path.clone(), fs::read_to_string(path).expect("a source file"))];
    }
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
    entries
        .flat_map(|entry| {
            let path = entry.expect("a folder's entry").path();
            let name = path.strip_prefix(top()).expect("below the workspace").display().to_string();
            if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
                sources(&name)
            } else {
                vec![]
            }
        })
        .collect()
}

#[track_caller]
fn assert_never(places: &[&str], words: &[&str]) {
    for place in places {
        let files = sources(place);
        assert!(!files.is_empty(), "{place} is empty: this test looks in the wrong place");
        for (path, text) in files {
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in words {
                    let place = path.display();
                    assert!(!code.contains(word), "{place}:{} has `{word}`: {line}", number + 1);
                }
            }
        }
    }
}

#[test]
fn the_domain_knows_no_database_no_graphql_no_network_and_no_clock() {
    assert_never(
        &["domain/src"],
        &[
            "diesel",
            "async_graphql",
            "axum",
            "tokio",
            "async ",
            ".await;",
            ".await?",
            ".await.",
            "std::fs",
            "std::net",
            "std::env",
        ],
    );
}

#[test]
fn the_database_knows_no_graphql_and_no_http() {
    assert_never(
        &["graphql/src/database.rs", "graphql/src/database"],
        &["async_graphql", "axum", "crate::api", "crate::server", "crate::ledger"],
    );
}

#[test]
fn the_ledger_knows_no_graphql_and_no_http() {
    assert_never(
        &["graphql/src/ledger.rs", "graphql/src/ledger"],
        &["async_graphql", "axum", "crate::api", "crate::server", "diesel"],
    );
}

#[test]
fn operations_know_no_graphql_no_http_and_no_sql() {
    assert_never(
        &["graphql/src/operations.rs", "graphql/src/operations"],
        &[
            "async_graphql",
            "axum",
            "diesel",
            "crate::api",
            "crate::server",
            "crate::ledger",
            "Timestamp::now()",
        ],
    );
}

#[test]
fn totals_and_their_streams_know_no_database_and_no_graphql() {
    assert_never(
        &["graphql/src/totals_store.rs", "graphql/src/totals_watch.rs", "graphql/engine/src/telemetry.rs"],
        &["async_graphql", "axum", "diesel", "crate::database", "crate::api", "crate::server"],
    );
}

#[test]
fn mail_and_the_scheduler_know_no_graphql_no_http_and_no_sql() {
    assert_never(
        &["graphql/src/mail.rs", "graphql/src/mail", "graphql/src/scheduler.rs"],
        &["async_graphql", "axum", "diesel", "crate::api", "crate::server"],
    );
}

#[test]
fn the_api_knows_no_backend_and_no_socket() {
    assert_never(
        &["graphql/src/api.rs", "graphql/src/api"],
        &["diesel", "Sqlite", "Postgres", "axum", "crate::server", "Timestamp::now()"],
    );
}

#[test]
fn access_knows_no_database_and_no_graphql() {
    assert_never(
        &["graphql/src/access.rs", "graphql/src/access"],
        &[
            "async_graphql",
            "axum",
            "diesel",
            "async ",
            ".await",
            "crate::database",
            "crate::api",
            "crate::ledger",
        ],
    );
}

/// Whether a line of code compares a secret, an invitation or the hash of either.
fn compares_a_secret(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let is_comparison = ["==", "!=", "matches!", ".eq(&", ".ne(&"].iter().any(|sign| code.contains(sign));
    let names_a_secret =
        ["secret", "SecretHash", "invitation", "derive_"].iter().any(|name| code.contains(name));
    is_comparison && names_a_secret
}

#[test]
fn secrets_are_compared_nowhere_but_in_access() {
    // The type of the hash, and queries that find a row by a hash.
    let may = ["graphql/src/access", "graphql/src/credentials.rs", "graphql/src/database"];
    for (path, text) in sources("graphql/src") {
        let name = path.strip_prefix(top()).expect("below the workspace").display().to_string();
        if may.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            assert!(!compares_a_secret(line), "{name}:{}: ask `access` instead: {line}", number + 1);
        }
    }
}

#[test]
fn a_comparison_of_secrets_is_recognized() {
    for line in [
        "Credential::Secret(secret) => secret == kept.secret,",
        "if kept.secret != SecretHash::NONE {",
        "let is_invited = self.invitation == Some(invitation);",
        "Some(kept) if SecretHash::of(typed).eq(&kept.hash) => true,",
    ] {
        assert!(compares_a_secret(line), "{line}");
    }
    assert!(!compares_a_secret("let secret = SecretHash::of(typed); // == another"));
}

#[test]
fn no_file_has_a_name_that_fits_everything() {
    let nameless = ["util", "utils", "helper", "helpers", "common", "misc", "manager", "service"];
    for place in ["domain/src", "graphql/src", "graphql/engine", "tests"] {
        for (path, _) in sources(place) {
            for part in path.strip_prefix(top()).expect("below the workspace").iter() {
                let name = part.to_string_lossy();
                let name = name.trim_end_matches(".rs");
                assert!(!nameless.contains(&name), "{} says nothing", path.display());
            }
        }
    }
}

/// The specification wants the fields of an answer in the order of the question; the engine lets the
/// fields of an object race unless it is told otherwise.
#[test]
fn every_object_resolves_its_fields_in_their_order() {
    for (path, text) in sources("graphql/src/api.rs").into_iter().chain(sources("graphql/src/api")) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<_> = code.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate() {
            let place = format!("{}:{}", path.display(), number + 1);
            if line.starts_with("#[Object") {
                assert!(line.contains("serial"), "{place}: {line}");
            }
            if line.starts_with("#[derive")
                && (line.contains("SimpleObject") || line.contains("MergedObject"))
            {
                let next = lines.get(number + 1).copied().unwrap_or_default();
                assert!(next.starts_with("#[graphql(") && next.contains("serial"), "{place}: {line}");
            }
        }
    }
}

/// Fails if files below `place` import each other. A circle is allowed if all of its files lie below one of `allowed`,
/// which are paths from `place`.
#[track_caller]
fn assert_no_circle(place: &str, allowed: &[&str]) {
    let graph = imports::graph(&top().join(place));
    assert!(
        graph.values().any(|targets| !targets.is_empty()),
        "{place} has no imports: this test reads nothing"
    );
    let circles = imports::circles(&graph);
    for circle in circles {
        let is_allowed = allowed.iter().any(|folder| circle.iter().all(|file| file.starts_with(folder)));
        let edges: Vec<_> = circle
            .iter()
            .flat_map(|file| {
                graph[file].intersection(&circle).map(move |target| format!("{file} -> {target}"))
            })
            .collect();
        assert!(is_allowed, "files of {place} import each other:\n{}", edges.join("\n"));
    }
}

#[test]
fn no_file_of_the_domain_imports_one_that_imports_it() {
    assert_no_circle("domain/src", &[]);
}

#[test]
fn no_file_of_the_engine_imports_one_that_imports_it() {
    assert_no_circle("graphql/engine/src", &[]);
}

/// The types of the API refer to each other as the graph does: an event has reports, a report has an event.
#[test]
fn no_file_of_the_service_imports_one_that_imports_it_except_types_of_the_graph() {
    assert_no_circle("graphql/src", &["api/"]);
}

#[test]
fn a_circle_is_found_through_reexports_and_module_names_but_not_in_tests() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    fs::create_dir(folder.path().join("one")).expect("a folder");
    write("lib.rs", "pub mod one;\npub mod two;\npub mod three;\npub use one::Inner;\n");
    write("one.rs", "mod inner;\npub use inner::Inner;\n");
    write("one/inner.rs", "use crate::{two};\npub struct Inner(two::Two);\n");
    write(
        "two.rs",
        "pub struct Two(Option<Box<crate::Inner>>);\n#[cfg(test)]\nmod tests {\n    use crate::three::Three;\n}\n",
    );
    write("three.rs", "use super::{one::Inner, two::Two};\npub struct Three(Inner, Two);\n");
    let graph = imports::graph(folder.path());
    let edges = |file: &str| graph[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(edges("one.rs"), [""; 0], "a re-export is no import");
    assert_eq!(edges("one/inner.rs"), ["two.rs"]);
    assert_eq!(edges("two.rs"), ["one/inner.rs"], "through two re-exports, and without its tests");
    assert_eq!(edges("three.rs"), ["one/inner.rs", "two.rs"]);
    let circles = imports::circles(&graph);
    assert_eq!(circles, [["one/inner.rs", "two.rs"].map(str::to_owned).into()]);
}
