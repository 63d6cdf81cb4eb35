//! Cases: prepared, published with consent, suspended and closed for safety, and followed for years.

use domain::{
    Case, CaseId, EditionId, Violation, ViolationKind, Violations,
    case::{CaseConsent, CaseDraft, CaseOutcome, CaseState, CloseReason, ENTRIES_MOST, OutcomeKind},
    text,
    violation::EntityKind,
};

use super::{check_open, check_revision, not_found, reason};
use crate::catalogue::{CatalogueChange, CatalogueEdit};

/// Registers a case, as a draft.
///
/// # Errors
/// The rules that the draft breaks, [`Rule::AlreadyExists`] for a slug that the edition has,
/// [`Rule::NotFound`] or [`Rule::EditionArchived`].
pub fn create(
    revising: &mut CatalogueEdit,
    id: CaseId,
    edition: EditionId,
    slug: &str,
    draft: &CaseDraft,
) -> Result<Case, Vec<Violation>> {
    let mut violations = Violations::default();
    let catalogue = &revising.catalogue;
    if catalogue.edition(edition).is_none() {
        violations.add("edition", ViolationKind::NotFound { noun: EntityKind::Edition });
    }
    check_open(&mut violations, "edition", catalogue, edition);
    let slug = violations.check("slug", text::slug(slug)).unwrap_or_default();
    if catalogue.case_by_slug(edition, &slug).is_some() {
        violations.add("slug", ViolationKind::AlreadyExists { noun: EntityKind::Case });
    }
    let content = draft.complete(None).map_err(|broken| violations.extend_at(&[], broken)).ok();
    violations.into_result()?;
    let Some(content) = content else {
        unreachable!("a value is missing only beside a violation");
    };
    let case = Case {
        id,
        edition_id: edition,
        slug,
        content,
        outcomes: Vec::new(),
        consent: None,
        state: CaseState::Draft,
        changed_at: revising.now,
        revision: 1,
    };
    store(revising, "caseCreate", &case, None);
    Ok(case)
}

/// Changes what the editors of a case wrote, in any state.
///
/// # Errors
/// The rules that the draft breaks, and those of every change.
pub fn change(
    revising: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    draft: &CaseDraft,
) -> Result<Case, Vec<Violation>> {
    let (mut violations, mut case) = changing(revising, id, expected_revision)?;
    match draft.complete(Some(&case.content)) {
        Ok(content) => case.content = content,
        Err(broken) => violations.extend_at(&[], broken),
    }
    violations.into_result()?;
    store(revising, "caseChange", &case, None);
    Ok(case)
}

/// Records that the person, or those who speak for them, agreed to be written for.
///
/// # Errors
/// The rules that day and name break, and those of every change.
pub fn record_consent(
    revising: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    on: &str,
    by: &str,
) -> Result<Case, Vec<Violation>> {
    let (mut violations, mut case) = changing(revising, id, expected_revision)?;
    match CaseConsent::parse(on, by) {
        Ok(consent) => case.consent = Some(consent),
        Err(broken) => violations.extend_at(&[], broken),
    }
    violations.into_result()?;
    store(revising, "caseRecordConsent", &case, None);
    Ok(case)
}

/// Lets people write for a case.
///
/// # Errors
/// [`Rule::ConsentMissing`], [`Rule::CaseStateForbids`], and the rules of every change.
pub fn publish(
    revising: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
) -> Result<Case, Vec<Violation>> {
    let (mut violations, mut case) = changing(revising, id, expected_revision)?;
    violations.check("id", case.check_publishable());
    step(&mut violations, &mut case, CaseState::published);
    violations.into_result()?;
    store(revising, "casePublish", &case, None);
    Ok(case)
}

