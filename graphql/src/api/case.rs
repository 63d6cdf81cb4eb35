//! Cases: the people and groups that the campaign is for.

use async_graphql::{Context, ID, Object};
use domain::total::TotalScope;
use graphql_engine::inline::{Inline, InlineList};

use super::{
    RequestContext,
    address::{AddressSource, Authority, Solidarity},
    cost,
    edition::{self, Edition},
    error::ApiError,
    id,
    page::{Connection, Page},
    resource::{self, Resource},
    scalar::{CountryCode, Date, DateTime, Language, Url},
    total::{
        HistoricTotal, Total,
        history::{self, HistoryPoint, HistoryResolution},
    },
};
use crate::access::{self, CaseAccess};

mod enums;
mod list;
mod text;

pub(crate) use enums::{
    CaseKind, CaseOutcomeKind, CaseState, CaseTopic, CloseReason, SolidarityChannel, WritingRestriction,
};
pub(crate) use list::{CaseFilter, CaseOrder, Listing, parse_countries};
use text::CaseText;

/// A case, the context it is read in, and the language argument of its list.
#[derive(Clone)]
pub(crate) struct Case<'a> {
    request: &'a RequestContext,
    case: &'a domain::Case,
    language: Option<domain::Language>,
}

/// The case of a person, group, community or organisation to write for, in one edition.
#[Object(serial)]
impl<'a> Case<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.case.id)
    }

    /// The identifier used in URLs; unique within the edition.
    async fn slug(&self) -> &'a str {
        &self.case.slug
    }

    /// The edition it belongs to.
    async fn edition(&self) -> Result<Inline<Edition<'a>>, ApiError> {
        self.edition_of().map(|edition| Inline(Edition::new(self.request, edition)))
    }

    /// The state of the case. Unless it is `PUBLISHED`, nothing should be written.
    async fn state(&self) -> CaseState {
        self.case.state.into()
    }

    /// Since when people are asked not to write for the case: since it was suspended, or else closed. Letters
    /// written before still count: a report gives their day (`writtenOn`), or is of an event that had begun. Null
    /// while people write, for a draft, and where it is not known.
    async fn writing_stopped_at(&self) -> Option<DateTime> {
        self.case.writing_stopped_at.map(DateTime::from)
    }

    /// Why the case was closed; null unless it is closed.
    async fn close_reason(&self) -> Option<CloseReason> {
        self.case.state.close_reason().map(CloseReason::from)
    }

    /// The name of the person, group, community or organisation.
    async fn name(&self) -> &'a str {
        &self.case.content.name
    }

    /// The kind of subject.
    async fn kind(&self) -> CaseKind {
        self.case.content.kind.into()
    }

    /// The country where it happens.
    async fn country(&self) -> CountryCode {
        CountryCode::from(&self.case.content.country)
    }

    /// The topics.
    async fn topics(&self) -> InlineList<CaseTopic> {
        self.case.content.topics.iter().copied().map(CaseTopic::from).collect()
    }

    /// The text in one language. The language is chosen in this order: the argument of this field, the
    /// argument of the list, the `Accept-Language` header, each matched by CLDR's likely subtags and language
    /// distance (`zh-TW` is served by `zh-Hant`, `nn` by `nb`, `fr` and `fr-CA` by each other); then English; then
    /// another script of such a language; then the first text. Null if there is no text.
    async fn text(
        &self,
        #[graphql(desc = "The preferred language.")] language: Option<Language>,
    ) -> Result<Option<Inline<CaseText<'a>>>, ApiError> {
        let wanted = language.map(parse_language).transpose()?;
        Ok(self
            .case
            .text(wanted.iter().chain(&self.language), &*self.request.languages)
            .map(CaseText)
            .map(Inline))
    }

    /// The texts in all available languages.
    async fn texts(&self) -> InlineList<Inline<CaseText<'a>>> {
        self.case.content.texts.iter().map(CaseText).map(Inline).collect()
    }

    /// The authorities to write to.
    async fn authorities(&self) -> InlineList<Inline<Authority<'a>>> {
        let authorities = self.case.content.authorities.iter();
        let appeal = AddressSource::Case(self.case);
        authorities.map(|authority| Inline(Authority::new(self.request, appeal, authority))).collect()
    }

    /// The channel for messages of solidarity to the person, and their writing restrictions.
    async fn solidarity(&self) -> Inline<Solidarity<'a>> {
        Inline(Solidarity::new(self.request, self.case))
    }

    /// Outcomes, earliest first; they may be years later.
    async fn outcomes(&self) -> InlineList<Inline<CaseOutcome<'a>>> {
        self.case.outcomes.iter().map(CaseOutcome).map(Inline).collect()
    }

    /// Resources to download or order, by kind and title. Empty unless the case is `PUBLISHED`; resources
    /// that may contain an address are included only while a campaign is open.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn resources(&self) -> Vec<Resource<'a>> {
        resource::about(self.request, self.case.id)
    }

    /// Sources of the facts.
    async fn sources(&self) -> InlineList<Url> {
        self.case.content.sources.iter().map(Url::from).collect()
    }

    /// The recorded consent of the person or their representatives. Visible to administrators; null to
    /// others.
    async fn consent(&self) -> Option<Consent<'a>> {
        let access = access::case_access(self.request.viewer, self.case.state);
        self.case.consent.as_ref().filter(|_| access == CaseAccess::Administrator).map(Consent)
    }

    /// When anything of it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.case.updated_at.into()
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.case.revision
    }

    /// The total for this case, worldwide or in one section; null if there is no such section.
    async fn total(
        &self,
        #[graphql(desc = "The code of a section; worldwide if omitted.")] section: Option<String>,
    ) -> Result<Option<Inline<Total<'a>>>, ApiError> {
        let scope = self.scope(section.as_deref());
        let edition = self.edition_of()?;
        Ok(scope.map(|scope| Inline(Total::new(self.request, edition, scope))))
    }

    /// The total for this case, worldwide or in one section, at a past instant; null before the first report and before
    /// `Edition.scopesRecordedSince`, and if there is no such section.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] instant: DateTime,
        #[graphql(desc = "The code of a section; worldwide if omitted.")] section: Option<String>,
    ) -> Result<Option<HistoricTotal>, ApiError> {
        let Some(scope) = self.scope(section.as_deref()) else { return Ok(None) };
        HistoricTotal::find(ctx, self.request, (self.case.edition_id, scope), instant.0).await
    }

    /// The total for this case, worldwide or in one section, so many hours after 10 December, 00:00 UTC, of the edition's year: the same moment in each
    /// edition, so that years can be compared side by side. Null before the first report and before `Edition.scopesRecordedSince`, if there is no such section, and
    /// while the moment is still to come.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at_offset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hours since then; below zero for a moment before it.")] hours: i32,
        #[graphql(desc = "The code of a section; worldwide if omitted.")] section: Option<String>,
    ) -> Result<Option<HistoricTotal>, ApiError> {
        let Some(scope) = self.scope(section.as_deref()) else { return Ok(None) };
        HistoricTotal::find_at_offset(ctx, self.request, (self.edition_of()?, scope), hours).await
    }

    /// The growth of the total for this case, worldwide or in one section: one point per hour or day in which it changed, earliest first. Between two
    /// points it did not change. Null if there is no such section.
    #[graphql(complexity = "cost::list(history::points(last).unwrap_or(1), child_complexity) + cost::LOOKUP")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The length of the interval that each point stands for.")]
        resolution: HistoryResolution,
        #[graphql(desc = "The number of most recent points: 0–2,400, default 100.")] last: Option<i32>,
        #[graphql(desc = "Returns only what was counted before this instant.")] until: Option<DateTime>,
        #[graphql(desc = "The code of a section; worldwide if omitted.")] section: Option<String>,
    ) -> Result<Option<Vec<HistoryPoint>>, ApiError> {
        let Some(scope) = self.scope(section.as_deref()) else { return Ok(None) };
        let scope = (self.case.edition_id, scope);
        history::of(ctx, self.request, scope, resolution, last, until).await.map(Some)
    }
}

