//! Events: gatherings to write letters.
//!
//! Whoever asks is an audience of each event: everyone, those who are going, or its organizers, among
//! whom are staff of its section and administrators. What is not for an audience is null to it, and an
//! event that it may not know of is answered like an id that never was.

use std::borrow::Cow;

use async_graphql::{Context, ID, Object};
use domain::{EventId, event::EventAudience as Seen};
use jiff::Timestamp;

use super::{
    RequestContext,
    attendance::{self, Attendance, EventRelation},
    campaign::Campaign,
    case::Case,
    cost,
    error::ApiError,
    id,
    inline::{Inline, List},
    page::{PageRequest, Part, SortKey},
    report::{self, GuestReport, Report},
    request_context::Viewer,
    scalar::{Count, DateTime, Language, TimeZone, Url},
};
use crate::{
    credentials,
    database::{
        self, Connection,
        access_tokens::{self, TokenOrigin},
        events::{self, StoredEvent},
        reports,
    },
};

mod action;
mod awaiting_report;
mod enums;
mod event_total;
mod input;
mod list;
mod mutation;
mod organizer;
mod payload;
mod pending;
mod place;
mod session;

use action::EventAction;
use enums::{Accessibility, EventState, Format, KitItem, VenueKind, Visibility};
use event_total::EventTotal;
use list::Listing;
pub(crate) use list::{EventFilter, EventOrder};
pub(crate) use mutation::EventMutation;
use organizer::Organizer;
use pending::EventPendingChange;
use place::EventPlace;
use session::EventSession;

/// The order of events to be reviewed: by their last change. Each order has its own number, see
/// [`Key`].
const BY_CHANGE: u8 = 12;

/// An event and what it is seen by.
#[derive(Clone)]
pub(crate) struct Event<'a> {
    asking: &'a RequestContext,
    // It is ten times as large as anything else that has an id.
    event: Box<domain::Event>,
    audience: Seen,
    /// Whether they were invited to it or joined it, whatever became of their place.
    was_told_of_it: bool,
    /// What lets people know of a private event; for its organizers.
    invitation: Option<String>,
}

