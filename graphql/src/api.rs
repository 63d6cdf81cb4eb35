//! The GraphQL room: the public contract, as thin clothing over the catalogue, the tallies and the
//! ledger.
//!
//! Every answer is made from one [`Asking`]; every change goes through the ledger; every trouble
//! becomes GraphQL in `error` and nowhere else.

use std::sync::Arc;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder};
use tokio::sync::watch;

use crate::{catalogue::Catalogue, clock::Clock, database::Database, ledger::Ledger, tally::Tallies};

mod about;
mod address;
mod administration;
mod asking;
mod campaign;
mod case;
mod edition;
mod error;
mod id;
mod languages;
mod limit;
mod live;
mod node;
mod page;
mod report;
mod scalar;
mod section;

mod total;

pub use asking::{Asker, Asking};
pub use error::{Fault, FaultCode};

/// What the whole service answers from. One for the process.
#[derive(Clone)]
pub struct Context {
    /// Where everything is kept.
    pub database: Database,
    /// The newest catalogue.
    pub catalogue: watch::Receiver<Arc<Catalogue>>,
    /// The door for every change.
    pub ledger: Ledger,
    /// The newest counts.
    pub tallies: Tallies,
    /// What time it is. A request asks once, at the door; a stream asks for each event.
    pub clock: Clock,
    /// Whether the data was made up to show the service.
    pub simulated: bool,
}

impl Context {
    fn of<'ctx>(ctx: &async_graphql::Context<'ctx>) -> &'ctx Self {
        ctx.data_unchecked()
    }
}

/// Everything that can be read.
#[derive(Default, MergedObject)]
pub struct Query(
    edition::EditionQuery,
    section::SectionQuery,
    campaign::CampaignQuery,
    case::CaseQuery,
    node::NodeQuery,
    report::ReportQuery,
    about::ServiceQuery,
);

/// Everything that can be changed. A rule that says no is told in `userErrors`, with the place in the
/// input, and nothing is changed then.
#[derive(Default, MergedObject)]
pub struct Mutation(report::ReportMutation, administration::AdministrationMutation);

/// Everything that can be watched.
#[derive(Default, MergedSubscription)]
pub struct Subscription(live::LiveSubscription);

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema over a running service. Each request brings its [`Asking`].
#[must_use]
pub fn schema(context: Context) -> Schema {
    builder().data(context).finish()
}

/// The public contract as a document: what `schema.graphql` holds.
#[must_use]
pub fn sdl() -> String {
    let options =
        SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions().use_space_ident();
    builder().finish().sdl_with_options(options)
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_depth(limit::DEPTH_MOST)
        .limit_complexity(limit::COST_MOST)
        .limit_recursive_depth(limit::RECURSION_MOST)
        .limit_directives(limit::DIRECTIVES_MOST)
        .extension(error::Stamp)
}

#[cfg(test)]
mod tests;
