//! Mutations of attendances, each executed by the ledger.

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
    api::{RequestContext, cost, error::ApiError, id, stored_text},
    credentials::{self, SecretHash},
    operations::{
        attendance::{CancelAttendance, CheckIn, EraseAttendance, JoinEvent},
        confirmation::{ConfirmAttendance, ConfirmationCode},
    },
};

/// The mutations of attendances.
#[derive(Default)]
pub(crate) struct AttendanceMutation;

#[Object(serial)]
impl AttendanceMutation {
    /// Joins an approved event, as a guest or, with their secret, as a participant. The attendee gets a place
    /// while there is one, and a position on the waiting list otherwise. Attendees with a confirmed address
    /// take precedence over others: see `Attendance.confirmedAt`. A private event requires its invitation.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event_join(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the attendee.")] input: EventJoinInput,
    ) -> Result<Option<EventJoinPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let typed_key = input.idempotency_key.clone();
        let id = AttendanceId::new(Uuid::now_v7());
        let event = id::or_nil(id::event(&input.event), EventId::new);
        let invitation = input.invitation.as_deref().map(str::trim).map(SecretHash::of);
        let draft = input.draft();
        stored_text::charge_draft(ctx, &draft)?;
        let joining = JoinEvent {
            id,
            secret: SecretHash::of(&credentials::derive_attendance_secret(id, &typed_key)),
            key: report::key(&typed_key).map(SecretHash::of),
            event,
            invitation,
            draft,
            viewer: request.viewer,
            now: request.now,
        };
        let outcome = request.ledger(context).run(joining).await?;
        context.mail_queue.wake();
        // The attendance was created with another key, so that its secret cannot be derived any more.
        let joined = outcome.as_ref().ok().filter(|joined| joined.is_by_this_key);
        let secret =
            joined.map(|joined| credentials::derive_attendance_secret(joined.attendance.id, &typed_key));
        Ok(Some(EventJoinPayload { request: request.after_change(context), outcome, secret }))
    }

    /// Confirms the e-mail address of an attendee. The code of a mail about the attendance suffices as
    /// credential. From then on the owner of the address has sole access: the secret that was returned on
    /// joining, the calendar URL and the idempotency key stop working, and the result has a new secret. The
    /// same code returns the same secret again.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: AttendanceConfirmInput,
    ) -> Result<Option<AttendanceConfirmPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let code = ConfirmationCode { typed: input.code.trim().to_owned(), now: request.now };
        let outcome = context.ledger.run(ConfirmAttendance(code)).await?;
        context.mail_queue.wake();
        Ok(Some(AttendanceConfirmPayload { request: request.after_change(context), outcome }))
    }

    /// Cancels an attendance, or a position on the waiting list; the next waiting attendee moves up. Requires
    /// the secret of the attendance, of its participant or of the event, a key of its section or an
    /// administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attendance.")] input: AttendanceCancelInput,
    ) -> Result<Option<AttendanceCancelPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let leaving = leaving(request, &input.id)?;
        let outcome = request.ledger(context).run(leaving).await?;
        context.mail_queue.wake();
        Ok(Some(AttendanceCancelPayload { request: request.after_change(context), outcome }))
    }

    /// Erases the personal data of an attendance; a place that can still be used is released. Requires the
    /// same credentials as `attendanceCancel`.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The attendance.")] input: AttendanceEraseInput,
    ) -> Result<Option<AttendanceErasePayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        let leaving = leaving(request, &input.id)?;
        let outcome = request.ledger(context).run(EraseAttendance(leaving)).await?;
        context.mail_queue.wake();
        Ok(Some(AttendanceErasePayload(outcome.map(|()| leaving.id))))
    }

    /// Marks several attendees of an event as present or absent, once it has begun. Marks can be changed.
    /// Requires the event's secret, a key of its section or an administrator key.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance_mark(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the marks.")] input: AttendanceMarkInput,
    ) -> Result<Option<AttendanceMarkPayload>, ApiError> {
        let (context, request) = (crate::api::AppState::of(ctx), RequestContext::of(ctx));
        request.require_token()?;
        let named = |id: &ID| id::or_nil(id::attendance(id), AttendanceId::new);
        let marking = CheckIn {
            event: id::or_nil(id::event(&input.event), EventId::new),
            marks: input.marks.iter().map(|one| (named(&one.attendance), one.mark.into())).collect(),
            viewer: request.viewer,
            now: request.now,
        };
        let outcome = request.ledger(context).run(marking).await?;
        Ok(Some(AttendanceMarkPayload { request: request.after_change(context), outcome }))
    }
}

fn leaving(request: &RequestContext, id: &ID) -> Result<CancelAttendance, ApiError> {
    request.require_token()?;
    let id = id::or_nil(id::attendance(id), AttendanceId::new);
    Ok(CancelAttendance { id, viewer: request.viewer, now: request.now })
}