/// A gathering to write letters, of one campaign. What is not for you to know is null.
#[Object(serial)]
impl<'a> Event<'a> {
    /// The global id. It is the link of an unlisted event: nobody can guess it.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.event.id)
    }

    /// The campaign it belongs to.
    async fn campaign(&self) -> Result<Inline<Campaign<'a>>, ApiError> {
        let campaign = self.asking.catalogue.campaign(self.event.campaign_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("an event without its campaign"))?;
        Ok(Inline(Campaign::new(self.asking, campaign)))
    }

    /// Where it stands.
    async fn state(&self) -> EventState {
        (&self.event.state).into()
    }

    /// Why it was cancelled or rejected; null unless it was. Where its section reviews events, an
    /// organizer's reason is for those who were invited or joined at once, and for everyone once staff have
    /// found it good.
    async fn state_reason(&self) -> Option<&str> {
        let audience = if self.was_told_of_it { Seen::Going.max(self.audience) } else { self.audience };
        self.event.reason_for(audience)
    }

    /// Its title. Its organizers and staff read what was proposed last; everyone else reads what was
    /// approved: see `pendingChanges`. The same holds for the other words of an event.
    async fn title(&self) -> &str {
        &self.content().title
    }

    /// What to expect.
    async fn description(&self) -> Option<&str> {
        self.content().description.as_deref()
    }

    /// Who finds it.
    async fn visibility(&self) -> Visibility {
        self.content().visibility.into()
    }

    /// How people gather.
    async fn format(&self) -> Format {
        self.event.content.format.into()
    }

    /// What kind of place it is.
    async fn venue_kind(&self) -> VenueKind {
        self.event.content.venue_kind.into()
    }

    /// The time zone of its local times and days.
    async fn time_zone(&self) -> TimeZone {
        TimeZone::from(&self.event.content.zone)
    }

    /// The first instant of its first session.
    async fn starts_at(&self) -> DateTime {
        self.event.content.first_session().starts_at().into()
    }

    /// The first instant after its last session.
    async fn ends_at(&self) -> DateTime {
        self.event.content.last_session().ends_at().into()
    }

    /// When people gather, the earliest first; at least once.
    async fn sessions(&self) -> List<Inline<EventSession<'_>>> {
        self.event.content.sessions.iter().map(EventSession).map(Inline).collect()
    }

    /// Where people gather; null where an online event names no place.
    async fn place(&self) -> Option<Inline<EventPlace<'_>>> {
        self.event.place_for(self.audience).map(|place| Inline(EventPlace(place)))
    }

    /// How to take part on the internet. For those who are going, its organizers and staff.
    async fn online_link(&self) -> Option<Url> {
        self.event.online_link_for(self.audience).map(Url::from)
    }

    /// How many people there is room for; null for as many as like.
    async fn capacity(&self) -> Option<u32> {
        self.event.content.capacity
    }

    /// For how many more people there is room; null for as many as like.
    async fn free_places(&self) -> Option<u32> {
        self.event.free_places()
    }

    /// How many people are going.
    async fn going(&self) -> u32 {
        self.event.going
    }

    /// How many people wait for a place.
    async fn waiting(&self) -> u32 {
        self.event.waiting
    }

    /// What to give to those who are invited to a private event: they join with it, and see the event
    /// when they send it as `Authorization: Bearer …`. Null for any other event. For its organizers and
    /// staff.
    async fn invitation(&self) -> Option<&str> {
        self.invitation.as_deref()
    }

    /// Who is going and who waits, in the order in which they joined; also those who gave their place
    /// back. For its organizers and staff.
    #[graphql(complexity = "cost::page(first, last, child_complexity) + cost::LOOKUP")]
    async fn attendances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Part<Attendance<'a>>>, ApiError> {
        let seeking = super::page::PageRequest::parse(first, after.as_deref(), last, before.as_deref())?;
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        attendance::list(ctx, self.asking, self.event.id, &seeking).await.map(Some)
    }

    /// What those who were there report of their own letters, in the order in which it came in. With `reportObject` it
    /// is held until staff have looked at it. For its organizers and staff.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn guest_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 1–100, 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<GuestReport<'a>>>, ApiError> {
        let seeking = super::page::PageRequest::parse(first, after.as_deref(), None, None)?;
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        report::of_guests(ctx, self.asking, self.event.id, &seeking).await.map(Some)
    }

    /// How many people are expected. For its organizers and staff.
    async fn expected_attendance(&self) -> Option<u32> {
        self.for_at_least(Seen::Organizers)?.expected_attendance
    }

    /// The languages spoken, the first one first.
    async fn languages(&self) -> List<Language> {
        self.event.content.languages.iter().map(Language::from).collect()
    }

    /// What makes it accessible.
    async fn accessibility(&self) -> List<Accessibility> {
        self.event.content.accessibility.iter().copied().map(Accessibility::from).collect()
    }

    /// The cases it writes for; none where it writes for all of its campaign.
    async fn cases(&self) -> List<Inline<EventCase<'a>>> {
        let picked = self.event.content.cases.iter();
        let seen = picked.filter_map(|picked| Some((self.asking.case(picked.case)?, picked.letter_goal)));
        seen.map(|(case, letter_goal)| Inline(EventCase { case: Case::new(self.asking, case), letter_goal }))
            .collect()
    }

    /// How many letters it sets out to write in all; null where no goal is set.
    async fn letter_goal(&self) -> Option<Count> {
        self.event.content.letter_goal.map(Count::from)
    }

    /// How much was written there, each letter counted once.
    async fn total(&self) -> Inline<EventTotal<'_>> {
        Inline(EventTotal::new(self.asking, &self.event, self.for_at_least(Seen::Organizers).is_some()))
    }

    /// Whether it took place, or is over, and its host has not reported. For its organizers and
    /// administrators.
    async fn owes_report(&self) -> Option<bool> {
        self.for_at_least(Seen::Organizers)?;
        Some(self.event.awaits_report(self.asking.now))
    }

    /// The closing report of its host, unless it was taken back; null before. For its organizers and
    /// administrators: the secret of the event manages this report too.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn host_report(&self, ctx: &Context<'_>) -> Result<Option<Report<'a>>, ApiError> {
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        let mut connection = self.asking.connect_uncacheable(super::AppState::of(ctx)).await?;
        let kept = reports::of_host(&mut connection, self.event.id).await?;
        Ok(kept.map(|kept| Report::new(self.asking, Cow::Owned(kept.report))))
    }

    /// What everyone may call its organizer; null where they did not say.
    async fn organizer_name(&self) -> Option<&str> {
        self.content().organizer.display_name.as_deref()
    }

    /// Who organizes it. For its organizers and staff.
    async fn organizer(&self) -> Option<Organizer<'_>> {
        self.for_at_least(Seen::Organizers).map(|content| Organizer(&content.organizer))
    }

    /// Who helps to organize it. For its organizers and staff.
    async fn co_organizers(&self) -> Option<Vec<Organizer<'_>>> {
        let content = self.for_at_least(Seen::Organizers)?;
        Some(content.co_organizers.iter().map(Organizer).collect())
    }

    /// What its organizer would like to be sent. For its organizers and staff.
    async fn kit(&self) -> Option<Vec<KitItem>> {
        let content = self.for_at_least(Seen::Organizers)?;
        Some(content.kit.iter().copied().map(KitItem::from).collect())
    }

    /// Its organizer's remark for staff. For its organizers and staff.
    async fn note(&self) -> Option<&str> {
        self.for_at_least(Seen::Organizers)?.note.as_deref()
    }

    /// Whether staff have yet to look at what it says now. For its organizers and staff.
    async fn review_pending(&self) -> Option<bool> {
        self.for_at_least(Seen::Organizers).map(|_| self.event.review_pending)
    }

    /// What waits for staff, field by field: what was approved, which everyone else reads, and what is
    /// proposed. Empty where nothing waits, and before the first review, for which all of the event waits.
    /// For its organizers and staff.
    async fn pending_changes(&self) -> Option<List<Inline<EventPendingChange<'_>>>> {
        self.for_at_least(Seen::Organizers)?;
        Some(self.event.pending_changes().into_iter().map(EventPendingChange).map(Inline).collect())
    }

    /// The global id of the event it was copied from. For its organizers and staff.
    async fn copied_from(&self) -> Option<ID> {
        self.for_at_least(Seen::Organizers)?;
        self.event.copied_from.map(id::of)
    }

    /// All that was done with it, the earliest first. For its organizers and staff.
    #[graphql(complexity = "cost::LOOKUP + cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Option<Vec<EventAction>>, ApiError> {
        if self.for_at_least(Seen::Organizers).is_none() {
            return Ok(None);
        }
        let mut connection = self.asking.connect_tracking_events(super::AppState::of(ctx)).await?;
        let noted = database::catalogue::noted(&mut connection, self.event.id.uuid()).await?;
        let is_staff = self.asking.may_act_for(self.event.section_id);
        Ok(Some(noted.into_iter().map(|noted| EventAction::new(noted, is_staff)).collect()))
    }

    /// When it was registered.
    async fn registered_at(&self) -> DateTime {
        self.event.registered_at.into()
    }

    /// When it last changed in any way.
    async fn changed_at(&self) -> DateTime {
        self.event.changed_at.into()
    }

    /// Grows by one with each change. A change names the revision that it changes.
    async fn revision(&self) -> u32 {
        self.event.revision
    }
}

