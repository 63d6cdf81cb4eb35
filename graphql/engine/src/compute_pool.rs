//! Heavy work is done aside: whoever sends a megabyte waits until it is read, and nobody else does.

use std::num::NonZero;

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::block_in_place,
};

/// What is read in a millisecond, which holds up nobody.
const INLINE_MAX_BYTES: usize = 32 << 10;

/// Where heavy work is done: as much of it at once as there are processors.
pub(crate) struct ComputePool(Semaphore);

impl ComputePool {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)))
    }

    /// Does some work over so many bytes of what somebody sent.
    pub(crate) async fn run<T>(&self, bytes: usize, work: impl FnOnce() -> T) -> T {
        // With a single thread there is no other that could go on meanwhile.
        if bytes <= INLINE_MAX_BYTES || Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            return work();
        }
        let _permit = self.0.acquire().await;
        block_in_place(work)
    }
}
