//! Attendances: places at events and on their waiting lists.
//!
//! An attendance is visible to the attendee, to the organizers of the event and to staff of its section. For
//! other viewers it does not exist. Organizers see the name, and the e-mail address only if the attendee
//! allowed it.

use async_graphql::{Context, ID, Object};
use domain::{AttendanceId, ParticipantId};

use super::{
    RequestContext, cost,
    error::ApiError,
    event::Event,
    id,
    page::{Cursor, ListOrder, PageRequest, Part, SortKey, foreign_cursor},
    participant,
    report::{self, Report, ReporterTotal},
    scalar::{DateTime, EmailAddress},
};
use crate::api::domain_enum::domain_enum;
use crate::{
    access::{self, AttendanceAccess, EventRelation, Viewer},
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

domain_enum! {
    /// The state of an attendance.
    pub(crate) enum AttendanceState = domain::attendance::AttendanceState {
        /// Has a place.
        Going,
        /// Waits for a place.
        Waitlisted,
        /// Does not come, or the event does not take place.
        Cancelled,
        /// Was present.
        Attended,
        /// Had a place and was absent.
        NoShow,
    }
}

/// An attendance and its viewer.
pub(crate) struct Attendance<'a> {
    request: &'a RequestContext,
    // Boxed: it is ten times as large as any other object with an id.
    attendance: Box<domain::Attendance>,
    access: AttendanceAccess,
}

/// A person's place at an event, or their position on its waiting list. Visible to the attendee, to the
/// event's organizers and to staff.
#[Object(serial)]
impl<'a> Attendance<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.attendance.id)
    }

    /// The event. An attendee with a place sees the exact place and the online link, as far as the event
    /// shows them to attendees.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event<'a>>, ApiError> {
        let mut connection = self.request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let stored = events::find(&mut connection, self.attendance.event_id).await?;
        let relation = EventRelation::of(&self.attendance);
        Ok(stored.and_then(|stored| Event::visible_with(self.request, stored, relation)))
    }

    /// The state of the attendance.
    async fn state(&self) -> AttendanceState {
        self.attendance.state.into()
    }

    /// The position in the order of joining, from 1. Waitlisted attendees move up in this order; those with a
    /// confirmed address, or admitted by the organizer or staff, move up first.
    async fn number(&self) -> u32 {
        self.attendance.number
    }

    /// The attendee's name; null after erasure.
    async fn display_name(&self) -> Option<&str> {
        self.attendance.guest.as_ref().map(|guest| guest.display_name.as_str())
    }

    /// The e-mail address for messages about the event. Organizers see it only if `showsEmail` is true.
    async fn email(&self) -> Option<EmailAddress> {
        let guest = self.attendance.guest.as_ref()?;
        let is_shown = self.access.sees_person() || guest.shows_email;
        let email = guest.email.as_ref().filter(|_| is_shown)?;
        Some(EmailAddress(email.as_str().to_owned()))
    }

    /// Whether the organizers of the event may read the e-mail address.
    async fn shows_email(&self) -> bool {
        self.attendance.guest.as_ref().is_some_and(|guest| guest.shows_email)
    }

    /// The sum of the attendee's own reports of the event. Not visible to organizers: they see the total of
    /// the event.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn reported(&self, ctx: &Context<'_>) -> Result<Option<ReporterTotal<'a>>, ApiError> {
        if !self.access.sees_person() {
            return Ok(None);
        }
        ReporterTotal::of(ctx, self.request, self.owner()).await.map(Some)
    }

    /// The attendee's own reports of the event, oldest first: those sent with the secret of this attendance
    /// or of its participant, which manages them all. Not visible to organizers.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size: 0–100, default 20.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<Report<'a>>>, ApiError> {
        let seeking = PageRequest::parse(ListOrder::ReportsOfOwner, first, after.as_deref(), None, None)?;
        if !self.access.sees_person() {
            return Ok(None);
        }
        report::owned(ctx, self.request, self.owner(), &seeking).await.map(Some)
    }

    /// When the attendee joined.
    async fn joined_at(&self) -> DateTime {
        self.attendance.joined_at.into()
    }

    /// When the attendee confirmed their e-mail address; null until then. Until then, and until the event
    /// begins, the place goes to a waiting attendee with a confirmed address, unless the organizer or staff
    /// assigned it. The attendance then returns to the waiting list under the same number.
    async fn confirmed_at(&self) -> Option<DateTime> {
        self.attendance.confirmed_at.map(DateTime::from)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.attendance.updated_at.into()
    }
}

