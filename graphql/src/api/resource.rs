//! Resources to download or order.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{CaseId, EditionId, LanguageRange, text::Collation};

use super::{
    RequestContext,
    case::Case,
    cost,
    edition::{self, Edition},
    error::ApiError,
    id,
    page::{Connection, ListOrder, Page, SortKey},
    scalar::{DateTime, Language, Url},
};
use crate::api::domain_enum::domain_enum;

/// The maximum number of kinds, audiences or languages in a filter: more than there are of any.
const MAX_FILTER: usize = 100;

domain_enum! {
    /// The kind of a resource.
    pub(crate) enum ResourceKind = domain::resource::ResourceKind {
        /// A case sheet: the case, the demands and the authorities.
        CaseSheet,
        /// A sample letter.
        SampleLetter,
        /// A poster.
        Poster,
        /// A petition sheet.
        PetitionSheet,
        /// Address labels.
        AddressLabels,
        /// A guide for educators, with lessons and activities.
        EducatorsGuide,
        /// A kit for organizers of an event.
        EventKit,
        /// Texts and images for social media.
        SocialPost,
        /// A video.
        Video,
        /// Anything else.
        Other,
    }
}

domain_enum! {
    /// The target audience of a resource.
    #[graphql(name = "ResourceAudience")]
    pub(crate) enum ResourceAudience = domain::resource::ResourceAudience {
        /// Letter writers.
        Writers,
        /// Organizers of events.
        Organizers,
        /// Educators.
        Educators,
        /// Everyone.
        Everyone,
    }
}

domain_enum! {
    /// The state of a resource.
    pub(crate) enum ResourceState = domain::resource::ResourceState {
        /// Available to everyone.
        Offered,
        /// No longer available; visible to administrators only.
        Retired,
    }
}

/// A resource in the context of the viewer.
#[derive(Clone)]
pub(crate) struct Resource<'a> {
    request: &'a RequestContext,
    resource: &'a domain::Resource,
}

