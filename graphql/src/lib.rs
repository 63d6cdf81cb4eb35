//! The Write for Rights service: GraphQL over HTTP and WebSocket, on SQLite or PostgreSQL.

pub mod administration;
pub mod api;
pub mod catalogue;
pub mod clock;
pub mod command;
pub mod config;
pub mod database;
pub mod gathering;
pub mod import;
mod json;
pub mod ledger;
pub mod live;
pub mod mail;
pub mod newsroom;
pub mod rate_limit;
pub mod revision;
pub mod secret;
pub mod server;
mod source;
pub mod tally;
pub mod telemetry;
