//! Milestones: numbers that a total is to reach, announced once.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    CampaignId, EditionId, MilestoneId, SectionId, Violations,
    catalogue::CatalogueEdit,
    milestone::{self, MilestoneDraft, ReachedMilestone},
    violation::EntityKind,
};
use uuid::Uuid;

use super::{
    AppState, RequestContext,
    domain_enum::domain_enum,
    error::ApiError,
    id::{self, Global},
    payload::payloads,
    scalar::{Count, DateTime},
    section::Section,
};
use crate::access::Staff;

domain_enum! {
    /// The unit of a milestone's threshold.
    pub(crate) enum MilestoneUnit = domain::milestone::MilestoneUnit {
        /// Appeal letters and messages of solidarity.
        Letters,
        /// All actions, including letters.
        Actions,
    }
}

/// A milestone and the context it is read in.
pub(crate) struct Milestone<'a> {
    request: &'a RequestContext,
    milestone: domain::Milestone,
    reached: Option<ReachedMilestone>,
}

/// A number that the total of an edition or of a campaign is to reach. It is reached once, by the first version of the
/// count that has its threshold, and stays reached when the total falls again.
#[Object(serial)]
impl<'a> Milestone<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.milestone.id)
    }

    /// The section whose campaign it is of; null for the worldwide total of the edition.
    async fn section(&self) -> Option<Section<'a>> {
        let section = self.request.catalogue.section(self.milestone.section_id?)?;
        Some(Section::new(self.request, section))
    }

    /// The unit of the threshold.
    async fn unit(&self) -> MilestoneUnit {
        self.milestone.unit.into()
    }

    /// The number that is to be reached.
    async fn threshold(&self) -> Count {
        self.milestone.threshold.into()
    }

    /// The title; null if there is none.
    async fn title(&self) -> Option<&str> {
        self.milestone.title.as_deref()
    }

    /// Whether it is visible to staff only until it is reached.
    async fn is_hidden(&self) -> bool {
        self.milestone.is_hidden
    }

    /// When it was reached; null until then.
    async fn reached_at(&self) -> Option<DateTime> {
        self.reached.as_ref().map(|reached| reached.reached_at.into())
    }

    /// The version of the edition's count that reached it; null until then.
    async fn reached_version(&self) -> Option<Count> {
        self.reached.as_ref().map(|reached| reached.version.into())
    }

    /// The number at that version, which may exceed the threshold; null until then.
    async fn reached_quantity(&self) -> Option<Count> {
        self.reached.as_ref().map(|reached| reached.quantity.into())
    }

    /// When staff withdrew it; null while it holds. It is not reached any more.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.milestone.withdrawn_at.map(DateTime::from)
    }
}

impl<'a> Milestone<'a> {
    /// The milestones of an edition or of a campaign that the viewer may see, lowest first.
    pub(crate) fn of_scope(
        request: &'a RequestContext,
        edition: EditionId,
        section: Option<SectionId>,
    ) -> Vec<Self> {
        let milestones = request.catalogue.milestones(edition);
        let of_scope = milestones.filter(|milestone| milestone.section_id == section);
        let mut found: Vec<_> = of_scope
            .map(|milestone| Self::new(request, milestone.clone()))
            .filter(Self::is_visible)
            .filter(|one| one.reached.is_some() || one.milestone.withdrawn_at.is_none())
            .collect();
        found.sort_by_key(|one| (one.milestone.unit, one.milestone.threshold, one.milestone.created_at));
        found
    }

    /// The milestone with this id, if the viewer may see it.
    pub(crate) fn find(request: &'a RequestContext, id: MilestoneId) -> Option<Self> {
        Some(Self::new(request, request.catalogue.milestone(id)?.clone())).filter(Self::is_visible)
    }

    /// A milestone in the context of the viewer.
    pub(crate) fn new(request: &'a RequestContext, milestone: domain::Milestone) -> Self {
        let count = request.count(milestone.edition_id);
        let reached = count.reached.iter().find(|one| one.milestone_id == milestone.id).cloned();
        Self { request, milestone, reached }
    }

    fn is_visible(&self) -> bool {
        let is_for_all = !self.milestone.is_hidden || self.reached.is_some();
        is_for_all
            || match self.milestone.section_id {
                Some(section) => self.request.may_act_for(section),
                None => self.request.is_administrator(),
            }
    }
}

/// Input for a new milestone.
#[derive(Debug, InputObject)]
struct MilestoneCreateInput {
    /// The global id of the edition, for its worldwide total, or of a campaign.
    scope: ID,
    /// The unit of the threshold.
    unit: MilestoneUnit,
    /// The number, 1–1,000,000,000. It must be larger than that of the present total.
    threshold: Count,
    /// The title, at most 200 characters. It is public together with the threshold.
    title: Option<String>,
    /// Whether it is visible to staff only until it is reached; default false.
    #[graphql(default)]
    is_hidden: bool,
}

