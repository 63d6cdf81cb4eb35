//! Attendances: who goes to an event, and who waits.
//!
//! An attendance is known to whoever comes, to the organizers of the event and to staff of its section. To
//! anyone else it does not exist. Organizers read a name, and an address only if whoever comes wants
//! them to.

use async_graphql::{Context, Enum, ID, Object};
use domain::{AttendanceId, ParticipantId};

use super::{
    RequestContext, cost,
    error::ApiError,
    event::{self, Event},
    id,
    page::{Cursor, PageRequest, Part, SortKey},
    participant,
    report::{self, Report, ReporterTotal},
    request_context::Viewer,
    scalar::{DateTime, EmailAddress},
};
use crate::{
    credentials::{self, SecretHash},
    database::{
        Connection, attendances,
        events::{self, StoredEvent},
        reports::ReportOwnerId,
    },
};

mod input;
mod mutation;
mod payload;

pub(crate) use mutation::AttendanceMutation;

/// The order of attendances: as people joined. Each order has its own number, see [`Key`].
const BY_NUMBER: u8 = 14;

/// Where an attendance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::attendance::AttendanceState")]
pub(crate) enum AttendanceState {
    /// They have a place.
    Going,
    /// They wait for one.
    Waitlisted,
    /// They do not come, or the event does not take place.
    Cancelled,
    /// They were there.
    Attended,
    /// They had a place and were not there.
    NoShow,
}

/// For whom an attendance is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AttendanceViewer {
    /// Whoever comes, or staff.
    Own,
    /// The organizers of the event.
    Organizer,
}

/// An attendance and who reads it.
pub(crate) struct Attendance<'a> {
    asking: &'a RequestContext,
    // It is ten times as large as anything else that has an id.
    attendance: Box<domain::Attendance>,
    reader: AttendanceViewer,
}

/// A person's place at an event, or their turn on its waiting list.
#[Object(serial)]
impl<'a> Attendance<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.attendance.id)
    }

    /// The event. Whoever has a place sees its exact place and its online link, as far as they are for
    /// those who are going.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event<'a>>, ApiError> {
        let mut connection = self.asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let kept = events::find(&mut connection, self.attendance.event_id).await?;
        // Staff see an event as staff of its section or not at all, whoever of theirs goes there.
        let tie = match self.asking.asker {
            Viewer::SecretHolder(_) => EventRelation::of(&self.attendance),
            Viewer::Staff(_) | Viewer::Anonymous => EventRelation::Stranger,
        };
        Ok(kept.and_then(|kept| Event::visible_with(self.asking, kept, tie)))
    }

    /// Where it stands.
    async fn state(&self) -> AttendanceState {
        self.attendance.state.into()
    }

    /// Its place in the order in which people joined the event, from 1. Those who wait move up in it, those
    /// first whose address is confirmed, or whom the organizer or staff put on the list.
    async fn number(&self) -> u32 {
        self.attendance.number
    }

    /// What they are called; null once they were erased.
    async fn display_name(&self) -> Option<&str> {
        self.attendance.guest.as_ref().map(|guest| guest.display_name.as_str())
    }

    /// Where they get mail about the event. Organizers see it only if `showsEmail` says so.
    async fn email(&self) -> Option<EmailAddress> {
        let guest = self.attendance.guest.as_ref()?;
        let is_shown = self.reader == AttendanceViewer::Own || guest.shows_email;
        let email = guest.email.as_ref().filter(|_| is_shown)?;
        Some(EmailAddress(email.as_str().to_owned()))
    }

    /// Whether the organizers of the event may read the address.
    async fn shows_email(&self) -> bool {
        self.attendance.guest.as_ref().is_some_and(|guest| guest.shows_email)
    }

    /// How much they reported of their own at the event. Organizers do not see it: what was written there
    /// is the total of the event.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn reported(&self, ctx: &Context<'_>) -> Result<Option<ReporterTotal<'a>>, ApiError> {
        match self.reader {
            AttendanceViewer::Own => ReporterTotal::of(ctx, self.asking, self.owner()).await.map(Some),
            AttendanceViewer::Organizer => Ok(None),
        }
    }

    /// Their own reports of the event, the oldest first: those that they sent with the secret of this
    /// attendance or of its participant. It manages them all. Organizers do not see them.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 1–100, 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<Report<'a>>>, ApiError> {
        let seeking = PageRequest::parse(first, after.as_deref(), None, None)?;
        match self.reader {
            AttendanceViewer::Own => report::owned(ctx, self.asking, self.owner(), &seeking).await.map(Some),
            AttendanceViewer::Organizer => Ok(None),
        }
    }

    /// When they joined.
    async fn joined_at(&self) -> DateTime {
        self.attendance.joined_at.into()
    }

    /// When the guest confirmed that the address is theirs; null until then. Until then, and until the
    /// event begins, the place lapses where somebody waits who has confirmed, unless the organizer or staff
    /// gave it: then it is a turn on the waiting list again, under the same number.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.attendance.confirmed_at.map(DateTime::from)
    }

    /// When it last changed.
    async fn changed_at(&self) -> DateTime {
        self.attendance.changed_at.into()
    }
}

