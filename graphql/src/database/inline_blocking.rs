//! SQLite statements run inline, on the calling thread: most take microseconds, and handing each to a
//! blocking thread costs several times that. Slow work (commits) has a thread of its own.

use std::{convert::Infallible, error::Error, future::ready};

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::{FutureExt, future::BoxFuture};

pub(super) struct RunInline(());

impl SpawnBlocking for RunInline {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        ready(Ok::<R, Infallible>(task())).map(|done| done.map_err(Into::into)).boxed()
    }

    fn get_runtime() -> Self {
        Self(())
    }
}
