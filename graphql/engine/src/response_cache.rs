//! The answers that are kept: given again for as long as they would be made again just so.
//!
//! An answer is kept with what it was made from, and that is looked at each time before it is given:
//! an answer of an older version than the present one is never given. Whoever asks for what is being
//! made waits for it instead of having it made twice.

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

/// How many different questions one machine is usually asked.
const ESTIMATED_RESPONSES: usize = 1_000;
/// How many bytes of answers are kept: three thousand pages of ten cases with their texts. More would be
/// memory for answers that nobody asks for twice before they are past.
const MAX_CACHE_BYTES: u64 = 16 << 20;
/// What an answer takes besides its bytes: its key, its place, what it was made from.
const ENTRY_OVERHEAD_BYTES: u64 = 512;
/// How many bodies are known: as many as there are pages of partners that ask the same again and again.
const MAX_BODIES: usize = 4_096;
/// How long an answer is made for each who asks after it turned out that it cannot be shared.
const BYPASS_TTL: Duration = Duration::from_secs(10);

/// The answers that are kept, and how often they were asked for.
pub struct ResponseCache {
    cache: Cache<CacheKey, CacheEntry, EntryWeight>,
    /// What bodies ask whose answers were at hand: such a one need not be read again.
    bodies: Cache<BodyKey, CacheKey>,
    metrics: CacheMetrics,
}

/// How often an answer that could have been there was asked for.
#[derive(Debug, Default)]
pub struct CacheMetrics {
    /// It was there.
    pub hits: Counter,
    /// It was being made for somebody else, and was waited for.
    pub coalesced: Counter,
    /// It had to be made.
    pub misses: Counter,
    /// It was made before anybody could ask for it.
    pub precomputed: Counter,
}

#[derive(Clone)]
enum CacheEntry {
    /// With how many bytes it takes. It weighs as much until it is weighed anew: the cache reckons with
    /// what it was told.
    Response(Arc<EncodedResponse>, Freshness, usize),
    /// What this question asks for has to be looked up, or went wrong: until then, everybody's answer
    /// is made for themselves, and nobody waits for another's.
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

    /// How often they were asked for.
    #[must_use]
    pub fn metrics(&self) -> &CacheMetrics {
        &self.metrics
    }