/// A resource to download or order. One that may contain an address of a case (a case sheet, a sample letter,
/// a petition sheet, address labels) is available while the case is published and open for writing; any other
/// resource of a case while the case is published.
#[Object(serial)]
impl<'a> Resource<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.resource.id)
    }

    /// The kind of resource.
    async fn kind(&self) -> ResourceKind {
        self.resource.kind.into()
    }

    /// The title.
    async fn title(&self) -> &'a str {
        &self.resource.title
    }

    /// The edition it belongs to; null for every year.
    async fn edition(&self) -> Option<Edition<'a>> {
        let edition = self.request.catalogue.edition(self.resource.edition_id?)?;
        Some(Edition::new(self.request, edition))
    }

    /// The case it belongs to; null if there is none.
    async fn case(&self) -> Option<Case<'a>> {
        self.request.case(self.resource.case_id?).map(|case| Case::new(self.request, case))
    }

    /// The language of the resource; `zxx` (no linguistic content) if it has no words.
    async fn language(&self) -> Language {
        Language::from(&self.resource.language)
    }

    /// The target audience.
    async fn audience(&self) -> ResourceAudience {
        self.resource.audience.into()
    }

    /// The URL, `https` only. Null to administrators while the resource is not available; for others the
    /// whole resource does not exist then. Do not cache it: its availability can end at any moment.
    // The resource may contain an address; see there.
    #[graphql(cache_control(private))]
    async fn url(&self) -> Option<Url> {
        is_served(self.request, self.resource).then(|| Url::from(&self.resource.url))
    }

    /// The version label of its publisher.
    async fn version(&self) -> Option<&'a str> {
        self.resource.version.as_deref()
    }

    /// The state of the resource.
    async fn state(&self) -> ResourceState {
        self.resource.state.into()
    }

    /// When anything of it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.resource.updated_at.into()
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision`
    /// to change the object.
    async fn revision(&self) -> u32 {
        self.resource.revision
    }
}

impl<'a> Resource<'a> {
    /// A resource. Its visibility is checked by [`find`] and [`about`].
    pub(crate) const fn new(request: &'a RequestContext, resource: &'a domain::Resource) -> Self {
        Self { request, resource }
    }

    fn key(&self) -> SortKey {
        let title = Collation::of(self.request.languages.first()).sort_key(&self.resource.title);
        SortKey::parts(ListOrder::ResourcesByKind, [self.resource.kind.as_str().as_bytes(), title.as_slice()])
    }
}

/// Returns the resource with this id, if the viewer may see it.
pub(crate) fn find(request: &RequestContext, id: domain::ResourceId) -> Option<Resource<'_>> {
    let resource = request.catalogue.resource(id).filter(|resource| is_known(request, resource))?;
    Some(Resource::new(request, resource))
}

/// Returns the resources of a case that the viewer may see, by kind and title.
pub(crate) fn about(request: &RequestContext, case: CaseId) -> Vec<Resource<'_>> {
    let resources = request.catalogue.resources_about(case).filter(|resource| is_known(request, resource));
    let mut resources: Vec<_> = resources.map(|resource| Resource::new(request, resource)).collect();
    resources.sort_by_cached_key(|resource| (resource.key(), resource.resource.id));
    resources
}

fn is_served(request: &RequestContext, resource: &domain::Resource) -> bool {
    request.catalogue.serves_resource(resource, request.now)
}

fn is_known(request: &RequestContext, resource: &domain::Resource) -> bool {
    is_served(request, resource) || request.is_administrator()
}

/// A filter for resources. All given conditions must match; an empty list matches nothing.
#[derive(Debug, Default, InputObject)]
pub(crate) struct ResourceFilter {
    /// Of the edition of this year or one of its cases.
    edition: Option<i32>,
    /// Of the case with this global id.
    case: Option<ID>,
    /// Of one of these kinds.
    kinds: Option<Vec<ResourceKind>>,
    /// In one of these languages, in one that its readers read as their own by CLDR's language matching (`fr` and
    /// `fr-CA` match each other, `zh-TW` matches `zh-Hant`), or without words.
    languages: Option<Vec<Language>>,
    /// For one of these audiences, or for everyone.
    audiences: Option<Vec<ResourceAudience>>,
}

/// A requested list of resources.
struct Listing {
    edition: Option<Option<EditionId>>,
    case: Option<Option<CaseId>>,
    kinds: Option<Vec<domain::resource::ResourceKind>>,
    languages: Option<Vec<LanguageRange>>,
    audiences: Option<Vec<domain::resource::ResourceAudience>>,
}

impl Listing {
    fn parse(request: &RequestContext, filter: ResourceFilter) -> Result<Self, ApiError> {
        let lengths = [
            ("kinds", filter.kinds.as_ref().map(Vec::len)),
            ("languages", filter.languages.as_ref().map(Vec::len)),
            ("audiences", filter.audiences.as_ref().map(Vec::len)),
        ];
        if let Some((field, _)) = lengths.iter().find(|(_, length)| length.is_some_and(|it| it > MAX_FILTER))
        {
            return Err(ApiError::bad_input(format!("`{field}` has at most {MAX_FILTER} entries.")));
        }
        let languages = filter.languages.map(|tags| {
            let ranges =
                tags.iter().map(|tag| domain::Language::parse(&tag.0).map(|language| language.range()));
            let parsed = ranges.collect::<Result<_, _>>();
            parsed.map_err(|_| ApiError::bad_input("`languages` has one that is not in the BCP 47 registry."))
        });
        Ok(Self {
            edition: filter.edition.map(|year| edition::of_year(request, year).map(|edition| edition.id)),
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

/// Returns whether a reader of these languages reads this one. An empty list matches nothing.
fn is_read_by(language: &domain::Language, wanted: &[LanguageRange]) -> bool {
    wanted.iter().any(|wanted| language.as_str() == "zxx" || wanted.takes(language))
}

/// The query field of resources.
#[derive(Default)]
pub(crate) struct ResourceQuery;

#[Object(serial)]
impl ResourceQuery {
    /// Resources to download or order, by kind and title. Administrators also see those that are not
    /// available.
    #[graphql(complexity = "cost::page(first, last, child_complexity)")]
    async fn resources<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Returns only resources that match all conditions.")] filter: Option<ResourceFilter>,
        #[graphql(desc = "The page size from the start: 0–100; default 20 unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size from the end: 0–100; excludes `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Resource<'ctx>>, ApiError> {
        let (request, page) = (
            RequestContext::of(ctx),
            Page::parse(ListOrder::ResourcesByKind, first, after.as_deref(), last, before.as_deref())?,
        );
        let listing = Listing::parse(request, filter.unwrap_or_default())?;
        let wanted = request.catalogue.resources().filter(|resource| listing.takes(resource));
        let rows = wanted.filter(|resource| is_known(request, resource)).map(|resource| {
            let shown = Resource::new(request, resource);
            (shown.key(), resource.id.uuid(), shown)
        });
        Ok(page.of(rows.collect()))
    }
}
