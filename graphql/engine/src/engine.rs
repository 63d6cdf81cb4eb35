//! The door to the engine: every transport comes in here, with a question and with what it knows about
//! who is asking.

use std::{
    net::IpAddr,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use async_graphql::{Data, Executor, ServerError, Value, parser::types::OperationType};
use axum::{
    body::Bytes,
    http::{Extensions, HeaderMap, header},
};
use futures_util::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
    stream::{self, BoxStream},
};
use tokio::{sync::watch, time::timeout};

use crate::{
    broadcast::{Broadcasts, Subscriber},
    cache_key::{BodyKey, CacheKey},
    client_info::{ClientInfo, bearer_token_of},
    client_ip::{ClientIpHeader, warn_of_proxy},
    compute_pool::ComputePool,
    connection_limits::{ConnectionLimiter, ConnectionPermit, LimitReached},
    cost_limits::CostLimits,
    document::{DocumentCache, ExecutableOperation, RootField, ScalarCheck},
    error,
    freshness::Freshness,
    inline::EagerJson,
    request::{GraphqlRequest, RequestBatch},
    request_metrics::{RequestMetrics, RequestOutcome, Transport},
    response::EncodedResponse,
    response_cache::ResponseCache,
    settings::EngineSettings,
    tcp_stream::ConnectionHandle,
    telemetry::GaugeGuard,
};

mod precompute;

use precompute::Precompute;

/// What comes of a greeting: what the answer is made with, or why there is none.
pub type ContextFuture = BoxFuture<'static, Result<RequestData, ServerError>>;

/// What an answer is made with.
pub struct RequestData {
    /// The request's data.
    pub data: Data,
    /// How to tell whether the answer may be given again; without it, it is for this one asker.
    pub standing: Option<Freshness>,
}

impl From<Data> for RequestData {
    fn from(data: Data) -> Self {
        Self { data, standing: None }
    }
}

/// An operation that may run, or its answer if that is at hand.
pub(crate) struct PreparedOperation {
    pub kind: OperationType,
    next: ResponseSource,
}

enum ResponseSource {
    Cached(Arc<EncodedResponse>),
    /// What is asked is known by the body, which whoever makes the answer anew reads.
    KnownBody(CacheKey, Bytes),
    Execute(Box<ExecutableOperation>, Option<CacheKey>),
}

