//! Subscriptions.

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
        let listening = is_subscription.then(|| self.shared.request_metrics.subscriptions.increment());
        // In a box of its own, so that what is needed at the start only is gone afterwards.
        let answers = match prepared.source {
            ResponseSource::Execute(runnable, key) if prepared.kind == OperationType::Subscription => {
                async move { door.subscribe(*runnable, key, asked, seat).await }.boxed()
            }
            next => async move {
                let answer = door.execute_prepared(PreparedOperation { source: next, ..prepared }, asked).await;
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
        ExecutableOperation { mut request, roots, has_duplicate_keys: repeats, .. }: ExecutableOperation,
        key: Option<CacheKey>,
        asked: ClientInfo,
        seat: Arc<Subscriber>,
    ) -> BoxStream<'static, Arc<EncodedResponse>> {
        let way = asked.transport;
        let greeted = self.build_context(asked).await;
        let refused = greeted.as_ref().err().map(std::slice::from_ref);
        self.shared.request_metrics.record(way, RequestOutcome::from_errors(refused.unwrap_or_default()));
        let RequestData { data, freshness: standing } = match greeted {
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
                self.shared.broadcasts.subscribe(key, subject, standing, seat, begin)
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
            self.shared.stream_limiter.acquire(self.client_address(headers, extensions)).map_err(LimitReached::error)?;
        if let Some(line) = extensions.get::<ConnectionHandle>() {
            line.mark_long_lived();
        }
        Ok((place, self.shared.request_metrics.track_connection(way)))
    }
}
