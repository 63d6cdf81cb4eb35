//! Changes of urgent actions: issued, updated, extended and withdrawn.

use super::{IssueDraft, UrgentAction, UrgentActionDraft, UrgentActionState, Validity, number};
use crate::{
    UrgentActionId,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{check_revision, not_found, reason},
    },
    date::day,
    violation::{EntityKind, ViolationKind, Violations},
};

/// Issues an urgent action. Until its first day only administrators know of it.
///
/// # Errors
/// The rules that the draft breaks, or [`ViolationKind::AlreadyExists`] for a number that is taken.
pub fn issue(
    edit: &mut CatalogueEdit,
    id: UrgentActionId,
    draft: &IssueDraft,
) -> Result<UrgentAction, Violations> {
    let mut violations = Violations::default();
    let number = violations.check("number", number(&draft.number)).unwrap_or_default();
    if edit.catalogue.urgent_actions().any(|action| action.number == number) {
        violations.add("number", ViolationKind::AlreadyExists { noun: EntityKind::UrgentAction });
    }
    let life = draft.life(&mut violations);
    let content = draft.content.complete(None).map_err(|broken| violations.extend_at(&[], broken)).ok();
    violations.into_result()?;
    let (Some(life), Some(content)) = (life, content) else {
        unreachable!("a value is missing only beside a violation");
    };
    let action = UrgentAction {
        id,
        number,
        update: 0,
        life,
        content,
        state: UrgentActionState::Issued,
        updated_at: edit.now,
        revision: 1,
    };
    store(edit, "urgentActionIssue", &action, None);
    Ok(action)
}

/// Changes the content of an urgent action, which is news.
///
/// # Errors
/// The rules that the draft breaks, and those of every change.
pub fn update(
    edit: &mut CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
    draft: &UrgentActionDraft,
) -> Result<UrgentAction, Violations> {
    let (mut violations, mut action) = changing(edit, id, expected_revision)?;
    match draft.complete(Some(&action.content)) {
        Ok(content) => action.content = content,
        Err(broken) => violations.extend_at(&[], broken),
    }
    violations.into_result()?;
    action.update += 1;
    store(edit, "urgentActionUpdate", &action, None);
    Ok(action)
}

/// Moves the last day to a later one. This alone lets people write again once it has expired.
///
/// # Errors
/// [`ViolationKind::NotAnExtension`], [`ViolationKind::ExpiryTooFar`], [`ViolationKind::ReasonMissing`], and the rules of every
/// change.
pub fn extend(
    edit: &mut CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
    expires_on: &str,
    typed_reason: &str,
) -> Result<UrgentAction, Violations> {
    let (mut violations, mut action) = changing(edit, id, expected_revision)?;
    let later = day(expires_on).and_then(|day| {
        if day > action.life.expires_on() { Ok(day) } else { Err(ViolationKind::NotAnExtension) }
    });
    if let Some(later) = violations.check("expires_on", later) {
        match Validity::new(action.life.issued_on(), later, action.life.zone().clone()) {
            Ok(life) => action.life = life,
            Err(broken) => violations.extend_at(&[], broken),
        }
    }
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    store(edit, "urgentActionExtend", &action, Some(&reason));
    Ok(action)
}

/// Ends the writing for an urgent action, at once and for good.
///
/// # Errors
/// [`ViolationKind::ReasonMissing`], and the rules of every change.
pub fn withdraw(
    edit: &mut CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<UrgentAction, Violations> {
    let (mut violations, mut action) = changing(edit, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    action.state = UrgentActionState::Withdrawn;
    store(edit, "urgentActionWithdraw", &action, Some(&reason));
    Ok(action)
}

/// The action, changed now, and the violations that forbid the change.
fn changing(
    edit: &CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
) -> Result<(Violations, UrgentAction), Violations> {
    let found = edit.catalogue.urgent_action(id);
    let mut action = found.ok_or_else(|| not_found("id", EntityKind::UrgentAction))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, action.revision);
    if action.state == UrgentActionState::Withdrawn {
        violations.add("id", ViolationKind::UrgentActionWithdrawn);
    }
    action.updated_at = edit.now;
    action.revision += 1;
    Ok((violations, action))
}

fn store(edit: &mut CatalogueEdit, action: &'static str, urgent: &UrgentAction, reason: Option<&str>) {
    edit.upsert(CatalogueChange::UrgentAction(urgent.clone()));
    edit.record(action, urgent.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
