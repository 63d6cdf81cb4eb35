//! Editions: worldwide years, which own the cases.

use async_graphql::{Context, ID, Object};
use domain::total::TotalScope;
use graphql_engine::inline::Inline;

use super::{
    RequestContext,
    campaign::Campaign,
    case::{Case, CaseFilter, CaseOrder, Listing},
    cost,
    error::ApiError,
    id,
    milestone::Milestone,
    page::{Connection, ListOrder, Page, SortKey},
    participation::Participation,
    scalar::{Count, Date, DateTime, Language},
    statement::{self, Statement, StatementOverlap},
    total::{
        HistoricTotal, Total,
        history::{self, HistoryPoint, HistoryResolution},
    },
};

mod figure;

use figure::PublishedFigure;
pub(crate) use figure::{FigureQualifier, FigureStatus};

use crate::{
    api::{self, domain_enum::domain_enum},
    database::scope_versions,
};

domain_enum! {
    /// The state of an edition.
    pub(crate) enum EditionState = domain::edition::EditionState {
        /// Cases, campaigns and reports can change.
        Open,
        /// Read only; its live total has ended.
        Archived,
    }
}

/// An edition and the context it is read in.
#[derive(Clone, Copy)]
pub(crate) struct Edition<'a> {
    request: &'a RequestContext,
    edition: &'a domain::Edition,
}

/// One worldwide year of the campaign. Its year is a name, not a date range: an event on 26 January 2023 may
/// belong to the edition of 2022.
#[Object(serial)]
impl<'a> Edition<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.edition.id)
    }

    /// The year of the edition.
    async fn year(&self) -> i16 {
        self.edition.year
    }

    /// 10 December of its year, the anniversary of the Universal Declaration of Human Rights.
    async fn human_rights_day(&self) -> Date {
        self.edition.human_rights_day().into()
    }

    /// The state of the edition.
    async fn state(&self) -> EditionState {
        self.edition.state.into()
    }

    /// The worldwide goal in letters; null if there is none.
    async fn letter_goal(&self) -> Option<Count> {
        self.edition.letter_goal.map(Count::from)
    }

    /// The revision of the edition itself, for optimistic locking; increases by one with each change. Pass it
    /// as `expectedRevision` to change the object.
    async fn revision(&self) -> u32 {
        self.edition.revision
    }

    /// The campaigns of its sections, by section code.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn campaigns(
        &self,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Campaign<'a>>, ApiError> {
        let page =
            Page::parse(ListOrder::CampaignsBySection, first, after.as_deref(), last, before.as_deref())?;
        let rows = self.request.catalogue.campaigns_in(self.edition.id).filter_map(|campaign| {
            let section = self.request.catalogue.section(campaign.section_id)?;
            let key = SortKey::texts(ListOrder::CampaignsBySection, [section.code.as_str()]);
            Some((key, campaign.id.uuid(), Campaign::new(self.request, campaign)))
        });
        Ok(page.of(rows.collect()))
    }

    /// The cases of the edition.
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
        listing.page(&page, |case| case.edition_id == self.edition.id)
    }

    /// The worldwide total.
    async fn total(&self) -> Inline<Total<'a>> {
        Inline(Total::new(self.request, self.edition, TotalScope::Edition))
    }

    /// The worldwide total without one section: what all others have. In one response it has the version of the
    /// section's own total, and both add up to `total`, in every number and in every breakdown. Null for an unknown
    /// section.
    async fn total_without(
        &self,
        #[graphql(desc = "The code of the section.")] section: String,
    ) -> Option<Inline<Total<'a>>> {
        let section = self.request.catalogue.section_by_code(&section)?;
        Some(Inline(Total::without(self.request, self.edition, section.id)))
    }

    /// Pledges and events worldwide.
    async fn participation(&self) -> Inline<Participation<'a>> {
        Inline(Participation::new(self.request, self.edition.id, None))
    }

    /// The worldwide total at a past instant; null before the first report.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] instant: DateTime,
    ) -> Result<Option<HistoricTotal>, ApiError> {
        HistoricTotal::find(ctx, self.request, self.scope(), instant.0).await
    }

    /// The worldwide total so many hours after 10 December, 00:00 UTC, of the edition's year: the same moment in each
    /// edition, so that years can be compared side by side. Null before the first report, and
    /// while the moment is still to come.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at_offset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hours since then; below zero for a moment before it.")] hours: i32,
    ) -> Result<Option<HistoricTotal>, ApiError> {
        HistoricTotal::find_at_offset(ctx, self.request, (self.edition, TotalScope::Edition), hours).await
    }

    /// The growth of the worldwide total: one point per hour or day in which it changed, earliest first. Between two
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

    /// Since when the totals of its campaigns and cases are recorded; null if since the first report. Editions of
    /// earlier versions of the service have it. Before it `totalAt` of a campaign or a case is null, and its `history`
    /// has no point.
    #[graphql(complexity = "cost::LOOKUP")]
    async fn scopes_recorded_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, ApiError> {
        let mut connection = self.request.connect_uncacheable(api::AppState::of(ctx)).await?;
        let since = scope_versions::recorded_since(&mut connection, self.edition.id).await?;
        Ok(since.map(DateTime::from))
    }

    /// The figures that sections, partners and the Secretariat state for themselves, withdrawn ones included.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn statements(&self) -> Vec<Statement<'a>> {
        let statements = self.request.catalogue.statements(self.edition.id);
        statements.map(|statement| Statement::new(self.request, statement)).collect()
    }

    /// The milestones of the worldwide total, reached ones and open ones, lowest first; hidden ones are listed once they
    /// are reached, and before that for administrators.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn milestones(&self) -> Vec<Milestone<'a>> {
        Milestone::of_scope(self.request, self.edition.id, None)
    }

    /// Pairs of statements whose scopes overlap although neither contains the other. Requires a staff key.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn statement_overlaps(&self) -> Result<Vec<StatementOverlap<'a>>, ApiError> {
        self.request.staff()?;
        Ok(statement::overlaps(self.request, self.edition.id))
    }

    /// Figures that were announced for this edition. They are shown beside the count and never added to it.
    async fn published_figures(
        &self,
        #[graphql(desc = "Whether to return withdrawn figures, too; default `false`.")]
        include_withdrawn: Option<bool>,
    ) -> Vec<PublishedFigure<'a>> {
        PublishedFigure::of(self.request, self.edition.id, include_withdrawn.unwrap_or_default())
    }
}