impl<'a> Case<'a> {
    /// Wraps a case. The caller checks its visibility with [`Asking::case`].
    pub(crate) const fn new(request: &'a RequestContext, case: &'a domain::Case) -> Self {
        Self { request, case, language: None }
    }

    /// The same, with a preferred language.
    pub(crate) fn in_language(self, language: Option<domain::Language>) -> Self {
        Self { language, ..self }
    }

    /// The scope of its total, worldwide or in the section with this code; `None` if there is no such section.
    fn scope(&self, section: Option<&str>) -> Option<TotalScope> {
        let Some(code) = section else { return Some(TotalScope::Case(self.case.id)) };
        let section = self.request.catalogue.section_by_code(code)?;
        Some(TotalScope::SectionCase(section.id, self.case.id))
    }

    fn edition_of(&self) -> Result<&'a domain::Edition, ApiError> {
        let edition = self.request.catalogue.edition(self.case.edition_id);
        edition.ok_or_else(|| ApiError::internal("a case without its edition"))
    }
}

/// An outcome of a case.
pub(crate) struct CaseOutcome<'a>(&'a domain::case::CaseOutcome);

/// An outcome of a case, on one day.
#[Object(serial)]
impl<'a> CaseOutcome<'a> {
    /// The day of the outcome.
    async fn on(&self) -> Date {
        self.0.on.into()
    }

