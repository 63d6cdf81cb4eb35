//! The queries that are precomputed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;

use crate::{cache_key::CacheKey, client_info::ClientInfo};

/// How many answers are made ahead of a count. Whoever reported waits for them.
const MAX_QUERIES: usize = 8;

/// The questions that were asked again when their answers were past.
#[derive(Default)]
pub(super) struct Precompute(Mutex<Vec<RepeatedQuery>>);

/// What somebody asks again, and in which languages.
#[derive(Clone)]
pub(super) struct RepeatedQuery {
    pub key: CacheKey,
    pub body: Bytes,
    pub languages: Option<String>,
}

impl Precompute {
    /// Somebody asks again what was answered before. There is room for whoever comes first after a count.
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

    /// The questions; those for whose answers nobody cares any more are forgotten.
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
