//! Answers that are made before anybody can ask for them.
//!
//! Each commit leaves the answers that speak of totals as they were before, and whoever asks next would wait
//! for a new one, all the others with them: on a busy evening everybody, a few hundred times a second. So
//! an answer that was given again and again is made anew before its next count is told, and is there when
//! that is: nobody is told of it sooner, and hardly anybody waits.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use async_graphql::Executor;
use futures_util::FutureExt;
use tokio::task::unconstrained;

use super::{GraphqlEngine, repeated_queries::RepeatedQuery};
use crate::client_info::{ClientInfo, PendingState};

/// What the answer before may have cost. A point is about a microsecond; ten cases with their texts and totals are
/// a third of it.
const MAX_COST: u64 = 500;
/// How many bytes the answer before may have: three times as many as such ten cases.
const MAX_BYTES: usize = 16 << 10;

impl<E: Executor> GraphqlEngine<E> {
    /// Executes repeated queries ahead of a publication. It runs on the path of the commit, between its
    /// storing and its publication, and is bounded by the constants above.
    ///
    /// `pending` makes the state that is about to be published, for each query a value of its own. The
    /// returned function puts the responses into the cache; call it once the state is published.
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
            // A query that has to wait for something is not precomputed, hence `now_or_never`; a panic
            // must not keep the commit from being published.
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
