//! Checks that every change of the catalogue makes: existence, revision, open edition, reason.

use crate::{
    Edition, EditionId, Language, Violation, ViolationKind, Violations, case,
    draft::{bound, unique},
    text,
    violation::EntityKind,
};

use super::Catalogue;

/// The violation for an object that does not exist. The rest of the input cannot be validated then.
pub(crate) fn not_found(field: &str, noun: EntityKind) -> Violations {
    Violations::from(Violation::at([field], ViolationKind::NotFound { noun }))
}

pub(crate) fn check_revision(violations: &mut Violations, expected: u32, current: u32) {
    if expected != current {
        violations.add("expected_revision", ViolationKind::StaleRevision { current });
    }
}

/// Whether the edition still changes; `field` is the part of the input that leads to it.
pub(crate) fn check_open(
    violations: &mut Violations,
    field: &str,
    catalogue: &Catalogue,
    edition: EditionId,
) {
    if let Err(rule) = catalogue.edition(edition).map_or(Ok(()), Edition::check_open) {
        violations.add(field, rule);
    }
}

/// A reason that has to be given.
pub(crate) fn reason(violations: &mut Violations, typed: &str) -> String {
    violations.check("reason", text::reason(typed)).unwrap_or_default()
}

/// Languages of which at least one is needed, each once.
pub(crate) fn languages(violations: &mut Violations, typed: &[String]) -> Vec<Language> {
    if typed.is_empty() {
        violations.add("languages", ViolationKind::TooFewItems);
    }
    bound(violations, "languages", typed, case::MAX_ENTRIES);
    unique(violations, "languages", typed, |tag| Language::parse(tag))
}
