//! Mutations of urgent actions: issued, updated, extended and withdrawn.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    UrgentActionId,
    case::AuthorityDraft,
    urgent_action::{self, IssueDraft, UrgentActionDraft, UrgentActionTextDraft},
};
use uuid::Uuid;

use super::{
    case::content::AuthorityInput,
    change::{Changed, change},
};
use crate::api::payload::payloads;
use crate::api::{
    case::{CaseTopic, WritingRestriction},
    error::ApiError,
    id,
    scalar::{CountryCode, Date, Language, TimeZone},
    urgent_action::UrgentAction,
};

/// Input for the text of an urgent action in one language.
#[derive(Debug, InputObject)]
struct UrgentActionTextInput {
    /// The language of all parts.
    language: Language,
    /// The headline, at most 200 characters.
    title: String,
    /// The text: what happened, what to demand, and how to write; at most 20,000 characters.
    text: Option<String>,
}

/// Input for a new urgent action.
#[derive(Debug, InputObject)]
struct UrgentActionIssueInput {
    /// The official number, such as `15/22`: the fifteenth of 2022.
    number: String,
    /// The first day of writing. Until then only administrators see the urgent action.
    issued_on: Date,
    /// The last day of writing, at most 366 days after the first.
    expires_on: Date,
    /// The time zone of both days; default `Europe/London`.
    time_zone: Option<TimeZone>,
    /// The country where it happens.
    country: CountryCode,
    /// The topics, at most 50.
    topics: Option<Vec<CaseTopic>>,
    /// The texts, at least one and at most 60, one per language.
    texts: Vec<UrgentActionTextInput>,
    /// The authorities to write to, at most 20.
    authorities: Option<Vec<AuthorityInput>>,
    /// Writing restrictions: what a letter must not contain. They are returned with every address.
    restrictions: Option<Vec<WritingRestriction>>,
}

/// Input for updating an urgent action. Omitted fields keep their values; a given list replaces the whole
/// list.
#[derive(Debug, InputObject)]
struct UrgentActionUpdateInput {
    /// The global id of the urgent action.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The country where it happens.
    country: Option<CountryCode>,
    /// The topics, at most 50.
    topics: Option<Vec<CaseTopic>>,
    /// The texts, at least one and at most 60, one per language.
    texts: Option<Vec<UrgentActionTextInput>>,
    /// The authorities to write to, at most 20.
    authorities: Option<Vec<AuthorityInput>>,
    /// Writing restrictions: what a letter must not contain. They are returned with every address.
    restrictions: Option<Vec<WritingRestriction>>,
}

/// Input for extending an urgent action.
#[derive(Debug, InputObject)]
struct UrgentActionExtendInput {
    /// The global id of the urgent action.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The new last day of writing, later than the present one and at most 366 days after the first.
    expires_on: Date,
    /// The reason, at most 20,000 characters. It is recorded in the audit log and not public.
    reason: String,
}

/// Input for withdrawing an urgent action.
#[derive(Debug, InputObject)]
struct UrgentActionWithdrawInput {
    /// The global id of the urgent action.
    id: ID,
    /// The `revision` that you read. The mutation fails with `STALE_REVISION` if the object has changed
    /// since.
    expected_revision: i32,
    /// The reason, at most 20,000 characters. It is recorded in the audit log and not public.
    reason: String,
}

impl UrgentActionIssueInput {
    fn draft(self) -> IssueDraft {
        IssueDraft {
            number: self.number,
            issued_on: self.issued_on.0,
            expires_on: self.expires_on.0,
            time_zone: self.time_zone.map(|zone| zone.0),
            content: UrgentActionDraft {
                country: Some(self.country.0),
                topics: self.topics.map(words),
                texts: Some(texts(self.texts)),
                authorities: self.authorities.map(authorities),
                restrictions: self.restrictions.map(words),
            },
        }
    }
}

