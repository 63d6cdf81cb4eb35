//! Urgent actions: appeals at any time of the year.

use async_graphql::{Context, ID, InputObject, Object};

use super::{
    RequestContext,
    address::{AddressSource, Authority},
    case::{CaseTopic, WritingRestriction, parse_countries, parse_language},
    cost,
    error::ApiError,
    id,
    page::{Connection, ListOrder, Page, SortKey},
    scalar::{CountryCode, Date, DateTime, Language, TimeZone},
};
use crate::api::domain_enum::domain_enum;

domain_enum! {
    /// The state of an urgent action. Whether it is open for writing depends on its days, too; see `writable`.
    pub(crate) enum UrgentActionState = domain::urgent_action::UrgentActionState {
        /// Issued: open for writing from its first day to its last.
        Issued,
        /// Withdrawn: closed for writing.
        Withdrawn,
    }
}

/// An urgent action in the context of the viewer.
#[derive(Clone)]
pub(crate) struct UrgentAction<'a> {
    request: &'a RequestContext,
    action: &'a domain::UrgentAction,
}

/// An appeal at any time of the year, open for some weeks.
#[Object(serial)]
impl<'a> UrgentAction<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.action.id)
    }

    /// The official number, such as `15/22`.
    async fn number(&self) -> &'a str {
        &self.action.number
    }

    /// The number of the update: 0 as first issued, increased by one with each update.
    async fn update(&self) -> u32 {
        self.action.update
    }

    /// The state of the urgent action, regardless of its days; see `writable`.
    async fn state(&self) -> UrgentActionState {
        self.action.state.into()
    }

    /// Whether it is open for writing: it is not withdrawn, and now is at or after `issuedAt` and before
    /// `expiresAt`. Otherwise nothing should be written, and no address is returned.
    async fn writable(&self) -> bool {
        self.request.catalogue.serves_action(self.action, self.request.now)
    }

    /// The text in one language. The language is chosen in this order: the argument, the `Accept-Language` header,
    /// each matched by CLDR's likely subtags and language distance, as for cases; then English; then another script
    /// of such a language; then the first text.
    async fn text(
        &self,
        #[graphql(desc = "The preferred language.")] language: Option<Language>,
    ) -> Result<UrgentActionText<'a>, ApiError> {
        let wanted = language.map(parse_language).transpose()?;
        let text = self.action.text(&wanted, &*self.request.languages);
        text.map(UrgentActionText).ok_or_else(|| ApiError::internal("an urgent action without a text"))
    }

    /// The texts in all available languages.
    async fn texts(&self) -> Vec<UrgentActionText<'a>> {
        self.action.content.texts.iter().map(UrgentActionText).collect()
    }

    /// The topics.
    async fn topics(&self) -> Vec<CaseTopic> {
        self.action.content.topics.iter().copied().map(CaseTopic::from).collect()
    }

    /// The country where it happens.
    async fn country(&self) -> CountryCode {
        CountryCode::from(&self.action.content.country)
    }

    /// The authorities to write to.
    async fn authorities(&self) -> Vec<Authority<'a>> {
        let (request, appeal) = (self.request, AddressSource::Action(self.action));
        let authorities = self.action.content.authorities.iter();
        authorities.map(|authority| Authority::new(request, appeal, authority)).collect()
    }

    /// Writing restrictions for the safety of the person: what a letter must not contain.
    async fn restrictions(&self) -> Vec<WritingRestriction> {
        self.action.content.restrictions.iter().copied().map(WritingRestriction::from).collect()
    }

    /// The first day of writing.
    async fn issued_on(&self) -> Date {
        self.action.life.issued_on().into()
    }

    /// The last day of writing.
    async fn expires_on(&self) -> Date {
        self.action.life.expires_on().into()
    }

    /// The time zone of both days; default `Europe/London`.
    async fn time_zone(&self) -> TimeZone {
        TimeZone::from(self.action.life.zone())
    }

    /// The first instant of the first day.
    async fn issued_at(&self) -> DateTime {
        self.action.life.issued_at().into()
    }

    /// The first instant after the last day, at which writing has ended.
    async fn expires_at(&self) -> DateTime {
        self.action.life.expires_at().into()
    }

    /// When anything of it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.action.updated_at.into()
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.action.revision
    }
}

