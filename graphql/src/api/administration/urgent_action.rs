//! Urgent actions: issued, updated, extended and withdrawn.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    UrgentActionId,
    case::AuthorityDraft,
    urgent_action::{UrgentActionDraft, UrgentActionTextDraft},
};
use uuid::Uuid;

use super::{case::content::AuthorityInput, change, payloads};
use crate::{
    administration::urgent_action::{self, IssueDraft},
    api::{
        case::{Restriction, Topic},
        error::ApiError,
        id,
        scalar::{CountryCode, Date, Language, TimeZone},
        urgent_action::UrgentAction,
    },
};

/// What people read about an urgent action, in one language.
#[derive(Debug, InputObject)]
struct UrgentActionTextInput {
    /// The language of all of it.
    language: Language,
    /// A headline, at most 200 characters.
    title: String,
    /// What happened, what to ask, and how, at most 20,000 characters.
    text: Option<String>,
}

/// A new urgent action.
#[derive(Debug, InputObject)]
struct UrgentActionIssueInput {
    /// The number that it is known by, such as `15/22`: the fifteenth of 2022.
    number: String,
    /// The first day of writing. Until then only administrators know of it.
    issued_on: Date,
    /// The last day of writing, at most 366 days later.
    expires_on: Date,
    /// The time zone of both days; London unless it is said.
    time_zone: Option<TimeZone>,
    /// The country where it happens.
    country: CountryCode,
    /// What it is about, at most 50 topics.
    topics: Option<Vec<Topic>>,
    /// What to read about it, at least one text and at most 60, one for each language.
    texts: Vec<UrgentActionTextInput>,
    /// Whom to write to, at most 20.
    authorities: Option<Vec<AuthorityInput>>,
    /// What must not be in a letter. It travels with every address.
    restrictions: Option<Vec<Restriction>>,
}

/// An update of an urgent action. What is left out stays as it is; a list that is given takes the place
/// of the whole list before.
#[derive(Debug, InputObject)]
struct UrgentActionUpdateInput {
    /// The global id of the urgent action.
    id: ID,
    /// The revision that you read and now update.
    expected_revision: i32,
    /// The country where it happens.
    country: Option<CountryCode>,
    /// What it is about, at most 50 topics.
    topics: Option<Vec<Topic>>,
    /// What to read about it, at least one text and at most 60, one for each language.
    texts: Option<Vec<UrgentActionTextInput>>,
    /// Whom to write to, at most 20.
    authorities: Option<Vec<AuthorityInput>>,
    /// What must not be in a letter. It travels with every address.
    restrictions: Option<Vec<Restriction>>,
}

/// More time for an urgent action.
#[derive(Debug, InputObject)]
struct UrgentActionExtendInput {
    /// The global id of the urgent action.
    id: ID,
    /// The revision that you read and now extend.
    expected_revision: i32,
    /// The new last day, later than the present one and at most 366 days after the first.
    expires_on: Date,
    /// Why. It is kept in the log and not shown.
    reason: String,
}

/// The end of an urgent action.
#[derive(Debug, InputObject)]
struct UrgentActionWithdrawInput {
    /// The global id of the urgent action.
    id: ID,
    /// The revision that you read and now withdraw.
    expected_revision: i32,
    /// Why. It is kept in the log and not shown.
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
    /// What came of issuing an urgent action.
    UrgentActionIssuePayload { urgent_action: UrgentAction }

    /// What came of updating an urgent action.
    UrgentActionUpdatePayload { urgent_action: UrgentAction }

    /// What came of extending an urgent action.
    UrgentActionExtendPayload { urgent_action: UrgentAction }

    /// What came of withdrawing an urgent action.
    UrgentActionWithdrawPayload { urgent_action: UrgentAction }
}

/// Urgent actions, as a part of what administrators change.
#[derive(Default)]
pub(crate) struct UrgentActionMutation;

#[Object(serial)]
impl UrgentActionMutation {
    /// Issues an urgent action; who subscribed to its topics hears of it from its first day on. Needs an
    /// administrator's key.
    async fn urgent_action_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The urgent action.")] input: UrgentActionIssueInput,
    ) -> Result<Option<UrgentActionIssuePayload>, ApiError> {
        let (id, draft) = (UrgentActionId::new(Uuid::now_v7()), input.draft());
        let changed = change(ctx, move |revising| urgent_action::issue(revising, id, &draft)).await?;
        Ok(Some(UrgentActionIssuePayload(changed)))
    }

    /// Says something else of an urgent action; who subscribed hears of the update. Needs an
    /// administrator's key.
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

    /// Moves the last day of writing to a later one. This alone lets people write again after it has
    /// expired, and is recorded with its reason. Needs an administrator's key.
    async fn urgent_action_extend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new last day, and why.")] input: UrgentActionExtendInput,
    ) -> Result<Option<UrgentActionExtendPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let UrgentActionExtendInput { expires_on, reason, .. } = input;
        let work =
            move |revising: &mut _| urgent_action::extend(revising, id, revision, &expires_on.0, &reason);
        change(ctx, work).await.map(UrgentActionExtendPayload).map(Some)
    }

    /// Ends the writing for an urgent action, at once and for good: no address is given any more, and
    /// nobody hears of it who has not yet. Needs an administrator's key.
    async fn urgent_action_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which urgent action, and why.")] input: UrgentActionWithdrawInput,
    ) -> Result<Option<UrgentActionWithdrawPayload>, ApiError> {
        let (id, revision) = expected(&input.id, input.expected_revision);
        let work = move |revising: &mut _| urgent_action::withdraw(revising, id, revision, &input.reason);
        change(ctx, work).await.map(UrgentActionWithdrawPayload).map(Some)
    }
}

fn expected(id: &ID, revision: i32) -> (UrgentActionId, u32) {
    (id::or_nil(id::urgent_action(id), UrgentActionId::new), id::revision(revision))
}
