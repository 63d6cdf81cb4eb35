//! The outbox: pending mail, and notices whose delivery is uncertain.
//!
//! For administrators only. The content of a notice is never shown, since it may have secrets.

use std::iter;

use async_graphql::{Context, ID, InputObject, Object};
use domain::Violations;
use uuid::Uuid;

use super::{
    RequestContext, cost,
    error::{ApiError, UserErrors, user_errors},
    page::{ListOrder, PageRequest, Part, SortKey},
    scalar::{Count, DateTime, EmailAddress, Language},
};
use crate::{
    database::{outbox, undelivered},
    operations::resend::ResendNotices,
};

/// The prefix of notice ids.
const PREFIX: &str = "notice_";

/// The mail outbox.
pub(crate) struct Outbox;

/// The mail outbox: pending notices, and notices whose delivery is uncertain.
#[Object(serial)]
impl Outbox {
    /// The number of pending notices.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn waiting(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        Ok(outbox::queue(&mut connection).await?.length.into())
    }

    /// The creation time of the oldest pending notice; null if there is none.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn oldest_waiting_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        Ok(outbox::queue(&mut connection).await?.oldest_at.map(DateTime::from))
    }

    /// The number of notices whose delivery is uncertain: the process ended or the connection broke while a
    /// mail server was accepting them.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn uncertain(&self, ctx: &Context<'_>) -> Result<Count, ApiError> {
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        Ok(undelivered::number(&mut connection).await?.into())
    }

    /// The notices whose delivery is uncertain, in the order of creation. They are kept for 30 days, as long
    /// as a code in them may confirm an address; then the recipient is deleted.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn uncertain_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size: 0–100, default 20.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
    ) -> Result<Part<UncertainNotice>, ApiError> {
        let seeking = PageRequest::parse(ListOrder::UncertainNotices, first, after.as_deref(), None, None)?;
        let after = seeking.after.as_ref().map(super::page::Cursor::id);
        let mut connection = RequestContext::of(ctx).connect_uncacheable(super::AppState::of(ctx)).await?;
        let found = undelivered::list(&mut connection, after, seeking.limit()).await?;
        let rows = found.into_iter().map(|notice| {
            (SortKey::texts(ListOrder::UncertainNotices, iter::empty()), notice.id, UncertainNotice(notice))
        });
        Ok(seeking.part(rows.collect()))
    }
}

/// A notice whose delivery is uncertain.
pub(crate) struct UncertainNotice(undelivered::UncertainNotice);

/// A notice whose delivery is uncertain. Its content is not shown, since it may have a secret.
#[Object(serial)]
impl UncertainNotice {
    /// The id, to send it again with `noticeResend`.
    async fn id(&self) -> ID {
        id_of(self.0.id)
    }

    /// The kind of notice, such as `PARTICIPANT_REGISTERED` or `EVENT_JOINED`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The address of the recipient.
    async fn to(&self) -> EmailAddress {
        EmailAddress(self.0.to.clone())
    }

    /// The language of the notice.
    async fn language(&self) -> Language {
        Language(self.0.language.clone())
    }

    /// When it was created.
    async fn enqueued_at(&self) -> DateTime {
        self.0.enqueued_at.into()
    }

    /// Since when its delivery is uncertain.
    async fn uncertain_since(&self) -> Option<DateTime> {
        self.0.since.map(DateTime::from)
    }

    /// The last error; null if the sending process ended.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// The number of delivery attempts.
    async fn attempts(&self) -> u32 {
        self.0.attempts
    }
}

/// The query field of the outbox.
#[derive(Default)]
pub(crate) struct OutboxQuery;

#[Object(serial)]
impl OutboxQuery {
    /// The mail outbox. Requires an administrator key.
    async fn outbox(&self, ctx: &Context<'_>) -> Result<Option<Outbox>, ApiError> {
        RequestContext::of(ctx).administrator()?;
        Ok(Some(Outbox))
    }
}

/// Input for sending notices again.
#[derive(Debug, InputObject)]
pub(crate) struct NoticeResendInput {
    /// The ids of uncertain notices, at most 100, each once.
    ids: Vec<ID>,
}

/// The result of sending notices again.
pub(crate) struct NoticeResendPayload(Result<Vec<ID>, Violations>);

/// The result of sending notices again. Either all of them are queued or none.
#[Object(serial)]
impl NoticeResendPayload {
    /// The ids of the queued notices; null if there are `userErrors`.
    async fn ids(&self) -> Option<&[ID]> {
        self.0.as_deref().ok()
    }

    /// Validation errors; empty on success.
    async fn user_errors(&self) -> UserErrors {
        user_errors(&self.0)
    }
}

/// The mutation of the outbox.
#[derive(Default)]
pub(crate) struct OutboxMutation;

#[Object(serial)]
impl OutboxMutation {
    /// Sends notices again whose delivery is uncertain. Recipients may get them twice. Recorded in the audit
    /// log. Requires an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn notice_resend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The notices.")] input: NoticeResendInput,
    ) -> Result<Option<NoticeResendPayload>, ApiError> {
        let (context, request) = (super::AppState::of(ctx), RequestContext::of(ctx));
        request.administrator()?;
        let notices: Vec<Uuid> = input.ids.iter().map(parsed).collect();
        let resending = ResendNotices { notices, viewer: request.viewer, now: request.now };
        let outcome = context.ledger.run(resending).await?;
        context.mail_queue.wake();
        Ok(Some(NoticeResendPayload(outcome.map(|()| input.ids))))
    }
}

fn id_of(notice: Uuid) -> ID {
    ID(format!("{PREFIX}{}", notice.simple()))
}

/// Parses a notice id; an invalid one becomes the nil id, which no notice has.
fn parsed(id: &ID) -> Uuid {
    let notice = id.strip_prefix(PREFIX).and_then(|digits| Uuid::try_parse(digits).ok());
    notice.filter(|notice| id_of(*notice) == *id).unwrap_or_default()
}
