//! Changes of statements. A later figure of the same scope is a revision of the same statement, so that its history
//! stays.

use super::{
    Stated, Statement, StatementContent, StatementDraft, StatementExtent, StatementRevision, StatementScope,
};
use crate::{
    CampaignId, StatementId,
    catalogue::{
        Catalogue, CatalogueChange, CatalogueEdit,
        checks::{check_open, check_revision, not_found, reason},
    },
    report::Origin,
    violation::{EntityKind, ViolationKind, Violations},
};

/// States a figure of a campaign. A section may state several figures of parts of it, and one of each other scope. The
/// same identity with the same statement is a repeated request, which changes nothing.
///
/// # Errors
/// The rules that the draft breaks; [`ViolationKind::NotFound`] for a campaign, a case or a contained statement;
/// [`ViolationKind::OriginNotAllowed`]; [`ViolationKind::StatementExists`] where a statement of this scope holds;
/// [`ViolationKind::StatementContained`] and [`ViolationKind::StatementTooWide`];
/// [`ViolationKind::IdempotencyKeyConflict`] where the identity has another statement.
pub fn state(
    edit: &mut CatalogueEdit,
    id: StatementId,
    campaign: CampaignId,
    scope: StatementScope,
    draft: &StatementDraft,
) -> Result<Stated, Violations> {
    if let Some(earlier) = edit.catalogue.statement(id) {
        return replay(earlier, &scope, draft);
    }
    let catalogue = &edit.catalogue;
    let campaign = catalogue.campaign(campaign).ok_or_else(|| not_found("campaign", EntityKind::Campaign))?;
    let mut violations = Violations::default();
    check_open(&mut violations, "campaign", catalogue, campaign.edition_id);
    if let Some(case) = scope.case
        && catalogue.case(case).is_none_or(|case| case.edition_id != campaign.edition_id)
    {
        violations.add("case", ViolationKind::NotFound { noun: EntityKind::Case });
    }
    if matches!(scope.origin, Origin::Person | Origin::Event) {
        violations.add("origin", ViolationKind::OriginNotAllowed { origin: scope.origin });
    }
    let content = violations.collect(draft.parse());
    let section = catalogue.section(campaign.section_id);
    let statement = content.map(|content| Statement {
        id,
        edition_id: campaign.edition_id,
        section_id: campaign.section_id,
        country: section.and_then(|section| section.country.clone()),
        scope,
        revisions: vec![StatementRevision { number: 1, content, reason: None, stated_at: edit.now }],
        withdrawn_at: None,
    });
    if let Some(statement) = &statement {
        check_reports(&mut violations, statement);
        check_scope(&mut violations, catalogue, statement);
        check_containment(&mut violations, catalogue, statement, &draft.contains);
    }
    violations.into_result()?;
    let Some(statement) = statement else { unreachable!("a value is missing only beside a violation") };
    store(edit, "statementCreate", &statement, None);
    Ok(Stated::new(statement))
}

/// The answer to a repeated request: the statement as it is now, if the request is the same.
fn replay(earlier: &Statement, scope: &StatementScope, draft: &StatementDraft) -> Result<Stated, Violations> {
    let is_same = earlier.scope == *scope && draft.parse()? == earlier.revisions[0].content;
    if is_same {
        Ok(Stated { statement: earlier.clone(), replayed: true })
    } else {
        let mut violations = Violations::default();
        violations.add("idempotency_key", ViolationKind::IdempotencyKeyConflict);
        Err(violations)
    }
}

