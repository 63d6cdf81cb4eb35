//! Changes of campaigns: when a section runs an edition, and for which cases.

use super::{Campaign, CampaignDraft, CaseSelection, PlausibilityLimits, draft::WindowDays};
use crate::{
    CampaignId, EditionId, SectionId,
    catalogue::{
        CatalogueChange, CatalogueEdit,
        checks::{check_open, check_revision, not_found, reason},
    },
    date::day,
    violation::{EntityKind, ViolationKind, Violations},
};

/// Lets a section run an edition.
///
/// # Errors
/// The rules that the draft breaks, [`ViolationKind::AlreadyExists`] where the section runs the edition
/// already, [`ViolationKind::NotFound`] or [`ViolationKind::EditionArchived`].
pub fn create(
    edit: &mut CatalogueEdit,
    id: CampaignId,
    edition: EditionId,
    section: SectionId,
    draft: &CampaignDraft,
) -> Result<Campaign, Violations> {
    let mut violations = Violations::default();
    let catalogue = &edit.catalogue;
    if catalogue.edition(edition).is_none() {
        violations.add("edition", ViolationKind::NotFound { noun: EntityKind::Edition });
    }
    check_open(&mut violations, "edition", catalogue, edition);
    if catalogue.section(section).is_none() {
        violations.add("section", ViolationKind::NotFound { noun: EntityKind::Section });
    }
    if catalogue.campaign_of(edition, section).is_some() {
        violations.add("section", ViolationKind::AlreadyExists { noun: EntityKind::Campaign });
    }
    let zone = catalogue.section(section).map(|section| section.zone.clone());
    let window = draft.window(&mut violations, WindowDays { zone, ..WindowDays::default() });
    let letter_goal = draft.goal(&mut violations, None);
    let limits = draft.limits(&mut violations, PlausibilityLimits::default());
    let picks = draft.picks(&mut violations, catalogue, edition, CaseSelection::All);
    violations.into_result()?;
    let Some(window) = window else {
        unreachable!("a window is missing only beside a violation");
    };
    let campaign = Campaign {
        id,
        edition_id: edition,
        section_id: section,
        window,
        letter_goal,
        limits,
        picks,
        reviews_events: draft.reviews_events.unwrap_or(true),
        bounds_events: draft.bounds_events.unwrap_or(true),
        revision: 1,
    };
    store(edit, "campaignCreate", &campaign, None);
    Ok(campaign)
}

/// Changes a campaign, except that nothing which is over opens again.
///
/// # Errors
/// The rules that the draft breaks, [`ViolationKind::UseExtension`], and those of every change.
pub fn change(
    edit: &mut CatalogueEdit,
    id: CampaignId,
    expected_revision: u32,
    draft: &CampaignDraft,
) -> Result<Campaign, Violations> {
    let (mut violations, mut campaign) = changing(edit, id, expected_revision)?;
    let before = campaign.clone();
    draft.apply(&mut violations, &edit.catalogue, &mut campaign);
    violations.check("deadline_on", before.check_change(&campaign.window, edit.now));
    violations.into_result()?;
    store(edit, "campaignUpdate", &campaign, None);
    Ok(campaign)
}

/// Moves the collection deadline to a later day. Only this reopens a campaign that is over.
///
/// # Errors
/// [`ViolationKind::NotAnExtension`], [`ViolationKind::ReasonMissing`], and those of every change.
pub fn extend(
    edit: &mut CatalogueEdit,
    id: CampaignId,
    expected_revision: u32,
    deadline_on: &str,
    typed_reason: &str,
) -> Result<Campaign, Violations> {
    let (mut violations, mut campaign) = changing(edit, id, expected_revision)?;
    let later = day(deadline_on).and_then(|day| {
        if day > campaign.window.deadline_on() { Ok(day) } else { Err(ViolationKind::NotAnExtension) }
    });
    let later = violations.check("deadline_on", later);
    let reason = reason(&mut violations, typed_reason);
    if let Some(deadline_on) = later {
        let days = WindowDays { deadline_on: Some(deadline_on), ..WindowDays::of(&campaign.window) };
        match days.window(&mut Violations::default()) {
            Some(window) => campaign.window = window,
            // The days were in order before; a later deadline can only leave the calendar.
            None => violations.add("deadline_on", ViolationKind::DateInvalid),
        }
    }
    violations.into_result()?;
    store(edit, "campaignExtend", &campaign, Some(&reason));
    Ok(campaign)
}

/// The campaign with its next revision, and the violations that forbid the change.
fn changing(
    edit: &CatalogueEdit,
    id: CampaignId,
    expected_revision: u32,
) -> Result<(Violations, Campaign), Violations> {
    let catalogue = &edit.catalogue;
    let mut campaign = catalogue.campaign(id).ok_or_else(|| not_found("id", EntityKind::Campaign))?.clone();
    let mut violations = Violations::default();
    check_open(&mut violations, "id", catalogue, campaign.edition_id);
    check_revision(&mut violations, expected_revision, campaign.revision);
    campaign.revision += 1;
    Ok((violations, campaign))
}

fn store(edit: &mut CatalogueEdit, action: &'static str, campaign: &Campaign, reason: Option<&str>) {
    edit.upsert(CatalogueChange::Campaign(campaign.clone()));
    edit.record(action, campaign.id.uuid(), reason);
}

#[cfg(test)]
mod tests;