impl<'a> Event<'a> {
    /// The event as a stranger may know it, or one of its organizers; `None` if they may not.
    pub(crate) fn visible_to(asking: &'a RequestContext, kept: StoredEvent) -> Option<Self> {
        Self::visible_with(asking, kept, EventRelation::Stranger)
    }

    /// The event as whoever asks may know it, who has this to do with it; `None` if they may not.
    pub(crate) fn visible_with(
        asking: &'a RequestContext,
        kept: StoredEvent,
        tie: EventRelation,
    ) -> Option<Self> {
        if manages(asking, &kept) {
            return Some(Self::as_organizer(asking, kept));
        }
        let (audience, is_known) = match tie {
            EventRelation::Stranger => (Seen::Everyone, kept.event.is_known_to(Seen::Everyone)),
            EventRelation::Invited => (Seen::Everyone, kept.event.state.was_approved()),
            EventRelation::Going => (Seen::Going, kept.event.is_known_to(Seen::Going)),
        };
        let (event, was_told_of_it) = (Box::new(kept.event), !matches!(tie, EventRelation::Stranger));
        is_known.then_some(Self { asking, event, audience, was_told_of_it, invitation: None })
    }

    /// The event as its organizers see it.
    pub(crate) fn as_organizer(asking: &'a RequestContext, kept: StoredEvent) -> Self {
        let invitation = match kept.event.content.visibility {
            domain::event::EventVisibility::Private => {
                Some(credentials::derive_invitation(kept.event.id, kept.secret))
            }
            domain::event::EventVisibility::Public | domain::event::EventVisibility::Unlisted => None,
        };
        let event = Box::new(kept.event);
        Self { asking, event, audience: Seen::Organizers, was_told_of_it: true, invitation }
    }

