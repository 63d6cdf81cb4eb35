//! The client of a request.

use std::{any::Any, fmt::Debug, net::IpAddr, sync::Arc};

use crate::{cost_budget::CostBudget, request_metrics::Transport};

/// State that a commit is about to publish. A precomputed response is cached only if it was made from this
/// state; otherwise the cached response is still current and stays in the cache.
pub trait PendingState: Any + Debug + Send + Sync {
    /// Whether a resolver read it.
    fn was_used(&self) -> bool;
}

/// What a transport knows about the client of a request.
#[derive(Clone, Debug, Default)]
pub struct ClientInfo {
    /// The token of `Authorization: Bearer …`.
    pub bearer_token: Option<String>,
    /// The value of `Accept-Language`.
    pub accept_language: Option<String>,
    /// The IP address, if it is known.
    pub address: Option<IpAddr>,
    /// The cost that the request may still cause.
    pub cost_budget: CostBudget,
    /// The transport of the request.
    pub transport: Transport,
    /// The state that is about to be published, if the response is precomputed from it.
    pub pending: Option<Arc<dyn PendingState>>,
}

/// The token of an `Authorization` header. The scheme is compared without case (RFC 9110, 11.1).
pub(crate) fn bearer_token_of(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
