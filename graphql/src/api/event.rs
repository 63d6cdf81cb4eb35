//! Events: meetings to write letters.
//!
//! The viewer belongs to one audience of each event: everyone, the attendees, or its organizers, who include
//! staff of its section and administrators. Fields that are not for an audience are null to it, and an event
//! that it may not know of is treated as if it did not exist.

use std::borrow::Cow;

use async_graphql::{Context, ID, Object};
use domain::event::EventAudience as Seen;
use graphql_engine::inline::{Inline, InlineList};

use super::{
    RequestContext,
    attendance::{self, Attendance},
    campaign::Campaign,
    case::Case,
    cost,
    error::ApiError,
    group::{self, Group},
    id,
    page::{ListOrder, PageRequest, Part},
    report::{self, GuestReport, Report},
    scalar::{Count, DateTime, Language, TimeZone, Url},
};
use crate::database::{self, events, reports};

mod action;
mod audience;
mod awaiting_report;
mod enums;
mod event_case;
mod event_total;
mod input;
mod list;
mod mutation;
mod organizer;
mod payload;
mod pending;
mod place;
mod query;
mod session;

use action::EventAction;
pub(crate) use enums::VenueKind;
use enums::{Accessibility, EventFormat, EventState, EventVisibility, MaterialItem};
use event_case::EventCase;
pub(crate) use event_total::EventLine;
use event_total::EventTotal;
pub(crate) use list::{EventFilter, EventOrder};
pub(crate) use mutation::EventMutation;
use organizer::Organizer;
use pending::EventPendingChange;
use place::EventPlace;
pub(crate) use query::{EventQuery, find, find_own};
use session::EventSession;

/// An event and the context it is read in.
#[derive(Clone)]
pub(crate) struct Event<'a> {
    request: &'a RequestContext,
    // Boxed: it is ten times as large as any other object with an id.
    event: Box<domain::Event>,
    audience: Seen,
    /// Whether the viewer was invited to the event or joined it, whatever the present state of the
    /// attendance.
    was_told_of_it: bool,
    /// The token that gives access to a private event; for its organizers.
    invitation: Option<String>,
}

