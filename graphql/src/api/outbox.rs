//! The outbox: how much mail waits, and of which notices nobody knows whether they arrived.
//!
//! It is for administrators. What a notice says is shown to nobody: there may be secrets in it.

use std::iter;

use async_graphql::{Context, ID, InputObject, Object};
use domain::Violation;
use uuid::Uuid;

use super::{
    RequestContext, cost,
    error::{ApiError, UserErrors, user_errors},
    page::{PageRequest, Part, SortKey},
    scalar::{Count, DateTime, EmailAddress, Language},
};
use crate::{
    database::{outbox, undelivered},
    operations::{
        UnitOfWork,
        resend::{self, ResendNotices},
    },
};

/// The order of uncertain notices: as they came up. Each order has its own number, see [`Key`].
const BY_NOTICE: u8 = 33;
/// How the ids of notices begin.
const PREFIX: &str = "notice_";

/// Mail that is to be sent.
pub(crate) struct Outbox;

/// Mail that is to be sent, and mail of which nobody knows whether it arrived.
#[Object(serial)]
impl Outbox {
    /// How many notices wait to be sent.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn waiting(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        Ok(outbox::queue(&mut connection).await?.length.into())
    }

    /// Since when the first of them waits; null where none does.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn oldest_waiting_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        Ok(outbox::queue(&mut connection).await?.oldest_at.map(DateTime::from))
    }

    /// How many notices were handed to a mail server of which nobody knows whether it took them: the
    /// process ended, or the connection broke in that moment.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn uncertain(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        Ok(undelivered::number(&mut connection).await?.into())
    }

    /// Those notices, in the order in which they came up. They are kept for 30 days, for as long as a code
    /// in them may confirm an address; then it is forgotten to whom they were.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn uncertain_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 1–100, 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Part<UncertainNotice>, ApiError> {
        let seeking = PageRequest::parse(first, after.as_deref(), None, None)?;
        let after = seeking.after.as_ref().map(super::page::Cursor::id);
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        let found = undelivered::list(&mut connection, after, seeking.limit()).await?;
        let rows = found
            .into_iter()
            .map(|notice| (SortKey::texts(BY_NOTICE, iter::empty()), notice.id, UncertainNotice(notice)));
        Ok(seeking.part(rows.collect()))
    }
}

/// A notice of which nobody knows whether it arrived.
pub(crate) struct UncertainNotice(undelivered::UncertainNotice);

/// A notice of which nobody knows whether it arrived. What it says is not shown: there may be a secret in it.
#[Object(serial)]
impl UncertainNotice {
    /// The id, to send it again.
    async fn id(&self) -> ID {
        id_of(self.0.id)
    }

    /// What kind of notice it is, such as `PARTICIPANT_REGISTERED` or `EVENT_JOINED`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Whom it is for.
    async fn to(&self) -> EmailAddress {
        EmailAddress(self.0.to.clone())
    }

    /// The language that it is written in.
    async fn language(&self) -> Language {
        Language(self.0.language.clone())
    }

    /// When it came up.
    async fn put_at(&self) -> DateTime {
        self.0.put_at.into()
    }

    /// Since when nobody knows whether it arrived.
    async fn uncertain_since(&self) -> Option<DateTime> {
        self.0.since.map(DateTime::from)
    }

    /// What went wrong; null where the process ended that was sending it.
    async fn trouble(&self) -> Option<&str> {
        self.0.trouble.as_deref()
    }

    /// How often it was tried.
    async fn attempts(&self) -> u32 {
        self.0.attempts
    }
}

/// The outbox, as a part of what can be read.
#[derive(Default)]
pub(crate) struct OutboxQuery;

#[Object(serial)]
impl OutboxQuery {
    /// Mail that is to be sent, and mail of which nobody knows whether it arrived. Needs an administrator's
    /// key.
    async fn outbox(&self, ctx: &Context<'_>) -> Result<Option<Outbox>, ApiError> {
        RequestContext::of(ctx).administrator()?;
        Ok(Some(Outbox))
    }
}

/// Notices that are to be sent again.
#[derive(Debug, InputObject)]
pub(crate) struct NoticeResendInput {
    /// The ids of uncertain notices, at most 100, each once.
    ids: Vec<ID>,
}

/// What came of sending notices again.
pub(crate) struct NoticeResendPayload(Result<Vec<ID>, Vec<Violation>>);

/// What came of sending notices again. It is all of them, or none.
#[Object(serial)]
impl NoticeResendPayload {
    /// The ids of the notices that wait to be sent now; null if a rule says no.
    async fn ids(&self) -> Option<&[ID]> {
        self.0.as_deref().ok()
    }

    /// All rules that say no; none if it was done.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}

/// The outbox, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct OutboxMutation;

#[Object(serial)]
impl OutboxMutation {
    /// Sends notices again of which nobody knows whether they arrived: whoever they are for may get them twice.
    /// It is noted in the log. Needs an administrator's key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn notice_resend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: NoticeResendInput,
    ) -> Result<Option<NoticeResendPayload>, ApiError> {
        let (context, asking) = (super::AppState::of(ctx), RequestContext::of(ctx));
        asking.administrator()?;
        let notices: Vec<Uuid> = input.ids.iter().map(parsed).collect();
        let resending = ResendNotices { notices, credential: asking.credential(), now: asking.now };
        let work = async move |gathering: &mut UnitOfWork<'_>| resend::resend(gathering, &resending).await;
        let outcome = context.ledger.run(work).await?;
        context.post.wake();
        Ok(Some(NoticeResendPayload(outcome.map(|()| input.ids))))
    }
}

fn id_of(notice: Uuid) -> ID {
    ID(format!("{PREFIX}{}", notice.simple()))
}

/// What an id names; the nil identity, which nothing has, where it is none.
fn parsed(id: &ID) -> Uuid {
    let notice = id.strip_prefix(PREFIX).and_then(|digits| Uuid::try_parse(digits).ok());
    notice.filter(|notice| id_of(*notice) == *id).unwrap_or_default()
}
