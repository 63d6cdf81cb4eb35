//! Answers that are made before anybody can ask for them.
//!
//! Each commit leaves the answers that speak of totals as they were before, and whoever asks next would wait
//! for a new one, all the others with them: on a busy evening everybody, a few hundred times a second. So
//! an answer that was given again and again is made anew before its next count is told, and is there when
//! that is: nobody is told of it sooner, and hardly anybody waits.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::Executor;
use axum::body::Bytes;
use domain::EditionId;
use futures_util::FutureExt;
use tokio::task::unconstrained;

use super::{ClientInfo, GraphqlEngine};
use crate::{
    server::response_cache::CacheKey,
    totals_store::{PendingSnapshot, TotalsSnapshot},
};

/// How many answers are made ahead of a count. Whoever reported waits for them.
const MAX_QUERIES: usize = 8;
/// What the answer before may have cost. A point is about a microsecond; ten cases with their texts and totals are
/// a third of it.
const MAX_COST: u64 = 500;
/// How many bytes the answer before may have: three times as many as such ten cases.
const MAX_BYTES: usize = 16 << 10;

/// The questions that were asked again when their answers were past.
#[derive(Default)]
pub(super) struct Precompute(Mutex<Vec<RepeatedQuery>>);

/// What somebody asks again, and in which languages.
#[derive(Clone)]
struct RepeatedQuery {
    key: CacheKey,
    body: Bytes,
    languages: Option<String>,
}

impl Precompute {
    /// Somebody asks again what was answered before. There is room for whoever comes first after a count.
    pub(super) fn remember(&self, key: CacheKey, body: &Bytes, asked: &ClientInfo) {
        let mut questions = self.queries();
        if questions.len() < MAX_QUERIES && questions.iter().all(|known| known.key != key) {
            questions.push(RepeatedQuery {
                key,
                body: body.clone(),
                languages: asked.accept_language.clone(),
            });
        }
    }

    /// The questions; those for whose answers nobody cares any more are forgotten.
    fn is_wanted(&self, is_wanted: impl Fn(&CacheKey) -> bool) -> Vec<RepeatedQuery> {
        let mut questions = self.queries();
        questions.retain(|question| is_wanted(&question.key));
        questions.clone()
    }

    fn forget(&self, key: &CacheKey) {
        self.queries().retain(|known| known.key != *key);
    }

    fn queries(&self) -> MutexGuard<'_, Vec<RepeatedQuery>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Executor> GraphqlEngine<E> {
    /// Makes answers ahead of a count, for as long as this door is there.
    pub(in crate::server) fn pre_publish_hook(
        &self,
    ) -> impl Fn(EditionId, &Arc<TotalsSnapshot>) -> Box<dyn FnOnce()> + Send + Sync + use<E> {
        let shared = Arc::downgrade(&self.shared);
        move |edition, count| match shared.upgrade() {
            Some(shared) => Self { shared }.precompute(edition, count),
            None => Box::new(|| ()),
        }
    }

    fn precompute(self, edition: EditionId, count: &Arc<TotalsSnapshot>) -> Box<dyn FnOnce()> {
        let questions = self.shared.ahead.is_wanted(|key| {
            let answer = self.shared.answers.given(key);
            answer.is_some_and(|answer| answer.cost <= MAX_COST && answer.json.len() <= MAX_BYTES)
        });
        let mut made = Vec::with_capacity(questions.len());
        for RepeatedQuery { key, body, languages } in questions {
            let coming = Arc::new(PendingSnapshot::new(edition, Arc::clone(count)));
            let asked = ClientInfo {
                accept_language: languages,
                pending_total: Some(Arc::clone(&coming)),
                ..ClientInfo::default()
            };
            // All of it is in memory, or it is not made; it is short, and need not let others have their turn. And
            // whatever becomes of it, the count is told.
            let make = AssertUnwindSafe(|| unconstrained(self.execute_body(body, asked)).now_or_never());
            match panic::catch_unwind(make) {
                Ok(Some((answer, Some(standing)))) if answer.errors.is_empty() && coming.is_spoken_of() => {
                    made.push((key, answer, standing));
                }
                _ => self.shared.ahead.forget(&key),
            }
        }
        Box::new(move || {
            for (key, answer, standing) in made {
                self.shared.answers.insert(key, answer, standing);
            }
        })
    }
}
