//! Import of statements, which a file identifies by their keys.

use domain::{
    EditionId, Violations,
    report::key,
    statement::{self, StatementScope},
    violation::EntityKind,
};

use super::{
    format,
    plan::{ANY, ImportPlanner},
    source_location::JsonPath,
};
use crate::credentials::derive_file_statement_id;

/// Why a file replaces the figure of a statement, as the history of the statement says it.
const REASON: &str = "A later figure was imported.";

impl ImportPlanner<'_> {
    pub(super) fn statement(&mut self, edition: EditionId, path: &JsonPath, input: &format::Statement) {
        if !self.once(EntityKind::Statement, ANY, &path.field("key"), &input.key) {
            return;
        }
        let mut violations = Violations::default();
        violations.check("key", key(&input.key));
        let well_formed = self.accept(path, violations.into_result());
        let campaign = self.campaign_called(edition, &path.field("section"), &input.section);
        let case = input.case.as_deref().map(|slug| self.case_called(edition, &path.field("case"), slug));
        let (Some(()), Some(campaign), Some(case)) =
            (well_formed, campaign, case.map_or(Some(None), |case| case.map(Some)))
        else {
            return;
        };
        let scope = StatementScope {
            extent: input.extent,
            case,
            kind: input.kind,
            way: input.way,
            origin: input.origin,
        };
        let id = |key: &String| derive_file_statement_id(edition, key);
        let draft = input.draft(input.contains.iter().map(id).collect());
        let id = id(&input.key);
        let before = self.catalogue().statement(id).cloned();
        let result = match before {
            Some(before) if before.scope == scope => match draft.parse() {
                Ok(content) if Some(&content) != before.content() => {
                    self.plan.statements.changed += 1;
                    let revision = before.latest().number;
                    statement::revise(self.revising, id, revision, &draft, REASON).map(drop)
                }
                other => {
                    self.plan.statements.unchanged += 1;
                    other.map(drop)
                }
            },
            // A statement of another scope is refused there.
            _ => {
                self.plan.statements.added += 1;
                statement::state(self.revising, id, campaign, scope, &draft).map(drop)
            }
        };
        self.accept(path, result);
    }
}
