//! Urgent actions: appeals at any time of the year.

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::{
    RequestContext,
    address::{AddressSource, Authority},
    case::{Restriction, Topic, parse_countries, parse_language},
    cost,
    error::ApiError,
    id,
    page::{Connection, Page, SortKey},
    scalar::{CountryCode, Date, DateTime, Language, TimeZone},
};

/// The order of urgent actions, see [`Key`].
const BY_ISSUE: u8 = 32;

/// Where an urgent action stands. Whether people may write follows from the days as well; see
/// `writable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::urgent_action::UrgentActionState")]
pub(crate) enum UrgentActionState {
    /// People write from its first day to its last.
    Issued,
    /// Nobody should write any more.
    Withdrawn,
}

/// An urgent action as it is seen by whoever asks.
#[derive(Clone)]
pub(crate) struct UrgentAction<'a> {
    asking: &'a RequestContext,
    action: &'a domain::UrgentAction,
}

/// An appeal at any time of the year, for some weeks.
#[Object(serial)]
impl<'a> UrgentAction<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.action.id)
    }

    /// The number that it is known by, such as `15/22`.
    async fn number(&self) -> &'a str {
        &self.action.number
    }

    /// 0 as it was first issued; grows by one with each update.
    async fn update(&self) -> u32 {
        self.action.update
    }

    /// Where it stands.
    async fn state(&self) -> UrgentActionState {
        self.action.state.into()
    }

    /// Whether people may write now: it is not withdrawn, and now lies between `issuedAt`, included, and
    /// `expiresAt`, excluded. Nobody should write otherwise, and no address is given.
    async fn writable(&self) -> bool {
        self.asking.catalogue.serves_action(self.action, self.asking.now)
    }

    /// What to read about it, in one language, which the text names: that of the argument, else the first
    /// that the browser asks for, each served by a wider or narrower form of it; else English, else the
    /// first text there is.
    async fn text(
        &self,
        #[graphql(desc = "The language that you would like best.")] language: Option<Language>,
    ) -> Result<UrgentActionText<'a>, ApiError> {
        let wanted = language.map(parse_language).transpose()?;
        let text = self.action.text(wanted.iter().chain(&*self.asking.languages));
        text.map(UrgentActionText).ok_or_else(|| ApiError::internal("an urgent action without a text"))
    }

    /// What to read about it, in every language there is.
    async fn texts(&self) -> Vec<UrgentActionText<'a>> {
        self.action.content.texts.iter().map(UrgentActionText).collect()
    }

    /// What it is about.
    async fn topics(&self) -> Vec<Topic> {
        self.action.content.topics.iter().copied().map(Topic::from).collect()
    }

    /// The country where it happens.
    async fn country(&self) -> CountryCode {
        CountryCode::from(&self.action.content.country)
    }

    /// Whom to write to.
    async fn authorities(&self) -> Vec<Authority<'a>> {
        let (asking, appeal) = (self.asking, AddressSource::Action(self.action));
        let authorities = self.action.content.authorities.iter();
        authorities.map(|authority| Authority::new(asking, appeal, authority)).collect()
    }

    /// What must not be in a letter, for the safety of the person.
    async fn restrictions(&self) -> Vec<Restriction> {
        self.action.content.restrictions.iter().copied().map(Restriction::from).collect()
    }

    /// The first day of writing.
    async fn issued_on(&self) -> Date {
        self.action.life.issued_on().into()
    }

    /// The last day of writing.
    async fn expires_on(&self) -> Date {
        self.action.life.expires_on().into()
    }

    /// The time zone of both days; London unless it was said otherwise.
    async fn time_zone(&self) -> TimeZone {
        TimeZone::from(self.action.life.zone())
    }

    /// The first instant of the first day.
    async fn issued_at(&self) -> DateTime {
        self.action.life.issued_at().into()
    }

    /// The first instant after the last day, at which nobody may write any more.
    async fn expires_at(&self) -> DateTime {
        self.action.life.expires_at().into()
    }

    /// When it last changed in any way.
    async fn changed_at(&self) -> DateTime {
        self.action.changed_at.into()
    }

    /// Grows by one with each change. A change names the revision that it changes.
    async fn revision(&self) -> u32 {
        self.action.revision
    }
}

impl<'a> UrgentAction<'a> {
    /// An urgent action. Whether it may be known of is for [`find`] to say.
    pub(crate) const fn new(asking: &'a RequestContext, action: &'a domain::UrgentAction) -> Self {
        Self { asking, action }
    }
}

/// The urgent action with this identity, if whoever asks may know of it.
pub(crate) fn find(asking: &RequestContext, id: domain::UrgentActionId) -> Option<UrgentAction<'_>> {
    let action = asking.catalogue.urgent_action(id).filter(|action| is_known(asking, action))?;
    Some(UrgentAction::new(asking, action))
}

fn is_known(asking: &RequestContext, action: &domain::UrgentAction) -> bool {
    action.is_public(asking.now) || asking.is_administrator()
}

/// A text about an urgent action.
pub(crate) struct UrgentActionText<'a>(&'a domain::urgent_action::UrgentActionText);

/// What people read about an urgent action, in one language.
#[Object(serial)]
impl<'a> UrgentActionText<'a> {
    /// The language of all of it.
    async fn language(&self) -> Language {
        Language::from(&self.0.language)
    }

    /// A headline.
    async fn title(&self) -> &'a str {
        &self.0.title
    }

    /// What happened, what to ask, and how; null where nobody wrote it.
    async fn text(&self) -> Option<&'a str> {
        self.0.text.as_deref()
    }
}

/// Which urgent actions: those for which all that is given holds. An empty list lets nothing through.
#[derive(Debug, Default, InputObject)]
pub(crate) struct UrgentActionFilter {
    /// About at least one of these topics.
    topics: Option<Vec<Topic>>,
    /// In one of these countries.
    countries: Option<Vec<CountryCode>>,
    /// Those that people may write for now, or those that they may not.
    writable: Option<bool>,
}

/// Urgent actions, as a part of what can be read.
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

    /// Urgent actions, the newest first.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn urgent_actions<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Only urgent actions for which all of this holds.")] filter: Option<
            UrgentActionFilter,
        >,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<UrgentAction<'ctx>>, ApiError> {
        let (asking, page) =
            (RequestContext::of(ctx), Page::parse(first, after.as_deref(), last, before.as_deref())?);
        let UrgentActionFilter { topics, countries, writable } = filter.unwrap_or_default();
        let topics: Option<Vec<_>> = topics.map(|topics| topics.into_iter().map(Into::into).collect());
        let countries = countries.map(parse_countries).transpose()?;
        let wanted = asking.catalogue.urgent_actions().filter(|action| {
            let is_about = |topics: &Vec<_>| action.content.topics.iter().any(|it| topics.contains(it));
            is_known(asking, action)
                && topics.as_ref().is_none_or(is_about)
                && countries.as_ref().is_none_or(|among| among.contains(&action.content.country))
                && writable.is_none_or(|wanted| wanted == asking.catalogue.serves_action(action, asking.now))
        });
        let rows = wanted.map(|action| {
            let key = SortKey::descending(BY_ISSUE, action.life.issued_at().as_microsecond());
            (key, action.id.uuid(), UrgentAction::new(asking, action))
        });
        page.of(rows.collect())
    }
}
