//! The answers of one operation, one after the other in the body of one HTTP answer.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};

use crate::response::EncodedResponse;

/// How answers stand in a body.
#[derive(Clone, Copy)]
pub(crate) struct ChunkFormat {
    /// What is before each answer, and behind it.
    pub prefix_suffix: [&'static str; 2],
    /// A sign of life, for proxies that cut silent connections.
    pub heartbeat: &'static str,
    /// What comes behind the last answer.
    pub terminator: &'static str,
}

/// The answers in their frames, with a sign of life whenever there was nothing for a while.
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
