//! An executor for the stock handlers of async-graphql that refuses documents which break the grammar.

use std::{future, sync::Arc};

use async_graphql::{Data, Executor, Request, Response, ServerError};
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};

use crate::document::{DocumentLimits, strict_text};

/// Checks the grammar of each document before `executor` parses it. async-graphql's own parser keeps the last of
/// repeated fields of an input object, and knows no descriptions of operations. The
/// [engine](crate::GraphqlEngine) does all of this by itself.
#[derive(Clone)]
pub struct StrictExecutor<E> {
    executor: E,
    limits: DocumentLimits,
}

impl<E: Executor> StrictExecutor<E> {
    /// An executor in front of another one, usually a schema.
    pub fn new(executor: E, limits: DocumentLimits) -> Self {
        Self { executor, limits }
    }

    fn checked(&self, mut request: Request) -> Result<Request, Vec<ServerError>> {
        request.query = strict_text(&request.query, &self.limits)?;
        Ok(request)
    }
}

impl<E: Executor> Executor for StrictExecutor<E> {
    fn execute(&self, request: Request) -> impl Future<Output = Response> + Send {
        match self.checked(request) {
            Ok(request) => self.executor.execute(request).left_future(),
            Err(errors) => future::ready(Response::from_errors(errors)).right_future(),
        }
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        match self.checked(request) {
            Ok(request) => self.executor.execute_stream(request, session_data),
            Err(errors) => stream::once(future::ready(Response::from_errors(errors))).boxed(),
        }
    }
}
