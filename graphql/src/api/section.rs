//! Sections: the bodies that run editions in their areas.

use async_graphql::{Context, ID, Object};

use super::{
    RequestContext,
    campaign::Campaign,
    cost,
    error::ApiError,
    id,
    page::{Connection, ListOrder, Page, SortKey},
    scalar::{CountryCode, Language, TimeZone},
};

/// A section and the context it is read in.
#[derive(Clone, Copy)]
pub(crate) struct Section<'a> {
    request: &'a RequestContext,
    section: &'a domain::Section,
}

/// A body that runs editions of the campaign in its area. A section is not a country: Canada has two, and the
/// International Secretariat is one without a country.
#[Object(serial)]
impl<'a> Section<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.section.id)
    }

    /// The identifier used in URLs and files, such as `ca-fr`.
    async fn code(&self) -> &'a str {
        &self.section.code
    }

    /// The name.
    async fn name(&self) -> &'a str {
        &self.section.name
    }

    /// The country it works in; null for a section without a country.
    async fn country(&self) -> Option<CountryCode> {
        self.section.country.as_ref().map(CountryCode::from)
    }

    /// The languages it writes in, main language first.
    async fn languages(&self) -> Vec<Language> {
        self.section.languages.iter().map(Language::from).collect()
    }

    /// The time zone, the default for its campaigns.
    async fn time_zone(&self) -> TimeZone {
        TimeZone::from(&self.section.zone)
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.section.revision
    }

    /// Its campaigns, newest edition first.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn campaigns(
        &self,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Campaign<'a>>, ApiError> {
        let page = Page::parse(ListOrder::CampaignsByYear, first, after.as_deref(), last, before.as_deref())?;
        let of_section =
            self.request.catalogue.campaigns().filter(|campaign| campaign.section_id == self.section.id);
        let rows = of_section.filter_map(|campaign| {
            let year = self.request.catalogue.edition(campaign.edition_id)?.year;
            let key = SortKey::descending(ListOrder::CampaignsByYear, i64::from(year));
            Some((key, campaign.id.uuid(), Campaign::new(self.request, campaign)))
        });
        Ok(page.of(rows.collect()))
    }
}

impl<'a> Section<'a> {
    /// A section in the context of the viewer.
    pub(crate) const fn new(request: &'a RequestContext, section: &'a domain::Section) -> Self {
        Self { request, section }
    }
}

/// The query fields of sections.
#[derive(Default)]
pub(crate) struct SectionQuery;

#[Object(serial)]
impl SectionQuery {
    /// The section with this code; null if there is none.
    async fn section<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The code, such as `ca-fr`.")] code: String,
    ) -> Option<Section<'ctx>> {
        let request = RequestContext::of(ctx);
        request.catalogue.section_by_code(&code).map(|section| Section::new(request, section))
    }

    /// All sections, by code.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn sections<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Section<'ctx>>, ApiError> {
        let (request, page) = (
            RequestContext::of(ctx),
            Page::parse(ListOrder::SectionsByCode, first, after.as_deref(), last, before.as_deref())?,
        );
        let rows = request.catalogue.sections().map(|section| {
            let key = SortKey::texts(ListOrder::SectionsByCode, [section.code.as_str()]);
            (key, section.id.uuid(), Section::new(request, section))
        });
        Ok(page.of(rows.collect()))
    }
}