impl<'a> Edition<'a> {
    /// An edition in the context of the viewer.
    pub(crate) const fn new(request: &'a RequestContext, edition: &'a domain::Edition) -> Self {
        Self { request, edition }
    }

    const fn scope(&self) -> (domain::EditionId, TotalScope) {
        (self.edition.id, TotalScope::Edition)
    }
}

/// The query fields of editions.
#[derive(Default)]
pub(crate) struct EditionQuery;

#[Object(serial)]
impl EditionQuery {
    /// The edition of this year; null if there is none.
    async fn edition<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] year: i32,
    ) -> Option<Inline<Edition<'ctx>>> {
        let request = RequestContext::of(ctx);
        of_year(request, year).map(|edition| Inline(Edition::new(request, edition)))
    }

    /// All editions, newest first.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn editions<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Edition<'ctx>>, ApiError> {
        let (request, page) = (
            RequestContext::of(ctx),
            Page::parse(ListOrder::EditionsByYear, first, after.as_deref(), last, before.as_deref())?,
        );
        let rows = request.catalogue.editions().map(|edition| {
            let key = SortKey::descending(ListOrder::EditionsByYear, i64::from(edition.year));
            (key, edition.id.uuid(), Edition::new(request, edition))
        });
        Ok(page.of(rows.collect()))
    }
}

/// Returns the edition of a year argument.
pub(crate) fn of_year(request: &RequestContext, year: i32) -> Option<&domain::Edition> {
    request.catalogue.edition_by_year(i16::try_from(year).ok()?)
}
