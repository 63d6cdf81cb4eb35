//! Campaigns: each is an edition as run by one section.

use async_graphql::{Context, ID, Object};
use domain::{campaign::CaseSelection, total::TotalScope};
use graphql_engine::inline::Inline;

use super::{
    RequestContext,
    case::{Case, CaseFilter, CaseOrder, Listing},
    cost,
    edition::{self, Edition},
    error::ApiError,
    group::{self, Group, GroupFilter, GroupOrder},
    id,
    milestone::Milestone,
    page::{Connection, Page, Part},
    participation::Participation,
    scalar::{Count, Date, DateTime, Language, TimeZone},
    section::Section,
    statement::Statement,
    total::{
        HistoricTotal, Total,
        history::{self, HistoryPoint, HistoryResolution},
    },
};
use crate::api::domain_enum::domain_enum;

domain_enum! {
    /// The phase of a campaign. It is computed from its days and the current time.
    pub(crate) enum CampaignPhase = domain::CampaignPhase {
        /// Before the opening day.
        Upcoming,
        /// Writing and reporting are open.
        Open,
        /// Writing is over; reports are still accepted and marked as late.
        Grace,
        /// Only staff may submit a report.
        Closed,
    }
}

/// A campaign and the context it is read in.
#[derive(Clone, Copy)]
pub(crate) struct Campaign<'a> {
    request: &'a RequestContext,
    campaign: &'a domain::Campaign,
}

/// An edition as run by one section, with its own days, goal and selection of cases.
#[Object(serial)]
impl<'a> Campaign<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.campaign.id)
    }

    /// The edition.
    async fn edition(&self) -> Result<Edition<'a>, ApiError> {
        self.edition_of().map(|edition| Edition::new(self.request, edition))
    }

    /// The section.
    async fn section(&self) -> Result<Section<'a>, ApiError> {
        let section = self.request.catalogue.section(self.campaign.section_id);
        let section = section.ok_or_else(|| ApiError::internal("a campaign without its section"))?;
        Ok(Section::new(self.request, section))
    }

    /// The days on which registration, writing and reporting are open.
    async fn window(&self) -> CampaignWindow<'a> {
        CampaignWindow(&self.campaign.window)
    }

    /// The current phase.
    async fn phase(&self) -> CampaignPhase {
        self.campaign.window.phase(self.request.now).into()
    }

    /// The section's goal in letters; null if there is none.
    async fn letter_goal(&self) -> Option<Count> {
        self.campaign.letter_goal.map(Count::from)
    }

    /// Quantities beyond which a report awaits review.
    async fn limits(&self) -> PlausibilityLimits {
        PlausibilityLimits(self.campaign.limits)
    }

    /// Whether it includes all cases of the edition, including those added later.
    async fn picks_all_cases(&self) -> bool {
        matches!(self.campaign.picks, CaseSelection::All)
    }

    /// Whether staff review the texts of events before they are public.
    async fn reviews_events(&self) -> bool {
        self.campaign.reviews_events
    }

    /// Whether sessions of events must lie within its days. Staff are exempt.
    async fn bounds_events(&self) -> bool {
        self.campaign.bounds_events
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.campaign.revision
    }

    /// The cases of the campaign.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn cases(
        &self,
        #[graphql(desc = "Returns only cases that match all conditions.")] filter: Option<CaseFilter>,
        #[graphql(desc = "The order; default `NAME`.")] order_by: Option<CaseOrder>,
        #[graphql(desc = "The preferred language of texts, before `Accept-Language`.")] language: Option<
            Language,
        >,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Case<'a>>, ApiError> {
        let page = Page::parse(
            order_by.unwrap_or_default().list_order(),
            first,
            after.as_deref(),
            last,
            before.as_deref(),
        )?;
        let listing = Listing::parse(self.request, filter, order_by, language)?;
        listing.page(&page, |case| {
            case.edition_id == self.campaign.edition_id && self.campaign.picks.contains(case.id)
        })
    }

    /// The total of the campaign.
    async fn total(&self) -> Result<Inline<Total<'a>>, ApiError> {
        let (_, scope) = self.scope();
        Ok(Inline(Total::new(self.request, self.edition_of()?, scope)))
    }

    /// The total of the campaign at a past instant; null before the first report and before `Edition.scopesRecordedSince`.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] instant: DateTime,
    ) -> Result<Option<HistoricTotal>, ApiError> {
        HistoricTotal::find(ctx, self.request, self.scope(), instant.0).await
    }

    /// The total of the campaign so many hours after 10 December, 00:00 UTC, of the edition's year: the same moment in each
    /// edition, so that years can be compared side by side. Null before the first report and before `Edition.scopesRecordedSince`, and
    /// while the moment is still to come.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at_offset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hours since then; below zero for a moment before it.")] hours: i32,
    ) -> Result<Option<HistoricTotal>, ApiError> {
        let (_, scope) = self.scope();
        HistoricTotal::find_at_offset(ctx, self.request, (self.edition_of()?, scope), hours).await
    }

    /// The growth of the total of the campaign: one point per hour or day in which it changed, earliest first. Between two
    /// points it did not change.
    #[graphql(complexity = "cost::list(history::points(last).unwrap_or(1), child_complexity) + cost::LOOKUP")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The length of the interval that each point stands for.")]
        resolution: HistoryResolution,
        #[graphql(desc = "The number of most recent points: 0–2,400, default 100.")] last: Option<i32>,
        #[graphql(desc = "Returns only what was counted before this instant.")] until: Option<DateTime>,
    ) -> Result<Vec<HistoryPoint>, ApiError> {
        history::of(ctx, self.request, self.scope(), resolution, last, until).await
    }

    /// The figures that the section states for itself, withdrawn ones included.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn statements(&self) -> Vec<Statement<'a>> {
        let statements = self.request.catalogue.statements(self.campaign.edition_id);
        let own = statements.filter(|statement| statement.section_id == self.campaign.section_id);
        own.map(|statement| Statement::new(self.request, statement)).collect()
    }

    /// Public groups of the campaign by rank, the highest first. Groups of events and parts of other groups are not
    /// among them.
    #[graphql(complexity = "cost::page(first, None, child_complexity) + cost::LOOKUP")]
    async fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only groups that match all conditions.")] filter: Option<GroupFilter>,
        #[graphql(desc = "The order; default `LETTERS`.")] order_by: Option<GroupOrder>,
        #[graphql(desc = "The page size: 0–100, default 20.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
    ) -> Result<Part<Group<'a>>, ApiError> {
        let ranked = group::Ranking::new(self.campaign.id, filter, order_by)?;
        ranked.page(ctx, self.request, first, after.as_deref()).await
    }

    /// The milestones of the campaign's total, reached ones and open ones, lowest first; hidden ones are listed once they
    /// are reached, and before that for staff of the section.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn milestones(&self) -> Vec<Milestone<'a>> {
        Milestone::of_scope(self.request, self.campaign.edition_id, Some(self.campaign.section_id))
    }

    /// Pledges and events in this section.
    async fn participation(&self) -> Inline<Participation<'a>> {
        let (edition, section) = (self.campaign.edition_id, self.campaign.section_id);
        Inline(Participation::new(self.request, edition, Some(section)))
    }
}