    /// What the event says to whoever asks.
    fn content(&self) -> &domain::event::EventContent {
        self.event.content_for(self.audience)
    }

    /// The same, if this audience or a closer one asks.
    fn for_at_least(&self, audience: Seen) -> Option<&domain::event::EventContent> {
        (self.audience >= audience).then(|| self.content())
    }
}

/// A case that an event writes for.
pub(crate) struct EventCase<'a> {
    case: Case<'a>,
    letter_goal: Option<u64>,
}

/// A case that an event writes for.
#[Object(serial)]
impl<'a> EventCase<'a> {
    /// The case.
    async fn case(&self) -> Inline<&Case<'a>> {
        Inline(&self.case)
    }

    /// How many letters the event sets out to write for it; null where no goal is set.
    async fn letter_goal(&self) -> Option<Count> {
        self.letter_goal.map(Count::from)
    }
}

/// Events, as a part of what can be read.
#[derive(Default)]
pub(crate) struct EventQuery;

#[Object(serial)]
impl EventQuery {
    /// The event with this id. Its id is enough for an event that was approved and is not private;
    /// any other needs the secret of the event, its invitation, the secret of an attendance or of a
    /// participant who joined it, a key of its section or an administrator's, and is null to anyone
    /// else, as for an id that never was.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the event.")] id: ID,
    ) -> Result<Option<Event<'ctx>>, ApiError> {
        let id = id::event(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        find(ctx, id).await
    }

    /// Public events. Those that are not public, or not approved yet, are in no list.
    #[graphql(complexity = "cost::page(first, last, child_complexity) + EventFilter::cost(filter.as_ref())")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn events<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Only events for which all of this holds.")] filter: Option<EventFilter>,
        #[graphql(desc = "In this order; as they begin if it is left out.")] order_by: Option<EventOrder>,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Part<Event<'ctx>>, ApiError> {
        let seeking = PageRequest::parse(first, after.as_deref(), last, before.as_deref())?;
        let listing = Listing::parse(RequestContext::of(ctx), filter, order_by)?;
        listing.page(ctx, &seeking).await
    }

    /// Events that staff have yet to look at, those that have waited longest first. Needs an
    /// administrator's key, or that of a section for its own events.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn events_to_review<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "How many: 1–100, 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<Event<'ctx>>>, ApiError> {
        let asking = RequestContext::of(ctx);
        let section = asking.staff()?.section;
        let seeking = PageRequest::parse(first, after.as_deref(), None, None)?;
        let place = seeking.after.as_ref().map(|cursor| {
            let changed_at = cursor.number(BY_CHANGE).and_then(|at| Timestamp::from_microsecond(at).ok());
            changed_at
                .map(|changed_at| (changed_at, EventId::new(cursor.id())))
                .ok_or_else(|| ApiError::bad_input("The cursor belongs to a list in another order."))
        });
        let mut connection = asking.connect_tracking_events(super::AppState::of(ctx)).await?;
        let kept = events::to_review(&mut connection, section, place.transpose()?, seeking.limit()).await?;
        let rows = kept.into_iter().map(|kept| {
            let key = SortKey::ascending(BY_CHANGE, kept.event.changed_at.as_microsecond());
            (key, kept.event.id.uuid(), Event::as_organizer(asking, kept))
        });
        Ok(Some(seeking.part(rows.collect())))
    }

    /// Events that owe a report: they were held or are over, and their host has not reported; those
    /// that ended first come first, whoever may find them. Needs an administrator's key, or that of a
    /// section for its own events.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn events_owing_report<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(desc = "Only events of the section with this code.")] section: Option<String>,
        #[graphql(desc = "How many: 1–100, 20 if it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<Event<'ctx>>>, ApiError> {
        let seeking = PageRequest::parse(first, after.as_deref(), None, None)?;
        awaiting_report::page(ctx, edition, section.as_deref(), &seeking).await.map(Some)
    }
}

