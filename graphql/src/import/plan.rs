//! The plan of an import: what a file changes, computed on a working copy of the catalogue.

use std::collections::HashSet;

use domain::{
    CampaignId, CaseId, EditionId, Violation, ViolationKind, Violations,
    catalogue::{Catalogue, CatalogueEdit},
    violation::EntityKind,
};
use uuid::Uuid;

use super::{
    File, ImportError, MAX_ERRORS,
    source_location::{JsonPath, SourceMap},
};
use crate::ledger::Command;

/// The placeholder for the edition of an object that does not belong to one.
pub(super) const ANY: EditionId = EditionId::new(Uuid::nil());

/// How many objects of one kind a file changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// New ones.
    pub added: usize,
    /// Existing ones that differ from the file.
    pub changed: usize,
    /// Existing ones that equal the file.
    pub unchanged: usize,
}

/// A part of the file that was skipped on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, counted from 1.
    pub line: usize,
    /// The field.
    pub path: String,
    /// What was skipped, and why.
    pub sentence: String,
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.path, self.sentence)
    }
}

/// What a file changes. The changes of the catalogue are in the working copy; the reports are commands
/// for the ledger, which recognizes those that it has by their keys.
#[derive(Debug)]
pub struct Plan {
    /// Editions.
    pub editions: Count,
    /// Sections.
    pub sections: Count,
    /// Campaigns.
    pub campaigns: Count,
    /// Cases.
    pub cases: Count,
    /// Resources.
    pub resources: Count,
    /// Published figures.
    pub figures: Count,
    /// Statements.
    pub statements: Count,
    /// What was skipped on purpose.
    pub notes: Vec<Note>,
    /// The reports, to be executed in this order once the catalogue is stored.
    pub commands: Vec<Command>,
    /// The path of each command's report.
    pub(super) reports: Vec<JsonPath>,
    places: SourceMap,
}

impl Plan {
    /// Whether the catalogue equals the file already.
    #[must_use]
    pub fn leaves_catalogue(&self) -> bool {
        let parts = [self.editions, self.sections, self.campaigns, self.cases, self.resources];
        parts.iter().chain([&self.figures, &self.statements]).all(|count| count.added + count.changed == 0)
    }

    /// The errors of the command at `index`, with the lines of its report.
    #[must_use]
    pub fn refused(&self, index: usize, broken: &[Violation]) -> Vec<ImportError> {
        let path = self.reports.get(index).cloned().unwrap_or_else(JsonPath::root);
        broken
            .iter()
            .map(|violation| mistake(&self.places, &path.of_violation(&violation.path), &violation.rule))
            .collect()
    }
}

/// Plans the import of a file: changes the working copy, and prepares the commands for the ledger.
///
/// Errors that only follow from an earlier one are not reported, such as a report of a section that
/// could not be registered.
///
/// # Errors
/// All violated rules of the file, up to [`MAX_ERRORS`]; the working copy has to be discarded.
pub fn plan(
    file: File,
    revising: &mut CatalogueEdit,
    fresh: &mut dyn FnMut() -> Uuid,
) -> Result<Plan, Vec<ImportError>> {
    let plan = Plan {
        editions: Count::default(),
        sections: Count::default(),
        campaigns: Count::default(),
        cases: Count::default(),
        resources: Count::default(),
        figures: Count::default(),
        statements: Count::default(),
        notes: Vec::new(),
        commands: Vec::new(),
        reports: Vec::new(),
        places: file.places,
    };
    let mut planning = ImportPlanner { revising, fresh, plan, mistakes: Vec::new(), named: HashSet::new() };
    for part in &file.editions {
        planning.part(part);
    }
    if planning.mistakes.is_empty() { Ok(planning.plan) } else { Err(planning.mistakes) }
}

/// The state of planning.
pub(super) struct ImportPlanner<'a> {
    pub(super) revising: &'a mut CatalogueEdit,
    fresh: &'a mut dyn FnMut() -> Uuid,
    pub(super) plan: Plan,
    mistakes: Vec<ImportError>,
    /// The objects that the file has named so far: a duplicate could never be unchanged.
    named: HashSet<(EntityKind, EditionId, String)>,
}

impl ImportPlanner<'_> {
    pub(super) const fn catalogue(&self) -> &Catalogue {
        &self.revising.catalogue
    }

    pub(super) fn fresh(&mut self) -> Uuid {
        (self.fresh)()
    }

    /// Records the violations of the object at `path`.
    pub(super) fn accept<T>(&mut self, path: &JsonPath, result: Result<T, Violations>) -> Option<T> {
        let broken = match result {
            Ok(thing) => return Some(thing),
            Err(broken) => broken,
        };
        for violation in broken {
            // The id by which the administration identifies an object is not in the file.
            let inner = violation.path.iter().filter(|name| !matches!(name.as_str(), "id" | "edition"));
            let path = path.of_violation(inner);
            self.refuse(&path, &violation.rule);
        }
        None
    }

    pub(super) fn refuse(&mut self, path: &JsonPath, rule: &ViolationKind) {
        if self.mistakes.len() < MAX_ERRORS {
            self.mistakes.push(mistake(&self.plan.places, path, rule));
        }
    }

    pub(super) fn note(&mut self, path: &JsonPath, sentence: String) {
        let (line, _) = self.plan.places.find(path);
        self.plan.notes.push(Note { line, path: path.to_string(), sentence });
    }

    pub(super) fn campaign_called(
        &mut self,
        edition: EditionId,
        path: &JsonPath,
        code: &str,
    ) -> Option<CampaignId> {
        let section = self.catalogue().section_by_code(code).map(|section| section.id);
        let section = self.known(EntityKind::Section, ANY, path, code, section)?;
        let campaign = self.catalogue().campaign_of(edition, section).map(|campaign| campaign.id);
        self.known(EntityKind::Campaign, edition, path, code, campaign)
    }

    pub(super) fn case_called(&mut self, edition: EditionId, path: &JsonPath, slug: &str) -> Option<CaseId> {
        let case = self.catalogue().case_by_slug(edition, slug).map(|case| case.id);
        self.known(EntityKind::Case, edition, path, slug, case)
    }

    /// Resolves a reference. If it cannot be resolved although the file contains the object, an earlier
    /// error is the cause, and only that is reported.
    pub(super) fn known<T>(
        &mut self,
        noun: EntityKind,
        edition: EditionId,
        path: &JsonPath,
        name: &str,
        thing: Option<T>,
    ) -> Option<T> {
        if thing.is_none() && !self.named.contains(&(noun, edition, name.to_owned())) {
            self.refuse(path, &ViolationKind::NotFound { noun });
        }
        thing
    }

    pub(super) fn once(&mut self, noun: EntityKind, edition: EditionId, path: &JsonPath, name: &str) -> bool {
        let first = self.named.insert((noun, edition, name.to_owned()));
        if !first {
            self.refuse(path, &ViolationKind::Duplicate);
        }
        first
    }
}

fn mistake(places: &SourceMap, path: &JsonPath, rule: &ViolationKind) -> ImportError {
    let (line, column) = places.find(path);
    ImportError { line, column, path: path.to_string(), code: rule.code(), sentence: rule.to_string() }
}