impl<'a> Campaign<'a> {
    /// A campaign in the context of the viewer.
    pub(crate) const fn new(request: &'a RequestContext, campaign: &'a domain::Campaign) -> Self {
        Self { request, campaign }
    }

    const fn scope(&self) -> (domain::EditionId, TotalScope) {
        (self.campaign.edition_id, TotalScope::Section(self.campaign.section_id))
    }

    fn edition_of(&self) -> Result<&'a domain::Edition, ApiError> {
        let edition = self.request.catalogue.edition(self.campaign.edition_id);
        edition.ok_or_else(|| ApiError::internal("a campaign without its edition"))
    }
}

/// The days of a campaign.
pub(crate) struct CampaignWindow<'a>(&'a domain::CampaignWindow);

/// The days of a campaign in its time zone, and the instants at which they begin and end. Last days are
/// inclusive: a deadline of 31 January ends at the first instant of 1 February.
#[Object(serial)]
impl CampaignWindow<'_> {
    /// The time zone of the days.
    async fn time_zone(&self) -> TimeZone {
        TimeZone::from(self.0.zone())
    }

    /// The first day of writing.
    async fn opens_on(&self) -> Date {
        self.0.opens_on().into()
    }

    /// The last day of registration; null if it is the collection deadline.
    async fn registration_closes_on(&self) -> Option<Date> {
        self.0.registration_closes_on().map(Date::from)
    }

    /// The collection deadline: the last day of writing and, without grace days, of reporting.
    async fn deadline_on(&self) -> Date {
        self.0.deadline_on().into()
    }

    /// The number of days after the deadline on which reports are still accepted, marked as late.
    async fn grace_days(&self) -> u16 {
        self.0.grace_days()
    }

    /// The first instant of the opening day.
    async fn opens_at(&self) -> DateTime {
        self.0.opens_at().into()
    }

    /// The first instant at which registration is closed.
    async fn registration_closes_at(&self) -> DateTime {
        self.0.registration_closes_at().into()
    }

    /// The first instant after the collection deadline.
    async fn deadline_at(&self) -> DateTime {
        self.0.deadline_at().into()
    }

    /// The first instant after the grace days. From then on only staff may submit reports.
    async fn closes_at(&self) -> DateTime {
        self.0.closes_at().into()
    }
}

/// The plausibility limits of a campaign.
pub(crate) struct PlausibilityLimits(domain::campaign::PlausibilityLimits);

/// Quantities beyond which a report awaits review.
#[Object(serial)]
impl PlausibilityLimits {
    /// The limit for the report of one person.
    async fn person(&self) -> u32 {
        self.0.person
    }

    /// The limit for the report of an event by its host.
    async fn event(&self) -> u32 {
        self.0.event
    }
}

/// The query field of campaigns.
#[derive(Default)]
pub(crate) struct CampaignQuery;

#[Object(serial)]
impl CampaignQuery {
    /// The campaign of a section in an edition; null if there is none.
    async fn campaign<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(desc = "The code of the section.")] section: String,
    ) -> Option<Campaign<'ctx>> {
        let request = RequestContext::of(ctx);
        let edition = edition::of_year(request, edition)?;
        let section = request.catalogue.section_by_code(&section)?;
        let campaign = request.catalogue.campaign_of(edition.id, section.id)?;
        Some(Campaign::new(request, campaign))
    }
}
