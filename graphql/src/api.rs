//! The GraphQL room: the public contract, as thin clothing over the catalogue, the tallies and the
//! ledger.
//!
//! Every answer is made from one [`Asking`]; every change goes through the ledger; every trouble
//! becomes GraphQL in `error` and nowhere else.

use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder, ValidationMode};
use tokio::sync::watch;

use crate::{
    catalogue::Catalogue, clock::Clock, database::Database, ledger::Ledger, mail::MailQueue,
    revision::Revision, totals_store::TotalsStore,
};

mod about;
mod address;
mod administration;
mod attendance;
mod calendar;
mod campaign;
mod case;
mod cost;
mod cost_budget;
mod dependencies;
mod edition;
mod error;
mod event;
#[cfg(feature = "faults")]
mod faults;
mod id;
mod inline;
mod languages;
mod live;
mod node;
mod outbox;
mod page;
mod participant;
mod participation;
mod report;
mod request_context;
mod resource;
mod scalar;
mod section;
mod subscription;
mod total;
mod urgent_action;

pub use cost::QueryLimits;
pub use cost_budget::{Budget, CostBudget, RemainingCost};
pub use dependencies::Dependencies;
pub use error::{ApiError, ErrorCode};
pub use id::{event_id, global_id};
pub use request_context::{RequestContext, Viewer};
pub use scalar::is_of_scalar;

pub(crate) use inline::EagerJson;

/// What the whole service answers from. One for the process.
#[derive(Clone)]
pub struct AppState {
    /// Where everything is kept.
    pub database: Database,
    /// The newest catalogue.
    pub catalogue: watch::Receiver<Arc<Catalogue>>,
    /// The door for every change.
    pub ledger: Ledger,
    /// The newest counts.
    pub tallies: TotalsStore,
    /// The newest revision of events that this process knows: of a lower one, something public may
    /// have changed.
    pub events_revision: watch::Receiver<Revision>,
    /// What is known of how many take part.
    pub numbered: Arc<participation::NumberedCampaign>,
    /// Whoever sends notices to people.
    pub post: MailQueue,
    /// What time it is. A request asks once, at the door; a stream asks for each event.
    pub clock: Clock,
    /// The address of the service as people reach it.
    pub public_url: Arc<str>,
    /// Whether the data was made up to show the service.
    pub simulated: bool,
}

impl AppState {
    fn of<'ctx>(ctx: &async_graphql::Context<'ctx>) -> &'ctx Self {
        ctx.data_unchecked()
    }
}

/// Everything that can be read.
#[derive(Default, MergedObject)]
#[graphql(serial)]
pub struct Query(
    edition::EditionQuery,
    section::SectionQuery,
    campaign::CampaignQuery,
    case::CaseQuery,
    node::NodeQuery,
    report::ReportQuery,
    report::ModerationQuery,
    event::EventQuery,
    resource::ResourceQuery,
    urgent_action::UrgentActionQuery,
    participant::ParticipantQuery,
    attendance::AttendanceQuery,
    subscription::SubscriptionQuery,
    outbox::OutboxQuery,
    about::ServiceQuery,
    #[cfg(feature = "faults")] faults::FaultsQuery,
);

/// Everything that can be changed. A rule that says no is told in `userErrors`, with the place in the
/// input, and nothing is changed then.
#[derive(Default, MergedObject)]
#[graphql(serial)]
pub struct Mutation(
    report::ReportMutation,
    report::ModerationMutation,
    event::EventMutation,
    participant::ParticipantMutation,
    attendance::AttendanceMutation,
    calendar::CalendarMutation,
    subscription::SubscriptionMutation,
    outbox::OutboxMutation,
    administration::AdministrationMutation,
    #[cfg(feature = "faults")] faults::FaultsMutation,
);

/// Everything that can be watched.
#[derive(Default, MergedSubscription)]
pub struct Subscription(live::LiveSubscription, #[cfg(feature = "faults")] faults::FaultsSubscription);

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema over a running service. Each request brings its [`Asking`].
#[must_use]
pub fn schema(context: AppState, limits: QueryLimits) -> Schema {
    builder(limits).data(context).finish()
}

/// The public contract as a document: what `schema.graphql` holds.
#[must_use]
pub fn sdl() -> String {
    let options =
        SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions().use_space_ident();
    builder(QueryLimits::default()).finish().sdl_with_options(options)
}

fn builder(limits: QueryLimits) -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_complexity(limits.cost)
        .limit_recursive_depth(cost::NESTING_MOST)
        .limit_directives(cost::DIRECTIVES_MOST)
        // The door lets no document in that is not valid; to look again costs as much as to answer.
        .validation_mode(ValidationMode::Fast)
        .extension(error::ErrorCodes(limits))
}

#[cfg(test)]
mod tests;
