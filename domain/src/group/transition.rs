//! Registration of a group and its changes.

use jiff::Timestamp;

use super::{Group, GroupDraft, MAX_GROUP_DEPTH, MAX_GROUPS};
use crate::{
    EventId, GroupId,
    event::{EventActor, EventPolicy, EventTally},
    report::CampaignContext,
    text,
    total::Location,
    violation::{ViolationKind, Violations},
    window::CampaignPhase,
};

/// The place of a new group among the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupParent {
    /// The group that it is a part of.
    pub group: Option<GroupId>,
    /// The event that it writes at.
    pub event: Option<EventId>,
    /// How many groups lie above it.
    pub depth: u8,
    /// How many groups its event or its group has already.
    pub siblings: usize,
}

/// What staff decide about the wish of a group to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupReview {
    /// Everyone may see the group, under the present name.
    Approve,
    /// Only those who manage it and staff may see it, for this reason.
    Reject(String),
}

/// Who changes a group, when, and which revision was read before.
#[derive(Clone, Copy, Debug)]
pub struct GroupTransition<'a> {
    /// The campaign, and who it is.
    pub terms: EventPolicy<'a>,
    /// The revision that was read.
    pub expected_revision: u32,
    /// When.
    pub now: Timestamp,
}

impl Group {
    /// A new group.
    ///
    /// # Errors
    /// The rules that the draft breaks, [`ViolationKind::EditionArchived`], and, for all but staff,
    /// [`ViolationKind::RegistrationClosed`], or of a group below another or of an event
    /// [`ViolationKind::DeadlinePassed`]; [`ViolationKind::GroupTooDeep`] and [`ViolationKind::TooManyItems`].
    pub fn registered(
        id: GroupId,
        draft: &GroupDraft,
        parent: GroupParent,
        terms: &EventPolicy<'_>,
        now: Timestamp,
    ) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let is_nested = parent.group.is_some() || parent.event.is_some();
        let above = if parent.group.is_some() { "parent" } else { "event" };
        violations.check("campaign", check_time(terms, is_nested, now));
        if parent.depth >= MAX_GROUP_DEPTH {
            violations.add(above, ViolationKind::GroupTooDeep);
        }
        if is_nested && parent.siblings >= MAX_GROUPS {
            violations.add(above, ViolationKind::TooManyItems { most: MAX_GROUPS });
        }
        let CampaignContext { section, campaign, .. } = terms.intake;
        let content = draft.complete(None, section).map_err(|broken| violations.extend_at(&[], broken)).ok();
        violations.into_result()?;
        let Some(content) = content else {
            unreachable!("content is missing only beside a violation");
        };
        let place = Location {
            section: section.id,
            country: content.region.as_ref().map(text::Region::country).or_else(|| section.country.clone()),
            region: content.region.clone(),
        };
        let group = Self {
            id,
            campaign_id: campaign.id,
            edition_id: campaign.edition_id,
            section_id: campaign.section_id,
            parent: parent.group,
            event: parent.event,
            depth: parent.depth + 1,
            previous: None,
            tally: EventTally::new(place, Some(content.kind.origin())),
            content,
            approved_name: None,
            rejection_reason: None,
            report: None,
            registered_at: now,
            updated_at: now,
            revision: 1,
        };
        Ok(group.with_name_approved_by(terms))
    }

    /// Changes the content of the group. Who hands its letters in stays as it was registered.
    ///
    /// A new name waits for review; until then everyone sees the approved one. A group that is no longer to be listed
    /// is hidden at once.
    ///
    /// # Errors
    /// The rules that the draft breaks, and those of every change.
    pub fn change(&self, draft: &GroupDraft, step: &GroupTransition<'_>) -> Result<Self, Violations> {
        let (mut violations, mut after) = self.begin_transition(step);
        let content = draft.complete(Some(&self.content), step.terms.intake.section);
        if let Some(content) = violations.collect(content) {
            if content.name != self.content.name || draft.is_public.is_some() {
                after.rejection_reason = None;
            }
            if !content.is_public {
                after.approved_name = None;
            }
            after.content = content;
        }
        violations.into_result()?;
        Ok(after.with_name_approved_by(&step.terms))
    }

    /// Applies the decision of staff about the wish to be listed.
    ///
    /// # Errors
    /// [`ViolationKind::ReasonMissing`] and its like for no reason, [`ViolationKind::GroupNotPublic`] for a group
    /// that does not wish to be listed, and those of every change.
    pub fn review(&self, decision: &GroupReview, step: &GroupTransition<'_>) -> Result<Self, Violations> {
        let (mut violations, mut after) = self.begin_transition(step);
        match decision {
            GroupReview::Approve if !self.content.is_public => {
                violations.add("id", ViolationKind::GroupNotPublic);
            }
            GroupReview::Approve => {
                after.rejection_reason = None;
                after.approved_name = Some(self.content.name.clone());
            }
            GroupReview::Reject(reason) => {
                after.rejection_reason = violations.check("reason", text::reason(reason));
                after.approved_name = None;
            }
        }
        violations.into_result().map(|()| after)
    }

    /// Checks that the group may be removed: nothing was ever reported of it, and it has no parts. Returns its last
    /// state.
    ///
    /// # Errors
    /// [`ViolationKind::GroupInUse`], at `id`, and those of every change.
    pub fn remove(
        &self,
        (has_reports, has_parts): (bool, bool),
        step: &GroupTransition<'_>,
    ) -> Result<Self, Violations> {
        let (mut violations, after) = self.begin_transition(step);
        if has_reports || has_parts || !self.tally.is_empty() {
            violations.add("id", ViolationKind::GroupInUse);
        }
        violations.into_result().map(|()| after)
    }

    /// Where staff need not look at names, and where they enter one themselves, it is approved at once.
    fn with_name_approved_by(self, terms: &EventPolicy<'_>) -> Self {
        let needs_review = terms.actor == EventActor::Organizer && terms.intake.campaign.reviews_events;
        if !self.content.is_public || needs_review {
            return self;
        }
        Self { approved_name: Some(self.content.name.clone()), ..self }
    }

    /// The group with its next revision, and the violations that forbid the change.
    fn begin_transition(&self, step: &GroupTransition<'_>) -> (Violations, Self) {
        let mut violations = Violations::default();
        violations.check("id", step.terms.intake.edition.check_open());
        if step.expected_revision != self.revision {
            violations.add("expected_revision", ViolationKind::StaleRevision { current: self.revision });
        }
        let after = Self { updated_at: step.now, revision: self.revision + 1, ..self.clone() };
        (violations, after)
    }
}

/// A group of a campaign registers like an event. One of an event or of another group may be added for as long as
/// reports come in.
fn check_time(terms: &EventPolicy<'_>, is_nested: bool, now: Timestamp) -> Result<(), ViolationKind> {
    if !is_nested {
        return terms.check_registration(now);
    }
    let CampaignContext { edition, campaign, .. } = terms.intake;
    edition.check_open()?;
    if terms.actor == EventActor::Organizer && campaign.window.phase(now) == CampaignPhase::Closed {
        return campaign.window.check_open(now);
    }
    Ok(())
}
