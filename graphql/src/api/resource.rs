//! Resources: what there is to download or order.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{CaseId, EditionId, text};

use super::{
    RequestContext,
    case::Case,
    cost,
    edition::{self, Edition},
    error::ApiError,
    id,
    page::{Connection, Page, SortKey},
    scalar::{DateTime, Language, Url},
};

/// The order of resources, see [`Key`].
const BY_KIND: u8 = 31;
/// Kinds, audiences or languages of a filter: more than there are of any.
const FILTER_MOST: usize = 100;

/// What there is to download or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::resource::ResourceKind")]
pub(crate) enum ResourceKind {
    /// Who a case is about, what to ask and whom.
    CaseSheet,
    /// A letter to start from.
    SampleLetter,
    /// Something to hang up.
    Poster,
    /// A sheet to sign.
    PetitionSheet,
    /// Addresses to stick on envelopes.
    AddressLabels,
    /// Lessons and activities.
    EducatorsGuide,
    /// What an organizer needs for an evening.
    EventKit,
    /// Words and pictures to pass on.
    SocialPost,
    /// A film.
    Video,
    /// Anything else.
    Other,
}

/// Whom a resource is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "ResourceAudience", remote = "domain::resource::ResourceAudience")]
pub(crate) enum Audience {
    /// People who write.
    Writers,
    /// People who bring others together.
    Organizers,
    /// People who teach.
    Educators,
    /// All of them.
    Everyone,
}

/// Where a resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::resource::ResourceState")]
pub(crate) enum ResourceState {
    /// Anyone may have it.
    Offered,
    /// It is no longer given to anybody; known to administrators only.
    Retired,
}

/// A resource as it is seen by whoever asks.
#[derive(Clone)]
pub(crate) struct Resource<'a> {
    asking: &'a RequestContext,
    resource: &'a domain::Resource,
}

/// Something to download or order. What may carry an address of a case (a case sheet, a sample letter, a
/// petition sheet, address labels) is there while the case is published and people may write for it;
/// anything else about a case while the case is published.
#[Object(serial)]
impl<'a> Resource<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.resource.id)
    }

    /// What it is.
    async fn kind(&self) -> ResourceKind {
        self.resource.kind.into()
    }

    /// Its title.
    async fn title(&self) -> &'a str {
        &self.resource.title
    }

    /// The edition it belongs to; null if it is for every year.
    async fn edition(&self) -> Option<Edition<'a>> {
        let edition = self.asking.catalogue.edition(self.resource.edition_id?)?;
        Some(Edition::new(self.asking, edition))
    }

    /// The case it is about; null if it is about none.
    async fn case(&self) -> Option<Case<'a>> {
        self.asking.case(self.resource.case_id?).map(|case| Case::new(self.asking, case))
    }

    /// The language it is in; `zxx` where there are no words.
    async fn language(&self) -> Language {
        Language::from(&self.resource.language)
    }

    /// Whom it is for.
    async fn audience(&self) -> Audience {
        self.resource.audience.into()
    }

    /// Where it is, over `https`. Null to administrators while it is given to nobody; to anybody else
    /// the whole resource is not there then. Do not keep it: it may have to vanish the next moment.
    // Behind it an address may stand; see there.
    #[graphql(cache_control(private))]
    async fn url(&self) -> Option<Url> {
        is_served(self.asking, self.resource).then(|| Url::from(&self.resource.url))
    }

    /// Which version of it is there, as its makers call it.
    async fn version(&self) -> Option<&'a str> {
        self.resource.version.as_deref()
    }

    /// Where it stands.
    async fn state(&self) -> ResourceState {
        self.resource.state.into()
    }

    /// When it last changed in any way.
    async fn changed_at(&self) -> DateTime {
        self.resource.changed_at.into()
    }

    /// Grows by one with each change. A change names the revision that it changes.
    async fn revision(&self) -> u32 {
        self.resource.revision
    }
}

impl<'a> Resource<'a> {
    /// A resource. Whether it may be known of is for [`find`] and [`about`] to say.
    pub(crate) const fn new(asking: &'a RequestContext, resource: &'a domain::Resource) -> Self {
        Self { asking, resource }
    }

    fn key(&self) -> SortKey {
        let title = text::folded(&self.resource.title);
        SortKey::texts(BY_KIND, [self.resource.kind.as_str(), title.as_str()])
    }
}

/// The resource with this identity, if whoever asks may know of it.
pub(crate) fn find(asking: &RequestContext, id: domain::ResourceId) -> Option<Resource<'_>> {
    let resource = asking.catalogue.resource(id).filter(|resource| is_known(asking, resource))?;
    Some(Resource::new(asking, resource))
}

