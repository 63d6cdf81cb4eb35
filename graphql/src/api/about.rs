//! Information about the service itself.

use async_graphql::{Object, SimpleObject};

use super::{AppState, RequestContext, scalar::DateTime};

/// Information about the service.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct ServiceInfo {
    /// The name of the software.
    name: &'static str,
    /// The version of the software.
    version: &'static str,
    /// The service's current time. Campaign phases and statuses in the same response are computed from this
    /// instant.
    now: DateTime,
    /// Whether all data is simulated, for a demonstration. If so, no letters were written, and no number may
    /// be quoted.
    simulated: bool,
}

/// The query field for the service.
#[derive(Default)]
pub(crate) struct ServiceQuery;

#[Object(serial)]
impl ServiceQuery {
    /// Information about the service.
    async fn service(&self, ctx: &async_graphql::Context<'_>) -> ServiceInfo {
        ServiceInfo {
            name: "Write for Rights",
            version: env!("CARGO_PKG_VERSION"),
            now: RequestContext::of(ctx).now_uncacheable().into(),
            simulated: AppState::of(ctx).simulated,
        }
    }
}