    /// How many there are, and how many bytes they take.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        (self.cache.len(), self.cache.weight())
    }

    /// The answer that is kept, if it still is the answer. Whoever gives it counts it.
    pub(crate) fn get_current(&self, key: &CacheKey) -> Option<Arc<EncodedResponse>> {
        match self.cache.get(key)? {
            CacheEntry::Response(response, freshness, _) if freshness.state() == FreshnessState::Current => {
                response.mark_reused();
                Some(response)
            }
            CacheEntry::Response(..) | CacheEntry::Bypass(_) => None,
        }
    }

    /// The answer that is kept, if it was given to anybody who did not have it made.
    pub(crate) fn peek_reused(&self, key: &CacheKey) -> Option<Arc<EncodedResponse>> {
        match self.cache.peek(key)? {
            CacheEntry::Response(response, ..) => Some(response).filter(|response| response.was_reused()),
            CacheEntry::Bypass(_) => None,
        }
    }

    /// Keeps an answer that was made ahead, if it is the answer now.
    pub(crate) fn insert(&self, key: CacheKey, mut response: EncodedResponse, freshness: Freshness) {
        if freshness.state() == FreshnessState::Current {
            response.key = Some(key);
            let size = response.size();
            self.cache.insert(key, CacheEntry::Response(Arc::new(response), freshness, size));
            self.metrics.precomputed.add(1);
        }
    }

    /// What a body asks, if that is known.
    pub(crate) fn body_for(&self, body: &BodyKey) -> Option<CacheKey> {
        self.bodies.get(body)
    }

    /// Takes note of what a body asks.
    pub(crate) fn remember_body(&self, body: BodyKey, key: CacheKey) {
        self.bodies.insert(body, key);
    }

    /// Weighs an answer anew, if it still is the one that is kept.
    pub(crate) fn reweigh(&self, response: &Arc<EncodedResponse>) {
        let Some(key) = &response.key else { return };
        // Whoever is making the next one is not waited for.
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

    /// The answer that is kept, or the one that `make` makes, which is kept if it can be. It is made
    /// once for all who ask for it meanwhile.
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
            // It was overtaken while it was made: whoever waits makes the next.
            (_, FreshnessState::Stale) => return response,
            _ if response.is_client_specific() => return response,
            _ => CacheEntry::Bypass(Instant::now() + BYPASS_TTL),
        };
        // If there is no room for it, it is not kept.
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
    fn what_a_body_asks_is_known_once_it_was_learned() {
        let responses = ResponseCache::new();
        let key = key("{a}");
        let body = BodyKey::of(br#"{"query":"{a}"}"#, &ClientInfo::default()).expect("a key");
        assert_eq!(responses.body_for(&body), None);
        responses.remember_body(body, key);
        assert_eq!(responses.body_for(&body), Some(key));
    }

    fn freshness(state: &Arc<Mutex<FreshnessState>>) -> Freshness {
        let state = Arc::clone(state);
        Freshness::new(move || *state.lock().expect("no panic"))
    }

    async fn ask(responses: &ResponseCache, number: i32, freshness: Option<Freshness>) -> String {
        let key = key("{a}");
        let compute = || async move { (Response::new(Value::from(number)).into(), freshness) };
        responses.get_or_compute(&key, compute).await.json.to_string()
    }

    #[tokio::test]
    async fn an_answer_is_given_again_until_it_would_be_another() {
        let responses = ResponseCache::new();
        let state = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&responses, 1, Some(freshness(&state))).await, r#"{"data":1}"#);
        assert_eq!(ask(&responses, 2, Some(freshness(&state))).await, r#"{"data":1}"#);
        *state.lock().expect("no panic") = FreshnessState::Stale;
        assert!(responses.get_current(&key("{a}")).is_none());
        let fresh = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&responses, 3, Some(freshness(&fresh))).await, r#"{"data":3}"#);
        assert_eq!(ask(&responses, 4, Some(freshness(&fresh))).await, r#"{"data":3}"#);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_can_watch_is_made_for_each() {
        let responses = ResponseCache::new();
        assert_eq!(ask(&responses, 1, None).await, r#"{"data":1}"#);
        assert_eq!(ask(&responses, 2, None).await, r#"{"data":2}"#);
        let never = Arc::new(Mutex::new(FreshnessState::Uncacheable));
        assert_eq!(ask(&responses, 3, Some(freshness(&never))).await, r#"{"data":3}"#);
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let responses = ResponseCache::new();
        let key = key("{a}");
        let current = Arc::new(Mutex::new(FreshnessState::Current));
        let failing = freshness(&current);
        let error = crate::error::ErrorCode::Internal.error("no");
        responses.get_or_compute(&key, || async { (vec![error].into(), Some(failing)) }).await;
        assert!(responses.get_current(&key).is_none());
        assert_eq!(ask(&responses, 2, Some(freshness(&current))).await, r#"{"data":2}"#);
    }

    #[tokio::test]
    async fn what_many_ask_for_at_once_is_made_once() {
        let responses = ResponseCache::new();
        let key = key("{a}");
        let current = Arc::new(Mutex::new(FreshnessState::Current));
        let (computed, release) = (AtomicUsize::new(0), Notify::new());
        let key = (0..100).map(|_| {
            responses.get_or_compute(&key, || async {
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
        assert_eq!((responses.metrics.misses.read(), responses.metrics.coalesced.read()), (1, 99));
    }

    #[tokio::test]
    async fn what_is_packed_is_weighed_anew_while_it_is_what_is_kept() {
        let responses = ResponseCache::new();
        let key = key("{a}");
        let state = Arc::new(Mutex::new(FreshnessState::Current));
        let compute = async |number: i32| {
            let freshness = Some(freshness(&state));
            responses
                .get_or_compute(&key, || async { (Response::new(Value::from(number)).into(), freshness) })
                .await
        };
        let first = compute(1).await;
        let light = responses.size().1;
        let (compressed, is_new) = first.compress();
        assert!(is_new && !first.compress().1, "it is packed once");
        responses.reweigh(&first);
        assert_eq!(responses.size().1, light + compressed.len() as u64);
        *state.lock().expect("no panic") = FreshnessState::Stale;
        let _second = responses
            .get_or_compute(&key, || async {
                let current = Arc::new(Mutex::new(FreshnessState::Current));
                (Response::new(Value::from(2)).into(), Some(self::freshness(&current)))
            })
            .await;
        responses.reweigh(&first);
        assert_eq!(responses.size(), (1, light), "what is no longer kept weighs nothing");
    }

    #[tokio::test]
    async fn whoever_goes_while_making_leaves_it_to_the_next() {
        let responses = ResponseCache::new();
        let key = key("{a}");
        let gone = responses.get_or_compute(&key, || async {
            std::future::pending::<(EncodedResponse, Option<Freshness>)>().await
        });
        assert!(gone.now_or_never().is_none());
        let current = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&responses, 2, Some(freshness(&current))).await, r#"{"data":2}"#);
    }
}
