//! Groups: bodies that write together.

use std::{borrow::Cow, collections::BTreeSet};

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{EventId, GroupId};
use graphql_engine::inline::Inline;

use super::{
    AppState, RequestContext,
    campaign::Campaign,
    cost,
    domain_enum::domain_enum,
    error::ApiError,
    event::Event,
    id,
    report::Report,
    scalar::{Count, DateTime, RegionCode},
};
use crate::{
    access::{self, GroupAccess, GroupFacts, Viewer},
    database::{
        Connection, events,
        groups::{self, StoredGroup},
        reports,
    },
};

mod input;
mod mutation;
mod payload;
mod ranking;
mod total;

pub(crate) use mutation::GroupMutation;
pub(crate) use ranking::{GroupFilter, GroupOrder, Ranking};
use total::GroupTotal;

/// The most earlier years of a group that are looked up.
const MAX_YEARS: usize = 10;
/// The most groups that await review in one response.
const MAX_TO_REVIEW: i64 = 100;

domain_enum! {
    /// The kind of a group.
    pub(crate) enum GroupKind = domain::group::GroupKind {
        /// A school or university.
        School,
        /// A class or course.
        Class,
        /// A parish or another religious community.
        Parish,
        /// A team or club.
        Team,
        /// A workplace.
        Workplace,
        /// A local group of a section.
        LocalGroup,
        /// A venue of an event.
        Venue,
        /// Any other group.
        Other,
    }
}

/// A group and the context it is read in.
pub(crate) struct Group<'a> {
    request: &'a RequestContext,
    // Boxed: it is larger than most objects with an id.
    group: Box<domain::Group>,
    access: GroupAccess,
}

/// The figures of a group in one year.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct GroupYear {
    /// The year of the edition.
    year: i32,
    /// The number of its people; null if it is not known.
    size: Option<u32>,
    /// The goal in letters; null if there was none.
    letter_goal: Option<Count>,
    /// Letters that count.
    letters: Count,
    /// Actions that count, including letters.
    actions: Count,
}

/// The total of a group at an instant.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct HistoricGroupTotal {
    /// The instant of the last change before.
    as_of: DateTime,
    /// Appeal letters and messages of solidarity.
    letters: Count,
    /// All actions, including letters.
    actions: Count,
    /// People who wrote.
    people: Count,
}

