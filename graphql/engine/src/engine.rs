//! The engine: the entry point of all transports. A transport hands it a request and what is known about the
//! client.

use std::{
    net::IpAddr,
    sync::{Arc, Weak},
};

use async_graphql::{Data, Executor, ServerError};
use axum::http::{Extensions, HeaderMap};
use futures_util::{
    FutureExt,
    future::{self, BoxFuture},
};
use tokio::sync::watch;

use crate::{
    broadcast::Broadcasts,
    client_info::ClientInfo,
    client_ip::{ClientIpHeader, warn_about_proxy},
    compute_pool::ComputePool,
    connection_limits::ConnectionLimiter,
    cost_limits::CostLimits,
    document::{DocumentCache, ScalarCheck},
    freshness::Freshness,
    request_metrics::{RequestMetrics, RequestOutcome, Transport},
    response_cache::ResponseCache,
    settings::EngineSettings,
    tcp_stream::ConnectionHandle,
};

mod execution;
mod precompute;
mod repeated_queries;
mod subscription;

pub(crate) use execution::PreparedOperation;
use repeated_queries::Precompute;

/// The future that makes the context of a request, or the error that rejects it.
pub type ContextFuture = BoxFuture<'static, Result<RequestData, ServerError>>;

/// The context of a request.
pub struct RequestData {
    /// The data for the resolvers.
    pub data: Data,
    /// Tells whether the response is still current. Without it, the response is not cached or shared.
    pub freshness: Option<Freshness>,
}

impl From<Data> for RequestData {
    fn from(data: Data) -> Self {
        Self { data, freshness: None }
    }
}

/// The configuration of an engine, apart from its schema.
pub struct EngineConfig<'a> {
    /// The schema in the schema definition language; documents are validated against it.
    pub sdl: &'a str,
    /// Checks a value of a custom scalar: name of the scalar, value.
    pub is_valid_scalar: ScalarCheck,
    /// Subscription fields of which a busy subscriber gets only the latest event. Of all others it gets
    /// every event.
    pub latest_value_fields: &'static [&'static str],
    /// The limits and timeouts.
    pub settings: EngineSettings,
    /// Becomes true when sockets and streams are to be closed, for which a graceful shutdown would
    /// otherwise wait forever.
    pub shutdown_requested: watch::Receiver<bool>,
}

/// Validates, caches and executes operations of one schema. Clones share their state.
pub struct GraphqlEngine<E> {
    shared: Arc<Shared<E>>,
}

struct Shared<E> {
    schema: E,
    build_context: Box<dyn Fn(ClientInfo) -> ContextFuture + Send + Sync>,
    compute_pool: ComputePool,
    documents: DocumentCache,
    response_cache: ResponseCache,
    precompute: Precompute,
    broadcasts: Broadcasts,
    stream_limiter: ConnectionLimiter,
    request_metrics: RequestMetrics,
    cost_limits: CostLimits,
    client_ip_header: Option<ClientIpHeader>,
    settings: EngineSettings,
    shutdown_requested: watch::Receiver<bool>,
}

impl<E> Clone for GraphqlEngine<E> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<E: Executor> GraphqlEngine<E> {
    /// An engine for `schema`. `build_context` makes the data of each operation that is executed.
    ///
    /// # Errors
    /// The errors of the SDL, if it is not valid.
    pub fn new<G, F>(schema: E, config: EngineConfig<'_>, build_context: G) -> Result<Self, String>
    where
        G: Fn(ClientInfo) -> F + Send + Sync + 'static,
        F: Future<Output = Result<RequestData, ServerError>> + Send + 'static,
    {
        let EngineConfig { sdl, is_valid_scalar, latest_value_fields, settings, shutdown_requested } = config;
        let documents = DocumentCache::new(sdl, is_valid_scalar, settings.document_limits)?;
        let stream_limiter = ConnectionLimiter::new(settings.max_streams, settings.max_streams_per_client);
        let cost_limits = CostLimits::new(settings.cost_per_minute, settings.stored_text_bytes_per_day);
        let client_ip_header = settings.client_ip_header.clone().map(ClientIpHeader::new);
        let build_context = Box::new(move |client| build_context(client).boxed());
        let (response_cache, broadcasts, request_metrics) =
            (ResponseCache::new(), Broadcasts::new(latest_value_fields), RequestMetrics::default());
        let (compute_pool, precompute) = (ComputePool::new(), Precompute::default());
        let shared = Shared {
            schema,
            build_context,
            compute_pool,
            documents,
            response_cache,
            precompute,
            broadcasts,
            stream_limiter,
            request_metrics,
            cost_limits,
            client_ip_header,
            settings,
            shutdown_requested,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub(crate) fn settings(&self) -> &EngineSettings {
        &self.shared.settings
    }

    /// Metrics of requests and connections.
    #[must_use]
    pub fn request_metrics(&self) -> &RequestMetrics {
        &self.shared.request_metrics
    }

    /// The response cache, for its metrics.
    #[must_use]
    pub fn response_cache(&self) -> &ResponseCache {
        &self.shared.response_cache
    }

    /// Counts a request that was rejected before it was prepared.
    pub(crate) fn record_rejection(&self, transport: Transport, error: &ServerError) {
        self.shared
            .request_metrics
            .record(transport, RequestOutcome::from_errors(std::slice::from_ref(error)));
    }

    /// The pool for CPU-bound work.
    pub(crate) fn compute_pool(&self) -> &ComputePool {
        &self.shared.compute_pool
    }

    /// What is known about the client of a request.
    pub(crate) fn client_info(
        &self,
        transport: Transport,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> ClientInfo {
        let address = self.client_address(headers, extensions);
        let cost_budget = self.shared.cost_limits.budget_for(address);
        ClientInfo { cost_budget, transport, ..ClientInfo::from_headers(headers, address) }
    }

    /// The client of the next request on a long-lived connection: with a new budget.
    pub(crate) fn renew_client_info(&self, client: &ClientInfo) -> ClientInfo {
        ClientInfo { cost_budget: self.shared.cost_limits.budget_for(client.address), ..client.clone() }
    }

    /// A handle that does not keep the engine alive, for a hook that outlives it.
    #[must_use]
    pub fn downgrade(&self) -> WeakEngine<E> {
        WeakEngine(Arc::downgrade(&self.shared))
    }

    fn client_address(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        let peer = extensions.get::<ConnectionHandle>().map(|connection| connection.peer.ip());
        match &self.shared.client_ip_header {
            Some(header) => header.client(headers, peer),
            None => {
                warn_about_proxy(headers, peer);
                peer
            }
        }
    }

    /// Completes when the service shuts down.
    pub(crate) fn shutdown_requested(&self) -> impl Future<Output = ()> + Send + use<E> {
        let mut closing = self.shared.shutdown_requested.clone();
        async move {
            // Without a sender there is no shutdown.
            if closing.wait_for(|closing| *closing).await.is_err() {
                future::pending().await
            }
        }
    }
}

/// A weak handle; see [`GraphqlEngine::downgrade`].
pub struct WeakEngine<E>(Weak<Shared<E>>);

impl<E> WeakEngine<E> {
    /// The engine, if it still exists.
    #[must_use]
    pub fn upgrade(&self) -> Option<GraphqlEngine<E>> {
        self.0.upgrade().map(|shared| GraphqlEngine { shared })
    }
}
