//! Cases: whom people write for.

use async_graphql::{Context, ID, Object};
use domain::total::TotalScope;

use super::{
    RequestContext,
    address::{AddressSource, Authority, Solidarity},
    cost,
    edition::{self, Edition},
    error::ApiError,
    id,
    inline::{Inline, List},
    page::{Connection, Page},
    resource::{self, Resource},
    scalar::{CountryCode, Date, DateTime, Language, Url},
    total::Total,
};

mod enums;
mod list;
mod text;

pub(crate) use enums::{
    CaseKind, CaseState, CloseReason, OutcomeKind, Restriction, SolidarityChannel, Topic,
};
pub(crate) use list::{CaseFilter, CaseOrder, Listing, parse_countries};
use text::CaseText;

/// A case, what it is seen by, and the language that its list was asked for in.
#[derive(Clone)]
pub(crate) struct Case<'a> {
    asking: &'a RequestContext,
    case: &'a domain::Case,
    language: Option<domain::Language>,
}

/// A person, group, community or organisation to write for, in one edition.
#[Object(serial)]
impl<'a> Case<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.case.id)
    }

    /// The short name that stands in addresses; unique in its edition.
    async fn slug(&self) -> &'a str {
        &self.case.slug
    }

    /// The edition that owns it.
    async fn edition(&self) -> Result<Inline<Edition<'a>>, ApiError> {
        self.edition_of().map(|edition| Inline(Edition::new(self.asking, edition)))
    }

    /// Where it stands. Nobody should write unless it is `PUBLISHED`.
    async fn state(&self) -> CaseState {
        self.case.state.into()
    }

    /// Why it was closed; null unless it is.
    async fn close_reason(&self) -> Option<CloseReason> {
        self.case.state.close_reason().map(CloseReason::from)
    }

    /// The name of the person, group, community or organisation.
    async fn name(&self) -> &'a str {
        &self.case.content.name
    }

    /// What they are.
    async fn kind(&self) -> CaseKind {
        self.case.content.kind.into()
    }

    /// The country where it happens.
    async fn country(&self) -> CountryCode {
        CountryCode::from(&self.case.content.country)
    }

    /// What it is about.
    async fn topics(&self) -> List<Topic> {
        self.case.content.topics.iter().copied().map(Topic::from).collect()
    }

    /// What to read about it, in one language. The text says which language it is in: that of the
    /// argument, else that of the list, else the first that the browser asks for, each served by a
    /// wider or narrower form of it; else English, else the first text there is. Null where there is
    /// no text at all.
    async fn text(
        &self,
        #[graphql(desc = "The language that you would like best.")] language: Option<Language>,
    ) -> Result<Option<Inline<CaseText<'a>>>, ApiError> {
        let wanted = language.map(parse_language).transpose()?;
        let wanted = wanted.iter().chain(&self.language).chain(&*self.asking.languages);
        Ok(self.case.text(wanted).map(CaseText).map(Inline))
    }

    /// What to read about it, in every language there is.
    async fn texts(&self) -> List<Inline<CaseText<'a>>> {
        self.case.content.texts.iter().map(CaseText).map(Inline).collect()
    }

    /// Whom to write to.
    async fn authorities(&self) -> List<Inline<Authority<'a>>> {
        let authorities = self.case.content.authorities.iter();
        let appeal = AddressSource::Case(self.case);
        authorities.map(|authority| Inline(Authority::new(self.asking, appeal, authority))).collect()
    }

    /// How a message of solidarity reaches the person, and what must not be in it.
    async fn solidarity(&self) -> Inline<Solidarity<'a>> {
        Inline(Solidarity::new(self.asking, self.case))
    }

    /// What became of it, the earliest first; news may come years later.
    async fn outcomes(&self) -> List<Inline<Outcome<'a>>> {
        self.case.outcomes.iter().map(Outcome).map(Inline).collect()
    }

    /// What there is to download or order for it, by kind and title: nothing unless the case is
    /// `PUBLISHED`, and what may carry an address only while people may write.
    #[graphql(complexity = "cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn resources(&self) -> Vec<Resource<'a>> {
        resource::about(self.asking, self.case.id)
    }

    /// Where the facts come from.
    async fn sources(&self) -> List<Url> {
        self.case.content.sources.iter().map(Url::from).collect()
    }

    /// That the person, or those who speak for them, agreed to be written for. For administrators;
    /// null to anyone else.
    async fn consent(&self) -> Option<Consent<'a>> {
        self.case.consent.as_ref().filter(|_| self.asking.is_administrator()).map(Consent)
    }

    /// When it last changed in any way.
    async fn changed_at(&self) -> DateTime {
        self.case.changed_at.into()
    }

    /// Grows by one with each change. A change names the revision that it changes.
    async fn revision(&self) -> u32 {
        self.case.revision
    }

    /// How much was written for it, all over the world or in one section; null where there is no
    /// such section.
    async fn total(
        &self,
        #[graphql(desc = "The code of a section.")] section: Option<String>,
    ) -> Result<Option<Inline<Total<'a>>>, ApiError> {
        let scope = match section {
            None => Some(TotalScope::Case(self.case.id)),
            Some(code) => self
                .asking
                .catalogue
                .section_by_code(&code)
                .map(|section| TotalScope::SectionCase(section.id, self.case.id)),
        };
        let edition = self.edition_of()?;
        Ok(scope.map(|scope| Inline(Total::new(self.asking, edition, scope))))
    }
}