/// A body that writes together, such as a school, a class, a parish or a venue of an event. Its report, and those of
/// the groups that are parts of it, are counted together, each letter once; a group of an event counts within the
/// event. Fields without access for the viewer are null.
#[Object(serial)]
impl<'a> Group<'a> {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        id::of(self.group.id)
    }

    /// The campaign that it writes for.
    async fn campaign(&self) -> Result<Inline<Campaign<'a>>, ApiError> {
        let campaign = self.request.catalogue.campaign(self.group.campaign_id);
        let campaign = campaign.ok_or_else(|| ApiError::internal("a group without its campaign"))?;
        Ok(Inline(Campaign::new(self.request, campaign)))
    }

    /// The kind of the group.
    async fn kind(&self) -> GroupKind {
        self.group.content.kind.into()
    }

    /// The name. Those who manage the group and staff see the latest; others the one that staff approved.
    async fn name(&self) -> &str {
        let approved = self.group.approved_name.as_deref().filter(|_| !self.access.may_manage());
        approved.unwrap_or(&self.group.content.name)
    }

    /// The number of its people, 1–100,000; null if it is not known.
    async fn size(&self) -> Option<u32> {
        self.group.content.size
    }

    /// The goal that its people share, in letters; null if there is none.
    async fn letter_goal(&self) -> Option<Count> {
        self.group.content.letter_goal.map(Count::from)
    }

    /// The region in which its letters are counted; null if it is not known. Visible to those who manage it and staff.
    async fn region(&self) -> Option<RegionCode> {
        let region = self.group.content.region.as_ref().filter(|_| self.access.may_manage());
        region.map(RegionCode::from)
    }

    /// The group that it is a part of; null if there is none, or without access to it.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Group<'a>>, ApiError> {
        match self.group.parent {
            Some(parent) => find_with(ctx, self.request, parent).await,
            None => Ok(None),
        }
    }

    /// The event that it writes at, itself or with the groups above it; null if there is none, or without access to it.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event<'a>>, ApiError> {
        let Some(event) = self.group.event else { return Ok(None) };
        let mut connection = self.request.connect_tracking_events(AppState::of(ctx)).await?;
        let stored = events::find(&mut connection, event).await?;
        Ok(stored.and_then(|stored| Event::visible_to(self.request, stored)))
    }

    /// The groups that are parts of it, in the order of registration. Those who manage it and staff see all; others
    /// those that staff have approved as public.
    #[graphql(complexity = "cost::LOOKUP + cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn parts(&self, ctx: &Context<'_>) -> Result<Vec<Group<'a>>, ApiError> {
        let mut connection = self.request.connect_tracking_events(AppState::of(ctx)).await?;
        let parts = groups::parts_of_group(&mut connection, self.group.id).await?;
        Ok(self.visible_parts(parts))
    }

    /// The total of its own report and of the groups that are parts of it, each letter once.
    async fn total(&self) -> Inline<GroupTotal<'_>> {
        Inline(GroupTotal::new(self.request, &self.group))
    }

    /// Its total at an instant; null before its first report. What is reported later changes nothing of it.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn total_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] instant: DateTime,
    ) -> Result<Option<HistoricGroupTotal>, ApiError> {
        let mut connection = self.request.connect_tracking_events(AppState::of(ctx)).await?;
        let summary = groups::at(&mut connection, self.group.id, instant.0).await?;
        Ok(summary.map(|summary| HistoricGroupTotal {
            as_of: summary.committed_at.into(),
            letters: summary.letters.into(),
            actions: summary.actions.into(),
            people: summary.people.into(),
        }))
    }

    /// Its own report, which grows by `reportUpdate`; null if there is none. The secret of the group manages it, too.
    /// Visible to those who manage the group and staff.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn report(&self, ctx: &Context<'_>) -> Result<Option<Report<'a>>, ApiError> {
        if !self.access.may_manage() {
            return Ok(None);
        }
        let mut connection = self.request.connect_uncacheable(AppState::of(ctx)).await?;
        let stored = reports::of_group(&mut connection, self.group.id).await?;
        Ok(stored.map(|stored| Report::new(self.request, Cow::Owned(stored.report))))
    }

    /// Its figures year by year, newest first: of this campaign, and of at most ten earlier ones that it continues
    /// (`previousSecret` of `groupRegister`). Of years in which it was not public, only those who manage it and staff
    /// see the figures.
    #[graphql(complexity = "MAX_YEARS * cost::LOOKUP + cost::list(MAX_YEARS, child_complexity)")]
    async fn years(&self, ctx: &Context<'_>) -> Result<Vec<GroupYear>, ApiError> {
        let mut years = vec![self.year(&self.group)?];
        let mut connection = self.request.connect_tracking_events(AppState::of(ctx)).await?;
        let mut next = self.group.previous;
        while let Some(previous) = next.filter(|_| years.len() <= MAX_YEARS) {
            let Some(stored) = groups::find(&mut connection, previous).await? else { break };
            let is_open = stored.group.is_listed() && stored.group.event.is_none();
            if is_open || self.access.may_manage() {
                years.push(self.year(&stored.group)?);
            }
            next = stored.group.previous;
        }
        Ok(years)
    }

    /// Whether its people wish it to be public. Visible to those who manage it and staff.
    async fn is_public(&self) -> Option<bool> {
        self.access.may_manage().then_some(self.group.content.is_public)
    }

    /// The name that everyone sees; null while staff have approved none. Visible to those who manage it and staff.
    async fn approved_name(&self) -> Option<&str> {
        self.group.approved_name.as_deref().filter(|_| self.access.may_manage())
    }

    /// Whether its present name awaits review by staff. Visible to those who manage it and staff.
    async fn review_pending(&self) -> Option<bool> {
        self.access.may_manage().then(|| self.group.review_pending())
    }

    /// Why staff rejected the wish to be public; null if they did not. Visible to those who manage it and staff.
    async fn rejection_reason(&self) -> Option<&str> {
        self.group.rejection_reason.as_deref().filter(|_| self.access.may_manage())
    }

    /// When it was registered.
    async fn registered_at(&self) -> DateTime {
        self.group.registered_at.into()
    }

    /// The revision for optimistic locking; increases by one with each change. Pass it as `expectedRevision` to change
    /// the object.
    async fn revision(&self) -> u32 {
        self.group.revision
    }
}

impl<'a> Group<'a> {
    /// The group for a viewer with this access; `None` without.
    fn with_access(request: &'a RequestContext, stored: StoredGroup, access: GroupAccess) -> Option<Self> {
        (access != GroupAccess::Hidden).then(|| Self { request, group: Box::new(stored.group), access })
    }

    /// The group as seen by those who manage it.
    fn as_manager(request: &'a RequestContext, stored: StoredGroup) -> Self {
        Self { request, group: Box::new(stored.group), access: GroupAccess::Manager }
    }

    /// The parts of this group that the viewer may see: who manages the group manages its parts.
    fn visible_parts(&self, parts: Vec<StoredGroup>) -> Vec<Self> {
        let is_visible = |part: &StoredGroup| self.access.may_manage() || part.group.is_listed();
        let visible = parts.into_iter().filter(is_visible);
        visible.filter_map(|part| Self::with_access(self.request, part, self.access)).collect()
    }

