//! The client of a request.

use std::{any::Any, fmt::Debug, net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, header};

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

impl ClientInfo {
    /// The client of a request with these headers.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, address: Option<IpAddr>) -> Self {
        let mut client = Self { address, ..Self::default() };
        let names = [header::AUTHORIZATION, header::ACCEPT_LANGUAGE];
        for (name, value) in names.iter().filter_map(|name| Some((name, headers.get(name)?.to_str().ok()?))) {
            client.apply(name.as_str(), value);
        }
        client
    }

    /// Applies what a `connection_init` message says in place of headers, which a browser cannot set on a
    /// WebSocket.
    pub fn apply_init_payload<'a>(&mut self, payload: impl IntoIterator<Item = (&'a str, &'a str)>) {
        payload.into_iter().for_each(|(name, value)| self.apply(name, value));
    }

    fn apply(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("authorization") {
            self.bearer_token = bearer_token_of(value).map(str::to_owned);
        } else if name.eq_ignore_ascii_case("accept-language") {
            self.accept_language = Some(value.to_owned());
        }
    }
}

/// The token of an `Authorization` header. The scheme is compared without case (RFC 9110, 11.1).
fn bearer_token_of(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
