//! Execution of queries and mutations: cache lookup, validation, timeouts.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    time::Instant,
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

/// An operation that is ready to execute, or its cached response.
pub(crate) struct PreparedOperation {
    pub kind: OperationType,
    pub(super) source: ResponseSource,
}

pub(super) enum ResponseSource {
    Cached(Arc<EncodedResponse>),
    /// The body of a request whose cached response is stale. The request that recomputes the response parses
    /// it.
    KnownBody(CacheKey, Bytes),
    Execute(Box<ExecutableOperation>, Option<CacheKey>),
}

impl<E: Executor> GraphqlEngine<E> {
    /// Looks up the cached response. Without one, validates the document, selects the operation and checks
    /// the variables. A panic of the validation is an error of the request.
    pub(crate) async fn prepare(
        &self,
        request: GraphqlRequest,
        body: Option<BodyKey>,
        client: &ClientInfo,
    ) -> Result<PreparedOperation, Vec<ServerError>> {
        let prepared = match client.cost_budget.charge_lookup() {
            Ok(()) => self.lookup_or_validate(request, body, client).await,
            Err(error) => Err(vec![error.into()]),
        };
        prepared.inspect_err(|errors| {
            self.shared.request_metrics.record(client.transport, RequestOutcome::from_errors(errors))
        })
    }

    /// Looks up the response to the same body. If it is stale, one of the concurrent requests parses the body
    /// and recomputes the response, and the others wait for it.
    pub(crate) fn lookup_by_body(
        &self,
        body: &BodyKey,
        bytes: &Bytes,
        client: &ClientInfo,
    ) -> Option<PreparedOperation> {
        let key = self.shared.response_cache.body_for(body)?;
        // The error for a client without budget is made where the body is parsed.
        client.cost_budget.charge_lookup().ok()?;
        Some(match self.shared.response_cache.get_current(&key) {
            Some(response) => self.reuse(response),
            None => PreparedOperation {
                kind: OperationType::Query,
                source: ResponseSource::KnownBody(key, bytes.clone()),
            },
        })
    }

    fn reuse(&self, response: Arc<EncodedResponse>) -> PreparedOperation {
        self.shared.response_cache.metrics().hits.add(1);
        PreparedOperation { kind: OperationType::Query, source: ResponseSource::Cached(response) }
    }

    /// Returns a cached response at once; only validation may run in the compute pool.
    async fn lookup_or_validate(
        &self,
        request: GraphqlRequest,
        body: Option<BodyKey>,
        client: &ClientInfo,
    ) -> Result<PreparedOperation, Vec<ServerError>> {
        let (key, bytes) = (CacheKey::of(&request, client), request.bytes);
        if let Some((key, response)) =
            key.and_then(|key| Some((key, self.shared.response_cache.get_current(&key)?)))
        {
            if let Some(body) = body {
                self.shared.response_cache.remember_body(body, key);
            }
            return Ok(self.reuse(response));
        }
        let operation = self.validate(request, bytes).await?;
        Ok(PreparedOperation {
            kind: operation.kind,
            source: ResponseSource::Execute(Box::new(operation), key),
        })
    }

    async fn validate(
        &self,
        request: GraphqlRequest,
        bytes: usize,
    ) -> Result<ExecutableOperation, Vec<ServerError>> {
        let validate = || {
            let validated = AssertUnwindSafe(|| self.shared.documents.prepare(request));
            panic::catch_unwind(validated).unwrap_or_else(|panic| Err(vec![error::panic(&*panic)]))
        };
        self.compute_pool().run(bytes, validate).await
    }

    /// Builds the context of a request. A panic or a timeout is an error of the request.
    pub(crate) async fn build_context(&self, client: ClientInfo) -> Result<RequestData, ServerError> {
        let context_future = AssertUnwindSafe((self.shared.build_context)(client)).catch_unwind();
        match timeout(self.shared.settings.query_timeout, context_future).await {
            Ok(Ok(context)) => context,
            Ok(Err(panic)) => Err(error::panic(&*panic)),
            Err(_) => Err(error::query_timed_out()),
        }
    }

