//! Mail: the outbox, delivery, and erasure of what was delivered.

mod outbox;
mod sending;
mod uncertain;
