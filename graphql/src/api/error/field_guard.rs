//! Guards each value of a response, by whichever way it is resolved: panics are isolated, failures become
//! null, and a response that would exceed the size limit is not completed.

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

use super::{
    ApiError,
    null_propagation::{ErrorLocation, NullPropagation},
    response_size::{ResponseSize, path},
};
use crate::api::QueryLimits;

/// State of the values of one response. A stream produces its responses one after the other, so that one
/// instance serves them all.
pub(crate) struct FieldGuard {
    failures: NullPropagation,
    weight: ResponseSize,
    /// Whether objects may be serialized as soon as they are resolved.
    writes: AtomicBool,
}

impl FieldGuard {
    pub(super) fn new(limits: QueryLimits) -> Self {
        Self {
            failures: NullPropagation::new(limits.errors),
            weight: ResponseSize::new(limits.answer),
            writes: AtomicBool::new(false),
        }
    }

    /// Returns the guard of the response that a resolver runs for.
    pub(crate) fn of<'ctx, T>(ctx: &ContextBase<'ctx, T>) -> &'ctx Self {
        ctx.data_unchecked::<Arc<Self>>()
    }

    /// Allows objects to be serialized as soon as they are resolved.
    pub(super) fn write(&self) {
        self.writes.store(true, Ordering::Relaxed);
    }

    /// Returns whether an object is serialized as soon as it is resolved.
    pub(crate) fn writes(&self) -> bool {
        self.writes.load(Ordering::Relaxed)
    }

    /// Returns whether the response is too long already, so that the rest can be skipped.
    pub(crate) fn is_too_much(&self) -> bool {
        self.weight.is_too_much()
    }

    /// Returns the value of a place; `declared` is its type in the schema if it is a field.
    pub(crate) async fn settle<'a>(
        &self,
        place: &QueryPathNode<'_>,
        declared: impl FnOnce() -> &'a str,
        resolving: impl Future<Output = ServerResult<Option<Value>>>,
    ) -> Option<Value> {
        // Resolvers rarely wait for anything, so yield to other tasks here.
        consume_budget().await;
        // Caught here, so that sibling fields are still returned: their effects cannot be undone.
        let result = AssertUnwindSafe(resolving).catch_unwind().await.unwrap_or_else(|panic| {
            Err(ServerError::from(ApiError::panicked(&*panic)).with_path(path(place)))
        });
        let value = self.failures.settle(|| ErrorLocation::new(place, declared()), result);
        self.weight.add(place, value.as_ref());
        value
    }

    /// Adds the failures to the response, and resets the guard for the next one.
    pub(super) fn tell(&self, response: Response) -> Response {
        self.weight.tell(self.failures.tell(response))
    }
}
