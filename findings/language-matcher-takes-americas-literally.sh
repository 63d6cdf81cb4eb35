#!/bin/sh
# language-matcher 0.2.2 (crates.io, with icu_locale 2.4.0) never offers Latin American Spanish to readers in the Americas.
#
# CLDR's language matching has the variable $americas = "019", the code of a group of regions: es_*_$americas is 4 from
# es_*_$americas and 5 from any other es, so that es-MX gets es-419 and not es (UTS #35, part 1, 4.4: a variable may name
# a region that contains others). The crate compares the region with the text "019".
#
# Input: the desired language es-MX (also es-AR, es-CO, es-US); supported: es and es-419.
# Expected: es-419, in either order of the supported languages.
# Seen: the distances of es-419 and es are the same (39, in tenths less one), and the first of the list is taken.
#
# Needs cargo and crates.io. Exits with 0 while this is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
icu_locale = "=2.4.0"
language-matcher = "=0.2.2"
TOML
cat >src/main.rs <<'RUST'
use icu_locale::langid;
use language_matcher::LanguageMatcher;

fn main() {
    let matcher = LanguageMatcher::new();
    let (spain, america) = (langid!("es"), langid!("es-419"));
    for desired in [langid!("es-MX"), langid!("es-AR"), langid!("es-CO"), langid!("es-US")] {
        let first = matcher.matches(desired.clone(), [&spain, &america]).unwrap().0;
        let second = matcher.matches(desired.clone(), [&america, &spain]).unwrap().0;
        let distances = [&spain, &america].map(|offered| matcher.distance(desired.clone(), offered.clone()));
        println!("{desired}: {first} {second} {distances:?}");
    }
}
RUST
seen=$(cargo run --quiet)
echo "$seen"
expected='es-MX: es es-419 [39, 39]
es-AR: es es-419 [39, 39]
es-CO: es es-419 [39, 39]
es-US: es es-419 [39, 39]'
[ "$seen" = "$expected" ] || { echo "language-matcher behaves differently now" >&2; exit 1; }