impl UrgentActionUpdateInput {
    fn draft(self) -> UrgentActionDraft {
        UrgentActionDraft {
            country: self.country.map(|country| country.0),
            topics: self.topics.map(words),
            texts: self.texts.map(texts),
            authorities: self.authorities.map(authorities),
            restrictions: self.restrictions.map(words),
        }
    }
}

fn words<W: Into<T>, T>(words: Vec<W>) -> Vec<T> {
    words.into_iter().map(Into::into).collect()
}

fn texts(inputs: Vec<UrgentActionTextInput>) -> Vec<UrgentActionTextDraft> {
    let draft = |input: UrgentActionTextInput| UrgentActionTextDraft {
        language: input.language.0,
        title: input.title,
        text: input.text,
    };
    inputs.into_iter().map(draft).collect()
}

fn authorities(inputs: Vec<AuthorityInput>) -> Vec<AuthorityDraft> {
    inputs.into_iter().map(AuthorityDraft::from).collect()
}

payloads! {
    Changed<domain::UrgentAction>, [outcome], {
        /// The object after the change; null if there are `userErrors`.
        async fn urgent_action(&self) -> Option<UrgentAction<'_>> {
            self.0.outcome.as_ref().ok().map(|thing| UrgentAction::new(&self.0.request, thing))
        }
    }

    /// The result of issuing an urgent action.
    UrgentActionIssuePayload;

    /// The result of updating an urgent action.
    UrgentActionUpdatePayload;

    /// The result of extending an urgent action.
    UrgentActionExtendPayload;

    /// The result of withdrawing an urgent action.
    UrgentActionWithdrawPayload;
}

/// The mutations of urgent actions.
#[derive(Default)]
pub(crate) struct UrgentActionMutation;

#[Object(serial)]
impl UrgentActionMutation {
    /// Issues an urgent action. Subscribers to its topics are notified from its first day on. Requires an
    /// administrator key.
    async fn urgent_action_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The urgent action.")] input: UrgentActionIssueInput,
    ) -> Result<Option<UrgentActionIssuePayload>, ApiError> {
        let (id, draft) = (UrgentActionId::new(Uuid::now_v7()), input.draft());
        let changed = change(ctx, move |revising| urgent_action::issue(revising, id, &draft)).await?;
        Ok(Some(UrgentActionIssuePayload(changed)))
    }

    /// Updates an urgent action and notifies its subscribers. Requires an administrator key.
    async fn urgent_action_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The update.")] input: UrgentActionUpdateInput,
    ) -> Result<Option<UrgentActionUpdatePayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let draft = input.draft();
        let work = move |revising: &mut _| urgent_action::update(revising, id, revision, &draft);
        change(ctx, work).await.map(UrgentActionUpdatePayload).map(Some)
    }

    /// Moves the last day of writing to a later one. This is the only way to reopen an expired urgent action;
    /// the reason is recorded in the audit log. Requires an administrator key.
    async fn urgent_action_extend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new last day and the reason.")] input: UrgentActionExtendInput,
    ) -> Result<Option<UrgentActionExtendPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let UrgentActionExtendInput { expires_on, reason, .. } = input;
        let work =
            move |revising: &mut _| urgent_action::extend(revising, id, revision, &expires_on.0, &reason);
        change(ctx, work).await.map(UrgentActionExtendPayload).map(Some)
    }

    /// Withdraws an urgent action, at once and permanently: its addresses are no longer returned, and
    /// subscribers who have not been notified yet will not be. Requires an administrator key.
    async fn urgent_action_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The urgent action and the reason.")] input: UrgentActionWithdrawInput,
    ) -> Result<Option<UrgentActionWithdrawPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| urgent_action::withdraw(revising, id, revision, &input.reason);
        change(ctx, work).await.map(UrgentActionWithdrawPayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (UrgentActionId, u32) {
    (id::or_nil(id::urgent_action(id), UrgentActionId::new), id::revision(revision))
}
