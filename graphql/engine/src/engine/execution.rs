//! Execution.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use async_graphql::{Executor, ServerError, Value, parser::types::OperationType};
use axum::body::Bytes;
use futures_util::FutureExt;
use tokio::time::timeout;

use super::{GraphqlEngine, RequestData};
use crate::{
    cache_key::{BodyKey, CacheKey},
    client_info::ClientInfo,
    document::{ExecutableOperation, RootField},
    error,
    freshness::Freshness,
    prerendered_json::EagerJson,
    request::{GraphqlRequest, RequestBatch},
    request_metrics::RequestOutcome,
    response::EncodedResponse,
    settings::EngineSettings,
};

/// An operation that may run, or its answer if that is at hand.
pub(crate) struct PreparedOperation {
    pub kind: OperationType,
    pub(super) source: ResponseSource,
}

pub(super) enum ResponseSource {
    Cached(Arc<EncodedResponse>),
    /// What is asked is known by the body, which whoever makes the answer anew reads.
    KnownBody(CacheKey, Bytes),
    Execute(Box<ExecutableOperation>, Option<CacheKey>),
}

impl<E: Executor> GraphqlEngine<E> {
    /// Looks whether the answer is at hand; else judges the document, chooses the operation and checks
    /// the variables. A document on which the judgement falls over is refused.
    pub(crate) async fn prepare(
        &self,
        question: GraphqlRequest,
        body: Option<BodyKey>,
        asked: &ClientInfo,
    ) -> Result<PreparedOperation, Vec<ServerError>> {
        let prepared = match asked.cost_budget.charge_lookup() {
            Ok(()) => self.lookup_or_validate(question, body, asked).await,
            Err(fault) => Err(vec![fault.into()]),
        };
        prepared.inspect_err(|errors| self.shared.request_metrics.record(asked.transport, RequestOutcome::from_errors(errors)))
    }

    /// What was asked before by the same body, word for word, and answered. Where that is past, one of all
    /// who ask reads it again, and the others wait for the answer.
    pub(crate) fn lookup_by_body(
        &self,
        body: &BodyKey,
        bytes: &Bytes,
        asked: &ClientInfo,
    ) -> Option<PreparedOperation> {
        let key = self.shared.response_cache.body_for(body)?;
        // Whoever may not even look is told so where it is read.
        asked.cost_budget.charge_lookup().ok()?;
        Some(match self.shared.response_cache.get_current(&key) {
            Some(answer) => self.reuse(answer),
            None => PreparedOperation {
                kind: OperationType::Query,
                source: ResponseSource::KnownBody(key, bytes.clone()),
            },
        })
    }

    fn reuse(&self, answer: Arc<EncodedResponse>) -> PreparedOperation {
        self.shared.response_cache.metrics().hits.add(1);
        PreparedOperation { kind: OperationType::Query, source: ResponseSource::Cached(answer) }
    }

    /// An answer that is at hand is found at once; only the judgement may have to be made aside.
    async fn lookup_or_validate(
        &self,
        question: GraphqlRequest,
        body: Option<BodyKey>,
        asked: &ClientInfo,
    ) -> Result<PreparedOperation, Vec<ServerError>> {
        let (key, bytes) = (CacheKey::of(&question, asked), question.bytes);
        if let Some((key, answer)) = key.and_then(|key| Some((key, self.shared.response_cache.get_current(&key)?))) {
            if let Some(body) = body {
                self.shared.response_cache.remember_body(body, key);
            }
            return Ok(self.reuse(answer));
        }
        let runnable = self.validate(question, bytes).await?;
        Ok(PreparedOperation { kind: runnable.kind, source: ResponseSource::Execute(Box::new(runnable), key) })
    }

    async fn validate(
        &self,
        question: GraphqlRequest,
        bytes: usize,
    ) -> Result<ExecutableOperation, Vec<ServerError>> {
        let judge = || {
            let judged = AssertUnwindSafe(|| self.shared.documents.prepare(question));
            panic::catch_unwind(judged).unwrap_or_else(|panic| Err(vec![error::panic(&*panic)]))
        };
        self.compute_pool().run(bytes, judge).await
    }