/// What an engine needs besides its schema.
pub struct EngineConfig<'a> {
    /// The schema in the schema definition language; documents are validated against it.
    pub sdl: &'a str,
    /// Whether a value is one of a scalar: name of the scalar, value.
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
    aside: ComputePool,
    documents: DocumentCache,
    answers: ResponseCache,
    ahead: Precompute,
    topics: Broadcasts,
    places: ConnectionLimiter,
    traffic: RequestMetrics,
    budgets: CostLimits,
    forwarded_by: Option<ClientIpHeader>,
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
        let documents = DocumentCache::of(sdl, is_valid_scalar, settings.bounds)?;
        let places = ConnectionLimiter::new(settings.places_most, settings.places_for_one);
        let budgets = CostLimits::new(settings.points_a_minute, settings.text_bytes_a_day);
        let forwarded_by = settings.forwarded_by.clone().map(ClientIpHeader::new);
        let build_context = Box::new(move |client| build_context(client).boxed());
        let (answers, topics, traffic) =
            (ResponseCache::new(), Broadcasts::new(latest_value_fields), RequestMetrics::default());
        let (aside, ahead) = (ComputePool::new(), Precompute::default());
        let shared = Shared {
            schema,
            build_context,
            aside,
            documents,
            answers,
            ahead,
            topics,
            places,
            traffic,
            budgets,
            forwarded_by,
            settings,
            shutdown_requested,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub(crate) fn settings(&self) -> &EngineSettings {
        &self.shared.settings
    }

    /// What is counted here.
    #[must_use]
    pub fn traffic(&self) -> &RequestMetrics {
        &self.shared.traffic
    }

    /// The answers that are kept.
    #[must_use]
    pub fn response_cache(&self) -> &ResponseCache {
        &self.shared.answers
    }

    /// Counts a request that was rejected before it was prepared.
    pub(crate) fn record_rejection(&self, transport: Transport, error: &ServerError) {
        self.shared.traffic.note(transport, RequestOutcome::of(std::slice::from_ref(error)));
    }

    /// Where heavy work is done.
    pub(crate) fn compute_pool(&self) -> &ComputePool {
        &self.shared.aside
    }

    /// What is known about whoever sent a request by this way.
    pub(crate) fn client_info(
        &self,
        way: Transport,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> ClientInfo {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let address = self.address(headers, extensions);
        ClientInfo {
            bearer_token: text(header::AUTHORIZATION).and_then(bearer_token_of).map(str::to_owned),
            accept_language: text(header::ACCEPT_LANGUAGE).map(str::to_owned),
            cost_budget: self.shared.budgets.budget_for(address),
            address,
            transport: way,
            pending: None,
        }
    }

    /// The same for the next request on a connection that lasts.
    pub(crate) fn renew_client_info(&self, asked: &ClientInfo) -> ClientInfo {
        ClientInfo { cost_budget: self.shared.budgets.budget_for(asked.address), ..asked.clone() }
    }

    /// Looks whether the answer is at hand; else judges the document, chooses the operation and checks
    /// the variables. A document on which the judgement falls over is refused.
    pub(crate) async fn prepare(
        &self,
        question: GraphqlRequest,
        body: Option<BodyKey>,
        asked: &ClientInfo,
    ) -> Result<PreparedOperation, Vec<ServerError>> {
        let prepared = match asked.cost_budget.look() {
            Ok(()) => self.lookup_or_validate(question, body, asked).await,
            Err(fault) => Err(vec![fault.into()]),
        };
        prepared.inspect_err(|errors| self.shared.traffic.note(asked.transport, RequestOutcome::of(errors)))
    }

    /// What was asked before by the same body, word for word, and answered. Where that is past, one of all
    /// who ask reads it again, and the others wait for the answer.
    pub(crate) fn lookup_by_body(
        &self,
        body: &BodyKey,
        bytes: &Bytes,
        asked: &ClientInfo,
    ) -> Option<PreparedOperation> {
        let key = self.shared.answers.body_for(body)?;
        // Whoever may not even look is told so where it is read.
        asked.cost_budget.look().ok()?;
        Some(match self.shared.answers.get_current(&key) {
            Some(answer) => self.reuse(answer),
            None => PreparedOperation {
                kind: OperationType::Query,
                next: ResponseSource::KnownBody(key, bytes.clone()),
            },
        })
    }

    fn reuse(&self, answer: Arc<EncodedResponse>) -> PreparedOperation {
        self.shared.answers.metrics().hits.add(1);
        PreparedOperation { kind: OperationType::Query, next: ResponseSource::Cached(answer) }
    }

    /// An answer that is at hand is found at once; only the judgement may have to be made aside.
    async fn lookup_or_validate(
        &self,
        question: GraphqlRequest,
        body: Option<BodyKey>,
        asked: &ClientInfo,
    ) -> Result<PreparedOperation, Vec<ServerError>> {
        let (key, bytes) = (CacheKey::of(&question, asked), question.bytes);
        if let Some((key, answer)) = key.and_then(|key| Some((key, self.shared.answers.get_current(&key)?))) {
            if let Some(body) = body {
                self.shared.answers.remember_body(body, key);
            }
            return Ok(self.reuse(answer));
        }
        let runnable = self.validate(question, bytes).await?;
        Ok(PreparedOperation { kind: runnable.kind, next: ResponseSource::Execute(Box::new(runnable), key) })
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
        match timeout(self.shared.settings.query_wait, greeting).await {
            Ok(Ok(greeted)) => greeted,
            Ok(Err(panic)) => Err(error::panic(&*panic)),
            Err(_) => Err(error::too_slow()),
        }
    }

    /// Answers a query or a mutation once.
    pub(crate) async fn respond(
        &self,
        prepared: PreparedOperation,
        asked: ClientInfo,
    ) -> Arc<EncodedResponse> {
        let (way, allowance) = (asked.transport, asked.cost_budget.clone());
        let answer = match prepared.next {
            ResponseSource::Cached(answer) => answer,
            ResponseSource::KnownBody(key, body) => {
                self.shared.ahead.remember(key, &body, &asked);
                self.shared.answers.get_or_compute(&key, || self.execute_body(body, asked)).await
            }
            ResponseSource::Execute(runnable, Some(key)) if prepared.kind == OperationType::Query => {
                self.shared.answers.get_or_compute(&key, || self.execute(*runnable, asked)).await
            }
            ResponseSource::Execute(runnable, _) => Arc::new(self.execute(*runnable, asked).await.0),
        };
        self.shared.traffic.note(way, RequestOutcome::of(&answer.errors));
        match allowance.left() {
            Some(left) => answer.with_remaining_cost(left),
            None => answer,
        }
    }

    /// An answer, packed. That is done once for all who want one that is kept.
    pub(crate) async fn compressed(&self, answer: &Arc<EncodedResponse>) -> Bytes {
        let (packed, is_new) = self.compute_pool().run(answer.json.len(), || answer.compressed()).await;
        if is_new {
            self.shared.answers.reweigh(answer);
        }
        packed
    }

    /// Executes what a body asks that was answered before.
    async fn execute_body(&self, body: Bytes, asked: ClientInfo) -> (EncodedResponse, Option<Freshness>) {
        let Ok(RequestBatch::One(question)) = RequestBatch::from_body(&body, self.settings().batch_most)
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
        let ExecutableOperation { mut request, roots, kind, repeats } = runnable;
        let RequestData { data, standing } = match self.build_context(asked).await {
            Ok(greeted) => greeted,
            Err(error) => return (vec![error].into(), None),
        };
        request.data = data;
        if !repeats {
            request.data.insert(EagerJson);
        }
        let EngineSettings { query_wait, mutation_wait, .. } = self.shared.settings;
        let (wait, late): (_, fn() -> ServerError) = match kind {
            OperationType::Mutation => (mutation_wait, error::outcome_unknown),
            OperationType::Query | OperationType::Subscription => (query_wait, error::too_slow),
        };
        let executing = AssertUnwindSafe(self.shared.schema.execute(request)).catch_unwind();
        let mut response = match timeout(wait, executing).await {
            Ok(Ok(response)) => response,
            Ok(Err(panic)) => error::panicked(&*panic),
            Err(_) => return (vec![late()].into(), standing),
        };
        in_order(&mut response.data, &roots);
        (response.into(), standing)
    }

    /// Answers an operation of any kind, as often as it has something to say. Listeners to the same
    /// are told by one execution, and some of them in their seats.
    pub(crate) fn open_stream(
        &self,
        prepared: PreparedOperation,
        asked: ClientInfo,
        seat: Arc<Subscriber>,
    ) -> BoxStream<'static, Arc<EncodedResponse>> {
        let door = self.clone();
        let is_subscription = prepared.kind == OperationType::Subscription;
        let listening = is_subscription.then(|| self.shared.traffic.subscriptions.enter());
        // In a box of its own, so that what is needed at the start only is gone afterwards.
        let answers = match prepared.next {
            ResponseSource::Execute(runnable, key) if prepared.kind == OperationType::Subscription => {
                async move { door.subscribe(*runnable, key, asked, seat).await }.boxed()
            }
            next => async move {
                let answer = door.respond(PreparedOperation { next, ..prepared }, asked).await;
                stream::once(future::ready(answer)).boxed()
            }
            .boxed(),
        };
        let until_the_end = move |answer| {
            let _is_there = &listening;
            answer
        };
        answers.flatten_stream().map(until_the_end).boxed()
    }

    async fn subscribe(
        self,
        ExecutableOperation { mut request, roots, repeats, .. }: ExecutableOperation,
        key: Option<CacheKey>,
        asked: ClientInfo,
        seat: Arc<Subscriber>,
    ) -> BoxStream<'static, Arc<EncodedResponse>> {
        let way = asked.transport;
        let greeted = self.build_context(asked).await;
        let refused = greeted.as_ref().err().map(std::slice::from_ref);
        self.shared.traffic.note(way, RequestOutcome::of(refused.unwrap_or_default()));
        let RequestData { data, standing } = match greeted {
            Ok(greeted) => greeted,
            Err(error) => return stream::once(future::ready(Arc::new(vec![error].into()))).boxed(),
        };
        if !repeats {
            request.data.insert(EagerJson);
        }
        let begin = || {
            AssertUnwindSafe(self.shared.schema.execute_stream(request, Some(Arc::new(data))))
                .catch_unwind()
                .map(|answer| answer.unwrap_or_else(|panic| error::panicked(&*panic)))
                .map(|answer| Arc::new(answer.into()))
                .boxed()
        };
        match (key, standing) {
            (Some(key), Some(standing)) => {
                let subject = roots.first().map_or("", |root| &*root.name);
                self.shared.topics.subscribe(key, subject, standing, seat, begin)
            }
            _ => begin(),
        }
    }

    /// Takes a place for a connection that lasts.
    pub(crate) fn acquire_stream_slot(
        &self,
        way: Transport,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(ConnectionPermit, GaugeGuard), ServerError> {
        let place =
            self.shared.places.acquire(self.address(headers, extensions)).map_err(LimitReached::error)?;
        if let Some(line) = extensions.get::<ConnectionHandle>() {
            line.mark_long_lived();
        }
        Ok((place, self.shared.traffic.connect(way)))
    }

    fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        let peer = extensions.get::<ConnectionHandle>().map(|line| line.peer.ip());
        match &self.shared.forwarded_by {
            Some(header) => header.client(headers, peer),
            None => {
                warn_of_proxy(headers, peer);
                peer
            }
        }
    }

    /// Ends when the service does.
    pub(crate) fn shutdown_requested(&self) -> impl Future<Output = ()> + Send + use<E> {
        let mut closing = self.shared.shutdown_requested.clone();
        async move {
            // If nobody is left who could say so, the service goes on.
            if closing.wait_for(|closing| *closing).await.is_err() {
                future::pending().await
            }
        }
    }
}

/// Puts the fields of an answer into the order in which they are asked for. Below its root, objects
/// resolve theirs one after the other; the engine lets those at the root race.
fn in_order(data: &mut Value, roots: &[RootField]) {
    if let Value::Object(fields) = data {
        fields.sort_by_cached_key(|key, _| roots.iter().position(|root| root.key == *key));
    }
}
