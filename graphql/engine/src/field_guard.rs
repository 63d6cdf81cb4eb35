//! The field guard: every value of a response passes it. It catches panics, propagates nulls and limits the
//! size of the response.

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

/// The state of one response. A subscription makes its responses one after the other and reuses it.
pub(crate) struct FieldGuard {
    null_propagation: NullPropagation,
    response_size: ResponseSize,
    /// Whether values become JSON as soon as they are resolved.
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

    /// The guard of the response that a resolver works for.
    pub(crate) fn of<'ctx, T>(ctx: &ContextBase<'ctx, T>) -> &'ctx Self {
        ctx.data_unchecked::<Arc<Self>>()
    }

    /// Lets values become JSON as soon as they are resolved.
    pub(crate) fn enable_eager_json(&self) {
        self.writes_json.store(true, Ordering::Relaxed);
    }

    /// Whether values become JSON as soon as they are resolved.
    pub(crate) fn writes_json(&self) -> bool {
        self.writes_json.load(Ordering::Relaxed)
    }

    /// Whether the response is already too large, so that no further fields are resolved.
    pub(crate) fn is_over_limit(&self) -> bool {
        self.response_size.is_over_limit()
    }

    /// Resolves the value at a node. `declared_type` is the type of a field; entries of lists do not use it.
    pub(crate) async fn guard<'a>(
        &self,
        node: &QueryPathNode<'_>,
        declared_type: impl FnOnce() -> &'a str,
        resolution: impl Future<Output = ServerResult<Option<Value>>>,
    ) -> Option<Value> {
        // Most resolvers never wait; other tasks need a chance to run.
        consume_budget().await;
        // A panic is caught here, so that the fields beside it are resolved: a mutation may have changed
        // something already.
        let result = AssertUnwindSafe(resolution).catch_unwind().await.unwrap_or_else(|panic| {
            Err(ServerError::from(ApiError::panicked(&*panic)).with_path(path(node)))
        });
        let value = self.null_propagation.complete(|| ErrorLocation::new(node, declared_type()), result);
        self.response_size.add(node, value.as_ref());
        value
    }

    /// Adds the errors to the response, and resets the state for the next one.
    pub(crate) fn finish(&self, response: Response) -> Response {
        self.response_size.finish(self.null_propagation.finish(response))
    }
}