    /// Asks who is there. Whoever panics here refuses, and so does whoever takes too long.
    pub(crate) async fn build_context(&self, asked: ClientInfo) -> Result<RequestData, ServerError> {
        let greeting = AssertUnwindSafe((self.shared.build_context)(asked)).catch_unwind();
        match timeout(self.shared.settings.query_timeout, greeting).await {
            Ok(Ok(greeted)) => greeted,
            Ok(Err(panic)) => Err(error::panic(&*panic)),
            Err(_) => Err(error::query_timed_out()),
        }
    }

    /// Answers a query or a mutation once.
    pub(crate) async fn execute_prepared(
        &self,
        prepared: PreparedOperation,
        asked: ClientInfo,
    ) -> Arc<EncodedResponse> {
        let (way, allowance) = (asked.transport, asked.cost_budget.clone());
        let answer = match prepared.source {
            ResponseSource::Cached(answer) => answer,
            ResponseSource::KnownBody(key, body) => {
                self.shared.precompute.remember(key, &body, &asked);
                self.shared.response_cache.get_or_compute(&key, || self.execute_body(body, asked)).await
            }
            ResponseSource::Execute(runnable, Some(key)) if prepared.kind == OperationType::Query => {
                self.shared.response_cache.get_or_compute(&key, || self.execute(*runnable, asked)).await
            }
            ResponseSource::Execute(runnable, _) => Arc::new(self.execute(*runnable, asked).await.0),
        };
        self.shared.request_metrics.record(way, RequestOutcome::from_errors(&answer.errors));
        match allowance.remaining() {
            Some(left) => answer.with_remaining_cost(left),
            None => answer,
        }
    }

    /// An answer, packed. That is done once for all who want one that is kept.
    pub(crate) async fn compress(&self, answer: &Arc<EncodedResponse>) -> Bytes {
        let (packed, is_new) = self.compute_pool().run(answer.json.len(), || answer.compress()).await;
        if is_new {
            self.shared.response_cache.reweigh(answer);
        }
        packed
    }

    /// Executes what a body asks that was answered before.
    pub(super) async fn execute_body(
        &self,
        body: Bytes,
        asked: ClientInfo,
    ) -> (EncodedResponse, Option<Freshness>) {
        let Ok(RequestBatch::One(question)) = RequestBatch::from_body(&body, self.settings().max_batch_size)
        else {
            unreachable!("only a body that is one question is learned");
        };
        match self.validate(question, body.len()).await {
            Ok(runnable) => self.execute(runnable, asked).await,
            Err(errors) => (errors.into(), None),
        }
    }

    /// Executes an operation, in time.
    ///
    /// A query that takes too long is given up. Of a change that takes too long nobody can say here
    /// whether it was made: what the ledger was given it does, also when nobody waits for it any more.
    async fn execute(
        &self,
        runnable: ExecutableOperation,
        asked: ClientInfo,
    ) -> (EncodedResponse, Option<Freshness>) {
        let ExecutableOperation { mut request, roots, kind, has_duplicate_keys: repeats } = runnable;
        let RequestData { data, freshness: standing } = match self.build_context(asked).await {
            Ok(greeted) => greeted,
            Err(error) => return (vec![error].into(), None),
        };
        request.data = data;
        if !repeats {
            request.data.insert(EagerJson);
        }
        let EngineSettings { query_timeout: query_wait, mutation_timeout: mutation_wait, .. } = self.shared.settings;
        let (wait, late): (_, fn() -> ServerError) = match kind {
            OperationType::Mutation => (mutation_wait, error::outcome_unknown),
            OperationType::Query | OperationType::Subscription => (query_wait, error::query_timed_out),
        };
        let executing = AssertUnwindSafe(self.shared.schema.execute(request)).catch_unwind();
        let mut response = match timeout(wait, executing).await {
            Ok(Ok(response)) => response,
            Ok(Err(panic)) => error::panicked(&*panic),
            Err(_) => return (vec![late()].into(), standing),
        };
        sort_fields(&mut response.data, &roots);
        (response.into(), standing)
    }
}

/// Puts the fields of an answer into the order in which they are asked for. Below its root, objects
/// resolve theirs one after the other; the engine lets those at the root race.
fn sort_fields(data: &mut Value, roots: &[RootField]) {
    if let Value::Object(fields) = data {
        fields.sort_by_cached_key(|key, _| roots.iter().position(|root| root.key == *key));
    }
}
