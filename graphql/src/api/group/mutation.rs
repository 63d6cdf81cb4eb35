//! Mutations of groups, each executed by the ledger.

use async_graphql::{Context, ID, Object};
use domain::{CampaignId, EventId, GroupId, group::GroupReview, report};
use uuid::Uuid;

use super::{
    input::{GroupDecision, GroupRegisterInput, GroupRemoveInput, GroupReviewInput, GroupUpdateInput},
    payload::{
        GroupRegisterPayload, GroupRemovePayload, GroupReviewPayload, GroupUpdatePayload, Registered, Stepped,
    },
};
use crate::{
    api::{AppState, RequestContext, cost, error::ApiError, id, stored_text},
    credentials::{self, SecretHash},
    operations::group::{ChangeGroup, GroupVerb, RegisterGroup},
};

/// The mutations of groups.
///
/// Payloads are nullable, so that one failed mutation does not null the results of the others in the same document.
#[derive(Default)]
pub(crate) struct GroupMutation;

#[Object(serial)]
impl GroupMutation {
    /// Registers a group of a campaign, of an event or of another group. One of a campaign is open to everyone until
    /// registration closes, one of an event or of another group to those who manage that until reports close;
    /// afterwards to staff of its section. The result has a secret that manages the group: its own link, for those who
    /// report for it (`group` of `reportSubmit`).
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn group_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group.")] input: GroupRegisterInput,
    ) -> Result<Option<GroupRegisterPayload>, ApiError> {
        let (context, request) = (AppState::of(ctx), RequestContext::of(ctx));
        let campaign = id::or_nil(id::campaign(&input.campaign), CampaignId::new);
        // An id that names nothing is treated as unknown.
        let event = input.event.as_ref().map(|id| id::or_nil(id::event(id), EventId::new));
        let parent = input.parent.as_ref().map(|id| id::or_nil(id::group(id), GroupId::new));
        let previous = input.previous_secret.as_deref().map(SecretHash::of);
        let typed_key = input.idempotency_key.clone();
        let draft = Box::new(input.draft());
        stored_text::charge_draft(ctx, &draft)?;
        // Random and not time-ordered, like the id of an event.
        let id = GroupId::new(Uuid::new_v4());
        let registration = RegisterGroup {
            id,
            secret: SecretHash::of(&credentials::derive_group_secret(id, &typed_key)),
            key: report::key(&typed_key).map(SecretHash::of),
            campaign,
            event,
            parent,
            previous,
            draft,
            viewer: request.viewer,
            now: request.now,
        };
        let outcome = request.ledger(context).run(registration).await?;
        // On a replay the secret is that of the group which was first registered with the key.
        let registered = outcome.as_ref().ok();
        let secret = registered
            .map(|registered| credentials::derive_group_secret(registered.stored.group.id, &typed_key));
        let request = request.after_change(context);
        Ok(Some(GroupRegisterPayload(Registered { request, outcome, secret })))
    }

    /// Changes a group. Requires the secret of the group, of a group above it or of its event, a key of its section or
    /// an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: GroupUpdateInput,
    ) -> Result<Option<GroupUpdatePayload>, ApiError> {
        let (id, revision) = (input.id.clone(), input.expected_revision);
        let draft = Box::new(input.draft());
        stored_text::charge_draft(ctx, &draft)?;
        step(ctx, &id, revision, GroupVerb::Change(draft)).await.map(GroupUpdatePayload).map(Some)
    }

    /// Approves or rejects the wish of a group to be public. Requires a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn group_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: GroupReviewInput,
    ) -> Result<Option<GroupReviewPayload>, ApiError> {
        RequestContext::of(ctx).staff()?;
        let decision = match input.decision {
            GroupDecision::Approve => GroupReview::Approve,
            GroupDecision::Reject => GroupReview::Reject(input.reason.unwrap_or_default()),
        };
        let stepped = step(ctx, &input.id, input.expected_revision, GroupVerb::Review(decision)).await?;
        Ok(Some(GroupReviewPayload(stepped)))
    }

    /// Removes a group that was added by mistake: nothing was ever reported for it, and it has no parts. Requires the
    /// secret of the group, of a group above it or of its event, a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn group_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group.")] input: GroupRemoveInput,
    ) -> Result<Option<GroupRemovePayload>, ApiError> {
        let stepped = step(ctx, &input.id, input.expected_revision, GroupVerb::Remove).await?;
        Ok(Some(GroupRemovePayload(stepped)))
    }
}

async fn step(
    ctx: &Context<'_>,
    id: &ID,
    expected_revision: i32,
    verb: GroupVerb,
) -> Result<Stepped, ApiError> {
    let (context, request) = (AppState::of(ctx), RequestContext::of(ctx));
    request.require_token()?;
    let stepping = ChangeGroup {
        id: id::or_nil(id::group(id), GroupId::new),
        expected_revision: id::revision(expected_revision),
        verb,
        viewer: request.viewer,
        now: request.now,
    };
    let outcome = request.ledger(context).run(stepping).await?;
    Ok(Stepped { request: request.after_change(context), outcome })
}
