//! Whether a cached response is still current.

use std::sync::Arc;

/// Tells whether a response is still current. It is evaluated before each reuse, so that it must be cheap and
/// must not block.
#[derive(Clone)]
pub struct Freshness(Arc<dyn Fn() -> FreshnessState + Send + Sync>);

/// Whether a response may be reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreshnessState {
    /// Executing the request again would give the same response.
    Current,
    /// What it was made from has changed.
    Stale,
    /// Changes of what it was made from cannot be seen: the response is not cached.
    Uncacheable,
}

impl Freshness {
    /// Evaluates `state` each time.
    #[must_use]
    pub fn new(state: impl Fn() -> FreshnessState + Send + Sync + 'static) -> Self {
        Self(Arc::new(state))
    }

    pub(crate) fn state(&self) -> FreshnessState {
        (self.0)()
    }
}
