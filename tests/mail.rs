//! Mail: the outbox, delivery, and erasure of what was delivered.

pub mod outbox;
mod sending;
pub mod server;
mod uncertain;