impl<'a> Attendance<'a> {
    fn owner(&self) -> ReportOwnerId {
        ReportOwnerId::Attendance(self.attendance.id)
    }

    /// An attendance of the viewer, or seen by staff.
    pub(crate) fn own(request: &'a RequestContext, attendance: domain::Attendance) -> Self {
        Self::new(request, attendance, AttendanceAccess::Own)
    }

    /// An attendance seen by an organizer of its event, or by staff.
    pub(crate) fn listed(request: &'a RequestContext, attendance: domain::Attendance) -> Self {
        Self::new(request, attendance, AttendanceAccess::of_event_manager(request.viewer))
    }

    fn new(request: &'a RequestContext, attendance: domain::Attendance, access: AttendanceAccess) -> Self {
        Self { request, attendance: Box::new(attendance), access }
    }
}

/// Returns the viewer's relation to this event.
pub(crate) async fn relation(
    connection: &mut Connection,
    request: &RequestContext,
    stored: &StoredEvent,
) -> Result<EventRelation, ApiError> {
    let invited = EventRelation::of_invitation(request.viewer, stored.facts());
    if invited != EventRelation::Unrelated {
        return Ok(invited);
    }
    let Some(subject) = participant::subject(connection, request).await? else { return Ok(invited) };
    let mut theirs = attendances::of_participant(connection, ParticipantId::new(subject)).await?;
    theirs.extend(attendances::find(connection, AttendanceId::new(subject)).await?);
    Ok(EventRelation::of_subject(subject, stored.event.id, &theirs))
}

/// Returns the attendances of an event, for its organizers.
pub(crate) async fn list<'a>(
    ctx: &Context<'_>,
    request: &'a RequestContext,
    event: domain::EventId,
    seeking: &PageRequest,
) -> Result<Part<Attendance<'a>>, ApiError> {
    let number = |argument: &'static str, cursor: &Cursor| {
        let number =
            cursor.number(ListOrder::AttendancesByNumber).and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| foreign_cursor(argument))
    };
    let after = seeking.after.as_ref().map(|cursor| number("after", cursor)).transpose()?;
    let before = seeking.before.as_ref().map(|cursor| number("before", cursor)).transpose()?;
    let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
    let found =
        attendances::of_event(&mut connection, event, (after, before), seeking.is_from_end, seeking.limit());
    let rows = found.await?.into_iter().map(|attendance| {
        let key = SortKey::ascending(ListOrder::AttendancesByNumber, attendance.number.into());
        (key, attendance.id.uuid(), Attendance::listed(request, attendance))
    });
    Ok(seeking.part(rows.collect()))
}

/// The query fields of attendances.
#[derive(Default)]
pub(crate) struct AttendanceQuery;

#[Object(serial)]
impl AttendanceQuery {
    /// The attendance that the sent secret manages, or the one with this id. Requires the attendance's
    /// secret, that of its participant or of the event, a key of its section or an administrator key. Null
    /// without access, as if it did not exist.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn attendance<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id; may be omitted with the object's own secret.")] id: Option<ID>,
    ) -> Result<Option<Attendance<'ctx>>, ApiError> {
        let id = id.as_ref().map(id::attendance).transpose();
        find(ctx, id.map_err(|rule| ApiError::bad_input(rule.to_string()))?).await
    }
}

/// Returns the attendance with this id, or of the sent secret, if the viewer may see it.
pub(crate) async fn find<'ctx>(
    ctx: &Context<'ctx>,
    id: Option<AttendanceId>,
) -> Result<Option<Attendance<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    if request.viewer == Viewer::Anonymous {
        return Ok(None);
    }
    let mut connection = request.connect_uncacheable(super::AppState::of(ctx)).await?;
    let subject = participant::subject(&mut connection, request).await?;
    let Some(id) = id.or(subject.map(AttendanceId::new)) else { return Ok(None) };
    let Some(found) = attendances::find(&mut connection, id).await? else { return Ok(None) };
    let mut access = access::attendance_access(request.viewer, subject, &found, None);
    if access == AttendanceAccess::Hidden {
        let event = events::find(&mut connection, found.event_id).await?;
        let event = event.map(|event| event.facts());
        access = access::attendance_access(request.viewer, subject, &found, event);
    }
    Ok(access.may_manage().then(|| Attendance::new(request, found, access)))
}
