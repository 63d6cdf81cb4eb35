//! Changes of cases: preparing, publishing with consent, suspending and closing for safety, and recording
//! outcomes, for years.

use jiff::Timestamp;

use super::{
    Case, CaseConsent, CaseDraft, CaseOutcome, CaseOutcomeKind, CaseState, CloseReason, MAX_ENTRIES,
};
use crate::{
    CaseId, EditionId,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{check_open, check_revision, not_found, reason},
    },
    text,
    violation::{EntityKind, ViolationKind, Violations},
};

/// Registers a case, as a draft.
///
/// # Errors
/// The rules that the draft breaks, [`ViolationKind::AlreadyExists`] for a slug that the edition has,
/// [`ViolationKind::NotFound`] or [`ViolationKind::EditionArchived`].
pub fn create(
    edit: &mut CatalogueEdit,
    id: CaseId,
    edition: EditionId,
    slug: &str,
    draft: &CaseDraft,
) -> Result<Case, Violations> {
    let mut violations = Violations::default();
    let catalogue = &edit.catalogue;
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
        writing_stopped_at: None,
        updated_at: edit.now,
        revision: 1,
    };
    store(edit, "caseCreate", &case, None);
    Ok(case)
}

/// Changes what the editors of a case wrote, in any state.
///
/// # Errors
/// The rules that the draft breaks, and those of every change.
pub fn change(
    edit: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    draft: &CaseDraft,
) -> Result<Case, Violations> {
    let (mut violations, mut case) = changing(edit, id, expected_revision)?;
    match draft.complete(Some(&case.content)) {
        Ok(content) => case.content = content,
        Err(broken) => violations.extend_at(&[], broken),
    }
    violations.into_result()?;
    store(edit, "caseUpdate", &case, None);
    Ok(case)
}

/// Records the consent to be written for, given by the person or their representatives.
///
/// # Errors
/// The rules that day and name break, and those of every change.
pub fn record_consent(
    edit: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    on: &str,
    by: &str,
) -> Result<Case, Violations> {
    let (mut violations, mut case) = changing(edit, id, expected_revision)?;
    match CaseConsent::parse(on, by) {
        Ok(consent) => case.consent = Some(consent),
        Err(broken) => violations.extend_at(&[], broken),
    }
    violations.into_result()?;
    store(edit, "caseRecordConsent", &case, None);
    Ok(case)
}

/// Lets people write for a case.
///
/// # Errors
/// [`ViolationKind::ConsentMissing`], [`ViolationKind::CaseStateInvalid`], and the rules of every change.
pub fn publish(edit: &mut CatalogueEdit, id: CaseId, expected_revision: u32) -> Result<Case, Violations> {
    let (mut violations, mut case) = changing(edit, id, expected_revision)?;
    violations.check("id", case.check_publishable());
    step(&mut violations, &mut case, edit.now, CaseState::published);
    violations.into_result()?;
    store(edit, "casePublish", &case, None);
    Ok(case)
}

/// Stops the writing for a case, at once and for now.
///
/// # Errors
/// [`ViolationKind::CaseStateInvalid`], [`ViolationKind::ReasonMissing`], and the rules of every change.
pub fn suspend(
    edit: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<Case, Violations> {
    let (mut violations, mut case) = changing(edit, id, expected_revision)?;
    step(&mut violations, &mut case, edit.now, CaseState::suspended);
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    store(edit, "caseSuspend", &case, Some(&reason));
    Ok(case)
}

/// Lets people write again. The reason may be left out, but not be empty.
///
/// # Errors
/// [`ViolationKind::CaseStateInvalid`], and the rules of every change.
pub fn resume(
    edit: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    typed_reason: Option<&str>,
) -> Result<Case, Violations> {
    let (mut violations, mut case) = changing(edit, id, expected_revision)?;
    step(&mut violations, &mut case, edit.now, CaseState::resumed);
    let reason = typed_reason.map(|typed| reason(&mut violations, typed));
    violations.into_result()?;
    store(edit, "caseResume", &case, reason.as_deref());
    Ok(case)
}

/// Ends the writing for a case. The explanation may be left out, but not be empty.
///
/// # Errors
/// [`ViolationKind::CaseStateInvalid`], and the rules of every change.
pub fn close(
    edit: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    reason: CloseReason,
    explanation: Option<&str>,
) -> Result<Case, Violations> {
    let (mut violations, mut case) = changing(edit, id, expected_revision)?;
    step(&mut violations, &mut case, edit.now, |state| state.closed(reason));
    let explanation = violations.check_optional("explanation", explanation.map(text::prose));
    violations.into_result()?;
    // The log keeps the reason, which the case itself loses when it is archived.
    let noted = explanation.map_or_else(|| reason.to_string(), |text| format!("{reason}: {text}"));
    store(edit, "caseClose", &case, Some(&noted));
    Ok(case)
}

/// Adds what became of a case, perhaps years later and in an archived edition.
///
/// # Errors
/// The rules that the outcome breaks, [`ViolationKind::Duplicate`] for one that is there already,
/// [`ViolationKind::NotFound`] or [`ViolationKind::StaleRevision`].
pub fn add_outcome(
    edit: &mut CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
    on: &str,
    kind: CaseOutcomeKind,
    text: &str,
    source: Option<&str>,
) -> Result<Case, Violations> {
    let (mut violations, mut case) = found(edit, id, expected_revision)?;
    match CaseOutcome::parse(on, kind, text, source) {
        Ok(outcome) if case.outcomes.contains(&outcome) => violations.add("text", ViolationKind::Duplicate),
        Ok(outcome) => case.outcomes.push(outcome),
        Err(broken) => violations.extend_at(&[], broken),
    }
    if case.outcomes.len() > MAX_ENTRIES {
        violations.add("id", ViolationKind::TooManyItems { most: MAX_ENTRIES });
    }
    violations.into_result()?;
    case.outcomes.sort_by_key(|outcome| outcome.on);
    store(edit, "caseAddOutcome", &case, None);
    Ok(case)
}

/// The case, changed now, and the violations that forbid the change.
fn changing(
    edit: &CatalogueEdit,
    id: CaseId,
    expected_revision: u32,
) -> Result<(Violations, Case), Violations> {
    let (mut violations, case) = found(edit, id, expected_revision)?;
    check_open(&mut violations, "id", &edit.catalogue, case.edition_id);
    Ok((violations, case))
}

/// The same for what may be added to an archived edition, too.
fn found(edit: &CatalogueEdit, id: CaseId, expected_revision: u32) -> Result<(Violations, Case), Violations> {
    let mut case = edit.catalogue.case(id).ok_or_else(|| not_found("id", EntityKind::Case))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, case.revision);
    case.updated_at = edit.now;
    case.revision += 1;
    Ok((violations, case))
}

fn step(
    violations: &mut Violations,
    case: &mut Case,
    now: Timestamp,
    next: impl FnOnce(CaseState) -> Result<CaseState, ViolationKind>,
) {
    if let Some(state) = violations.check("id", next(case.state)) {
        case.enter(state, now);
    }
}

fn store(edit: &mut CatalogueEdit, action: &'static str, case: &Case, reason: Option<&str>) {
    edit.upsert(CatalogueChange::Case(case.clone()));
    edit.record(action, case.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
