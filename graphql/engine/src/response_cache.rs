//! The response cache: a response is reused while executing the request again would give the same response.
//!
//! A response is stored with its [`Freshness`], which is checked before each reuse: a stale response is never
//! served. Concurrent requests for a missing response wait for one execution.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quick_cache::{
    Weighter,
    sync::{Cache, EntryAction, EntryResult},
};

use crate::{
    cache_key::{BodyKey, CacheKey},
    freshness::{Freshness, FreshnessState},
    response::EncodedResponse,
    telemetry::Counter,
};

/// The expected number of responses; it only sizes the first allocation.
const ESTIMATED_RESPONSES: usize = 1_000;
/// The maximum size of the cache in bytes. A larger cache would hold responses that become stale before they
/// are requested again.
const MAX_CACHE_BYTES: u64 = 16 << 20;
/// The memory of an entry besides the response.
const ENTRY_OVERHEAD_BYTES: u64 = 512;
/// The number of request bodies that are remembered.
const MAX_BODIES: usize = 4_096;
/// The time for which requests bypass the cache after a response could not be shared.
const BYPASS_TTL: Duration = Duration::from_secs(10);

/// The cached responses and the cache's metrics.
pub struct ResponseCache {
    cache: Cache<CacheKey, CacheEntry, EntryWeight>,
    /// The cache keys of request bodies: a known body need not be parsed.
    bodies: Cache<BodyKey, CacheKey>,
    metrics: CacheMetrics,
}

/// Counters of the cache.
#[derive(Debug, Default)]
pub struct CacheMetrics {
    /// Requests for which a current response was cached.
    pub hits: Counter,
    /// Requests that waited for the execution of another request.
    pub coalesced: Counter,
    /// Requests that were executed.
    pub misses: Counter,
    /// Responses that were precomputed.
    pub precomputed: Counter,
}

#[derive(Clone)]
enum CacheEntry {
    /// A response and its size. The entry keeps this weight until it is weighed again: the cache relies on
    /// it.
    Response(Arc<EncodedResponse>, Freshness, usize),
    /// The response cannot be shared, or has errors. Until this time, requests are executed separately and do
    /// not wait for each other.
    Bypass(Instant),
}

#[derive(Clone)]
struct EntryWeight;

impl Weighter<CacheKey, CacheEntry> for EntryWeight {
    fn weight(&self, _: &CacheKey, entry: &CacheEntry) -> u64 {
        ENTRY_OVERHEAD_BYTES
            + match entry {
                CacheEntry::Response(.., size) => *size as u64,
                CacheEntry::Bypass(_) => 0,
            }
    }
}

impl ResponseCache {
    pub(crate) fn new() -> Self {
        let cache = Cache::with_weighter(ESTIMATED_RESPONSES, MAX_CACHE_BYTES, EntryWeight);
        Self { cache, bodies: Cache::new(MAX_BODIES), metrics: CacheMetrics::default() }
    }

    /// Counters of the cache.
    #[must_use]
    pub fn metrics(&self) -> &CacheMetrics {
        &self.metrics
    }