/// The event with this identity, if whoever asks may know of it.
pub(crate) async fn find<'ctx>(ctx: &Context<'ctx>, id: EventId) -> Result<Option<Event<'ctx>>, ApiError> {
    let asking = RequestContext::of(ctx);
    let mut connection = asking.connect_tracking_events(super::AppState::of(ctx)).await?;
    let Some(kept) = events::find(&mut connection, id).await? else { return Ok(None) };
    let tie = EventRelation::find(&mut connection, asking, &kept).await?;
    Ok(Event::visible_with(asking, kept, tie))
}

/// The event whose secret is sent, or the code of the mail about it.
pub(crate) async fn find_own<'ctx>(ctx: &Context<'ctx>) -> Result<Option<Event<'ctx>>, ApiError> {
    let asking = RequestContext::of(ctx);
    let Viewer::SecretHolder(secret) = asking.asker else { return Ok(None) };
    let mut connection = asking.connect_tracking_events(super::AppState::of(ctx)).await?;
    if let Some(kept) = events::find_by_secret(&mut connection, secret).await? {
        return Ok(Some(Event::as_organizer(asking, kept)));
    }
    // The code of a mail shows what it is about before the address is confirmed.
    let holder = access_tokens::holder(&mut connection, secret).await?;
    let Some(mailed) = holder.filter(|holder| holder.way == TokenOrigin::Email) else { return Ok(None) };
    let kept = events::find(&mut connection, EventId::new(mailed.subject)).await?;
    Ok(kept.map(|kept| Event::as_organizer(asking, kept)))
}

/// Whether whoever asks is an organizer of the event with this identity, or staff of its section.
pub(crate) async fn is_managed(
    connection: &mut Connection,
    asking: &RequestContext,
    id: EventId,
) -> Result<bool, ApiError> {
    let kept = events::find(connection, id).await?;
    Ok(kept.is_some_and(|kept| manages(asking, &kept)))
}

fn manages(asking: &RequestContext, kept: &StoredEvent) -> bool {
    match asking.asker {
        Viewer::Staff(staff) => staff.may_act_for(kept.event.section_id),
        Viewer::SecretHolder(secret) => secret == kept.secret,
        Viewer::Anonymous => false,
    }
}