/// Replaces the figure of a statement.
///
/// # Errors
/// Those of [`state`], [`ViolationKind::StaleRevision`], [`ViolationKind::StatementWithdrawn`] and
/// [`ViolationKind::ReasonMissing`].
pub fn revise(
    edit: &mut CatalogueEdit,
    id: StatementId,
    expected_revision: u32,
    draft: &StatementDraft,
    typed_reason: &str,
) -> Result<Statement, Violations> {
    let (mut statement, mut violations) = begin_change(edit, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    if let Some(content) = violations.collect(draft.parse()) {
        statement.revise(content, &reason, edit.now);
        check_reports(&mut violations, &statement);
        check_containment(&mut violations, &edit.catalogue, &statement, &draft.contains);
    }
    violations.into_result()?;
    store(edit, "statementRevise", &statement, Some(&reason));
    Ok(statement)
}

/// Withdraws a statement: it adds nothing any more. What it contained counts by itself again.
///
/// # Errors
/// [`ViolationKind::NotFound`], [`ViolationKind::StaleRevision`], [`ViolationKind::StatementWithdrawn`] and
/// [`ViolationKind::ReasonMissing`].
pub fn withdraw(
    edit: &mut CatalogueEdit,
    id: StatementId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<Statement, Violations> {
    let (mut statement, mut violations) = begin_change(edit, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    let content = statement.latest().content.clone();
    statement.revise(content, &reason, edit.now);
    statement.withdrawn_at = Some(edit.now);
    store(edit, "statementWithdraw", &statement, Some(&reason));
    Ok(statement)
}

impl Statement {
    fn revise(&mut self, content: StatementContent, reason: &str, now: jiff::Timestamp) {
        let number = self.latest().number + 1;
        let reason = Some(reason.to_owned());
        self.revisions.push(StatementRevision { number, content, reason, stated_at: now });
    }
}

/// The statement that is to change, with the rules that every change may break.
fn begin_change(
    edit: &CatalogueEdit,
    id: StatementId,
    expected_revision: u32,
) -> Result<(Statement, Violations), Violations> {
    let statement = edit.catalogue.statement(id).ok_or_else(|| not_found("id", EntityKind::Statement))?;
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, statement.latest().number);
    check_open(&mut violations, "id", &edit.catalogue, statement.edition_id);
    if statement.withdrawn_at.is_some() {
        violations.add("id", ViolationKind::StatementWithdrawn);
    }
    Ok((statement.clone(), violations))
}

/// Reports are summed by section, case and kind: those of a part or of one way cannot be told from others.
fn check_reports(violations: &mut Violations, statement: &Statement) {
    let is_told = statement.scope.extent != StatementExtent::Part && statement.scope.way.is_none();
    if statement.latest().content.contains_reports && !is_told {
        violations.add("contains_reports", ViolationKind::ReportsNotTold);
    }
}

/// Two statements of one scope would count the same letters twice.
fn check_scope(violations: &mut Violations, catalogue: &Catalogue, statement: &Statement) {
    if statement.scope.extent == StatementExtent::Part {
        return;
    }
    let is_of_scope = |other: &&Statement| {
        other.content().is_some()
            && other.section_id == statement.section_id
            && other.scope == statement.scope
    };
    if let Some(other) = catalogue.statements(statement.edition_id).find(is_of_scope) {
        violations.add("campaign", ViolationKind::StatementExists { revision: other.latest().number });
    }
}

/// Checks that what a statement contains exists, lies in its scope and in no other statement, and does not contain the
/// statement itself.
fn check_containment(
    violations: &mut Violations,
    catalogue: &Catalogue,
    statement: &Statement,
    contains: &[StatementId],
) {
    for (index, &inner) in contains.iter().enumerate() {
        if let Err(rule) = check_contained(catalogue, statement, inner) {
            violations.add_at(&["contains", &index.to_string()], rule);
        }
    }
}

fn check_contained(
    catalogue: &Catalogue,
    outer: &Statement,
    inner: StatementId,
) -> Result<(), ViolationKind> {
    if inner == outer.id || reaches(catalogue, inner, outer.id) {
        return Err(ViolationKind::StatementRing);
    }
    let not_found = ViolationKind::NotFound { noun: EntityKind::Statement };
    let contained = catalogue.statement(inner).filter(|inner| inner.edition_id == outer.edition_id);
    let contained = contained.ok_or(not_found)?;
    if contained.withdrawn_at.is_some() {
        return Err(ViolationKind::StatementWithdrawn);
    }
    if !outer.may_contain(contained) {
        return Err(ViolationKind::StatementTooWide);
    }
    let lies_in = |other: &Statement| {
        other.id != outer.id && other.content().is_some_and(|content| content.contains.contains(&inner))
    };
    if catalogue.statements(outer.edition_id).any(lies_in) {
        return Err(ViolationKind::StatementContained);
    }
    Ok(())
}

/// Whether `from` contains `to`, directly or through others.
fn reaches(catalogue: &Catalogue, from: StatementId, to: StatementId) -> bool {
    let (mut seen, mut next) = (std::collections::BTreeSet::new(), vec![from]);
    while let Some(id) = next.pop() {
        if id == to {
            return true;
        }
        if seen.insert(id) {
            let content = catalogue.statement(id).and_then(Statement::content);
            next.extend(content.into_iter().flat_map(|content| content.contains.iter().copied()));
        }
    }
    false
}

fn store(edit: &mut CatalogueEdit, action: &'static str, statement: &Statement, reason: Option<&str>) {
    edit.upsert(CatalogueChange::Statement(Box::new(statement.clone())));
    edit.record(action, statement.id.uuid(), reason);
}
