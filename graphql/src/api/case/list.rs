//! Lists of cases: filter and order.

use async_graphql::{Enum, InputObject};
use domain::{
    CampaignId, EditionId,
    catalogue::Catalogue,
    text::{self, Collation},
};
use jiff::Timestamp;

use super::{Case, CaseState, CaseTopic, parse_language};
use crate::api::{
    RequestContext, edition,
    error::ApiError,
    page::{Connection, ListOrder, Page, SortKey},
    scalar::{CountryCode, DateTime, Language},
};

/// The maximum length of a search text: longer than any name; search texts are typed by hand.
const MAX_SEARCH: usize = 200;
/// The maximum number of countries in a filter: about as many as there are.
const MAX_FILTER: usize = 250;

/// A filter for cases. All given conditions must match; an empty list matches nothing.
#[derive(Debug, Default, InputObject)]
pub(crate) struct CaseFilter {
    /// In the edition of this year.
    edition: Option<i32>,
    /// In one of these countries.
    countries: Option<Vec<CountryCode>>,
    /// With at least one of these topics.
    topics: Option<Vec<CaseTopic>>,
    /// In one of these states. Drafts are visible to administrators only.
    states: Option<Vec<CaseState>>,
    /// Included in a campaign of the section with this code.
    section: Option<String>,
    /// Containing each of these words in the name or the texts. Case, accents, strokes, apostrophes and hyphens make
    /// no difference (primary strength of the Unicode Collation Algorithm); vowel signs do. At most 200 characters.
    /// Addresses are never searched.
    text: Option<String>,
    /// Changed at or after this instant: for incremental synchronization, with the order
    /// `OLDEST_UPDATE_FIRST`.
    updated_since: Option<DateTime>,
}

/// The order of a list of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum CaseOrder {
    /// By name, in the alphabetical order of the reader's language (Unicode Collation Algorithm with the tailorings
    /// of CLDR): the argument `language`, else the first of `Accept-Language`.
    #[default]
    Name,
    /// By country code, then by name.
    Country,
    /// Most recent change first.
    NewestUpdateFirst,
    /// Oldest change first, for incremental synchronization.
    OldestUpdateFirst,
}

impl CaseOrder {
    /// The order that cursors name.
    pub(crate) const fn list_order(self) -> ListOrder {
        match self {
            Self::Name => ListOrder::CasesByName,
            Self::Country => ListOrder::CasesByCountry,
            Self::NewestUpdateFirst => ListOrder::CasesByNewestUpdate,
            Self::OldestUpdateFirst => ListOrder::CasesByOldestUpdate,
        }
    }

    /// The sort key of a case.
    fn key(self, case: &domain::Case, catalogue: &Catalogue, collation: Option<&Collation>) -> SortKey {
        let of_reader = collation.map(|collation| collation.sort_key(&case.content.name));
        let name = of_reader.as_deref().unwrap_or_else(|| catalogue.sort_key(case.id));
        let updated_at = case.updated_at.as_microsecond();
        let order = self.list_order();
        match self {
            Self::Name => SortKey::parts(order, [name]),
            Self::Country => SortKey::parts(order, [case.content.country.as_str().as_bytes(), name]),
            Self::NewestUpdateFirst => SortKey::descending(order, updated_at),
            Self::OldestUpdateFirst => SortKey::ascending(order, updated_at),
        }
    }
}

/// A requested list of cases.
pub(crate) struct Listing<'a> {
    request: &'a RequestContext,
    order: CaseOrder,
    language: Option<domain::Language>,
    edition: Option<Option<EditionId>>,
    /// The campaigns of the section, one of which must include the case.
    campaigns: Option<Vec<CampaignId>>,
    countries: Option<Vec<domain::Country>>,
    topics: Option<Vec<domain::case::CaseTopic>>,
    states: Option<Vec<CaseState>>,
    words: Vec<String>,
    updated_since: Option<Timestamp>,
}

