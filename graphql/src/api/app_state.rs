//! The state of a process that responses are computed from.

use std::sync::Arc;

use domain::{catalogue::Catalogue, revision::Revision};
use tokio::sync::watch;

use super::participation::ParticipationCache;
use crate::{clock::Clock, database::Database, ledger::Ledger, mail::MailQueue, totals_store::TotalsStore};

/// Shared state of the process: everything that responses are computed from. One instance per process.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub database: Database,
    /// The current catalogue.
    pub catalogue: watch::Receiver<Arc<Catalogue>>,
    /// The ledger, the only writer.
    pub ledger: Ledger,
    /// The current totals.
    pub totals: TotalsStore,
    /// The newest revision of events that this process knows. Public event data may have changed since any
    /// lower one.
    pub events_revision: watch::Receiver<Revision>,
    /// Cached participation figures.
    pub participation: Arc<ParticipationCache>,
    /// The mail queue.
    pub mail_queue: MailQueue,
    /// The clock. A request reads it once, when it arrives; a stream reads it for each event.
    pub clock: Clock,
    /// The public base URL of the service.
    pub public_url: Arc<str>,
    /// Whether the data is simulated, for demonstrations.
    pub simulated: bool,
}

impl AppState {
    /// The state that a resolver gets from its context.
    pub(super) fn of<'ctx>(ctx: &async_graphql::Context<'ctx>) -> &'ctx Self {
        ctx.data_unchecked()
    }
}
