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
    api::{Allowance, Asking, asking::Asker, error::Fault, id, limit},
    gathering::{
        Gathering,
        attendance::{self, Joining, Leaving, Marking},
        proving::{self, Code},
    },
    secret::{self, Hash},
};

/// Attendances, as a part of what can be changed.
#[derive(Default)]
pub(crate) struct AttendanceMutation;

#[Object(serial)]
impl AttendanceMutation {
    /// Joins an approved event, as a guest or, with their secret, as a participant: goes there while
    /// there is room, and waits in order otherwise. A guest who confirmed their address goes before those
    /// who did not: see `Attendance.confirmedAt`. An event that is private needs its invitation.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn event_join(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which event, and who comes.")] input: EventJoinInput,
    ) -> Result<Option<EventJoinPayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let typed_key = input.idempotency_key.clone();
        let id = AttendanceId::new(Uuid::now_v7());
        let event = id::or_nil(id::event(&input.event), EventId::new);
        let invitation = input.invitation.as_deref().map(str::trim).map(Hash::of);
        let draft = input.draft();
        Allowance::store_draft(ctx, &draft)?;
        let joining = Joining {
            id,
            secret: Hash::of(&secret::of_attendance(id, &typed_key)),
            key: report::key(&typed_key).map(Hash::of),
            event,
            invitation,
            draft,
            credential: asking.credential(),
            now: asking.now,
        };
        let work = async move |gathering: &mut Gathering<'_>| attendance::join(gathering, &joining).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        context.post.ring();
        // What another key led to has another secret, which nobody can work out any more.
        let joined = outcome.as_ref().ok().filter(|joined| joined.is_by_this_key);
        let secret = joined.map(|joined| secret::of_attendance(joined.attendance.id, &typed_key));
        Ok(Some(EventJoinPayload { asking: asking.after_change(context), outcome, secret }))
    }

    /// Confirms that the address of a guest is their own. The code of a mail about the place is
    /// all it takes. From then on the place is its owner's alone: the secret that was given when that
    /// name was typed, the address of its calendar and the idempotency key open nothing any more, and the
    /// answer brings a fresh secret. The same code brings the same secret again.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn attendance_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: AttendanceConfirmInput,
    ) -> Result<Option<AttendanceConfirmPayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let code = Code { typed: input.code.trim().to_owned(), now: asking.now };
        let work = async move |gathering: &mut Gathering<'_>| proving::place(gathering, &code).await;
        let outcome = context.ledger.gather(work).await?;
        context.post.ring();
        Ok(Some(AttendanceConfirmPayload { asking: asking.after_change(context), outcome }))
    }

    /// Gives a place back, or a turn on the waiting list; the next one moves up. Needs the secret of the
    /// attendance, of its participant or of the event, a key of its section or an administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn attendance_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AttendanceCancelInput,
    ) -> Result<Option<AttendanceCancelPayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let leaving = leaving(asking, &input.id)?;
        let work = async move |gathering: &mut Gathering<'_>| attendance::cancel(gathering, &leaving).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        context.post.ring();
        Ok(Some(AttendanceCancelPayload { asking: asking.after_change(context), outcome }))
    }

    /// Erases who it was that came or would have come; a place that can still be used is given back.
    /// Needs the same as giving it back.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn attendance_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AttendanceEraseInput,
    ) -> Result<Option<AttendanceErasePayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        let leaving = leaving(asking, &input.id)?;
        let work = async move |gathering: &mut Gathering<'_>| attendance::erase(gathering, &leaving).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        context.post.ring();
        Ok(Some(AttendanceErasePayload(outcome.map(|()| leaving.id))))
    }

    /// Says of several at once who came to an event and who did not, once it has begun. It may be said
    /// anew. Needs the secret of the event, a key of its section or an administrator's.
    #[graphql(complexity = "limit::LOOKUP + child_complexity")]
    async fn attendance_mark(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who came.")] input: AttendanceMarkInput,
    ) -> Result<Option<AttendanceMarkPayload>, Fault> {
        let (context, asking) = (crate::api::Context::of(ctx), Asking::of(ctx));
        somebody(asking)?;
        let named = |id: &ID| id::or_nil(id::attendance(id), AttendanceId::new);
        let marking = Marking {
            event: id::or_nil(id::event(&input.event), EventId::new),
            marks: input.marks.iter().map(|one| (named(&one.attendance), one.mark.into())).collect(),
            credential: asking.credential(),
            now: asking.now,
        };
        let work = async move |gathering: &mut Gathering<'_>| attendance::mark(gathering, &marking).await;
        let outcome = Asking::of(ctx).ledger(context).gather(work).await?;
        Ok(Some(AttendanceMarkPayload { asking: asking.after_change(context), outcome }))
    }
}

fn leaving(asking: &Asking, id: &ID) -> Result<Leaving, Fault> {
    somebody(asking)?;
    let id = id::or_nil(id::attendance(id), AttendanceId::new);
    Ok(Leaving { id, credential: asking.credential(), now: asking.now })
}

/// Somebody has to say who they are, whichever attendance they mean: the answer gives nothing away.
fn somebody(asking: &Asking) -> Result<(), Fault> {
    if asking.asker == Asker::Anyone { Err(Fault::unauthenticated()) } else { Ok(()) }
}