/// Input for withdrawing a milestone.
#[derive(Debug, InputObject)]
struct MilestoneWithdrawInput {
    /// The global id of the milestone.
    id: ID,
    /// The reason, at most 20,000 characters. It is recorded in the audit log and not public.
    reason: String,
}

/// The result of a change: the milestone after it, or validation errors.
pub(super) struct Outcome {
    request: RequestContext,
    outcome: Result<domain::Milestone, Violations>,
}

payloads! {
    Outcome, [outcome], {
        /// The milestone after the change; null if there are `userErrors`.
        async fn milestone(&self) -> Option<Milestone<'_>> {
            let milestone = self.0.outcome.as_ref().ok()?;
            Some(Milestone::new(&self.0.request, milestone.clone()))
        }
    }

    /// The result of a new milestone.
    MilestoneCreatePayload;

    /// The result of withdrawing a milestone.
    MilestoneWithdrawPayload;
}

/// The mutations of milestones.
#[derive(Default)]
pub(crate) struct MilestoneMutation;

#[Object(serial)]
impl MilestoneMutation {
    /// Sets a milestone of an edition or of a campaign. It is announced once, when a total first has its threshold.
    /// Requires an administrator key, or the key of the campaign's section.
    async fn milestone_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The milestone.")] input: MilestoneCreateInput,
    ) -> Result<Option<MilestoneCreatePayload>, ApiError> {
        let request = RequestContext::of(ctx);
        let staff = request.staff()?;
        let (edition, section) = match Global::parse(&input.scope) {
            Some(Global::Edition(edition)) => (edition, None),
            Some(Global::Campaign(campaign)) => of_campaign(request, campaign),
            _ => (EditionId::new(Uuid::nil()), None),
        };
        let draft = MilestoneDraft {
            unit: input.unit.into(),
            threshold: input.threshold.0,
            title: input.title,
            is_hidden: input.is_hidden,
        };
        let count = request.count(edition);
        let id = MilestoneId::new(Uuid::now_v7());
        let work = move |edit: &mut CatalogueEdit| {
            check_staff(staff, section, "scope", EntityKind::Edition)?;
            milestone::create(edit, id, (edition, section), &draft, &count.tally)
        };
        change(ctx, staff, work).await.map(MilestoneCreatePayload).map(Some)
    }

    /// Withdraws a milestone, so that it is not reached any more. One that was reached stays listed: what was announced
    /// is not taken back. Requires an administrator key, or the key of the campaign's section.
    async fn milestone_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The withdrawal.")] input: MilestoneWithdrawInput,
    ) -> Result<Option<MilestoneWithdrawPayload>, ApiError> {
        let staff = RequestContext::of(ctx).staff()?;
        let id = id::or_nil(id::milestone(&input.id), MilestoneId::new);
        let work = move |edit: &mut CatalogueEdit| {
            if let Some(milestone) = edit.catalogue.milestone(id) {
                check_staff(staff, milestone.section_id, "id", EntityKind::Milestone)?;
            }
            milestone::withdraw(edit, id, &input.reason)
        };
        change(ctx, staff, work).await.map(MilestoneWithdrawPayload).map(Some)
    }
}

/// The edition and the section of a campaign; the nil edition, which does not exist, for an unknown one.
fn of_campaign(request: &RequestContext, id: CampaignId) -> (EditionId, Option<SectionId>) {
    let campaign = request.catalogue.campaign(id);
    campaign.map_or((EditionId::new(Uuid::nil()), None), |campaign| {
        (campaign.edition_id, Some(campaign.section_id))
    })
}

/// Applies a change of a milestone by staff.
async fn change(
    ctx: &Context<'_>,
    staff: Staff,
    work: impl FnOnce(&mut CatalogueEdit) -> Result<domain::Milestone, Violations> + Send + 'static,
) -> Result<Outcome, ApiError> {
    let (context, request) = (AppState::of(ctx), RequestContext::of(ctx));
    let outcome = request.ledger(context).edit_catalogue(staff.key, request.now, work).await?;
    Ok(Outcome { request: request.after_change(context), outcome })
}

/// Checks that the key is one of an administrator, or of the section. For any other key the object does not exist.
fn check_staff(
    staff: Staff,
    section: Option<SectionId>,
    field: &str,
    noun: EntityKind,
) -> Result<(), Violations> {
    let may = staff.section.is_none() || staff.section == section;
    if may {
        Ok(())
    } else {
        Err(domain::Violation::at([field], domain::ViolationKind::NotFound { noun }).into())
    }
}
