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
    answers: BoxStream<'static, Arc<EncodedResponse>>,
    quiet_most: Duration,
    ChunkFormat { prefix_suffix: [before, behind], heartbeat: still_here, terminator: end }: ChunkFormat,
) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold(Some(answers), move |answers| async move {
        let mut answers = answers?;
        Some(match tokio::time::timeout(quiet_most, answers.next()).await {
            Ok(Some(answer)) => ([before, answer.json.as_str(), behind].concat().into(), Some(answers)),
            Ok(None) => (Bytes::from_static(end.as_bytes()), None),
            Err(_) => (Bytes::from_static(still_here.as_bytes()), Some(answers)),
        })
    })
}
