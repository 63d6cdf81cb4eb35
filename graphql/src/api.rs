//! The GraphQL API: a thin layer over the catalogue, the totals and the ledger.
//!
//! Every response is computed from one [`RequestContext`]; every change goes through the ledger; every failure is
//! mapped to a GraphQL error in `error` and nowhere else.

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder};

mod about;
mod address;
mod administration;
mod app_state;
mod attendance;
mod calendar;
mod campaign;
mod case;
mod certification;
mod cost;
mod dependencies;
mod domain_enum;
mod edition;
mod error;
mod event;
#[cfg(feature = "faults")]
mod faults;
mod group;
mod id;
mod languages;
mod live;
mod milestone;
mod node;
mod outbox;
mod page;
mod participant;
mod participation;
mod payload;
mod recount;
mod report;
mod request_context;
mod resource;
mod scalar;
mod section;
mod statement;
mod stored_text;
mod subscription;
mod total;
mod transparency_log;
mod urgent_action;

pub use app_state::AppState;
pub use dependencies::Dependencies;
pub use graphql_engine::{ApiError, ErrorCode, QueryLimits};
pub use id::{event_id, global_id};
pub use request_context::RequestContext;
pub use scalar::is_of_scalar;

/// All read operations. Public data needs no authentication. Private data needs `Authorization: Bearer …`
/// with either a secret, which manages one object and is returned when the object is created or sent by mail,
/// or a staff key: an administrator key, or the key of a section.
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
    group::GroupQuery,
    resource::ResourceQuery,
    urgent_action::UrgentActionQuery,
    participant::ParticipantQuery,
    attendance::AttendanceQuery,
    subscription::SubscriptionQuery,
    outbox::OutboxQuery,
    transparency_log::TransparencyLogQuery,
    about::ServiceQuery,
    #[cfg(feature = "faults")] faults::FaultsQuery,
);

/// All write operations. Validation errors are returned in `userErrors`, each with its path in the input;
/// nothing is changed then. Where a secret or a key is required, send it as `Authorization: Bearer …`.
#[derive(Default, MergedObject)]
#[graphql(serial)]
pub struct Mutation(
    report::ReportMutation,
    report::ModerationMutation,
    event::EventMutation,
    group::GroupMutation,
    participant::ParticipantMutation,
    attendance::AttendanceMutation,
    calendar::CalendarMutation,
    subscription::SubscriptionMutation,
    outbox::OutboxMutation,
    statement::StatementMutation,
    certification::CertificationMutation,
    milestone::MilestoneMutation,
    recount::RecountMutation,
    administration::AdministrationMutation,
    #[cfg(feature = "faults")] faults::FaultsMutation,
);

/// All live streams.
#[derive(Default, MergedSubscription)]
pub struct Subscription(live::LiveSubscription, #[cfg(feature = "faults")] faults::FaultsSubscription);

/// The executable schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema over a running service. Each request supplies its [`RequestContext`].
#[must_use]
pub fn schema(context: AppState, limits: QueryLimits) -> Schema {
    builder(limits).data(context).finish()
}

/// The schema in the schema definition language: the content of `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    let options =
        SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions().use_space_ident();
    let types = builder(QueryLimits::default()).finish().sdl_with_options(options);
    // async-graphql has no place for it. The engine reads it here and answers introspection with it.
    types.replacen("\nschema {", &format!("\n\"{DESCRIPTION}\"\nschema {{"), 1)
}

/// The description of the schema.
const DESCRIPTION: &str = "The API of Write for Rights: the letters of a worldwide letter-writing campaign, counted \
    live, with its cases, sections, events and reports.";

/// The schema with its limits, to be finished with its context.
pub(crate) fn builder(limits: QueryLimits) -> SchemaBuilder<Query, Mutation, Subscription> {
    let builder = Schema::build(Query::default(), Mutation::default(), Subscription::default());
    graphql_engine::configure(builder, limits)
}

#[cfg(test)]
mod tests;
