//! The service itself.

use async_graphql::{Object, SimpleObject};

use super::{AppState, RequestContext, scalar::DateTime};

/// The service that answers.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ServiceInfo {
    /// What it is called.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// What time it is for the service: phases and statuses follow from this instant.
    now: DateTime,
    /// Whether the data was made up to show the service. If so, nobody wrote these letters, and no
    /// number here may be quoted.
    simulated: bool,
}

/// The service, as a part of what can be read.
#[derive(Default)]
pub(crate) struct ServiceQuery;

#[Object(serial)]
impl ServiceQuery {
    /// The service that answers.
    async fn service(&self, ctx: &async_graphql::Context<'_>) -> ServiceInfo {
        ServiceInfo {
            name: "Write for Rights",
            version: env!("CARGO_PKG_VERSION"),
            now: RequestContext::of(ctx).now_uncacheable().into(),
            simulated: AppState::of(ctx).simulated,
        }
    }
}
