//! The Write for Rights service: GraphQL over HTTP and WebSocket, on SQLite or PostgreSQL.

pub mod access;
pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod database;
pub mod embed;
pub mod idempotency;
pub mod import;
pub mod ledger;
pub mod mail;
pub mod operations;
pub mod scheduler;
pub mod server;
mod source;
pub mod totals_store;
pub mod totals_watch;