    /// Executes a query or a mutation, or returns the cached response.
    pub(crate) async fn execute_prepared(
        &self,
        prepared: PreparedOperation,
        client: ClientInfo,
    ) -> Arc<EncodedResponse> {
        let begun = Instant::now();
        let (transport, cost_budget) = (client.transport, client.cost_budget.clone());
        let response = match prepared.source {
            ResponseSource::Cached(response) => response,
            ResponseSource::KnownBody(key, body) => {
                self.shared.precompute.remember(key, &body, &client);
                self.shared.response_cache.get_or_compute(&key, || self.execute_body(body, client)).await
            }
            ResponseSource::Execute(operation, Some(key)) if prepared.kind == OperationType::Query => {
                self.shared.response_cache.get_or_compute(&key, || self.execute(*operation, client)).await
            }
            ResponseSource::Execute(operation, _) => Arc::new(self.execute(*operation, client).await.0),
        };
        let metrics = &self.shared.request_metrics;
        metrics.record(transport, RequestOutcome::from_errors(&response.errors));
        metrics.durations.observe(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        match cost_budget.remaining() {
            Some(remaining_cost) => response.with_remaining_cost(remaining_cost),
            None => response,
        }
    }

    /// The compressed response. A cached response is compressed once.
    pub(crate) async fn compress(&self, response: &Arc<EncodedResponse>) -> Bytes {
        let (compressed, is_new) = self.compute_pool().run(response.json.len(), || response.compress()).await;
        if is_new {
            self.shared.response_cache.reweigh(response);
        }
        compressed
    }

    /// Executes the request of a known body.
    pub(super) async fn execute_body(
        &self,
        body: Bytes,
        client: ClientInfo,
    ) -> (EncodedResponse, Option<Freshness>) {
        let Ok(RequestBatch::One(request)) = RequestBatch::from_body(&body, self.settings().max_batch_size)
        else {
            unreachable!("only bodies with a single request are remembered");
        };
        match self.validate(request, body.len()).await {
            Ok(operation) => self.execute(operation, client).await,
            Err(errors) => (errors.into(), None),
        }
    }

    /// Executes an operation with a timeout.
    ///
    /// A query that takes too long is cancelled. For a mutation that takes too long the outcome is unknown: a
    /// change that was already passed on to storage is made even after the cancellation.
    async fn execute(
        &self,
        operation: ExecutableOperation,
        client: ClientInfo,
    ) -> (EncodedResponse, Option<Freshness>) {
        let ExecutableOperation { mut request, roots, kind, has_duplicate_keys, schema_description } =
            operation;
        let RequestData { data, freshness } = match self.build_context(client).await {
            Ok(context) => context,
            Err(error) => return (vec![error].into(), None),
        };
        request.data = data;
        if let Some(description) = schema_description {
            request.data.insert(description);
        }
        if !has_duplicate_keys {
            request.data.insert(EagerJson);
        }
        let EngineSettings { query_timeout, mutation_timeout, .. } = self.shared.settings;
        let (time_limit, timeout_error): (_, fn() -> ServerError) = match kind {
            OperationType::Mutation => (mutation_timeout, error::outcome_unknown),
            OperationType::Query | OperationType::Subscription => (query_timeout, error::query_timed_out),
        };
        let execution = AssertUnwindSafe(self.shared.schema.execute(request)).catch_unwind();
        let mut response = match timeout(time_limit, execution).await {
            Ok(Ok(response)) => response,
            Ok(Err(panic)) => error::panicked(&*panic),
            Err(_) => return (vec![timeout_error()].into(), freshness),
        };
        sort_fields(&mut response.data, &roots);
        (response.into(), freshness)
    }
}

/// Sorts the fields of a response by their order in the document. async-graphql resolves the fields of the
/// root concurrently, and those of other objects in order.
fn sort_fields(data: &mut Value, roots: &[RootField]) {
    if let Value::Object(fields) = data {
        fields.sort_by_cached_key(|key, _| roots.iter().position(|root| root.key == *key));
    }
}
