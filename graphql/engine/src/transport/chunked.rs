//! A stream of responses as the chunks of an HTTP body.

use std::{sync::Arc, time::Duration};

use async_graphql::{Executor, ServerError, parser::types::OperationType};
use axum::body::Bytes;
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};

use crate::{
    client_info::ClientInfo,
    engine::{GraphqlEngine, PreparedOperation},
    error::{self, ErrorCode},
    response::EncodedResponse,
};

/// The framing of responses in a body.
#[derive(Clone, Copy)]
pub(crate) struct ChunkFormat {
    /// The text before and after each response.
    pub prefix_suffix: [&'static str; 2],
    /// The keep-alive message, for proxies that close idle connections.
    pub heartbeat: &'static str,
    /// The text after the last response. It says that the operation is over.
    pub terminator: &'static str,
}

/// The responses of one operation.
pub(crate) struct ResponseStream {
    responses: BoxStream<'static, Arc<EncodedResponse>>,
    /// Completes when the service shuts down, for a subscription. A query or a mutation has one response,
    /// which is waited for: a client that repeats it could change something twice.
    interruption: Option<BoxFuture<'static, ()>>,
}

impl ResponseStream {
    /// Executes an operation.
    pub(crate) fn open<E: Executor>(
        engine: &GraphqlEngine<E>,
        prepared: PreparedOperation,
        client: ClientInfo,
    ) -> Self {
        let is_subscription = prepared.kind == OperationType::Subscription;
        Self {
            responses: engine.open_stream(prepared, client, Arc::default()),
            interruption: is_subscription.then(|| engine.shutdown_requested().boxed()),
        }
    }

    /// The responses of an operation that was not executed.
    pub(crate) fn rejected(response: EncodedResponse) -> Self {
        Self { responses: stream::iter([Arc::new(response)]).boxed(), interruption: None }
    }

    /// Completes when the stream is to end before its operation.
    async fn interrupted(interruption: &mut Option<BoxFuture<'static, ()>>) {
        match interruption {
            Some(interruption) => interruption.await,
            None => std::future::pending().await,
        }
    }
}

/// The state of a body.
struct Chunks {
    stream: ResponseStream,
    /// Whether the last response had a temporary error. A subscription that ends with it is not over: the
    /// client missed events, or the service could not begin.
    was_unavailable: bool,
}

/// Frames the responses, with a keep-alive message when there was no response for an interval.
///
/// The terminator is written only if the operation is over. A body that ends for another reason ends without
/// it: clients then open the stream again, and after a terminator they do not.
pub(crate) fn chunked(
    stream: ResponseStream,
    keepalive_interval: Duration,
    ChunkFormat { prefix_suffix: [prefix, suffix], heartbeat, terminator }: ChunkFormat,
) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold(Some(Chunks { stream, was_unavailable: false }), move |chunks| async move {
        let mut chunks = chunks?;
        let next = tokio::select! {
            biased;
            () = ResponseStream::interrupted(&mut chunks.stream.interruption) => return None,
            next = tokio::time::timeout(keepalive_interval, chunks.stream.responses.next()) => next,
        };
        Some(match next {
            Ok(Some(response)) => {
                chunks.was_unavailable = response.errors.iter().any(is_temporary);
                ([prefix, response.json.as_str(), suffix].concat().into(), Some(chunks))
            }
            Ok(None) if chunks.was_unavailable && chunks.stream.interruption.is_some() => return None,
            Ok(None) => (Bytes::from_static(terminator.as_bytes()), None),
            Err(_) => (Bytes::from_static(heartbeat.as_bytes()), Some(chunks)),
        })
    })
}

fn is_temporary(error: &ServerError) -> bool {
    error::code(error) == Some(ErrorCode::Unavailable.as_str())
}
