//! Execution of CPU-bound work, such as parsing a large body, without blocking the async runtime.

use std::num::NonZero;

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::block_in_place,
};

/// Work over fewer bytes runs on the async thread: it takes at most a millisecond.
const INLINE_MAX_BYTES: usize = 32 << 10;

/// Runs CPU-bound work on blocking threads, at most as much at once as there are processors.
pub(crate) struct ComputePool(Semaphore);

impl ComputePool {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)))
    }

    /// Runs work whose duration depends on this number of bytes.
    pub(crate) async fn run<T>(&self, bytes: usize, work: impl FnOnce() -> T) -> T {
        // A runtime with a single thread cannot run anything else meanwhile.
        if bytes <= INLINE_MAX_BYTES || Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            return work();
        }
        let _permit = self.0.acquire().await;
        block_in_place(work)
    }
}
