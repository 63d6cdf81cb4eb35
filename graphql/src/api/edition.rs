//! Editions: worldwide years, which own the cases.

use async_graphql::{Context, Enum, ID, Object};
use domain::total::TotalScope;

use super::{
    RequestContext,
    campaign::Campaign,
    case::{Case, CaseFilter, CaseOrder, Listing},
    cost,
    error::ApiError,
    id,
    inline::{Inline, List},
    page::{Connection, Page, SortKey},
    participation::Participation,
    scalar::{Count, Date, DateTime, Language},
    total::{HistoricTotal, Total},
};

mod figure;
mod history;

use figure::PublishedFigure;
pub(crate) use figure::{FigureStatus, Qualifier};
use history::{HistoryPoint, HistoryResolution};

/// The order of editions: by year. Each order has its own number, see [`Key`].
const BY_YEAR: u8 = 1;
/// The order of the campaigns of an edition: by the code of the section.
const BY_SECTION: u8 = 3;

/// Whether an edition still changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::edition::EditionState")]
pub(crate) enum EditionState {
    /// Cases, campaigns and reports come and go.
    Open,
    /// Kept to be read; its live total has ended.
    Archived,
}

/// An edition and what it is seen by.
#[derive(Clone, Copy)]
pub(crate) struct Edition<'a> {
    asking: &'a RequestContext,
    edition: &'a domain::Edition,
}

/// One worldwide year of the campaign. It is named by its year and not by a calendar date: an event
/// on 26 January 2023 may belong to the edition of 2022.
#[Object(serial)]
impl<'a> Edition<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.edition.id)
    }

    /// The year that names it.
    async fn year(&self) -> i16 {
        self.edition.year
    }

    /// 10 December of its year, the anniversary of the Universal Declaration of Human Rights.
    async fn human_rights_day(&self) -> Date {
        self.edition.human_rights_day().into()
    }

    /// Whether it still changes.
    async fn state(&self) -> EditionState {
        self.edition.state.into()
    }

    /// How many letters the world sets out to write; null where no goal is set.
    async fn letter_goal(&self) -> Option<Count> {
        self.edition.letter_goal.map(Count::from)
    }

    /// Grows by one with each change of the edition itself. A change names the revision that it
    /// changes.
    async fn revision(&self) -> u32 {
        self.edition.revision
    }

    /// The campaigns in which sections run it, by the code of the section.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn campaigns(
        &self,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Campaign<'a>>, ApiError> {
        let page = Page::parse(first, after.as_deref(), last, before.as_deref())?;
        let rows = self.asking.catalogue.campaigns_in(self.edition.id).filter_map(|campaign| {
            let section = self.asking.catalogue.section(campaign.section_id)?;
            let key = SortKey::texts(BY_SECTION, [section.code.as_str()]);
            Some((key, campaign.id.uuid(), Campaign::new(self.asking, campaign)))
        });
        page.of(rows.collect())
    }

    /// The cases of the edition.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn cases(
        &self,
        #[graphql(desc = "Only cases for which all of this holds.")] filter: Option<CaseFilter>,
        #[graphql(desc = "In this order; by name if it is left out.")] order_by: Option<CaseOrder>,
        #[graphql(desc = "The language of texts, before those that the browser asks for.")] language: Option<
            Language,
        >,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Case<'a>>, ApiError> {
        let page = Page::parse(first, after.as_deref(), last, before.as_deref())?;
        let listing = Listing::parse(self.asking, filter, order_by, language)?;
        listing.page(&page, |case| case.edition_id == self.edition.id)
    }

    /// How much was written for it all over the world.
    async fn total(&self) -> Inline<Total<'a>> {
        Inline(Total::new(self.asking, self.edition, TotalScope::Edition))
    }

    /// What people set out to do and took part in, all over the world.
    async fn participation(&self) -> Inline<Participation<'a>> {
        Inline(Participation::new(self.asking, self.edition.id, None))
    }

    /// What its world total was at an instant past; null before the first report.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] instant: DateTime,
    ) -> Result<Option<HistoricTotal>, ApiError> {
        HistoricTotal::find(ctx, self.asking, self.edition.id, instant.0).await
    }

    /// How its world total grew: one point for each hour or day in which it changed, the earliest
    /// first. In between it stayed as it was.
    #[graphql(complexity = "cost::list(history::points(last).unwrap_or(1), child_complexity) + cost::LOOKUP")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether each point stands for an hour or for a day.")]
        resolution: HistoryResolution,
        #[graphql(desc = "How many points, the newest: 1–2,400, 100 if it is left out.")] last: Option<i32>,
        #[graphql(desc = "Only what was counted before this instant.")] until: Option<DateTime>,
    ) -> Result<Vec<HistoryPoint>, ApiError> {
        let until = until.map(|until| until.0);
        history::of(ctx, self.asking, self.edition.id, resolution.into(), last, until).await
    }

    /// Numbers that were announced for it: history beside the count, never added to it.
    async fn published_figures(&self) -> List<Inline<PublishedFigure<'a>>> {
        self.asking.catalogue.figures(self.edition.id).iter().map(PublishedFigure).map(Inline).collect()
    }
}

impl<'a> Edition<'a> {
    /// An edition as it is seen by whoever asks.
    pub(crate) const fn new(asking: &'a RequestContext, edition: &'a domain::Edition) -> Self {
        Self { asking, edition }
    }
}

/// Editions, as a part of what can be read.
#[derive(Default)]
pub(crate) struct EditionQuery;

#[Object(serial)]
impl EditionQuery {
    /// The edition of a year; null if there is none.
    async fn edition<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year that names it.")] year: i32,
    ) -> Option<Inline<Edition<'ctx>>> {
        let asking = RequestContext::of(ctx);
        of_year(asking, year).map(|edition| Inline(Edition::new(asking, edition)))
    }

    /// All editions, the newest first.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn editions<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Edition<'ctx>>, ApiError> {
        let (asking, page) =
            (RequestContext::of(ctx), Page::parse(first, after.as_deref(), last, before.as_deref())?);
        let rows = asking.catalogue.editions().map(|edition| {
            let key = SortKey::descending(BY_YEAR, i64::from(edition.year));
            (key, edition.id.uuid(), Edition::new(asking, edition))
        });
        page.of(rows.collect())
    }
}

/// The edition of a year as typed.
pub(crate) fn of_year(asking: &RequestContext, year: i32) -> Option<&domain::Edition> {
    asking.catalogue.edition_by_year(i16::try_from(year).ok()?)
}
