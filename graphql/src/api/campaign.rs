//! Campaigns: editions as one section runs them.

use async_graphql::{Context, Enum, ID, Object};
use domain::{campaign::CaseSelection, total::TotalScope};

use super::{
    RequestContext,
    case::{Case, CaseFilter, CaseOrder, Listing},
    cost,
    edition::{self, Edition},
    error::ApiError,
    id,
    inline::Inline,
    page::{Connection, Page},
    participation::Participation,
    scalar::{Count, Date, DateTime, Language, TimeZone},
    section::Section,
    total::Total,
};

/// Where a campaign stands. It follows from the clock alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Phase")]
pub(crate) enum Phase {
    /// Before the opening day.
    Upcoming,
    /// People write and report.
    Open,
    /// Writing is over; reports are still taken and marked late.
    Grace,
    /// Only staff may enter a report.
    Closed,
}

/// A campaign and what it is seen by.
#[derive(Clone, Copy)]
pub(crate) struct Campaign<'a> {
    asking: &'a RequestContext,
    campaign: &'a domain::Campaign,
}

/// An edition as one section runs it: its days, its goal and the cases it picked.
#[Object(serial)]
impl<'a> Campaign<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.campaign.id)
    }

    /// The edition it runs.
    async fn edition(&self) -> Result<Edition<'a>, ApiError> {
        self.edition_of().map(|edition| Edition::new(self.asking, edition))
    }

    /// The section that runs it.
    async fn section(&self) -> Result<Section<'a>, ApiError> {
        let section = self.asking.catalogue.section(self.campaign.section_id);
        let section = section.ok_or_else(|| ApiError::internal("a campaign without its section"))?;
        Ok(Section::new(self.asking, section))
    }

    /// When people register, write and report.
    async fn window(&self) -> Window<'a> {
        Window(&self.campaign.window)
    }

    /// Where it stands now.
    async fn phase(&self) -> Phase {
        self.campaign.window.phase(self.asking.now).into()
    }

    /// How many letters the section sets out to write; null where no goal is set.
    async fn letter_goal(&self) -> Option<Count> {
        self.campaign.letter_goal.map(Count::from)
    }

    /// Quantities beyond which a report waits for staff.
    async fn limits(&self) -> Limits {
        Limits(self.campaign.limits)
    }

    /// Whether it writes for every case of the edition, also for one that is added later.
    async fn picks_all_cases(&self) -> bool {
        matches!(self.campaign.picks, CaseSelection::All)
    }

    /// Whether staff review what organizers say of an event before everyone sees it.
    async fn reviews_events(&self) -> bool {
        self.campaign.reviews_events
    }

    /// Whether the sessions of events lie within its days. Staff may let one lie outside.
    async fn bounds_events(&self) -> bool {
        self.campaign.bounds_events
    }

    /// Grows by one with each change. A change names the revision that it changes.
    async fn revision(&self) -> u32 {
        self.campaign.revision
    }

    /// The cases it writes for.
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
        listing.page(&page, |case| {
            case.edition_id == self.campaign.edition_id && self.campaign.picks.contains(case.id)
        })
    }

    /// How much was written in it.
    async fn total(&self) -> Result<Inline<Total<'a>>, ApiError> {
        let scope = TotalScope::Section(self.campaign.section_id);
        Ok(Inline(Total::new(self.asking, self.edition_of()?, scope)))
    }

    /// What people set out to do and took part in, in this section.
    async fn participation(&self) -> Inline<Participation<'a>> {
        let (edition, section) = (self.campaign.edition_id, self.campaign.section_id);
        Inline(Participation::new(self.asking, edition, Some(section)))
    }
}

impl<'a> Campaign<'a> {
    /// A campaign as it is seen by whoever asks.
    pub(crate) const fn new(asking: &'a RequestContext, campaign: &'a domain::Campaign) -> Self {
        Self { asking, campaign }
    }

    fn edition_of(&self) -> Result<&'a domain::Edition, ApiError> {
        let edition = self.asking.catalogue.edition(self.campaign.edition_id);
        edition.ok_or_else(|| ApiError::internal("a campaign without its edition"))
    }
}

/// The days of a campaign.
pub(crate) struct Window<'a>(&'a domain::Window);

/// The days of a campaign in its time zone, and the instants at which they begin and end. The last
/// day belongs to the campaign: a deadline of 31 January ends with the first instant of 1 February.
#[Object(serial)]
impl Window<'_> {
    /// The time zone whose days these are.
    async fn time_zone(&self) -> TimeZone {
        TimeZone::from(self.0.zone())
    }

    /// The first day of writing.
    async fn opens_on(&self) -> Date {
        self.0.opens_on().into()
    }

    /// The last day of registration; null where it is the collection deadline.
    async fn registration_closes_on(&self) -> Option<Date> {
        self.0.registration_closes_on().map(Date::from)
    }

    /// The collection deadline: the last day of writing and, without grace, of reporting.
    async fn deadline_on(&self) -> Date {
        self.0.deadline_on().into()
    }

    /// For how many days after the deadline reports are still taken, as late ones.
    async fn grace_days(&self) -> u16 {
        self.0.grace_days()
    }

    /// The first instant of the opening day.
    async fn opens_at(&self) -> DateTime {
        self.0.opens_at().into()
    }

    /// The first instant at which nobody may register any more.
    async fn registration_closes_at(&self) -> DateTime {
        self.0.registration_closes_at().into()
    }

    /// The first instant after the collection deadline.
    async fn deadline_at(&self) -> DateTime {
        self.0.deadline_at().into()
    }

    /// The first instant after the grace days, from which only staff may enter reports.
    async fn closes_at(&self) -> DateTime {
        self.0.closes_at().into()
    }
}

/// The plausible limits of a campaign.
pub(crate) struct Limits(domain::campaign::PlausibilityLimits);

/// Quantities beyond which a report waits for staff.
#[Object(serial)]
impl Limits {
    /// For the report of one person.
    async fn person(&self) -> u32 {
        self.0.person
    }

    /// For the closing report of an event.
    async fn event(&self) -> u32 {
        self.0.event
    }
}

/// Campaigns, as a part of what can be read.
#[derive(Default)]
pub(crate) struct CampaignQuery;

#[Object(serial)]
impl CampaignQuery {
    /// The campaign in which a section runs an edition; null if there is none.
    async fn campaign<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The year of the edition.")] edition: i32,
        #[graphql(desc = "The code of the section.")] section: String,
    ) -> Option<Campaign<'ctx>> {
        let asking = RequestContext::of(ctx);
        let edition = edition::of_year(asking, edition)?;
        let section = asking.catalogue.section_by_code(&section)?;
        let campaign = asking.catalogue.campaign_of(edition.id, section.id)?;
        Some(Campaign::new(asking, campaign))
    }
}
