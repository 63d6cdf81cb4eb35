//! The repeated queries, which are candidates for precomputation.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;

use crate::{cache_key::CacheKey, client_info::ClientInfo};

/// The number of queries that are precomputed. The commit waits for them.
const MAX_QUERIES: usize = 8;

/// The queries that were repeated after their cached response became stale.
#[derive(Default)]
pub(super) struct Precompute(Mutex<Vec<RepeatedQuery>>);

/// A repeated query: its body and `Accept-Language`.
#[derive(Clone)]
pub(super) struct RepeatedQuery {
    pub key: CacheKey,
    pub body: Bytes,
    pub languages: Option<String>,
}

impl Precompute {
    /// Remembers a repeated query, if there is room.
    pub(super) fn remember(&self, key: CacheKey, body: &Bytes, client: &ClientInfo) {
        let mut requests = self.queries();
        if requests.len() < MAX_QUERIES && requests.iter().all(|query| query.key != key) {
            requests.push(RepeatedQuery {
                key,
                body: body.clone(),
                languages: client.accept_language.clone(),
            });
        }
    }

    /// Forgets the queries that are not wanted and returns the others.
    pub(super) fn retain(&self, is_wanted: impl Fn(&CacheKey) -> bool) -> Vec<RepeatedQuery> {
        let mut requests = self.queries();
        requests.retain(|request| is_wanted(&request.key));
        requests.clone()
    }

    pub(super) fn forget(&self, key: &CacheKey) {
        self.queries().retain(|query| query.key != *key);
    }

    fn queries(&self) -> MutexGuard<'_, Vec<RepeatedQuery>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