/// Stops the writing for a case, at once and for now.
///
/// # Errors
/// [`Rule::CaseStateForbids`], [`Rule::ReasonMissing`], and the rules of every change.
pub fn suspend(
    revising: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<Case, Vec<Violation>> {
    let (mut violations, mut case) = changing(revising, id, expected_revision)?;
    step(&mut violations, &mut case, CaseState::suspended);
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    store(revising, "caseSuspend", &case, Some(&reason));
    Ok(case)
}

/// Lets people write again. The reason may be left out, but not be empty.
///
/// # Errors
/// [`Rule::CaseStateForbids`], and the rules of every change.
pub fn resume(
    revising: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    typed_reason: Option<&str>,
) -> Result<Case, Vec<Violation>> {
    let (mut violations, mut case) = changing(revising, id, expected_revision)?;
    step(&mut violations, &mut case, CaseState::resumed);
    let reason = typed_reason.map(|typed| reason(&mut violations, typed));
    violations.into_result()?;
    store(revising, "caseResume", &case, reason.as_deref());
    Ok(case)
}

/// Ends the writing for a case. The explanation may be left out, but not be empty.
///
/// # Errors
/// [`Rule::CaseStateForbids`], and the rules of every change.
pub fn close(
    revising: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    reason: CloseReason,
    explanation: Option<&str>,
) -> Result<Case, Vec<Violation>> {
    let (mut violations, mut case) = changing(revising, id, expected_revision)?;
    step(&mut violations, &mut case, |state| state.closed(reason));
    let explanation = violations.check_optional("explanation", explanation.map(text::prose));
    violations.into_result()?;
    // The log keeps the reason, which the case itself loses when it is archived.
    let noted = explanation.map_or_else(|| reason.to_string(), |text| format!("{reason}: {text}"));
    store(revising, "caseClose", &case, Some(&noted));
    Ok(case)
}

/// Adds what became of a case, perhaps years later and in an archived edition.
///
/// # Errors
/// The rules that the outcome breaks, [`Rule::Repeated`] for one that is there already,
/// [`Rule::NotFound`] or [`Rule::StaleRevision`].
pub fn add_outcome(
    revising: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    on: &str,
    kind: OutcomeKind,
    text: &str,
    source: Option<&str>,
) -> Result<Case, Vec<Violation>> {
    let (mut violations, mut case) = found(revising, id, expected_revision)?;
    match CaseOutcome::parse(on, kind, text, source) {
        Ok(outcome) if case.outcomes.contains(&outcome) => violations.add("text", ViolationKind::Repeated),
        Ok(outcome) => case.outcomes.push(outcome),
        Err(broken) => violations.extend_at(&[], broken),
    }
    if case.outcomes.len() > ENTRIES_MOST {
        violations.add("id", ViolationKind::TooMany { most: ENTRIES_MOST });
    }
    violations.into_result()?;
    case.outcomes.sort_by_key(|outcome| outcome.on);
    store(revising, "caseAddOutcome", &case, None);
    Ok(case)
}

/// The case, changed now, and what speaks against changing it.
fn changing(
    revising: &CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
) -> Result<(Violations, Case), Vec<Violation>> {
    let (mut violations, case) = found(revising, id, expected_revision)?;
    check_open(&mut violations, "id", &revising.catalogue, case.edition_id);
    Ok((violations, case))
}

/// The same for what may be added to an archived edition, too.
fn found(
    revising: &CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
) -> Result<(Violations, Case), Vec<Violation>> {
    let mut case = revising.catalogue.case(id).ok_or_else(|| not_found("id", EntityKind::Case))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, case.revision);
    case.changed_at = revising.now;
    case.revision += 1;
    Ok((violations, case))
}

fn step(
    violations: &mut Violations,
    case: &mut Case,
    next: impl FnOnce(CaseState) -> Result<CaseState, ViolationKind>,
) {
    if let Some(state) = violations.check("id", next(case.state)) {
        case.state = state;
    }
}

fn store(revising: &mut CatalogueEdit, action: &'static str, case: &Case, reason: Option<&str>) {
    revising.upsert(CatalogueChange::Case(case.clone()));
    revising.record(action, case.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