/// The resources about a case that whoever asks may know of, by kind and title.
pub(crate) fn about(asking: &RequestContext, case: CaseId) -> Vec<Resource<'_>> {
    let resources = asking.catalogue.resources_about(case).filter(|resource| is_known(asking, resource));
    let mut resources: Vec<_> = resources.map(|resource| Resource::new(asking, resource)).collect();
    resources.sort_by_cached_key(|resource| (resource.key(), resource.resource.id));
    resources
}

fn is_served(asking: &RequestContext, resource: &domain::Resource) -> bool {
    asking.catalogue.serves_resource(resource, asking.now)
}

fn is_known(asking: &RequestContext, resource: &domain::Resource) -> bool {
    is_served(asking, resource) || asking.is_administrator()
}

/// Which resources: those for which all that is given holds. An empty list lets nothing through.
#[derive(Debug, Default, InputObject)]
pub(crate) struct ResourceFilter {
    /// Of the edition of this year or one of its cases.
    edition: Option<i32>,
    /// About the case with this global id.
    case: Option<ID>,
    /// Of one of these kinds.
    kinds: Option<Vec<ResourceKind>>,
    /// In one of these languages, in a narrower or wider form of it, or without words.
    languages: Option<Vec<Language>>,
    /// For one of these, or for everyone.
    audiences: Option<Vec<Audience>>,
}

/// Resources that were asked for.
struct Listing {
    edition: Option<Option<EditionId>>,
    case: Option<Option<CaseId>>,
    kinds: Option<Vec<domain::resource::ResourceKind>>,
    languages: Option<Vec<domain::Language>>,
    audiences: Option<Vec<domain::resource::ResourceAudience>>,
}

impl Listing {
    fn parse(asking: &RequestContext, filter: ResourceFilter) -> Result<Self, ApiError> {
        let lengths = [
            ("kinds", filter.kinds.as_ref().map(Vec::len)),
            ("languages", filter.languages.as_ref().map(Vec::len)),
            ("audiences", filter.audiences.as_ref().map(Vec::len)),
        ];
        if let Some((field, _)) = lengths.iter().find(|(_, length)| length.is_some_and(|it| it > FILTER_MOST))
        {
            return Err(ApiError::bad_input(format!("`{field}` are at most {FILTER_MOST}.")));
        }
        let languages = filter.languages.map(|tags| {
            let parsed = tags.iter().map(|tag| domain::Language::parse(&tag.0)).collect::<Result<_, _>>();
            parsed
                .map_err(|_| ApiError::bad_input("`languages` names one that is not in the BCP 47 registry."))
        });
        Ok(Self {
            edition: filter.edition.map(|year| edition::of_year(asking, year).map(|edition| edition.id)),
            case: filter.case.map(|id| id::case(&id).ok()),
            kinds: filter.kinds.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            languages: languages.transpose()?,
            audiences: filter.audiences.map(|audiences| audiences.into_iter().map(Into::into).collect()),
        })
    }

    fn takes(&self, resource: &domain::Resource) -> bool {
        self.edition.is_none_or(|edition| edition.is_some() && edition == resource.edition_id)
            && self.case.is_none_or(|case| case.is_some() && case == resource.case_id)
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&resource.kind))
            && self.languages.as_ref().is_none_or(|wanted| is_read_by(&resource.language, wanted))
            && self
                .audiences
                .as_ref()
                .is_none_or(|audiences| audiences.iter().any(|audience| resource.is_for(*audience)))
    }
}

/// Whether somebody who reads these languages reads this one. An empty list reads nothing.
fn is_read_by(language: &domain::Language, wanted: &[domain::Language]) -> bool {
    let is_within =
        |one: &domain::Language, other: &domain::Language| one.ranges().any(|range| range == other.as_str());
    wanted.iter().any(|wanted| {
        language.as_str() == "zxx" || is_within(language, wanted) || is_within(wanted, language)
    })
}

/// Resources, as a part of what can be read.
#[derive(Default)]
pub(crate) struct ResourceQuery;

#[Object(serial)]
impl ResourceQuery {
    /// Things to download or order, by kind and title. Administrators see also what is given to nobody
    /// at the moment.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn resources<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Only resources for which all of this holds.")] filter: Option<ResourceFilter>,
        #[graphql(desc = "How many, from the beginning: 1–100, 20 if neither this nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1–100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Resource<'ctx>>, ApiError> {
        let (asking, page) =
            (RequestContext::of(ctx), Page::parse(first, after.as_deref(), last, before.as_deref())?);
        let listing = Listing::parse(asking, filter.unwrap_or_default())?;
        let wanted = asking.catalogue.resources().filter(|resource| listing.takes(resource));
        let rows = wanted.filter(|resource| is_known(asking, resource)).map(|resource| {
            let shown = Resource::new(asking, resource);
            (shown.key(), resource.id.uuid(), shown)
        });
        page.of(rows.collect())
    }
}