/// An event to write letters at, belonging to one campaign. Fields without access for the viewer are null.
#[Object(serial)]
impl<'a> Event<'a> {
    /// The global id. It is unguessable; knowing it gives access to an unlisted event.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.event.id)
    }

    /// The campaign it belongs to.
    async fn campaign(&self) -> Result<Inline<Campaign<'a>>, ApiError> {
        let campaign = self.request.catalogue.campaign(self.event.campaign_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("an event without its campaign"))?;
        Ok(Inline(Campaign::new(self.request, campaign)))
    }

    /// The state of the event.
    async fn state(&self) -> EventState {
        (&self.event.state).into()
    }

    /// Why it was cancelled or rejected; null otherwise. If the section reviews events, an organizer's reason
    /// is visible to invited people and attendees at once, and to everyone after approval by staff.
    async fn state_reason(&self) -> Option<&str> {
        let audience = if self.was_told_of_it { Seen::Going.max(self.audience) } else { self.audience };
        self.event.reason_for(audience)
    }

    /// The title. Organizers and staff see the latest proposed text; others see the approved text: see
    /// `pendingChanges`. The same holds for all other texts of an event.
    async fn title(&self) -> &str {
        &self.content().title
    }

    /// The description.
    async fn description(&self) -> Option<&str> {
        self.content().description.as_deref()
    }

    /// The visibility of the event.
    async fn visibility(&self) -> EventVisibility {
        self.content().visibility.into()
    }

    /// The format: in person, online or both.
    async fn format(&self) -> EventFormat {
        self.event.content.format.into()
    }

    /// The kind of venue.
    async fn venue_kind(&self) -> VenueKind {
        self.event.content.venue_kind.into()
    }

    /// The time zone of its local times and days.
    async fn time_zone(&self) -> TimeZone {
        TimeZone::from(&self.event.content.zone)
    }

    /// The first instant of the first session.
    async fn starts_at(&self) -> DateTime {
        self.event.content.first_session().starts_at().into()
    }

    /// The first instant after the last session.
    async fn ends_at(&self) -> DateTime {
        self.event.content.last_session().ends_at().into()
    }

    /// The sessions, earliest first; at least one.
    async fn sessions(&self) -> InlineList<Inline<EventSession<'_>>> {
        let sessions = self.event.content.numbered_sessions();
        sessions.map(|(number, session)| Inline(EventSession { number, session })).collect()
    }

    /// The place; null if an online event has none.
    async fn place(&self) -> Option<Inline<EventPlace<'_>>> {
        self.event.place_for(self.audience).map(|place| Inline(EventPlace(place)))
    }

    /// The link for online participation. Visible to attendees with a place, its organizers and staff.
    async fn online_link(&self) -> Option<Url> {
        self.event.online_link_for(self.audience).map(Url::from)
    }

    /// The maximum number of attendees; null if unlimited.
    async fn capacity(&self) -> Option<u32> {
        self.event.content.capacity
    }

    /// The number of free places; null if unlimited.
    async fn free_places(&self) -> Option<u32> {
        self.event.free_places()
    }

    /// The number of attendees with a place.
    async fn going(&self) -> u32 {
        self.event.going
    }

    /// The number of people on the waiting list.
    async fn waiting(&self) -> u32 {
        self.event.waiting
    }

    /// The invitation token of a private event: invited people pass it to `eventJoin`, and send it as
    /// `Authorization: Bearer …` to see the event. Null for any other event. Visible to its organizers and
    /// staff.
    async fn invitation(&self) -> Option<&str> {
        self.invitation.as_deref()
    }

    /// Attendances in the order of joining, including waitlisted and cancelled ones. Visible to its
    /// organizers and staff.
    #[graphql(complexity = "cost::page(first, last, child_complexity) + cost::LOOKUP")]
    async fn attendances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Option<Part<Attendance<'a>>>, ApiError> {
        let seeking = PageRequest::parse(
            ListOrder::AttendancesByNumber,
            first,
            after.as_deref(),
            last,
            before.as_deref(),
        )?;
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        attendance::list(ctx, self.request, self.event.id, &seeking).await.map(Some)
    }

    /// Reports by guests of their own letters, in the order of arrival. An objection (`reportObject`) holds
    /// one for review. Visible to its organizers and staff.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn guest_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size: 0–100, default 20.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<GuestReport<'a>>>, ApiError> {
        let seeking = PageRequest::parse(ListOrder::ReportsOfGuests, first, after.as_deref(), None, None)?;
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        report::of_guests(ctx, self.request, self.event.id, &seeking).await.map(Some)
    }

    /// The groups that write at the event, in the order of registration: venues, classes or schools. Its organizers
    /// and staff see all; others those that staff have approved as public, if the event is visible to everyone.
    #[graphql(complexity = "cost::LOOKUP + cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn groups(&self, ctx: &Context<'_>) -> Result<Vec<Group<'a>>, ApiError> {
        group::of_event(ctx, self.request, self.event.id).await
    }

    /// The expected number of people. Visible to its organizers and staff.
    async fn expected_attendance(&self) -> Option<u32> {
        self.for_at_least(Seen::Organizers)?.expected_attendance
    }

    /// The languages spoken, main language first.
    async fn languages(&self) -> InlineList<Language> {
        self.event.content.languages.iter().map(Language::from).collect()
    }

    /// Accessibility features.
    async fn accessibility(&self) -> InlineList<Accessibility> {
        self.event.content.accessibility.iter().copied().map(Accessibility::from).collect()
    }

    /// The cases it writes for; empty for all cases of the campaign.
    async fn cases(&self) -> InlineList<Inline<EventCase<'a>>> {
        let picked = self.event.content.cases.iter();
        let seen = picked.filter_map(|picked| Some((self.request.case(picked.case)?, picked.letter_goal)));
        seen.map(|(case, letter_goal)| Inline(EventCase { case: Case::new(self.request, case), letter_goal }))
            .collect()
    }

    /// The event's overall goal in letters; null if there is none.
    async fn letter_goal(&self) -> Option<Count> {
        self.event.content.letter_goal.map(Count::from)
    }

    /// The total of the event; each letter counts once.
    async fn total(&self) -> Inline<EventTotal<'_>> {
        Inline(EventTotal::new(self.request, &self.event, self.for_at_least(Seen::Organizers).is_some()))
    }

    /// Whether a report by its host is due: the event took place or is over, and there is none. It may still
    /// await its first review. Visible to its organizers and staff.
    async fn awaiting_report(&self) -> Option<bool> {
        self.for_at_least(Seen::Organizers)?;
        Some(self.event.is_awaiting_report(self.request.now))
    }

    /// The host's report, which grows by `reportUpdate` while the event goes on; null if there is none or it was
    /// withdrawn. The event's secret manages this report, too. Visible to its organizers and staff.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn host_report(&self, ctx: &Context<'_>) -> Result<Option<Report<'a>>, ApiError> {
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        let mut connection = self.request.connect_uncacheable(super::AppState::of(ctx)).await?;
        let stored = reports::of_host(&mut connection, self.event.id).await?;
        Ok(stored.map(|stored| Report::new(self.request, Cow::Owned(stored.report))))
    }

    /// The public name of its organizer; null if there is none.
    async fn organizer_name(&self) -> Option<&str> {
        self.content().organizer.display_name.as_deref()
    }

    /// The organizer. Visible to its organizers and staff.
    async fn organizer(&self) -> Option<Organizer<'_>> {
        self.for_at_least(Seen::Organizers).map(|content| Organizer(&content.organizer))
    }

    /// The co-organizers. Visible to its organizers and staff.
    async fn co_organizers(&self) -> Option<Vec<Organizer<'_>>> {
        let content = self.for_at_least(Seen::Organizers)?;
        Some(content.co_organizers.iter().map(Organizer).collect())
    }

    /// The materials requested by its organizer. Visible to its organizers and staff.
    async fn materials(&self) -> Option<Vec<MaterialItem>> {
        let content = self.for_at_least(Seen::Organizers)?;
        Some(content.materials.iter().copied().map(MaterialItem::from).collect())
    }

    /// The organizer's remark for staff. Visible to its organizers and staff.
    async fn staff_note(&self) -> Option<&str> {
        self.for_at_least(Seen::Organizers)?.staff_note.as_deref()
    }

    /// Whether a review of its present texts is pending. Visible to its organizers and staff.
    async fn review_pending(&self) -> Option<bool> {
        self.for_at_least(Seen::Organizers).map(|_| self.event.review_pending)
    }

    /// When the texts that await review were submitted; null if no review is pending. Visible to its
    /// organizers and staff.
    async fn review_requested_at(&self) -> Option<DateTime> {
        self.for_at_least(Seen::Organizers)?;
        self.event.review_requested_at.map(DateTime::from)
    }

    /// Changes that await review, field by field: the approved value, which others still see, and the
    /// proposed one. Empty if there are none, and before the first review, which is of the whole event.
    /// Visible to its organizers and staff.
    async fn pending_changes(&self) -> Option<InlineList<Inline<EventPendingChange<'_>>>> {
        self.for_at_least(Seen::Organizers)?;
        Some(self.event.pending_changes().into_iter().map(EventPendingChange).map(Inline).collect())
    }

    /// The global id of the event it was copied from. Visible to its organizers and staff.
    async fn copied_from(&self) -> Option<ID> {
        self.for_at_least(Seen::Organizers)?;
        self.event.copied_from.map(id::of)
    }

    /// The audit log of the event, earliest entry first. Visible to its organizers and staff.
    #[graphql(complexity = "cost::LOOKUP + cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Option<Vec<EventAction>>, ApiError> {
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        let mut connection = self.request.connect_tracking_events(super::AppState::of(ctx)).await?;
        let noted = database::audit_log::entries_about(&mut connection, self.event.id.uuid()).await?;
        let is_staff = self.request.may_act_for(self.event.section_id);
        Ok(Some(noted.into_iter().map(|noted| EventAction::new(noted, is_staff)).collect()))
    }

    /// When it was registered.
    async fn registered_at(&self) -> DateTime {
        self.event.registered_at.into()
    }

    /// When anything of it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.event.updated_at.into()
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.event.revision
    }
}
