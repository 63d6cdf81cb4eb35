//! Joining an event, giving the place back, and saying who came, through the one door of the ledger.

use async_graphql::{Context, ID, Object};
use domain::{AttendanceId, EventId, report};
use uuid::Uuid;

use super::{
    input::{
        AttendanceCancelInput, AttendanceConfirmInput, AttendanceEraseInput, AttendanceMarkInput,
        EventJoinInput,
    },
    payload::{
        AttendanceCancelPayload, AttendanceConfirmPayload, AttendanceErasePayload, AttendanceMarkPayload,
        EventJoinPayload,
    },
};
use crate::{
    api::{CostBudget, RequestContext, cost, error::ApiError, id, request_context::Viewer},
    credentials::{self, SecretHash},
    operations::{
        UnitOfWork,
        attendance::{self, CancelAttendance, CheckIn, JoinEvent},
        confirmation::{self, ConfirmationCode},
    },
};

/// Attendances, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct AttendanceMutation;

#[Object(serial)]
impl AttendanceMutation {
    /// Joins an approved event, as a guest or, with their secret, as a participant: goes there while
    /// there is room, and waits in order otherwise. A guest who confirmed their address goes before those
    /// who did not: see `Attendance.confirmedAt`. An event that is private needs its invitation.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_join(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and who comes.")] input: EventJoinInput,
    ) -> Result<Option<EventJoinPayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let typed_key = input.idempotency_key.clone();
        let id = AttendanceId::new(Uuid::now_v7());
        let event = id::or_nil(id::event(&input.event), EventId::new);
        let invitation = input.invitation.as_deref().map(str::trim).map(SecretHash::of);
        let draft = input.draft();
        CostBudget::store_draft(ctx, &draft)?;
        let joining = JoinEvent {
            id,
            secret: SecretHash::of(&credentials::derive_attendance_secret(id, &typed_key)),
            key: report::key(&typed_key).map(SecretHash::of),
            event,
            invitation,
            draft,
            credential: asking.credential(),
            now: asking.now,
        };
        let work = async move |gathering: &mut UnitOfWork<'_>| attendance::join(gathering, &joining).await;
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        context.post.wake();
        // What another key led to has another secret, which nobody can work out any more.
        let joined = outcome.as_ref().ok().filter(|joined| joined.is_by_this_key);
        let secret =
            joined.map(|joined| credentials::derive_attendance_secret(joined.attendance.id, &typed_key));
        Ok(Some(EventJoinPayload { asking: asking.after_change(context), outcome, secret }))
    }

    /// Confirms that the address of a guest is their own. The code of a mail about the place is
    /// all it takes. From then on the place is its owner's alone: the secret that was given when that
    /// name was typed, the address of its calendar and the idempotency key open nothing any more, and the
    /// answer brings a fresh secret. The same code brings the same secret again.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: AttendanceConfirmInput,
    ) -> Result<Option<AttendanceConfirmPayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let code = ConfirmationCode { typed: input.code.trim().to_owned(), now: asking.now };
        let work = async move |gathering: &mut UnitOfWork<'_>| confirmation::place(gathering, &code).await;
        let outcome = context.ledger.run(work).await?;
        context.post.wake();
        Ok(Some(AttendanceConfirmPayload { asking: asking.after_change(context), outcome }))
    }

    /// Gives a place back, or a turn on the waiting list; the next one moves up. Needs the secret of the
    /// attendance, of its participant or of the event, a key of its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AttendanceCancelInput,
    ) -> Result<Option<AttendanceCancelPayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let leaving = leaving(asking, &input.id)?;
        let work = async move |gathering: &mut UnitOfWork<'_>| attendance::cancel(gathering, &leaving).await;
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        context.post.wake();
        Ok(Some(AttendanceCancelPayload { asking: asking.after_change(context), outcome }))
    }

    /// Erases who it was that came or would have come; a place that can still be used is given back.
    /// Needs the same as giving it back.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AttendanceEraseInput,
    ) -> Result<Option<AttendanceErasePayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let leaving = leaving(asking, &input.id)?;
        let work = async move |gathering: &mut UnitOfWork<'_>| attendance::erase(gathering, &leaving).await;
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        context.post.wake();
        Ok(Some(AttendanceErasePayload(outcome.map(|()| leaving.id))))
    }

    /// Says of several at once who came to an event and who did not, once it has begun. It may be said
    /// anew. Needs the secret of the event, a key of its section or an administrator's.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_mark(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who came.")] input: AttendanceMarkInput,
    ) -> Result<Option<AttendanceMarkPayload>, ApiError> {
        let (context, asking) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        somebody(asking)?;
        let named = |id: &ID| id::or_nil(id::attendance(id), AttendanceId::new);
        let marking = CheckIn {
            event: id::or_nil(id::event(&input.event), EventId::new),
            marks: input.marks.iter().map(|one| (named(&one.attendance), one.mark.into())).collect(),
            credential: asking.credential(),
            now: asking.now,
        };
        let work = async move |gathering: &mut UnitOfWork<'_>| attendance::mark(gathering, &marking).await;
        let outcome = RequestContext::of(ctx).ledger(context).run(work).await?;
        Ok(Some(AttendanceMarkPayload { asking: asking.after_change(context), outcome }))
    }
}

fn leaving(asking: &RequestContext, id: &ID) -> Result<CancelAttendance, ApiError> {
    somebody(asking)?;
    let id = id::or_nil(id::attendance(id), AttendanceId::new);
    Ok(CancelAttendance { id, credential: asking.credential(), now: asking.now })
}

/// Somebody has to say who they are, whichever attendance they mean: the answer gives nothing away.
fn somebody(asking: &RequestContext) -> Result<(), ApiError> {
    if asking.asker == Viewer::Anonymous { Err(ApiError::unauthenticated()) } else { Ok(()) }
}
