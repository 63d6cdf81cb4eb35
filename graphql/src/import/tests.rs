//! Tests of imports: their effects and their errors.

use domain::catalogue::{Catalogue, CatalogueEdit};
use jiff::Timestamp;
use uuid::Uuid;

use super::*;

mod data;
mod errors;
mod plans;
mod resources;

/// An instant in the middle of the campaign of 2021.
fn now() -> Timestamp {
    "2021-12-10T12:00:00Z".parse().expect("an instant")
}

fn empty() -> CatalogueEdit {
    CatalogueEdit::new(Catalogue::default(), now())
}

/// The catalogue after an import, as the next import reads it.
fn stored(revising: CatalogueEdit) -> CatalogueEdit {
    CatalogueEdit::new(revising.catalogue, now())
}

fn planned(text: &str, revising: &mut CatalogueEdit) -> Result<Plan, Vec<ImportError>> {
    plan(parse(text)?, revising, &mut Uuid::now_v7)
}

/// Imports a valid file.
fn import(text: &str, revising: &mut CatalogueEdit) -> Plan {
    planned(text, revising).unwrap_or_else(|mistakes| panic!("{}", shown(&mistakes).join("\n")))
}

/// All errors of a file, as `line column path CODE`.
fn refused(text: &str, revising: &mut CatalogueEdit) -> Vec<String> {
    let mistakes = planned(text, revising).expect_err("a file with mistakes");
    mistakes.iter().map(|m| format!("{}:{} {} {}", m.line, m.column, m.path, m.code)).collect()
}

fn shown(mistakes: &[ImportError]) -> Vec<String> {
    mistakes.iter().map(ToString::to_string).collect()
}

/// An edition with a section, its campaign and two cases, one of them published; `more` is inserted
/// before the last brace.
fn edition_with(more: &str) -> String {
    format!(
        r#"{{
  "edition": {{ "year": 2021, "letterGoal": 5000000 }},
  "sections": [
    {{ "code": "ca", "name": "Canada", "country": "CA", "languages": ["en"], "timeZone": "America/Toronto" }}
  ],
  "campaigns": [
    {{ "section": "ca", "opensOn": "2021-11-01", "deadlineOn": "2022-01-31", "cases": ["rung"] }}
  ],
  "cases": [
    {RUNG},
    {{ "slug": "sphere", "name": "Sphere", "kind": "ORGANISATION", "country": "UA" }}
  ]{more}
}}"#
    )
}

const RUNG: &str = r#"{
      "slug": "rung", "name": "Rung", "kind": "PERSON", "country": "TH",
      "texts": [{ "language": "en", "summary": "A student leader." }],
      "solidarity": { "channel": "POST", "restrictions": ["NO_POLITICS"], "address": ["Bangkok"] },
      "consent": { "on": "2021-08-01", "by": "herself" },
      "state": "PUBLISHED",
      "outcomes": [{ "on": "2021-11-15", "kind": "SITUATION_CHANGED", "text": "Detained again." }]
    }"#;
