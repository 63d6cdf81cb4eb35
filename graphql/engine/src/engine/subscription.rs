//! Execution of subscriptions, and the limit of long-lived connections.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Executor, ServerError, parser::types::OperationType};
use axum::http::{Extensions, HeaderMap};
use futures_util::{
    FutureExt, StreamExt, future,
    stream::{self, BoxStream},
};

use super::{
    GraphqlEngine, RequestData,
    execution::{PreparedOperation, ResponseSource},
};
use crate::{
    broadcast::Subscriber,
    cache_key::CacheKey,
    client_info::ClientInfo,
    connection_limits::{ConnectionPermit, LimitReached},
    document::ExecutableOperation,
    error,
    prerendered_json::EagerJson,
    request_metrics::{RequestOutcome, Transport},
    response::EncodedResponse,
    tcp_stream::ConnectionHandle,
    telemetry::GaugeGuard,
};

impl<E: Executor> GraphqlEngine<E> {
    /// Executes an operation of any kind as a stream of responses. Subscribers to the same subscription share
    /// one execution; some get their events by a direct write.
    pub(crate) fn open_stream(
        &self,
        prepared: PreparedOperation,
        client: ClientInfo,
        subscriber: Arc<Subscriber>,
    ) -> BoxStream<'static, Arc<EncodedResponse>> {
        let engine = self.clone();
        let is_subscription = prepared.kind == OperationType::Subscription;
        let gauge_guard = is_subscription.then(|| self.shared.request_metrics.subscriptions.increment());
        // Boxed separately, so that the memory of the start is freed afterwards.
        let responses = match prepared.source {
            ResponseSource::Execute(operation, key) if prepared.kind == OperationType::Subscription => {
                async move { engine.subscribe(*operation, key, client, subscriber).await }.boxed()
            }
            next => async move {
                let response =
                    engine.execute_prepared(PreparedOperation { source: next, ..prepared }, client).await;
                stream::once(future::ready(response)).boxed()
            }
            .boxed(),
        };
        let hold_guard = move |response| {
            let _guard = &gauge_guard;
            response
        };
        responses.flatten_stream().map(hold_guard).boxed()
    }

    async fn subscribe(
        self,
        ExecutableOperation { mut request, roots, has_duplicate_keys, .. }: ExecutableOperation,
        key: Option<CacheKey>,
        client: ClientInfo,
        subscriber: Arc<Subscriber>,
    ) -> BoxStream<'static, Arc<EncodedResponse>> {
        let transport = client.transport;
        let context = self.build_context(client).await;
        let rejection = context.as_ref().err().map(std::slice::from_ref);
        self.shared
            .request_metrics
            .record(transport, RequestOutcome::from_errors(rejection.unwrap_or_default()));
        let RequestData { data, freshness } = match context {
            Ok(context) => context,
            Err(error) => return stream::once(future::ready(Arc::new(vec![error].into()))).boxed(),
        };
        if !has_duplicate_keys {
            request.data.insert(EagerJson);
        }
        let start = || {
            AssertUnwindSafe(self.shared.schema.execute_stream(request, Some(Arc::new(data))))
                .catch_unwind()
                .map(|response| response.unwrap_or_else(|panic| error::panicked(&*panic)))
                .map(|response| Arc::new(response.into()))
                .boxed()
        };
        match (key, freshness) {
            (Some(key), Some(freshness)) => {
                let field_name = roots.first().map_or("", |root| &*root.name);
                self.shared.broadcasts.subscribe(key, field_name, freshness, subscriber, start)
            }
            _ => start(),
        }
    }

    /// Acquires a permit for a long-lived connection.
    pub(crate) fn acquire_stream_slot(
        &self,
        transport: Transport,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(ConnectionPermit, GaugeGuard), ServerError> {
        let permit = self
            .shared
            .stream_limiter
            .acquire(self.client_address(headers, extensions))
            .map_err(LimitReached::error)?;
        if let Some(connection) = extensions.get::<ConnectionHandle>() {
            connection.mark_long_lived();
        }
        Ok((permit, self.shared.request_metrics.track_connection(transport)))
    }
}
