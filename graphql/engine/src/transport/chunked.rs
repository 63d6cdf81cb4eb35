//! A stream of responses as the chunks of an HTTP body.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};

use crate::response::EncodedResponse;

/// The framing of responses in a body.
#[derive(Clone, Copy)]
pub(crate) struct ChunkFormat {
    /// The text before and after each response.
    pub prefix_suffix: [&'static str; 2],
    /// The keep-alive message, for proxies that close idle connections.
    pub heartbeat: &'static str,
    /// The text after the last response.
    pub terminator: &'static str,
}

/// Frames the responses, with a keep-alive message when there was no response for an interval.
pub(crate) fn chunked(
    responses: BoxStream<'static, Arc<EncodedResponse>>,
    keepalive_interval: Duration,
    ChunkFormat { prefix_suffix: [prefix, suffix], heartbeat, terminator }: ChunkFormat,
) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold(Some(responses), move |responses| async move {
        let mut responses = responses?;
        Some(match tokio::time::timeout(keepalive_interval, responses.next()).await {
            Ok(Some(response)) => ([prefix, response.json.as_str(), suffix].concat().into(), Some(responses)),
            Ok(None) => (Bytes::from_static(terminator.as_bytes()), None),
            Err(_) => (Bytes::from_static(heartbeat.as_bytes()), Some(responses)),
        })
    })
}