impl<'a> Case<'a> {
    /// A case. Whether it may be known of is for [`Asking::case`] to say.
    pub(crate) const fn new(asking: &'a RequestContext, case: &'a domain::Case) -> Self {
        Self { asking, case, language: None }
    }

    /// The same, read in a language.
    pub(crate) fn in_language(self, language: Option<domain::Language>) -> Self {
        Self { language, ..self }
    }

    fn edition_of(&self) -> Result<&'a domain::Edition, ApiError> {
        let edition = self.asking.catalogue.edition(self.case.edition_id);
        edition.ok_or_else(|| ApiError::internal("a case without its edition"))
    }
}

/// What became of a case.
pub(crate) struct Outcome<'a>(&'a domain::case::CaseOutcome);

/// What became of a case on a day.
#[Object(serial)]
impl<'a> Outcome<'a> {
    /// The day.
    async fn on(&self) -> Date {
        self.0.on.into()
    }

    /// What kind of news it is.
    async fn kind(&self) -> OutcomeKind {
        self.0.kind.into()
    }

    /// The news in words.
    async fn text(&self) -> &'a str {
        &self.0.text
    }

    /// Where it was told.
    async fn source(&self) -> Option<Url> {
        self.0.source.as_ref().map(Url::from)
    }
}

/// A recorded consent.
pub(crate) struct Consent<'a>(&'a domain::case::CaseConsent);

/// That the person, or those who speak for them, agreed to be written for.
#[Object(serial)]
impl<'a> Consent<'a> {
    /// The day it was given.
    async fn on(&self) -> Date {
        self.0.on.into()
    }

    /// Who gave it.
    async fn by(&self) -> &'a str {
        &self.0.by
    }
}

/// Cases, as a part of what can be read.
#[derive(Default)]
pub(crate) struct CaseQuery;

#[Object(serial)]
impl CaseQuery {
    /// The case of an edition with this slug; null if there is none.
    async fn case<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(desc = "The short name.")] slug: String,
        #[graphql(desc = "The language of texts, before those that the browser asks for.")] language: Option<
            Language,
        >,
    ) -> Result<Option<Case<'ctx>>, ApiError> {
        let asking = RequestContext::of(ctx);
        let language = language.map(parse_language).transpose()?;
        let case = edition::of_year(asking, edition)
            .and_then(|edition| asking.catalogue.case_by_slug(edition.id, &slug))
            .filter(|case| asking.can_see(case.state));
        Ok(case.map(|case| Case::new(asking, case).in_language(language)))
    }

    /// Cases of all editions.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn cases<'ctx>(
        &self,
        ctx: &Context<'ctx>,
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
    ) -> Result<Connection<Case<'ctx>>, ApiError> {
        let page = Page::parse(first, after.as_deref(), last, before.as_deref())?;
        Listing::parse(RequestContext::of(ctx), filter, order_by, language)?.page(&page, |_| true)
    }
}

/// The language of an argument.
pub(crate) fn parse_language(typed: Language) -> Result<domain::Language, ApiError> {
    domain::Language::parse(&typed.0)
        .map_err(|_| ApiError::bad_input("`language` is not a language of the BCP 47 registry."))
}
