//! Changes of milestones, and which of them totals reach.

use jiff::Timestamp;

use super::{MAX_MILESTONES, Milestone, MilestoneDraft, ReachedMilestone};
use crate::{
    EditionId, MilestoneId, SectionId,
    campaign::world_goal,
    catalogue::{
        Catalogue, CatalogueChange, CatalogueEdit,
        checks::{check_open, not_found, reason},
    },
    text,
    total::Totals,
    violation::{EntityKind, ViolationKind, Violations},
};

/// Sets a milestone of an edition or of the campaign of a section in it, whose totals are these now.
///
/// # Errors
/// [`ViolationKind::NotFound`] and [`ViolationKind::EditionArchived`]; [`ViolationKind::GoalOutOfRange`] and the rules of
/// a title; [`ViolationKind::MilestoneReached`] where the total has reached the threshold already;
/// [`ViolationKind::MilestoneExists`]; [`ViolationKind::TooManyItems`].
pub fn create(
    edit: &mut CatalogueEdit,
    id: MilestoneId,
    (edition, section): (EditionId, Option<SectionId>),
    draft: &MilestoneDraft,
    totals: &Totals,
) -> Result<Milestone, Violations> {
    let catalogue = &edit.catalogue;
    if catalogue.edition(edition).is_none() {
        return Err(not_found("scope", EntityKind::Edition));
    }
    if section.is_some_and(|section| catalogue.campaign_of(edition, section).is_none()) {
        return Err(not_found("scope", EntityKind::Campaign));
    }
    let mut violations = Violations::default();
    check_open(&mut violations, "scope", catalogue, edition);
    let threshold = violations.check("threshold", world_goal(draft.threshold));
    let milestone = Milestone {
        id,
        edition_id: edition,
        section_id: section,
        unit: draft.unit,
        threshold: threshold.unwrap_or_default(),
        title: violations.check_optional("title", draft.title.as_deref().map(text::line)),
        is_hidden: draft.is_hidden,
        created_at: edit.now,
        withdrawn_at: None,
    };
    let of_scope = |other: &&Milestone| other.section_id == section && other.withdrawn_at.is_none();
    let is_same = |other: &Milestone| (other.unit, Some(other.threshold)) == (milestone.unit, threshold);
    if threshold.is_some() && milestone.quantity(totals) >= milestone.threshold {
        let quantity = milestone.quantity(totals);
        violations.add("threshold", ViolationKind::MilestoneReached { quantity });
    } else if catalogue.milestones(edition).filter(of_scope).any(is_same) {
        violations.add("threshold", ViolationKind::MilestoneExists);
    }
    if catalogue.milestones(edition).filter(of_scope).count() >= MAX_MILESTONES {
        violations.add("threshold", ViolationKind::TooManyItems { most: MAX_MILESTONES });
    }
    violations.into_result()?;
    store(edit, "milestoneCreate", &milestone, None);
    Ok(milestone)
}

/// Withdraws a milestone: it is not reached any more. One that was reached stays in the list of those that were.
///
/// # Errors
/// [`ViolationKind::NotFound`], also where it is withdrawn already, [`ViolationKind::EditionArchived`] and
/// [`ViolationKind::ReasonMissing`].
pub fn withdraw(
    edit: &mut CatalogueEdit,
    id: MilestoneId,
    typed_reason: &str,
) -> Result<Milestone, Violations> {
    let milestone = edit.catalogue.milestone(id).filter(|milestone| milestone.withdrawn_at.is_none());
    let mut milestone = milestone.ok_or_else(|| not_found("id", EntityKind::Milestone))?.clone();
    let mut violations = Violations::default();
    check_open(&mut violations, "id", &edit.catalogue, milestone.edition_id);
    let reason = reason(&mut violations, typed_reason);
    violations.into_result()?;
    milestone.withdrawn_at = Some(edit.now);
    store(edit, "milestoneWithdraw", &milestone, Some(&reason));
    Ok(milestone)
}

fn store(edit: &mut CatalogueEdit, action: &'static str, milestone: &Milestone, reason: Option<&str>) {
    edit.upsert(CatalogueChange::Milestone(milestone.clone()));
    edit.record(action, milestone.id.uuid(), reason);
}

/// The milestones of an edition that these totals reach and that were not reached before, lowest first.
#[must_use]
pub fn reached(
    catalogue: &Catalogue,
    edition: EditionId,
    totals: &Totals,
    before: &[ReachedMilestone],
    (version, reached_at): (u64, Timestamp),
) -> Vec<ReachedMilestone> {
    let is_open = |milestone: &&Milestone| {
        milestone.withdrawn_at.is_none() && before.iter().all(|one| one.milestone_id != milestone.id)
    };
    let mut found: Vec<_> = catalogue
        .milestones(edition)
        .filter(is_open)
        .map(|milestone| (milestone.threshold, milestone.id, milestone.quantity(totals)))
        .filter(|&(threshold, _, quantity)| quantity >= threshold)
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .map(|(_, milestone_id, quantity)| ReachedMilestone { milestone_id, version, reached_at, quantity })
        .collect()
}
