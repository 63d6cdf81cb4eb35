//! Urgent actions: issued, updated, extended and withdrawn.

use domain::{
    UrgentAction, UrgentActionId, Violation, ViolationKind, Violations, Zone,
    published::day,
    urgent_action::{self, UrgentActionDraft, UrgentActionState, Validity},
    violation::EntityKind,
};

use super::{check_revision, not_found, reason};
use crate::catalogue::{CatalogueChange, CatalogueEdit};

/// A new urgent action as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueDraft {
    /// The number that it is known by.
    pub number: String,
    /// The first day.
    pub issued_on: String,
    /// The last day.
    pub expires_on: String,
    /// The zone of both, if it is not that of London.
    pub time_zone: Option<String>,
    /// What is said of it.
    pub content: UrgentActionDraft,
}

impl IssueDraft {
    fn life(&self, violations: &mut Violations) -> Option<Validity> {
        let issued_on = violations.check("issuedOn", day(&self.issued_on));
        let expires_on = violations.check("expiresOn", day(&self.expires_on));
        let zone = self.time_zone.as_deref().unwrap_or(urgent_action::ZONE);
        let zone = violations.check("timeZone", Zone::parse(zone));
        let life = Validity::new(issued_on?, expires_on?, zone?);
        life.map_err(|broken| violations.extend_at(&[], broken)).ok()
    }
}

/// Issues an urgent action. Until its first day only administrators know of it.
///
/// # Errors
/// The rules that the draft breaks, or [`Rule::AlreadyExists`] for a number that is taken.
pub fn issue(
    revising: &mut CatalogueEdit,
    id: UrgentActionId,
    draft: &IssueDraft,
) -> Result<UrgentAction, Vec<Violation>> {
    let mut violations = Violations::default();
    let number = violations.check("number", urgent_action::number(&draft.number)).unwrap_or_default();
    if revising.catalogue.urgent_actions().any(|action| action.number == number) {
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
        changed_at: revising.now,
        revision: 1,
    };
    store(revising, "urgentActionIssue", &action, None);
    Ok(action)
}

/// Says something else of an urgent action, which is news.
///
/// # Errors
/// The rules that the draft breaks, and those of every change.
pub fn update(
    revising: &mut CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
    draft: &UrgentActionDraft,
) -> Result<UrgentAction, Vec<Violation>> {
    let (mut violations, mut action) = changing(revising, id, expected_revision)?;
    match draft.complete(Some(&action.content)) {
        Ok(content) => action.content = content,
        Err(broken) => violations.extend_at(&[], broken),
    }
    violations.into_result()?;
    action.update += 1;
    store(revising, "urgentActionUpdate", &action, None);
    Ok(action)
}

/// Moves the last day to a later one. This alone lets people write again once it has expired.
///
/// # Errors
/// [`Rule::NotAnExtension`], [`Rule::ExpiryTooFar`], [`Rule::ReasonMissing`], and the rules of every
/// change.
pub fn extend(
    revising: &mut CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
    expires_on: &str,
    typed_reason: &str,
) -> Result<UrgentAction, Vec<Violation>> {
    let (mut violations, mut action) = changing(revising, id, expected_revision)?;
    let later = day(expires_on).and_then(|day| {
        if day > action.life.expires_on() { Ok(day) } else { Err(ViolationKind::NotAnExtension) }
    });
    if let Some(later) = violations.check("expiresOn", later) {
        match Validity::new(action.life.issued_on(), later, action.life.zone().clone()) {
            Ok(life) => action.life = life,
            Err(broken) => violations.extend_at(&[], broken),
        }
    }
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    store(revising, "urgentActionExtend", &action, Some(&reason));
    Ok(action)
}

/// Ends the writing for an urgent action, at once and for good.
///
/// # Errors
/// [`Rule::ReasonMissing`], and the rules of every change.
pub fn withdraw(
    revising: &mut CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
    typed_reason: &str,
) -> Result<UrgentAction, Vec<Violation>> {
    let (mut violations, mut action) = changing(revising, id, expected_revision)?;
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    action.state = UrgentActionState::Withdrawn;
    store(revising, "urgentActionWithdraw", &action, Some(&reason));
    Ok(action)
}

/// The action, changed now, and what speaks against changing it.
fn changing(
    revising: &CatalogueEdit,
    id: UrgentActionId,
    expected_revision: u32,
) -> Result<(Violations, UrgentAction), Vec<Violation>> {
    let found = revising.catalogue.urgent_action(id);
    let mut action = found.ok_or_else(|| not_found("id", EntityKind::UrgentAction))?.clone();
    let mut violations = Violations::default();
    check_revision(&mut violations, expected_revision, action.revision);
    if action.state == UrgentActionState::Withdrawn {
        violations.add("id", ViolationKind::UrgentActionWithdrawn);
    }
    action.changed_at = revising.now;
    action.revision += 1;
    Ok((violations, action))
}

fn store(revising: &mut CatalogueEdit, action: &'static str, urgent: &UrgentAction, reason: Option<&str>) {
    revising.upsert(CatalogueChange::UrgentAction(urgent.clone()));
    revising.record(action, urgent.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