impl<'a> Attendance<'a> {
    fn owner(&self) -> ReportOwnerId {
        ReportOwnerId::Attendance(self.attendance.id)
    }

    /// One that belongs to whoever asks, or is looked at by staff.
    pub(crate) fn own(asking: &'a RequestContext, attendance: domain::Attendance) -> Self {
        Self { asking, attendance: Box::new(attendance), reader: AttendanceViewer::Own }
    }

    /// One that an organizer of its event, or staff, reads.
    pub(crate) fn listed(asking: &'a RequestContext, attendance: domain::Attendance) -> Self {
        let reader = if asking.staff().is_ok() { AttendanceViewer::Own } else { AttendanceViewer::Organizer };
        Self { asking, attendance: Box::new(attendance), reader }
    }
}

/// What somebody has to do with an event beside what everyone has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventRelation {
    /// Nothing.
    Stranger,
    /// They were invited, wait for a place or have given one back: they know of it.
    Invited,
    /// They have a place.
    Going,
}

impl EventRelation {
    /// What an attendance makes of whoever has it.
    pub(crate) const fn of(attendance: &domain::Attendance) -> Self {
        if attendance.state.has_place() { Self::Going } else { Self::Invited }
    }

    /// What whoever asks has to do with this event.
    pub(crate) async fn find(
        connection: &mut Connection,
        asking: &RequestContext,
        kept: &StoredEvent,
    ) -> Result<Self, ApiError> {
        let Viewer::SecretHolder(secret) = asking.asker else { return Ok(Self::Stranger) };
        if secret == SecretHash::of(&credentials::derive_invitation(kept.event.id, kept.secret)) {
            return Ok(Self::Invited);
        }
        let Some(subject) = participant::held(connection, asking).await? else {
            return Ok(Self::Stranger);
        };
        let mut theirs = attendances::of_participant(connection, ParticipantId::new(subject)).await?;
        theirs.extend(attendances::find(connection, AttendanceId::new(subject)).await?);
        let here = theirs.iter().filter(|attendance| attendance.event_id == kept.event.id);
        Ok(here.map(Self::of).fold(Self::Stranger, |closest, tie| match (closest, tie) {
            (Self::Going, _) | (_, Self::Going) => Self::Going,
            (Self::Invited, _) | (_, Self::Invited) => Self::Invited,
            (Self::Stranger, Self::Stranger) => Self::Stranger,
        }))
    }
}

/// Those of an event, for its organizers.
pub(crate) async fn list<'a>(
    ctx: &Context<'_>,
    asking: &'a RequestContext,
    event: domain::EventId,
    seeking: &PageRequest,
) -> Result<Part<Attendance<'a>>, ApiError> {
    let number = |cursor: &Cursor| {
        let number = cursor.number(BY_NUMBER).and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| ApiError::bad_input("The cursor belongs to a list in another order."))
    };
    let after = seeking.after.as_ref().map(number).transpose()?;
    let before = seeking.before.as_ref().map(number).transpose()?;
    let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
    let found =
        attendances::of_event(&mut connection, event, (after, before), seeking.is_from_end, seeking.limit());
    let rows = found.await?.into_iter().map(|attendance| {
        let key = SortKey::ascending(BY_NUMBER, attendance.number.into());
        (key, attendance.id.uuid(), Attendance::listed(asking, attendance))
    });
    Ok(seeking.part(rows.collect()))
}

/// Attendances, as a part of what can be read.
#[derive(Default)]
pub(crate) struct AttendanceQuery;

#[Object(serial)]
impl AttendanceQuery {
    /// The attendance whose secret is sent, or the one with this id. That one needs its own secret,
    /// that of its participant or of the event, a key of its section or an administrator's; to anyone
    /// else it is null, as for an id that never was.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id; whoever sends its own secret may leave it out.")] id: Option<ID>,
    ) -> Result<Option<Attendance<'ctx>>, ApiError> {
        let id = id.as_ref().map(id::attendance).transpose();
        find(ctx, id.map_err(|rule| ApiError::bad_input(rule.to_string()))?).await
    }
}

/// The attendance with this identity, or whose secret is sent, if whoever asks may know of it.
pub(crate) async fn find<'ctx>(
    ctx: &Context<'ctx>,
    id: Option<AttendanceId>,
) -> Result<Option<Attendance<'ctx>>, ApiError> {
    let asking = RequestContext::of(ctx);
    if asking.asker == Viewer::Anonymous {
        return Ok(None);
    }
    let mut connection = asking.connect_uncacheable(super::AppState::of(ctx)).await?;
    let held = participant::held(&mut connection, asking).await?;
    let Some(id) = id.or(held.map(AttendanceId::new)) else { return Ok(None) };
    let Some(found) = attendances::find(&mut connection, id).await? else { return Ok(None) };
    let participant = found.participant_id.map(ParticipantId::uuid);
    let is_own = held.is_some_and(|held| held == id.uuid() || Some(held) == participant);
    if is_own {
        return Ok(Some(Attendance::own(asking, found)));
    }
    let is_organizer = event::is_managed(&mut connection, asking, found.event_id).await?;
    Ok(is_organizer.then(|| Attendance::listed(asking, found)))
}
