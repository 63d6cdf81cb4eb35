//! Mail: put into the outbox with the change that causes it, sent once, and erased afterwards.

mod outbox;
mod sending;
mod server;
