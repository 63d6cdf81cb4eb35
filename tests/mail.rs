//! Mail: put into the outbox with the change that causes it, sent once, and erased afterwards.

pub mod outbox;
mod sending;
pub mod server;
mod uncertain;
