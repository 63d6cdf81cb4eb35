//! Information about the service itself.

use async_graphql::{Object, SimpleObject};

use super::{Asking, Context, scalar::DateTime};

/// Information about the service.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct Service {
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
    async fn service(&self, ctx: &async_graphql::Context<'_>) -> Service {
        Service {
            name: "Write for Rights",
            version: env!("CARGO_PKG_VERSION"),
            now: Asking::of(ctx).told_time().into(),
            simulated: Context::of(ctx).simulated,
        }
    }
}
