//! The query fields of events, and how one event is found for its viewer.

use async_graphql::{Context, ID, Object};
use domain::EventId;
use jiff::Timestamp;

use super::{Event, EventFilter, EventOrder, awaiting_report, list::Listing};
use crate::{
    access::{EventRelation, Viewer},
    api::{
        AppState, RequestContext, attendance, cost,
        error::ApiError,
        id,
        page::{ListOrder, PageRequest, Part, SortKey, foreign_cursor},
    },
    database::{
        access_tokens::{self, TokenOrigin},
        events,
    },
};

/// The query fields of events.
#[derive(Default)]
pub(crate) struct EventQuery;

#[Object(serial)]
impl EventQuery {
    /// The event with this id. The id gives access to an approved event that is not private; any other
    /// requires the event's secret, its invitation, the secret of an attendance or of a participant who
    /// joined it, a key of its section or an administrator key. Null without access, as if it did not exist.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the event.")] id: ID,
    ) -> Result<Option<Event<'ctx>>, ApiError> {
        let id = id::event(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        find(ctx, id).await
    }

    /// Public, approved events. Other events are in no list.
    #[graphql(complexity = "cost::page(first, last, child_complexity) + EventFilter::cost(filter.as_ref())")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn events<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Returns only events that match all conditions.")] filter: Option<EventFilter>,
        #[graphql(desc = "The order; default `START`.")] order_by: Option<EventOrder>,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Part<Event<'ctx>>, ApiError> {
        let listing = Listing::parse(RequestContext::of(ctx), filter, order_by)?;
        let (order, after, before) = (listing.order.list_order(), after.as_deref(), before.as_deref());
        let seeking = PageRequest::parse(order, first, after, last, before)?;
        listing.page(ctx, &seeking).await
    }

    /// Events that await review, or whose changes do (`pendingChanges`), longest waiting first. Requires an administrator key, or the key of a
    /// section for its own events.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn events_to_review<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The page size: 0–100, default 20.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<Event<'ctx>>>, ApiError> {
        let request = RequestContext::of(ctx);
        let section = request.staff()?.section;
        let seeking = PageRequest::parse(ListOrder::EventsToReview, first, after.as_deref(), None, None)?;
        let place = seeking.after.as_ref().map(|cursor| {
            let requested_at =
                cursor.number(ListOrder::EventsToReview).and_then(|at| Timestamp::from_microsecond(at).ok());
            requested_at
                .map(|requested_at| (requested_at, EventId::new(cursor.id())))
                .ok_or_else(|| foreign_cursor("after"))
        });
        let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
        let rows = events::to_review(&mut connection, section, place.transpose()?, seeking.limit()).await?;
        let rows = rows.into_iter().map(|stored| {
            let requested_at = stored.event.review_requested_at.unwrap_or(stored.event.updated_at);
            let key = SortKey::ascending(ListOrder::EventsToReview, requested_at.as_microsecond());
            (key, stored.event.id.uuid(), Event::as_organizer(request, stored))
        });
        Ok(Some(seeking.part(rows.collect())))
    }

    /// Events with a report due: they took place or are over, and their host has not reported; earliest end
    /// first, whatever their visibility. Those that were not reviewed in time are among them (`SUBMITTED`): they await
    /// review, too. Requires an administrator key, or the key of a section for its own
    /// events.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn events_awaiting_report<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(desc = "Returns only events of the section with this code.")] section: Option<String>,
        #[graphql(desc = "The page size: 0–100, default 20.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
    ) -> Result<Option<Part<Event<'ctx>>>, ApiError> {
        let seeking =
            PageRequest::parse(ListOrder::EventsAwaitingReport, first, after.as_deref(), None, None)?;
        awaiting_report::page(ctx, edition, section.as_deref(), &seeking).await.map(Some)
    }
}

/// Returns the event with this id, if the viewer may see it.
pub(crate) async fn find<'ctx>(ctx: &Context<'ctx>, id: EventId) -> Result<Option<Event<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
    let Some(stored) = events::find(&mut connection, id).await? else { return Ok(None) };
    let relation = attendance::relation(&mut connection, request, &stored).await?;
    Ok(Event::visible_with(request, stored, relation))
}

/// Returns the event that the sent secret manages, or that the sent code of a mail is about.
pub(crate) async fn find_own<'ctx>(ctx: &Context<'ctx>) -> Result<Option<Event<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    let Viewer::SecretHolder(secret) = request.viewer else { return Ok(None) };
    let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
    if let Some(stored) = events::find_by_secret(&mut connection, secret).await? {
        return Ok(Some(Event::as_organizer(request, stored)));
    }
    // The code of a mail gives read access before the address is confirmed.
    let holder = access_tokens::holder(&mut connection, secret).await?;
    let Some(mailed) = holder.filter(|holder| holder.way == TokenOrigin::Email) else { return Ok(None) };
    let stored = events::find(&mut connection, EventId::new(mailed.subject)).await?;
    Ok(stored.and_then(|stored| Event::visible_with(request, stored, EventRelation::MailReader)))
}
