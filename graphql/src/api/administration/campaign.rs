//! Campaigns: set up, changed and extended.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{CampaignId, CaseId, EditionId, SectionId};
use uuid::Uuid;

use super::{change, payloads};
use crate::{
    administration::campaign::{self, CampaignDraft},
    api::{
        campaign::Campaign,
        error::ApiError,
        id,
        scalar::{Count, Date, TimeZone},
    },
};

/// What may be said of a campaign when it is set up and when it is changed.
#[derive(Debug, InputObject)]
struct CampaignTermsInput {
    /// The last day of registration; null, like left out at first, for the collection deadline.
    registration_closes_on: MaybeUndefined<Date>,
    /// For how many days after the deadline reports are still taken, as late ones: 0–92. None unless
    /// it is said.
    grace_days: Option<i32>,
    /// The time zone of all its days; that of the section unless it is said.
    time_zone: Option<TimeZone>,
    /// How many letters the section sets out to write, 1–1,000,000; null takes the goal away.
    letter_goal: MaybeUndefined<Count>,
    /// Beyond which quantity the report of one person waits for staff: 1–1,000,000, 500 unless it is
    /// said.
    limit_person: Option<Count>,
    /// Beyond which quantity the closing report of an event waits for staff: 1–1,000,000, 5,000
    /// unless it is said.
    limit_event: Option<Count>,
    /// The global ids of the cases it writes for; null, like left out at first, for every case of the
    /// edition, also for one that is added later.
    cases: MaybeUndefined<Vec<ID>>,
    /// Whether staff review what organizers say of an event before everyone sees it; they do unless it
    /// is said.
    reviews_events: Option<bool>,
    /// Whether the sessions of events lie within its days; they do unless it is said. Staff may always
    /// let one lie outside.
    bounds_events: Option<bool>,
}

/// A new campaign: an edition as one section runs it.
#[derive(Debug, InputObject)]
struct CampaignCreateInput {
    /// The global id of the edition.
    edition: ID,
    /// The global id of the section.
    section: ID,
    /// The first day of writing.
    opens_on: Date,
    /// The collection deadline. The day belongs to the campaign.
    deadline_on: Date,
    #[graphql(flatten)]
    terms: CampaignTermsInput,
}

/// A change of a campaign. What is left out stays as it is, and nothing that is over opens again.
#[derive(Debug, InputObject)]
struct CampaignChangeInput {
    /// The global id of the campaign.
    id: ID,
    /// The revision that you read and now change.
    expected_revision: i32,
    /// The first day of writing.
    opens_on: Option<Date>,
    /// The collection deadline. The day belongs to the campaign.
    deadline_on: Option<Date>,
    #[graphql(flatten)]
    terms: CampaignTermsInput,
}

/// More time for a campaign.
#[derive(Debug, InputObject)]
struct CampaignExtendInput {
    /// The global id of the campaign.
    id: ID,
    /// The revision that you read and now extend.
    expected_revision: i32,
    /// The new collection deadline, a later day than the present one.
    deadline_on: Date,
    /// Why.
    reason: String,
}

impl CampaignTermsInput {
    fn draft(self, opens_on: Option<Date>, deadline_on: Option<Date>) -> CampaignDraft {
        CampaignDraft {
            opens_on: opens_on.map(|day| day.0),
            registration_closes_on: self.registration_closes_on.map_value(|day| day.0).into(),
            deadline_on: deadline_on.map(|day| day.0),
            grace_days: self.grace_days.map(i64::from),
            time_zone: self.time_zone.map(|zone| zone.0),
            letter_goal: self.letter_goal.map_value(|goal| goal.0).into(),
            limit_person: self.limit_person.map(|limit| limit.0),
            limit_event: self.limit_event.map(|limit| limit.0),
            cases: self.cases.map_value(cases).into(),
            reviews_events: self.reviews_events,
            bounds_events: self.bounds_events,
        }
    }
}

fn cases(ids: Vec<ID>) -> Vec<CaseId> {
    ids.iter().map(|id| id::or_nil(id::case(id), CaseId::new)).collect()
}

payloads! {
    /// What came of setting up a campaign.
    CampaignCreatePayload { campaign: Campaign }

    /// What came of changing a campaign.
    CampaignChangePayload { campaign: Campaign }

    /// What came of extending a campaign.
    CampaignExtendPayload { campaign: Campaign }
}

/// Campaigns, as a part of what administrators change.
#[derive(Default)]
pub(crate) struct CampaignMutation;

#[Object(serial)]
impl CampaignMutation {
    /// Lets a section run an edition. Needs an administrator's key.
    async fn campaign_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The campaign.")] input: CampaignCreateInput,
    ) -> Result<Option<CampaignCreatePayload>, ApiError> {
        let edition = id::or_nil(id::edition(&input.edition), EditionId::new);
        let section = id::or_nil(id::section(&input.section), SectionId::new);
        let draft = input.terms.draft(Some(input.opens_on), Some(input.deadline_on));
        let id = CampaignId::new(Uuid::now_v7());
        let work = move |revising: &mut _| campaign::create(revising, id, edition, section, &draft);
        change(ctx, work).await.map(CampaignCreatePayload).map(Some)
    }

    /// Changes a campaign. Needs an administrator's key.
    async fn campaign_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: CampaignChangeInput,
    ) -> Result<Option<CampaignChangePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let draft = input.terms.draft(input.opens_on, input.deadline_on);
        let changed = change(ctx, move |revising| campaign::change(revising, id, revision, &draft)).await?;
        Ok(Some(CampaignChangePayload(changed)))
    }

    /// Moves the collection deadline to a later day. This alone opens again what is over, and is
    /// recorded with its reason. Needs an administrator's key.
    async fn campaign_extend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new deadline, and why.")] input: CampaignExtendInput,
    ) -> Result<Option<CampaignExtendPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let CampaignExtendInput { deadline_on, reason, .. } = input;
        let work = move |revising: &mut _| campaign::extend(revising, id, revision, &deadline_on.0, &reason);
        change(ctx, work).await.map(CampaignExtendPayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (CampaignId, u32) {
    (id::or_nil(id::campaign(id), CampaignId::new), id::revision(revision))
}
