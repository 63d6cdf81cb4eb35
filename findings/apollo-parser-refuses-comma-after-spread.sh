#!/bin/sh
# apollo-parser 0.8.7 (crates.io), the parser of Apollo's router and of apollo-compiler, refuses a valid document: a comma
# after `...`.
#
# Input: `{ ...,on A { b } }`. A comma is an ignored token and may stand between any two others (GraphQL, October 2021,
# 2.1.7 and 2.1.5), as white space and comments may.
# Expected: an inline fragment without errors, as graphql-js 16 reads it.
# Seen: "expected an Inline Fragment or a Fragment Spread" for a comma, and no error for a comment or a space at the same
# place. A gateway that is built on it refuses what the server behind it answers.
#
# Needs cargo and the registry of crates. Exits with 0 while this is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >Cargo.toml <<'TOML'
[package]
name = "seen"
version = "0.1.0"
edition = "2021"
[dependencies]
apollo-parser = "=0.8.7"
[workspace]
TOML
mkdir src
cat >src/main.rs <<'RUST'
fn main() {
    for document in ["{ ... on A { b } }", "{ ...,on A { b } }", "{ ...#\non A { b } }"] {
        let tree = apollo_parser::Parser::new(document).parse();
        let errors: Vec<_> = tree.errors().map(|error| error.message().to_owned()).collect();
        println!("{document:?} {}", if errors.is_empty() { "accepted" } else { "refused" });
        eprintln!("{document:?} {errors:?}");
    }
}
RUST
cargo run --quiet >seen
cat seen
cat >known <<'SEEN'
"{ ... on A { b } }" accepted
"{ ...,on A { b } }" refused
"{ ...#\non A { b } }" accepted
SEEN
diff known seen && echo "apollo-parser 0.8.7 refuses a comma after ..."