impl<'a> Listing<'a> {
    /// Parses the arguments of the list.
    pub(crate) fn parse(
        request: &'a RequestContext,
        filter: Option<CaseFilter>,
        order: Option<CaseOrder>,
        language: Option<Language>,
    ) -> Result<Self, ApiError> {
        let filter = filter.unwrap_or_default();
        let countries = filter.countries.map(parse_countries).transpose()?;
        let topics: Option<Vec<_>> = filter.topics.map(|topics| topics.into_iter().map(Into::into).collect());
        let text = filter.text.unwrap_or_default();
        if text.chars().count() > MAX_SEARCH {
            return Err(ApiError::bad_input(format!("`text` has at most {MAX_SEARCH} characters.")));
        }
        Ok(Self {
            request,
            order: order.unwrap_or_default(),
            language: language.map(parse_language).transpose()?,
            edition: filter.edition.map(|year| edition::of_year(request, year).map(|edition| edition.id)),
            campaigns: filter.section.map(|code| campaigns_of(request, &code)),
            countries,
            topics,
            states: filter.states,
            words: text::search_words(&text),
            updated_since: filter.updated_since.map(|since| since.0),
        })
    }

    /// Returns a page of the cases that `within` accepts, too.
    pub(crate) fn page(
        &self,
        page: &Page,
        within: impl Fn(&domain::Case) -> bool,
    ) -> Result<Connection<Case<'a>>, ApiError> {
        let cases = self.request.catalogue.cases().filter(|case| within(case) && self.takes(case));
        let reader = self.language.as_ref().or(self.request.languages.first());
        let collation = reader.map(|language| Collation::of(Some(language)));
        let rows = cases.map(|case| {
            let shown = Case::new(self.request, case).in_language(self.language.clone());
            (self.order.key(case, &self.request.catalogue, collation.as_ref()), case.id.uuid(), shown)
        });
        Ok(page.of(rows.collect()))
    }

    fn takes(&self, case: &domain::Case) -> bool {
        let search = self.request.catalogue.search_text(case.id);
        self.request.can_see(case.state)
            && self.edition.is_none_or(|edition| edition == Some(case.edition_id))
            && among(self.countries.as_deref(), &case.content.country)
            && among(self.states.as_deref(), &case.state.into())
            && self
                .topics
                .as_ref()
                .is_none_or(|topics| case.content.topics.iter().any(|topic| topics.contains(topic)))
            && self.updated_since.is_none_or(|since| case.updated_at >= since)
            && self.campaigns.as_deref().is_none_or(|campaigns| self.is_picked(case, campaigns))
            && self.words.iter().all(|word| search.contains(word.as_str()))
    }

    fn is_picked(&self, case: &domain::Case, campaigns: &[CampaignId]) -> bool {
        campaigns
            .iter()
            .filter_map(|id| self.request.catalogue.campaign(*id))
            .any(|campaign| campaign.edition_id == case.edition_id && campaign.picks.contains(case.id))
    }
}

fn among<T: PartialEq>(wanted: Option<&[T]>, value: &T) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(value))
}

fn campaigns_of(request: &RequestContext, code: &str) -> Vec<CampaignId> {
    let section = request.catalogue.section_by_code(code);
    let campaigns = section.into_iter().flat_map(|section| {
        request.catalogue.campaigns().filter(|campaign| campaign.section_id == section.id)
    });
    campaigns.map(|campaign| campaign.id).collect()
}

/// Parses the countries of a filter.
pub(crate) fn parse_countries(typed: Vec<CountryCode>) -> Result<Vec<domain::Country>, ApiError> {
    if typed.len() > MAX_FILTER {
        return Err(ApiError::bad_input(format!("`countries` has at most {MAX_FILTER} entries.")));
    }
    let parsed = typed.iter().map(|code| domain::Country::parse(&code.0)).collect::<Result<_, _>>();
    parsed.map_err(|_| ApiError::bad_input("`countries` has one that is not in ISO 3166-1."))
}
