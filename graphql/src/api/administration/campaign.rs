//! Mutations of campaigns.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{
    CampaignId, CaseId, EditionId, SectionId,
    campaign::{self, CampaignDraft},
};
use uuid::Uuid;

use super::change::{Changed, change};
use crate::api::payload::payloads;
use crate::api::{
    campaign::Campaign,
    error::ApiError,
    id,
    scalar::{Count, Date, TimeZone, patch},
};

/// The input fields that creating and changing a campaign have in common.
#[derive(Debug, InputObject)]
struct CampaignTermsInput {
    /// The last day of registration. Null, or omitted on creation: the collection deadline.
    registration_closes_on: MaybeUndefined<Date>,
    /// For how many days after the deadline reports are still accepted, marked as late: 0–92, default 0.
    grace_days: Option<i32>,
    /// The time zone of all its days; defaults to that of the section.
    time_zone: Option<TimeZone>,
    /// The section's goal in letters, 1–1,000,000,000; null removes the goal.
    letter_goal: MaybeUndefined<Count>,
    /// The quantity beyond which the report of one person awaits review: 1–1,000,000, default 500.
    limit_person: Option<Count>,
    /// The quantity beyond which the report of an event by its host awaits review: 1–1,000,000, default
    /// 5,000.
    limit_event: Option<Count>,
    /// The global ids of its cases. Null, or omitted on creation: all cases of the edition, including those
    /// added later.
    cases: MaybeUndefined<Vec<ID>>,
    /// Whether staff review the texts of events before they are public; default true.
    reviews_events: Option<bool>,
    /// Whether sessions of events must lie within the campaign's days; default true. Staff are exempt.
    bounds_events: Option<bool>,
}

/// Input for a new campaign: a section's participation in an edition.
#[derive(Debug, InputObject)]
struct CampaignCreateInput {
    /// The global id of the edition.
    edition: ID,
    /// The global id of the section.
    section: ID,
    /// The first day of writing.
    opens_on: Date,
    /// The collection deadline, inclusive.
    deadline_on: Date,
    #[graphql(flatten)]
    terms: CampaignTermsInput,
}

/// Input for changing a campaign. Omitted fields keep their values. A change cannot reopen what is over; see
/// `campaignExtend`.
#[derive(Debug, InputObject)]
struct CampaignUpdateInput {
    /// The global id of the campaign.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The first day of writing.
    opens_on: Option<Date>,
    /// The collection deadline, inclusive.
    deadline_on: Option<Date>,
    #[graphql(flatten)]
    terms: CampaignTermsInput,
}

/// Input for extending a campaign.
#[derive(Debug, InputObject)]
struct CampaignExtendInput {
    /// The global id of the campaign.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The new collection deadline, later than the present one.
    deadline_on: Date,
    /// The reason, at most 20,000 characters.
    reason: String,
}

impl CampaignTermsInput {
    fn draft(self, opens_on: Option<Date>, deadline_on: Option<Date>) -> CampaignDraft {
        CampaignDraft {
            opens_on: opens_on.map(|day| day.0),
            registration_closes_on: patch(self.registration_closes_on.map_value(|day| day.0)),
            deadline_on: deadline_on.map(|day| day.0),
            grace_days: self.grace_days.map(i64::from),
            time_zone: self.time_zone.map(|zone| zone.0),
            letter_goal: patch(self.letter_goal.map_value(|goal| goal.0)),
            limit_person: self.limit_person.map(|limit| limit.0),
            limit_event: self.limit_event.map(|limit| limit.0),
            cases: patch(self.cases.map_value(cases)),
            reviews_events: self.reviews_events,
            bounds_events: self.bounds_events,
        }
    }
}

fn cases(ids: Vec<ID>) -> Vec<CaseId> {
    ids.iter().map(|id| id::or_nil(id::case(id), CaseId::new)).collect()
}

payloads! {
    Changed<domain::Campaign>, [outcome], {
        /// The object after the change; null if there are `userErrors`.
        async fn campaign(&self) -> Option<Campaign<'_>> {
            self.0.outcome.as_ref().ok().map(|thing| Campaign::new(&self.0.request, thing))
        }
    }

    /// The result of creating a campaign.
    CampaignCreatePayload;

    /// The result of changing a campaign.
    CampaignUpdatePayload;

    /// The result of extending a campaign.
    CampaignExtendPayload;
}

/// The mutations of campaigns.
#[derive(Default)]
pub(crate) struct CampaignMutation;

#[Object(serial)]
impl CampaignMutation {
    /// Creates a campaign, with which a section takes part in an edition. Requires an administrator key.
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

    /// Changes a campaign. Requires an administrator key.
    async fn campaign_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: CampaignUpdateInput,
    ) -> Result<Option<CampaignUpdatePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let draft = input.terms.draft(input.opens_on, input.deadline_on);
        let changed = change(ctx, move |revising| campaign::change(revising, id, revision, &draft)).await?;
        Ok(Some(CampaignUpdatePayload(changed)))
    }

    /// Moves the collection deadline to a later day. This is the only way to reopen a closed campaign; the
    /// reason is recorded in the audit log. Requires an administrator key.
    async fn campaign_extend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new deadline and the reason.")] input: CampaignExtendInput,
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
