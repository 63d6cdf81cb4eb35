//! Precomputation of responses ahead of a commit's publication.
//!
//! Each commit makes the cached responses about changed data stale. Under load, hundreds of requests for the
//! same response would then wait for its recomputation. Queries that were repeated are therefore executed
//! before the commit is published, and their responses are in the cache when it is.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use async_graphql::Executor;
use futures_util::FutureExt;
use tokio::task::unconstrained;

use super::{GraphqlEngine, repeated_queries::RepeatedQuery};
use crate::client_info::{ClientInfo, PendingState};

/// The highest cost of a response that is precomputed. A point is about a microsecond.
const MAX_COST: u64 = 500;
/// The largest response that is precomputed.
const MAX_BYTES: usize = 16 << 10;

impl<E: Executor> GraphqlEngine<E> {
    /// Executes repeated queries ahead of a publication. It runs on the path of the commit, after storage and
    /// before publication, and its work is bounded by the constants above.
    ///
    /// `pending` makes the state that is about to be published, a new value for each query. The returned
    /// function puts the responses into the cache; call it once the state is published.
    pub fn precompute(&self, pending: impl Fn() -> Arc<dyn PendingState>) -> Box<dyn FnOnce()> {
        let requests = self.shared.precompute.retain(|key| {
            let response = self.shared.response_cache.peek_reused(key);
            response.is_some_and(|response| response.cost <= MAX_COST && response.json.len() <= MAX_BYTES)
        });
        let mut computed = Vec::with_capacity(requests.len());
        for RepeatedQuery { key, body, languages } in requests {
            let pending = pending();
            let client = ClientInfo {
                accept_language: languages,
                pending: Some(Arc::clone(&pending)),
                ..ClientInfo::default()
            };
            // A query that has to wait is not precomputed, hence `now_or_never`. A panic must not prevent the
            // publication.
            let execute = AssertUnwindSafe(|| unconstrained(self.execute_body(body, client)).now_or_never());
            match panic::catch_unwind(execute) {
                Ok(Some((response, Some(freshness)))) if response.errors.is_empty() && pending.was_used() => {
                    computed.push((key, response, freshness));
                }
                _ => self.shared.precompute.forget(&key),
            }
        }
        let engine = Arc::downgrade(&self.shared);
        Box::new(move || {
            let Some(shared) = engine.upgrade() else { return };
            for (key, response, freshness) in computed {
                shared.response_cache.insert(key, response, freshness);
            }
        })
    }
}