    /// The kind of outcome.
    async fn kind(&self) -> CaseOutcomeKind {
        self.0.kind.into()
    }

    /// The news as text.
    async fn text(&self) -> &'a str {
        &self.0.text
    }

    /// The source of the news.
    async fn source(&self) -> Option<Url> {
        self.0.source.as_ref().map(Url::from)
    }
}

/// A recorded consent.
pub(crate) struct Consent<'a>(&'a domain::case::CaseConsent);

/// The consent of the person, or of their representatives, to the campaign for them.
#[Object(serial)]
impl<'a> Consent<'a> {
    /// The day on which it was given.
    async fn on(&self) -> Date {
        self.0.on.into()
    }

    /// The name of the consenting person.
    async fn by(&self) -> &'a str {
        &self.0.by
    }
}

/// The query fields of cases.
#[derive(Default)]
pub(crate) struct CaseQuery;

#[Object(serial)]
impl CaseQuery {
    /// The case of an edition with this slug; null if there is none.
    async fn case<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(desc = "The slug of the case.")] slug: String,
        #[graphql(desc = "The preferred language of texts, before `Accept-Language`.")] language: Option<
            Language,
        >,
    ) -> Result<Option<Case<'ctx>>, ApiError> {
        let request = RequestContext::of(ctx);
        let language = language.map(parse_language).transpose()?;
        let case = edition::of_year(request, edition)
            .and_then(|edition| request.catalogue.case_by_slug(edition.id, &slug))
            .filter(|case| request.can_see(case.state));
        Ok(case.map(|case| Case::new(request, case).in_language(language)))
    }

    /// Cases of all editions.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn cases<'ctx>(
        &self,
        ctx: &Context<'ctx>,
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
    ) -> Result<Connection<Case<'ctx>>, ApiError> {
        let page = Page::parse(
            order_by.unwrap_or_default().list_order(),
            first,
            after.as_deref(),
            last,
            before.as_deref(),
        )?;
        Listing::parse(RequestContext::of(ctx), filter, order_by, language)?.page(&page, |_| true)
    }
}

/// Parses a language argument.
pub(crate) fn parse_language(typed: Language) -> Result<domain::Language, ApiError> {
    domain::Language::parse(&typed.0)
        .map_err(|_| ApiError::bad_input("`language` is not a language of the BCP 47 registry."))
}