impl<'a> UrgentAction<'a> {
    /// An urgent action. Its visibility is checked by [`find`].
    pub(crate) const fn new(request: &'a RequestContext, action: &'a domain::UrgentAction) -> Self {
        Self { request, action }
    }
}

/// Returns the urgent action with this id, if the viewer may see it.
pub(crate) fn find(request: &RequestContext, id: domain::UrgentActionId) -> Option<UrgentAction<'_>> {
    let action = request.catalogue.urgent_action(id).filter(|action| is_known(request, action))?;
    Some(UrgentAction::new(request, action))
}

fn is_known(request: &RequestContext, action: &domain::UrgentAction) -> bool {
    action.is_public(request.now) || request.is_administrator()
}

/// A text of an urgent action.
pub(crate) struct UrgentActionText<'a>(&'a domain::urgent_action::UrgentActionText);

/// The text of an urgent action in one language.
#[Object(serial)]
impl<'a> UrgentActionText<'a> {
    /// The language of all parts.
    async fn language(&self) -> Language {
        Language::from(&self.0.language)
    }

    /// The headline.
    async fn title(&self) -> &'a str {
        &self.0.title
    }

    /// The text: what happened, what to demand, and how to write; null if not written.
    async fn text(&self) -> Option<&'a str> {
        self.0.text.as_deref()
    }
}

/// A filter for urgent actions. All given conditions must match; an empty list matches nothing.
#[derive(Debug, Default, InputObject)]
pub(crate) struct UrgentActionFilter {
    /// With at least one of these topics.
    topics: Option<Vec<CaseTopic>>,
    /// In one of these countries.
    countries: Option<Vec<CountryCode>>,
    /// Open for writing now (`true`), or not (`false`).
    writable: Option<bool>,
}

/// The query fields of urgent actions.
#[derive(Default)]
pub(crate) struct UrgentActionQuery;

#[Object(serial)]
impl UrgentActionQuery {
    /// The urgent action with this global id; null if there is none.
    async fn urgent_action<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Option<UrgentAction<'ctx>> {
        find(RequestContext::of(ctx), id::urgent_action(&id).ok()?)
    }

    /// Urgent actions, newest first.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn urgent_actions<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Returns only urgent actions that match all conditions.")] filter: Option<
            UrgentActionFilter,
        >,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Connection<UrgentAction<'ctx>>, ApiError> {
        let (request, page) = (
            RequestContext::of(ctx),
            Page::parse(ListOrder::UrgentActionsByIssue, first, after.as_deref(), last, before.as_deref())?,
        );
        let UrgentActionFilter { topics, countries, writable } = filter.unwrap_or_default();
        let topics: Option<Vec<_>> = topics.map(|topics| topics.into_iter().map(Into::into).collect());
        let countries = countries.map(parse_countries).transpose()?;
        let wanted = request.catalogue.urgent_actions().filter(|action| {
            let is_about = |topics: &Vec<_>| action.content.topics.iter().any(|it| topics.contains(it));
            is_known(request, action)
                && topics.as_ref().is_none_or(is_about)
                && countries.as_ref().is_none_or(|among| among.contains(&action.content.country))
                && writable
                    .is_none_or(|wanted| wanted == request.catalogue.serves_action(action, request.now))
        });
        let rows = wanted.map(|action| {
            let key = SortKey::descending(
                ListOrder::UrgentActionsByIssue,
                action.life.issued_at().as_microsecond(),
            );
            (key, action.id.uuid(), UrgentAction::new(request, action))
        });
        Ok(page.of(rows.collect()))
    }
}
