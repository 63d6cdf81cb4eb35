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
    fn weight(&self, _: &CacheKey, kept: &CacheEntry) -> u64 {
        ENTRY_OVERHEAD_BYTES
            + match kept {
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
            CacheEntry::Response(answer, standing, _) if standing.state() == FreshnessState::Current => {
                answer.mark_reused();
                Some(answer)
            }
            CacheEntry::Response(..) | CacheEntry::Bypass(_) => None,
        }
    }

    /// The answer that is kept, if it was given to anybody who did not have it made.
    pub(crate) fn peek_reused(&self, key: &CacheKey) -> Option<Arc<EncodedResponse>> {
        match self.cache.peek(key)? {
            CacheEntry::Response(answer, ..) => Some(answer).filter(|answer| answer.was_reused()),
            CacheEntry::Bypass(_) => None,
        }
    }

    /// Keeps an answer that was made ahead, if it is the answer now.
    pub(crate) fn insert(&self, key: CacheKey, mut answer: EncodedResponse, standing: Freshness) {
        if standing.state() == FreshnessState::Current {
            answer.key = Some(key);
            let size = answer.size();
            self.cache.insert(key, CacheEntry::Response(Arc::new(answer), standing, size));
            self.metrics.precomputed.add(1);
        }
    }

    /// What a body asks, if that is known.
    pub(crate) fn body_for(&self, body: &BodyKey) -> Option<CacheKey> {
        self.bodies.get(body)
    }

    /// Takes note of what a body asks.
    pub(crate) fn remember_body(&self, body: BodyKey, asks: CacheKey) {
        self.bodies.insert(body, asks);
    }

    /// Weighs an answer anew, if it still is the one that is kept.
    pub(crate) fn reweigh(&self, answer: &Arc<EncodedResponse>) {
        let Some(key) = &answer.key else { return };
        // Whoever is making the next one is not waited for.
        let at_once = Some(Duration::ZERO);
        self.cache.entry(key, at_once, |_, kept| {
            if let CacheEntry::Response(found, _, size) = kept
                && Arc::ptr_eq(found, answer)
            {
                *size = answer.size();
            }
            EntryAction::Retain(())
        });
    }

    /// The answer that is kept, or the one that `make` makes, which is kept if it can be. It is made
    /// once for all who ask for it meanwhile.
    pub(crate) async fn get_or_compute<F>(
        &self,
        key: &CacheKey,
        make: impl FnOnce() -> F,
    ) -> Arc<EncodedResponse>
    where
        F: Future<Output = (EncodedResponse, Option<Freshness>)>,
    {
        let found = self.cache.entry_async(key, |_, kept| match kept {
            CacheEntry::Response(answer, standing, _) if standing.state() == FreshnessState::Current => {
                EntryAction::Retain(Some(Arc::clone(answer)))
            }
            CacheEntry::Bypass(until) if Instant::now() < *until => EntryAction::Retain(None),
            CacheEntry::Response(..) | CacheEntry::Bypass(_) => EntryAction::ReplaceWithGuard,
        });
        let place = match found.await {
            EntryResult::Retained(Some(answer)) => {
                self.metrics.coalesced.add(1);
                answer.mark_reused();
                return answer;
            }
            EntryResult::Vacant(place) | EntryResult::Replaced(place, _) => Some(place),
            EntryResult::Retained(None) | EntryResult::Removed(..) | EntryResult::Timeout => None,
        };
        self.metrics.misses.add(1);
        let (mut answer, standing) = make().await;
        let Some(place) = place else { return Arc::new(answer) };
        answer.key = Some(*key);
        let answer = Arc::new(answer);
        let verdict = standing.as_ref().map_or(FreshnessState::Uncacheable, Freshness::state);
        let kept = match (standing, verdict) {
            (Some(standing), FreshnessState::Current) if answer.errors.is_empty() => {
                CacheEntry::Response(Arc::clone(&answer), standing, answer.size())
            }
            // It was overtaken while it was made: whoever waits makes the next.
            (_, FreshnessState::Stale) => return answer,
            _ if answer.is_client_specific() => return answer,
            _ => CacheEntry::Bypass(Instant::now() + BYPASS_TTL),
        };
        // If there is no room for it, it is not kept.
        let _ = place.insert(kept);
        answer
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
        let answers = ResponseCache::new();
        let asks = key("{a}");
        let body = BodyKey::of(br#"{"query":"{a}"}"#, &ClientInfo::default()).expect("a key");
        assert_eq!(answers.body_for(&body), None);
        answers.remember_body(body, asks);
        assert_eq!(answers.body_for(&body), Some(asks));
    }

    fn standing(verdict: &Arc<Mutex<FreshnessState>>) -> Freshness {
        let verdict = Arc::clone(verdict);
        Freshness::new(move || *verdict.lock().expect("no panic"))
    }

    async fn ask(answers: &ResponseCache, number: i32, standing: Option<Freshness>) -> String {
        let key = key("{a}");
        let make = || async move { (Response::new(Value::from(number)).into(), standing) };
        answers.get_or_compute(&key, make).await.json.to_string()
    }

    #[tokio::test]
    async fn an_answer_is_given_again_until_it_would_be_another() {
        let answers = ResponseCache::new();
        let verdict = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&answers, 1, Some(standing(&verdict))).await, r#"{"data":1}"#);
        assert_eq!(ask(&answers, 2, Some(standing(&verdict))).await, r#"{"data":1}"#);
        *verdict.lock().expect("no panic") = FreshnessState::Stale;
        assert!(answers.get_current(&key("{a}")).is_none());
        let fresh = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&answers, 3, Some(standing(&fresh))).await, r#"{"data":3}"#);
        assert_eq!(ask(&answers, 4, Some(standing(&fresh))).await, r#"{"data":3}"#);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_can_watch_is_made_for_each() {
        let answers = ResponseCache::new();
        assert_eq!(ask(&answers, 1, None).await, r#"{"data":1}"#);
        assert_eq!(ask(&answers, 2, None).await, r#"{"data":2}"#);
        let never = Arc::new(Mutex::new(FreshnessState::Uncacheable));
        assert_eq!(ask(&answers, 3, Some(standing(&never))).await, r#"{"data":3}"#);
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let answers = ResponseCache::new();
        let key = key("{a}");
        let holds = Arc::new(Mutex::new(FreshnessState::Current));
        let failing = standing(&holds);
        let error = crate::error::ErrorCode::Internal.error("no");
        answers.get_or_compute(&key, || async { (vec![error].into(), Some(failing)) }).await;
        assert!(answers.get_current(&key).is_none());
        assert_eq!(ask(&answers, 2, Some(standing(&holds))).await, r#"{"data":2}"#);
    }

    #[tokio::test]
    async fn what_many_ask_for_at_once_is_made_once() {
        let answers = ResponseCache::new();
        let key = key("{a}");
        let holds = Arc::new(Mutex::new(FreshnessState::Current));
        let (made, let_it) = (AtomicUsize::new(0), Notify::new());
        let asks = (0..100).map(|_| {
            answers.get_or_compute(&key, || async {
                made.fetch_add(1, Ordering::SeqCst);
                let_it.notified().await;
                (Response::new(Value::from(1)).into(), Some(standing(&holds)))
            })
        });
        let all = join_all(asks);
        let (all, ()) = tokio::join!(all, async {
            tokio::task::yield_now().await;
            let_it.notify_one();
        });
        assert!(all.iter().all(|answer| Arc::ptr_eq(answer, &all[0])));
        assert_eq!(made.into_inner(), 1);
        assert_eq!((answers.metrics.misses.read(), answers.metrics.coalesced.read()), (1, 99));
    }

    #[tokio::test]
    async fn what_is_packed_is_weighed_anew_while_it_is_what_is_kept() {
        let answers = ResponseCache::new();
        let key = key("{a}");
        let verdict = Arc::new(Mutex::new(FreshnessState::Current));
        let make = async |number: i32| {
            let standing = Some(standing(&verdict));
            answers
                .get_or_compute(&key, || async { (Response::new(Value::from(number)).into(), standing) })
                .await
        };
        let first = make(1).await;
        let light = answers.size().1;
        let (packed, is_new) = first.compress();
        assert!(is_new && !first.compress().1, "it is packed once");
        answers.reweigh(&first);
        assert_eq!(answers.size().1, light + packed.len() as u64);
        *verdict.lock().expect("no panic") = FreshnessState::Stale;
        let _second = answers
            .get_or_compute(&key, || async {
                let holds = Arc::new(Mutex::new(FreshnessState::Current));
                (Response::new(Value::from(2)).into(), Some(self::standing(&holds)))
            })
            .await;
        answers.reweigh(&first);
        assert_eq!(answers.size(), (1, light), "what is no longer kept weighs nothing");
    }

    #[tokio::test]
    async fn whoever_goes_while_making_leaves_it_to_the_next() {
        let answers = ResponseCache::new();
        let key = key("{a}");
        let gone = answers.get_or_compute(&key, || async {
            std::future::pending::<(EncodedResponse, Option<Freshness>)>().await
        });
        assert!(gone.now_or_never().is_none());
        let holds = Arc::new(Mutex::new(FreshnessState::Current));
        assert_eq!(ask(&answers, 2, Some(standing(&holds))).await, r#"{"data":2}"#);
    }
}