    /// The number of responses and their size in bytes.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        (self.cache.len(), self.cache.weight())
    }

    /// The cached response, if it is current. The caller counts the hit.
    pub(crate) fn get_current(&self, key: &CacheKey) -> Option<Arc<EncodedResponse>> {
        match self.cache.get(key)? {
            CacheEntry::Response(response, freshness, _) if freshness.state() == FreshnessState::Current => {
                response.mark_reused();
                Some(response)
            }
            CacheEntry::Response(..) | CacheEntry::Bypass(_) => None,
        }
    }

    /// The cached response, if it was reused.
    pub(crate) fn peek_reused(&self, key: &CacheKey) -> Option<Arc<EncodedResponse>> {
        match self.cache.peek(key)? {
            CacheEntry::Response(response, ..) => Some(response).filter(|response| response.was_reused()),
            CacheEntry::Bypass(_) => None,
        }
    }

    /// Caches a precomputed response, if it is current.
    pub(crate) fn insert(&self, key: CacheKey, mut response: EncodedResponse, freshness: Freshness) {
        if freshness.state() == FreshnessState::Current {
            response.key = Some(key);
            let size = response.size();
            self.cache.insert(key, CacheEntry::Response(Arc::new(response), freshness, size));
            self.metrics.precomputed.add(1);
        }
    }

    /// The cache key of a body, if it is known.
    pub(crate) fn body_for(&self, body: &BodyKey) -> Option<CacheKey> {
        self.bodies.get(body)
    }

    /// Remembers the cache key of a body.
    pub(crate) fn remember_body(&self, body: BodyKey, key: CacheKey) {
        self.bodies.insert(body, key);
    }

    /// Updates the weight of a response, if it is still cached.
    pub(crate) fn reweigh(&self, response: &Arc<EncodedResponse>) {
        let Some(key) = &response.key else { return };
        // Does not wait for a request that is computing the next response.
        let at_once = Some(Duration::ZERO);
        self.cache.entry(key, at_once, |_, entry| {
            if let CacheEntry::Response(lookup, _, size) = entry
                && Arc::ptr_eq(lookup, response)
            {
                *size = response.size();
            }
            EntryAction::Retain(())
        });
    }

    /// The cached response, or the one that `compute` returns, which is cached if possible. Concurrent
    /// requests share one computation.
    pub(crate) async fn get_or_compute<F>(
        &self,
        key: &CacheKey,
        compute: impl FnOnce() -> F,
    ) -> Arc<EncodedResponse>
    where
        F: Future<Output = (EncodedResponse, Option<Freshness>)>,
    {
        let lookup = self.cache.entry_async(key, |_, entry| match entry {
            CacheEntry::Response(response, freshness, _) if freshness.state() == FreshnessState::Current => {
                EntryAction::Retain(Some(Arc::clone(response)))
            }
            CacheEntry::Bypass(until) if Instant::now() < *until => EntryAction::Retain(None),
            CacheEntry::Response(..) | CacheEntry::Bypass(_) => EntryAction::ReplaceWithGuard,
        });
        let guard = match lookup.await {
            EntryResult::Retained(Some(response)) => {
                self.metrics.coalesced.add(1);
                response.mark_reused();
                return response;
            }
            EntryResult::Vacant(guard) | EntryResult::Replaced(guard, _) => Some(guard),
            EntryResult::Retained(None) | EntryResult::Removed(..) | EntryResult::Timeout => None,
        };
        self.metrics.misses.add(1);
        let (mut response, freshness) = compute().await;
        let Some(guard) = guard else { return Arc::new(response) };
        response.key = Some(*key);
        let response = Arc::new(response);
        let state = freshness.as_ref().map_or(FreshnessState::Uncacheable, Freshness::state);
        let entry = match (freshness, state) {
            (Some(freshness), FreshnessState::Current) if response.errors.is_empty() => {
                CacheEntry::Response(Arc::clone(&response), freshness, response.size())
            }
            // The response became stale meanwhile: a waiting request computes the next one.
            (_, FreshnessState::Stale) => return response,
            _ if response.is_client_specific() => return response,
            _ => CacheEntry::Bypass(Instant::now() + BYPASS_TTL),
        };
        // If there is no room for the entry, it is not cached.
        let _ = guard.insert(entry);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use async_graphql::{Response, Value};
    use futures_util::{FutureExt, future::join_all};
    use tokio::sync::Notify;

    use super::*;
    use crate::{client_info::ClientInfo, request::GraphqlRequest};

    fn key(query: &str) -> CacheKey {
        let request = GraphqlRequest { query: Some(query.to_owned()), ..GraphqlRequest::default() };
        CacheKey::of(&request, &ClientInfo::default()).expect("a key")
    }

    #[test]
    fn a_remembered_body_has_a_cache_key() {
        let cache = ResponseCache::new();
        let key = key("{a}");
        let body = BodyKey::of(br#"{"query":"{a}"}"#, &ClientInfo::default()).expect("a key");
        assert_eq!(cache.body_for(&body), None);
        cache.remember_body(body, key);
        assert_eq!(cache.body_for(&body), Some(key));
    }

    fn freshness(state: &Arc<Mutex<FreshnessState>>) -> Freshness {
        let state = Arc::clone(state);
        Freshness::new(move || *state.lock().expect("no panic"))
    }

    async fn ask(cache: &ResponseCache, number: i32, freshness: Option<Freshness>) -> String {
        let key = key("{a}");
        let compute = || async move { (Response::new(Value::from(number)).into(), freshness) };
        cache.get_or_compute(&key, compute).await.json.to_string()
    }

    #[tokio::test]
    async fn a_response_is_reused_until_it_is_stale() {
        let cache = ResponseCache::new();
        let state = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&cache, 1, Some(freshness(&state))).await, r#"{"data":1}"#);
        assert_eq!(ask(&cache, 2, Some(freshness(&state))).await, r#"{"data":1}"#);
        *state.lock().expect("no panic") = FreshnessState::Stale;
        assert!(cache.get_current(&key("{a}")).is_none());
        let fresh = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&cache, 3, Some(freshness(&fresh))).await, r#"{"data":3}"#);
        assert_eq!(ask(&cache, 4, Some(freshness(&fresh))).await, r#"{"data":3}"#);
    }

    #[tokio::test]
    async fn an_uncacheable_response_is_computed_for_each_request() {
        let cache = ResponseCache::new();
        assert_eq!(ask(&cache, 1, None).await, r#"{"data":1}"#);
        assert_eq!(ask(&cache, 2, None).await, r#"{"data":2}"#);
        let never = Arc::new(Mutex::new(FreshnessState::Uncacheable));
        assert_eq!(ask(&cache, 3, Some(freshness(&never))).await, r#"{"data":3}"#);
    }

    #[tokio::test]
    async fn an_error_is_not_cached() {
        let cache = ResponseCache::new();
        let key = key("{a}");
        let current = Arc::new(Mutex::new(FreshnessState::Current));
        let failing = freshness(&current);
        let error = crate::error::ErrorCode::Internal.error("no");
        cache.get_or_compute(&key, || async { (vec![error].into(), Some(failing)) }).await;
        assert!(cache.get_current(&key).is_none());
        assert_eq!(ask(&cache, 2, Some(freshness(&current))).await, r#"{"data":2}"#);
    }

    #[tokio::test]
    async fn concurrent_requests_share_one_computation() {
        let cache = ResponseCache::new();
        let key = key("{a}");
        let current = Arc::new(Mutex::new(FreshnessState::Current));
        let (computed, release) = (AtomicUsize::new(0), Notify::new());
        let key = (0..100).map(|_| {
            cache.get_or_compute(&key, || async {
                computed.fetch_add(1, Ordering::SeqCst);
                release.notified().await;
                (Response::new(Value::from(1)).into(), Some(freshness(&current)))
            })
        });
        let all = join_all(key);
        let (all, ()) = tokio::join!(all, async {
            tokio::task::yield_now().await;
            release.notify_one();
        });
        assert!(all.iter().all(|response| Arc::ptr_eq(response, &all[0])));
        assert_eq!(computed.into_inner(), 1);
        assert_eq!((cache.metrics.misses.read(), cache.metrics.coalesced.read()), (1, 99));
    }

    #[tokio::test]
    async fn a_compressed_response_is_weighed_again_while_it_is_cached() {
        let cache = ResponseCache::new();
        let key = key("{a}");
        let state = Arc::new(Mutex::new(FreshnessState::Current));
        let compute = async |number: i32| {
            let freshness = Some(freshness(&state));
            cache
                .get_or_compute(&key, || async { (Response::new(Value::from(number)).into(), freshness) })
                .await
        };
        let first = compute(1).await;
        let uncompressed_size = cache.size().1;
        let (compressed, is_new) = first.compress();
        assert!(is_new && !first.compress().1, "it is compressed once");
        cache.reweigh(&first);
        assert_eq!(cache.size().1, uncompressed_size + compressed.len() as u64);
        *state.lock().expect("no panic") = FreshnessState::Stale;
        let _second = cache
            .get_or_compute(&key, || async {
                let current = Arc::new(Mutex::new(FreshnessState::Current));
                (Response::new(Value::from(2)).into(), Some(self::freshness(&current)))
            })
            .await;
        cache.reweigh(&first);
        assert_eq!(cache.size(), (1, uncompressed_size), "only the cached response has a weight");
    }

    #[tokio::test]
    async fn a_cancelled_computation_leaves_the_entry_to_the_next_request() {
        let cache = ResponseCache::new();
        let key = key("{a}");
        let cancelled = cache.get_or_compute(&key, || async {
            std::future::pending::<(EncodedResponse, Option<Freshness>)>().await
        });
        assert!(cancelled.now_or_never().is_none());
        let current = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&cache, 2, Some(freshness(&current))).await, r#"{"data":2}"#);
    }
}
