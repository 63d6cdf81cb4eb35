//! What becomes of each value of an answer, however it was come by: whoever falls over harms no other, what
//! failed is null, and what would be too long is not made.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{ContextBase, QueryPathNode, Response, ServerError, ServerResult, Value};
use futures_util::FutureExt;
use tokio::task::coop::consume_budget;

use crate::{error::ApiError, query_limits::QueryLimits};

mod null_propagation;
mod response_size;

use null_propagation::{ErrorLocation, NullPropagation};
use response_size::{ResponseSize, path};

/// What is to be known of the values of one answer. A stream makes its answers one after the other, so
/// that one serves them all.
pub(crate) struct FieldGuard {
    null_propagation: NullPropagation,
    response_size: ResponseSize,
    /// Whether objects may be written as soon as they are resolved.
    writes_json: AtomicBool,
}

impl FieldGuard {
    pub(crate) fn new(limits: QueryLimits) -> Self {
        Self {
            null_propagation: NullPropagation::new(limits.max_errors),
            response_size: ResponseSize::new(limits.max_response_bytes),
            writes_json: AtomicBool::new(false),
        }
    }

    /// That of the answer that a resolver works for.
    pub(crate) fn of<'ctx, T>(ctx: &ContextBase<'ctx, T>) -> &'ctx Self {
        ctx.data_unchecked::<Arc<Self>>()
    }

    /// Lets objects be written as soon as they are resolved.
    pub(crate) fn enable_eager_json(&self) {
        self.writes_json.store(true, Ordering::Relaxed);
    }

    /// Whether an object is written as soon as it is resolved.
    pub(crate) fn writes_json(&self) -> bool {
        self.writes_json.load(Ordering::Relaxed)
    }

    /// Whether the answer is too long already, so that nothing more is to be made of it.
    pub(crate) fn is_over_limit(&self) -> bool {
        self.response_size.is_over_limit()
    }

    /// The value of a place, whose type in the contract is `declared` if it is a field.
    pub(crate) async fn guard<'a>(
        &self,
        node: &QueryPathNode<'_>,
        declared_type: impl FnOnce() -> &'a str,
        resolution: impl Future<Output = ServerResult<Option<Value>>>,
    ) -> Option<Value> {
        // Nothing here waits for anything most of the time, and others want to be answered too.
        consume_budget().await;
        // Here, so that the fields beside it are answered: what they did may not be undone any more.
        let result = AssertUnwindSafe(resolution).catch_unwind().await.unwrap_or_else(|panic| {
            Err(ServerError::from(ApiError::panicked(&*panic)).with_path(path(node)))
        });
        let value = self.null_propagation.complete(|| ErrorLocation::new(node, declared_type()), result);
        self.response_size.add(node, value.as_ref());
        value
    }

    /// Tells what went wrong in the answer, and is ready for the next one.
    pub(crate) fn finish(&self, response: Response) -> Response {
        self.response_size.finish(self.null_propagation.finish(response))
    }
}
