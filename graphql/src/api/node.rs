//! Objects by global id.

use async_graphql::{Context, ID, Interface, Object};

use super::{
    RequestContext,
    attendance::{self, Attendance},
    campaign::Campaign,
    case::Case,
    cost,
    edition::Edition,
    error::ApiError,
    event::{self, Event},
    group::{self, Group},
    id::Global,
    milestone::Milestone,
    page::MAX_PAGE_SIZE,
    participant::{self, Participant},
    report::{self, Moderation, Report},
    resource::{self, Resource},
    section::Section,
    statement::Statement,
    subscription::{self, UrgentActionSubscription},
    urgent_action::{self, UrgentAction},
};
use crate::access::Viewer;

/// An object with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub(crate) enum Node<'a> {
    Edition(Edition<'a>),
    Section(Section<'a>),
    Campaign(Campaign<'a>),
    Case(Case<'a>),
    Report(Report<'a>),
    Moderation(Moderation<'a>),
    Event(Event<'a>),
    Group(Group<'a>),
    Resource(Resource<'a>),
    UrgentAction(UrgentAction<'a>),
    Participant(Participant<'a>),
    Attendance(Attendance<'a>),
    Statement(Statement<'a>),
    Milestone(Milestone<'a>),
    UrgentActionSubscription(UrgentActionSubscription),
}

/// The query fields for objects by global id.
#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object(serial)]
impl NodeQuery {
    /// The object with this global id; null if it does not exist or the viewer has no access.
    async fn node<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Result<Option<Node<'ctx>>, ApiError> {
        find(ctx, &id).await
    }

    /// The object that the sent secret manages: a participant, an attendance, a subscription to urgent
    /// actions, an event or a group. Its global id need not be known. Null for any other secret, and for a staff key.
    #[graphql(complexity = "5 * cost::LOOKUP + child_complexity")]
    async fn viewer<'ctx>(&self, ctx: &Context<'ctx>) -> Result<Option<Node<'ctx>>, ApiError> {
        if !matches!(RequestContext::of(ctx).viewer, Viewer::SecretHolder(_)) {
            return Ok(None);
        }
        if let Some(participant) = participant::find(ctx, None).await? {
            return Ok(Some(participant.into()));
        }
        if let Some(attendance) = attendance::find(ctx, None).await? {
            return Ok(Some(attendance.into()));
        }
        if let Some(subscription) = subscription::find(ctx, None).await? {
            return Ok(Some(subscription.into()));
        }
        if let Some(event) = event::find_own(ctx).await? {
            return Ok(Some(event.into()));
        }
        Ok(group::find_own(ctx).await?.map(Node::from))
    }

    /// The objects with these global ids, in the same order; null for each that does not exist or the viewer
    /// has no access to.
    #[graphql(complexity = "cost::list(ids.len(), child_complexity)")]
    async fn nodes<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node<'ctx>>>, ApiError> {
        if ids.len() > MAX_PAGE_SIZE {
            return Err(ApiError::bad_input(format!("`ids` has at most {MAX_PAGE_SIZE} entries.")));
        }
        let mut nodes = Vec::with_capacity(ids.len());
        for id in &ids {
            nodes.push(find(ctx, id).await?);
        }
        Ok(nodes)
    }
}

async fn find<'ctx>(ctx: &Context<'ctx>, id: &ID) -> Result<Option<Node<'ctx>>, ApiError> {
    let request = RequestContext::of(ctx);
    let catalogue = &request.catalogue;
    Ok(match Global::parse(id) {
        Some(Global::Edition(id)) => {
            catalogue.edition(id).map(|edition| Edition::new(request, edition).into())
        }
        Some(Global::Section(id)) => {
            catalogue.section(id).map(|section| Section::new(request, section).into())
        }
        Some(Global::Campaign(id)) => {
            catalogue.campaign(id).map(|campaign| Campaign::new(request, campaign).into())
        }
        Some(Global::Case(id)) => request.case(id).map(|case| Case::new(request, case).into()),
        Some(Global::Report(id)) => report::find(ctx, id).await?.map(Node::from),
        Some(Global::Moderation(id)) => report::find_moderation(ctx, id).await?.map(Node::from),
        Some(Global::Event(id)) => event::find(ctx, id).await?.map(Node::from),
        Some(Global::Group(id)) => group::find(ctx, id).await?.map(Node::from),
        Some(Global::Resource(id)) => resource::find(request, id).map(Node::from),
        Some(Global::UrgentAction(id)) => urgent_action::find(request, id).map(Node::from),
        Some(Global::Participant(id)) => participant::find(ctx, Some(id)).await?.map(Node::from),
        Some(Global::Attendance(id)) => attendance::find(ctx, Some(id)).await?.map(Node::from),
        Some(Global::Statement(id)) => {
            catalogue.statement(id).map(|statement| Statement::new(request, statement).into())
        }
        Some(Global::Milestone(id)) => Milestone::find(request, id).map(Node::from),
        Some(Global::Subscription(id)) => subscription::find(ctx, Some(id)).await?.map(Node::from),
        None => None,
    })
}