    fn year(&self, group: &domain::Group) -> Result<GroupYear, ApiError> {
        let edition = self.request.catalogue.edition(group.edition_id);
        let edition = edition.ok_or_else(|| ApiError::internal("a group without its edition"))?;
        Ok(GroupYear {
            year: edition.year.into(),
            size: group.content.size,
            letter_goal: group.content.letter_goal.map(Count::from),
            letters: group.letters().into(),
            actions: group.tally.counted().quantity().into(),
        })
    }
}

/// The query fields of groups.
#[derive(Default)]
pub(crate) struct GroupQuery;

#[Object(serial)]
impl GroupQuery {
    /// The group with this id. A group that staff have approved as public is visible to everyone, one of an event with
    /// the event; any other requires its secret, that of a group above it or of its event, a key of its section or an
    /// administrator key. Null without access, as if it did not exist.
    #[graphql(complexity = "cost::LOOKUP + child_complexity")]
    async fn group<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id of the group.")] id: ID,
    ) -> Result<Option<Group<'ctx>>, ApiError> {
        let id = id::group(&id).map_err(|rule| ApiError::bad_input(rule.to_string()))?;
        find(ctx, id).await
    }

    /// Groups whose name awaits review, longest waiting first, 100 at most. Requires an administrator key, or the key
    /// of a section for its own groups.
    #[graphql(complexity = "cost::LOOKUP + cost::list(cost::BREAKDOWN, child_complexity)")]
    async fn groups_to_review<'ctx>(
        &self,
        ctx: &Context<'ctx>,
    ) -> Result<Option<Vec<Group<'ctx>>>, ApiError> {
        let request = RequestContext::of(ctx);
        let section = request.staff()?.section;
        let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
        let found = groups::to_review(&mut connection, section, MAX_TO_REVIEW).await?;
        Ok(Some(found.into_iter().map(|stored| Group::as_manager(request, stored)).collect()))
    }
}

/// Returns the group with this id, if the viewer may see it.
pub(crate) async fn find<'ctx>(ctx: &Context<'ctx>, id: GroupId) -> Result<Option<Group<'ctx>>, ApiError> {
    find_with(ctx, RequestContext::of(ctx), id).await
}

async fn find_with<'a>(
    ctx: &Context<'_>,
    request: &'a RequestContext,
    id: GroupId,
) -> Result<Option<Group<'a>>, ApiError> {
    let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
    let Some((stored, facts)) = load(&mut connection, id).await? else { return Ok(None) };
    Ok(Group::with_access(request, stored, access::group_access(request.viewer, facts)))
}

/// Loads a group and what access to it depends on.
async fn load(
    connection: &mut Connection,
    id: GroupId,
) -> Result<Option<(StoredGroup, GroupFacts)>, ApiError> {
    let mut known = groups::find_with_parents(connection, &BTreeSet::from([id])).await?;
    let event = match known.get(&id).and_then(|stored| stored.group.event) {
        Some(event) => events::find(connection, event).await?.map(|event| event.facts()),
        None => None,
    };
    let facts = groups::facts(&known, id, event);
    Ok(known.remove(&id).zip(facts))
}

/// What access to a group's report depends on.
pub(crate) async fn facts(connection: &mut Connection, id: GroupId) -> Result<Option<GroupFacts>, ApiError> {
    Ok(load(connection, id).await?.map(|(_, facts)| facts))
}

/// Returns the group that the sent secret manages.
pub(crate) async fn find_own<'ctx>(ctx: &Context<'ctx>) -> Result<Option<Group<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    let Viewer::SecretHolder(secret) = request.viewer else { return Ok(None) };
    let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
    let stored = groups::find_by_secret(&mut connection, secret).await?;
    Ok(stored.map(|stored| Group::as_manager(request, stored)))
}

/// Returns the groups of an event that the viewer may see.
pub(crate) async fn of_event<'a>(
    ctx: &Context<'_>,
    request: &'a RequestContext,
    id: EventId,
) -> Result<Vec<Group<'a>>, ApiError> {
    let mut connection = request.connect_tracking_events(AppState::of(ctx)).await?;
    let Some(event) = events::find(&mut connection, id).await? else { return Ok(Vec::new()) };
    let found = groups::of_event(&mut connection, id).await?;
    let visible = found.into_iter().filter_map(|stored| {
        let known = [(stored.group.id, stored.clone())].into();
        let facts = groups::facts(&known, stored.group.id, Some(event.facts()))?;
        Group::with_access(request, stored, access::group_access(request.viewer, facts))
    });
    Ok(visible.collect())
}
